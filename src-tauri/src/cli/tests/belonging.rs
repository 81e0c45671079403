//! Use cases, and what is found and held by them.

use serde_json::{Value, json};

use super::approvals::{ADA, principals};
use super::server::{Server, Told, deployment, ok};

fn use_case(id: &str, name: &str) -> Value {
    json!({"id": id, "name": name, "description": "Everything that judges a payment", "made_by": ADA,
        "made_at": "2026-12-01T08:00:00Z", "deployments": 1, "policies": [{"id": "p1", "name": "Two eyes"}],
        "freezes": [], "may_change": true, "may_unlink": false})
}

fn all() -> (&'static str, Told) {
    let items = [use_case("u1", "Fraud detection"), use_case("u2", "Twice"), use_case("u3", "Twice")];
    ("GET /use-cases", ok(&json!({"items": items, "next_cursor": null})))
}

fn linked(use_cases: &Value) -> Value {
    let mut view = deployment(None);
    view["use_cases"] = use_cases.clone();
    view
}

#[tokio::test]
async fn use_cases_are_listed_shown_changed_and_linked() {
    let fraud = use_case("u1", "Fraud detection");
    let page = json!({"items": [linked(&json!([]))], "next_cursor": null});
    let server = Server::with(vec![
        all(),
        ("POST /use-cases", ok(&fraud)),
        ("GET /use-cases/u1", ok(&fraud)),
        ("GET /use-cases/u1/deployments", ok(&page)),
        ("PATCH /use-cases/u1", ok(&fraud)),
        ("DELETE /use-cases/u1", ok(&fraud)),
        ("PUT /use-cases/u1/deployments/iris", ok(&linked(&json!([{"id": "u1", "name": "Fraud detection"}])))),
        ("DELETE /use-cases/u1/deployments/iris", ok(&linked(&json!([])))),
        ("GET /deployments?use_case=u1", ok(&page)),
        principals(),
    ])
    .await;
    let mut told = String::new();
    for words in [
        &["use-cases", "list"][..],
        &["use-cases", "show", "Fraud detection"],
        &["use-cases", "create", "Fraud detection"],
        &["use-cases", "rename", "u1", "Fraud detection"],
        &["use-cases", "link", "Fraud detection", "iris"],
        &["use-cases", "unlink", "u1", "iris"],
        &["use-cases", "delete", "u1"],
    ] {
        let outcome = server.run(words).await;
        assert_eq!(outcome.status, 0, "{outcome:?}");
        told.push_str(&format!("$ {}\n{}", words.join(" "), outcome.out));
    }
    insta::assert_snapshot!(told, @"
    $ use-cases list
    ID  NAME             DEPLOYMENTS  POLICIES  FREEZES
    u1  Fraud detection  1            1         0
    u2  Twice            1            1         0
    u3  Twice            1            1         0
    $ use-cases show Fraud detection
    Fraud detection
    id           u1
    created by   Ada
    description  Everything that judges a payment
    policies     Two eyes

    NAME  STATUS   READY  MODELS
    iris  running  4/5    iris@1
    $ use-cases create Fraud detection
    Made use case u1 (Fraud detection).
    $ use-cases rename u1 Fraud detection
    Use case u1 is called Fraud detection now: Everything that judges a payment
    $ use-cases link Fraud detection iris
    iris belongs to: Fraud detection.
    $ use-cases unlink u1 iris
    iris belongs to no use case now.
    $ use-cases delete u1
    Deleted use case u1 (Fraud detection). Its deployments stay.
    ");
    assert_eq!(server.body("PATCH /use-cases/u1"), json!({"name": "Fraud detection"}));
    assert_eq!(server.body("POST /use-cases"), json!({"name": "Fraud detection", "description": ""}));
    let found = server.run(&["status", "--use-case", "Fraud detection"]).await;
    assert_eq!(found.status, 0, "{found:?}");
}

#[tokio::test]
async fn a_name_that_none_or_several_have_is_refused_before_anything_is_asked() {
    let server = Server::with(vec![all()]).await;
    for (named, reason) in [("Payments", "no use case is called"), ("Twice", "may be u2 or u3")] {
        for words in [&["use-cases", "delete", named][..], &["status", "--use-case", named]] {
            let outcome = server.run(words).await;
            assert!(outcome.status == 1 && outcome.err.contains(reason), "{words:?}: {outcome:?}");
        }
    }
}
