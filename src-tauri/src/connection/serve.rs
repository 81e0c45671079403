//! Answers HTTP/1.1 with a router, within bounds.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::serve::Listener;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::linger::{Lingering, linger};
use super::peer_address::PeerAddress;
use super::socket::Socket;
use super::unread::Unread;

/// Longest request line and headers in bytes, and what is read ahead of a body.
const HEAD: usize = 64 << 10;

/// The limits for clients of a listener.
#[derive(Clone)]
pub(crate) struct ConnectionBounds {
    /// Connections that are open at a time.
    pub(crate) connections: usize,
    /// The whole answer, as bytes, to a connection that is one too many: it is given without reading.
    pub(crate) too_many: Arc<str>,
    /// Longest time until the headers of a client's next request are complete; then the connection is closed.
    pub(crate) head: Duration,
    /// Longest time for which a client may leave an answer unread; then the connection is cut.
    pub(crate) stall: Duration,
}

/// Answers with `router` until `end`, then lets the requests under way finish. Without bounds only where nobody but
/// this program's own processes can connect.
pub(crate) async fn serve<L>(mut listener: L, router: Router, bounds: Option<ConnectionBounds>, end: impl Future)
where
    L: Listener,
    L::Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    L::Addr: 'static,
{
    let places = Arc::new(Semaphore::new(bounds.as_ref().map_or(Semaphore::MAX_PERMITS, |bounds| bounds.connections)));
    let (connections, ending, lingering) = (TaskTracker::new(), CancellationToken::new(), Lingering::default());
    let mut end = std::pin::pin!(end);
    loop {
        let (socket, address) = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut end => break,
        };
        match (places.clone().try_acquire_owned(), &bounds) {
            (Ok(place), _) => {
                let address = PeerAddress::of(&address);
                let answering = answer(socket, address, router.clone(), bounds.clone(), ending.clone());
                connections.spawn(async move {
                    answering.await;
                    drop(place);
                });
            }
            (Err(_), Some(bounds)) => {
                let refusing = refuse(socket, bounds.too_many.clone(), lingering.clone());
                let ending = ending.clone();
                connections.spawn(async move {
                    // Nobody waits for it when the listener ends.
                    tokio::select! {
                        () = refusing => {}
                        () = ending.cancelled() => {}
                    }
                });
            }
            (Err(_), None) => {}
        }
    }
    drop(listener);
    ending.cancel();
    connections.close();
    connections.wait().await;
}

/// Everybody is told; to whom there is a place for it, so that it is read also while they are sending.
async fn refuse(mut socket: impl AsyncRead + AsyncWrite + Unpin, answer: Arc<str>, lingering: Lingering) {
    // It fits into an empty socket buffer.
    if socket.write_all(answer.as_bytes()).await.is_ok()
        && let Some(_place) = lingering.place()
    {
        linger(socket).await;
    }
}

/// One connection, to its end.
async fn answer<S>(
    socket: S,
    address: Option<PeerAddress>,
    router: Router,
    bounds: Option<ConnectionBounds>,
    ending: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let unread = Unread::default();
    let service = {
        let unread = unread.clone();
        service_fn(move |request: Request<Incoming>| {
            let (mut head, body) = request.into_parts();
            if let Some(address) = address {
                head.extensions.insert(address);
            }
            let body = Body::new(unread.lend(&head.headers, body));
            let (unread, answering) = (unread.clone(), router.clone().oneshot(Request::from_parts(head, body)));
            async move {
                let mut response: Response<Body> = answering.await?;
                unread.answered(&mut response);
                Ok::<_, Infallible>(response)
            }
        })
    };
    let mut builder = http1::Builder::new();
    if let Some(bounds) = &bounds {
        builder.timer(TokioTimer::new()).header_read_timeout(bounds.head).max_buf_size(HEAD);
    }
    let io = TokioIo::new(Socket::new(socket, bounds.map(|bounds| bounds.stall)));
    let mut connection = builder.serve_connection(io, service);
    let mut told = std::pin::pin!(ending.cancelled());
    let mut is_told = false;
    let ended = poll_fn(|cx| {
        if !is_told && told.as_mut().poll(cx).is_ready() {
            is_told = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
        super::poll(&mut connection, &unread, cx)
    })
    .await;
    // What cannot be read as a request was answered too.
    if unread.was_cut() || ended.is_err_and(|error| error.is_parse()) {
        // Nobody waits for it when the listener ends.
        tokio::select! {
            () = linger(connection.into_parts().io.into_inner()) => {}
            () = ending.cancelled() => {}
        }
    }
}
