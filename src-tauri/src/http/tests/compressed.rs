//! Answers in few bytes, for whoever takes that.

use std::io::Read as _;

use axum::body::Body;
use domain::deployment::Status;
use domain::event::Event;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::rig::{Rig, request, rig};

/// The encoding of an answer, and its body.
async fn ask(rig: &Rig, path: &str, accepts: &str) -> (String, Vec<u8>) {
    let request = request("GET", path).header("accept-encoding", accepts).body(Body::empty()).unwrap();
    let response = rig.router.clone().oneshot(request).await.unwrap();
    let encoding = response.headers().get("content-encoding").map_or("", |value| value.to_str().unwrap()).to_owned();
    if encoding.is_empty() && path.starts_with("/events") {
        return (encoding, Vec::new());
    }
    (encoding, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}

#[tokio::test]
async fn lists_are_compressed_and_nothing_that_is_small_or_comes_little_by_little() {
    let rig = rig();
    rig.deployed().await;
    rig.write(|writing, id| {
        for _ in 0..300 {
            writing.append(Some(id), Event::StatusChanged { status: Status::Pending, error: None }).unwrap();
        }
    });
    let (none, plain) = ask(&rig, "/history?limit=300", "identity").await;
    let (br, small) = ask(&rig, "/history?limit=300", "gzip, deflate, br").await;
    let (gzip, packed) = ask(&rig, "/history?limit=300", "gzip").await;
    assert_eq!((none.as_str(), br.as_str(), gzip.as_str()), ("", "br", "gzip"));
    assert!(small.len() * 5 < plain.len(), "{} of {} bytes", small.len(), plain.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain);
    for path in ["/session", "/events"] {
        assert_eq!(ask(&rig, path, "gzip, br").await.0, "", "{path}");
    }
}
