//! Failures that would be the same at every further try: those of the registered package and its configuration.
//! Failures of the machine at this moment (its memory, its disk, its network, a port that is taken) may pass.

use super::{CommandError, EnvironmentError, ExecError, LoadError, MlflowError, ReplicaError, UnpackError};
use crate::packages::Unreadable;
use crate::packages::archive::ArchiveError;

impl ReplicaError {
    /// True if every further try would fail the same way until the model or the configuration is changed.
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
            Self::Mlflow(MlflowError::Package(Unreadable::Io(_))) => false,
            Self::Mlflow(_) => true,
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

/// True if the ONNX Runtime did not get the memory that it asked for; it has no code of its own for that.
pub(super) fn is_want_of_memory(why: &str) -> bool {
    ["bad_alloc", "bad allocation", "Failed to allocate memory", "out of memory"]
        .iter()
        .any(|words| why.contains(words))
}

impl ExecError {
    /// As [`ReplicaError::is_lasting`].
    pub(super) fn is_lasting(&self) -> bool {
        use std::io::ErrorKind::{NotFound, PermissionDenied};
        matches!(self, Self::Start { cause, .. } if matches!(cause.kind(), NotFound | PermissionDenied))
    }
}

/// True if a line of an installer's output tells of a failure that may pass.
pub(super) fn may_pass(line: &str) -> bool {
    /// Lines that name packages, whatever these are called.
    const NAMES: [&str; 5] =
        ["collecting ", "downloading ", "requirement already ", "obtaining dependency ", "successfully installed "];
    const PHRASES: [&str; 29] = [
        "connection refused",
        "connection reset",
        "connection timed out",
        "connection broken",
        "connection aborted",
        "connection error",
        "connectionerror",
        "connectionpool(",
        "timed out",
        "timeouterror",
        "connecttimeout",
        "name resolution",
        "name or service not known",
        "dns error",
        "could not fetch",
        "failed to fetch",
        "error sending request",
        "network is unreachable",
        "no route to host",
        "proxyerror",
        "tunnel connection failed",
        "http error 5",
        "server error (5",
        "no space left",
        "disk quota",
        "cannot allocate memory",
        "memoryerror",
        "too many open files",
        "too many requests",
    ];
    let line = line.trim_start().to_ascii_lowercase();
    !NAMES.iter().any(|start| line.starts_with(start)) && PHRASES.iter().any(|phrase| line.contains(phrase))
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
            refused("Fatal error: com.example:Allocate(-1) is not a registered function/op"),
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
            "ERROR: HTTP error 503 while getting https://packages.example/numpy-2.0.0.whl",
            "  HTTP status server error (502 Bad Gateway) for url (https://packages.example/simple/numpy/)",
            "ProxyError('Cannot connect to proxy.', OSError('Tunnel connection failed: 502 Bad Gateway'))",
        ] {
            assert!(may_pass(line), "{line}");
        }
        for line in [
            "ERROR: No matching distribution found for no-such-package==1.0",
            "ERROR: No matching distribution found for networkx==99",
            "Collecting networkx>=2 (from shap)",
            "Collecting async-timeout<6.0,>=4.0 (from aiohttp)",
            "  Downloading proxy_tools-0.1.0.tar.gz (2.9 kB)",
            "ERROR: HTTP error 404 while getting https://packages.example/numpy-2.0.0.whl",
            "ERROR: Could not find a version that satisfies the requirement no-such-package==1.0 (from versions: none)",
            "  × No solution found when resolving dependencies:",
            "error: subprocess-exited-with-error",
        ] {
            assert!(!may_pass(line), "{line}");
        }
    }
}
