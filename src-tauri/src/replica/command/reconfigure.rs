//! Gives the program a new `user_config` on the route that it has for it.

use std::time::Duration;

use hyper::Method;
use serde_json::Value;

use super::ask::{NoAnswer, Port};
use super::rooted;

/// The longest wait for the program. The server, whose own patience may be shorter, ends the question with its
/// connection.
const PATIENCE: Duration = Duration::from_secs(3_600);
/// Most characters of an answer that are repeated.
const ECHO: usize = 500;

/// The route of a program that takes a new `user_config`.
#[derive(Clone, Debug)]
pub(in crate::replica) struct ReconfigureRoute {
    port: Port,
    path: String,
}

/// The reason why the program did not take the `user_config`.
#[derive(Debug, thiserror::Error)]
pub(in crate::replica) enum Unanswered {
    #[error("the program's route {path} answers {status}{said}")]
    Status { path: String, status: u16, said: String },
    #[error("the program's route {path} gives no answer: {cause}")]
    NoAnswer { path: String, cause: NoAnswer },
}

impl Unanswered {
    /// True when the program says that the `user_config` cannot be used, now or later.
    pub(in crate::replica) fn is_refusal(&self) -> bool {
        // It took too long, came too early, or too often.
        const NOT_NOW: [u16; 3] = [408, 425, 429];
        matches!(self, Self::Status { status, .. } if (400..500).contains(status) && !NOT_NOW.contains(status))
    }
}

impl ReconfigureRoute {
    /// The route `path` on this port.
    pub(in crate::replica) fn new(port: Port, path: &str) -> Self {
        Self { port, path: rooted(path) }
    }

    /// Sends it with `POST`; any status from 200 to 299 means that it was taken.
    pub(in crate::replica) async fn give(&self, user_config: &Value) -> Result<(), Unanswered> {
        let path = || self.path.clone();
        let body = user_config.to_string().into();
        let (status, said) = self
            .port
            .ask(Method::POST, &self.path, body, PATIENCE)
            .await
            .map_err(|cause| Unanswered::NoAnswer { path: path(), cause })?;
        if status.is_success() {
            return Ok(());
        }
        let said: String = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
        let said: String = said.chars().take(ECHO).collect();
        let said = if said.is_empty() { said } else { format!(": {said}") };
        Err(Unanswered::Status { path: path(), status: status.as_u16(), said })
    }
}
