//! One request to a scratch replica, on its own socket or port: the gateway knows nothing of it.

use std::time::Duration;

use domain::compat::answer::LARGEST;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::peer::Peer;
use crate::peer::question::exchange;

/// A request to a scratch replica.
#[derive(Clone, Debug)]
pub struct ScratchRequest {
    /// The path.
    pub path: String,
    /// JSON, sent with `POST`; without it the request is a `GET`.
    pub body: Option<String>,
    /// The time that the answer may take.
    pub patience: Duration,
}

/// The answer of a scratch replica.
#[derive(Clone, Debug)]
pub struct ScratchAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body; of one that is longer than what is looked into, its beginning, which is longer too.
    pub body: Bytes,
}

/// Asks the replica `peer`.
///
/// # Errors
/// A sentence when there is no whole answer in time.
pub async fn over_the_wire(peer: Peer, question: ScratchRequest) -> Result<ScratchAnswer, String> {
    let patience = question.patience;
    let answered = async {
        match peer.connect().await {
            Ok(stream) => asked(stream, question).await,
            Err(cause) => Err(format!("it cannot be reached: {cause}")),
        }
    };
    let late = || format!("it did not answer the sample request within {} ms", patience.as_millis());
    tokio::time::timeout(patience, answered).await.unwrap_or_else(|_| Err(late()))
}

async fn asked(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    question: ScratchRequest,
) -> Result<ScratchAnswer, String> {
    let failed = |cause: &dyn std::fmt::Display| format!("it did not answer the sample request: {cause}");
    let request = match question.body {
        Some(body) => Request::post(question.path).header(CONTENT_TYPE, "application/json").body(Full::from(body)),
        None => Request::get(question.path).body(Full::default()),
    };
    let mut request: Request<Full<Bytes>> = request.map_err(|cause| failed(&cause))?;
    request.headers_mut().insert(HOST, hyper::header::HeaderValue::from_static("replica"));
    let answered = exchange(stream, request, LARGEST).await.map_err(|cause| failed(&cause))?;
    Ok(ScratchAnswer { status: answered.status, body: answered.body.into() })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn no_more_is_read_than_is_looked_into() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let answering = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            let _ = stream.read(&mut asked).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n").await.unwrap();
            let block = vec![b' '; 1 << 16];
            // Until nobody reads any more.
            while stream.write_all(&block).await.is_ok() {}
        });
        let question = ScratchRequest { path: "/".to_owned(), body: None, patience: Duration::from_secs(60) };
        let answer = over_the_wire(Peer::own_program(address).unwrap(), question).await.unwrap();
        assert_eq!(answer.status, 200);
        assert!(answer.body.len() > LARGEST && answer.body.len() < 2 * LARGEST, "{}", answer.body.len());
        answering.await.unwrap();
    }
}
