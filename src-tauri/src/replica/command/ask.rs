//! One request to the program on its own port, and to nobody else who may listen there.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;

use crate::peer::Peer;

/// Most of an answer that is read, in bytes.
const LARGEST: usize = 64 << 10;

/// The reason why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::replica) enum NoAnswer {
    #[error("the program does not listen on port {port} yet: {cause}")]
    NotListening { port: u16, cause: io::Error },
    #[error("{0}")]
    Failed(String),
}

/// The port of the program, and the peer that is known to listen there. Clones share it.
#[derive(Clone, Debug)]
pub(in crate::replica) struct Port {
    number: u16,
    listener: Arc<Peer>,
}

impl Port {
    /// 127.0.0.1:`number`.
    ///
    /// # Errors
    /// The system does not tell when this process was started.
    pub(in crate::replica) fn new(number: u16) -> io::Result<Self> {
        let listener = Peer::own_program(SocketAddr::from((Ipv4Addr::LOCALHOST, number)))?;
        Ok(Self { number, listener: Arc::new(listener) })
    }

    /// Sends `body`, JSON where there is any, and waits for the answer for as long as `patience`.
    ///
    /// The connection ends with this call: nothing of it is left behind.
    pub(super) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
        patience: Duration,
    ) -> Result<(StatusCode, Bytes), NoAnswer> {
        let answer = tokio::time::timeout(patience, self.exchange(method, path, body)).await;
        answer.unwrap_or_else(|_| Err(NoAnswer::Failed(format!("{} s have passed", patience.as_secs()))))
    }

    async fn exchange(&self, method: Method, path: &str, body: Bytes) -> Result<(StatusCode, Bytes), NoAnswer> {
        let failed = |cause: &dyn std::fmt::Display| NoAnswer::Failed(cause.to_string());
        let port = self.number;
        let stream = self.listener.connect().await.map_err(|cause| NoAnswer::NotListening { port, cause })?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|cause| failed(&cause))?;
        let mut request = Request::builder().method(method).uri(path).header(HOST, format!("127.0.0.1:{port}"));
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request.body(Full::new(body)).map_err(|cause| failed(&cause))?;
        let answered = async {
            let response = sender.send_request(request).await.map_err(|cause| failed(&cause))?;
            let status = response.status();
            // What is wrong with a body is no reason to doubt the status.
            let body = Limited::new(response.into_body(), LARGEST).collect().await.map(|body| body.to_bytes());
            Ok((status, body.unwrap_or_default()))
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
}
