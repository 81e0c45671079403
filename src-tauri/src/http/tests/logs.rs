//! The output of replicas, and the records of their requests.

use axum::body::Body;
use domain::output::stamp;
use domain::replica::{Intent, Observed};
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::rig::{Rig, request, rig, rig_with};
use crate::api::{Bounds, RecordKind};

pub(super) async fn with_output() -> Rig {
    logged(rig()).await
}

async fn logged(rig: Rig) -> Rig {
    rig.running().await;
    for id in ["r1", "r2"] {
        rig.replica(id, Intent::Run, Observed::Unknown);
        write(&rig, id, &["one", "two", "three"]);
    }
    rig
}

/// Writes lines of a replica: its first in the first second of 2026, each a second after the one before.
pub(super) fn write(rig: &Rig, replica: &str, lines: &[&str]) {
    let mut logs = rig.live.logs.lock().unwrap();
    let known = logs.entry(replica.parse().unwrap()).or_default();
    for line in lines {
        let at = Timestamp::new(1_767_225_600 + known.len() as i64, 0).unwrap();
        known.push(format!("{}{line}", stamp(at, None)));
    }
}

pub(super) fn lines(list: &Value) -> Vec<String> {
    let line = |line: &Value| format!("{}:{}", line["replica"].as_str().unwrap(), line["line"].as_str().unwrap());
    list["items"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn the_newest_lines_are_shown_by_replica() {
    let rig = with_output().await;
    rig.replica("silent", Intent::Run, Observed::Unknown);
    let all = rig.get("/deployments/iris/logs").await.is(200);
    assert_eq!(lines(&all), ["r1:one", "r2:one", "r1:two", "r2:two", "r1:three", "r2:three"], "by their times");
    let newest = rig.get("/deployments/iris/logs?limit=3").await.is(200);
    assert_eq!(lines(&newest), ["r2:two", "r1:three", "r2:three"]);
    let one = rig.get("/deployments/iris/logs?replica=r2&limit=2").await.is(200);
    assert_eq!((lines(&one), &one["next_cursor"]), (vec!["r2:two".to_owned(), "r2:three".to_owned()], &json!("r2:3")));
    rig.get("/deployments/iris/logs?replica=r9").await.refused(404, "not_found");
    rig.get("/deployments/iris/logs?replica=../x").await.refused(422, "invalid_field");
    rig.get("/deployments/iris/logs?follow=maybe").await.refused(422, "invalid_field");
    rig.get("/deployments/rose/logs").await.refused(404, "not_found");
}

#[tokio::test]
async fn what_was_written_since_is_read_without_gap_or_repeat() {
    let rig = with_output().await;
    let since = |cursor: &Value, more: &str| format!("/deployments/iris/logs?since={}{more}", cursor.as_str().unwrap());
    let first = rig.get("/deployments/iris/logs?limit=2").await.is(200);
    let nothing = rig.get(&since(&first["next_cursor"], "")).await.is(200);
    assert_eq!((lines(&nothing), &nothing["next_cursor"]), (vec![], &first["next_cursor"]));
    write(&rig, "r2", &["four"]);
    write(&rig, "r3", &["hello"]);
    rig.replica("r3", Intent::Run, Observed::Unknown);
    let some = rig.get(&since(&first["next_cursor"], "&limit=1")).await.is(200);
    assert_eq!(lines(&some), ["r2:four"]);
    let rest = rig.get(&since(&some["next_cursor"], "&limit=1")).await.is(200);
    assert_eq!(lines(&rest), ["r3:hello"]);
    assert_eq!(lines(&rig.get(&since(&rest["next_cursor"], "")).await.is(200)), [""; 0]);
    assert_eq!(lines(&rig.get(&since(&first["next_cursor"], "&replica=r2")).await.is(200)), ["r2:four"]);
    for wrong in ["2026-01-01T00:00:00Z", "7"] {
        let problem = rig.get(&format!("/deployments/iris/logs?since={wrong}")).await.refused(422, "invalid_field");
        assert!(problem["detail"].as_str().unwrap().contains("no time"), "{problem}");
    }
}

/// The lines of the next chunk; none at the end.
async fn next(body: &mut Body) -> Option<Vec<String>> {
    let chunk = body.frame().await?.unwrap().into_data().unwrap();
    let text = String::from_utf8(chunk.to_vec()).unwrap();
    let items: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    Some(lines(&json!({ "items": items })))
}

#[tokio::test]
async fn lines_are_followed_as_they_are_written_also_those_of_new_replicas() {
    let rig = with_output().await;
    let request = request("GET", "/deployments/iris/logs?follow=true&limit=2").body(Body::empty()).unwrap();
    let response = rig.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/x-ndjson");
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await.unwrap(), ["r1:three", "r2:three"]);
    write(&rig, "r2", &["four"]);
    assert_eq!(next(&mut body).await.unwrap(), ["r2:four"]);
    write(&rig, "r3", &["hello"]);
    rig.replica("r3", Intent::Run, Observed::Unknown);
    assert_eq!(next(&mut body).await.unwrap(), ["r3:hello"]);
    rig.stopping.cancel();
    assert_eq!(next(&mut body).await, None, "it ends so that the server can");
}

#[tokio::test]
async fn followers_are_bounded() {
    let rig = logged(rig_with(Bounds { streams: 1, ..Bounds::default() })).await;
    let path = "/deployments/iris/logs?follow=true";
    let first = rig.router.clone().oneshot(request("GET", path).body(Body::empty()).unwrap()).await.unwrap();
    rig.get(path).await.refused(503, "too_many_streams");
    drop(first);
    let second = rig.router.clone().oneshot(request("GET", path).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(second.status(), 200);
}

fn keep(rig: &Rig, kind: RecordKind, line: &str) {
    rig.live.records.lock().unwrap().push((kind, line.to_owned()));
}

#[tokio::test]
async fn what_was_kept_of_requests_is_shown_as_it_is() {
    let rig = with_output().await;
    let of = |kind: &str| format!("/deployments/iris/logs?{kind}=true");
    assert_eq!(rig.get(&of("requests")).await.is(200)["items"], json!([]));
    for path in ["/1", "/2", "/3"] {
        keep(&rig, RecordKind::Requests, &format!("{{\"path\":\"{path}\",\"ms\":1.50}}"));
    }
    keep(&rig, RecordKind::Predictions, "{\"input\":{}}");
    let reply = rig.get(&(of("requests") + "&limit=2")).await;
    assert_eq!(reply.is(200)["items"], json!([{"path": "/2", "ms": 1.5}, {"path": "/3", "ms": 1.5}]));
    assert!(String::from_utf8_lossy(&reply.body).contains("1.50"), "not written anew");
    assert_eq!(rig.get(&of("predictions")).await.is(200)["items"], json!([{"input": {}}]));
    for wrong in ["requests=true&predictions=true", "requests=true&replica=r1", "requests=yes"] {
        rig.get(&format!("/deployments/iris/logs?{wrong}")).await.refused(422, "invalid_field");
    }
    rig.get("/deployments/rose/logs?requests=true").await.refused(404, "not_found");
}

#[tokio::test]
async fn requests_are_followed_as_they_are_kept_until_the_deployment_is_gone() {
    let rig = with_output().await;
    keep(&rig, RecordKind::Requests, "{\"path\":\"/1\"}");
    let asked = request("GET", "/deployments/iris/logs?requests=true&follow=true").body(Body::empty()).unwrap();
    let mut body = rig.router.clone().oneshot(asked).await.unwrap().into_body();
    let mut next = async || {
        let frame = body.frame().await?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    };
    assert_eq!(next().await.unwrap(), "{\"path\":\"/1\"}\n");
    keep(&rig, RecordKind::Requests, "{\"path\":\"/2\"}");
    keep(&rig, RecordKind::Predictions, "{}");
    assert_eq!(next().await.unwrap(), "{\"path\":\"/2\"}\n");
    rig.write(|writing, id| {
        let name = "iris".parse().unwrap();
        writing.append(Some(id), domain::event::Event::DeploymentDeleted { name }).unwrap();
    });
    assert_eq!(next().await, None);
}

#[tokio::test]
async fn followers_are_told_where_to_read_on_after_a_break() {
    let rig = with_output().await;
    keep(&rig, RecordKind::Requests, "{\"path\":\"/1\"}");
    let chunks = async |query: &str, count: usize| {
        let path = format!("/deployments/iris/logs?follow=true&cursors=true{query}");
        let asked = request("GET", &path).body(Body::empty()).unwrap();
        let response = rig.router.clone().oneshot(asked).await.unwrap();
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let mut body = response.into_body();
        let mut text = String::new();
        for _ in 0..count {
            text += std::str::from_utf8(&body.frame().await.unwrap().unwrap().into_data().unwrap()).unwrap();
        }
        text
    };
    let line = |number: u32, text: &str| {
        let at = format!("\"at\":\"2026-01-01T00:00:{:02}Z\",\"level\":null", number - 1);
        let by = format!("\"replica\":\"r1\",\"revision\":1,\"position\":{number}");
        format!("{{{at},{by},\"line\":\"{text}\"}}\n")
    };
    let one = line(3, "three");
    let first = chunks("&replica=r1&limit=1", 1).await;
    assert_eq!(first, format!("{one}{{\"next_cursor\":\"r1:3\"}}\n"));
    write(&rig, "r1", &["four"]);
    let rest = chunks("&replica=r1&since=r1:3", 1).await;
    assert_eq!(rest, format!("{}{{\"next_cursor\":\"r1:4\"}}\n", line(4, "four")));
    // Where there is nothing new, it is said all the same where that is.
    assert_eq!(chunks("&replica=r1&since=r1:4", 1).await, "{\"next_cursor\":\"r1:4\"}\n");

    let first = chunks("&requests=true", 1).await;
    assert_eq!(first, "{\"path\":\"/1\"}\n{\"next_cursor\":\"requests:1\"}\n");
    keep(&rig, RecordKind::Requests, "{\"path\":\"/2\"}");
    let rest = chunks("&requests=true&since=requests:1", 1).await;
    assert_eq!(rest, "{\"path\":\"/2\"}\n{\"next_cursor\":\"requests:2\"}\n");
    let page = rig.get("/deployments/iris/logs?requests=true&since=requests:1").await.is(200);
    assert_eq!((&page["items"], &page["next_cursor"]), (&json!([{"path": "/2"}]), &json!("requests:2")));
    rig.get("/deployments/iris/logs?requests=true&since=predictions:1").await.refused(422, "invalid_field");
}
