//! The bounds of a listener, over real sockets.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use futures_util::stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{ConnectionBounds, serve};

fn bounds() -> ConnectionBounds {
    let long = Duration::from_secs(20);
    ConnectionBounds { connections: 10, too_many: "HTTP/1.1 503 too many\r\n\r\n".into(), head: long, stall: long }
}

async fn listening(router: Router, bounds: ConnectionBounds) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, Some(bounds), std::future::pending::<()>()));
    address
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("it did not happen")
}

/// All that is said to a client that says this.
async fn raw(address: SocketAddr, request: &str) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(socket.read_to_string(&mut answer)).await.unwrap();
    answer
}

/// An answer that says something every 20 ms, for ever; tells when it is dropped.
fn endless(dropped: mpsc::UnboundedSender<()>, piece: usize) -> Router {
    struct Tells(mpsc::UnboundedSender<()>);
    impl Drop for Tells {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    Router::new().fallback(move || {
        let tells = Tells(dropped.clone());
        async move {
            let pieces = stream::unfold(tells, move |tells| async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Ok::<_, Infallible>(vec![b'x'; piece]), tells))
            });
            Body::from_stream(pieces)
        }
    })
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let address = listening(Router::new(), ConnectionBounds { connections: 1, ..bounds() }).await;
    let first = TcpStream::connect(address).await.unwrap();
    // Also where others stay who were told so.
    let mut staying = Vec::new();
    for _ in 0..8 {
        let mut socket = TcpStream::connect(address).await.unwrap();
        let mut answer = vec![0; 12];
        soon(socket.read_exact(&mut answer)).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 503");
        staying.push(socket);
    }
    assert_eq!(raw(address, "").await, "HTTP/1.1 503 too many\r\n\r\n");
    drop((first, staying));
}

#[tokio::test(start_paused = true)]
async fn the_end_does_not_wait_for_a_connection_too_many() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let end = CancellationToken::new();
    let bounds = ConnectionBounds { connections: 0, ..bounds() };
    let serving = tokio::spawn(serve(listener, Router::new(), Some(bounds), end.clone().cancelled_owned()));
    let mut staying = TcpStream::connect(address).await.unwrap();
    staying.read_exact(&mut [0; 12]).await.unwrap();
    let began = tokio::time::Instant::now();
    end.cancel();
    serving.await.unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn who_says_nothing_or_half_a_request_is_closed() {
    let router = Router::new().route("/", get(|| async { "good" }));
    let address = listening(router, ConnectionBounds { head: Duration::from_millis(50), ..bounds() }).await;
    for (said, answered) in
        [("", false), ("GET / HTTP/1.1\r\nhost:", false), ("GET / HTTP/1.1\r\nhost: x\r\n\r\n", true)]
    {
        assert_eq!(raw(address, said).await.ends_with("good"), answered, "{said:?}");
    }
}

#[tokio::test]
async fn an_answer_without_an_end_lives_on_while_somebody_reads_it() {
    let (tell, mut dropped) = mpsc::unbounded_channel();
    let short = Duration::from_millis(10);
    let address = listening(endless(tell, 1), ConnectionBounds { head: short * 5, stall: short, ..bounds() }).await;
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    soon(socket.read_exact(&mut [0; 300])).await.unwrap();
    assert!(dropped.try_recv().is_err());
}

#[tokio::test]
async fn who_reads_nothing_is_cut() {
    let (tell, mut dropped) = mpsc::unbounded_channel();
    let address =
        listening(endless(tell, 8 << 20), ConnectionBounds { stall: Duration::from_millis(50), ..bounds() }).await;
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    soon(dropped.recv()).await.unwrap();
}

#[tokio::test]
async fn what_a_handler_does_not_read_leaves_the_connection_usable_or_closes_it_in_order() {
    let address = listening(Router::new(), bounds()).await;
    let mut socket = TcpStream::connect(address).await.unwrap();
    for _ in 0..20 {
        socket.write_all(b"POST /nothing HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n").await.unwrap();
        let mut answer = vec![0; 12];
        soon(socket.read_exact(&mut answer)).await.unwrap();
        assert_eq!(answer, b"HTTP/1.1 404");
        let mut byte = [0];
        while !answer.ends_with(b"\r\n\r\n") {
            soon(socket.read_exact(&mut byte)).await.unwrap();
            answer.push(byte[0]);
        }
        assert!(!String::from_utf8_lossy(&answer).contains("connection: close"));
        socket.write_all(&[b'x'; 100_000]).await.unwrap();
    }
    let answer = raw(address, "POST /nothing HTTP/1.1\r\nhost: x\r\ncontent-length: 3000000\r\n\r\nnot all").await;
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("connection: close"), "{answer}");
}
