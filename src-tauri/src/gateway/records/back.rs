//! Reads records from the newest to the oldest, a piece of a file at a time.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use domain::id::DeploymentId;

use super::files::{aside, path};
use crate::gateway::route::RecordKind;

/// Bytes that are read at once.
const PIECE: u64 = 256 << 10;
/// The longest line; no record is as long, so that whatever is longer was not written by this program.
const LONGEST: usize = 4 << 20;

/// Gives `take` each line of a deployment's records, the newest first, until it breaks off. What is no whole line is among
/// them, and where the file is moved aside meanwhile, lines may come twice.
///
/// # Errors
/// The system refuses.
pub(in crate::gateway) fn back(
    folder: &Path,
    deployment: &DeploymentId,
    kind: RecordKind,
    take: &mut dyn FnMut(&str) -> ControlFlow<()>,
) -> io::Result<()> {
    let newest = path(folder, deployment, kind);
    for path in [&newest, &aside(&newest)] {
        if lines(path, PIECE, take)?.is_break() {
            break;
        }
    }
    Ok(())
}

fn lines(path: &Path, piece: u64, take: &mut dyn FnMut(&str) -> ControlFlow<()>) -> io::Result<ControlFlow<()>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ControlFlow::Continue(())),
        other => other?,
    };
    let mut end = file.metadata()?.len();
    // The end of a line whose beginning lies in the piece before.
    let mut rest = Vec::new();
    while end > 0 {
        let begin = end.saturating_sub(piece);
        let mut bytes = vec![0; usize::try_from(end - begin).unwrap_or(0)];
        file.read_exact_at(&mut bytes, begin)?;
        bytes.append(&mut rest);
        while let Some(at) = bytes.iter().rposition(|byte| *byte == b'\n') {
            if give(&bytes[at + 1..], take).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            bytes.truncate(at);
        }
        if bytes.len() < LONGEST {
            rest = bytes;
        }
        end = begin;
    }
    Ok(give(&rest, take))
}

fn give(line: &[u8], take: &mut dyn FnMut(&str) -> ControlFlow<()>) -> ControlFlow<()> {
    match std::str::from_utf8(line) {
        Ok(text) if !text.is_empty() => take(text),
        _ => ControlFlow::Continue(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(path: &Path, piece: u64, most: usize) -> Vec<String> {
        let mut found = Vec::new();
        let ended = lines(path, piece, &mut |line| {
            found.push(line.to_owned());
            if found.len() == most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(ended.unwrap().is_break(), found.len() == most);
        found
    }

    #[test]
    fn lines_come_from_the_end_whatever_the_length_of_a_piece() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        assert_eq!(all(&path, 4, 9), [""; 0], "there is none");
        std::fs::write(&path, "one\ntwo\n\nlonger than a piece\nhalf").unwrap();
        for piece in 1..40 {
            assert_eq!(all(&path, piece, 9), ["half", "longer than a piece", "two", "one"], "{piece}");
            assert_eq!(all(&path, piece, 2), ["half", "longer than a piece"], "{piece}");
        }
        std::fs::write(&path, b"one\n\xff\xff\nthree\n").unwrap();
        assert_eq!(all(&path, 3, 9), ["three", "one"], "what is no text is left out");
    }
}
