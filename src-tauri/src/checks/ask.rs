//! One request to a scratch replica, on its own socket or port: the gateway knows nothing of it.

use std::time::Duration;

use domain::compat::answer::LARGEST;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::peer::Peer;

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
    let asked = async {
        match peer.connect().await {
            Ok(stream) => exchange(stream, question).await,
            Err(cause) => Err(format!("it cannot be reached: {cause}")),
        }
    };
    let late = || format!("it did not answer the sample request within {} ms", patience.as_millis());
    tokio::time::timeout(patience, asked).await.unwrap_or_else(|_| Err(late()))
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    question: ScratchRequest,
) -> Result<ScratchAnswer, String> {
    let failed = |cause: &dyn std::fmt::Display| format!("it did not answer the sample request: {cause}");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|cause| failed(&cause))?;
    let request = match question.body {
        Some(body) => Request::post(question.path).header(CONTENT_TYPE, "application/json").body(Full::from(body)),
        None => Request::get(question.path).body(Full::default()),
    };
    let mut request: Request<Full<Bytes>> = request.map_err(|cause| failed(&cause))?;
    request.headers_mut().insert(HOST, hyper::header::HeaderValue::from_static("replica"));
    let answered = async {
        let response = sender.send_request(request).await.map_err(|cause| failed(&cause))?;
        let status = response.status().as_u16();
        let (mut body, mut read) = (response.into_body(), Vec::new());
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|cause| failed(&cause))?;
            read.extend_from_slice(frame.data_ref().map_or(&[], |data| data.as_ref()));
            if read.len() > LARGEST {
                break;
            }
        }
        Ok(ScratchAnswer { status, body: read.into() })
    };
    tokio::pin!(answered, connection);
    tokio::select! {
        biased;
        answer = &mut answered => answer,
        ended = &mut connection => match ended {
            Ok(()) => answered.await,
            Err(cause) => Err(failed(&cause)),
        },
    }
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
