//! Which failures would be the same at every further try: those of what was registered and configured. Those of the machine
//! at this moment (its memory, its disk, its network, a port that is taken) may pass.

use super::{CommandError, EnvironmentError, ExecError, LoadError, MlflowError, ReplicaError, UnpackError};
use crate::packages::archive::ArchiveError;

impl ReplicaError {
    /// Whether trying again changes nothing, until somebody changes the model or the configuration.
    pub(super) fn is_lasting(&self) -> bool {
        match self {
            Self::UserConfig(_) | Self::UserConfigRefused(_) | Self::Digest { .. } | Self::Missing { .. } => true,
            Self::Load(error) => match error {
                LoadError::NotServable { .. } => true,
                LoadError::Refused(why) => !is_want_of_memory(why),
                // Says nothing of the model.
                LoadError::Library(_) => false,
            },
            Self::Command(error) => match error {
                CommandError::Placeholder { .. } | CommandError::Empty => true,
                CommandError::WorkingDirectory(_) => true,
                CommandError::Spawn { .. }
                | CommandError::Path(_)
                | CommandError::Output(_)
                | CommandError::Watch(_) => false,
            },
            Self::Environment(error) => match error {
                EnvironmentError::NoPython | EnvironmentError::Installer(_) => true,
                EnvironmentError::Interrupted(_) | EnvironmentError::System { .. } => false,
            },
            Self::Mlflow(error) => match error {
                MlflowError::Place(error) => is_lasting(error),
                _ => true,
            },
            Self::Unpack(error) => is_lasting(error),
            Self::Socket { .. } | Self::Artifact { .. } | Self::System { .. } => false,
            Self::ProgramEnded(_) | Self::Defect => false,
        }
    }
}

fn is_lasting(error: &UnpackError) -> bool {
    match error {
        UnpackError::Archive(ArchiveError::DiskFull | ArchiveError::Io(_)) | UnpackError::System { .. } => false,
        UnpackError::Archive(_) | UnpackError::NoEntry(_) => true,
    }
}

/// The runtime has no code of its own for it.
fn is_want_of_memory(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    ["alloc", "out of memory"].iter().any(|word| why.contains(word))
}

impl ExecError {
    /// As [`ReplicaError::is_lasting`].
    pub(super) fn is_lasting(&self) -> bool {
        use std::io::ErrorKind::{NotFound, PermissionDenied};
        matches!(self, Self::Start { cause, .. } if matches!(cause.kind(), NotFound | PermissionDenied))
    }
}

/// Whether a line of an installer's output tells of something that may pass.
pub(super) fn may_pass(line: &str) -> bool {
    const WORDS: [&str; 17] = [
        "connection",
        "timed out",
        "timeout",
        "name resolution",
        "dns error",
        "could not fetch",
        "failed to fetch",
        "error sending request",
        "network",
        "unreachable",
        "proxy",
        "no space left",
        "disk quota",
        "cannot allocate memory",
        "memoryerror",
        "too many open files",
        "too many requests",
    ];
    let line = line.to_ascii_lowercase();
    WORDS.iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_machine_lacks_may_pass_and_what_was_registered_does_not_change() {
        let refused = |why: &str| ReplicaError::Load(LoadError::Refused(why.to_owned()));
        let system = || std::io::Error::from(std::io::ErrorKind::Other);
        for lasting in [
            ReplicaError::UserConfigRefused("threshold: …".to_owned()),
            refused("Fatal error: ai.onnx:Nothing(-1) is not a registered function/op"),
            ReplicaError::Environment(EnvironmentError::Installer("ERROR: No matching distribution".to_owned())),
            ReplicaError::Unpack(UnpackError::Archive(ArchiveError::CutShort)),
        ] {
            assert_eq!(lasting.exit_status(), 78, "{lasting}");
        }
        for passing in [
            refused("Failed to allocate memory for requested buffer of size 4096"),
            refused("std::bad_alloc"),
            ReplicaError::Environment(EnvironmentError::Interrupted("ERROR: No matching distribution".to_owned())),
            ReplicaError::Unpack(UnpackError::Archive(ArchiveError::DiskFull)),
            ReplicaError::System { what: "threads", cause: system() },
            ReplicaError::Artifact { path: "model".into(), cause: system() },
        ] {
            assert_eq!(passing.exit_status(), 1, "{passing}");
        }
        assert_eq!(ReplicaError::ProgramEnded(3).exit_status(), 3);
    }

    #[test]
    fn a_download_that_broke_off_is_told_from_a_package_that_is_not_there() {
        for line in [
            "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError'",
            "  Caused by: dns error",
            "error: Failed to fetch: `https://packages.example/simple/numpy/`",
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            "ReadTimeoutError: Read timed out.",
        ] {
            assert!(may_pass(line), "{line}");
        }
        for line in [
            "ERROR: No matching distribution found for no-such-package==1.0",
            "ERROR: Could not find a version that satisfies the requirement no-such-package==1.0 (from versions: none)",
            "  × No solution found when resolving dependencies:",
            "error: subprocess-exited-with-error",
        ] {
            assert!(!may_pass(line), "{line}");
        }
    }
}
