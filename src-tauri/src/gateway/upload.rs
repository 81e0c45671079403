//! A request's body on its way to a replica.
//!
//! A place at a replica is for work, not for waiting for a client. So the whole body is read before such a place is
//! taken, if it is not longer than [`Settings::held_body_bytes`](super::Settings::held_body_bytes) and there is room; a
//! longer one is passed on as it comes, and whoever sends it must keep a pace.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::client::{Client, Elapsed, Upload, after};
use super::cut::Cut;
use super::headers;
use super::problem::GatewayProblem;
use super::settings::Settings;
use crate::connection::{self, Patience};

/// Bytes a second that a client must send in the long run while a replica waits for them.
const PACE: u32 = 64 << 10;

/// Bytes of bodies that a worker may still hold.
#[derive(Clone)]
pub(super) struct HeldRoom(Rc<Cell<isize>>);

impl HeldRoom {
    pub(super) fn new(bytes: usize) -> Self {
        Self(Rc::new(Cell::new(signed(bytes))))
    }

    fn is_full(&self) -> bool {
        self.0.get() <= 0
    }

    fn take(&self, bytes: usize) {
        self.0.set(self.0.get() - signed(bytes));
    }

    fn give_back(&self, bytes: usize) {
        self.0.set(self.0.get() + signed(bytes));
    }
}

/// A client's body, no longer than allowed.
pub(super) struct BoundedBody {
    inner: connection::RequestBody,
    /// Bytes that it may have.
    limit: u64,
    /// Bytes that may still come.
    left: u64,
    /// Bytes of it that are held before a replica is asked.
    most_held: usize,
    held: Held,
    room: HeldRoom,
    /// Trailers that came after the held bytes.
    trailers: Option<Box<HeaderMap>>,
    patience: Patience,
    quiet_since: Option<Instant>,
    client: Rc<Client>,
}

/// Bytes that have come from the client and are not passed on yet.
#[derive(Default)]
enum Held {
    #[default]
    Nothing,
    /// As it came, which is how nearly all come.
    Piece(Bytes),
    Pieces(BytesMut),
}

impl Held {
    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::Piece(piece) => piece.len(),
            Self::Pieces(pieces) => pieces.len(),
        }
    }

    fn push(&mut self, piece: Bytes) {
        match std::mem::take(self) {
            Self::Nothing => *self = Self::Piece(piece),
            Self::Piece(first) => {
                // Copied together: many small pieces would each keep the buffer that they were read into.
                let mut pieces = BytesMut::with_capacity(2 * (first.len() + piece.len()));
                pieces.extend_from_slice(&first);
                pieces.extend_from_slice(&piece);
                *self = Self::Pieces(pieces);
            }
            Self::Pieces(mut pieces) => {
                pieces.extend_from_slice(&piece);
                *self = Self::Pieces(pieces);
            }
        }
    }

    fn take(&mut self) -> Bytes {
        match std::mem::take(self) {
            Self::Nothing => Bytes::new(),
            Self::Piece(piece) => piece,
            Self::Pieces(pieces) => pieces.freeze(),
        }
    }
}

impl BoundedBody {
    pub(super) fn new(
        inner: connection::RequestBody,
        settings: &Settings,
        room: &HeldRoom,
        client: &Rc<Client>,
    ) -> Self {
        let limit = settings.max_body_bytes;
        Self {
            inner,
            limit,
            left: limit,
            most_held: settings.held_body_bytes,
            held: Held::Nothing,
            room: room.clone(),
            trailers: None,
            patience: Patience::new(settings.upload_stall_timeout, PACE),
            quiet_since: None,
            client: client.clone(),
        }
    }

    /// Takes the body in, if it is short enough, until `deadline`; says whether that took a while.
    pub(super) async fn hold(&mut self, deadline: Instant) -> Result<bool, GatewayProblem> {
        let most = self.most_held;
        if self.inner.is_end_stream() || self.inner.size_hint().lower() > most as u64 {
            return Ok(false);
        }
        let client = self.client.clone();
        let mut waited = false;
        let held = client.alarm.within(
            deadline,
            std::future::poll_fn(|cx| {
                let polled = self.poll_hold(most, cx);
                waited |= polled.is_pending();
                polled
            }),
        );
        match held.await {
            Ok(Ok(())) => Ok(waited),
            Ok(Err(())) => Err(self.why_broken()),
            Err(Elapsed) => Err(GatewayProblem::RequestTimeout),
        }
    }

    fn poll_hold(&mut self, most: usize, cx: &mut Context<'_>) -> Poll<Result<(), ()>> {
        loop {
            if self.inner.is_end_stream() || self.held.len() >= most || self.room.is_full() {
                return Poll::Ready(Ok(()));
            }
            match std::task::ready!(self.poll_inner(cx)) {
                None => return Poll::Ready(Ok(())),
                Some(Err(_)) => return Poll::Ready(Err(())),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(piece) => {
                        self.room.take(piece.len());
                        self.held.push(piece);
                    }
                    Err(frame) => self.trailers = frame.into_trailers().ok().map(Box::new),
                },
            }
        }
    }

    /// The reason why it was cut short.
    fn why_broken(&self) -> GatewayProblem {
        match self.client.upload.get() {
            Upload::TooLarge => GatewayProblem::RequestTooLarge(self.limit),
            _ => GatewayProblem::RequestBroken,
        }
    }

    /// The next piece from the client.
    fn poll_inner(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let inner = &mut self.inner;
        let (polled, other_end) = self.client.bell.quietly(|| Pin::new(&mut *inner).poll_frame(cx));
        // The other end, which reads from the client, has nothing left to do once all of it is here.
        if other_end && !inner.is_end_stream() {
            self.client.bell.ring();
        }
        let (upload, polled) = match polled {
            Poll::Pending => (Upload::AwaitsClient, Poll::Pending),
            Poll::Ready(None) => (Upload::Flowing, Poll::Ready(None)),
            Poll::Ready(Some(Err(error))) => (Upload::Broken, Poll::Ready(Some(Err(Cut::Client(error))))),
            Poll::Ready(Some(Ok(mut frame))) => {
                if let Some(trailers) = frame.trailers_mut() {
                    headers::keep_credentials(trailers);
                }
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                match self.left.checked_sub(length) {
                    Some(left) => {
                        self.left = left;
                        if let Some(data) = frame.data_ref() {
                            self.client.note(|note| note.received(data));
                        }
                        (Upload::Flowing, Poll::Ready(Some(Ok(frame))))
                    }
                    None => (Upload::TooLarge, Poll::Ready(Some(Err(Cut::TooLarge)))),
                }
            }
        };
        self.client.upload.set(upload);
        polled
    }

    fn poll_too_slow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // While both talk, the answer has a limit of its own.
        if self.client.answering.get() {
            return Poll::Pending;
        }
        let since = *self.quiet_since.get_or_insert_with(Instant::now);
        self.client.alarm.poll(cx, after(since, self.patience.left()))
    }
}

impl HttpBody for BoundedBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let this = &mut *self;
        if !matches!(this.held, Held::Nothing) {
            let held = this.held.take();
            this.room.give_back(held.len());
            return Poll::Ready(Some(Ok(Frame::data(held))));
        }
        if let Some(trailers) = this.trailers.take() {
            return Poll::Ready(Some(Ok(Frame::trailers(*trailers))));
        }
        let polled = this.poll_inner(cx);
        match &polled {
            Poll::Pending => {
                if this.poll_too_slow(cx).is_ready() {
                    this.client.upload.set(Upload::TooSlow);
                    return Poll::Ready(Some(Err(Cut::TooSlow)));
                }
            }
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(since) = this.quiet_since.take() {
                    this.patience.came(frame.data_ref().map_or(0, Bytes::len), since.elapsed());
                }
            }
            Poll::Ready(_) => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.held, Held::Nothing) && self.trailers.is_none() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (held, inner) = (self.held.len() as u64, self.inner.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(held + inner.lower());
        if let Some(upper) = inner.upper() {
            hint.set_upper(held + upper);
        }
        hint
    }
}

impl Drop for BoundedBody {
    fn drop(&mut self) {
        self.room.give_back(self.held.len());
    }
}

fn signed(bytes: usize) -> isize {
    isize::try_from(bytes).unwrap_or(isize::MAX)
}
