//! The lines of one replica's output, read from the two files that take turns (`replica/output.rs`) as if they were one.
//!
//! Each file but the first says in its first line where it begins in the whole output; one that does not, because an earlier
//! release wrote it, goes on where the one beside it ends.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use domain::output::{LONGEST_BEGINNING, begins_at};

use crate::targets::Piece;

/// Longest piece that is read at once.
pub(super) const MOST: u64 = 1 << 20;

/// Bytes that a line usually has, with room to spare, and the least that is read for some.
const USUAL: u64 = 256;
const LEAST: u64 = 64 << 10;

/// A file, and the part of the whole output that it holds.
struct Part {
    file: File,
    /// The position of its first byte; none where it does not say.
    base: Option<u64>,
    /// The length of the line that says so.
    head: u64,
    length: u64,
}

/// A part whose place is known.
struct Placed {
    file: File,
    /// The position of the file's first byte.
    base: u64,
    /// The positions of its first line and of its end.
    begin: u64,
    end: u64,
}

fn part(path: &Path) -> io::Result<Option<Part>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other?,
    };
    let mut first = Vec::new();
    file.by_ref().take(LONGEST_BEGINNING as u64).read_to_end(&mut first)?;
    let found = begins_at(&first);
    let length = file.metadata()?.len();
    Ok(Some(Part { file, base: found.map(|(base, _)| base), head: found.map_or(0, |(_, head)| head), length }))
}

fn placed(part: Part, base: u64) -> Placed {
    Placed { file: part.file, base, begin: base + part.head, end: base + part.length }
}

/// The files at `path` and beside it, the older first.
fn parts(path: &Path) -> io::Result<Vec<Placed>> {
    // In this order: where they are turned in between, the same file is found twice, and none is missed.
    let (now, aside) = (part(path)?, part(&path.with_extension("log.1"))?);
    let aside = aside.map(|aside| {
        let base = aside.base.unwrap_or(0);
        placed(aside, base)
    });
    let now = now.map(|now| {
        let base = now.base.unwrap_or_else(|| aside.as_ref().map_or(0, |aside| aside.end));
        placed(now, base)
    });
    let twice = now.as_ref().zip(aside.as_ref()).is_some_and(|(now, aside)| now.base <= aside.base);
    let parts: Vec<_> = aside.filter(|_| !twice).into_iter().chain(now).collect();
    if parts.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(parts) }
}

impl Placed {
    fn read(&mut self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(from - self.base))?;
        let mut bytes = Vec::new();
        self.file.by_ref().take(to - from).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Lines of `bytes`, which begin at a position; what is not ended is one where `whole`.
fn lines(bytes: &[u8], begin: u64, whole: bool) -> Vec<(u64, String)> {
    let (mut found, mut end) = (Vec::new(), begin);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        end += line.len() as u64;
        let text = line.strip_suffix(b"\n");
        if text.is_none() && !whole {
            break;
        }
        let text = String::from_utf8_lossy(text.unwrap_or(line));
        found.push((end, text.trim_end_matches('\r').to_owned()));
    }
    found
}

/// Complete lines after `position`, from one of the two files at a time.
pub(super) fn after(path: &Path, position: u64) -> io::Result<Piece> {
    let mut parts = parts(path)?;
    let (first, last) = (parts.first().map_or(0, |part| part.begin), parts.last().map_or(0, |part| part.end));
    // Somebody has removed what was read: it is read from its beginning.
    let position = if position > last { first } else { position };
    let lost = position != 0 && position < first;
    let count = parts.len();
    for (number, part) in parts.iter_mut().enumerate() {
        let from = position.max(part.begin);
        if from >= part.end {
            continue;
        }
        let to = part.end.min(from + MOST);
        let bytes = part.read(from, to)?;
        // What is left of a file that was moved aside is never ended; a line that is longer than anybody reads is cut.
        let is_end = to == part.end && number + 1 < count;
        let cut = bytes.len() as u64 == MOST && !bytes.contains(&b'\n');
        let lines = lines(&bytes, from, is_end || cut);
        if let Some((end, _)) = lines.last() {
            return Ok(Piece { begin: from, end: *end, earlier: from > first, lines, lost });
        }
    }
    let at = position.max(first);
    Ok(Piece { begin: at, end: at, earlier: at > first, lines: Vec::new(), lost })
}

/// The newest complete lines before `position`, at most `limit`, from one of the two files at a time.
pub(super) fn before(path: &Path, position: u64, limit: usize) -> io::Result<Piece> {
    let mut parts = parts(path)?;
    let first = parts.first().map_or(0, |part| part.begin);
    let span = (limit as u64).saturating_mul(USUAL).clamp(LEAST, MOST);
    let mut behind = false;
    for part in parts.iter_mut().rev() {
        let to = position.min(part.end);
        if to <= part.begin {
            behind = true;
            continue;
        }
        let from = part.begin.max(to.saturating_sub(span));
        let bytes = part.read(from, to)?;
        // The first may be the end of a longer one, which is cut where it is all that there is.
        let ended = bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let begun = ended.filter(|at| from > part.begin && *at < bytes.len()).unwrap_or(0);
        let begin = from + begun as u64;
        // Before a position, and in a file that was moved aside, everything is complete.
        let whole = behind || position < part.end || (begun == 0 && from > part.begin);
        let mut lines = lines(bytes.get(begun..).unwrap_or_default(), begin, whole);
        let left_out = lines.len().saturating_sub(limit);
        let begin = if left_out > 0 { lines.get(left_out - 1).map_or(begin, |(end, _)| *end) } else { begin };
        lines.drain(..left_out);
        let end = lines.last().map_or(begin, |(end, _)| *end);
        if !lines.is_empty() || begin > first {
            return Ok(Piece { lines, begin, end, earlier: begin > first, lost: false });
        }
        behind = true;
    }
    Ok(Piece { lines: Vec::new(), begin: first, end: first, earlier: false, lost: false })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use domain::output::beginning;

    use super::*;

    fn texts(piece: &Piece) -> Vec<&str> {
        piece.lines.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// Two files: lines 0 to 4, and 5 to 9 behind a line that says where they begin.
    fn turned() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r-1.log");
        let of = |range: std::ops::Range<u32>| range.map(|n| format!("line {n}\n")).collect::<String>();
        fs::write(path.with_extension("log.1"), of(0..5)).unwrap();
        fs::write(&path, beginning(35) + &of(5..10)).unwrap();
        (folder, path)
    }

    #[test]
    fn every_line_is_read_once_forwards_and_backwards_across_two_files() {
        let (_folder, path) = turned();
        let all: Vec<_> = (0..10).map(|n| format!("line {n}")).collect();
        let (mut forwards, mut position) = (Vec::new(), 0);
        loop {
            let piece = after(&path, position).unwrap();
            if piece.lines.is_empty() {
                break;
            }
            position = piece.end;
            forwards.extend(piece.lines.into_iter().map(|(_, text)| text));
        }
        assert_eq!(forwards, all);
        for limit in [1, 2, 3, 7, 100] {
            let (mut backwards, mut position) = (Vec::new(), u64::MAX);
            loop {
                let piece = before(&path, position, limit).unwrap();
                position = piece.begin;
                backwards.splice(0..0, piece.lines.into_iter().map(|(_, text)| text));
                if !piece.earlier {
                    break;
                }
            }
            assert_eq!(backwards, all, "{limit}");
        }
    }

    #[test]
    fn a_position_means_the_same_after_the_files_have_turned() {
        let (_folder, path) = turned();
        let position = before(&path, u64::MAX, 3).unwrap().begin;
        let length = fs::metadata(&path).unwrap().len();
        fs::rename(&path, path.with_extension("log.1")).unwrap();
        assert_eq!(texts(&after(&path, position).unwrap()), ["line 7", "line 8", "line 9"], "in the midst of turning");
        fs::write(&path, beginning(35 + length) + "line 10\n").unwrap();
        let piece = after(&path, position).unwrap();
        assert_eq!(texts(&piece), ["line 7", "line 8", "line 9"]);
        assert_eq!(texts(&after(&path, piece.end).unwrap()), ["line 10"]);
        let oldest = after(&path, 7).unwrap();
        assert_eq!((texts(&oldest)[0], oldest.lost), ("line 5", true), "lines 1 to 4 are not kept any more");
        assert!(!after(&path, 0).unwrap().lost, "whoever begins misses nothing");
    }

    #[test]
    fn a_line_is_read_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r-1.log");
        assert_eq!(after(&path, 0).unwrap_err().kind(), io::ErrorKind::NotFound);
        fs::write(&path, "one\ntw").unwrap();
        let piece = after(&path, 0).unwrap();
        assert_eq!((texts(&piece), piece.end), (vec!["one"], 4));
        let newest = before(&path, u64::MAX, 9).unwrap();
        assert_eq!((texts(&newest), newest.end), (vec!["one"], 4), "what comes next is read from there");
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"o\r\n").unwrap();
        assert_eq!(texts(&after(&path, piece.end).unwrap()), ["two"]);
        fs::write(&path, "anew\n").unwrap();
        assert_eq!(texts(&after(&path, 100).unwrap()), ["anew"], "somebody has emptied it");
    }

    #[test]
    fn a_line_that_is_longer_than_anybody_reads_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r-1.log");
        fs::write(&path, format!("{}\nend\n", "x".repeat(MOST as usize + 10))).unwrap();
        let piece = after(&path, 0).unwrap();
        assert_eq!((piece.lines.len(), piece.end), (1, MOST));
        assert_eq!(texts(&after(&path, piece.end).unwrap()), ["x".repeat(10).as_str(), "end"]);
        let newest = before(&path, u64::MAX, 9).unwrap();
        assert_eq!((texts(&newest), newest.earlier), (vec!["end"], true));
        let (mut position, mut read) = (newest.begin, 0);
        while position > 0 {
            let piece = before(&path, position, 9).unwrap();
            assert!(piece.begin < position, "it goes on");
            read += piece.lines.iter().map(|(_, text)| text.len()).sum::<usize>();
            position = piece.begin;
        }
        assert_eq!(read, MOST as usize + 10, "what is before it is reached");
    }
}
