//! Requests and answers that are passed on, in both directions.

use axum::body::Body;
use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::kit::*;

/// Answers with what it was asked: request line, headers in order of name, body.
async fn echo(request: Request<Incoming>) -> Response<Body> {
    let mut headers: Vec<_> =
        request.headers().iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap())).collect();
    headers.sort();
    let line = format!("{} {} {:?}\n", request.method(), request.uri(), request.version());
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let text = format!("{line}{}{}", headers.concat(), String::from_utf8_lossy(&body));
    Response::builder()
        .header("x-changeover-revision", "99")
        .header("x-mine", "kept")
        .header("keep-alive", "timeout=5")
        .body(Body::from(text))
        .unwrap()
}

fn echoing() -> Replica {
    Replica::new("a", 7, |request| Box::pin(echo(request)))
}

#[tokio::test]
async fn path_query_method_headers_and_body_arrive() {
    let gateway = gateway();
    let unix = echoing();
    let tcp = Replica::tcp("a", 7, |request| Box::pin(echo(request))).await;
    for replica in [&unix, &tcp] {
        gateway.publish(&iris(), route(&[replica]));
        let answer = client()
            .put(url(&gateway, "iris/v2/models/iris/infer?x=1&y=%20"))
            .header("x-own", "1")
            .header("connection", "x-secret")
            .header("x-secret", "1")
            .header("x-changeover-replica", "made-up")
            .body("{}")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.headers()["x-changeover-revision"], "7");
        assert_eq!(answer.headers()["x-changeover-replica"], "a");
        assert_eq!(answer.headers()["x-mine"], "kept");
        assert!(!answer.headers().contains_key("keep-alive"));
        let host = format!("host: {}", gateway.local_addr());
        assert_eq!(
            answer.text().await.unwrap(),
            format!(
                "PUT /v2/models/iris/infer?x=1&y=%20 HTTP/1.1\naccept: */*\ncontent-length: 2\n{host}\nx-own: 1\n{{}}"
            )
        );
        assert_eq!(replica.requests(), 1);
    }
}

#[tokio::test]
async fn every_method_passes() {
    let gateway = gateway();
    let replica = echoing();
    gateway.publish(&iris(), route(&[&replica]));
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let answer = client().request(method.clone(), url(&gateway, "iris")).send().await.unwrap();
        assert!(answer.text().await.unwrap().starts_with(&format!("{method} / HTTP/1.1\n")));
    }
}

#[tokio::test]
async fn old_clients_and_missing_hosts_are_served() {
    let gateway = gateway();
    let replica = echoing();
    gateway.publish(&iris(), route(&[&replica]));
    let answer = raw(&gateway, "GET /iris/a HTTP/1.0\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    assert!(answer.ends_with("GET /a HTTP/1.1\nhost: iris\n"), "{answer}");
    let answer = raw(&gateway, "GET http://elsewhere/iris/a HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    assert!(answer.contains("GET /a HTTP/1.1\n"), "{answer}");
}

#[tokio::test]
async fn answers_without_a_body_keep_their_headers() {
    let gateway = gateway();
    let replica = Replica::new("a", 1, |request| {
        Box::pin(async move {
            let answer = match request.uri().path() {
                "/204" => Response::builder().status(204).body(Body::empty()),
                "/304" => Response::builder().status(304).header("etag", "\"1\"").body(Body::empty()),
                _ => Response::builder().header("content-length", "5").body(Body::from("12345")),
            };
            answer.unwrap()
        })
    });
    gateway.publish(&iris(), route(&[&replica]));
    let client = client();
    let head = client.head(url(&gateway, "iris/x")).send().await.unwrap();
    assert_eq!(head.headers()["content-length"], "5");
    assert_eq!(client.get(url(&gateway, "iris/204")).send().await.unwrap().status(), 204);
    let unchanged = client.get(url(&gateway, "iris/304")).send().await.unwrap();
    assert_eq!((unchanged.status().as_u16(), unchanged.headers()["etag"].as_bytes()), (304, &b"\"1\""[..]));
    assert_eq!(client.get(url(&gateway, "iris/x")).send().await.unwrap().text().await.unwrap(), "12345");
    assert_eq!((total(&gateway).answered, gateway.in_flight(&iris(), replica.id())), (4, 0));
    assert_eq!(replica.connections(), 1, "all over one connection");
}

#[tokio::test]
async fn a_body_in_chunks_arrives_even_with_get() {
    let gateway = gateway();
    let replica = echoing();
    gateway.publish(&iris(), route(&[&replica]));
    for method in ["POST", "GET"] {
        let request = format!(
            "{method} /iris HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        );
        let answer = raw(&gateway, &request).await;
        assert!(answer.contains("transfer-encoding: chunked\nabcde"), "{answer}");
    }
}

#[tokio::test]
async fn a_client_that_asks_first_is_told_to_go_on() {
    let gateway = gateway();
    let replica = echoing();
    gateway.publish(&iris(), route(&[&replica]));
    let mut socket = tokio::net::TcpStream::connect(gateway.local_addr()).await.unwrap();
    let head =
        "POST /iris HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut told = [0; 25];
    soon(socket.read_exact(&mut told)).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket.write_all(b"abc").await.unwrap();
    let mut answer = String::new();
    soon(socket.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("abc"), "{answer}");
}

#[tokio::test]
async fn connections_are_kept_on_both_sides() {
    let gateway = gateway();
    let replica = echoing();
    gateway.publish(&iris(), route(&[&replica]));
    let client = client();
    for _ in 0..50 {
        let answer = client.post(url(&gateway, "iris")).body("x").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.bytes().await.unwrap();
    }
    assert_eq!((replica.requests(), replica.connections()), (50, 1));
}

#[tokio::test]
async fn a_replica_that_closes_every_connection_is_served_too() {
    let gateway = gateway();
    let replica = Replica::bytes("a", 1, |mut socket, seen| async move {
        let mut head = [0; 4096];
        let _ = socket.read(&mut head).await;
        seen.requests.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        // Says nothing about closing.
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    });
    gateway.publish(&iris(), route(&[&replica]));
    let client = client();
    for made in 1..=20 {
        let answer = client.get(url(&gateway, "iris")).send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "ok");
        until("it closed", || replica.connections() == made && std::sync::Arc::strong_count(&replica.seen) == 2).await;
    }
    assert_eq!((total(&gateway).failed, total(&gateway).retried), (0, 0));
}
