//! `changeover edit`: what of a request stays, and what is asked for instead.

use serde_json::{Value, json};

use super::approvals::{ADA, HASH, principals, request};
use super::server::{Server, ok};

const PATCH: &str = "PATCH /change-requests/r1";

/// The request as it is read: its plan has a strategy and accepts warnings.
fn asked_for(more: Value) -> Value {
    let plan = json!({"v": 2, "action": "replace", "deployment": "d1", "base": null, "to": null,
        "strategy": {"max_surge": 1, "max_unavailable": "20%", "min_ready_seconds": 3, "progress_deadline_seconds": 600,
            "total_deadline_seconds": null, "start_failures": 3},
        "on_failure": "stop", "reason": "accuracy", "note": "Better by a hair", "accept_warnings": true,
        "apply": {"mode": "when_approved", "at": null, "not_after": null}});
    let version = json!({"number": 1, "author": ADA, "at": "2026-05-01T10:00:00Z", "plan_hash": HASH, "note": null,
        "configuration": "c2", "plan": plan});
    let mut request = request("open", json!({"versions": [version]}));
    for (field, value) in more.as_object().unwrap() {
        request[field] = value.clone();
    }
    request
}

async fn server(more: Value) -> Server {
    let edited = request("open", json!({"version": 2}));
    Server::with(vec![("GET /change-requests/r1", ok(&asked_for(more))), (PATCH, ok(&edited)), principals()]).await
}

#[tokio::test]
async fn what_is_not_given_stays_as_the_request_has_it() {
    let server = server(json!({})).await;
    let words = ["edit", "r1", "--set", "replicas=5", "--max-unavailable", "1", "--note", "Five are enough"];
    let outcome = server.run(&words).await;
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.out.starts_with("Edited request r1. It is open"), "{}", outcome.out);
    let rollout = server.body(PATCH)["rollout"].clone();
    for (field, value) in [
        ("configuration", json!("c2")),
        ("set", json!({"replicas": 5})),
        ("reason", json!("accuracy")),
        ("note", json!("Five are enough")),
        ("on_failure", json!("stop")),
        ("accept_warnings", json!(true)),
    ] {
        assert_eq!(rollout[field], value, "{field}");
    }
    assert_eq!((&rollout["strategy"]["max_surge"], &rollout["strategy"]["max_unavailable"]), (&json!(1), &json!(1)));
    assert_eq!(server.body(PATCH)["apply"], Value::Null);
}

#[tokio::test]
async fn another_model_takes_the_place_of_its_namesake_in_what_is_asked_for() {
    let server = server(json!({"models": ["iris@2", "scaler@1"]})).await;
    assert_eq!(server.run(&["edit", "r1", "--model", "iris@3"]).await.status, 0);
    assert_eq!(server.body(PATCH)["rollout"]["set"], json!({"models": ["iris@3", "scaler@1"]}));
    let outcome = server.run(&["edit", "r1", "--model", "rose@3"]).await;
    assert!(outcome.status == 1 && outcome.err.contains("request r1 binds"), "{outcome:?}");
}

#[tokio::test]
async fn the_time_alone_is_edited_without_reading_anything() {
    let server = server(json!({"configuration": null})).await;
    let at = ["edit", "r1", "--at", "2026-12-06T22:00", "--zone", "Europe/Berlin"];
    assert_eq!(server.run(&at).await.status, 0);
    assert_eq!(server.lines()[0], PATCH);
    let time = json!({"at": "2026-12-06T22:00", "zone": "Europe/Berlin", "not_after": null});
    let body = server.body(PATCH);
    assert_eq!((&body["apply"]["at"], &body["rollout"]), (&time["at"], &Value::Null), "{body}");
    let json = server.run(&["edit", "r1", "--by-hand", "--json"]).await.out;
    assert_eq!(json, request("open", json!({"version": 2})).to_string());
    // A request that rolls nothing out has nothing else to edit.
    let outcome = server.run(&["edit", "r1", "--set", "replicas=5"]).await;
    assert!(outcome.status == 1 && outcome.err.contains("rolls nothing out"), "{outcome:?}");
    for wrong in [&["edit", "r1"][..], &["edit"], &["edit", "r1", "--at", "x", "--by-hand"]] {
        assert_eq!(server.run(wrong).await.status, 2, "{wrong:?}");
    }
}
