//! The health routes and the numbers that other programs watch.

use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use domain::replica::{Intent, Observed};
use jiff::Timestamp;

use super::rig::{HOST, rig};

fn without_token(path: &str) -> Request<Body> {
    Request::get(path).header("host", HOST).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn alive_and_ready_need_no_token() {
    let rig = rig();
    assert_eq!(rig.send(without_token("/healthz")).await.is(200)["status"], "ok");
    assert_eq!(rig.send(without_token("/readyz")).await.is(200)["status"], "ok");
    rig.live.not_ready.store(true, Ordering::Relaxed);
    assert_eq!(rig.send(without_token("/readyz")).await.is(503)["status"], "not_ready");
    assert_eq!(rig.send(without_token("/healthz")).await.is(200)["status"], "ok");
}

#[tokio::test]
async fn prometheus_reads_deployments_replicas_and_requests() {
    let rig = rig();
    rig.running().await;
    rig.replica("r1", Intent::Run, Observed::Ready { since: Timestamp::now() });
    rig.send(without_token("/metrics")).await.refused(401, "unauthenticated");
    let reply = rig.get("//metrics").await;
    assert!(reply.header("content-type").starts_with("text/plain; version=0.0.4"));
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    for line in [
        "# TYPE changeover_deployments gauge",
        "changeover_deployments{status=\"running\"} 1",
        "changeover_replicas{deployment=\"iris\",state=\"ready\"} 1",
        "changeover_requests_answered_total{deployment=\"iris\",revision=\"1\"} 10",
        "changeover_requests_failed_total{deployment=\"iris\",revision=\"1\"} 1",
        "changeover_requests_failed_total{deployment=\"iris\",revision=\"\"} 2",
        "# TYPE changeover_request_duration_seconds histogram",
        "changeover_request_duration_seconds_bucket{deployment=\"iris\",revision=\"1\",le=\"0.001\"} 4",
        "changeover_request_duration_seconds_bucket{deployment=\"iris\",revision=\"1\",le=\"0.01\"} 7",
        "changeover_request_duration_seconds_bucket{deployment=\"iris\",revision=\"1\",le=\"10\"} 7",
        "changeover_request_duration_seconds_bucket{deployment=\"iris\",revision=\"1\",le=\"+Inf\"} 11",
        "changeover_request_duration_seconds_sum{deployment=\"iris\",revision=\"1\"} 61.5",
        "changeover_request_duration_seconds_count{deployment=\"iris\",revision=\"1\"} 11",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
}
