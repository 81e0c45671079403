//! The process that a server runs in: its runtime and its exit status.

use std::process::ExitCode;
use std::time::Duration;

use tokio::runtime::Builder;

use super::error::BootError;

/// The time that work which is under way gets when the process ends.
pub(super) const LEAVE: Duration = Duration::from_secs(5);

/// The runtime of the server.
///
/// # Errors
/// The system gives no threads.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, BootError> {
    let failed = |source| BootError::System { what: "the program cannot start", source };
    Builder::new_multi_thread().enable_all().build().map_err(failed)
}

/// The exit status of `program`, which says on standard error why it failed.
pub(super) fn status(program: &str, ended: Result<(), BootError>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{program}: {error}");
            ExitCode::FAILURE
        }
    }
}
