//! Fills a folder with files, and stops at the bounds.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::bounds::ArchiveBounds;
use super::error::ArchiveError;
use super::names::{self, Kind, Names};

/// Largest share of what is unpacked to what was sent. Real weights do not come near it.
const TIMES: u64 = 200;
/// Bytes that may be unpacked whatever the share.
const ALWAYS: u64 = 64 << 20;
/// The number of bytes that are read and written at once.
const CHUNK: usize = 128 << 10;

pub(super) struct Fill<'a> {
    folder: &'a Path,
    bounds: ArchiveBounds,
    names: Names,
    entries: usize,
    files: usize,
    written: u64,
    /// Most bytes that an archive of this size is believed to hold.
    plausible: u64,
    chunk: Vec<u8>,
}

impl<'a> Fill<'a> {
    /// Into the empty folder `folder`, from an archive of `size` bytes.
    pub(super) fn new(folder: &'a Path, bounds: ArchiveBounds, size: u64) -> Self {
        let plausible = size.saturating_mul(TIMES).saturating_add(ALWAYS);
        let (names, chunk) = (Names::default(), vec![0; CHUNK]);
        Self { folder, bounds, names, entries: 0, files: 0, written: 0, plausible, chunk }
    }

    /// Most bytes that will be written.
    pub(super) fn most(&self) -> u64 {
        self.bounds.bytes.min(self.plausible)
    }

    /// Counts an entry, whatever becomes of it.
    pub(super) fn count(&mut self) -> Result<(), ArchiveError> {
        self.entries += 1;
        if self.entries.max(self.names.len()) > self.bounds.entries {
            return Err(ArchiveError::TooMany { limit: self.bounds.entries });
        }
        Ok(())
    }

    /// Makes the folder that `name` means.
    pub(super) fn folder(&mut self, name: &[u8]) -> Result<(), ArchiveError> {
        let path = names::path(name)?;
        if !path.is_empty() && self.names.take(&path, Kind::Folder)? {
            make(&self.folder.join(path))?;
        }
        Ok(())
    }

    /// Refuses what says itself that it is too much; what says less is held to the bounds while it is written.
    pub(super) fn announced(&self, declared: u64) -> Result<(), ArchiveError> {
        self.within(self.written.saturating_add(declared))
    }

    fn within(&self, bytes: u64) -> Result<(), ArchiveError> {
        if bytes <= self.most() {
            Ok(())
        } else if self.plausible < self.bounds.bytes {
            Err(ArchiveError::Bomb { times: TIMES })
        } else {
            Err(ArchiveError::TooLarge { limit: self.bounds.bytes })
        }
    }

    /// Writes the file that `name` means; how many bytes it has.
    pub(super) fn file(&mut self, name: &[u8], program: bool, content: &mut impl Read) -> Result<u64, ArchiveError> {
        let path = names::path(name)?;
        if path.is_empty() {
            return Err(ArchiveError::Name { entry: String::new(), why: "is empty" });
        }
        self.names.take(&path, Kind::File)?;
        let place: PathBuf = self.folder.join(path);
        if let Some(parent) = place.parent() {
            make(parent)?;
        }
        let mode = if program { 0o700 } else { 0o600 };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&place)?;
        let before = self.written;
        loop {
            let read = match content.read(&mut self.chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(ArchiveError::reading(&cause)),
            };
            self.written += read as u64;
            self.within(self.written)?;
            file.write_all(&self.chunk[..read])?;
        }
        self.files += 1;
        Ok(self.written - before)
    }

    /// After the last entry.
    pub(super) fn finish(self) -> Result<(), ArchiveError> {
        if self.files == 0 { Err(ArchiveError::Empty) } else { Ok(()) }
    }
}

fn make(folder: &Path) -> io::Result<()> {
    match fs::symlink_metadata(folder) {
        Ok(_) => Ok(()),
        Err(_) => DirBuilder::new().recursive(true).mode(0o700).create(folder),
    }
}
