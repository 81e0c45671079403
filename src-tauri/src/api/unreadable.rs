//! Refusals of model files that cannot be received, unpacked or read.

use domain::compat::{CheckName, Report};
use domain::wire::ErrorCode;

use crate::commands::Refusal;
use crate::packages::Unreadable;
use crate::packages::archive::ArchiveError;
use crate::packages::artifacts::ArtifactError;

impl From<ArtifactError> for Refusal {
    fn from(error: ArtifactError) -> Self {
        let code = match &error {
            ArtifactError::DiskFull { .. } => ErrorCode::StorageFull,
            ArtifactError::TooLarge { .. } => ErrorCode::PackageTooLarge,
            ArtifactError::BrokeOff { .. } => ErrorCode::MalformedRequest,
            ArtifactError::Unknown(_) => ErrorCode::NotFound,
            ArtifactError::Io { .. } => ErrorCode::Internal,
        };
        Self::new(code, sentence(&error))
    }
}

impl From<Unreadable> for Refusal {
    fn from(error: Unreadable) -> Self {
        let code = match &error {
            Unreadable::TooLarge { .. } => ErrorCode::PackageTooLarge,
            Unreadable::Io(_) => ErrorCode::Internal,
            _ => return unreadable(&error, &error.checks()),
        };
        Self::new(code, sentence(&error))
    }
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        let code = match &error {
            ArchiveError::TooLarge { .. } => ErrorCode::PackageTooLarge,
            ArchiveError::DiskFull => ErrorCode::StorageFull,
            ArchiveError::Io(_) => ErrorCode::Internal,
            ArchiveError::NoArchive | ArchiveError::Empty => return unreadable(&error, &[CheckName::NotAModel]),
            _ => return unreadable(&error, &[CheckName::NotLoadable]),
        };
        Self::new(code, sentence(&error))
    }
}

/// A package that cannot be read, loaded or trusted.
fn unreadable(error: &dyn std::fmt::Display, checks: &[CheckName]) -> Refusal {
    let sentence = sentence(error);
    let report = Report::unreadable(checks, &sentence);
    Refusal::new(ErrorCode::PackageUnreadable, sentence).with("compatibility", serde_json::json!(report))
}

/// An error's text as a sentence of its own.
fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => text,
    }
}
