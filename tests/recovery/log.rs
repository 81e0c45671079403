//! SQLite's write-ahead log: where its frames and transactions end, so that it can be torn anywhere.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use changeover::events::Events;
use changeover::store::Store;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// A log as a killed server left it, up to the end of its last whole transaction.
pub(crate) struct Log {
    pub(crate) bytes: Vec<u8>,
    pub(crate) frames: Vec<Frame>,
}

/// One page that was written.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) begin: usize,
    pub(crate) end: usize,
    /// True when a transaction is whole with this frame.
    pub(crate) commits: bool,
}

impl Log {
    /// Reads the log of the database in `data`.
    pub(crate) fn read(data: &Path) -> anyhow::Result<Self> {
        let bytes = fs::read(data.join("changeover.db-wal"))?;
        ensure!(bytes.len() >= HEADER, "the log has no header");
        let page = u32::from_be_bytes(bytes[8..12].try_into()?) as usize;
        let salt = &bytes[16..24];
        let mut frames = Vec::new();
        let mut begin = HEADER;
        while let Some(frame) = bytes.get(begin..begin + FRAME_HEADER + page) {
            // What follows is left over from before the log was begun anew.
            if &frame[8..16] != salt {
                break;
            }
            let end = begin + frame.len();
            frames.push(Frame { begin, end, commits: frame[4..8] != [0; 4] });
            begin = end;
        }
        // A server that was killed while it wrote leaves a transaction without its end: it never happened.
        let whole = frames.iter().rposition(|frame: &Frame| frame.commits).context("no transaction is in the log")?;
        frames.truncate(whole + 1);
        Ok(Self { bytes, frames })
    }

    /// The places where the transactions end, oldest first.
    pub(crate) fn commits(&self) -> Vec<usize> {
        self.frames.iter().filter(|frame| frame.commits).map(|frame| frame.end).collect()
    }

    /// Every end and middle of a frame, and places inside the header and inside what stands before each page.
    pub(crate) fn places(&self) -> Vec<usize> {
        let within = |(n, frame): (usize, &Frame)| {
            let inside = if n % 2 == 0 { FRAME_HEADER / 2 } else { (frame.end - frame.begin) / 2 };
            [frame.begin + inside, frame.end]
        };
        let in_header = [0, 1, HEADER / 2, HEADER - 1, HEADER];
        in_header.into_iter().chain(self.frames.iter().enumerate().flat_map(within)).collect()
    }
}

/// Writes what is left of a log beside its database, as if it had been so when the journal's head was last sealed:
/// what had been on the disk by then, no power cut takes back.
pub(crate) fn write(data: &Path, log: &[u8]) -> anyhow::Result<()> {
    let _ = fs::remove_file(data.join("head.json"));
    // Its index lives in memory and is not there after a power cut.
    let _ = fs::remove_file(data.join("changeover.db-shm"));
    Ok(fs::write(data.join("changeover.db-wal"), log)?)
}

/// A database with what is left of its log.
pub(crate) struct Torn {
    pub(crate) store: Store,
    _folder: tempfile::TempDir,
}

/// Opens a database of which the log was torn.
pub(crate) fn torn(database: &[u8], log: &[u8]) -> anyhow::Result<Torn> {
    // Thousands of files that nobody needs afterwards.
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir())?;
    fs::write(folder.path().join("changeover.db"), database)?;
    write(folder.path(), log)?;
    Ok(Torn { store: Store::open(folder.path(), Events::default())?, _folder: folder })
}

/// A server killed in the midst of a write leaves frames after its last transaction, and they are not read.
#[test]
fn what_was_being_written_is_no_part_of_a_log() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let _store = Store::open(folder.path(), Events::default())?;
    let whole = Log::read(folder.path())?;
    let first = whole.frames[0];
    let mut begun = whole.bytes[first.begin..first.end].to_vec();
    begun[4..8].fill(0);
    let path = folder.path().join("changeover.db-wal");
    let end = whole.frames.last().context("no frame")?.end;
    fs::write(&path, [&whole.bytes[..end], &begun].concat())?;
    let read = Log::read(folder.path())?;
    ensure!(read.commits() == whole.commits(), "{:?} and not {:?}", read.commits(), whole.commits());
    ensure!(read.frames.len() == whole.frames.len(), "{} frames", read.frames.len());
    Ok(())
}
