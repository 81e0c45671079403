//! The bounds of an archive's content.

/// The bounds of an archive's content.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveBounds {
    /// Most files and folders.
    pub entries: usize,
    /// Most bytes that the archive's files may have together.
    pub bytes: u64,
}

impl ArchiveBounds {
    /// 10,000 entries of at most `bytes` bytes together.
    pub fn bytes(bytes: u64) -> Self {
        Self { entries: 10_000, bytes }
    }
}
