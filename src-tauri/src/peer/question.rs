//! One request and its answer, on a connection of its own.

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{HeaderMap, Request};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// An answer.
pub(crate) struct Answered {
    /// HTTP status.
    pub(crate) status: u16,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// The body; of one that is longer than what was wanted, its beginning, which is longer too.
    pub(crate) body: Vec<u8>,
}

/// Sends a request over `stream`, and reads the answer until its body is longer than `most_bytes`.
///
/// # Errors
/// The connection ends before the answer is whole, or what comes is no answer.
pub(crate) async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Full<Bytes>>,
    most_bytes: usize,
) -> hyper::Result<Answered> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let answered = async {
        let (head, mut body) = sender.send_request(request).await?.into_parts();
        let mut read = Vec::new();
        while let Some(frame) = body.frame().await {
            read.extend_from_slice(frame?.data_ref().map_or(&[], |data| data.as_ref()));
            if read.len() > most_bytes {
                break;
            }
        }
        Ok(Answered { status: head.status.as_u16(), headers: head.headers, body: read })
    };
    tokio::pin!(answered, connection);
    tokio::select! {
        biased;
        answer = &mut answered => answer,
        ended = &mut connection => match ended {
            Ok(()) => answered.await,
            Err(cause) => Err(cause),
        },
    }
}
