//! Changes that somebody else approves, that have a time, or that override what forbids them.

use serde_json::{Value, json};

use super::approvals::{holding, matched, principals, request};
use super::server::{Server, accepted, deployment, ok, problem, rollout};

/// Every command that takes the options, its route, and words that are enough for it.
const GATED: [(&[&str], &str); 7] = [
    (&["update", "iris", "--set", "replicas=5"], "POST /deployments/iris/rollouts"),
    (&["rollback", "iris"], "POST /deployments/iris/rollback"),
    (&["deploy", "iris", "--configuration", "c1"], "POST /deployments"),
    (&["set", "iris", "--importance", "high"], "PATCH /deployments/iris"),
    (&["activate", "iris"], "POST /deployments/iris/activate"),
    (&["deactivate", "iris"], "POST /deployments/iris/deactivate"),
    (&["delete", "iris", "--yes"], "DELETE /deployments/iris"),
];

#[tokio::test]
async fn each_sends_when_it_is_to_begin_and_says_that_it_was_asked_for() {
    let at = json!({"at": "2026-12-06T22:00", "zone": "Europe/Berlin", "not_after": "2026-12-06T23:00"});
    let times = ["--at", "2026-12-06T22:00", "--zone", "Europe/Berlin", "--not-after", "2026-12-06T23:00"];
    for (words, line) in GATED {
        for (flags, apply) in [
            (&["--when-approved"][..], json!("when_approved")),
            (&["--by-hand"], json!("by_hand")),
            (&times, at.clone()),
        ] {
            let server = Server::with(vec![(line, accepted(&request("open", json!({})))), principals()]).await;
            let outcome = server.run(&[words, flags].concat()).await;
            assert_eq!(outcome.status, 0, "{words:?}: {outcome:?}");
            assert_eq!(server.body(line)["apply"], apply, "{words:?}");
            insta::allow_duplicates! { insta::assert_snapshot!(outcome.out, @"
            Asked for it by request r1: Replace iris@1 with iris@2 on iris. It is open and waits for approvals (1 of 2).
            `changeover approve r1` approves it, by one of: Cat (disabled).
            "); }
            let outcome = server.run(&[words, flags, &["--json"]].concat()).await;
            assert_eq!(outcome.out, request("open", json!({})).to_string());
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_of_it_where_nothing_was_said() {
    for (words, line) in GATED {
        let answer = if line.ends_with("rollouts") || line.ends_with("rollback") {
            accepted(&rollout("pending", 0))
        } else {
            accepted(&deployment(None))
        };
        let server = Server::with(vec![(line, answer)]).await;
        let outcome = server.run(words).await;
        assert_eq!(outcome.status, 0, "{words:?}: {outcome:?}");
        let body = server.body(line);
        assert!(["now".into(), Value::Null].contains(&body["apply"]), "{words:?}: {body}");
        assert_eq!(body["break_glass"], Value::Null, "{words:?}");
    }
}

#[tokio::test]
async fn what_is_overridden_is_told_apart_by_the_server() {
    for (words, line) in GATED {
        let server = Server::with(vec![
            ("POST /policies/match", ok(&matched())),
            (line, accepted(&request("open", json!({})))),
            principals(),
        ])
        .await;
        let glass = ["--break-glass", "The model is broken", "--overriding", "f1", "--overriding", "p1"];
        let outcome = server.run(&[words, &glass].concat()).await;
        assert_eq!(outcome.status, 0, "{words:?}: {outcome:?}");
        let expected = json!({"reason": "The model is broken", "policies": ["p1"], "freezes": ["f1"]});
        assert_eq!(server.body(line)["break_glass"], expected, "{words:?}");
        let asked = server.body("POST /policies/match");
        let name = if line == "POST /deployments" { Value::Null } else { json!("iris") };
        assert_eq!(asked["deployment"], name, "{words:?}");
    }
}

#[tokio::test]
async fn break_glass_without_a_name_says_what_there_is_to_override() {
    let words = ["rollback", "iris", "--break-glass", "The model is broken"];
    let server = Server::with(vec![("POST /policies/match", ok(&matched()))]).await;
    let outcome = server.run(&words).await;
    assert_eq!(outcome.status, 2);
    assert!(outcome.err.contains("p1 (the policy Two eyes), f1 (the freeze Year's end)"), "{}", outcome.err);
    let mut nothing = matched();
    (nothing["needs"], nothing["freezes"]) = (json!([]), json!([]));
    let server = Server::with(vec![("POST /policies/match", ok(&nothing))]).await;
    let outcome = server.run(&words).await;
    assert!(outcome.status == 2 && outcome.err.contains("leave --break-glass out"), "{outcome:?}");
    for wrong in [
        &["rollback", "iris", "--overriding", "p1"][..],
        &["rollback", "iris", "--when-approved", "--by-hand"],
        &["rollback", "iris", "--at", "2026-12-06T22:00:00Z", "--when-approved"],
        &["rollback", "iris", "--zone", "Europe/Berlin"],
        &["rollback", "iris", "--break-glass", "The model is broken", "--by-hand"],
    ] {
        assert_eq!(server.run(wrong).await.status, 2, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_refusal_ends_with_the_option_that_asks_for_it() {
    let refused = |code: &str| {
        let mut problem = json!({"type": format!("urn:changeover:problem:{code}"), "title": "No", "status": 409,
            "detail": "It is not allowed.", "code": code, "policies": [{"id": "p1", "name": "Two eyes"}]});
        if code == "frozen" {
            problem["freezes"] = json!([holding()]);
        }
        super::server::text(409, "application/problem+json", &problem.to_string())
    };
    for (words, line) in GATED {
        for (code, end) in [
            ("approval_required", "Ask for it with --when-approved, with --at TIME, or with --by-hand.\n"),
            ("frozen", "Ask for it with --when-approved, and it begins by itself when the freeze ends.\n"),
        ] {
            let server = Server::with(vec![(line, refused(code))]).await;
            let outcome = server.run(words).await;
            assert!(outcome.status == 1 && outcome.err.ends_with(end), "{words:?}: {outcome:?}");
        }
        let server = Server::with(vec![("POST /policies/match", ok(&matched())), (line, refused("frozen"))]).await;
        let outcome = server.run(&[words, &["--break-glass", "It is broken", "--overriding", "p2"]].concat()).await;
        let end = "names each of these with --overriding ID: p1 (the policy Two eyes), f1 (the freeze Year's end).\n";
        assert!(outcome.status == 1 && outcome.err.ends_with(end), "{words:?}: {outcome:?}");
    }
    // Nothing is promised where another reason stands in the way, nor by a command without the option.
    let server = Server::with(vec![("POST /deployments/iris/relaunch", refused("frozen"))]).await;
    assert!(!server.run(&["relaunch", "iris"]).await.err.contains("--when-approved"));
    let server = Server::with(vec![("POST /deployments/iris/rollback", problem(409, "no_rollout", "No."))]).await;
    assert!(!server.run(&["rollback", "iris"]).await.err.contains("--when-approved"));
}
