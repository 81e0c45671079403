//! The reasons for which an archive is refused.

use std::io;

/// The reason why an archive cannot be unpacked; each a sentence for the person who sent it.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file is something else.
    #[error("the file is no archive that is known here: send a zip, tar or tar.gz")]
    NoArchive,
    /// A name that leads out of the folder, or that no folder can hold.
    #[error("the archive has an entry \"{entry}\", whose name {why}; pack the folder again, from inside it")]
    Name {
        /// The entry's name.
        entry: String,
        /// The problem with the name, as a clause.
        why: &'static str,
    },
    /// A link or a device.
    #[error(
        "the archive has an entry \"{entry}\", which is {what}; only files and folders are taken, so pack the file itself"
    )]
    Kind {
        /// The entry's name.
        entry: String,
        /// The kind of entry that it is.
        what: &'static str,
    },
    /// Two entries for one place.
    #[error(
        "the archive has an entry \"{entry}\" twice, or two names that differ in upper and lower case only; keep one of them"
    )]
    Twice {
        /// The entry's name.
        entry: String,
    },
    /// More than any model needs.
    #[error("the archive has more than {limit} entries, the limit; leave out what the model does not need")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The archive unpacks to more than the limit.
    #[error("the archive unpacks to more than {limit} bytes, the limit")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// The archive unpacks to far more than its own size.
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
        /// The entry's name.
        entry: String,
    },
    /// A way of compressing, or a form, that is not taken.
    #[error("the archive cannot be unpacked: {what}; pack it again as an ordinary zip, tar or tar.gz")]
    Unsupported {
        /// The property that is not taken, as a clause.
        what: String,
    },
    /// The archive ends too early.
    #[error("the archive is cut short: it ends in the middle; send the whole file")]
    CutShort,
    /// The archive contradicts its format, or a checksum does not fit.
    #[error("the archive is damaged: {why}")]
    Damaged {
        /// The problem with the archive.
        why: String,
    },
    /// There is no file in the archive.
    #[error("the archive holds no file")]
    Empty,
    /// No room is left for the archive's content.
    #[error("the disk is full, so the archive was not unpacked; free some space and send it again")]
    DiskFull,
    /// The system refuses.
    #[error("the archive cannot be unpacked here: {0}")]
    Io(io::Error),
}

impl ArchiveError {
    /// The failure of reading the archive: it is the archive's fault, unless the disk says otherwise.
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
