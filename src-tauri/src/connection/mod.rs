//! The server's side of an HTTP/1.1 connection, the same for the gateway, the API and replicas.
//!
//! An answer is often given before the request's body has been read: a refusal, or what a replica says by itself. The
//! client may still be sending then. A socket that is closed on it is reset, and the client sees a broken pipe where
//! the status was; a connection that was not said to close is lost to its next request. So:
//!
//! - What is known to be little is read on and thrown away, and the connection carries the next request.
//! - For anything else the answer says `Connection: close`; once it is written, the sending side is closed and what
//!   comes is thrown away until the client stops, or has had its time ([`linger`]).
//!
//! Flow: a body is given out by its connection's [`Unread`] and comes back when it is dropped before its end.
//! [`Unread::answered`] decides by what is left of it; [`poll`] drives the connection and throws the rest away.
//! [`serve`] does all of this for a router.

mod linger;
mod patience;
mod peer_address;
mod serve;
mod socket;
mod unread;

#[cfg(test)]
mod tests;

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Incoming};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1::Connection;
use hyper::service::HttpService;

pub(crate) use linger::{Lingering, linger};
pub(crate) use patience::Patience;
pub(crate) use peer_address::PeerAddress;
pub(crate) use serve::{ConnectionBounds, serve};
pub(crate) use unread::{RequestBody, Unread};

/// Drives a connection, and throws away what is left of the body of a request that has been answered.
pub(crate) fn poll<I, S, B>(
    connection: &mut Connection<I, S>,
    unread: &Unread,
    cx: &mut Context<'_>,
) -> Poll<hyper::Result<()>>
where
    I: Read + Write + Unpin,
    S: HttpService<Incoming, ResBody = B>,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    loop {
        if let Poll::Ready(ended) = Pin::new(&mut *connection).poll(cx) {
            return Poll::Ready(ended);
        }
        // The connection does not notice by itself that nobody wants the rest any more.
        if unread.poll_rest(cx).is_pending() {
            return Poll::Pending;
        }
    }
}
