//! Sessions: listed, ended one by one and by time; and what goes on without an end goes with them.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::door::{Who, password};
use super::rig::{Rig, rig};

async fn sign_in(rig: &Rig, name: &str) -> Who {
    let body = json!({"email": format!("{name}@example.org"), "password": password(name)});
    Who::came_in(&rig.by(&Who::nobody(), "POST", "/session", body).await)
}

fn ids(list: &Value) -> Vec<String> {
    list["items"].as_array().unwrap().iter().map(|session| session["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn ones_own_are_listed_and_ended_and_nobody_elses() {
    let rig = rig();
    let (ada, _) = rig.person("ada", "viewer").await;
    let (eve, _) = rig.person("eve", "admin").await;
    let second = sign_in(&rig, "ada").await;
    let third = sign_in(&rig, "ada").await;
    let list = rig.read_by(&ada, "/sessions").await.is(200);
    let all = ids(&list);
    assert_eq!(all.len(), 3);
    assert_eq!((&list["items"][0]["is_this"], &list["items"][1]["is_this"]), (&json!(true), &json!(false)));
    assert_eq!((&list["items"][0]["with"], &list["items"][1]["with"]), (&json!("invitation"), &json!("password")));
    let second_path = format!("/sessions/{}", all[1]);
    rig.by(&eve, "DELETE", &second_path, Value::Null).await.refused(404, "not_found");
    assert_eq!(rig.by(&ada, "DELETE", &second_path, Value::Null).await.status, 204);
    rig.by(&ada, "DELETE", &second_path, Value::Null).await.refused(404, "not_found");
    rig.read_by(&second, "/session").await.refused(401, "unauthenticated");
    assert_eq!(rig.by(&ada, "DELETE", "/sessions", Value::Null).await.status, 204);
    rig.read_by(&third, "/session").await.refused(401, "unauthenticated");
    assert_eq!(ids(&rig.read_by(&ada, "/sessions").await.is(200)), [all[0].clone()]);
    rig.read_by(&eve, "/session").await.is(200);
}

#[tokio::test(start_paused = true)]
async fn one_ends_after_a_week_without_use_and_after_thirty_days() {
    let rig = rig();
    let (idle, _) = rig.person("ada", "viewer").await;
    let used = sign_in(&rig, "ada").await;
    let day = Duration::from_secs(86_400);
    for n in 1..=30 {
        tokio::time::advance(day).await;
        let reply = rig.read_by(&used, "/session").await;
        assert_eq!(reply.status, if n < 30 { 200 } else { 401 }, "day {n}");
        // That it was used is noted beside the request.
        while n < 30 && !was_seen(&rig) {
            tokio::task::yield_now().await;
        }
        if n == 7 {
            rig.read_by(&idle, "/session").await.refused(401, "unauthenticated");
        }
    }
}

/// True once the newest use of a session was noted.
fn was_seen(rig: &Rig) -> bool {
    let sessions = rig.store.read(|reading| reading.sessions()).unwrap();
    sessions.iter().any(|session| rig.now().duration_since(session.span.seen_at).as_secs() < 60)
}

#[tokio::test(start_paused = true)]
async fn its_use_is_noted_once_a_minute() {
    let rig = rig();
    let (ada, _) = rig.person("ada", "viewer").await;
    let seen = || rig.store.read(|reading| reading.sessions()).unwrap()[0].span.seen_at;
    let first = seen();
    rig.read_by(&ada, "/session").await.is(200);
    tokio::time::advance(Duration::from_secs(59)).await;
    rig.read_by(&ada, "/session").await.is(200);
    assert_eq!(seen(), first);
    tokio::time::advance(Duration::from_secs(1)).await;
    rig.read_by(&ada, "/session").await.is(200);
    while seen() == first {
        tokio::task::yield_now().await;
    }
    assert_eq!(seen().duration_since(first).as_secs(), 60);
}

/// An answer without an end, which `who` gets.
async fn follow(rig: &Rig, who: &Who, path: &str) -> Body {
    let response = rig.router.clone().oneshot(rig.request_by(who, "GET", path, Value::Null)).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body()
}

/// Reads it to its end, which must come.
async fn ends(body: Body) {
    tokio::time::timeout(Duration::from_secs(3_600), body.collect()).await.expect("it goes on").unwrap();
}

#[tokio::test(start_paused = true)]
async fn streams_end_with_what_let_somebody_in() {
    let rig = rig();
    rig.running().await;
    let (ada, id) = rig.person("ada", "editor").await;
    let events = follow(&rig, &ada, "/events").await;
    let logs = follow(&rig, &ada, "/deployments/iris/logs?follow=true").await;
    let other = sign_in(&rig, "ada").await;
    let others = follow(&rig, &other, "/events").await;
    let token = rig.by(&ada, "POST", "/tokens", json!({"name": "x", "scopes": ["read"]})).await.is(201);
    let by_token = follow(&rig, &Who::bearer(token["token"].as_str().unwrap()), "/events").await;
    assert_eq!(rig.by(&ada, "DELETE", "/session", Value::Null).await.status, 204);
    ends(events).await;
    ends(logs).await;
    let path = format!("/tokens/{}", token["id"].as_str().unwrap());
    assert_eq!(rig.by(&other, "DELETE", &path, Value::Null).await.status, 204);
    ends(by_token).await;
    rig.by(&Who::local(), "POST", &format!("/people/{id}/disable"), json!({})).await.is(200);
    ends(others).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_session_also_by_time_and_the_machines_does_not() {
    let rig = rig();
    let (ada, _) = rig.person("ada", "viewer").await;
    let (hers, local) = (follow(&rig, &ada, "/events").await, follow(&rig, &Who::local(), "/events").await);
    tokio::time::advance(Duration::from_secs(8 * 86_400)).await;
    ends(hers).await;
    let goes_on = tokio::time::timeout(Duration::from_secs(600), local.collect()).await;
    assert!(goes_on.is_err());
}

#[tokio::test]
async fn who_has_too_many_loses_the_one_that_was_unused_longest() {
    let rig = rig();
    let enter = async || {
        let body = json!({"token": super::rig::TOKEN});
        Who::came_in(&rig.by(&Who::nobody(), "POST", "/session", body).await)
    };
    let first = enter().await;
    for _ in 0..50 {
        enter().await;
    }
    rig.read_by(&first, "/session").await.refused(401, "unauthenticated");
    assert_eq!(rig.store.read(|reading| reading.sessions()).unwrap().len(), 50);
}
