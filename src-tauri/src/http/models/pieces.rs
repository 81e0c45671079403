//! The body of an upload, cut into pieces and bounded where the form's reader is not.
//!
//! # Flow
//!
//! The form's reader takes whatever is ready before it looks at any of it. So it is given one piece, and another one
//! only when it has asked again without having found anything: what it holds unread stays within [`FRAMING`] and a
//! piece. Whoever takes a part, or content of one, says so with [`Pieces::found`].
//!
//! A body ends when nothing has come for [`STALL`] or less than [`PACE`] in the long run, or when the server stops.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use domain::wire::ErrorCode;
use futures_util::{FutureExt as _, StreamExt as _, stream};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::commands::Refusal;
use crate::connection::Patience;

/// Most bytes beside the content of the parts: boundaries and headers, and what stands before, between and after them.
const FRAMING: usize = 64 << 10;
/// Most bytes that the form's reader is given at once.
const PIECE: usize = 64 << 10;
/// The time that the next bytes may take.
const STALL: Duration = Duration::from_secs(20);
/// Bytes a second that must come in the long run.
const PACE: u32 = 16 << 10;

/// The reason why nothing more is taken of a body.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Broken {
    /// The connection ended too early.
    #[error("The upload broke off: {0}. Send it again.")]
    Off(String),
    /// The client says nothing more, or next to nothing.
    #[error(
        "The upload broke off: nothing came for {} seconds, or less than {PACE} bytes a second. Send it again.",
        STALL.as_secs()
    )]
    Idle,
    /// The server ends.
    #[error("The upload broke off: the server is stopping. Send it again when it is back.")]
    Stopping,
    /// A preamble or a header does not end.
    #[error("The form has more than {FRAMING} bytes of headers and boundaries, the limit.")]
    Framing,
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        let code = match broken {
            Broken::Off(_) | Broken::Idle | Broken::Stopping => ErrorCode::MalformedRequest,
            Broken::Framing => ErrorCode::BodyTooLarge,
        };
        Self::new(code, broken.to_string())
    }
}

/// One body; clones share it.
#[derive(Clone)]
pub(super) struct Pieces(Arc<Mutex<State>>);

struct State {
    body: BodyDataStream,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    /// While nothing comes.
    idle: Option<(Instant, Pin<Box<Sleep>>)>,
    patience: Patience,
    /// Bytes that have come and were not given yet.
    rest: Bytes,
    /// True while the reader is to look at what it has before it is given more.
    to_look: bool,
    /// Bytes given that are not known to be content.
    framing: usize,
    broken: Option<Broken>,
}

impl Pieces {
    pub(super) fn of(body: Body, stopping: CancellationToken) -> Self {
        Self(Arc::new(Mutex::new(State {
            body: body.into_data_stream(),
            stopping: Box::pin(stopping.cancelled_owned()),
            idle: None,
            patience: Patience::new(STALL, PACE),
            rest: Bytes::new(),
            to_look: false,
            framing: 0,
            broken: None,
        })))
    }

    /// For the form's reader.
    pub(super) fn body(&self) -> Body {
        let pieces = self.clone();
        Body::from_stream(stream::poll_fn(move |context| pieces.state().poll_piece(context)))
    }

    /// A part has begun, or so many bytes of its content have come out of the form's reader.
    pub(super) fn found(&self, content: usize) {
        let mut state = self.state();
        state.framing = state.framing.saturating_sub(content);
        state.to_look = true;
    }

    /// The reason why there was nothing more to read, where that was not the end.
    pub(super) fn broken(&self) -> Option<Broken> {
        self.state().broken.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        if let Some(broken) = &self.broken {
            return Poll::Ready(Some(Err(broken.clone())));
        }
        if std::mem::take(&mut self.to_look) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.framing > FRAMING {
            return self.breaks(Broken::Framing);
        }
        if self.rest.is_empty() {
            self.rest = match self.poll_arrived(context) {
                Poll::Ready(Some(Ok(arrived))) => arrived,
                other => return other,
            };
        }
        let piece = self.rest.split_to(self.rest.len().min(PIECE));
        self.framing += piece.len();
        self.to_look = true;
        Poll::Ready(Some(Ok(piece)))
    }

    /// The next bytes from the client.
    fn poll_arrived(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        if self.stopping.poll_unpin(context).is_ready() {
            return self.breaks(Broken::Stopping);
        }
        match self.body.poll_next_unpin(context) {
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Ready(Some(Err(error))) => self.breaks(Broken::Off(error.to_string())),
            Poll::Ready(Some(Ok(arrived))) => {
                if let Some((since, _)) = self.idle.take() {
                    self.patience.came(arrived.len(), since.elapsed());
                }
                Poll::Ready(Some(Ok(arrived)))
            }
            Poll::Pending => {
                let left = self.patience.left();
                let (_, idle) = self.idle.get_or_insert_with(|| (Instant::now(), Box::pin(tokio::time::sleep(left))));
                if idle.poll_unpin(context).is_ready() { self.breaks(Broken::Idle) } else { Poll::Pending }
            }
        }
    }

    fn breaks(&mut self, why: Broken) -> Poll<Option<Result<Bytes, Broken>>> {
        self.broken = Some(why.clone());
        Poll::Ready(Some(Err(why)))
    }
}
