//! Change requests: listed, shown, reviewed, applied, waited for.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::approvals::{ADA, BOB, HASH, holding, principals, request, stale_request};
use super::server::{Server, accepted, ok, problem, rollout};

const SHOW: &str = "GET /change-requests/r1";
const REVIEW: &str = "POST /change-requests/r1/reviews";

fn page(items: &[Value]) -> Value {
    json!({"items": items, "next_cursor": null})
}

#[tokio::test]
async fn requests_are_listed_with_what_they_wait_for() {
    let at =
        json!({"at": {"at": "2026-12-06T21:00:00Z", "zone": "Europe/Berlin", "not_after": "2026-12-06T22:00:00Z"}});
    let items = [
        request("open", json!({})),
        request(
            "changes_requested",
            json!({"policies": [{"id": "p1", "name": "Two eyes", "needed": 1, "given": [],
            "can_still": [], "blocked_by": [BOB], "met": false}]}),
        ),
        request("approved", json!({"waiting_for": "freeze", "freezes": [holding()]})),
        request("approved", json!({"apply": "by_hand", "policies": []})),
        request("scheduled", json!({"apply": at})),
        request("stale", json!({"moved": ["base.revision"]})),
        request("applied", json!({"ended": {"at": "2026-05-02T10:00:00Z", "rollout": 3}})),
        request("failed", json!({"ended": {"at": "2026-05-02T10:00:00Z", "problem": "No room."}})),
    ];
    let line = "GET /change-requests?for=all&state=live";
    let server = Server::with(vec![(line, ok(&page(&items))), principals()]).await;
    let outcome = server.run(&["requests"]).await;
    insta::assert_snapshot!(outcome.out, @"
    ID  CHANGE                              STATE                                                                  APPROVALS  ASKED BY
    r1  Replace iris@1 with iris@2 on iris  open and waits for approvals                                           1 of 2     Ada
    r1  Replace iris@1 with iris@2 on iris  open, with changes requested by Bob                                    0 of 1     Ada
    r1  Replace iris@1 with iris@2 on iris  approved and waits for the freeze Year's end (until 2026-12-31 23:00)  1 of 2     Ada
    r1  Replace iris@1 with iris@2 on iris  approved and waits for `changeover apply r1`                           -          Ada
    r1  Replace iris@1 with iris@2 on iris  scheduled for 2026-12-06 22:00 (Europe/Berlin)                         1 of 2     Ada
    r1  Replace iris@1 with iris@2 on iris  stale: the last good revision changed since                            1 of 2     Ada
    r1  Replace iris@1 with iris@2 on iris  applied as rollout 3                                                   1 of 2     Ada
    r1  Replace iris@1 with iris@2 on iris  failed: No room.                                                       1 of 2     Ada
    ");
    assert_eq!(server.lines(), [line, "GET /principals"], "names are asked for once");
}

#[tokio::test]
async fn the_list_is_chosen_by_the_server() {
    for (words, query) in [
        (&["--all"][..], "for=all&state=live"),
        (&["--mine"], "for=mine&state=live"),
        (&["--for-me"], "for=me&state=live"),
        (&["--mine", "--ended"], "for=mine&state=ended"),
        (&["iris", "--ended", "--limit", "2"], "for=all&state=ended&deployment=iris&limit=2"),
    ] {
        let server = Server::start(|_| ok(&page(&[]))).await;
        let outcome = server.run(&[&["requests"], words].concat()).await;
        assert_eq!((outcome.status, outcome.out.as_str()), (0, "No change requests.\n"));
        assert_eq!(server.lines()[0], format!("GET /change-requests?{query}"));
    }
    let server = Server::start(|_| ok(&page(&[]))).await;
    for wrong in [&["requests", "--mine", "--for-me"][..], &["requests", "--for-me", "--ended"]] {
        assert_eq!(server.run(wrong).await.status, 2, "{wrong:?}");
    }
}

#[tokio::test]
async fn one_request_is_shown_with_all_that_a_reviewer_needs() {
    let server = Server::with(vec![(SHOW, ok(&stale_request())), principals()]).await;
    insta::assert_snapshot!(server.run(&["requests", "show", "r1"]).await.out, @"
    Replace iris@1 with iris@2 on iris
    request     r1, version 2
    state       stale: the last good revision changed since
    deployment  iris, of high importance
    asked       2026-05-01 10:00 by Ada
    begins      as soon as it is approved and no freeze holds
    expires     2026-05-08 10:00, unless it has begun by then
    reason      accuracy: Better by a hair
    asked on    revision 2 with content aaaabbbbcccc, high importance
    now it is   revision 3 with content eeeeffff0000, high importance
    hash        0f343b0931126a20f133d67c2b018a3b1d3f8b1f0b6f1f3f6e5f0e0a3b4c5d6e

    Approvals
      Two eyes: 1 of 2, by Bob; Cat (disabled) can still approve

    What changes
      FIELD                  NOW  THEN  COST
      user_config.threshold  0.5  0.43  reconfigured in place

    How it moves
      Never fewer than 4 available, never more than 5 in all.
      Warning: 20 % of the capacity is missing meanwhile.

    VERSION  WRITTEN           BY   CHANGED  HASH          NOTE
    1        2026-05-01 10:00  Ada  -        0f343b093112  -
    2        2026-05-01 10:00  Ada  -        0f343b093112  -

    REVIEWED          BY              VERSION  VERDICT                                 COMMENT
    2026-05-01 11:00  Bob             1        approved (void: of an earlier version)  -
    2026-05-01 11:00  Cat (disabled)  2        comment                                 Why now?
    2026-05-01 11:00  Bob             2        approved                                Fine
    ");
    let values = json!({"rehearsal": null, "action": "settings",
        "values": {"importance": {"old": "low", "new": "high"}}});
    let server = Server::with(vec![(SHOW, ok(&request("open", values))), principals()]).await;
    let outcome = server.run(&["requests", "show", "r1"]).await;
    assert!(outcome.out.contains("importance  low     high"), "{}", outcome.out);
}

#[tokio::test]
async fn with_json_every_answer_is_the_servers_and_nobodys_name_is_asked_for() {
    let odd = "{ \"id\" : \"r1\",\n \"plan_hash\": 1.0}";
    for words in [
        &["requests"][..],
        &["requests", "show", "r1"],
        &["approve", "r1", "--hash", HASH],
        &["withdraw-review", "r1"],
        &["apply", "r1"],
        &["cancel-request", "r1"],
        &["rebase", "r1"],
        &["access", "iris"],
        &["access", "grant", "iris", "everyone", "user"],
        &["policies", "list"],
        &["policies", "match", "iris", "--action", "replace"],
        &["freeze", "list"],
        &["freeze", "on", "Now"],
        &["break-glass", "list"],
        &["break-glass", "acknowledge", "b1"],
    ] {
        let server = Server::start(move |_| super::server::text(200, "application/json", odd)).await;
        let outcome = server.run(&[words, &["--json"]].concat()).await;
        assert_eq!((outcome.status, outcome.out.as_str()), (0, odd), "{words:?}: {outcome:?}");
        assert_eq!(server.lines().len(), 1, "{words:?}");
    }
}

#[tokio::test]
async fn what_was_shown_is_what_is_approved() {
    let answers = || {
        let approved = request("approved", json!({"waiting_for": "operation"}));
        vec![(SHOW, ok(&request("open", json!({})))), (REVIEW, ok(&approved)), principals()]
    };
    let server = Server::with(answers()).await;
    let outcome = server.run(&["approve", "r1", "--comment", "Fine"]).await;
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.out.contains(HASH) && outcome.out.contains("Replace iris@1 with iris@2 on iris"), "{outcome:?}");
    assert!(outcome.out.contains("It is approved and waits for the operation in progress."), "{outcome:?}");
    assert_eq!(server.body(REVIEW), json!({"verdict": "approved", "plan_hash": HASH, "comment": "Fine"}));
    for (typed, words, status) in
        [("n\n", &[][..], 1), ("\n", &[], 1), ("y\n", &[], 0), ("", &["--yes"], 0), ("", &["--hash", "abc"], 0)]
    {
        let server = Server::with(answers()).await;
        let outcome = server.call(&[&["approve", "r1"], words].concat()).typing(typed).run().await;
        assert_eq!(outcome.status, status, "{typed:?} {words:?}: {outcome:?}");
        assert_eq!(server.lines().contains(&REVIEW.to_owned()), status == 0);
        if words.len() == 2 {
            assert!(!server.lines().contains(&SHOW.to_owned()), "nothing is read for a hash that is given");
            assert_eq!(server.body(REVIEW)["plan_hash"], "abc");
        }
    }
    let detail = "The request was edited in the meantime. Look at its current version first.";
    let server = Server::with(vec![(REVIEW, problem(409, "plan_changed", detail))]).await;
    let outcome = server.run(&["approve", "r1", "--hash", "old"]).await;
    assert!(outcome.status == 1 && outcome.err.contains(detail), "{outcome:?}");
}

#[tokio::test]
async fn every_word_about_a_request_asks_its_route() {
    let view = request("changes_requested", json!({}));
    let server = Server::start(move |asked| match asked.line.as_str() {
        "GET /principals" => principals().1,
        _ => ok(&view),
    })
    .await;
    let review = |verdict: &str| json!({"verdict": verdict, "plan_hash": HASH, "comment": "Not yet"});
    for (words, line, body) in [
        (&["request-changes", "r1", "--comment", "Not yet"][..], REVIEW, Some(review("changes_requested"))),
        (&["comment", "r1", "Not yet"], REVIEW, Some(review("comment"))),
        (&["withdraw-review", "r1"], "DELETE /change-requests/r1/reviews", None),
        (&["apply", "r1"], "POST /change-requests/r1/apply", Some(json!({}))),
        (&["cancel-request", "r1"], "POST /change-requests/r1/cancel", Some(json!({}))),
        (&["rebase", "r1"], "POST /change-requests/r1/rebase", Some(json!({}))),
    ] {
        let outcome = server.run(words).await;
        assert_eq!(outcome.status, 0, "{words:?}: {outcome:?}");
        assert!(outcome.out.contains("request r1"), "{}", outcome.out);
        let asked = server.asked().into_iter().rfind(|asked| asked.line == line).unwrap();
        if let Some(body) = body {
            assert_eq!(asked.json(), body, "{words:?}");
        }
    }
    assert_eq!(server.run(&["request-changes", "r1"]).await.status, 2, "without a comment nobody knows what to change");
}

#[tokio::test]
async fn a_wait_goes_on_from_the_request_to_what_it_has_become() {
    let ended = |more: Value| json!({"ended": more});
    let at = "2026-05-02T10:00:00Z";
    for (last, status, said) in [
        (request("applied", ended(json!({"at": at, "rollout": 3}))), 0, "rollout 3 of iris is completed"),
        (request("cancelled", ended(json!({"at": at}))), 1, "request r1 is cancelled"),
        (request("expired", ended(json!({"at": at}))), 1, "request r1 is expired"),
        (request("failed", ended(json!({"at": at, "problem": "No room."}))), 1, "request r1 is failed: No room."),
    ] {
        let looks = AtomicUsize::new(0);
        let server = Server::start(move |asked| match asked.line.as_str() {
            "GET /principals" => principals().1,
            "GET /deployments/iris/rollouts/3" => ok(&rollout("completed", 3)),
            SHOW => ok(&match looks.fetch_add(1, Ordering::Relaxed) {
                0 | 1 => request("open", json!({})),
                2 => request("approved", json!({"waiting_for": "freeze", "freezes": [holding()]})),
                _ => last.clone(),
            }),
            _ => accepted(&request("open", json!({}))),
        })
        .await;
        for words in
            [&["apply", "r1", "--wait"][..], &["update", "iris", "--set", "replicas=5", "--when-approved", "--wait"]]
        {
            let outcome = server.run(words).await;
            assert_eq!(outcome.status, status, "{words:?}: {outcome:?}");
            assert!(outcome.err.contains(said), "{words:?}: {}", outcome.err);
        }
        let outcome = server.run(&["apply", "r1", "--wait", "--json"]).await;
        assert!(serde_json::from_str::<Value>(&outcome.out).is_ok(), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_change_of_the_state_is_said_once_while_somebody_waits() {
    let looks = AtomicUsize::new(0);
    let server = Server::start(move |asked| match asked.line.as_str() {
        "GET /principals" => principals().1,
        _ => ok(&match looks.fetch_add(1, Ordering::Relaxed) {
            0..4 => request("open", json!({})),
            4..6 => request("stale", json!({"moved": ["base.revision"]})),
            _ => request("cancelled", json!({"ended": {"at": "2026-05-02T10:00:00Z"}})),
        }),
    })
    .await;
    let outcome = server.run(&["apply", "r1", "--wait"]).await;
    insta::assert_snapshot!(outcome.err, @"
    Request r1 is open and waits for approvals (1 of 2).
    Request r1 is stale: the last good revision changed since.
    error: request r1 is cancelled
    ");
}

#[tokio::test]
async fn a_wait_for_a_deletion_or_a_stop_ends_with_it() {
    let applied = |action: &str, values: Value| {
        request("applied", json!({"action": action, "values": values, "ended": {"at": "2026-05-02T10:00:00Z"}}))
    };
    let stops = json!({"target_status": {"old": "running", "new": "stopped"}});
    let mut stopped = super::server::deployment(None);
    (stopped["status"], stopped["target_status"]) = (json!("stopped"), json!("stopped"));
    for (words, view, now, said) in [
        (&["delete", "iris", "--yes", "--when-approved", "--wait"][..], applied("delete", json!({})), None, "is gone"),
        (&["deactivate", "iris", "--by-hand", "--wait"], applied("status", stops), Some(stopped), "is deactivated"),
    ] {
        let server = Server::start(move |asked| match asked.line.as_str() {
            "GET /principals" => principals().1,
            SHOW => ok(&view),
            "GET /deployments/iris" => {
                now.as_ref().map_or_else(|| problem(404, "not_found", "There is no such deployment."), ok)
            }
            _ => accepted(&request("open", json!({}))),
        })
        .await;
        let outcome = server.run(words).await;
        assert_eq!(outcome.status, 0, "{words:?}: {outcome:?}");
        assert!(format!("{}{}", outcome.out, outcome.err).contains(said), "{outcome:?}");
    }
}

#[tokio::test]
async fn whoever_acts_is_shown_by_name_in_the_history_too() {
    let entry = |actor: &str| {
        json!({"seq": 1, "at": "2026-05-01T10:00:00Z", "actor": actor, "deployment": null, "kind": "policy_deleted",
            "summary": "Deleted a policy", "event": {}, "hash": "h"})
    };
    let server = Server::with(vec![("GET /history", ok(&page(&[entry(ADA), entry("mallory")]))), principals()]).await;
    let outcome = server.run(&["history"]).await;
    let by: Vec<_> = outcome.out.lines().filter_map(|line| line.split_whitespace().nth(3)).collect();
    assert_eq!(by, ["WHAT", "Ada", "mallory"], "{}", outcome.out);
}

#[tokio::test]
async fn names_are_ids_where_the_server_tells_none() {
    let server = Server::with(vec![(SHOW, ok(&request("open", json!({}))))]).await;
    let outcome = server.run(&["requests", "show", "r1"]).await;
    assert!(outcome.status == 0 && outcome.out.contains(ADA), "{outcome:?}");
}

#[tokio::test]
async fn the_history_is_searched_by_words_people_and_times() {
    let found = json!({"items": [], "next_cursor": "7", "searched_to": "2026-05-01T10:00:00Z"});
    let server = Server::with(vec![
        (
            "GET /history?by=p-01hzx3k9d0q4w8r2t6y1v5b7n1&from=2026-05-01T10%3A00%3A00Z&engine=false&q=iris+drift",
            ok(&found),
        ),
        ("GET /history?by=changeover&kind=scaled", ok(&json!({"items": [], "next_cursor": null}))),
        principals(),
    ])
    .await;
    let by_ada = ["history", "-q", "iris drift", "--by", "Ada", "--from", "2026-05-01T10:00:00Z", "--engine", "false"];
    let outcome = server.run(&by_ada).await;
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(
        outcome.out.starts_with("No entry was found back to ") && outcome.out.contains("--cursor 7"),
        "{outcome:?}"
    );
    let outcome = server.run(&["history", "--by", "changeover", "--kind", "scaled"]).await;
    assert_eq!((outcome.status, outcome.out.as_str()), (0, "No entry was found.\n"));
    for wrong in [&["history", "--from", "yesterday"][..], &["history", "--engine", "some"]] {
        assert_eq!(server.run(wrong).await.status, 2, "{wrong:?}");
    }
}
