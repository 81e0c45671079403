//! One connection to a replica.
//!
//! It has no task of its own: whoever asks over it drives it, so a request costs no hand-over between
//! tasks, and dropping the request closes the connection at once. While it lies in the pool nobody
//! drives it; that the replica has closed it is noticed when it is used next, before anything is sent.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;

use super::bell::Bell;
use super::upload::BoundedBody;
use super::upstream::Upstream;
use crate::peer::{Peer, Stream};

type Socket = TokioIo<Upstream<Stream>>;

/// See the module. Boxed, because it moves between request, answer and pool.
pub(super) struct ReplicaLink(Box<Parts>);

struct Parts {
    sender: SendRequest<BoundedBody>,
    /// `None` once closed.
    connection: Option<Connection<Socket, BoundedBody>>,
    idle_since: Instant,
    /// The replica takes nothing any more.
    deaf: Rc<Cell<bool>>,
}

/// The outcome of a request over a link.
pub(super) enum LinkOutcome {
    /// The head of an answer.
    Answer(Response<Incoming>),
    /// Nothing of it was written: here it is, it may be sent elsewhere.
    Unsent(Box<Request<BoundedBody>>),
    /// The connection broke after something of it was written, perhaps all.
    Broken,
}

impl ReplicaLink {
    /// Connects.
    pub(super) async fn open(peer: &Peer, timeout: Duration) -> io::Result<Self> {
        let socket = tokio::time::timeout(timeout, peer.connect()).await??;
        let deaf = Rc::new(Cell::new(false));
        let socket = TokioIo::new(Upstream::new(socket, deaf.clone()));
        let (sender, connection) = Builder::new().writev(false).handshake(socket).await.map_err(io::Error::other)?;
        Ok(Self(Box::new(Parts { sender, connection: Some(connection), idle_since: Instant::now(), deaf })))
    }

    /// Sends a request and reads until the head of its answer.
    pub(super) async fn ask(&mut self, request: Request<BoundedBody>) -> LinkOutcome {
        // The answer comes only through `drive`, in this task: it needs neither a waker nor a share of
        // the task's budget, which it could lose the wake-up with.
        let mut answer = pin!(tokio::task::unconstrained(self.0.sender.try_send_request(request)));
        let connection = &mut self.0.connection;
        let answer = std::future::poll_fn(|cx| {
            drive(connection, cx);
            answer.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        })
        .await;
        match answer {
            Ok(response) => LinkOutcome::Answer(response),
            Err(mut error) => {
                error.take_message().map_or(LinkOutcome::Broken, |request| LinkOutcome::Unsent(Box::new(request)))
            }
        }
    }

    /// The next piece of the answer's body.
    pub(super) fn poll_body(
        &mut self,
        body: &mut Incoming,
        bell: &Bell,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        // The other end of the body is the connection, which is driven right here when it is empty: nobody
        // need be woken on either end.
        let mut take = || bell.quietly(|| Pin::new(&mut *body).poll_frame(&mut Context::from_waker(Waker::noop()))).0;
        if let Poll::Ready(frame) = take() {
            return Poll::Ready(frame);
        }
        drive(&mut self.0.connection, cx);
        take()
    }

    /// Has nothing to do from `now` on; says whether another request may be sent over it.
    pub(super) fn rest(&mut self, now: Instant) -> bool {
        self.0.idle_since = now;
        // Leaves no waker behind: the task that used it last is not to be woken by the next one's request.
        drive(&mut self.0.connection, &mut Context::from_waker(Waker::noop()));
        self.0.connection.is_some() && self.0.sender.is_ready() && !self.0.deaf.get()
    }

    /// The time since its last request.
    pub(super) fn idle_for(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.0.idle_since)
    }
}

/// Reads and writes what can be; a closed connection is dropped, which gives unsent requests back.
fn drive(connection: &mut Option<Connection<Socket, BoundedBody>>, cx: &mut Context<'_>) {
    if let Some(open) = connection
        && Pin::new(open).poll(cx).is_ready()
    {
        *connection = None;
    }
}
