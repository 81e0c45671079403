//! Known-bad revisions, and revisions that are removed.

use axum::http::Method;
use serde_json::{Value, json};

use super::rig::{Reply, Rig, rig};

const BAD: &str = "/deployments/iris/revisions/2/quarantine";

/// `iris`, moved to version 2 and back to version 1: three revisions, the third in use.
async fn moved() -> Rig {
    let rig = rig();
    rig.running().await;
    for (version, number) in [(2, 2), (1, 3)] {
        let set = json!({"set": {"models": [format!("iris@{version}")]}});
        rig.post("/deployments/iris/rollouts", set).await.is(202);
        rig.complete(number);
    }
    rig
}

async fn lift(rig: &Rig, body: Value) -> Reply {
    rig.with(Method::DELETE, BAD, &[], body).await
}

#[tokio::test]
async fn a_revision_is_marked_and_comes_back_only_with_a_written_override() {
    let rig = moved().await;
    assert_eq!(rig.post(BAD, json!({})).await.refused(422, "invalid_field")["field"], "note");
    rig.with(Method::POST, BAD, &[("if-match", "\"1\"")], json!({"note": "x"}))
        .await
        .refused(412, "precondition_failed");
    let key = [("idempotency-key", "k")];
    let marked = rig.with(Method::POST, BAD, &key, json!({"note": "It answers nonsense"})).await;
    assert_eq!(marked.is(200)["quarantined"]["reason"], "It answers nonsense");
    assert_eq!(rig.with(Method::POST, BAD, &key, json!({"note": "It answers nonsense"})).await.is(200), marked.json());
    rig.post(BAD, json!({"note": "again"})).await.refused(422, "nothing_to_change");

    let mut update = json!({"set": {"models": ["iris@2"]}});
    let rehearsed = rig.post("/deployments/iris/rehearse", update.clone()).await.is(200);
    assert_eq!(rehearsed["quarantined"], json!({"revision": 2, "reason": "It answers nonsense"}));
    let problem = rig.post("/deployments/iris/rollouts", update.clone()).await.refused(422, "revision_quarantined");
    assert_eq!((&problem["revision"], &problem["reason"]), (&json!(2), &json!("It answers nonsense")));
    let back = rig.post("/deployments/iris/rollback", json!({"to": 2})).await;
    back.refused(422, "revision_quarantined");
    update["quarantine_override"] = json!(" ");
    rig.post("/deployments/iris/rollouts", update.clone()).await.refused(422, "invalid_field");
    update["quarantine_override"] = json!("The data was at fault");
    let started = rig.post("/deployments/iris/rollouts", update).await.is(202);
    assert_eq!(started["quarantine_override"], "The data was at fault");
}

#[tokio::test]
async fn a_mark_is_taken_back_with_a_note() {
    let rig = moved().await;
    lift(&rig, json!({"note": "x"})).await.refused(422, "nothing_to_change");
    rig.post(BAD, json!({"note": "Slow"})).await.is(200);
    assert_eq!(lift(&rig, json!({})).await.refused(422, "invalid_field")["field"], "note");
    assert_eq!(lift(&rig, json!({"note": "Was the network"})).await.is(200)["quarantined"], json!(null));
    rig.post("/deployments/iris/rollouts", json!({"set": {"models": ["iris@2"]}})).await.is(202);
    for path in ["/deployments/iris/revisions/9/quarantine", "/deployments/rose/revisions/1/quarantine"] {
        rig.post(path, json!({"note": "x"})).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn only_a_revision_that_nothing_needs_is_removed() {
    let rig = moved().await;
    let remove = |number: u32, tag: &'static str| {
        let rig = &rig;
        let path = format!("/deployments/iris/revisions/{number}");
        async move { rig.with(Method::DELETE, &path, &[("if-match", tag)], json!({})).await }
    };
    assert_eq!(remove(3, "*").await.refused(409, "revision_in_use")["revision"], 3);
    remove(9, "*").await.refused(404, "not_found");
    remove(2, "\"1\"").await.refused(412, "precondition_failed");
    let reply = remove(2, "\"3\"").await;
    assert_eq!(reply.header("etag"), format!("\"{}\"", reply.is(200)["generation"]));
    let list = rig.get("/deployments/iris/revisions").await.is(200);
    let left: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| &item["number"]).collect();
    assert_eq!(left, [3, 1]);
    rig.post("/deployments/iris/rollback", json!({"to": 2})).await.refused(422, "no_earlier_revision");
    remove(2, "*").await.refused(404, "not_found");
}
