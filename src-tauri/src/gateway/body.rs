//! Answers on their way back: nothing is kept, what is read is written.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

use super::client::{Client, Upload, after};
use super::cut::Cut;
use super::deployment::Permit;
use super::headers;
use super::link::ReplicaLink;
use super::tally::Tallied;
use super::worker::Worker;

/// The body of an answer.
pub(super) enum Body {
    /// The gateway's own.
    Own(Bytes),
    /// A replica's, on its way to the client.
    Replica(ReplicaBody),
}

impl Body {
    pub(super) fn own(text: String) -> Self {
        Self::Own(Bytes::from(text))
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match self.get_mut() {
            Self::Own(text) if text.is_empty() => Poll::Ready(None),
            Self::Own(text) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(text))))),
            Self::Replica(body) => body.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Own(text) => text.is_empty(),
            Self::Replica(body) => body.incoming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Own(text) => SizeHint::with_exact(text.len() as u64),
            Self::Replica(body) => body.incoming.size_hint(),
        }
    }
}

/// A replica's answer: carries the connection it comes over and the place at the replica, and gives
/// both back at its end. Dropped before, the connection is closed and then the place given back.
pub(super) struct ReplicaBody {
    incoming: Incoming,
    flow: Option<Flow>,
    /// The replica broke it off; the client is told at the next poll.
    broken: bool,
    quiet_since: Option<Instant>,
    stall_timeout: Duration,
    worker: Rc<Worker>,
    client: Rc<Client>,
}

/// The things that an answer holds until it ends; the order is that of dropping.
pub(super) struct Flow {
    pub(super) link: ReplicaLink,
    /// True if the connection to the replica may carry another request.
    pub(super) keeps: bool,
    pub(super) permit: Permit,
    pub(super) took: Duration,
    pub(super) outcome: Tallied,
}

impl ReplicaBody {
    pub(super) fn new(incoming: Incoming, flow: Flow, worker: Rc<Worker>, client: Rc<Client>) -> Self {
        let stall_timeout = worker.settings.stall_timeout;
        let flow = Some(flow);
        Self { incoming, flow, broken: false, quiet_since: None, stall_timeout, worker, client }
    }

    /// Ends at once if there is nothing to pass on.
    pub(super) fn end_if_empty(&mut self) {
        if self.incoming.is_end_stream() {
            self.end();
        }
    }

    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        if self.broken {
            return Poll::Ready(Some(Err(Cut::Replica)));
        }
        let Some(flow) = &mut self.flow else { return Poll::Ready(None) };
        match flow.link.poll_body(&mut self.incoming, &self.client.bell, cx) {
            Poll::Ready(Some(Ok(mut frame))) => {
                self.quiet_since = None;
                if let Some(trailers) = frame.trailers_mut() {
                    headers::keep_session(trailers);
                }
                if let Some(data) = frame.data_ref() {
                    self.client.note(|note| note.sent(data));
                }
                if self.incoming.is_end_stream() {
                    self.end();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(None) => {
                self.end();
                Poll::Ready(None)
            }
            Poll::Ready(Some(Err(_))) => {
                self.cut();
                self.broken = true;
                // An error now would discard what is still to be written: the client has a right to it,
                // and must see an answer that breaks off, not none.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Pending => {
                let since = *self.quiet_since.get_or_insert_with(Instant::now);
                if self.client.alarm.poll(cx, after(since, self.stall_timeout)).is_pending() {
                    return Poll::Pending;
                }
                self.cut();
                Poll::Ready(Some(Err(Cut::Stalled)))
            }
        }
    }

    /// The answer is complete: counts it, keeps the connection, gives the place back, in this order.
    fn end(&mut self) {
        let Some(Flow { link, keeps, permit, took, outcome }) = self.flow.take() else { return };
        permit.deployment.ended(Some(&permit.endpoint), outcome, took);
        if keeps {
            self.worker.keep(&permit.endpoint, link, Instant::now());
        } else {
            drop(link);
        }
        self.client.note_end(outcome);
        self.client.end();
    }

    /// The answer broke off on our side.
    fn cut(&mut self) {
        if let Some(Flow { link, permit, took, .. }) = self.flow.take() {
            // A body that the client broke off is not ours.
            let outcome = match self.client.upload.get() {
                Upload::Broken | Upload::TooLarge | Upload::TooSlow => Tallied::Neither,
                Upload::Flowing | Upload::AwaitsClient => Tallied::Cut,
            };
            permit.deployment.ended(Some(&permit.endpoint), outcome, took);
            self.client.note_end(outcome);
            drop(link);
        }
    }
}

impl Drop for ReplicaBody {
    fn drop(&mut self) {
        if let Some(Flow { link, permit, took, .. }) = self.flow.take() {
            // The client hung up, unless it is the gateway that ends.
            let outcome = if self.worker.cutting.get() { Tallied::Cut } else { Tallied::Neither };
            permit.deployment.ended(Some(&permit.endpoint), outcome, took);
            self.client.note_end(outcome);
            drop(link);
        }
    }
}
