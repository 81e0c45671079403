//! Clearing statistics: what is asked, what is recorded of it, and what is refused.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::rig::{Rig, rig};

const CLEAR: &str = "/deployments/iris/clear-statistics";

/// `iris`, moved to version 2: two revisions.
async fn moved() -> Rig {
    let rig = rig();
    rig.running().await;
    rig.post("/deployments/iris/rollouts", json!({"set": {"models": ["iris@2"]}})).await.is(202);
    rig.complete(2);
    rig
}

fn ago(seconds: i64) -> Timestamp {
    Timestamp::now().checked_sub(SignedDuration::from_secs(seconds)).unwrap()
}

fn second(value: &Value) -> i64 {
    value.as_str().unwrap().parse::<Timestamp>().unwrap().as_second()
}

#[tokio::test]
async fn a_clearing_is_rounded_outward_and_stands_in_the_history_with_its_reason() {
    let rig = moved().await;
    let (from, to) = (ago(7_000), ago(100));
    let asked = json!({"model": "iris@2", "from": from.to_string(), "to": to.to_string(), "reason": "A load test"});
    let cleared = rig.post(CLEAR, asked).await.is(200);
    assert_eq!((&cleared["model"], &cleared["revisions"]), (&json!("iris@2"), &json!([2])));
    let (begin, end) = (second(&cleared["from"]), second(&cleared["to"]));
    assert!(begin % 60 == 0 && begin <= from.as_second() && from.as_second() - begin < 60, "{cleared}");
    assert!(
        to.as_second() <= end && end - to.as_second() <= 60 && end <= Timestamp::now().as_second() + 1,
        "{cleared}"
    );
    let history = rig.get("/history?limit=1").await.is(200);
    let entry = &history["items"][0];
    assert_eq!((&entry["kind"], &entry["actor"]), (&json!("statistics_cleared"), &json!("local")));
    let summary = entry["summary"].as_str().unwrap();
    assert!(summary.contains("iris@2") && summary.contains("A load test"), "{summary}");

    let all = rig.post(CLEAR, json!({"reason": "Another test"})).await.is(200);
    assert_eq!((&all["model"], &all["revisions"], &all["from"]), (&Value::Null, &Value::Null, &Value::Null));
    assert!(second(&all["to"]) >= Timestamp::now().as_second() - 60);
    assert!(rig.get("/history/verify").await.is(200)["intact"].as_bool().unwrap());
}

#[tokio::test]
async fn a_repeated_request_clears_once() {
    let rig = moved().await;
    let key = [("idempotency-key", "k")];
    let send = || rig.with(axum::http::Method::POST, CLEAR, &key, json!({"reason": "A load test"}));
    assert_eq!(send().await.is(200), send().await.is(200));
    let kinds = rig.get("/history?kind=statistics_cleared").await.is(200);
    assert_eq!(kinds["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_words() {
    let rig = moved().await;
    let at = |seconds: i64| ago(seconds).to_string();
    for (asked, field, words) in [
        (json!({}), "reason", "why"),
        (json!({"reason": " "}), "reason", "why"),
        (json!({"reason": "x".repeat(2_001)}), "reason", "2,000"),
        (json!({"reason": "x", "model": "tulip@1"}), "model", "no revision of iris binds tulip@1"),
        (json!({"reason": "x", "to": at(-3_600)}), "to", "future"),
        (json!({"reason": "x", "from": at(-3_600)}), "from", "before"),
        (json!({"reason": "x", "from": at(10), "to": at(20)}), "from", "before"),
        (json!({"reason": "x", "to": "2001-01-01T00:00:00Z"}), "to", "366 days"),
    ] {
        let refused = rig.post(CLEAR, asked.clone()).await.refused(422, "invalid_field");
        assert_eq!(refused["field"], field, "{asked}");
        assert!(refused["detail"].as_str().unwrap().contains(words), "{asked}: {refused}");
    }
    assert_eq!(rig.get("/history?kind=statistics_cleared").await.is(200)["items"], json!([]));
    rig.post("/deployments/rose/clear-statistics", json!({"reason": "x"})).await.refused(404, "not_found");
    rig.with(axum::http::Method::DELETE, "/deployments/iris", &[], json!({})).await.is(202);
    rig.post(CLEAR, json!({"reason": "x"})).await.refused(409, "operation_in_progress");
}
