//! Uploads that do not go as they should: too much beside their parts, too slow, or while the server stops.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use futures_util::stream;

use super::models::kept;
use super::rig::{form, form_type, model_file, request, rig};

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
