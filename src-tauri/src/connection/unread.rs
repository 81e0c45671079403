//! The unread rest of a request's body when its answer is given.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, EXPECT, HeaderMap, HeaderValue};
use http::{Response, StatusCode};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

/// Most bytes that are read on for the sake of the next request; reading more costs more than another connection.
const READ_ON: u64 = 1 << 20;
/// Longest answer that is surely written at once, whether or not the client reads it: it fits into a socket's buffer.
const SHORT: u64 = 16 << 10;
/// The longest time for which the rest of a body is thrown away, and the longest wait for its next piece.
const LONGEST: Duration = Duration::from_secs(60);
const QUIET: Duration = Duration::from_secs(5);
/// Pieces that are thrown away before other connections have their turn.
const PIECES: usize = 32;

/// All of the body has been read.
const NOTHING: u64 = 0;
/// Nobody knows how much of the body is to come, or whether it comes at all.
const UNKNOWN: u64 = u64::MAX;

/// The request is not answered yet.
const OPEN: u8 = 0;
/// The request is answered, and the rest of its body is thrown away as it comes.
const READS_ON: u8 = 1;
/// The request is answered, and nothing more of its body is read.
const HANGS_UP: u8 = 2;

/// A connection's knowledge of the body of its current request. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Unread(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Bytes that have not been read, [`NOTHING`] or [`UNKNOWN`].
    left: AtomicU64,
    stage: AtomicU8,
    /// True when `rest` holds a body; looked at more often than there is one.
    came_back: AtomicBool,
    rest: Mutex<Rest>,
    /// The connection ends while the client may be sending.
    cut: AtomicBool,
}

/// A body that nobody reads any more.
#[derive(Default)]
struct Rest {
    body: Option<Incoming>,
    /// When to give up: in all, and unless something comes.
    give_up: Option<(Instant, Pin<Box<Sleep>>)>,
}

/// The body of a request, on loan from its connection.
pub(crate) struct RequestBody {
    incoming: Option<Incoming>,
    shared: Arc<Shared>,
}

impl Unread {
    /// The body of the next request; its headers say whether the client waits to be told to send it.
    pub(crate) fn lend(&self, headers: &HeaderMap, incoming: Incoming) -> RequestBody {
        let waits = headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
        let left = match known(&incoming) {
            NOTHING => NOTHING,
            _ if waits => UNKNOWN,
            left => left,
        };
        self.0.left.store(left, Relaxed);
        self.0.stage.store(OPEN, Relaxed);
        RequestBody { incoming: Some(incoming), shared: self.0.clone() }
    }

    /// The request is answered with this: decides what becomes of the rest of its body, and says so to the client.
    pub(crate) fn answered<B: Body>(&self, response: &mut Response<B>) {
        let left = self.0.left.load(Relaxed);
        if left == NOTHING || response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return;
        }
        let mut stage = READS_ON;
        if left > READ_ON {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            if response.body().size_hint().upper().is_some_and(|length| length <= SHORT) {
                stage = HANGS_UP;
            }
        }
        self.0.stage.store(stage, Relaxed);
    }

    /// True while part of the current request is unread.
    pub(crate) fn is_left(&self) -> bool {
        self.0.left.load(Relaxed) != NOTHING
    }

    /// True when the connection ended while the client may be sending, so that it is to [`linger`](super::linger).
    pub(crate) fn was_cut(&self) -> bool {
        self.0.cut.load(Relaxed)
    }

    /// Throws away what is left of an answered request; ready when it has let go of it.
    pub(super) fn poll_rest(&self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.0.came_back.load(Relaxed) {
            return Poll::Pending;
        }
        let mut rest = self.0.rest.lock().unwrap_or_else(PoisonError::into_inner);
        match self.0.stage.load(Relaxed) {
            OPEN => return Poll::Pending,
            HANGS_UP => self.0.cut.store(true, Relaxed),
            _ => match rest.poll_away(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(true) => self.0.left.store(NOTHING, Relaxed),
                Poll::Ready(false) => self.0.cut.store(true, Relaxed),
            },
        }
        *rest = Rest::default();
        self.0.came_back.store(false, Relaxed);
        Poll::Ready(())
    }
}

impl Rest {
    /// Throws away what has come; says whether that was all of it.
    fn poll_away(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let Some(body) = &mut self.body else { return Poll::Ready(true) };
        let now = Instant::now();
        let (at_the_latest, quiet) =
            self.give_up.get_or_insert_with(|| (now + LONGEST, Box::pin(tokio::time::sleep(QUIET))));
        for _ in 0..PIECES {
            match Pin::new(&mut *body).poll_frame(cx) {
                Poll::Ready(Some(Ok(_))) if body.is_end_stream() => return Poll::Ready(true),
                Poll::Ready(Some(Ok(_))) => quiet.as_mut().reset((now + QUIET).min(*at_the_latest)),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(false),
                Poll::Ready(None) => return Poll::Ready(true),
                Poll::Pending => return quiet.as_mut().poll(cx).map(|()| false),
            }
        }
        if now >= *at_the_latest {
            return Poll::Ready(false);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        let polled = Pin::new(&mut *incoming).poll_frame(cx);
        let left = match &polled {
            Poll::Pending | Poll::Ready(Some(Ok(_))) => known(incoming),
            Poll::Ready(None) => {
                self.incoming = None;
                NOTHING
            }
            Poll::Ready(Some(Err(_))) => {
                // It cannot be read on, and the client may not know yet.
                self.incoming = None;
                self.shared.cut.store(true, Relaxed);
                UNKNOWN
            }
        };
        self.shared.left.store(left, Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or_else(|| SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let Some(incoming) = self.incoming.take().filter(|_| self.shared.left.load(Relaxed) != NOTHING) {
            self.shared.rest.lock().unwrap_or_else(PoisonError::into_inner).body = Some(incoming);
            self.shared.came_back.store(true, Relaxed);
        }
    }
}

/// The length of the body to come, as the request's head states it.
fn known(incoming: &Incoming) -> u64 {
    if incoming.is_end_stream() { NOTHING } else { incoming.size_hint().exact().unwrap_or(UNKNOWN) }
}
