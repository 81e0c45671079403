//! Answers that are given before the request has been read.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use super::kit::*;
use crate::gateway::{Gateway, Route, Settings};

/// The answer's head as read by a client that sends all of its body before it reads.
fn told(socket: &mut TcpStream, head: &str, body: &[u8], piece: usize) -> std::io::Result<String> {
    socket.write_all(head.as_bytes())?;
    for piece in body.chunks(piece) {
        socket.write_all(piece)?;
    }
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte)?;
        answer.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&answer).to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let mut body = vec![0; length.unwrap_or("0").parse().unwrap()];
    socket.read_exact(&mut body)?;
    Ok(head)
}

fn post(path: &str, length: usize) -> String {
    format!("POST /{path} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n\r\n")
}

fn connect(gateway: &Gateway) -> TcpStream {
    let socket = TcpStream::connect(gateway.local_addr()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

/// In a thread of its own, since the clients here block.
async fn apart(work: impl FnOnce() + Send + 'static) {
    tokio::task::spawn_blocking(work).await.unwrap();
}

#[tokio::test]
async fn a_refused_request_leaves_its_connection_usable_or_says_that_it_does_not() {
    let gateway = gateway();
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), route(&[&replica]));
    apart(move || {
        for (length, kept) in [(13_usize, true), (200, true), (50_000, true), (1 << 20, true), (3 << 20, false)] {
            for piece in [length, length.div_ceil(9)] {
                let mut socket = connect(&gateway);
                for _ in 0..20 {
                    let body = vec![b'x'; length];
                    let head = told(&mut socket, &post("nobody", length), &body, piece).unwrap();
                    assert!(head.starts_with("http/1.1 404"), "{head}");
                    assert_eq!(!head.contains("connection: close"), kept, "{length}: {head}");
                    if kept {
                        let good = told(&mut socket, "GET /iris HTTP/1.1\r\nhost: x\r\n\r\n", b"", 1).unwrap();
                        assert!(good.starts_with("http/1.1 200"), "{good}");
                    } else {
                        assert_eq!(socket.read(&mut [0]).unwrap(), 0, "it closes in order");
                        socket = connect(&gateway);
                    }
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_also_to_those_who_send_first() {
    let gateway = gateway();
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), route(&[&replica]));
    apart(move || {
        let length = 70 << 20;
        for piece in [length, 1 << 20] {
            let head = told(&mut connect(&gateway), &post("iris", length), &vec![b'x'; length], piece).unwrap();
            assert!(head.starts_with("http/1.1 413") && head.contains("connection: close"), "{head}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_client_that_stops_in_the_middle_is_answered_and_closed() {
    let gateway = gateway();
    // No more is coming, nobody knows how much, or the client waits to be told to send it.
    for (head, sent) in [
        (post("nobody", 3 << 20), "some of it"),
        ("POST /nobody HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(), "3\r\nabc\r\n"),
        ("POST /nobody HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n".to_owned(), ""),
        ("POST /nobody HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".to_owned(), "no length\r\n"),
    ] {
        let answer = raw(&gateway, &format!("{head}{sent}")).await;
        assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("connection: close"), "{answer}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_as_a_request_is_answered_also_to_those_who_send_first() {
    let gateway = gateway();
    apart(move || {
        let mut socket = connect(&gateway);
        let head = format!("GET /iris HTTP/1.1\r\nhost: x\r\nx-long: {}", "x".repeat(5 << 20));
        socket.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    })
    .await;
}

#[tokio::test]
async fn a_connection_too_many_is_told_so_also_when_it_asks_at_once() {
    let gateway = Gateway::start(Settings { max_connections: 1, ..settings() }).unwrap();
    let _first = connect(&gateway);
    apart(move || {
        for _ in 0..20 {
            let head = told(&mut connect(&gateway), &post("iris", 100_000), &[b'x'; 100_000], 10_000).unwrap();
            assert!(head.starts_with("http/1.1 503"), "{head}");
        }
    })
    .await;
}

/// A replica that answers when it has the head of a request, and then closes or goes on.
fn hasty(id: &str, goes_on: bool) -> Replica {
    Replica::bytes(id, 1, move |mut socket, _| async move {
        loop {
            let (mut head, mut byte) = (Vec::new(), [0]);
            while !head.ends_with(b"\r\n\r\n") {
                match socket.read(&mut byte).await {
                    Ok(1..) => head.push(byte[0]),
                    _ => return,
                }
            }
            let _ = socket.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnone").await;
            if !goes_on {
                return;
            }
            // It reads the body after its answer.
            let mut away = vec![0; 1 << 20];
            let length = String::from_utf8_lossy(&head).to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            let mut left: usize = length.unwrap_or("0").parse().unwrap();
            while left > 0 {
                match socket.read(&mut away[..left.min(1 << 20)]).await {
                    Ok(n @ 1..) => left -= n,
                    _ => return,
                }
            }
        }
    })
}

#[tokio::test]
async fn a_replica_that_answers_before_it_has_read_is_heard() {
    for goes_on in [false, true] {
        let gateway = gateway();
        let replica = hasty("a", goes_on);
        gateway.publish(&iris(), route(&[&replica]));
        let asked = gateway.clone();
        apart(move || {
            for length in [13, 50_000, 3 << 20, 6 << 20] {
                let mut socket = connect(&asked);
                for _ in 0..5 {
                    let head = told(&mut socket, &post("iris", length), &vec![b'x'; length], 100_000).unwrap();
                    assert!(head.starts_with("http/1.1 404"), "{length}: {head}");
                    if head.contains("connection: close") {
                        socket = connect(&asked);
                    }
                }
            }
        })
        .await;
        until("every place is given back", || gateway.in_flight(&iris(), replica.id()) == 0).await;
        let counts = total(&gateway);
        assert_eq!((counts.answered, counts.failed), (20, 0));
    }
}

#[tokio::test]
async fn who_sends_a_short_body_slowly_holds_no_place() {
    let gateway = gateway();
    let replica = Replica::new("a", 1, |_| Box::pin(async { Response::new(Body::from("done")) }));
    let one = NonZeroU32::MIN;
    gateway.publish(&iris(), Route { max_concurrent_requests: one, max_queue: Duration::ZERO, ..route(&[&replica]) });
    let mut slow = Vec::new();
    for head in [post("iris", 100), "POST /iris HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n".to_owned()] {
        let mut socket = tokio::net::TcpStream::connect(gateway.local_addr()).await.unwrap();
        socket.write_all(format!("{head}1").as_bytes()).await.unwrap();
        slow.push(socket);
    }
    for _ in 0..20 {
        let answer = client().post(url(&gateway, "iris")).body("{}").send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    assert_eq!(gateway.in_flight(&iris(), replica.id()), 0);
    // And is answered once its body is there.
    slow[0].write_all(&[b'1'; 99]).await.unwrap();
    let mut answer = [0; 12];
    soon(slow[0].read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test]
async fn who_lets_a_replica_wait_for_a_long_body_loses_the_place() {
    let settings = Settings { held_body_bytes: 10, upload_stall_timeout: Duration::from_millis(50), ..settings() };
    let gateway = Gateway::start(settings).unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), route(&[&replica]));
    let answer = raw(&gateway, &format!("{}some of it", post("iris", 100))).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
    assert_eq!(replica.requests(), 1, "it had begun");
    assert_eq!((total(&gateway).failed, gateway.in_flight(&iris(), replica.id())), (0, 0));
}

#[tokio::test]
async fn bodies_are_held_only_while_there_is_room() {
    let gateway = Gateway::start(Settings { held_bytes: 10, ..settings() }).unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), route(&[&replica]));
    let mut socket = tokio::net::TcpStream::connect(gateway.local_addr()).await.unwrap();
    socket.write_all(format!("{}more than ten", post("iris", 100)).as_bytes()).await.unwrap();
    until("it is passed on before it is whole", || replica.requests() == 1).await;
    socket.write_all(&[b'x'; 87]).await.unwrap();
    gate.add_permits(1);
    let mut answer = [0; 12];
    soon(socket.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test]
async fn who_was_refused_and_goes_on_sending_keeps_nobody_from_ending() {
    let gateway = gateway();
    let mut socket = tokio::net::TcpStream::connect(gateway.local_addr()).await.unwrap();
    socket.write_all(post("nobody", 3 << 20).as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    soon(socket.read_exact(&mut answer)).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 404");
    let sending = tokio::spawn(async move {
        let mut often = tokio::time::interval(Duration::from_millis(100));
        while socket.write_all(b"x").await.is_ok() {
            often.tick().await;
        }
    });
    soon(gateway.stop(Duration::from_secs(600))).await;
    soon(sending).await.unwrap();
}
