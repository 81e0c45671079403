//! Operations on a whole deployment and its revisions, and settings that need no rollout.

use serde_json::{Value, json};

use super::server::{Server, accepted, deployment, ok, problem, rehearsal, rollout};

fn revision(bad: bool) -> Value {
    let quarantined = bad.then(|| json!({"reason": "It answers nonsense", "at": "2024-05-01T09:00:00Z"}));
    json!({"number": 2, "configuration": "c2", "configuration_name": "iris@2", "models": ["iris@2"], "state": "past",
        "quarantined": quarantined, "created_at": "2024-05-01T08:00:00Z", "reason": null, "actor": "ada"})
}

#[tokio::test]
async fn each_command_asks_its_route_with_what_was_said() {
    let activate = "POST /deployments/iris/activate";
    let relaunch = "POST /deployments/iris/relaunch";
    let deactivate = "POST /deployments/iris/deactivate";
    let bad = "POST /deployments/iris/revisions/2/quarantine";
    let lift = "DELETE /deployments/iris/revisions/2/quarantine";
    let remove = "DELETE /deployments/iris/revisions/2";
    let set = "PATCH /deployments/iris";
    let server = Server::with(vec![
        (activate, accepted(&deployment(Some(3)))),
        (relaunch, accepted(&deployment(Some(3)))),
        (deactivate, accepted(&deployment(None))),
        (bad, ok(&revision(true))),
        (lift, ok(&revision(false))),
        (remove, ok(&deployment(None))),
        (set, ok(&deployment(None))),
    ])
    .await;
    let table: &[(&[&str], &str, Value, &str)] = &[
        (
            &["activate", "iris"],
            activate,
            json!({"note": null, "strategy": {}}),
            "iris is being activated by rollout 3.",
        ),
        (
            &["relaunch", "iris", "--note", "It leaks", "--max-surge", "1"],
            relaunch,
            json!({"note": "It leaks", "strategy": {"max_surge": 1}}),
            "iris is being relaunched by rollout 3.",
        ),
        (
            &["deactivate", "iris", "--note", "Summer"],
            deactivate,
            json!({"note": "Summer", "strategy": {}}),
            "answers 503 until it is activated again",
        ),
        (
            &["quarantine", "iris", "2", "--note", "It answers nonsense"],
            bad,
            json!({"note": "It answers nonsense"}),
            "Revision 2 of iris is known to be bad: It answers nonsense",
        ),
        (
            &["quarantine", "iris", "2", "--note", "Mended", "--lift"],
            lift,
            json!({"note": "Mended"}),
            "Revision 2 of iris is no longer taken for bad.",
        ),
        (
            &["set", "iris", "--importance", "low", "--on-failure", "stop", "--max-unavailable", "0", "--tag", "a=b"],
            set,
            json!({"importance": "low", "on_failure": "stop", "strategy": {"max_unavailable": 0}, "description": null, "checks": null,
                "tags": {"a": "b"}, "properties": null}),
            "No replica was touched",
        ),
        (
            &[
                "set",
                "iris",
                "--no-tags",
                "--property",
                "x=y",
                "--description",
                "d",
                "--no-total-deadline",
                "--checks",
                "{\"not_verified_warns\":true}",
            ],
            set,
            json!({"importance": null, "on_failure": null, "strategy": {"total_deadline_seconds": null},
                "description": "d", "checks": {"not_verified_warns": true, "segment_attributes": [],
                "humility_rules": [], "challengers": []}, "tags": {}, "properties": {"x": "y"}}),
            "iris is set",
        ),
    ];
    for (words, line, body, said) in table {
        let outcome = server.run(words).await;
        assert_eq!(outcome.status, 0, "{words:?}: {outcome:?}");
        assert!(outcome.out.contains(said), "{words:?}: {}", outcome.out);
        let asked = server.asked().pop().unwrap();
        assert_eq!((asked.line.as_str(), asked.json()), (*line, body.clone()), "{words:?}");
        assert_eq!(asked.idempotency_key.is_some(), line.starts_with("POST"), "{words:?}");
    }
    let outcome = server.run(&["revision", "remove", "iris", "2"]).await;
    assert_eq!((outcome.status, server.lines().pop().as_deref()), (0, Some(remove)), "{outcome:?}");
}

#[tokio::test]
async fn a_relaunch_is_waited_for_and_judged() {
    for (phase, status) in [("completed", 0), ("failed", 1)] {
        let server = Server::with(vec![
            ("POST /deployments/iris/relaunch", accepted(&deployment(Some(3)))),
            ("GET /deployments/iris/rollouts/3", ok(&rollout(phase, 2))),
        ])
        .await;
        let outcome = server.run(&["relaunch", "iris", "--wait"]).await;
        assert_eq!(outcome.status, status, "{outcome:?}");
    }
}

#[tokio::test]
async fn what_would_be_refused_is_said_before_anybody_is_asked() {
    let line = "POST /deployments/iris/rehearse";
    for (field, value, part) in [
        ("no_room", json!("4 replicas ask for 4 CPU cores of 2"), "4 CPU cores of 2"),
        ("quarantined", json!({"revision": 2, "reason": "It answers nonsense"}), "known to be bad"),
    ] {
        let mut rehearsed = rehearsal(false);
        rehearsed[field] = value;
        let server = Server::with(vec![(line, ok(&rehearsed))]).await;
        for words in [&["check", "iris", "--set", "replicas=5"][..], &["update", "iris", "--set", "replicas=5"]] {
            let outcome = server.call(words).typing("y\n").run().await;
            assert_eq!(outcome.status, 1, "{outcome:?}");
            assert!(outcome.err.contains(part) && outcome.out.contains("What changes"), "{outcome:?}");
        }
        assert_eq!(server.lines(), [line, line], "nothing was started");
    }
}

#[tokio::test]
async fn an_override_and_a_failure_policy_are_sent() {
    let (update, back) = ("POST /deployments/iris/rollouts", "POST /deployments/iris/rollback");
    let server =
        Server::with(vec![(update, accepted(&rollout("pending", 0))), (back, accepted(&rollout("pending", 0)))]).await;
    for (words, line) in [(&["update", "iris", "--set", "replicas=5"][..], update), (&["rollback", "iris"], back)] {
        let words = [words, &["--on-failure", "dead", "--override", "The data was at fault"]].concat();
        assert_eq!(server.run(&words).await.status, 0);
        let body = server.body(line);
        assert_eq!(
            (&body["on_failure"], &body["quarantine_override"]),
            (&json!("dead"), &json!("The data was at fault"))
        );
    }
    let outcome = server.run(&["update", "iris", "--set", "replicas=5", "--on-failure", "cry"]).await;
    assert_eq!(outcome.status, 2, "{outcome:?}");
}

#[tokio::test]
async fn a_rollback_to_what_is_in_use_changes_nothing() {
    let server = Server::with(vec![("POST /deployments/iris/rollback", ok(&rehearsal(true)))]).await;
    let outcome = server.run(&["rollback", "iris", "--to", "1", "--wait"]).await;
    assert_eq!((outcome.status, outcome.out.as_str()), (0, "iris stays as it is: equal content is in use.\n"));
}

#[tokio::test]
async fn a_refusal_is_told_as_it_is() {
    let detail = "iris is stopped; only a pending, running or dead deployment can be relaunched.";
    let line = "POST /deployments/iris/relaunch";
    let server = Server::with(vec![(line, problem(409, "status_forbids_update", detail))]).await;
    let outcome = server.run(&["relaunch", "iris", "--wait"]).await;
    assert!(outcome.status == 1 && outcome.err.contains(detail), "{outcome:?}");
}
