//! Limits on what a client may send, and how slowly.

use std::io::Write;
use std::time::Duration;

use axum::body::Body;
use http::Response;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::kit::*;
use crate::gateway::{Gateway, Route, Settings};

fn reading(id: &str) -> Replica {
    Replica::new(id, 1, |request| {
        Box::pin(async move {
            match request.into_body().collect().await {
                Ok(body) => Response::new(Body::from(body.to_bytes().len().to_string())),
                Err(_) => Response::new(Body::from("broken")),
            }
        })
    })
}

fn small_bodies() -> Gateway {
    Gateway::start(Settings { max_body_bytes: 1000, ..settings() }).unwrap()
}

#[tokio::test]
async fn a_long_body_is_413_before_the_replica_is_asked() {
    let gateway = small_bodies();
    let replica = reading("a");
    gateway.publish(&iris(), route(&[&replica]));
    let post = |length| client().post(url(&gateway, "iris")).body("x".repeat(length)).send();
    assert_eq!(post(1000).await.unwrap().text().await.unwrap(), "1000");
    assert_eq!(problem(post(1001).await.unwrap()).await, (413, "request_too_large".into()));
    assert_eq!(replica.requests(), 1);
    let counts = total(&gateway);
    assert_eq!((counts.answered, counts.failed), (1, 0), "a client's mistake is not a failure");
}

#[tokio::test]
async fn a_client_that_asks_first_is_refused_before_it_sends() {
    let gateway = small_bodies();
    let replica = reading("a");
    gateway.publish(&iris(), route(&[&replica]));
    let head = "POST /iris HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nconnection: close\r\ncontent-length: ";
    let answer = raw(&gateway, &format!("{head}1001\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(!answer.contains("100 Continue"), "{answer}");
}

#[tokio::test]
async fn a_long_body_in_chunks_is_413_when_it_becomes_too_long() {
    let gateway = small_bodies();
    let replica = reading("a");
    gateway.publish(&iris(), route(&[&replica]));
    let chunks = futures_util::stream::iter((0..20).map(|_| Ok::<_, std::io::Error>("x".repeat(100))));
    let answer = client().post(url(&gateway, "iris")).body(reqwest::Body::wrap_stream(chunks)).send().await.unwrap();
    assert_eq!(problem(answer).await, (413, "request_too_large".into()));
    assert_eq!(gateway.in_flight(&iris(), replica.id()), 0);
}

#[tokio::test]
async fn long_headers_are_431() {
    let gateway = Gateway::start(Settings { max_head_bytes: 2000, ..settings() }).unwrap();
    let replica = reading("a");
    gateway.publish(&iris(), route(&[&replica]));
    let long = format!("GET /iris HTTP/1.1\r\nhost: x\r\nx-long: {}\r\n\r\n", "x".repeat(2000));
    let answer = raw(&gateway, &long).await;
    assert!(answer.starts_with("HTTP/1.1 431") && answer.contains("\"error\":\"The request has longer"), "{answer}");
    let many = format!("GET /iris HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(120));
    assert!(raw(&gateway, &many).await.starts_with("HTTP/1.1 431"));
    assert_eq!(replica.requests(), 0);
}

/// A request that is answered before its body is read.
const EARLY: &str = "POST /nobody HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc";

/// The answer to what is no request, as every answer of the gateway's own is.
#[track_caller]
fn malformed(answer: &str) {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let problem: serde_json::Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    assert_eq!((&problem["code"], &problem["error"]), (&"malformed_request".into(), &problem["detail"]));
}

#[tokio::test]
async fn a_replicas_own_400_without_a_text_is_passed_on() {
    let gateway = gateway();
    let replica =
        Replica::new("a", 1, |_| Box::pin(async { Response::builder().status(400).body(Body::empty()).unwrap() }));
    gateway.publish(&iris(), route(&[&replica]));
    let request = "GET /iris HTTP/1.1\r\nhost: x\r\n\r\nGET /iris HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = raw(&gateway, request).await;
    assert_eq!(answer.matches("x-changeover-replica: a").count(), 2, "{answer}");
    assert!(!answer.contains("malformed_request"), "{answer}");
}

#[tokio::test]
async fn what_is_no_request_is_told_so() {
    let gateway = gateway();
    let replica = reading("a");
    gateway.publish(&iris(), route(&[&replica]));
    for wrong in ["hello\r\n\r\n", "GET /iris HTTP/1.1\r\nno header\r\n\r\n", "GET /i ris HTTP/1.1\r\n\r\n"] {
        let answer = raw(&gateway, wrong).await;
        assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
        malformed(&answer);
        // Also where a request came before, or what is left of one.
        for before in ["GET /nobody HTTP/1.1\r\nhost: x\r\n\r\n", EARLY] {
            let answer = raw(&gateway, &format!("{before}{wrong}")).await;
            let second = answer.find("HTTP/1.1 400").unwrap_or_else(|| panic!("{answer}"));
            assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
            malformed(&answer[second..]);
        }
    }
    assert_eq!(replica.requests(), 0);
}

#[tokio::test]
async fn one_connection_too_many_is_503() {
    let gateway = Gateway::start(Settings { max_connections: 2, ..settings() }).unwrap();
    let mut first = TcpStream::connect(gateway.local_addr()).await.unwrap();
    let _second = TcpStream::connect(gateway.local_addr()).await.unwrap();
    // Also where others stay who were told so.
    let mut staying = Vec::new();
    for _ in 0..8 {
        let mut socket = TcpStream::connect(gateway.local_addr()).await.unwrap();
        let mut answer = vec![0; 12];
        soon(socket.read_exact(&mut answer)).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 503");
        staying.push(socket);
    }
    let answer = raw(&gateway, "").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("too_many_connections"), "{answer}");
    first.shutdown().await.unwrap();
    first.read_to_end(&mut Vec::new()).await.unwrap();
    let free = || {
        let mut socket = std::net::TcpStream::connect(gateway.local_addr()).unwrap();
        let _ = socket.write_all(b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n");
        let mut answer = String::new();
        let _ = std::io::Read::read_to_string(&mut socket, &mut answer);
        answer.starts_with("HTTP/1.1 404")
    };
    until("its place is free again", free).await;
}

#[tokio::test]
async fn a_client_that_sends_its_headers_slowly_is_closed() {
    let gateway = Gateway::start(Settings { head_timeout: Duration::from_millis(30), ..settings() }).unwrap();
    assert_eq!(raw(&gateway, "GET /iris HTTP/1.1\r\nhost:").await, "");
}

#[tokio::test]
async fn a_client_that_sends_nothing_more_is_closed() {
    let gateway = Gateway::start(Settings { keep_alive: Duration::from_millis(400), ..settings() }).unwrap();
    let replica = reading("a");
    gateway.publish(&iris(), route(&[&replica]));
    assert_eq!(raw(&gateway, "").await, "");
    let answer = raw(&gateway, "GET /iris HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n0"), "{answer}");
}

#[tokio::test]
async fn a_client_that_stops_sending_its_body_is_408() {
    let gateway = gateway();
    let replica = reading("a");
    gateway.publish(&iris(), Route { scoring_timeout: Duration::from_millis(400), ..route(&[&replica]) });
    let answer = raw(&gateway, "POST /iris HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n123").await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
    assert_eq!((total(&gateway).failed, gateway.in_flight(&iris(), replica.id())), (0, 0));
}

#[tokio::test]
async fn a_client_that_stops_reading_is_cut() {
    let gateway = Gateway::start(Settings { stall_timeout: Duration::from_millis(50), ..settings() }).unwrap();
    let replica = Replica::new("a", 1, |_| {
        Box::pin(async {
            let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(vec![b'x'; 1 << 16]));
            Response::new(Body::from_stream(endless))
        })
    });
    gateway.publish(&iris(), route(&[&replica]));
    let mut socket = TcpStream::connect(gateway.local_addr()).await.unwrap();
    socket.write_all(b"GET /iris HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    until("it runs", || gateway.in_flight(&iris(), replica.id()) == 1).await;
    until("its place is given back", || gateway.in_flight(&iris(), replica.id()) == 0).await;
    drop(socket);
}
