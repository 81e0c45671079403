//! Predictions by hand: which input a deployment takes, and requests that are passed on to the gateway.

use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use domain::credential;
use domain::wire::PredictMethod;
use serde_json::{Value, json};

use super::approvals::people::{Team, id};
use super::rig::{Rig, request, rig, rig_with};
use crate::api::{Bounds, GatewayAnswer};

const INPUT: &str = "/deployments/iris/input";
const PREDICT: &str = "/deployments/iris/predict";

fn answer(status: u16, body: &str) -> GatewayAnswer {
    GatewayAnswer {
        status,
        body: body.as_bytes().to_vec(),
        is_cut: false,
        revision: Some("1".to_owned()),
        replica: Some("r-1".to_owned()),
        took: Duration::from_millis(7),
    }
}

fn answers(rig: &Rig, answer: Result<GatewayAnswer, String>) {
    *rig.live.answer.lock().unwrap() = Some(answer);
}

/// Deploys `iris@1` under another name with this configuration.
async fn deploy(rig: &Rig, name: &str, mut configuration: Value) {
    configuration["models"] = json!(["iris@1"]);
    rig.post("/deployments", json!({"name": name, "configuration": configuration})).await.is(202);
}

#[tokio::test]
async fn the_form_is_the_one_of_the_configuration_in_use() {
    let rig = rig();
    rig.running().await;
    let input = rig.get(INPUT).await.is(200);
    assert_eq!((&input["path"], &input["runs_elsewhere"]), (&json!("/v2/models/iris/infer"), &json!(false)));
    assert_eq!((&input["status"], &input["target_status"]), (&json!("running"), &json!("running")));
    assert_eq!(input["url"], "http://127.0.0.1:7080/iris");
    let fields = input["form"]["inputs"][0]["fields"].as_array().unwrap();
    assert_eq!(fields.len(), 4, "{input}");
    assert_eq!(fields[0]["kind"], "number");
    assert_eq!(input["example"]["inputs"][0]["shape"], json!([1, 4]));

    let own = json!({"sample_request": {"body": {"own": 1}}, "user_config": {"labels": ["a", "b", "c"]}});
    deploy(&rig, "own", own).await;
    let input = rig.get("/deployments/own/input").await.is(200);
    assert_eq!((&input["example"], &input["form"]["classes"]), (&json!({"own": 1}), &json!(["a", "b", "c"])));
    let program = json!({"runtime": "command", "command": ["./serve"], "routes": {"predict": "/score/{model}"}});
    deploy(&rig, "program", program).await;
    let input = rig.get("/deployments/program/input").await.is(200);
    assert_eq!(
        (&input["path"], &input["form"]),
        (&json!("/score/iris"), &Value::Null),
        "a program decides what it takes"
    );
    rig.get("/deployments/none/input").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_request_is_passed_on_as_it_is_and_the_answer_is_handed_back() {
    let rig = rig();
    rig.running().await;
    answers(&rig, Ok(answer(200, "{\"outputs\": []}")));
    let told = rig.post(PREDICT, json!({"body": "{\"inputs\":[1.0]}"})).await.is(200);
    let expected = json!({"status": 200, "body": "{\"outputs\": []}", "is_cut": false, "revision": 1, "replica": "r-1",
                          "milliseconds": 7});
    assert_eq!(told, expected);
    // What the gateway or the model refuses is an answer too.
    answers(&rig, Ok(GatewayAnswer { revision: None, replica: None, is_cut: true, ..answer(503, "no \u{fffd}") }));
    let told = rig.post(PREDICT, json!({"path": "/health?x=1", "method": "GET"})).await.is(200);
    assert_eq!((&told["status"], &told["revision"], &told["is_cut"]), (&json!(503), &Value::Null, &json!(true)));
    answers(&rig, Err("The gateway did not answer: refused.".to_owned()));
    let refused = rig.post(PREDICT, json!({})).await.refused(504, "no_answer");
    assert_eq!(refused["detail"], "The gateway did not answer: refused.");

    let calls = rig.live.calls.lock().unwrap();
    let asked: Vec<_> = calls.iter().map(|call| (call.path.as_str(), call.method, call.body.as_str())).collect();
    assert_eq!(
        asked,
        [
            ("/iris/v2/models/iris/infer", PredictMethod::Post, "{\"inputs\":[1.0]}"),
            ("/iris/health?x=1", PredictMethod::Get, ""),
            ("/iris/v2/models/iris/infer", PredictMethod::Post, ""),
        ]
    );
    assert!(calls.iter().all(|call| call.credentials.is_none()), "nobody has needed any");
}

#[tokio::test]
async fn a_path_leads_to_the_deployment_alone() {
    let rig = rig();
    rig.running().await;
    answers(&rig, Ok(answer(200, "")));
    for path in ["", "infer", "//x y", "/a\r\nhost: b", "/a#b", "/\u{fc}", &format!("/{}", "a".repeat(2_000))] {
        let refused = rig.post(PREDICT, json!({ "path": path })).await.refused(422, "invalid_field");
        assert_eq!(refused["field"], "path", "{path:?}");
    }
    rig.post(PREDICT, json!({"method": "DELETE"})).await.refused(422, "invalid_field");
    rig.post(PREDICT, json!({"key": "mine"})).await.refused(422, "unknown_field");
    let large = json!({ "body": "x".repeat(2 << 20) });
    rig.post(PREDICT, large).await.refused(413, "body_too_large");
    assert!(rig.live.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_deployments_own_credential_is_shown_and_stands_nowhere_else() {
    let rig = rig();
    rig.running().await;
    let keys = rig.get("/deployments/iris/keys").await.is(200);
    let primary = keys["primary"].as_str().unwrap().to_owned();
    answers(&rig, Ok(answer(200, "{}")));
    let reply = rig.post(PREDICT, json!({})).await;
    let calls = rig.live.calls.lock().unwrap().clone();
    let (token, key) = calls[0].credentials.clone().unwrap();
    assert_eq!(key.reveal(), primary);
    let id = rig.store.read(|reading| reading.deployments()).unwrap().remove(0).id;
    let secrets = rig.store.read(|reading| reading.secrets(&id)).unwrap().unwrap();
    let good = |at: i64| credential::verify_token(secrets.tokens.as_bytes(), token.reveal(), at);
    let now = rig.now().as_second();
    assert_eq!(good(now), Ok(()));
    assert!(good(now + 600).is_err(), "it is good for this request, and for little more");
    let history = rig.get("/history/export").await;
    for shown in [reply.body, history.body, format!("{calls:?}").into()] {
        let shown = String::from_utf8(shown.to_vec()).unwrap();
        assert!(!shown.contains(&primary) && !shown.contains(token.reveal()), "{shown}");
    }
}

#[tokio::test]
async fn no_more_than_so_many_are_asked_for_at_a_time_and_none_without_end() {
    let bounds = Bounds { predictions: 1, prediction_patience: Duration::from_millis(20), ..Bounds::default() };
    let rig = rig_with(bounds);
    rig.running().await;
    // The gateway never answers.
    rig.post(PREDICT, json!({})).await.refused(504, "no_answer");

    let place = rig.api.predictions.try_acquire().unwrap();
    let reply = rig.post(PREDICT, json!({})).await;
    reply.refused(503, "too_many_predictions");
    assert!(!reply.header("retry-after").is_empty());
    drop(place);
    answers(&rig, Ok(answer(200, "{}")));
    rig.post(PREDICT, json!({})).await.is(200);
}

#[tokio::test]
async fn what_runs_elsewhere_is_asked_there() {
    let rig = rig();
    let meta = json!({"name": "far", "kind": "external", "url": "http://192.0.2.1:9/predict"});
    let external = request("POST", "/models").header("content-type", "application/json");
    let sent = rig.send(external.body(Body::from(meta.to_string())).unwrap()).await;
    sent.is(201);
    let body = json!({"name": "far", "configuration": {"models": ["far@1"], "runtime": "external"}});
    rig.post("/deployments", body).await.is(202);
    let input = rig.get("/deployments/far/input").await.is(200);
    assert_eq!((&input["runs_elsewhere"], &input["url"]), (&json!(true), &meta["url"]));
    assert_eq!(input["form"], Value::Null);
    let refused = rig.post("/deployments/far/predict", json!({})).await.refused(409, "runs_elsewhere");
    assert!(refused["detail"].as_str().unwrap().contains("http://192.0.2.1:9/predict"));
    assert!(rig.live.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_consumer_asks_and_a_stranger_finds_nothing() {
    let team = Team::new().await;
    answers(&team.rig, Ok(answer(200, "{}")));
    for path in [INPUT, "/deployments/iris/application"] {
        team.get("bob", path).await.refused(404, "not_found");
    }
    team.post("bob", PREDICT, json!({})).await.refused(404, "not_found");
    let consumer = json!({"principal": id("bob"), "role": "consumer"});
    team.with("ada", Method::PATCH, "/deployments/iris/access", consumer).await.is(200);
    assert_eq!(team.get("bob", INPUT).await.is(200)["form"]["inputs"][0]["fields"].as_array().map(Vec::len), Some(4));
    team.post("bob", PREDICT, json!({})).await.is(200);
    assert_eq!(team.rig.live.calls.lock().unwrap().len(), 1);
}
