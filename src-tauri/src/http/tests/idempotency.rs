//! `Idempotency-Key`: a repeat answers what the first answered, and does nothing.

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};

use super::rig::{HOST, Reply, Rig, caller, model_file, rig};
use crate::http::{Access, router};

async fn post(rig: &Rig, key: &str, path: &str, body: Value) -> Reply {
    rig.with(Method::POST, path, &[("idempotency-key", key)], body).await
}

async fn entries(rig: &Rig) -> usize {
    rig.get("/history?limit=1000").await.is(200)["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_repeat_answers_what_the_first_answered_and_does_nothing() {
    let rig = rig();
    rig.running().await;
    let body = json!({"set": {"models": ["iris@2"]}});
    let first = post(&rig, "k1", "/deployments/iris/rollouts", body.clone()).await;
    first.is(202);
    let before = entries(&rig).await;
    rig.complete(2);
    let again = post(&rig, "k1", "/deployments/iris/rollouts", body.clone()).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!(entries(&rig).await, before + 3, "only the completion");
    // Without the key it is another request.
    assert_eq!(rig.post("/deployments/iris/rollouts", body).await.is(200)["unchanged"], true);
}

#[tokio::test]
async fn a_refusal_is_repeated_too() {
    let rig = rig();
    rig.deployed().await;
    let path = "/deployments/iris/rollouts";
    let first = post(&rig, "k", path, json!({"set": {"models": ["iris@2"]}})).await;
    first.refused(409, "operation_in_progress");
    rig.complete(1);
    let again = post(&rig, "k", path, json!({"set": {"models": ["iris@2"]}})).await;
    assert_eq!(again.refused(409, "operation_in_progress"), first.json());
    assert_eq!(again.header("idempotency-replayed"), "true");
    post(&rig, "k2", path, json!({"set": {"models": ["iris@2"]}})).await.is(202);
}

#[tokio::test]
async fn a_key_is_for_one_request() {
    let rig = rig();
    rig.running().await;
    let path = "/deployments/iris/configurations";
    post(&rig, "k", path, json!({"models": ["iris@1"], "name": "a"})).await.is(201);
    let before = entries(&rig).await;
    post(&rig, "k", path, json!({"models": ["iris@1"], "name": "b"})).await.refused(422, "idempotency_key_reused");
    post(&rig, "k", "/deployments/iris/rehearse", json!({"models": ["iris@1"], "name": "a"}))
        .await
        .refused(422, "unknown_field");
    post(&rig, "k", "/deployments/iris/rollback", json!({})).await.refused(422, "idempotency_key_reused");
    assert_eq!(entries(&rig).await, before);
    // The first one's answer is still the one.
    post(&rig, "k", path, json!({"models": ["iris@1"], "name": "a"})).await.is(201);
    for key in ["", &"k".repeat(256)] {
        post(&rig, key, path, json!({"models": ["iris@1"]})).await.refused(400, "malformed_request");
    }
}

#[tokio::test]
async fn of_two_at_the_same_time_one_is_done_and_both_get_its_answer() {
    let rig = rig();
    rig.register("iris", "iris-v1.onnx").await.is(201);
    let body = json!({"name": "iris", "configuration": {"models": ["iris@1"]}});
    let (one, two) =
        tokio::join!(post(&rig, "k", "/deployments", body.clone()), post(&rig, "k", "/deployments", body.clone()),);
    assert_eq!((one.is(202), one.body.clone()), (two.is(202), two.body.clone()));
    let replayed = [&one, &two].iter().filter(|reply| reply.header("idempotency-replayed") == "true").count();
    assert_eq!(replayed, 1);
}

#[tokio::test]
async fn an_upload_is_known_by_what_it_holds() {
    let rig = rig();
    let meta = &br#"{"name":"iris"}"#[..];
    let file = model_file("iris-v1.onnx");
    let key = [("idempotency-key", "k")];
    let first = rig.upload(&key, &[("meta", meta), ("file", &file)]).await;
    first.is(201);
    // The same in another order and spelling; the bytes of the body differ.
    let again = rig.upload(&key, &[("file", &file), ("meta", br#"{ "name": "iris" }"#)]).await;
    assert_eq!((again.is(201), again.header("idempotency-replayed")), (first.json(), "true"));
    let other = rig.upload(&key, &[("meta", meta), ("file", &model_file("iris-v2.onnx"))]).await;
    other.refused(422, "idempotency_key_reused");
    assert_eq!(rig.get("/models/iris").await.is(200)["latest_version"], 1);
    let kept = std::fs::read_dir(rig.folder.path().join("artifacts/sha256")).unwrap().count();
    assert_eq!(kept, 1);
}

#[tokio::test]
async fn a_rehearsal_is_repeated_too() {
    let rig = rig();
    rig.running().await;
    let body = json!({"set": {"replicas": 9}});
    let first = post(&rig, "k", "/deployments/iris/rehearse", body.clone()).await.is(200);
    rig.post("/deployments/iris/rollouts", json!({"set": {"replicas": 9}})).await.is(202);
    rig.complete(2);
    assert_eq!(post(&rig, "k", "/deployments/iris/rehearse", body).await.is(200), first);
}

#[tokio::test]
async fn a_key_is_its_callers() {
    let mut rig = rig();
    rig.running().await;
    let path = "/deployments/iris/configurations";
    post(&rig, "k", path, json!({"models": ["iris@1"], "name": "a"})).await.is(201);
    // Somebody else at another door of the same API may use the same key, for another request.
    let other =
        Access::token(super::rig::TOKEN, caller("ada"), HOST.parse().unwrap(), &[], crate::http::Outside::default());
    let first = std::mem::replace(&mut rig.router, router(Arc::clone(&rig.api), other));
    let made = post(&rig, "k", path, json!({"models": ["iris@1"], "name": "b"})).await;
    assert_eq!((made.is(201)["created_by"].clone(), made.header("idempotency-replayed")), (json!("ada"), ""));
    let again = post(&rig, "k", path, json!({"models": ["iris@1"], "name": "b"})).await;
    assert_eq!((again.is(201), again.header("idempotency-replayed")), (made.json(), "true"));
    // The first one's answer is still the first one's.
    rig.router = first;
    let again = post(&rig, "k", path, json!({"models": ["iris@1"], "name": "a"})).await;
    assert_eq!((again.is(201)["created_by"].clone(), again.header("idempotency-replayed")), (json!("local"), "true"));
}
