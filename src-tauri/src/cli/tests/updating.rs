//! The requests of an update, a deployment and a model, and the questions before them.

use serde_json::{Value, json};

use super::server::{Server, accepted, configuration, deployment, ok, rehearsal, rollout, text};

const START: &str = "POST /deployments/iris/rollouts";
const REHEARSE: &str = "POST /deployments/iris/rehearse";

async fn server() -> Server {
    Server::with(vec![
        ("GET /deployments/iris", ok(&deployment(None))),
        (REHEARSE, ok(&rehearsal(false))),
        (START, accepted(&rollout("pending", 0))),
    ])
    .await
}

#[tokio::test]
async fn the_selection_becomes_a_request() {
    let table: &[(&[&str], Value)] = &[
        (&["--model", "iris@2"], json!({"set": {"models": ["iris@2"]}})),
        (&["--configuration", "c2"], json!({"configuration": "c2"})),
        (&["--configuration", "c2", "--set", "replicas=3"], json!({"configuration": "c2", "set": {"replicas": 3}})),
        (
            &["--model", "iris@2", "--set", "user_config.threshold=0.43", "--reason", "data-drift", "--note", "so"],
            json!({"set": {"models": ["iris@2"], "user_config": {"threshold": 0.43}}, "reason": "data_drift", "note": "so"}),
        ),
        (
            &["--set", "replicas=3", "--max-surge", "25%", "--max-unavailable", "0", "--on-top-of", "3"],
            json!({"set": {"replicas": 3}, "strategy": {"max_surge": "25%", "max_unavailable": 0}, "on_top_of": 3}),
        ),
        (
            &[
                "--set",
                "replicas=3",
                "--min-ready-seconds",
                "2",
                "--progress-deadline-seconds",
                "9",
                "--total-deadline-seconds",
                "99",
            ],
            json!({"set": {"replicas": 3}, "strategy":
                {"min_ready_seconds": 2, "progress_deadline_seconds": 9, "total_deadline_seconds": 99}}),
        ),
    ];
    for (words, expected) in table {
        let server = server().await;
        let outcome = server.run(&[&["update", "iris"], *words].concat()).await;
        assert_eq!(outcome.status, 0, "{outcome:?}");
        let read = |value: Value| serde_json::from_value::<domain::wire::StartRollout>(value).unwrap();
        assert_eq!(read(server.body(START)), read(expected.clone()), "{words:?}");
    }
}

#[tokio::test]
async fn among_several_models_each_takes_the_place_of_its_namesake() {
    let mut several = deployment(None);
    several["models"] = json!(["iris@1", "rose@4"]);
    let server =
        Server::with(vec![("GET /deployments/iris", ok(&several)), (START, accepted(&rollout("pending", 0)))]).await;
    assert_eq!(server.run(&["update", "iris", "--model", "rose@5"]).await.status, 0);
    assert_eq!(server.body(START)["set"], json!({"models": ["iris@1", "rose@5"]}));
    let outcome = server.run(&["update", "iris", "--model", "lily@1"]).await;
    assert_eq!(outcome.status, 1);
    assert!(outcome.err.contains("iris@1, rose@4"), "{}", outcome.err);
}

#[tokio::test]
async fn on_a_terminal_it_shows_and_asks_first() {
    let update = ["update", "iris", "--set", "user_config.threshold=0.43"];
    for (typed, status) in [("\n", 1), ("n\n", 1), ("", 1), ("y\n", 0), ("YES\n", 0)] {
        let server = server().await;
        let outcome = server.call(&update).typing(typed).run().await;
        assert_eq!(outcome.status, status, "{typed:?}: {outcome:?}");
        assert!(outcome.out.contains("user_config.threshold") && outcome.err.contains("[y/N]"), "{outcome:?}");
        let expected: &[&str] = if status == 0 { &[REHEARSE, START] } else { &[REHEARSE] };
        assert_eq!(server.lines(), expected, "{typed:?}");
    }
    let server = server().await;
    assert_eq!(server.call(&[&update[..], &["--yes"]].concat()).typing("").run().await.status, 0);
    assert_eq!(server.lines(), [REHEARSE, START]);
}

#[tokio::test]
async fn what_the_rehearsal_warns_of_is_said_also_where_nobody_is_asked() {
    let mut warns = rehearsal(false);
    warns["plan"]["warnings"] = json!(["33 % of the capacity is missing meanwhile."]);
    warns["not_enforced"] = json!(["cpu_limit is not enforced."]);
    let said = "Warning: 33 % of the capacity is missing meanwhile.\nWarning: cpu_limit is not enforced.\n";
    for yes in [&[][..], &["--yes"], &["--json"]] {
        let server = Server::with(vec![(REHEARSE, ok(&warns)), (START, accepted(&rollout("pending", 0)))]).await;
        let outcome = server.run(&[&["update", "iris", "--set", "replicas=5"], yes].concat()).await;
        assert_eq!((outcome.status, outcome.err.as_str()), (0, said), "{outcome:?}");
        assert_eq!(server.lines(), [REHEARSE, START]);
    }
    // A server that cannot rehearse it says why when it is asked to do it.
    let refusal = super::server::problem(422, "insufficient_capacity", "No room.");
    let server = Server::with(vec![(REHEARSE, refusal.clone()), (START, refusal)]).await;
    let outcome = server.run(&["update", "iris", "--set", "replicas=5"]).await;
    assert_eq!(outcome.status, 1);
    assert_eq!(outcome.err.matches("No room.").count(), 1, "{outcome:?}");
}

#[tokio::test]
async fn where_nothing_would_change_nothing_is_started() {
    let server = Server::with(vec![(REHEARSE, ok(&rehearsal(true))), (START, ok(&rehearsal(true)))]).await;
    let asked = server.call(&["update", "iris", "--set", "replicas=5"]).typing("y\n").run().await;
    assert_eq!((asked.status, server.lines().len()), (0, 1), "{asked:?}");
    for wait in [&[][..], &["--wait"]] {
        let outcome = server.run(&[&["update", "iris", "--set", "replicas=5"], wait].concat()).await;
        assert_eq!((outcome.status, outcome.out.as_str()), (0, "iris stays as it is: equal content is in use.\n"));
    }
}

#[tokio::test]
async fn a_dry_run_says_so_to_the_server() {
    let server = Server::with(vec![(START, ok(&rehearsal(false)))]).await;
    let outcome = server.call(&["update", "iris", "--set", "replicas=5", "--dry-run"]).typing("").run().await;
    assert_eq!((outcome.status, server.body(START)["dry_run"].clone()), (0, json!(true)));
    assert!(outcome.out.contains("STEP"), "{}", outcome.out);
}

#[tokio::test]
async fn a_deployment_is_made_from_what_other_commands_print() {
    let folder = tempfile::tempdir().unwrap();
    let shown = configuration();
    let mut sent = shown.clone();
    for field in ["id", "in_use", "revisions", "content_hash", "created_at", "created_by"] {
        sent.as_object_mut().unwrap().remove(field);
    }
    let hand_written = json!({"name": "other", "ttl": "1h", "configuration": {"models": ["iris@1"]},
        "strategy": {"max_surge": 1}});
    let table = [
        ("show", shown, json!({"name": "rose", "configuration": sent, "importance": "low"})),
        (
            "status",
            deployment(None),
            json!({"name": "rose", "target": "local", "on_failure": "revert", "configuration": sent, "importance": "low"}),
        ),
        (
            "hand",
            hand_written,
            json!({"name": "rose", "ttl": "1h", "configuration": {"models": ["iris@1"]}, "importance": "low",
                "strategy": {"max_surge": 1}}),
        ),
    ];
    for (name, content, mut expected) in table {
        let server = Server::with(vec![
            ("GET /deployments/d1/configurations/c1", ok(&configuration())),
            ("POST /deployments", accepted(&deployment(Some(1)))),
        ])
        .await;
        let file = folder.path().join(name);
        std::fs::write(&file, content.to_string()).unwrap();
        let words =
            ["deploy", "rose", "--importance", "low", "--max-unavailable", "50%", "--file", file.to_str().unwrap()];
        let outcome = server.run(&words).await;
        assert_eq!(outcome.status, 0, "{outcome:?}");
        expected["strategy"]["max_unavailable"] = "50%".into();
        assert_eq!(server.body("POST /deployments"), expected, "{name}");
    }
}

#[tokio::test]
async fn what_is_kept_about_a_deployment_is_sent_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.json");
    std::fs::write(&file, json!({"tags": {"old": "1"}, "configuration": {"models": ["iris@1"]}}).to_string()).unwrap();
    let server = Server::with(vec![("POST /deployments", accepted(&deployment(Some(1))))]).await;
    let words = ["deploy", "iris", "--file", file.to_str().unwrap(), "--on-failure", "stop", "--description", "Sorts"];
    let more = ["--tag", "team=a", "--property", "x=1", "--property", "y=2", "--default-access", "none"];
    let outcome = server.run(&[&words[..], &more].concat()).await;
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let expected = json!({"name": "iris", "configuration": {"models": ["iris@1"]}, "on_failure": "stop", "default_access": "none",
        "description": "Sorts", "tags": {"old": "1", "team": "a"}, "properties": {"x": "1", "y": "2"}});
    assert_eq!(server.body("POST /deployments"), expected);
}

#[tokio::test]
async fn a_file_that_is_no_configuration_is_1_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.json");
    std::fs::write(&file, "{\"replicas\": 5,,}").unwrap();
    let server = server().await;
    let outcome = server.run(&["deploy", "iris", "--file", file.to_str().unwrap()]).await;
    assert_eq!(outcome.status, 1);
    assert!(outcome.err.contains("line 1 column 16"), "{}", outcome.err);
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn a_copy_is_made_with_changes() {
    let line = "POST /deployments/iris/configurations";
    let server = Server::with(vec![(line, ok(&configuration()))]).await;
    let outcome = server.run(&["configuration", "create", "iris", "--from", "c1", "--set", "replicas=3"]).await;
    assert_eq!((outcome.status, outcome.out.as_str()), (0, "Created configuration c1 (iris@1).\n"));
    assert_eq!(server.body(line), json!({"from": "c1", "set": {"replicas": 3}}));
}

#[tokio::test]
async fn a_model_is_sent_as_meta_and_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("iris.onnx");
    let bytes: Vec<u8> = (0..100_000u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(&path, &bytes).unwrap();
    let view = json!({"name": "iris", "version": 2, "kind": "onnx", "digest": "0".repeat(64), "size": 100_000,
        "signature": {"inputs": [{"name": "x", "kind": "tensor", "datatype": "FLOAT", "shape": ["N", 4, null]}],
            "outputs": [{"name": "y", "kind": "tensor", "datatype": "INT64", "shape": null}], "classes": null,
            "opsets": {}, "ir_version": 8, "producer": "", "metadata": {}},
        "tags": {}, "properties": {}, "description": "", "registered_at": "2024-05-01T10:00:00Z",
        "registered_by": "ada", "in_use_by": []});
    let server = Server::start(move |_| text(201, "application/json", &view.to_string())).await;
    let path = path.to_str().unwrap();
    let words = ["model", "register", "iris", path, "--tag", "a=b", "--property", "f1=0.9=x", "--description", "good"];
    let outcome = server.run(&words).await;
    assert_eq!(
        outcome.out, "Registered iris@2 (97.66 KiB).\n  input  x FLOAT[N×4×?]\n  output y INT64\n",
        "{outcome:?}"
    );

    let asked = server.asked().remove(0);
    assert!(asked.content_type.starts_with("multipart/form-data"), "{}", asked.content_type);
    let body = asked.body;
    let at = |part: &[u8]| body.windows(part.len()).position(|window| window == part).unwrap();
    let (meta, file) = (at(b"name=\"meta\""), at(b"name=\"file\"; filename=\"iris.onnx\""));
    assert!(meta < file && file < at(&bytes));
    let sent = String::from_utf8_lossy(&body[meta..file]).into_owned();
    let sent: Value = serde_json::from_str(&sent[sent.find('{').unwrap()..=sent.rfind('}').unwrap()]).unwrap();
    let meta = json!({"name": "iris", "tags": {"a": "b"}, "properties": {"f1": "0.9=x"}, "description": "good"});
    assert_eq!(sent, meta);

    for (words, part) in [
        (["model", "register", "iris", "no-such.onnx"], "no-such.onnx cannot be read"),
        (["model", "register", "iris", "/dev/null"], "neither a file nor a folder"),
    ] {
        let outcome = server.run(&words).await;
        assert!(outcome.status != 0 && outcome.err.contains(part), "{outcome:?}");
    }
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test]
async fn a_configuration_can_be_made_before_its_deployment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.json");
    std::fs::write(&file, json!({"models": ["iris@1"]}).to_string()).unwrap();
    let server = Server::with(vec![
        ("POST /configurations", ok(&configuration())),
        ("GET /configurations?q=iris", ok(&json!({"items": [configuration()], "next_cursor": null}))),
        ("POST /deployments", accepted(&deployment(Some(1)))),
    ])
    .await;
    let made = server.run(&["configuration", "create", "--file", file.to_str().unwrap()]).await;
    let said = "Created configuration c1 (iris@1).\n`changeover deploy NAME --configuration c1` deploys it.\n";
    assert_eq!((made.status, made.out.as_str()), (0, said));
    assert_eq!(server.body("POST /configurations"), json!({"models": ["iris@1"]}));
    let listed = server.run(&["configuration", "list", "--query", "iris"]).await;
    assert!(listed.status == 0 && listed.out.contains("c1"), "{listed:?}");
    let deployed = server.run(&["deploy", "iris", "--configuration", "c1", "--target", "box-2"]).await;
    assert_eq!(deployed.status, 0, "{deployed:?}");
    assert_eq!(server.body("POST /deployments"), json!({"name": "iris", "configuration": "c1", "target": "box-2"}));
}
