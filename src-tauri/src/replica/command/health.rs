//! Asks the program's health route.

use std::time::Duration;

use hyper::Method;
use hyper::body::Bytes;

use super::ask::{NoAnswer, Port};
use super::rooted;

/// The longest wait for the program's answer: the greatest liveness timeout. Whoever asks this replica hangs up before,
/// when the timeout of its configuration is over, and the question ends with that.
const PATIENCE: Duration = Duration::from_secs(600);

/// The health route of a program.
#[derive(Clone, Debug)]
pub(in crate::replica) struct ProgramHealth {
    port: Port,
    path: String,
}

/// The reason why the program is not ready.
#[derive(Debug, thiserror::Error)]
pub(in crate::replica) enum Unready {
    #[error("the program does not listen on port {port} yet: {cause}")]
    NotListening { port: u16, cause: std::io::Error },
    #[error("the program's health route {path} answers {status}")]
    Status { path: String, status: u16 },
    #[error("the program's health route {path} gives no answer: {cause}")]
    NoAnswer { path: String, cause: String },
}

impl ProgramHealth {
    /// The route `path` on this port.
    pub(in crate::replica) fn new(port: Port, path: &str) -> Self {
        Self { port, path: rooted(path) }
    }

    /// Asks once; ready is status 200.
    pub(in crate::replica) async fn ask(&self) -> Result<(), Unready> {
        match self.port.ask(Method::GET, &self.path, Bytes::new(), PATIENCE).await {
            Ok((status, _)) if status == 200 => Ok(()),
            Ok((status, _)) => Err(Unready::Status { path: self.path.clone(), status: status.as_u16() }),
            Err(NoAnswer::NotListening { port, cause }) => Err(Unready::NotListening { port, cause }),
            Err(NoAnswer::Failed(cause)) => Err(Unready::NoAnswer { path: self.path.clone(), cause }),
        }
    }
}
