//! Uploads that do not go as they should: too much beside their parts, too slow, or while the server stops.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use futures_util::future::{Either, join3, join4, select};
use futures_util::{StreamExt as _, stream};

use super::models::kept;
use super::rig::{form, form_type, model_file, request, rig, rig_with};
use crate::api::Bounds;

fn upload(body: Body) -> Request<Body> {
    request("POST", "/models").header("content-type", form_type()).body(body).unwrap()
}

/// `body` in pieces of this size.
fn cut(body: &[u8], size: usize) -> Body {
    let pieces: Vec<_> = body.chunks(size).map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece))).collect();
    Body::from_stream(stream::iter(pieces))
}

fn parts(file: &[u8]) -> Vec<u8> {
    form(&[("meta", br#"{"name":"iris"}"#), ("file", file)])
}

#[tokio::test]
async fn what_stands_beside_the_parts_is_limited() {
    let rig = rig();
    let whole = parts(&model_file("iris-v1.onnx"));
    let ends = whole.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    for size in [1_000, 100_000, 10_000_000] {
        let before = [&vec![b'x'; 1 << 20], &b"\r\n"[..], &whole].concat();
        let header = [&whole[..ends], b"\r\nx: ", &vec![b'x'; 1 << 20], &whole[ends..]].concat();
        let padding = [&whole[..whole.len() - 2], &vec![b' '; 1 << 20], &b"\r\n"[..]].concat();
        for (body, status) in [(before, 413), (header, 413), (padding, 201)] {
            let reply = rig.send(upload(cut(&body, size))).await;
            assert_eq!(reply.status, status, "{size}: {:?}", reply.body);
            assert!(status == 201 || reply.refused(413, "body_too_large")["detail"].to_string().contains("65536"));
        }
    }
    assert_eq!(kept(&rig), 1);
}

#[tokio::test]
async fn a_form_may_come_in_pieces_of_any_size() {
    let rig = rig();
    let file = [&b"\r\n--a boundary\r"[..], &vec![b'\r'; 300_000], &b"\r\n--"[..]].concat();
    let meta = br#"{"name":"own","kind":"custom","custom":{"command":["x"]}}"#;
    for (version, size) in [61, 4_096, 65_536, 65_537, 10_000_000].into_iter().enumerate() {
        rig.send(upload(cut(&form(&[("meta", meta), ("file", &file)]), size))).await.is(201);
        let path = format!("/models/own/versions/{}/artifact", version + 1);
        assert!(rig.get(&path).await.body == file, "{size}");
    }
}

#[tokio::test]
async fn a_registration_that_fails_at_its_commit_keeps_no_file() {
    let rig = rig();
    let other = rusqlite::Connection::open(rig.folder.path().join(crate::store::DATABASE)).unwrap();
    let stop = "CREATE TRIGGER full BEFORE INSERT ON idempotency BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    other.execute_batch(stop).unwrap();
    let file = model_file("iris-v1.onnx");
    let parts = [("meta", &br#"{"name":"iris"}"#[..]), ("file", &file)];
    let reply = rig.upload(&[("idempotency-key", "k")], &parts).await;
    assert!(reply.status.is_server_error(), "{reply:?}");
    assert_eq!(kept(&rig), 0, "its file stays");
    other.execute_batch("DROP TRIGGER full").unwrap();
    rig.upload(&[("idempotency-key", "k")], &parts).await.is(201);
    assert_eq!(kept(&rig), 1);
    // A file that a version has is not taken for left over.
    other.execute_batch(stop).unwrap();
    assert!(rig.upload(&[("idempotency-key", "l")], &parts).await.status.is_server_error());
    assert_eq!(kept(&rig), 1);
}

/// A body that stops when so much of it has come.
fn stalled(body: &[u8], after: usize) -> Body {
    let begun = stream::iter([Ok::<_, Infallible>(Bytes::copy_from_slice(&body[..after]))]);
    Body::from_stream(begun.chain(stream::pending()))
}

/// Longer than anything may take.
async fn at_last<T>(done: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(3_600), done).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn uploads_that_stall_lose_their_turn() {
    let rig = rig_with(Bounds { uploads: 2, ..Bounds::default() });
    let whole = parts(&model_file("iris-v1.onnx"));
    let stall = |after| rig.send(upload(stalled(&whole, after)));
    // In the boundary, in a header, in the file; one of them has to wait for its turn first.
    let (first, second, third, last) =
        at_last(join4(stall(3), stall(30), stall(whole.len() - 200), rig.send(upload(Body::from(whole.clone())))))
            .await;
    for reply in [first, second, third] {
        let problem = reply.refused(400, "malformed_request");
        assert!(problem["detail"].as_str().unwrap().contains("20 seconds"), "{problem}");
    }
    last.is(201);
    assert_eq!(kept(&rig), 1);
}

/// A body that goes on for ever, a byte at a time.
fn trickling(body: &[u8], every: Duration) -> Body {
    let begun = stream::iter([Ok::<_, Infallible>(Bytes::copy_from_slice(body))]);
    let more = stream::unfold((), move |()| async move {
        tokio::time::sleep(every).await;
        Some((Ok(Bytes::from_static(b"x")), ()))
    });
    Body::from_stream(begun.chain(more))
}

#[tokio::test(start_paused = true)]
async fn uploads_that_trickle_block_nobody_without_end() {
    let rig = rig_with(Bounds { uploads: 2, ..Bounds::default() });
    let whole = parts(&model_file("iris-v1.onnx"));
    let trickle = || rig.send(upload(trickling(&whole[..whole.len() - 200], Duration::from_secs(3))));
    let began = tokio::time::Instant::now();
    let next = async {
        tokio::task::yield_now().await;
        rig.send(upload(Body::from(whole.clone()))).await.is(201);
        began.elapsed()
    };
    let (first, second, waited) = at_last(join3(trickle(), trickle(), next)).await;
    for reply in [first, second] {
        reply.refused(400, "malformed_request");
    }
    assert!(waited < Duration::from_secs(25), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn an_upload_waits_for_its_turn_and_not_for_ever() {
    let rig = rig_with(Bounds { uploads: 1, ..Bounds::default() });
    let whole = parts(&model_file("iris-v1.onnx"));
    // It keeps the pace.
    let endless = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok::<_, Infallible>(Bytes::from(vec![b'x'; 32 << 10])), ()))
    });
    let begun = stream::iter([Ok(Bytes::copy_from_slice(&whole[..whole.len() - 200]))]);
    let slow = pin!(rig.send(upload(Body::from_stream(begun.chain(endless)))));
    let next = pin!(rig.send(upload(Body::from(whole.clone()))));
    let Either::Right((next, _)) = at_last(select(slow, next)).await else { panic!("it ended") };
    next.refused(503, "too_many_uploads");
    assert_eq!(next.headers["retry-after"], "5");
}

#[tokio::test(start_paused = true)]
async fn uploads_end_when_the_server_stops() {
    let rig = rig_with(Bounds { uploads: 1, ..Bounds::default() });
    let whole = parts(&model_file("iris-v1.onnx"));
    let stopping = rig.stopping.clone();
    // The first one stalls, the second waits for its turn, and only then the server is told.
    let stop = async {
        tokio::task::yield_now().await;
        stopping.cancel();
    };
    let (first, second, ()) = at_last(join3(
        rig.send(upload(stalled(&whole, whole.len() - 200))),
        rig.send(upload(Body::from(whole.clone()))),
        stop,
    ))
    .await;
    for reply in [first, second] {
        let problem = reply.refused(400, "malformed_request");
        assert!(problem["detail"].as_str().unwrap().contains("stopping"), "{problem}");
    }
    assert_eq!(kept(&rig), 0);
}
