//! The requests, their server and token, and the exit status of every ending.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};

use domain::proof::ProofKey;

use super::server::{Server, Told, accepted, configuration, deployment, ok, problem, rollout, text};
use super::{Call, Own, command, parse};
use crate::cli::{Command, Line, without_empty};

#[tokio::test]
async fn with_json_the_bytes_are_those_of_the_api() {
    let odd = "{ \"items\" : [ ],\n  \"next_cursor\":null ,\"new\": 1.0}";
    for words in
        [&["status"][..], &["model", "list"], &["history"], &["configuration", "list", "iris"], &["logs", "iris"]]
    {
        let server = Server::start(move |_| text(200, "application/json", odd)).await;
        let outcome = server.run(&[words, &["--json"]].concat()).await;
        assert_eq!((outcome.status, outcome.out.as_str(), outcome.err.as_str()), (0, odd, ""), "{words:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_1_with_title_detail_and_code() {
    let refused = || problem(409, "operation_in_progress", "iris is being updated.\u{1b}[2J");
    let server = Server::start(move |_| refused()).await;
    let outcome = server.run(&["status"]).await;
    let expected = "error: It does not work\n  iris is being updated.\u{fffd}[2J\n  code: operation_in_progress\n  deployments: iris\n  operation: update\n";
    assert_eq!((outcome.status, outcome.out.as_str(), outcome.err.as_str()), (1, "", expected));

    let outcome = server.run(&["status", "--json"]).await;
    assert_eq!((outcome.status, outcome.err.as_str()), (1, expected));
    let body: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(body["code"], "operation_in_progress");
}

#[tokio::test]
async fn without_a_server_it_is_3_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let outcome = Call::new(&["status", "--data", data]).run().await;
    assert_eq!(outcome.status, 3);
    assert!(outcome.err.contains(data) && outcome.err.contains("changeover serve"), "{}", outcome.err);

    let server = Server::start(|_| text(200, "text/html", "<p>hello</p>")).await;
    server.stop();
    while tokio::net::TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let outcome = server.run(&["status"]).await;
    assert_eq!(outcome.status, 3, "{outcome:?}");
    assert!(outcome.err.contains(&server.url()) && outcome.err.contains("--server"), "{}", outcome.err);

    for other in [
        text(404, "text/html", "<p>not here</p>"),
        text(502, "text/plain", "bad gateway"),
        problem(404, "a_word_of_the_gateway", "no such deployment"),
    ] {
        let server = Server::start(move |_| other.clone()).await;
        let outcome = server.run(&["status"]).await;
        assert_eq!(outcome.status, 3, "{outcome:?}");
        assert!(outcome.err.contains("not as Changeover does"), "{}", outcome.err);
    }
}

#[tokio::test]
async fn an_answer_of_another_form_is_1() {
    let server =
        Server::start(|_| text(200, "application/json", r#"{"items":[{"name":"iris"}],"next_cursor":null}"#)).await;
    let outcome = server.run(&["status"]).await;
    assert_eq!(outcome.status, 1);
    assert!(outcome.err.contains("cannot be read"), "{}", outcome.err);
}

#[tokio::test]
async fn wrong_usage_is_2() {
    let words: &[&[&str]] = &[
        &["statuss"],
        &["update", "iris"],
        &["update", "iris", "--set", "replicas"],
        &["update", "iris", "--set", "a=1", "--set", "a=2"],
        &["update", "iris", "--set", "models=[]", "--model", "iris@2"],
        &["update", "iris", "--configuration", "c1", "--model", "iris@2"],
        &["update", "iris", "--model", "iris"],
        &["update", "iris", "--set", "a=1", "--max-surge", "101%"],
        &["update", "iris", "--set", "a=1", "--reason", "whim"],
        &["update", "iris", "--set", "a=1", "--dry-run", "--wait"],
        &["status", "a/b"],
        &["status", ".."],
        &["deploy", "Iris", "--file", "x"],
        &["deploy", "iris"],
        &["configuration", "create", "iris"],
        &["configuration", "create", "iris", "--from", "c1"],
        &["configuration", "create", "--from", "c1", "--set", "replicas=3"],
        &["deploy", "iris", "--configuration", "c1", "--file", "c.json"],
        &["deploy", "iris", "--configuration", "c1", "--default-access", "admin"],
        &["keys", "iris", "--regenerate", "third"],
        &["token", "iris", "--revoke", "--ttl", "1h"],
        &["rollback", "iris", "--to", "-1"],
        &["model", "register", "iris", "/", "--tag", "x"],
        &["model", "show", "iris@0"],
        &["model", "register", "iris"],
        &["model", "register", "iris", "x", "--url", "http://x"],
        &["model", "register", "iris", "x", "--kind", "pickle"],
        &["model", "register", "iris", "x", "--command", "python3 \"x"],
        &["model", "register", "iris", "x", "--command", "x", "--custom", "y"],
        &["model", "delete", "iris"],
        &["model", "client"],
        &["model", "client", "iris@1", "--language", "perl"],
        &["delete", "iris"],
        &["status", "--server", "localhost:7070"],
        &["status", "--server", "ftp://localhost:7070"],
        &["status", "--server", "https://localhost:7070", "--ca-file", "/nowhere.pem"],
        &["status", "--server", "http://me:s3cret@localhost"],
        &["status", "--token", "s3cret\n\nx"],
    ];
    let server = Server::start(|_| ok(&deployment(None))).await;
    for words in words {
        let named = words.contains(&"--server");
        let call = if named {
            Call::new(words)
        } else if words.contains(&"--token") {
            Call::new(&[words, &["--server", &server.url()][..]].concat())
        } else {
            server.call(words)
        };
        let outcome = call.run().await;
        assert_eq!(outcome.status, 2, "{words:?}: {outcome:?}");
        assert!(!outcome.err.is_empty() && !outcome.err.contains("s3cret"), "{words:?}: {}", outcome.err);
    }
    assert!(server.lines().iter().all(|line| line.starts_with("GET")), "{:?}", server.lines());
}

#[test]
fn a_command_that_asks_nobody_takes_no_server() {
    let words = |words: &[&str]| words.iter().map(Into::into).collect::<Vec<_>>();
    let good = parse::<Own>(command(), &words(&["changeover", "serve", "--data", "d"]));
    assert!(matches!(good, Ok(Line { .. })));
    for (name, flag) in [("serve", "--json"), ("serve", "--server=http://x"), ("inside", "--token=s3cret")] {
        for order in [[name, flag], [flag, name]] {
            let error = parse::<Own>(command(), &words(&["changeover", order[0], order[1]])).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            let error = error.to_string();
            assert!(error.contains("asks no server") && !error.contains("s3cret"), "{error}");
        }
    }
}

#[test]
fn a_wrong_value_from_the_environment_is_said_to_come_from_there() {
    const CHILD: &str = "CHANGEOVER_TESTS_CHILD";
    if std::env::var_os(CHILD).is_none() {
        // A process cannot safely change its own environment, so the test runs once more in one that has it.
        let name = "cli::tests::asking::a_wrong_value_from_the_environment_is_said_to_come_from_there";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", name]).env(CHILD, "1").env("CHANGEOVER_LISTEN", "here");
        child.envs(["GATEWAY", "GATEWAY_THREADS", "DATA", "TOKEN"].map(|name| (format!("CHANGEOVER_{name}"), "")));
        let output = child.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let error = |words: &[&str]| {
        let words: Vec<_> = words.iter().map(Into::into).collect();
        parse::<Own>(<Line<Own> as clap::CommandFactory>::command(), &words).unwrap_err().to_string()
    };
    let inherited = error(&["changeover", "serve"]);
    assert!(inherited.contains("environment variable CHANGEOVER_LISTEN"), "{inherited}");
    let typed = error(&["changeover", "serve", "--listen", "there"]);
    assert!(!typed.contains("environment variable"), "{typed}");
    // Set and empty is not set.
    let words = ["changeover", "serve", "--listen", "127.0.0.1:1"].map(Into::into);
    let line = parse::<Own>(without_empty(<Line<Own> as clap::CommandFactory>::command()), &words).unwrap();
    assert!(line.globals.data.is_none() && line.globals.token.is_none());
    let Command::Serve(settings) = line.command else { panic!("serve was asked for") };
    assert_eq!((settings.gateway, settings.gateway_threads), (None, None));
}

#[test]
fn help_is_shown_on_standard_output_and_is_no_failure() {
    clap::Command::debug_assert(command());
    let error = parse::<Own>(command(), &["changeover".into(), "update".into(), "--help".into()]).unwrap_err();
    assert_eq!((error.exit_code(), error.use_stderr()), (0, false));
    let help = error.to_string();
    assert!(help.contains("--on-top-of") && help.contains("scripts expect"), "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    let top = parse::<Own>(command(), &["changeover".into(), "--help".into()]).unwrap_err().to_string();
    assert!(top.contains("Exit status") && !top.contains("inside"), "{top}");
}

#[tokio::test]
async fn the_token_is_sent_and_never_shown() {
    let server = Server::start(|asked| match asked.line.starts_with("GET") {
        true => problem(401, "unauthenticated", "The token is not the one."),
        false => accepted(&rollout("pending", 0)),
    })
    .await;
    for words in [&["status"][..], &["rollback", "iris"], &["rollback", "iris"], &["status", "--json"]] {
        let outcome = server.run(words).await;
        assert!(!format!("{outcome:?}").contains("s3cret"), "{outcome:?}");
    }
    let asked = server.asked();
    assert!(asked.iter().all(|asked| asked.authorization.as_deref() == Some("Bearer s3cret")), "{asked:?}");
    let keys: BTreeSet<_> =
        asked.iter().filter(|asked| asked.line.starts_with("POST")).map(|a| &a.idempotency_key).collect();
    assert!(keys.len() == 2 && !keys.contains(&None), "every request to change has its own key: {keys:?}");
    let words = ["changeover", "status", "--token", "s3cret"].map(Into::into);
    assert!(!format!("{:?}", parse::<Own>(command(), &words)).contains("s3cret"));
}

#[tokio::test]
async fn the_running_local_server_is_found_and_its_token_goes_nowhere_else() {
    let list = ok(&serde_json::json!({"items": [], "next_cursor": null}));
    let (local, other) = (own_server(list.clone(), "s3cret").await, Server::start(move |_| list.clone()).await);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let running = serde_json::json!({"api": local.url(), "gateway": "http://127.0.0.1:7080", "pid": 1}).to_string();
    std::fs::write(folder.path().join("server.json"), running).unwrap();
    std::fs::write(folder.path().join("token"), "s3cret\n").unwrap();
    let _lock = held(folder.path());

    assert_eq!(Call::new(&["--data", data, "status"]).run().await.status, 0);
    assert_eq!(Call::new(&["status", "--data", data, "--server", &local.url()]).run().await.status, 0);
    assert_eq!(Call::new(&["status", "--data", data, "--server", &other.url()]).run().await.status, 0);
    let tokens = |server: &Server| server.asked().into_iter().map(|asked| asked.authorization).collect::<Vec<_>>();
    // Before each, it had to prove itself.
    assert_eq!(tokens(&local), [None, Some("Bearer s3cret".to_owned()), None, Some("Bearer s3cret".to_owned())]);
    assert_eq!(tokens(&other), [None]);
}

/// Answers `list`, and proves that it knows `token`.
async fn own_server(list: Told, token: &'static str) -> Server {
    let port = Arc::new(AtomicU16::new(0));
    let own = port.clone();
    let server = Server::start(move |asked| match asked.line.strip_prefix("GET /session/proof?nonce=") {
        Some(nonce) => {
            let nonce = hex::decode(nonce).unwrap().try_into().unwrap();
            ok(&serde_json::to_value(ProofKey::of(token).prove(own.load(Relaxed), &nonce)).unwrap())
        }
        None => list.clone(),
    })
    .await;
    port.store(server.address.port(), Relaxed);
    server
}

/// The lock that a server holds while it lives.
fn held(data: &Path) -> std::fs::File {
    let lock = std::fs::File::create(data.join("lock")).unwrap();
    lock.lock().unwrap();
    lock
}

#[tokio::test]
async fn whoever_answers_in_the_servers_place_never_sees_the_token() {
    let list = ok(&serde_json::json!({"items": [], "next_cursor": null}));
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("token"), "s3cret\n").unwrap();
    let announce = |server: &Server| {
        let running = serde_json::json!({"api": server.url(), "gateway": "http://127.0.0.1:7080", "pid": 1});
        std::fs::write(folder.path().join("server.json"), running.to_string()).unwrap();
    };
    let status = async |words: &[&str]| Call::new(&[&["status", "--data", data][..], words].concat()).run().await;
    let no_token = |server: &Server| {
        assert!(server.asked().iter().all(|asked| asked.authorization.is_none()), "{:?}", server.asked());
    };
    // The server has ended; somebody listens where it did, and would even pass questions on.
    let passing_on = own_server(list.clone(), "s3cret").await;
    announce(&passing_on);
    for words in [&[][..], &["--token", "s3cret"], &["--server", &passing_on.url()]] {
        let outcome = status(words).await;
        assert_eq!(outcome.status, 3, "{outcome:?}");
        assert!(outcome.err.contains("has ended"), "{}", outcome.err);
    }
    assert_eq!(passing_on.lines(), [""; 0], "it is asked nothing at all");
    // A server holds the directory, and somebody else answers where it is said to.
    let _lock = held(folder.path());
    let (wrong, silent) = (own_server(list.clone(), "guessed").await, Server::start(move |_| list.clone()).await);
    for stranger in [&wrong, &silent] {
        announce(stranger);
        let outcome = status(&[]).await;
        assert_eq!(outcome.status, 3, "{outcome:?}");
        assert!(outcome.err.contains("could not prove"), "{}", outcome.err);
        no_token(stranger);
    }
    // Who names both means that address.
    assert_eq!(status(&["--server", &silent.url(), "--token", "other"]).await.status, 0);
    assert_eq!(silent.asked().last().unwrap().authorization.as_deref(), Some("Bearer other"));
}

#[tokio::test]
async fn every_command_asks_for_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("c.toml");
    std::fs::write(&file, "models = [\"iris@1\"]\nreplicas = 5\n").unwrap();
    let file = file.to_str().unwrap();
    let table: &[(&[&str], &[&str])] = &[
        (&["model", "list", "-q", "ir is", "--limit", "5"], &["GET /models?limit=5&q=ir+is"]),
        (&["model", "show", "iris"], &["GET /models/iris"]),
        (&["model", "show", "iris@2"], &["GET /models/iris/versions/2"]),
        (&["model", "register", "far", "https://models.example/iris"], &["POST /models"]),
        (&["model", "delete", "iris@2"], &["DELETE /models/iris/versions/2"]),
        (&["model", "client", "iris@2"], &["GET /models/iris/versions/2/client?language=python"]),
        (
            &["model", "client", "iris@2", "--deployment", "d1", "--language", "curl"],
            &["GET /models/iris/versions/2/client?language=curl&deployment=d1"],
        ),
        (&["model", "client", "--deployment", "iris"], &["GET /deployments/iris/client?language=python"]),
        (&["configuration", "list", "iris", "--cursor", "x"], &["GET /deployments/iris/configurations?cursor=x"]),
        (&["configuration", "create", "iris", "--file", file], &["POST /deployments/iris/configurations"]),
        (&["configuration", "show", "c1", "--deployment", "iris"], &["GET /deployments/iris/configurations/c1"]),
        (&["deploy", "iris", "--file", file], &["POST /deployments"]),
        (&["status"], &["GET /deployments"]),
        (&["status", "iris"], &["GET /deployments/iris?include=revisions%2Creplicas"]),
        (&["logs", "iris", "--replica", "r1", "--limit", "9"], &["GET /deployments/iris/logs?replica=r1&limit=9"]),
        (
            &["logs", "iris", "--revision", "2", "--level", "error"],
            &["GET /deployments/iris/logs?revision=2&level=error"],
        ),
        (&["logs", "iris", "--requests"], &["GET /deployments/iris/logs?requests=true"]),
        (
            &["logs", "iris", "--predictions", "--follow"],
            &["GET /deployments/iris/logs?predictions=true&follow=true&cursors=true"],
        ),
        (&["logs", "iris", "--follow"], &["GET /deployments/iris/logs?follow=true&cursors=true"]),
        (&["keys", "iris"], &["GET /deployments/iris/keys"]),
        (&["keys", "iris", "--regenerate", "primary"], &["POST /deployments/iris/keys/primary/regenerate"]),
        (&["token", "iris", "--ttl", "10m"], &["POST /deployments/iris/tokens"]),
        (&["token", "iris", "--revoke"], &["DELETE /deployments/iris/tokens"]),
        (&["rollback", "iris", "--to", "1"], &["POST /deployments/iris/rollback"]),
        (&["pause", "iris"], &["GET /deployments/iris", "POST /deployments/iris/rollouts/3/pause"]),
        (&["resume", "iris"], &["GET /deployments/iris", "POST /deployments/iris/rollouts/3/resume"]),
        (&["cancel", "iris"], &["GET /deployments/iris", "POST /deployments/iris/rollouts/3/cancel"]),
        (&["delete", "iris", "--yes"], &["DELETE /deployments/iris"]),
        (&["history"], &["GET /history"]),
        (&["history", "iris", "--limit", "2"], &["GET /history?limit=2&deployment=iris"]),
        (&["history", "verify"], &["GET /history/verify"]),
        (&["history", "export"], &["GET /history/export"]),
    ];
    for (words, lines) in table {
        // The rest of the answer does not matter with --json.
        let server = Server::start(|asked| match asked.line.as_str() {
            "GET /history/verify" => text(
                200,
                "application/json",
                r#"{"intact":true,"entries":1,"first_broken":null,"problem":null,"head":null}"#,
            ),
            _ => ok(&deployment(Some(3))),
        })
        .await;
        let outcome = server.run(&[words, &["--json"][..]].concat()).await;
        assert_eq!(
            (outcome.status, server.lines()),
            (0, lines.iter().map(ToString::to_string).collect()),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn without_a_rollout_there_is_nothing_to_pause() {
    let server = Server::with(vec![("GET /deployments/iris", ok(&deployment(None)))]).await;
    let outcome = server.run(&["pause", "iris"]).await;
    assert_eq!(outcome.status, 1);
    assert!(outcome.err.contains("nothing to pause"), "{}", outcome.err);
}

#[tokio::test]
async fn a_configuration_is_found_without_naming_its_deployment() {
    let server = Server::with(vec![("GET /configurations/c1", ok(&configuration()))]).await;
    let found = server.run(&["configuration", "show", "c1"]).await;
    assert_eq!(found.status, 0, "{found:?}");
    assert!(found.out.starts_with("iris@1\n") && found.out.contains("\"max_queue_ms\": 500"), "{}", found.out);
    let missing = server.run(&["configuration", "show", "c9"]).await;
    assert_eq!(missing.status, 1);
    assert!(missing.err.contains("c9"), "{}", missing.err);
}

#[tokio::test]
async fn a_deployment_goes_only_after_its_name_was_typed() {
    let server = Server::with(vec![("DELETE /deployments/iris", accepted(&deployment(None)))]).await;
    for (typed, status) in [("\n", 1), ("y\n", 1), ("", 1), ("iris\n", 0)] {
        assert!(server.lines().is_empty());
        let outcome = server.call(&["delete", "iris"]).typing(typed).run().await;
        assert_eq!(outcome.status, status, "{typed:?}: {outcome:?}");
    }
    assert_eq!(server.lines(), ["DELETE /deployments/iris"]);
}
