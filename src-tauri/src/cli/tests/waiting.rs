//! Waiting: how each ending is judged, what is shown meanwhile, and a server that goes away.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::server::{Asked, Server, Told, accepted, deployment, ok, problem, rollout, text};
use super::{Call, Outcome};

/// Answers the rollout phase by phase, the last one again and again.
fn phases(phases: &'static [(&'static str, usize)]) -> impl Fn(&Asked) -> Told + Send + Sync {
    let next = AtomicUsize::new(0);
    move |asked| match asked.line.as_str() {
        "GET /deployments/iris/rollouts/3" => {
            let at = next.fetch_add(1, Ordering::Relaxed).min(phases.len() - 1);
            ok(&rollout(phases[at].0, phases[at].1))
        }
        "GET /deployments/iris" => ok(&deployment(Some(3))),
        line if line.starts_with("POST") => accepted(&rollout("pending", 0)),
        line => panic!("{line}"),
    }
}

#[tokio::test]
async fn only_completed_is_a_success() {
    for (script, status, said) in [
        (&[("pending", 0), ("rolling", 1), ("rolling", 2), ("completed", 3)][..], 0, ""),
        (&[("rolling", 1), ("reverting", 2), ("reverted", 3)], 4, "reverted: no replica became ready within 600 s"),
        (&[("rolling", 1), ("superseded", 1)], 1, "ended superseded"),
        (&[("reverting", 1), ("cancelled", 1)], 1, "ended cancelled"),
        (&[("reverting", 1), ("revert_failed", 1)], 1, "ended revert_failed"),
        (&[("rolling", 1), ("failed", 1)], 1, "ended failed"),
    ] {
        for words in [
            &["update", "iris", "--set", "replicas=5", "--wait"][..],
            &["rollback", "iris", "--wait"],
            &["wait", "iris"],
        ] {
            let server = Server::start(phases(script)).await;
            let outcome = server.run(words).await;
            assert_eq!(outcome.status, status, "{words:?}: {outcome:?}");
            assert!(outcome.err.contains(said), "{words:?}: {}", outcome.err);
        }
    }
}

#[tokio::test]
async fn every_step_is_shown_once_and_the_receipt_at_the_end() {
    let script = &[("pending", 0), ("rolling", 1), ("rolling", 1), ("rolling", 2), ("completed", 3)];
    let server = Server::start(phases(script)).await;
    let outcome = server.run(&["wait", "iris"]).await;
    insta::assert_snapshot!(outcome.err, @"
    rollout 3 of iris is pending
    rollout 3 of iris is rolling
    10:00:00  start       one more may run (r0)
    10:00:01  drain       4 are available (r1)
    10:00:02  stop        it is drained (r2)
    rollout 3 of iris is completed
    ");
    insta::assert_snapshot!(outcome.out, @"
    Rollout 3 of iris (revision 2 → 3): completed after 3.4 s
      2041 answered, 0 failed, 1 retried, 12 drained (longest 35 ms)
      revision 2: 1000 answered, 0 failed, 1 retried, 12 drained (longest 35 ms)
      revision 3: 1041 answered, 0 failed, 0 retried, 0 drained
    ");
    let server = Server::start(phases(script)).await;
    let outcome = server.run(&["wait", "iris", "--json"]).await;
    assert_eq!(outcome.out, rollout("completed", 3).to_string());
}

#[tokio::test]
async fn with_nothing_in_progress_the_last_rollout_counts() {
    for (last, status, said) in [("completed", 0, ""), ("reverted", 4, "error: rollout 3 of iris ended reverted")] {
        let server = Server::with(vec![
            ("GET /deployments/iris", ok(&deployment(None))),
            ("GET /deployments/iris/rollouts?limit=1", ok(&json!({"items": [rollout(last, 1)], "next_cursor": "2"}))),
            ("GET /deployments/iris/rollouts/3", ok(&rollout(last, 1))),
        ])
        .await;
        let outcome = server.run(&["wait", "iris"]).await;
        assert_eq!(outcome.status, status, "{outcome:?}");
        assert!(outcome.err.starts_with(said) && !outcome.err.contains("one more may run"), "{}", outcome.err);
    }
}

/// A rollout that ada has paused, as it is read again and again.
fn paused(asked: &Asked) -> Told {
    let mut view = rollout("paused", 1);
    view["steps"][0] = json!({"kind": "pause", "reason": "by ada", "at": "2024-05-01T10:00:00Z", "replica": null});
    match asked.line.as_str() {
        "GET /deployments/iris/rollouts/3" => ok(&view),
        "GET /deployments/iris" => ok(&deployment(Some(3))),
        line if line.starts_with("POST") => accepted(&rollout("pending", 0)),
        line => panic!("{line}"),
    }
}

#[tokio::test]
async fn a_paused_rollout_ends_the_waiting_where_that_was_asked_for() {
    for words in [
        &["wait", "iris", "--until", "paused"][..],
        &["update", "iris", "--set", "replicas=5", "--wait", "--until", "paused"],
        &["rollback", "iris", "--wait", "--until", "paused"],
    ] {
        let outcome = Server::start(paused).await.run(words).await;
        assert_eq!(outcome.status, 5, "{words:?}: {outcome:?}");
        assert!(outcome.err.ends_with("error: Rollout 3 of iris is paused by ada\n"), "{words:?}: {}", outcome.err);
        assert!(outcome.out.starts_with("Rollout 3 of iris (revision 2 → 3): paused"), "{}", outcome.out);
    }
    // One that is not paused any more when it is looked at is waited for as ever.
    let server = Server::start(phases(&[("rolling", 1), ("completed", 3)])).await;
    assert_eq!(server.run(&["wait", "iris", "--until", "paused"]).await.status, 0);
}

#[tokio::test]
async fn a_wait_ends_when_its_time_is_over_and_says_what_goes_on() {
    let outcome = Server::start(paused).await.run(&["wait", "iris", "--timeout", "1"]).await;
    assert_eq!(outcome.status, 6, "{outcome:?}");
    let goes_on = "Rollout 3 of iris is paused by ada; `changeover resume iris` lets it go on. Waiting for that.\n";
    assert_eq!(outcome.err.matches(goes_on).count(), 1, "{}", outcome.err);
    assert!(
        outcome.err.contains("error: the 1 s of --timeout are over. Rollout 3 of iris is paused by ada"),
        "{}",
        outcome.err
    );

    let mut leaving: Value = deployment(None);
    leaving["target_status"] = "deleted".into();
    let deleting = move |_: &Asked| accepted(&leaving);
    let outcome = Server::start(deleting).await.run(&["delete", "iris", "--yes", "--wait", "--timeout", "1"]).await;
    assert_eq!(
        (outcome.status, outcome.err.as_str()),
        (6, "error: the 1 s of --timeout are over. iris is still being removed\n")
    );

    // One time for everything: this server takes connections and answers nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let outcome = Call::new(&["wait", "iris", "--timeout", "1", "--server", &url, "--token", "t"]).run().await;
    let said = "error: the 1 s of --timeout are over. The operation in progress on iris goes on\n";
    assert_eq!((outcome.status, outcome.err.as_str()), (6, said));

    let never = |_: &Asked| text(200, "application/x-ndjson", "{\"next_cursor\":\"r1:1\"}\n");
    let outcome = Server::start(never).await.run(&["logs", "iris", "--follow", "--timeout", "1"]).await;
    assert_eq!(
        (outcome.status, outcome.err.as_str()),
        (6, "error: the 1 s of --timeout are over. The deployment iris writes on\n")
    );
}

#[tokio::test]
async fn what_says_how_to_wait_is_of_no_use_without_waiting() {
    let server = Server::with(vec![]).await;
    for words in [
        &["update", "iris", "--set", "replicas=5", "--timeout", "9"][..],
        &["rollback", "iris", "--until", "paused"],
        &["activate", "iris", "--until", "over"],
        &["deactivate", "iris", "--timeout", "9"],
        &["delete", "iris", "--yes", "--timeout", "9"],
        &["logs", "iris", "--timeout", "9"],
    ] {
        let outcome = server.run(words).await;
        assert_eq!(outcome.status, 2, "{words:?}: {outcome:?}");
        assert!(outcome.err.contains("says how --wait waits") || outcome.err.contains("--follow"), "{}", outcome.err);
    }
    assert_eq!(server.lines(), [""; 0], "nothing was asked");
}

#[tokio::test]
async fn a_removal_is_waited_for_until_the_name_is_unknown() {
    let looks = AtomicUsize::new(0);
    let server = Server::start(move |asked| {
        let mut leaving: Value = deployment(None);
        leaving["target_status"] = "deleted".into();
        match (asked.line.as_str(), looks.fetch_add(1, Ordering::Relaxed)) {
            (_, 0..3) => accepted(&leaving),
            (_, _) => problem(404, "not_found", "There is no deployment iris."),
        }
    })
    .await;
    let outcome = server.run(&["delete", "iris", "--yes", "--wait"]).await;
    assert_eq!((outcome.status, outcome.err.as_str()), (0, "iris is gone.\n"), "{outcome:?}");
    assert_eq!(server.lines().len(), 4);
}

#[tokio::test]
async fn a_deactivation_is_waited_for_until_nothing_runs() {
    for words in [&["deactivate", "iris", "--wait"][..], &["wait", "iris"]] {
        let looks = AtomicUsize::new(0);
        let server = Server::start(move |_| {
            let mut view = deployment(None);
            view["target_status"] = "stopped".into();
            view["status"] = if looks.fetch_add(1, Ordering::Relaxed) < 3 { "stopping" } else { "stopped" }.into();
            accepted(&view)
        })
        .await;
        let outcome = server.run(words).await;
        let said = "iris is deactivated; `changeover activate iris` brings it back.\n";
        assert_eq!((outcome.status, outcome.out.as_str()), (0, said), "{outcome:?}");
        assert!(server.lines().len() >= 4, "{:?}", server.lines());
    }
    let server = Server::with(vec![
        ("POST /deployments/iris/deactivate", accepted(&deployment(None))),
        ("GET /deployments/iris", ok(&deployment(None))),
    ])
    .await;
    let outcome = server.run(&["deactivate", "iris", "--wait"]).await;
    assert!(outcome.status == 1 && outcome.err.contains("is to be running now"), "{outcome:?}");
}

/// Runs the call to its end; `other` must be over before.
async fn meanwhile<T>(call: Call, other: impl Future<Output = T>) -> (Outcome, T) {
    let mut running = std::pin::pin!(call.run());
    let other = tokio::select! {
        outcome = &mut running => panic!("it ended too early: {outcome:?}"),
        other = other => other,
    };
    (running.await, other)
}

#[tokio::test]
async fn a_server_that_comes_back_elsewhere_is_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let announce = |server: &Server| {
        let running = json!({"api": server.url(), "gateway": "http://127.0.0.1:7080", "pid": 1}).to_string();
        std::fs::write(folder.path().join("server.json"), running).unwrap();
    };
    let first = Server::start(phases(&[("rolling", 1)])).await;
    announce(&first);
    let call = Call::new(&["wait", "iris", "--data", folder.path().to_str().unwrap()]);
    let shown = call.err.clone();
    let restart = async {
        while !shown.text().contains("start ") {
            tokio::task::yield_now().await;
        }
        first.stop();
        while !shown.text().contains("does not answer") {
            tokio::task::yield_now().await;
        }
        let second = Server::start(phases(&[("rolling", 2), ("completed", 3)])).await;
        announce(&second);
        second
    };
    let (outcome, _second) = meanwhile(call, restart).await;
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert_eq!(outcome.err.matches("start ").count(), 1, "{}", outcome.err);
}

#[tokio::test]
async fn a_server_that_has_too_much_to_do_is_asked_again() {
    for (status, code) in [(503, "too_many_connections"), (503, "too_many_streams"), (408, "request_timeout")] {
        let (looks, script) = (AtomicUsize::new(0), phases(&[("rolling", 1), ("rolling", 1), ("completed", 3)]));
        let server = Server::start(move |asked| match looks.fetch_add(1, Ordering::Relaxed) {
            2 | 3 => problem(status, code, "Too much at once."),
            _ => script(asked),
        })
        .await;
        let outcome = server.run(&["wait", "iris"]).await;
        assert_eq!(outcome.status, 0, "{outcome:?}");
        assert_eq!(outcome.err.matches("Too much at once. Asking again.\n").count(), 1, "{}", outcome.err);
    }
    let server = Server::start(|_| problem(503, "too_many_connections", "Too much at once.")).await;
    let mut call = server.call(&["wait", "iris"]);
    call.pace.patience = Duration::from_millis(5);
    let outcome = call.run().await;
    assert!(outcome.status == 1 && outcome.err.contains("error: It does not work\n"), "{outcome:?}");
    // What is no question is sent once.
    let server = Server::start(|_| problem(503, "too_many_connections", "Too much at once.")).await;
    assert_eq!(server.run(&["pause", "iris"]).await.status, 1);
    assert_eq!(server.lines().len(), 1);
}

#[tokio::test]
async fn a_server_that_stays_away_ends_the_waiting() {
    let server = Server::start(phases(&[("rolling", 1)])).await;
    let mut call = server.call(&["wait", "iris"]);
    call.pace.patience = Duration::from_millis(5);
    let shown = call.err.clone();
    let stop = async {
        while !shown.text().contains("start ") {
            tokio::task::yield_now().await;
        }
        server.stop();
    };
    let (outcome, ()) = meanwhile(call, stop).await;
    assert_eq!(outcome.status, 3, "{outcome:?}");
    assert!(outcome.err.contains("no server answers"), "{}", outcome.err);
}
