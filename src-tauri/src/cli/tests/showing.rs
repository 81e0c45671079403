//! Texts for people. Golden text; nothing is wider than it must be.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde_json::json;

use super::Outcome;
use super::server::{Server, Told, deployment, ok, problem, rehearsal, text};

#[tokio::test]
async fn deployments_are_a_table() {
    let mut second = deployment(Some(3));
    second["name"] = "fraud-scoring".into();
    second["newer_model_versions"] = json!([]);
    second["error"] = "no replica became ready\u{1b}[31m".into();
    second["status"] = "dead".into();
    let page = json!({"items": [deployment(None), second], "next_cursor": "abc"});
    let server = Server::with(vec![("GET /deployments", ok(&page))]).await;
    let outcome = server.run(&["status"]).await;
    insta::assert_snapshot!(outcome.out, @"
    NAME           STATUS   READY  REVISION  MODELS  URL
    iris           running  4/5    2         iris@1  http://127.0.0.1:7080/iris
    fraud-scoring  dead     4/5    2         iris@1  http://127.0.0.1:7080/iris
    iris: update available: iris@2
    fraud-scoring: update in progress (rollout 3, by ada)
    fraud-scoring: no replica became ready�[31m
    More with --cursor abc
    ");
}

#[tokio::test]
async fn a_list_names_the_targets_where_one_is_not_the_default_one() {
    let mut away = deployment(None);
    away["target"] = "night".into();
    let page = json!({"items": [deployment(None), away], "next_cursor": null});
    let server = Server::start(move |_| ok(&page)).await;
    let out = server.run(&["status"]).await.out;
    let ends: Vec<_> = out.lines().take(3).filter_map(|line| line.split_whitespace().last()).collect();
    assert_eq!(ends, ["TARGET", "local", "night"], "{out}");
}

#[tokio::test]
async fn one_deployment_is_shown_in_full() {
    let mut view = deployment(Some(3));
    view["replica_list"] = json!([
        {"id": "r1", "revision": 2, "state": "ready", "pid": 4242, "started_at": "2024-05-01T09:00:00Z",
            "restarts": 0, "in_flight": 1, "problem": null},
        {"id": "r2", "revision": 3, "state": "starting", "pid": null, "started_at": "2024-05-01T10:00:01Z",
            "restarts": 2, "in_flight": 0, "problem": "exit status 1"}]);
    view["revision_list"] = json!([
        {"number": 3, "configuration": "c2", "configuration_name": "iris@2", "models": ["iris@2"], "state": "deploying",
            "quarantined": null, "created_at": "2024-05-01T10:00:00Z", "reason": "accuracy", "actor": "ada"},
        {"number": 1, "configuration": "c0", "configuration_name": "iris@1", "models": ["iris@1"], "state": "failed",
            "quarantined": {"reason": "it never became ready", "at": "2024-05-01T09:00:00Z"},
            "created_at": "2024-05-01T08:00:00Z", "reason": null, "actor": "ada"}]);
    let server = Server::start(move |_| ok(&view)).await;
    let outcome = server.run(&["status", "iris"]).await;
    insta::assert_snapshot!(outcome.out, @"
    iris  running
    url             http://127.0.0.1:7080/iris
    models          iris@1
    configuration   iris@1  c1
    revision        2
    replicas        4 of 5 ready, 1 starting
    traffic         12.3 requests/s, 0.00 % failed, p95 4.2 ms
    last operation  update at 2024-05-01 10:00:00 by ada
    an update       surge as needed, unavailable 20%, deadline 600 s
    when it fails   revert
    update in progress (rollout 3, by ada)
    update available: iris@2

    REPLICA  REVISION  STATE     PID   SINCE     RESTARTS  REMARK
    r1       2         ready     4242  09:00:00  0
    r2       3         starting  -     10:00:01  2         exit status 1

    REVISION  STATE              MODELS  CREATED              BY   REASON
    3         deploying          iris@2  2024-05-01 10:00:00  ada  accuracy
    1         failed, known bad  iris@1  2024-05-01 08:00:00  ada  -
    revision 1 is known to be bad: it never became ready
    ");
}

#[tokio::test]
async fn what_is_kept_about_a_deployment_and_the_way_out_are_shown() {
    let mut view = deployment(None);
    for (field, value) in [
        ("status", json!("dead")),
        ("error", json!("no replica became ready. Nothing was undone.")),
        ("configuration", json!("c9")),
        ("on_failure", json!("dead")),
        ("target", json!("box-2")),
        ("description", json!("Sorts flowers")),
        ("tags", json!({"team": "a", "tier": "1"})),
        ("newer_model_versions", json!([])),
    ] {
        view[field] = value;
    }
    let replica = json!({"id": "r1", "revision": 2, "state": "starting", "pid": null, "started_at": "2024-05-01T10:00:01Z",
        "restarts": 0, "in_flight": 0, "problem": null, "doing": "building its environment", "gpus": [0, 1]});
    view["replica_list"] = json!([replica]);
    let shown = view.clone();
    let server = Server::start(move |_| ok(&shown)).await;
    let out = server.run(&["status", "iris"]).await.out;
    for part in [
        "when it fails   dead\n",
        "target          box-2\n",
        "description     Sorts flowers\n",
        "tags            team=a, tier=1\n",
        "Nothing was undone.\n",
        "`changeover update iris --configuration c1` goes back to what ran last\n",
        "building its environment; GPU 0, 1\n",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    view["status"] = "stopped".into();
    view["target_status"] = "stopped".into();
    let server = Server::start(move |_| ok(&view)).await;
    let out = server.run(&["status", "iris"]).await.out;
    assert!(out.contains("deactivated: its URL answers 503; `changeover activate iris` brings it back"), "{out}");
}

#[tokio::test]
async fn a_configuration_shows_its_range_and_its_environment() {
    let mut view = super::server::configuration();
    view["replicas"] = json!(null);
    view["autoscaling"] = json!({"min_replicas": 2, "max_replicas": 7});
    view["environment"] = json!({"python": {"requirements": ["numpy==2.1.0", "scipy"]}});
    let server = Server::start(move |_| ok(&view)).await;
    let out = server.run(&["configuration", "show", "c1"]).await.out;
    assert!(out.contains("2 to 7 by requests: each busy 70 %, more after 5 s, fewer after 60 s"), "{out}");
    assert!(out.contains("Python with numpy==2.1.0, scipy") && out.contains("\"max_replicas\": 7"), "{out}");
}

#[tokio::test]
async fn a_check_says_what_changes_and_how_it_moves() {
    let server = Server::start(|_| ok(&rehearsal(false))).await;
    let outcome = server.run(&["check", "iris", "--set", "user_config.threshold=0.43"]).await;
    insta::assert_snapshot!(outcome.out, @"
    What changes
      FIELD                  NOW  THEN  COST
      user_config.threshold  0.5  0.43  reconfigured in place

    How it moves
      15 steps in about 3.0 s, with at most 0 above and 1 of 5 replicas away.
      A replica that is taken away may finish its requests for at most 1 min 0 s.
      Never fewer than 4 available, never more than 5 in all.

      AFTER  STEP   REASON
      0 ms   drain  of an earlier revision: 5 are available and the floor is 4
      0.1 s  stop   it has no request left
      0.1 s  start  0 of 5 exist, 4 replicas run and 5 are allowed
      0.6 s  drain  of an earlier revision: 5 are available and the floor is 4
      0.7 s  stop   it has no request left
      0.7 s  start  1 of 5 exist, 4 replicas run and 5 are allowed
      1.2 s  drain  of an earlier revision: 5 are available and the floor is 4
      1.3 s  stop   it has no request left
      1.3 s  start  2 of 5 exist, 4 replicas run and 5 are allowed
      1.8 s  drain  of an earlier revision: 5 are available and the floor is 4
      1.9 s  stop   it has no request left
      1.9 s  start  3 of 5 exist, 4 replicas run and 5 are allowed
      2.4 s  drain  of an earlier revision: 5 are available and the floor is 4
      2.5 s  stop   it has no request left
      2.5 s  start  4 of 5 exist, 4 replicas run and 5 are allowed
    ");
}

#[tokio::test]
async fn a_check_says_what_stands_in_the_way() {
    let mut view = rehearsal(false);
    view["no_room"] = json!("5 replicas ask for 5 CPU cores of 2 that this machine has to give.");
    view["not_enforced"] = json!(["cpu_limit is not enforced: this server has no cgroup of its own."]);
    view["quarantined"] = json!({"revision": 2, "reason": "it answers nonsense"});
    let server = Server::start(move |_| ok(&view)).await;
    let outcome = server.run(&["check", "iris", "--set", "user_config.threshold=0.43"]).await;
    assert_eq!(outcome.status, 1, "{outcome:?}");
    for part in [
        "  Warning: cpu_limit is not enforced",
        "  Known to be bad: revision 2 asked for the same: it answers nonsense\n",
        "  No room: 5 replicas ask for 5 CPU cores",
    ] {
        assert!(outcome.out.contains(part), "{part}: {}", outcome.out);
    }
}

#[tokio::test]
async fn followed_logs_are_lines_without_control_characters() {
    let lines = "{\"replica\":\"r1\",\"line\":\"hello\"}\n\n{\"replica\":\"r2\",\"line\":\"\\u001b[2Jworld\\t!\"}\n";
    let server = Server::start(move |_| text(200, "application/x-ndjson", lines)).await;
    let outcome = server.run(&["logs", "iris", "--follow"]).await;
    let unknown = format!("—  {:<7}  ", "");
    let shown = format!("{unknown}r1  hello\n{unknown}r2  \u{fffd}[2Jworld\t!\n");
    assert_eq!((outcome.status, outcome.out), (0, shown));
    let outcome = server.run(&["logs", "iris", "--follow", "--json"]).await;
    assert_eq!((outcome.status, outcome.out), (0, lines.replace("\n\n", "\n")), "a sign of life is none of the lines");
}

/// Answers the questions of a following client in turn; at the end the deployment is gone.
async fn following(answers: Vec<Told>) -> (Outcome, Vec<String>) {
    let answers = Mutex::new(VecDeque::from(answers));
    let gone = problem(404, "not_found", "There is no deployment iris.");
    let server = Server::start(move |_| answers.lock().unwrap().pop_front().unwrap_or_else(|| gone.clone())).await;
    let outcome = server.run(&["logs", "iris", "--follow"]).await;
    let asked = server.lines().into_iter().map(|line| line.rsplit('&').next().unwrap().to_owned()).collect();
    (outcome, asked)
}

#[tokio::test]
async fn followed_logs_go_on_after_a_break_without_a_line_lost_or_shown_twice() {
    let line = |text: &str| {
        format!(
            "{{\"at\":\"2026-01-01T00:00:00.5Z\",\"level\":\"info\",\"replica\":\"r1\",\"revision\":2,\"line\":\"{text}\"}}\n"
        )
    };
    let read_on = |cursor: &str| format!("{{\"next_cursor\":\"{cursor}\"}}\n");
    let piece = |parts: &[String]| text(200, "application/x-ndjson", &parts.concat());
    // It ends in the middle of what is not told yet: those lines come again.
    let cut = piece(&[line("one"), read_on("r1:1"), line("two"), "{\"replica".to_owned()]);
    let (outcome, asked) = following(vec![
        cut,
        piece(&[read_on("r1:1"), "\n".to_owned()]),
        piece(&[line("two"), line("three"), read_on("r1:3")]),
    ])
    .await;
    let shown = |text: &str| format!("2026-01-01T00:00:00.500Z  info     revision 2 r1  {text}\n");
    let all: String = ["one", "two", "three"].map(shown).concat();
    assert_eq!((outcome.status, outcome.out), (0, all));
    assert_eq!(asked, ["cursors=true", "since=r1%3A1", "since=r1%3A1", "since=r1%3A3"]);
    assert_eq!(outcome.err, "", "nobody waits, so nothing is said");
}

#[tokio::test]
async fn a_broken_history_is_a_failure() {
    let found =
        json!({"intact": false, "entries": 9, "first_broken": 7, "problem": "the hash does not fit", "head": "h"});
    let server = Server::start(move |_| ok(&found)).await;
    let outcome = server.run(&["history", "verify"]).await;
    assert_eq!((outcome.status, outcome.out.as_str()), (1, ""));
    assert!(outcome.err.contains("broken at entry 7: the hash does not fit"), "{}", outcome.err);

    let found = json!({"intact": true, "entries": 9, "first_broken": null, "problem": null, "head": "h"});
    let server = Server::start(move |_| ok(&found)).await;
    let outcome = server.run(&["history", "verify"]).await;
    assert_eq!(
        (outcome.status, outcome.out.as_str()),
        (0, "The history is intact: 9 entries, none of them changed.\nhead h\n")
    );
}

#[tokio::test]
async fn a_part_of_the_history_is_not_called_broken() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("part.ndjson");
    let entry = r#"{"seq":7,"at":"a","actor":"b","deployment":null,"kind":"k","event":{},"hash":"h"}"#;
    let end = r#"{"end":{"filtered":true,"entries":2,"head":{"seq":9,"hash":"h"},"note":"n"}}"#;
    std::fs::write(&file, format!("{entry}\n{entry}\n{end}\n")).unwrap();
    let server = Server::with(Vec::new()).await;
    let outcome = server.run(&["history", "verify", "--file", file.to_str().unwrap()]).await;
    assert_eq!(outcome.status, 1);
    assert!(outcome.err.contains("2 entries") && outcome.err.contains("cannot be verified alone"), "{}", outcome.err);
    assert!(!outcome.err.contains("broken"), "{}", outcome.err);
}

#[tokio::test]
async fn the_history_is_exported_as_it_comes() {
    let lines = "{\"seq\":1}\n{\"seq\":2}\n";
    let server = Server::start(move |_| text(200, "application/x-ndjson", lines)).await;
    let outcome = server.run(&["history", "export"]).await;
    assert_eq!((outcome.status, outcome.out.as_str()), (0, lines));
}

#[tokio::test]
async fn a_token_is_alone_on_its_line_and_keys_are_named() {
    let server = Server::start(|asked| match asked.line.starts_with("GET") {
        true => ok(&json!({"primary": "k1", "secondary": "k2"})),
        false => ok(&json!({"token": "ct1.1.x", "expires_at": "2026-01-01T00:00:00Z"})),
    })
    .await;
    let outcome = server.run(&["token", "iris"]).await;
    assert_eq!((outcome.status, outcome.out.as_str()), (0, "ct1.1.x\n"));
    let outcome = server.run(&["keys", "iris"]).await;
    assert_eq!((outcome.status, outcome.out.as_str()), (0, "primary    k1\nsecondary  k2\n"));
}

#[tokio::test]
async fn requests_are_lines_with_what_became_of_them() {
    let at = "2026-01-01T00:00:00.5Z";
    let items = json!({"items": [
        {"at": at, "method": "POST", "path": "/v2", "status": 200, "ms": 1.5, "bytes_in": 3, "bytes_out": 4,
            "revision": 2, "replica": "r1", "outcome": "answered"},
        {"at": at, "method": "GET", "path": "/", "status": null, "ms": 9.0, "bytes_in": 0, "bytes_out": 0,
            "revision": null, "replica": null, "outcome": "left", "lost": 7},
        {"at": at, "method": "GET", "path": "/", "status": 401, "ms": 0.1, "bytes_in": 0, "bytes_out": 9,
            "revision": null, "replica": null, "outcome": "refused", "code": "credential_wrong"},
    ], "next_cursor": null});
    let server = Server::start(move |_| ok(&items)).await;
    insta::assert_snapshot!(server.run(&["logs", "iris", "--requests"]).await.out, @"
    2026-01-01T00:00:00.5Z  200 answered  POST /v2  1.5 ms  3 → 4 bytes  revision 2 r1
    (7 requests could not be kept)
    2026-01-01T00:00:00.5Z  — client left  GET /  9 ms  0 → 0 bytes  no replica
    2026-01-01T00:00:00.5Z  401 credential_wrong  GET /  0.1 ms  0 → 9 bytes  no replica
    ");
}

#[tokio::test]
async fn predictions_are_what_went_in_and_out() {
    let items = json!({"items": [{
        "at": "2026-01-01T00:00:00.5Z", "path": "/v2", "revision": 2, "replica": "r1",
        "input": {"media_type": null, "bytes": 9, "complete": true, "json": {"inputs": []}},
        "output": {"media_type": null, "bytes": 99, "complete": false, "text": "\u{1b}[2Jhe"},
    }], "next_cursor": null});
    let server = Server::start(move |_| ok(&items)).await;
    insta::assert_snapshot!(server.run(&["logs", "iris", "--predictions"]).await.out, @r#"
    2026-01-01T00:00:00.5Z  revision 2 r1  /v2
      in  {"inputs":[]}
      out �[2Jhe … of 99 bytes
    "#);
}
