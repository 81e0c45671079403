//! Asks the program's health route.

use std::net::Ipv4Addr;
use std::time::Duration;

use http_body_util::Empty;
use hyper::body::Bytes;
use hyper::header::HOST;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// How long the program may take to answer at the very most: the greatest liveness timeout. Who asks this
/// replica hangs up before, when the timeout of its configuration is over, and the question ends with that.
const PATIENCE: Duration = Duration::from_secs(600);

/// The health route of a program.
#[derive(Clone, Debug)]
pub(in crate::replica) struct Health {
    port: u16,
    path: String,
}

/// Why the program is not ready.
#[derive(Debug, thiserror::Error)]
pub(in crate::replica) enum Unready {
    #[error("the program does not listen on port {port} yet: {cause}")]
    NotListening { port: u16, cause: std::io::Error },
    #[error("the program's health route {path} answers {status}")]
    Status { path: String, status: u16 },
    #[error("the program's health route {path} gives no answer: {cause}")]
    NoAnswer { path: String, cause: String },
}

impl Health {
    /// The route `path` on 127.0.0.1:`port`.
    pub(in crate::replica) fn new(port: u16, path: &str) -> Self {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Self { port, path }
    }

    /// Asks once; ready is status 200.
    pub(in crate::replica) async fn ask(&self) -> Result<(), Unready> {
        let no_answer = |cause: String| Unready::NoAnswer { path: self.path.clone(), cause };
        match tokio::time::timeout(PATIENCE, self.status()).await {
            Err(_) => Err(no_answer(format!("{} s have passed", PATIENCE.as_secs()))),
            Ok(Err(unready)) => Err(unready),
            Ok(Ok(200)) => Ok(()),
            Ok(Ok(status)) => Err(Unready::Status { path: self.path.clone(), status }),
        }
    }

    async fn status(&self) -> Result<u16, Unready> {
        let no_answer = |cause: String| Unready::NoAnswer { path: self.path.clone(), cause };
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))
            .await
            .map_err(|cause| Unready::NotListening { port: self.port, cause })?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|cause| no_answer(cause.to_string()))?;
        let request = hyper::Request::get(self.path.as_str())
            .header(HOST, format!("127.0.0.1:{}", self.port))
            .body(Empty::<Bytes>::new())
            .map_err(|cause| no_answer(cause.to_string()))?;
        let answered = sender.send_request(request);
        tokio::pin!(answered);
        tokio::pin!(connection);
        // The connection ends with this call: nothing of it is left behind.
        let response = tokio::select! {
            response = &mut answered => response,
            ended = &mut connection => match ended {
                Ok(()) => answered.await,
                Err(cause) => Err(cause),
            },
        };
        response.map(|response| response.status().as_u16()).map_err(|cause| no_answer(cause.to_string()))
    }
}
