//! Policies, freezes, roles on deployments, and uses of break-glass.

use serde_json::{Value, json};

use super::approvals::{ADA, BOB, CAT, RISK, matched, principals};
use super::server::{Server, deployment, ok};

fn page(item: &Value) -> Value {
    json!({"items": [item], "next_cursor": null})
}

fn policy() -> Value {
    let terms = json!({"name": "Two eyes", "active": true, "actions": ["replace", "delete"],
        "importance": "above_moderate", "requesters": [], "reviewers": [RISK], "approvals": 2, "reminder": "1d",
        "expires": {"after": "7d", "action": "cancel"}, "approval_valid_for": "14d"});
    json!({"policy": {"id": "p1", "terms": terms}, "sentence": "Replacing on high or critical needs 2 approvals of Risk",
        "reviewers": [ADA, CAT], "open_requests": 1})
}

fn freeze(scope: &Value, when: &Value, holds: &Value) -> Value {
    let terms = json!({"name": "Year's end", "reason": "Nobody is there", "scope": scope, "when": when});
    json!({"freeze": {"id": "f1", "terms": terms}, "holds": holds,
        "next": {"from": "2026-12-06T21:00:00Z", "to": "2026-12-07T05:00:00Z"},
        "deployments": ["iris", "rose"], "waiting": 1})
}

#[tokio::test]
async fn policies_are_listed_shown_and_tried() {
    let server = Server::with(vec![
        ("GET /policies", ok(&page(&policy()))),
        ("GET /policies/p1", ok(&policy())),
        ("POST /policies/match", ok(&matched())),
        principals(),
    ])
    .await;
    let mut all = String::new();
    for words in
        [&["policies", "list"][..], &["policies", "show", "p1"], &["policies", "match", "iris", "--action", "replace"]]
    {
        let outcome = server.run(words).await;
        assert_eq!(outcome.status, 0, "{outcome:?}");
        all.push_str(&format!("$ {}\n{}", words.join(" "), outcome.out));
    }
    insta::assert_snapshot!(all, @"
    $ policies list
    ID  NAME      ACTIVE  OPEN REQUESTS  POLICY
    p1  Two eyes  yes     1              Replacing on high or critical needs 2 approvals of Risk
    $ policies show p1
    Two eyes
    id                      p1
    policy                  Replacing on high or critical needs 2 approvals of Risk
    active                  yes
    actions                 replace, delete
    importance              above moderate
    changes of              everybody
    reviewers               Risk
    approvals               2
    an approval counts for  14d
    a request expires       after 7d
    reviewers are reminded  after 1d
    who may review now      Ada, Cat (disabled)
    open requests           1
    $ policies match iris --action replace
    Two eyes (p1) needs 2 approvals; Bob, Cat (disabled) can give one.
    It is held by the freeze Year's end (until 2026-12-31 23:00), f1.
    Deletions (p2): The policy is not for the action replace.
    Open requests: r1.
    You may override this with --break-glass REASON and --overriding ID.
    ");
    assert_eq!(
        server.body("POST /policies/match"),
        json!({"deployment": "iris", "action": "replace", "importance": null})
    );
}

#[tokio::test]
async fn terms_are_sent_as_they_stand_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("terms.json");
    let file = path.to_str().unwrap();
    let odd = json!({"name": "x", "a_field_of_tomorrow": 1});
    let shown = json!({"policy": {"id": "p1", "terms": odd}, "freeze": {"id": "f1", "terms": odd}});
    for content in [&odd, &shown] {
        std::fs::write(&path, content.to_string()).unwrap();
        for (words, line, answer) in [
            (&["policies", "create", "--file", file][..], "POST /policies", policy()),
            (&["policies", "change", "p1", "--file", file], "PUT /policies/p1", policy()),
            (
                &["freeze", "create", "--file", file],
                "POST /freezes",
                freeze(&json!("all"), &json!({"switch": {}}), &Value::Null),
            ),
        ] {
            let server = Server::with(vec![(line, ok(&answer))]).await;
            let outcome = server.run(words).await;
            assert_eq!((outcome.status, server.body(line)), (0, odd.clone()), "{words:?}: {outcome:?}");
        }
    }
    let server = Server::with(vec![("DELETE /policies/p1", ok(&policy()))]).await;
    let outcome = server.run(&["policies", "delete", "p1"]).await;
    assert!(outcome.status == 0 && outcome.out.starts_with("Deleted policy p1 (Two eyes)"), "{outcome:?}");
}

#[tokio::test]
async fn freezes_are_listed_and_shown() {
    let weekly = json!({"weekly": {"days": ["friday", "saturday"], "from": "22:00:00", "to": "06:00:00", "days_later": 1,
        "zone": "Europe/Berlin"}});
    let once = json!({"once": {"from": "2026-12-24T00:00:00", "to": "2027-01-02T00:00:00", "zone": "Europe/Berlin"}});
    let until = json!({"until": "2026-12-31T23:00:00Z"});
    let preview = json!({"from": "2026-03-28T22:00:00", "to": "2026-03-29T06:00:00",
        "instants": {"from": "2026-03-28T21:00:00Z", "to": "2026-03-29T04:00:00Z"}, "clock_change": "shortened"});
    let mut all = String::new();
    for (scope, when, holds) in [
        (json!("all"), weekly, Value::Null),
        (json!({"importance": ["critical", "high"]}), once, until.clone()),
        (json!({"deployments": ["d1", "d2", "d3"]}), json!({"switch": {"until": null}}), json!({"until": null})),
    ] {
        let view = freeze(&scope, &when, &holds);
        let server = Server::with(vec![
            ("GET /freezes", ok(&page(&view))),
            ("GET /freezes/f1", ok(&view)),
            ("GET /freezes/f1/occurrences", ok(&json!({"items": [preview]}))),
            ("POST /freezes/f1/lift", ok(&view)),
            ("DELETE /freezes/f1", ok(&view)),
        ])
        .await;
        for words in [&["list"][..], &["show", "f1"], &["occurrences", "f1"], &["lift", "f1"], &["delete", "f1"]] {
            let outcome = server.run(&[&["freeze"], words].concat()).await;
            assert_eq!(outcome.status, 0, "{outcome:?}");
            all.push_str(&format!("$ freeze {}\n{}", words.join(" "), outcome.out));
        }
    }
    insta::assert_snapshot!(all, @"
    $ freeze list
    ID  NAME        NOW            NEXT              FOR               WAITING
    f1  Year's end  does not hold  2026-12-06 21:00  every deployment  1
    $ freeze show f1
    Year's end
    id           f1
    now          does not hold
    times        every friday, saturday, 22:00 to 06:00 of the next day (Europe/Berlin)
    next         2026-12-06 21:00 to 2026-12-07 05:00
    for          every deployment
    deployments  iris, rose
    waiting      1 request
    reason       Nobody is there
    $ freeze occurrences f1
    FROM                  TO                    FROM, HERE        TO, HERE          REMARK
    Sat 2026-03-28 22:00  Sun 2026-03-29 06:00  2026-03-28 21:00  2026-03-29 04:00  The clocks change meanwhile: it is 1h shorter.
    $ freeze lift f1
    Lifted freeze f1 (Year's end) for every deployment: it does not hold.
    $ freeze delete f1
    Deleted freeze f1 (Year's end).
    $ freeze list
    ID  NAME        NOW                           NEXT              FOR                                       WAITING
    f1  Year's end  holds until 2026-12-31 23:00  2026-12-06 21:00  deployments of critical, high importance  1
    $ freeze show f1
    Year's end
    id           f1
    now          holds until 2026-12-31 23:00
    times        once, 2026-12-24 00:00 to 2027-01-02 00:00 (Europe/Berlin)
    next         2026-12-06 21:00 to 2026-12-07 05:00
    for          deployments of critical, high importance
    deployments  iris, rose
    waiting      1 request
    reason       Nobody is there
    $ freeze occurrences f1
    FROM                  TO                    FROM, HERE        TO, HERE          REMARK
    Sat 2026-03-28 22:00  Sun 2026-03-29 06:00  2026-03-28 21:00  2026-03-29 04:00  The clocks change meanwhile: it is 1h shorter.
    $ freeze lift f1
    Lifted freeze f1 (Year's end) for deployments of critical, high importance: it holds until 2026-12-31 23:00.
    $ freeze delete f1
    Deleted freeze f1 (Year's end).
    $ freeze list
    ID  NAME        NOW                       NEXT              FOR                    WAITING
    f1  Year's end  holds until it is lifted  2026-12-06 21:00  iris, rose and 1 more  1
    $ freeze show f1
    Year's end
    id           f1
    now          holds until it is lifted
    times        a switch, on until it is lifted
    next         2026-12-06 21:00 to 2026-12-07 05:00
    for          iris, rose and 1 more
    deployments  iris, rose
    waiting      1 request
    reason       Nobody is there
    $ freeze occurrences f1
    FROM                  TO                    FROM, HERE        TO, HERE          REMARK
    Sat 2026-03-28 22:00  Sun 2026-03-29 06:00  2026-03-28 21:00  2026-03-29 04:00  The clocks change meanwhile: it is 1h shorter.
    $ freeze lift f1
    Lifted freeze f1 (Year's end) for iris, rose and 1 more: it holds until it is lifted.
    $ freeze delete f1
    Deleted freeze f1 (Year's end).
    ");
}

#[tokio::test]
async fn a_switch_is_turned_on_for_what_was_named() {
    let view = freeze(&json!("all"), &json!({"switch": {"until": null}}), &json!({"until": null}));
    let server =
        Server::with(vec![("POST /freezes", ok(&view)), ("GET /deployments/iris", ok(&deployment(None)))]).await;
    for (words, scope, until) in [
        (&[][..], json!("all"), Value::Null),
        (
            &["--importance", "high", "--importance", "critical"],
            json!({"importance": ["critical", "high"]}),
            Value::Null,
        ),
        // A name means the deployment of now, also once another one has it.
        (&["--deployment", "iris"], json!({"deployments": ["d1"]}), Value::Null),
        (&["--until", "2026-12-06T22:00:00+01:00"], json!("all"), json!("2026-12-06T21:00:00Z")),
        (&["--until", "2026-12-06T22:00"], json!("all"), json!("2026-12-06T22:00:00Z")),
    ] {
        let outcome = server.run(&[&["freeze", "on", "Now", "--reason", "So"], words].concat()).await;
        assert_eq!(outcome.status, 0, "{words:?}: {outcome:?}");
        let sent = server.asked().into_iter().rfind(|asked| asked.line == "POST /freezes").unwrap().json();
        let expected = json!({"name": "Now", "reason": "So", "scope": scope, "when": {"switch": {"until": until}}});
        assert_eq!(sent, expected, "{words:?}");
    }
    assert_eq!(server.run(&["freeze", "on", "Now", "--until", "tomorrow"]).await.status, 2);
}

#[tokio::test]
async fn roles_are_shown_given_and_taken_back_by_name() {
    let grant = |principal: &str, role: &str, by: &str| json!({"principal": principal, "role": role, "by": by, "at": "2026-05-01T10:00:00Z"});
    let view = json!({"grants": [grant(ADA, "owner", "mallory"), grant(RISK, "user", ADA), grant("everyone", "consumer", BOB)],
        "administrators": [ADA, CAT], "may_give": "owner"});
    let (show, change) = ("GET /deployments/iris/access", "PATCH /deployments/iris/access");
    let server = Server::with(vec![(show, ok(&view)), (change, ok(&view)), principals()]).await;
    insta::assert_snapshot!(server.run(&["access", "iris"]).await.out, @"
    NAME      KIND      ROLE      GIVEN             BY       ID
    Ada       person    owner     2026-05-01 10:00  mallory  p-01hzx3k9d0q4w8r2t6y1v5b7n1
    Risk      group     user      2026-05-01 10:00  Ada      g-01hzx3k9d0q4w8r2t6y1v5b7n4
    everyone  everyone  consumer  2026-05-01 10:00  Bob      everyone
    Administrators count as owners: Ada, Cat (disabled).
    You may give roles up to owner.
    ");
    for (words, given, said) in [
        (
            &["grant", "iris", "Risk", "owner"][..],
            json!({"principal": RISK, "role": "owner"}),
            "Risk has the role owner",
        ),
        (&["grant", "iris", BOB, "user"], json!({"principal": BOB, "role": "user"}), "Bob has the role user on iris"),
        (&["revoke", "iris", "everyone"], json!({"principal": "everyone", "role": null}), "everyone was given no role"),
        (&["revoke", "iris", "Cat"], json!({"principal": CAT, "role": null}), "Cat (disabled) was given no role"),
    ] {
        let outcome = server.run(&[&["access"], words].concat()).await;
        assert!(outcome.status == 0 && outcome.out.contains(said), "{words:?}: {outcome:?}");
        let sent = server.asked().into_iter().rfind(|asked| asked.line == change).unwrap().json();
        assert_eq!(sent, given, "{words:?}");
    }
    let before = server.lines().iter().filter(|line| *line == change).count();
    for (name, said) in [("Bob", BOB), ("Nobody", "nobody is called")] {
        let outcome = server.run(&["access", "grant", "iris", name, "owner"]).await;
        assert!(outcome.status == 1 && outcome.err.contains(said), "{outcome:?}");
    }
    assert_eq!(server.lines().iter().filter(|line| *line == change).count(), before, "nobody was given anything");
    for wrong in [&["access"][..], &["access", "grant", "iris", "Risk", "king"], &["access", "revoke", "iris"]] {
        assert_eq!(server.run(wrong).await.status, 2, "{wrong:?}");
    }
}

#[tokio::test]
async fn uses_of_break_glass_are_listed_and_acknowledged() {
    let used = |acknowledged: Value| {
        json!({"id": "b1", "deployment": "d1", "deployment_name": "iris", "action": "replace", "person": ADA,
            "reason": "The model answers nonsense", "policies": ["p1", "p2"], "freezes": ["f1"],
            "at": "2026-05-01T10:00:00Z", "acknowledged": acknowledged,
            "may_acknowledge": {"allowed": true, "why": null}})
    };
    let seen = used(json!({"by": BOB, "at": "2026-05-01T11:00:00Z"}));
    let server = Server::with(vec![
        ("GET /break-glass", ok(&json!({"items": [used(Value::Null), seen], "next_cursor": "b0"}))),
        ("GET /break-glass?limit=1&open=true", ok(&json!({"items": [], "next_cursor": null}))),
        ("POST /break-glass/b1/acknowledge", ok(&seen)),
        principals(),
    ])
    .await;
    let mut all = server.run(&["break-glass", "list"]).await.out;
    all.push_str(&server.run(&["break-glass", "list", "--open", "--limit", "1"]).await.out);
    all.push_str(&server.run(&["break-glass", "acknowledge", "b1"]).await.out);
    insta::assert_snapshot!(all, @"
    ID  TIME              BY   DEPLOYMENT  ACTION   OVERRODE              ACKNOWLEDGED  REASON
    b1  2026-05-01 10:00  Ada  iris        replace  2 policies, 1 freeze  not yet       The model answers nonsense
    b1  2026-05-01 10:00  Ada  iris        replace  2 policies, 1 freeze  by Bob        The model answers nonsense
    More with --cursor b0
    Nobody has broken the glass.
    Acknowledged that Ada overrode what held iris (replace).
    ");
}
