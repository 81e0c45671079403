//! A client's connection: its timeouts, and what a request on it needs to know of it.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Buf as _, Bytes};
use domain::wire::RequestOutcome;
use http::HeaderMap;
use hyper::body::Incoming;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::bell::Bell;
use super::note::Note;
use super::problem::{GatewayProblem, unreadable};
use super::tally::Tallied;
use crate::connection::{RequestBody, Unread};

/// One timer for a whole connection. Its deadlines nearly always move on, and a timer that rings too
/// early is set again only then, so that a request costs no registration of a timer.
#[derive(Default)]
pub(super) struct Alarm(RefCell<Option<Pin<Box<Sleep>>>>);

/// The deadline was over first.
#[derive(Debug)]
pub(super) struct Elapsed;

impl Alarm {
    /// Ready once `deadline` is over. Several deadlines may be polled in one task.
    pub(super) fn poll(&self, cx: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let deadline = tokio::time::Instant::from_std(deadline);
        let mut sleep = self.0.borrow_mut();
        let sleep = sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        loop {
            ready!(sleep.as_mut().poll(cx));
            if tokio::time::Instant::now() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
    }

    /// The result of `work`, unless `deadline` is over first; `work` is then dropped.
    pub(super) async fn within<F: Future>(&self, deadline: Instant, work: F) -> Result<F::Output, Elapsed> {
        let mut work = std::pin::pin!(work);
        std::future::poll_fn(|cx| match work.as_mut().poll(cx) {
            Poll::Ready(done) => Poll::Ready(Ok(done)),
            Poll::Pending => self.poll(cx, deadline).map(|()| Err(Elapsed)),
        })
        .await
    }
}

/// `from` + `wait`, a month at most.
pub(super) fn after(from: Instant, wait: Duration) -> Instant {
    from + wait.min(Duration::from_secs(30 * 24 * 3600))
}

/// The state of the connection between requests. The time is set when the connection has nothing more to
/// do, not on the way of a request.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// No byte of a request yet, since then.
    Idle(Option<Instant>),
    /// A request has begun and its headers are not complete, since then.
    Head(Option<Instant>),
    /// A request is being answered.
    Busy,
}

/// The state of the current request's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upload {
    /// Nothing is waited for.
    Flowing,
    /// The replica takes it faster than the client sends.
    AwaitsClient,
    /// It was longer than allowed.
    TooLarge,
    /// The client broke it off.
    Broken,
    /// The client sent it too slowly while a replica waited.
    TooSlow,
}

/// The state of one client's connection, shared between its parts on one thread.
pub(super) struct Client {
    pub(super) alarm: Alarm,
    pub(super) bell: Bell,
    pub(super) upload: Cell<Upload>,
    pub(super) unread: Unread,
    /// True once the answer has begun.
    pub(super) answering: Cell<bool>,
    /// About the request under way, if its deployment keeps records.
    note: RefCell<Option<Note>>,
    stage: Cell<Stage>,
    head_timeout: Duration,
    keep_alive: Duration,
}

impl Client {
    pub(super) fn new(settings: &super::Settings) -> Rc<Self> {
        Rc::new(Self {
            alarm: Alarm::default(),
            bell: Bell::default(),
            upload: Cell::new(Upload::Flowing),
            unread: Unread::default(),
            answering: Cell::new(false),
            note: RefCell::default(),
            stage: Cell::new(Stage::Idle(None)),
            head_timeout: settings.head_timeout,
            keep_alive: settings.keep_alive,
        })
    }

    /// A request has come, with this body.
    pub(super) fn begin(&self, headers: &HeaderMap, body: Incoming) -> RequestBody {
        self.stage.set(Stage::Busy);
        self.upload.set(Upload::Flowing);
        self.answering.set(false);
        self.unread.lend(headers, body)
    }

    /// Its answer was given.
    pub(super) fn end(&self) {
        self.stage.set(Stage::Idle(None));
    }

    /// Lets notes be taken of the request under way.
    pub(super) fn note_in(&self, note: Note) {
        *self.note.borrow_mut() = Some(note);
    }

    /// Notes something of the request under way, if notes are taken.
    pub(super) fn note(&self, something: impl FnOnce(&mut Note)) {
        if let Some(note) = self.note.borrow_mut().as_mut() {
            something(note);
        }
    }

    /// Notes how it ended: the last thing.
    pub(super) fn note_end(&self, outcome: Tallied) {
        if let Some(mut note) = self.note.take() {
            note.end(match outcome {
                Tallied::Answered => RequestOutcome::Answered,
                Tallied::Failed => RequestOutcome::Failed,
                Tallied::Cut => RequestOutcome::Cut,
                Tallied::Neither => RequestOutcome::Left,
            });
        }
    }

    /// True while a request is being answered, which is noted as cut on our side.
    pub(super) fn note_cut(&self) -> bool {
        if !matches!(self.stage.get(), Stage::Busy) {
            return false;
        }
        if let Some(mut note) = self.note.take() {
            note.cut();
        }
        true
    }

    /// Notes that the gateway answered by itself: the last thing.
    pub(super) fn note_refusal(&self, refusal: GatewayProblem, bytes: u64) {
        if let Some(mut note) = self.note.take() {
            let outcome = match refusal.outcome() {
                Tallied::Failed | Tallied::Cut => RequestOutcome::Failed,
                Tallied::Answered | Tallied::Neither => RequestOutcome::Refused,
            };
            note.refused(outcome, refusal.status().as_u16(), refusal.code(), bytes);
        }
    }

    /// Ready when the client took too long to send a request.
    pub(super) fn poll_too_slow(&self, cx: &mut Context<'_>) -> Poll<()> {
        let (since, limit) = match self.stage.get() {
            Stage::Busy => return Poll::Pending,
            Stage::Idle(since) => {
                let since = since.unwrap_or_else(Instant::now);
                self.stage.set(Stage::Idle(Some(since)));
                (since, self.keep_alive)
            }
            Stage::Head(since) => {
                let since = since.unwrap_or_else(Instant::now);
                self.stage.set(Stage::Head(Some(since)));
                (since, self.head_timeout)
            }
        };
        self.alarm.poll(cx, after(since, limit))
    }

    fn received(&self) {
        // What is left of the request before is no new one.
        if let Stage::Idle(_) = self.stage.get()
            && !self.unread.is_left()
        {
            self.stage.set(Stage::Head(None));
        }
    }
}

/// The client's socket; fails when the client stops reading while there is something to write.
pub(super) struct ClientIo {
    socket: TcpStream,
    client: Rc<Client>,
    stall_timeout: Duration,
    blocked_since: Option<Instant>,
    /// The unsent part of the text sent in place of the HTTP library's empty answer.
    instead: Option<Bytes>,
}

impl ClientIo {
    pub(super) fn new(socket: TcpStream, client: Rc<Client>, stall_timeout: Duration) -> Self {
        Self { socket, client, stall_timeout, blocked_since: None, instead: None }
    }

    fn unless_stalled<T>(&mut self, cx: &mut Context<'_>, wrote: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.blocked_since = None;
            return wrote;
        }
        let since = *self.blocked_since.get_or_insert_with(Instant::now);
        ready!(self.client.alarm.poll(cx, after(since, self.stall_timeout)));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for ClientIo {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.client.received();
        }
        read
    }
}

impl AsyncWrite for ClientIo {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        // What is said while no request is being answered may be the HTTP library's own word on one that cannot be read.
        if self.instead.is_none() && !matches!(self.client.stage.get(), Stage::Busy) {
            self.instead = unreadable(buf).map(Bytes::from);
        }
        let this = &mut *self;
        let Some(answer) = &mut this.instead else {
            let wrote = Pin::new(&mut this.socket).poll_write(cx, buf);
            return self.unless_stalled(cx, wrote);
        };
        while !answer.is_empty() {
            let written = ready!(Pin::new(&mut this.socket).poll_write(cx, answer))?;
            answer.advance(written);
        }
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.socket).poll_write_vectored(cx, bufs);
        self.unless_stalled(cx, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
