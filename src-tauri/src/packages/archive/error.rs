//! Why an archive is refused.

use std::io;

/// Why an archive cannot be unpacked; each a sentence for the person who sent it.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is something else.
    #[error("the file is no archive that is known here: send a zip, tar or tar.gz")]
    NoArchive,
    /// A name that leads out of the folder, or that no folder can hold.
    #[error("the archive has an entry \"{entry}\", whose name {why}; pack the folder again, from inside it")]
    Name {
        /// Its name.
        entry: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A link or a device.
    #[error(
        "the archive has an entry \"{entry}\", which is {what}; only files and folders are taken, so pack the file itself"
    )]
    Kind {
        /// Its name.
        entry: String,
        /// What it is.
        what: &'static str,
    },
    /// Two entries for one place.
    #[error(
        "the archive has an entry \"{entry}\" twice, or two names that differ in upper and lower case only; keep one of them"
    )]
    Twice {
        /// Its name.
        entry: String,
    },
    /// More than any model needs.
    #[error("the archive has more than {limit} entries, the limit; leave out what the model does not need")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// It unpacks to more than the limit.
    #[error("the archive unpacks to more than {limit} bytes, the limit")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// It unpacks to far more than it has.
    #[error(
        "the archive unpacks to more than {times} times its size, as only hostile archives do; send a plain tar instead"
    )]
    Bomb {
        /// The limit.
        times: u64,
    },
    /// Nobody here has the password.
    #[error("the archive's entry \"{entry}\" is encrypted; send it without a password")]
    Encrypted {
        /// Its name.
        entry: String,
    },
    /// A way of compressing, or a form, that is not taken.
    #[error("the archive cannot be unpacked: {what}; pack it again as an ordinary zip, tar or tar.gz")]
    Unsupported {
        /// What is not taken.
        what: String,
    },
    /// It ends too early.
    #[error("the archive is cut short: it ends in the middle; send the whole file")]
    CutShort,
    /// It contradicts its format, or a checksum does not fit.
    #[error("the archive is damaged: {why}")]
    Damaged {
        /// What is wrong.
        why: String,
    },
    /// There is no file in it.
    #[error("the archive holds no file")]
    Empty,
    /// No room is left for what it holds.
    #[error("the disk is full, so the archive was not unpacked; free some space and send it again")]
    DiskFull,
    /// The system refuses.
    #[error("the archive cannot be unpacked here: {0}")]
    Io(io::Error),
}

impl ArchiveError {
    /// What went wrong when the archive was read: it is the archive's fault, unless the disk says otherwise.
    pub(super) fn reading(cause: &io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::UnexpectedEof => Self::CutShort,
            _ if cause.raw_os_error().is_some() => Self::Io(io::Error::from(cause.kind())),
            _ => Self::Damaged { why: cause.to_string() },
        }
    }
}

impl From<io::Error> for ArchiveError {
    fn from(cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io(cause),
        }
    }
}

/// A name as an error repeats it.
pub(super) fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name).chars().take(200).flat_map(char::escape_debug).collect()
}
