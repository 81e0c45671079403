//! How much an archive may come to.

/// How much an archive may come to.
#[derive(Clone, Copy, Debug)]
pub struct ArchiveBounds {
    /// Most files and folders.
    pub entries: usize,
    /// Most bytes that its files may have together.
    pub bytes: u64,
}

impl ArchiveBounds {
    /// 10,000 entries of at most `bytes` bytes together.
    pub fn bytes(bytes: u64) -> Self {
        Self { entries: 10_000, bytes }
    }
}
