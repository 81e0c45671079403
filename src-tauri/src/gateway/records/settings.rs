//! The folder of the records, and the bounds of their number.

use std::path::PathBuf;

/// The folder of the records, and the bounds of their number.
#[derive(Clone, Debug)]
pub struct RecordSettings {
    /// Folder that holds one for each deployment, with `requests.jsonl` and `predictions.jsonl` in it.
    pub folder: PathBuf,
    /// Records that wait to be written, at most. Default 4,096.
    pub queue: usize,
    /// Bytes of bodies that wait to be written, at most. Default 16 MiB.
    pub queue_bytes: usize,
    /// Bytes of a body that are kept, at most. Default 64 KiB.
    pub body_bytes: usize,
    /// Largest request log of a deployment in bytes; there are two of them, the older one moved aside. Default 8 MiB.
    pub requests_bytes: u64,
    /// The same of a deployment's predictions. Default 64 MiB.
    pub predictions_bytes: u64,
}

impl RecordSettings {
    /// The defaults, in `folder`.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self {
            folder,
            queue: 4096,
            queue_bytes: 16 << 20,
            body_bytes: 64 << 10,
            requests_bytes: 8 << 20,
            predictions_bytes: 64 << 20,
        }
    }
}
