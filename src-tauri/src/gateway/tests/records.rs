//! Records of requests: a line for each, whatever became of it, and nothing that is nobody's business.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use axum::body::Body;
use domain::wire::{Content, PredictionLine, RequestLine, RequestOutcome};
use http::{HeaderMap, Method, Response};
use http_body_util::BodyExt;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::kit::*;
use crate::clock::Clock;
use crate::gateway::deployment::{Deployment, Endpoint};
use crate::gateway::note::Note;
use crate::gateway::records::channel;
use crate::gateway::route::Keeps;
use crate::gateway::{CallerSecret, Credential, Gateway, RecordKind, RecordSettings, Route, Settings};

fn keeping(change: impl FnOnce(&mut RecordSettings)) -> (Gateway, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut records = RecordSettings::in_folder(folder.path().join("records"));
    change(&mut records);
    let gateway = Gateway::start(Settings { records: Some(records), ..settings() }).unwrap();
    (gateway, folder)
}

fn logged(replicas: &[&Replica]) -> Route {
    Route { request_log: true, ..route(replicas) }
}

fn lines(gateway: &Gateway, kind: RecordKind) -> Vec<String> {
    gateway.newest_records(&iris(), kind, usize::MAX).unwrap().0
}

/// The request log, once it has so many lines.
async fn requests(gateway: &Gateway, count: usize) -> Vec<RequestLine> {
    until("the lines are written", || lines(gateway, RecordKind::Requests).len() >= count).await;
    let lines = lines(gateway, RecordKind::Requests);
    assert_eq!(lines.len(), count, "{lines:#?}");
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn predictions(gateway: &Gateway, count: usize) -> Vec<PredictionLine> {
    until("the lines are written", || lines(gateway, RecordKind::Predictions).len() >= count).await;
    lines(gateway, RecordKind::Predictions).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A replica that answers with what it was sent, twice, and with the status that its path names.
fn doubling(id: &str, revision: u32) -> Replica {
    Replica::new(id, revision, |request| {
        let status = request.uri().path().trim_start_matches('/').parse().unwrap_or(200);
        Box::pin(async move {
            let body = request.into_body().collect().await.unwrap().to_bytes();
            Response::builder()
                .status(status)
                .header("content-type", "application/json")
                .body(Body::from([&body[..], &body[..]].concat()))
                .unwrap()
        })
    })
}

#[tokio::test]
async fn every_request_has_a_line_with_what_the_client_saw() {
    let (gateway, _folder) = keeping(|_| ());
    let replica = doubling("a", 3);
    gateway.publish(&iris(), logged(&[&replica]));
    let client = client();
    let post = client.post(url(&gateway, "iris/200?api_key=s3cret")).header("x-api-key", "s3cret").body("12345");
    assert_eq!(post.send().await.unwrap().bytes().await.unwrap().len(), 10);
    assert_eq!(client.get(url(&gateway, "iris/500")).send().await.unwrap().status(), 500);
    assert_eq!(client.get(url(&gateway, "iris/404")).send().await.unwrap().status(), 404);
    let found = requests(&gateway, 3).await;
    let first = &found[0];
    assert_eq!((first.method.as_str(), first.path.as_str(), first.status), ("POST", "/200", Some(200)));
    assert_eq!((first.bytes_in, first.bytes_out, first.outcome), (5, 10, RequestOutcome::Answered));
    assert_eq!((first.revision, first.replica.as_ref()), (Some(replica.entry.revision), Some(replica.id())));
    assert!(first.ms > 0.0 && first.lost == 0 && first.code.is_none(), "{first:?}");
    let ends: Vec<_> = found.iter().map(|line| (line.status, line.outcome)).collect();
    let (answered, failed) = (RequestOutcome::Answered, RequestOutcome::Failed);
    assert_eq!(ends, [(Some(200), answered), (Some(500), failed), (Some(404), answered)]);
    let text = lines(&gateway, RecordKind::Requests).concat();
    assert!(!text.contains("s3cret"), "{text}");
    assert!(lines(&gateway, RecordKind::Predictions).is_empty(), "not asked for");
}

#[tokio::test]
async fn a_request_that_was_not_answered_says_why() {
    let (gateway, _folder) = keeping(|_| ());
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    let credential = || Credential::Keys([CallerSecret::new("k"), CallerSecret::new("l")]);
    let publish = |active, scoring_timeout| {
        let route = Route { active, scoring_timeout, credential: credential(), ..logged(&[&replica]) };
        gateway.publish(&iris(), route);
    };
    let ask = |key: &'static str| client().post(url(&gateway, "iris/x")).header("x-api-key", key).body("{}").send();
    publish(true, Duration::from_millis(20));
    assert_eq!(ask("s3cret").await.unwrap().status(), 401);
    let late = ask("k").await.unwrap();
    assert_eq!(late.status(), 504);
    let length = late.content_length().unwrap();
    publish(false, Duration::from_millis(20));
    assert_eq!(ask("k").await.unwrap().status(), 503);
    publish(true, Duration::from_secs(60));
    let mut socket = TcpStream::connect(gateway.local_addr()).await.unwrap();
    socket.write_all(b"GET /iris/gone HTTP/1.1\r\nhost: x\r\nx-api-key: k\r\n\r\n").await.unwrap();
    until("it is asked", || replica.requests() == 2 && replica.seen.in_flight.load(SeqCst) > 0).await;
    drop(socket);
    let found = requests(&gateway, 4).await;
    let ends: Vec<_> =
        found.iter().map(|line| (line.status, line.outcome, line.code.as_deref(), line.replica.is_some())).collect();
    let (refused, failed) = (RequestOutcome::Refused, RequestOutcome::Failed);
    assert_eq!(
        ends,
        [
            (Some(401), refused, Some("credential_wrong"), false),
            (Some(504), failed, Some("scoring_timeout"), true),
            (Some(503), failed, Some("deactivated"), false),
            (None, RequestOutcome::Left, None, true),
        ]
    );
    assert_eq!(found[1].bytes_out, length);
    assert!(!lines(&gateway, RecordKind::Requests).concat().contains("s3cret"));
}

#[tokio::test]
async fn an_answer_that_is_cut_is_a_line_too() {
    let (gateway, _folder) = keeping(|_| ());
    let broken = Replica::bytes("a", 1, |mut socket, _| async move {
        let mut asked = [0; 1024];
        let _ = socket.read(&mut asked).await;
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345").await;
    });
    gateway.publish(&iris(), logged(&[&broken]));
    let answer = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert!(answer.bytes().await.is_err());
    let line = &requests(&gateway, 1).await[0];
    assert_eq!((line.status, line.bytes_out, line.outcome), (Some(200), 5, RequestOutcome::Cut));
}

#[tokio::test]
async fn predictions_are_kept_with_what_was_asked_and_answered() {
    let (gateway, _folder) = keeping(|records| records.body_bytes = 20);
    let replica = doubling("a", 2);
    gateway.publish(&iris(), Route { data_collection: true, ..route(&[&replica]) });
    let client = client();
    let post = |path: &str, body: &'static str| {
        client.post(url(&gateway, path)).header("content-type", "application/json").body(body).send()
    };
    assert_eq!(post("iris/v2", "[1.5]").await.unwrap().status(), 200);
    assert_eq!(post("iris/400", "[2]").await.unwrap().status(), 400, "no prediction");
    assert_eq!(client.get(url(&gateway, "iris/v2")).send().await.unwrap().status(), 200, "no prediction");
    assert_eq!(post("iris/v2", "[\"0123456789\"]").await.unwrap().status(), 200);
    let found = predictions(&gateway, 2).await;
    assert_eq!(found.len(), 2, "{found:#?}");
    let (input, output) = (&found[0].input, &found[0].output);
    assert_eq!((&input.content, input.bytes), (&Content::Json(serde_json::json!([1.5])), 5));
    assert_eq!(input.media_type.as_deref(), Some("application/json"));
    assert_eq!((&output.content, output.bytes), (&Content::Text("[1.5][1.5]".to_owned()), 10), "no JSON");
    assert_eq!((found[0].revision, &found[0].replica), (replica.entry.revision, replica.id()));
    let long = &found[1].output;
    assert_eq!((long.bytes, long.complete), (28, false));
    assert_eq!(long.content, Content::Text("[\"0123456789\"][\"0123".to_owned()));
    assert!(lines(&gateway, RecordKind::Requests).is_empty(), "not asked for");
}

#[tokio::test]
async fn a_request_and_its_prediction_have_one_name_and_names_ascend() {
    let (gateway, _folder) = keeping(|_| ());
    let replica = doubling("a", 2);
    gateway.publish(&iris(), Route { request_log: true, data_collection: true, ..route(&[&replica]) });
    let client = client();
    for (path, body) in [("iris/200", "1"), ("iris/400", "2"), ("iris/200", "3")] {
        client.post(url(&gateway, path)).body(body).send().await.unwrap();
    }
    let (lines, kept) = (requests(&gateway, 3).await, predictions(&gateway, 2).await);
    assert_eq!(lines.iter().map(|line| line.kept).collect::<Vec<_>>(), [true, false, true]);
    assert!(lines.is_sorted_by(|a, b| a.id.is_some() && a.id < b.id), "{lines:#?}");
    let of = |at: usize| (lines[at].id.clone(), lines[at].status, lines[at].ms);
    let kept: Vec<_> = kept.into_iter().map(|line| (line.id, line.status, line.ms)).collect();
    assert_eq!(kept, [of(0), of(2)]);
    let mut back = Vec::new();
    let ended = gateway.records_back(&iris(), RecordKind::Predictions, &mut |line| {
        // Whoever looks for one goes by how its line begins.
        back.push(line.starts_with(&format!("{{\"id\":\"{}\"", kept[1].0.as_ref().unwrap())));
        std::ops::ControlFlow::Continue(())
    });
    ended.unwrap();
    assert_eq!(back, [true, false], "the newest comes first");
}

#[tokio::test]
async fn files_are_bounded_and_the_newest_lines_stay() {
    let (gateway, folder) = keeping(|records| records.requests_bytes = 4_000);
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), logged(&[&replica]));
    let client = client();
    let newest = || lines(&gateway, RecordKind::Requests).last().cloned().unwrap_or_default();
    for at in 0..100 {
        client.get(url(&gateway, &format!("iris/{at}"))).send().await.unwrap();
        // One line at a time, so that no piece is larger than a file may be.
        until("it is written", || newest().contains(&format!("\"/{at}\""))).await;
    }
    let sizes: Vec<u64> = std::fs::read_dir(folder.path().join("records/d-iris"))
        .unwrap()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .collect();
    assert!(sizes.len() == 2 && sizes.iter().all(|size| *size <= 4_000), "{sizes:?}");
    let (lines, end) = gateway.newest_records(&iris(), RecordKind::Requests, 20).unwrap();
    let paths: Vec<String> = lines.iter().map(|line| serde_json::from_str::<RequestLine>(line).unwrap().path).collect();
    assert_eq!(paths, (80..100).map(|at| format!("/{at}")).collect::<Vec<_>>(), "across both files");

    let (none, position) = gateway.records_after(&iris(), RecordKind::Requests, end).unwrap();
    assert_eq!((none.len(), position), (0, end));
    client.get(url(&gateway, "iris/new")).send().await.unwrap();
    until("it is written", || newest().contains("/new")).await;
    let (mut new, mut position) = gateway.records_after(&iris(), RecordKind::Requests, end).unwrap();
    if new.is_empty() {
        // The file was moved aside right then.
        (new, position) = gateway.records_after(&iris(), RecordKind::Requests, position).unwrap();
    }
    assert!(new.len() == 1 && new[0].contains("/new") && position > 0, "{new:?}");
}

#[tokio::test]
async fn what_cannot_be_written_is_counted_and_said_and_no_request_waits() {
    let (gateway, folder) = keeping(|_| ());
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), logged(&[&replica]));
    // A file where the folder should be.
    let blocked = folder.path().join("records");
    std::fs::write(&blocked, "").unwrap();
    let client = client();
    for _ in 0..5 {
        assert_eq!(client.get(url(&gateway, "iris/lost")).send().await.unwrap().status(), 200);
    }
    let lost = || gateway.deployment(&iris()).unwrap().lost(RecordKind::Requests).load(SeqCst);
    until("they are counted", || lost() == 5).await;
    std::fs::remove_file(&blocked).unwrap();
    client.get(url(&gateway, "iris/kept")).send().await.unwrap();
    let line = &requests(&gateway, 1).await[0];
    assert_eq!((line.path.as_str(), line.lost), ("/kept", 5));
    assert_eq!(lost(), 0);
}

#[tokio::test]
async fn what_is_recorded_before_the_end_is_written_before_the_end() {
    let (gateway, _folder) = keeping(|_| ());
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), logged(&[&replica]));
    let client = client();
    for _ in 0..50 {
        client.get(url(&gateway, "iris")).send().await.unwrap();
    }
    soon(gateway.stop(Duration::from_secs(10))).await;
    assert_eq!(lines(&gateway, RecordKind::Requests).len(), 50);
}

#[tokio::test]
async fn a_forgotten_deployment_leaves_no_records() {
    let (gateway, folder) = keeping(|_| ());
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), logged(&[&replica]));
    client().get(url(&gateway, "iris")).send().await.unwrap();
    requests(&gateway, 1).await;
    gateway.forget(&iris());
    until("they are gone", || !folder.path().join("records/d-iris").exists()).await;
}

#[tokio::test]
async fn what_finds_no_room_is_counted_and_the_next_line_says_so() {
    let (gateway, folder) = keeping(|_| ());
    gateway.publish(&iris(), route(&[]));
    let deployment = gateway.deployment(&iris()).unwrap();
    let mut settings = RecordSettings::in_folder(folder.path().join("records"));
    (settings.queue, settings.queue_bytes) = (3, 10);
    let (recorder, writer) = channel(&settings, Clock::start(None));
    let keeps = Keeps { requests: true, predictions: true };
    let predict = |path: &str, answer: &[u8]| {
        let head = (&Method::POST, path, &HeaderMap::new());
        let mut note = Note::begin(&recorder, &deployment, keeps, Instant::now(), head);
        note.asked(&endpoint(&deployment));
        note.answering(200, &HeaderMap::new());
        note.sent(answer);
        note.end(RequestOutcome::Answered);
    };
    predict("/1", b"12345678");
    predict("/2", b"12345678"); // Its bodies are too many.
    predict("/3", b"12");
    predict("/4", b""); // One too many.
    let lost = |kind| deployment.lost(kind).load(SeqCst);
    assert_eq!((lost(RecordKind::Requests), lost(RecordKind::Predictions)), (1, 2));
    drop(recorder);
    writer.run();
    let kept = |kind| lines(&gateway, kind).iter().map(|line| told(line)).collect::<Vec<_>>();
    let line = |path: &str, lost| (path.to_owned(), lost);
    assert_eq!(kept(RecordKind::Requests), [line("/1", 1), line("/2", 0), line("/3", 0)]);
    assert_eq!(kept(RecordKind::Predictions), [line("/1", 2), line("/3", 0)]);
}

fn told(line: &str) -> (String, u64) {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    (line["path"].as_str().unwrap().to_owned(), line["lost"].as_u64().unwrap_or_default())
}

fn endpoint(deployment: &Arc<Deployment>) -> Arc<Endpoint> {
    let replica = Replica::quick("a", 1);
    deployment.publish(Some(&route(&[&replica])), &mut HashMap::new());
    deployment.snapshot.load().endpoints[0].clone()
}
