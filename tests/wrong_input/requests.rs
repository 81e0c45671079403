//! Requests to the API that no command line would send.

use anyhow::ensure;
use reqwest::Method;
use serde_json::{Value, json};
use tests::server::{Server, answer};

use crate::state::{State, server};

#[tokio::test]
async fn wrong_json_is_refused_and_the_field_is_named() -> anyhow::Result<()> {
    let server = server().await?;
    let configuration = json!({"models": ["iris@1"]});
    let (deployments, rollouts) = ("/deployments", "/deployments/iris/rollouts");
    let cases = [
        (deployments, json!({"name": "a", "configuration": configuration, "extra": 1}), "unknown_field", "extra"),
        (
            deployments,
            json!({"name": "a", "configuration": {"models": ["iris@1"], "resources": {"cpus": 1}}}),
            "unknown_field",
            "configuration.resources.cpus",
        ),
        (deployments, json!({"name": "A b", "configuration": configuration}), "invalid_field", "name"),
        (deployments, json!({"configuration": configuration}), "invalid_field", "name"),
        (deployments, json!({"name": "iris", "configuration": configuration}), "name_taken", "name"),
        (
            deployments,
            json!({"name": "a", "configuration": {"models": ["iris@1"], "replicas": 0}}),
            "invalid_field",
            "configuration.replicas",
        ),
        (rollouts, json!({"set": {"replicas": 2}, "strategy": {"surge": 1}}), "unknown_field", "strategy.surge"),
        (
            rollouts,
            json!({"set": {"replicas": 2}, "strategy": {"max_surge": "101%"}}),
            "invalid_field",
            "strategy.max_surge",
        ),
        (rollouts, json!({"set": {"models": ["iris@9"]}}), "unknown_model", "models"),
        ("/deployments/iris/rollback", json!({"two": 1}), "unknown_field", "two"),
    ];
    for (path, body, code, field) in cases {
        let problem = refused(&server, path, body.to_string()).await?;
        ensure!(problem["code"] == code && problem["field"] == field, "{body}: {problem:#}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_no_json_is_refused() -> anyhow::Result<()> {
    let server = server().await?;
    let deep = "[".repeat(100_000);
    for (body, word) in [("words", "not JSON"), ("{\"name\":", "cut short"), ("[]", "no object"), (&deep, "JSON")] {
        let problem = refused(&server, "/deployments", body.to_owned()).await?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        ensure!(problem["code"] == "malformed_request" && detail.contains(word), "{problem:#}");
    }
    let large = format!("{{\"name\":\"{}\"}}", "a".repeat(2 << 20));
    let problem = refused(&server, "/deployments", large).await?;
    ensure!(problem["code"] == "body_too_large", "{problem:#}");
    Ok(())
}

#[tokio::test]
async fn strangers_are_refused() -> anyhow::Result<()> {
    let server = server().await?;
    let before = State::of(&server).await?;
    let url = format!("http://{}/api/v1/deployments", server.listen);
    let client = reqwest::Client::builder().no_proxy().build()?;
    let body = json!({"name": "other", "configuration": {"models": ["iris@1"]}});
    let token = server.token()?;
    let asks = [
        (client.post(&url), 401, "unauthenticated"),
        (client.post(&url).bearer_auth("wrong"), 401, "unauthenticated"),
        (client.post(&url).bearer_auth(format!("{token}0")), 401, "unauthenticated"),
        (client.post(&url).bearer_auth(&token).header("host", "models.example"), 403, "foreign_host"),
        (client.post(&url).bearer_auth(&token).header("origin", "http://models.example"), 403, "foreign_origin"),
    ];
    for (ask, status, code) in asks {
        let answer = answer(ask.json(&body)).await?;
        ensure!(answer.status == status && answer.body["code"] == code, "{answer:#?}");
    }
    ensure!(State::of(&server).await? == before, "a stranger changed something");
    Ok(())
}

/// The problem that a request is answered with; it must change nothing, and say what is wrong in a sentence.
async fn refused(server: &Server, path: &str, body: String) -> anyhow::Result<Value> {
    let before = State::of(server).await?;
    let request = server.request(Method::POST, path)?.header("content-type", "application/json").body(body);
    let answer = answer(request).await?;
    ensure!((400..500).contains(&answer.status), "{path}: {answer:#?}");
    ensure!(answer.body["status"] == answer.status && answer.body["detail"].is_string(), "{answer:#?}");
    ensure!(State::of(server).await? == before, "{path} changed something: {answer:#?}");
    Ok(answer.body)
}
