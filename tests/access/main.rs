//! The callers that an inference URL lets in, and the records that are kept of their calls, on a real server from
//! configuration to file.

mod clients;
mod proxy;

use std::path::Path;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tests::program::{Said, until};
use tests::server::{Answer, Server, answer};
use walkdir::WalkDir;

const INFER: &str = "/v2/models/iris/infer";

/// A server with one replica behind `iris`.
async fn serving(configuration: Value) -> anyhow::Result<Server> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    let mut whole = json!({"models": ["iris@1"]});
    let fields = whole.as_object_mut().context("an object")?;
    fields.extend(configuration.as_object().context("an object")?.clone());
    server.deploy("iris", whole).await?;
    Ok(server)
}

/// Asks about a flower with this credential.
async fn ask(server: &Server, credential: Option<&str>) -> anyhow::Result<Answer> {
    let flower = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]});
    let url = format!("http://{}/iris{INFER}?note=s3cret", server.gateway);
    let request = reqwest::Client::builder().no_proxy().build()?.post(url).json(&json!({"inputs": [flower]}));
    answer(credential.iter().fold(request, |request, credential| request.bearer_auth(credential))).await
}

/// Waits until it is answered with `status`: the gateway hears of a change a moment after it was made.
async fn until_answered(server: &Server, credential: &str, status: u16) -> anyhow::Result<()> {
    until("another answer", async || Ok((ask(server, Some(credential)).await?.status == status).then_some(()))).await
}

fn keys(said: &Said) -> anyhow::Result<(String, String)> {
    let keys: Value = serde_json::from_str(&said.out)?;
    let key = |name: &str| keys[name].as_str().map(str::to_owned).context("a key");
    Ok((key("primary")?, key("secondary")?))
}

/// Files below `folder` that hold `text`, the database aside.
fn holding(folder: &Path, text: &str) -> Vec<String> {
    let files = WalkDir::new(folder).into_iter().flatten().filter(|file| file.file_type().is_file());
    let named = files.map(|file| file.path().to_owned());
    let other = named.filter(|path| !path.to_string_lossy().contains("changeover.db"));
    let holds = |path: &std::path::PathBuf| {
        std::fs::read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(text))
    };
    other.filter(holds).map(|path| path.display().to_string()).collect()
}

#[tokio::test]
async fn keys_let_callers_in_until_they_are_made_anew_also_after_a_restart() -> anyhow::Result<()> {
    let mut server = serving(json!({"auth": "key", "request_log": true})).await?;
    let (primary, secondary) = keys(&server.command(&["keys", "iris", "--json"]).await?)?;
    let refused = ask(&server, None).await?;
    ensure!(refused.status == 401 && refused.body["code"] == "credential_missing", "{refused:?}");
    for key in [&primary, &secondary] {
        let answered = ask(&server, Some(key)).await?;
        ensure!(answered.status == 200, "{answered:?}");
    }

    let anew = server.command(&["keys", "iris", "--regenerate", "primary", "--json"]).await?;
    let (new, same) = keys(&anew)?;
    ensure!(new != primary && same == secondary, "{anew:?}");
    until_answered(&server, &primary, 401).await?;
    ensure!(ask(&server, Some(&new)).await?.status == 200);
    ensure!(ask(&server, Some(&secondary)).await?.status == 200);

    let history = server.command(&["history", "export"]).await?.out;
    ensure!(history.contains("key_regenerated"), "{history}");
    for key in [&primary, &secondary, &new] {
        ensure!(!history.contains(key), "the history holds a key");
        let found = holding(server.folder(), key);
        ensure!(found.is_empty(), "a key stands in {found:?}");
    }

    server.kill()?;
    server.start_again().await?;
    until_answered(&server, &new, 200).await?;
    ensure!(ask(&server, Some(&primary)).await?.status == 401);
    ensure!(keys(&server.command(&["keys", "iris", "--json"]).await?)? == (new, secondary));
    Ok(())
}

#[tokio::test]
async fn tokens_let_callers_in_until_they_are_revoked_and_what_they_asked_is_kept() -> anyhow::Result<()> {
    let server = serving(json!({"auth": "token", "request_log": true, "data_collection": true})).await?;
    let token = server.command(&["token", "iris", "--ttl", "10m"]).await?.out.trim().to_owned();
    ensure!(ask(&server, Some(&token)).await?.status == 200);
    ensure!(ask(&server, Some("ct1.99999999999.00")).await?.status == 401);

    let read = async |kind: &str| server.get(&format!("/deployments/iris/logs?{kind}=true")).await;
    let requests = until("both requests in the log", async || {
        let lines = read("requests").await?["items"].as_array().cloned().unwrap_or_default();
        Ok((lines.len() == 2).then_some(lines))
    })
    .await?;
    ensure!(requests[0]["path"] == INFER && requests[0]["outcome"] == "answered", "{requests:?}");
    ensure!(requests[0]["replica"].is_string() && requests[0]["revision"] == 1, "{requests:?}");
    ensure!(requests[1]["status"] == 401 && requests[1]["code"] == "credential_wrong", "{requests:?}");
    let shown = server.command(&["logs", "iris", "--requests"]).await?.out;
    ensure!(shown.contains("200 answered") && shown.contains("401 credential_wrong"), "{shown}");

    let predictions = read("predictions").await?["items"].as_array().cloned().unwrap_or_default();
    ensure!(predictions.len() == 1, "{predictions:?}");
    ensure!(predictions[0]["input"]["json"]["inputs"][0]["data"][0] == 5.1, "{predictions:?}");
    ensure!(predictions[0]["output"]["json"]["outputs"].is_array(), "{predictions:?}");

    server.command(&["token", "iris", "--revoke"]).await?;
    until_answered(&server, &token, 401).await?;
    for secret in [token.as_str(), "s3cret"] {
        let found = holding(server.folder(), secret);
        ensure!(found.is_empty(), "a secret stands in {found:?}");
    }

    answer(server.request(Method::DELETE, "/deployments/iris")?).await?;
    let folder = server.data().join("requests");
    until("the records' end", async || Ok(std::fs::read_dir(&folder)?.next().is_none().then_some(()))).await
}
