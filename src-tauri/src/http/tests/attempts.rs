//! Limits on attempts: by account, which waits longer each time, and by source. Whoever has the right token comes in.

use std::time::Duration;

use serde_json::{Value, json};

use super::door::{Who, password};
use super::rig::{Reply, Rig, TOKEN, rig};

async fn try_password(rig: &Rig, who: &Who, email: &str, password: &str) -> Reply {
    rig.by(who, "POST", "/session", json!({"email": email, "password": password})).await
}

fn waits(reply: &Reply) -> u64 {
    reply.refused(429, "too_many_attempts");
    let seconds: u64 = reply.header("retry-after").parse().unwrap();
    assert_eq!(reply.json()["retry_after_seconds"], seconds);
    seconds
}

#[tokio::test(start_paused = true)]
async fn an_account_waits_longer_after_each_failure_and_no_longer_after_success() {
    let rig = rig();
    rig.person("ada", "viewer").await;
    let nobody = Who::nobody();
    let mut seen = Vec::new();
    for n in 0..4 {
        // Each from somewhere else: it is the account that waits.
        let from = nobody.clone().from(&format!("198.51.100.{n}"));
        try_password(&rig, &from, "ADA@example.org ", "not the right one").await.refused(401, "unauthenticated");
        seen.push(waits(&try_password(&rig, &from, "ada@example.org", &password("ada")).await));
        tokio::time::advance(Duration::from_secs(seen[n])).await;
    }
    assert_eq!(seen, [1, 2, 4, 8]);
    try_password(&rig, &nobody, "ada@example.org", &password("ada")).await.is(200);
    try_password(&rig, &nobody, "ada@example.org", "not the right one").await.refused(401, "unauthenticated");
    assert_eq!(waits(&try_password(&rig, &nobody, "ada@example.org", "not the right one").await), 1);
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_not_there_waits_costs_and_says_the_same() {
    let rig = rig();
    rig.person("ada", "viewer").await;
    let mut told = Vec::new();
    for email in ["ada@example.org", "nobody@example.org"] {
        let before = rig.api.password_runs();
        let reply = try_password(&rig, &Who::nobody(), email, "not the right one").await;
        assert_eq!(rig.api.password_runs() - before, 1, "{email}");
        told.push(reply.refused(401, "unauthenticated"));
        assert_eq!(waits(&try_password(&rig, &Who::nobody(), email, "not the right one").await), 1);
        assert_eq!(rig.api.password_runs() - before, 1, "nothing is hashed for whoever has to wait");
    }
    told.push(rig.by(&Who::nobody(), "POST", "/session", json!({"token": "wrong"})).await.json());
    told.push(rig.by(&Who::nobody(), "POST", "/session", json!({"admin_link": "wrong"})).await.json());
    assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_source_has_twenty_failures_a_minute_and_the_right_token_always_opens() {
    let rig = rig();
    let (here, there) = (Who::bearer("wrong").from("198.51.100.1"), Who::bearer("wrong").from("198.51.100.2"));
    for n in 0..20 {
        let reply = match n % 2 {
            0 => rig.read_by(&here, "/session").await,
            _ => rig.by(&Who::nobody().from("198.51.100.1"), "POST", "/session", json!({"token": "wrong"})).await,
        };
        reply.refused(401, "unauthenticated");
    }
    assert_eq!(waits(&rig.read_by(&here, "/session").await), 60);
    let nobody = Who::nobody().from("198.51.100.1");
    assert_eq!(waits(&rig.by(&nobody, "POST", "/session", json!({"token": "wrong"})).await), 60);
    assert_eq!(waits(&try_password(&rig, &nobody, "ada@example.org", "whatever").await), 60);
    assert_eq!(waits(&rig.by(&nobody, "POST", "/invitations/peek", json!({"secret": "wrong"})).await), 60);
    rig.read_by(&there, "/session").await.refused(401, "unauthenticated");
    rig.read_by(&Who::local().from("198.51.100.1"), "/session").await.is(200);
    rig.by(&nobody, "POST", "/session", json!({"token": TOKEN})).await.is(200);
    tokio::time::advance(Duration::from_secs(60)).await;
    rig.read_by(&here, "/session").await.refused(401, "unauthenticated");
}

#[tokio::test(start_paused = true)]
async fn many_attempts_at_once_are_no_way_around_the_limit() {
    let rig = rig();
    rig.person("ada", "viewer").await;
    let before = rig.api.password_runs();
    let tries = (0..10).map(|n| {
        let from = Who::nobody().from(&format!("198.51.100.{n}"));
        let rig = &rig;
        async move { try_password(rig, &from, "ada@example.org", "not the right one").await.status.as_u16() }
    });
    let mut found = futures_util::future::join_all(tries).await;
    found.sort_unstable();
    assert_eq!(found, [vec![401], vec![429; 9]].concat());
    assert_eq!(rig.api.password_runs() - before, 1);
}

#[tokio::test]
async fn one_way_of_signing_in_is_shown_at_a_time() {
    let rig = rig();
    for body in [
        json!({}),
        json!({"email": "a@b"}),
        json!({"password": "x"}),
        json!({"token": TOKEN, "admin_link": "x"}),
        json!({"token": TOKEN, "email": "a@b", "password": "x"}),
    ] {
        assert_eq!(
            rig.by(&Who::nobody(), "POST", "/session", body).await.refused(422, "invalid_field")["field"],
            "token"
        );
    }
    let _: Value = rig.by(&Who::nobody(), "POST", "/session", json!({"token": TOKEN})).await.is(200);
}
