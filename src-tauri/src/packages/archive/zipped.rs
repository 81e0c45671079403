//! Takes zip archives apart.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::error::{ArchiveError, shown};
use super::fill::Fill;

/// Most bytes that are read to find out what an archive holds: its list of entries, for 10,000 of them.
const LIST: u64 = 16 << 20;
/// The length of the end in which the record of a zip64 archive is searched for.
const TAIL: u64 = (1 << 16) + 22 + 20;
/// The bits of a Unix mode that say the kind of file.
const FORMAT: u32 = 0o170_000;

pub(super) fn unpack(file: &mut File, fill: &mut Fill<'_>) -> Result<(), ArchiveError> {
    match end(file)? {
        End::Ordinary => {}
        End::Missing => return Err(ArchiveError::CutShort),
        // Its count of entries is believed when memory is set aside for them, and no archive under the limit needs it.
        End::Zip64 => return Err(ArchiveError::Unsupported { what: "it is a zip64 archive".to_owned() }),
    }
    let budget = Cell::new(LIST);
    let listed = Budgeted { inner: BufReader::new(file), left: &budget };
    let mut archive = ZipArchive::new(listed).map_err(|cause| {
        if budget.get() == 0 {
            ArchiveError::Damaged { why: "its list of entries is too long".to_owned() }
        } else {
            refused(cause, "")
        }
    })?;
    if archive.has_duplicate_names() {
        return Err(ArchiveError::Twice { entry: "(in the list of entries)".to_owned() });
    }
    let mut declared = 0_u64;
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(|cause| refused(cause, ""))?;
        declared = declared.saturating_add(entry.size());
    }
    fill.announced(declared)?;
    for index in 0..archive.len() {
        fill.count()?;
        let (name, folder, program) = {
            let entry = archive.by_index_data(index).map_err(|cause| refused(cause, ""))?;
            let name = entry.name().map_err(|cause| refused(cause, ""))?.into_owned();
            let mode = entry.unix_mode().unwrap_or(0);
            let kind = |what| ArchiveError::Kind { entry: shown(name.as_bytes()), what };
            let folder = entry.is_dir();
            match mode & FORMAT {
                0 | 0o100_000 => {}
                0o040_000 if folder => {}
                0o120_000 => return Err(kind("a link")),
                _ => return Err(kind("neither a file nor a folder")),
            }
            if entry.encrypted() {
                return Err(ArchiveError::Encrypted { entry: shown(name.as_bytes()) });
            }
            if ![CompressionMethod::Stored, CompressionMethod::Deflated].contains(&entry.compression()) {
                let what = format!("\"{}\" is compressed in a way that is not taken here", shown(name.as_bytes()));
                return Err(ArchiveError::Unsupported { what });
            }
            (name, folder, mode & 0o100 != 0)
        };
        if folder {
            fill.folder(name.as_bytes())?;
            continue;
        }
        budget.set(u64::MAX);
        let mut content = archive.by_index(index).map_err(|cause| refused(cause, &name))?;
        // The content's own checksum is compared when it ends.
        fill.file(name.as_bytes(), program, &mut content)?;
    }
    Ok(())
}

fn refused(cause: ZipError, entry: &str) -> ArchiveError {
    match cause {
        ZipError::Io(cause) => ArchiveError::reading(&cause),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            ArchiveError::Encrypted { entry: shown(entry.as_bytes()) }
        }
        ZipError::UnsupportedArchive(what) => ArchiveError::Unsupported { what: what.to_owned() },
        ZipError::InvalidArchive(why) => ArchiveError::Damaged { why: why.into_owned() },
        other => ArchiveError::Damaged { why: other.to_string() },
    }
}

/// The record at the end of an archive, by which its list of entries is found.
enum End {
    Ordinary,
    /// The locator of a zip64 record stands before it.
    Zip64,
    Missing,
}

fn end(file: &mut File) -> io::Result<End> {
    let size = file.seek(SeekFrom::End(0))?;
    let begin = size.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(begin))?;
    let mut tail = Vec::new();
    file.by_ref().take(TAIL).read_to_end(&mut tail)?;
    let locates = |at: usize| at.checked_sub(20).is_some_and(|before| tail[before..].starts_with(b"PK\x06\x07"));
    let ends = tail.windows(4).enumerate().filter(|(_, four)| four == b"PK\x05\x06").map(|(at, _)| at);
    let ends: Vec<_> = ends.collect();
    let Some(&last) = ends.last() else { return Ok(End::Missing) };
    // Other records belong to archives inside this one, where nobody can take them for its own.
    let alone = decides(file, &tail[last..], begin + last as u64)?;
    file.rewind()?;
    let deciding = if alone { &[last] } else { ends.as_slice() };
    Ok(if deciding.iter().any(|&at| locates(at)) { End::Zip64 } else { End::Ordinary })
}

/// True when the record at `at`, the last one of the file, is the one that every reader takes: it reaches exactly to
/// the end, and right before it ends the list of entries of which it tells.
fn decides(file: &mut File, record: &[u8], at: u64) -> io::Result<bool> {
    let two = |place: usize| record.get(place..place + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let four = |place: usize| Some(u32::from(two(place)?) | u32::from(two(place + 2)?) << 16);
    let (Some(0), Some(0), Some(here), Some(all)) = (two(4), two(6), two(8), two(10)) else { return Ok(false) };
    let (Some(length), Some(from), Some(comment)) = (four(12), four(16), two(20)) else { return Ok(false) };
    let start = at.checked_sub(length.into()).filter(|start| u64::from(from) <= *start);
    let (Some(start), true) = (start, here == all && record.len() == 22 + usize::from(comment)) else {
        return Ok(false);
    };
    let mut mark = [0; 4];
    file.seek(SeekFrom::Start(start))?;
    Ok(length >= 4 && file.read_exact(&mut mark).is_ok() && mark == *b"PK\x01\x02")
}

/// Reads no more than a number of bytes.
struct Budgeted<'a, R> {
    inner: R,
    left: &'a Cell<u64>,
}

impl<R: Read> Read for Budgeted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)? as u64;
        match self.left.get().checked_sub(read) {
            Some(left) => self.left.set(left),
            None => {
                self.left.set(0);
                return Err(io::Error::other("its list of entries is too long"));
            }
        }
        Ok(usize::try_from(read).unwrap_or(usize::MAX))
    }
}

impl<R: Seek> Seek for Budgeted<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
