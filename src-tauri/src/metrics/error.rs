//! Failures of keeping and reading metrics.

use std::io;
use std::path::PathBuf;

use domain::metrics::InvalidHistogram;
use rusqlite::ErrorCode;

use crate::store::StoreError;

/// A failure of keeping or reading metrics.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The file is not as it was written.
    #[error("metrics.db is damaged: {0}")]
    Damaged(String),
    /// Another version, or another program, wrote the file.
    #[error("metrics.db has the schema {0}, which this version does not know")]
    Strange(i64),
    /// SQLite cannot read or write just now.
    #[error("metrics.db cannot be used: {0}")]
    Sqlite(rusqlite::Error),
    /// The system refuses the file.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// The journal cannot be asked for deployments that were deleted.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl MetricsError {
    /// True when trying again will not help: the file is to be set aside.
    pub(super) fn is_of_the_file(&self) -> bool {
        matches!(self, Self::Damaged(_) | Self::Strange(_))
    }
}

impl From<rusqlite::Error> for MetricsError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        match &error {
            _ if matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)) => {
                Self::Damaged(error.to_string())
            }
            // What is asked never changes, so the tables are others.
            _ if code == Some(ErrorCode::Unknown) => Self::Damaged(error.to_string()),
            rusqlite::Error::SqlInputError { .. }
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<InvalidHistogram> for MetricsError {
    fn from(error: InvalidHistogram) -> Self {
        Self::Damaged(error.to_string())
    }
}
