//! The socket of a connection to a replica, whose answer is heard also when it listens no more.
//!
//! A replica may answer before it has read the request, and close. What is still being sent then fails; its answer has
//! arrived all the same. So what cannot be sent any more is let go, and reading tells what came of the request: an
//! answer, or none. Such a connection is not used again.

use std::cell::Cell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// See the module.
pub(super) struct Upstream<S> {
    socket: S,
    /// Nothing can be sent any more.
    deaf: Rc<Cell<bool>>,
}

impl<S> Upstream<S> {
    /// Sets `deaf` once nothing can be sent any more.
    pub(super) fn new(socket: S, deaf: Rc<Cell<bool>>) -> Self {
        Self { socket, deaf }
    }

    /// Takes a write that the other side has closed itself to for one that has gone through.
    fn unless_deaf<T>(&self, sent: Poll<io::Result<T>>, all: T) -> Poll<io::Result<T>> {
        match sent {
            Poll::Ready(Err(error)) if matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) => {
                self.deaf.set(true);
                Poll::Ready(Ok(all))
            }
            sent => sent,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Upstream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Upstream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.deaf.get() {
            return Poll::Ready(Ok(buf.len()));
        }
        let sent = Pin::new(&mut self.socket).poll_write(cx, buf);
        self.unless_deaf(sent, buf.len())
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.deaf.get() {
            return Poll::Ready(Ok(()));
        }
        let flushed = Pin::new(&mut self.socket).poll_flush(cx);
        self.unless_deaf(flushed, ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.deaf.get() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
