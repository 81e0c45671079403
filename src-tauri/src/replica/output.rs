//! A replica's output: two files that take turns, so that it is bounded while it is written.
//!
//! The server hands a replica the first file as its standard output and error, and no pipe of its own, so that the replica
//! outlives it. From there on the replica turns the files itself: the full one is moved aside in place of the one before it,
//! which needs no room, and a new one is begun. What programs print comes through a pipe of this process, so that not one
//! piece of it is written beyond the bound; what this process and the libraries in it print goes to the file, which is looked
//! at after each line and every second.
//!
//! When a file cannot be turned, as on a full disk, its content is dropped: output never keeps a replica from serving.

use std::fs::{self, File, OpenOptions};
use std::io::{self, PipeWriter, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

/// Largest file in bytes; the one that was moved aside has as many.
const LARGEST: u64 = 4 << 20;
/// Bytes taken from the pipe at once.
const PIECE: usize = 64 << 10;
/// Interval between two looks for output of libraries.
const LOOK: Duration = Duration::from_secs(1);
/// Longest wait for the rest of a program's output after its end: another process may still hold the pipe.
const REST: Duration = Duration::from_secs(1);

/// This process's own output; standard output and error are its alone too.
static OUTPUT: OnceLock<Mutex<Turning>> = OnceLock::new();

/// The file that is written, and where it is.
#[derive(Debug)]
struct Turning {
    path: PathBuf,
    file: File,
    largest: u64,
    /// True when standard output and error of this process follow.
    own: bool,
}

/// Keeps this process's output in the file at `path` and the one beside it from now on.
pub(super) fn keep(path: &Path) -> io::Result<()> {
    let turning = Turning { path: path.to_owned(), file: open(path)?, largest: LARGEST, own: true };
    // A process has one output; a second one would be a mistake that does no harm.
    let _ = OUTPUT.set(Mutex::new(turning));
    Ok(())
}

/// Turns the files when the one that is written is full.
pub(super) fn bound() {
    if let Some(mut turning) = turning() {
        turning.bound(0);
    }
}

/// Looks at the file again and again; never ends.
pub(super) async fn watch() {
    loop {
        tokio::time::sleep(LOOK).await;
        bound();
    }
}

/// The end of a pipe that a program prints into, and what says when all of it has been written; none where the output is
/// not kept by this process.
pub(super) fn pipe() -> io::Result<Option<(PipeWriter, Printed)>> {
    if OUTPUT.get().is_none() {
        return Ok(None);
    }
    let (mut reader, writer) = io::pipe()?;
    let (done, printed) = oneshot::channel();
    let pump = move || {
        let mut piece = vec![0; PIECE];
        loop {
            match reader.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => {
                    if let Some(mut turning) = turning() {
                        turning.write(&piece[..read]);
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        // Nobody waits any more where the replica has ended.
        let _ = done.send(());
    };
    thread::Builder::new().name("output".to_owned()).spawn(pump)?;
    Ok(Some((writer, Printed(printed))))
}

/// Says when all that a program has printed has been written.
#[derive(Debug)]
pub(super) struct Printed(oneshot::Receiver<()>);

impl Printed {
    /// Returns when it has, or when that takes too long.
    pub(super) async fn all(self) {
        let _ = tokio::time::timeout(REST, self.0).await;
    }
}

fn turning() -> Option<MutexGuard<'static, Turning>> {
    OUTPUT.get().map(|turning| turning.lock().unwrap_or_else(PoisonError::into_inner))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

impl Turning {
    /// Writes a piece. Where it does not fit, it is divided after a whole line; a line that is longer than a file is cut.
    fn write(&mut self, mut piece: &[u8]) {
        let mut turned = false;
        while !piece.is_empty() {
            let length = self.length();
            let room = usize::try_from(self.largest.saturating_sub(length)).unwrap_or(usize::MAX);
            let begun = &piece[..room.min(piece.len())];
            let fits = match begun.iter().rposition(|byte| *byte == b'\n') {
                _ if piece.len() <= room => piece.len(),
                Some(end) => end + 1,
                None if length == 0 || turned => room.clamp(1, piece.len()),
                None => {
                    self.turn();
                    turned = true;
                    continue;
                }
            };
            turned = false;
            let (part, rest) = piece.split_at(fits);
            if self.file.write_all(part).is_err() {
                // A full disk: what was kept makes room for what comes.
                self.turn();
                let _ = self.file.write_all(part);
            }
            piece = rest;
        }
    }

    /// Turns the files when there is no room for `more` bytes.
    fn bound(&mut self, more: u64) {
        if self.length() + more > self.largest {
            self.turn();
        }
    }

    fn length(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len())
    }

    fn turn(&mut self) {
        let moved = match fs::rename(&self.path, self.path.with_extension("log.1")) {
            // Somebody has removed it; what is written there is seen by nobody.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            moved => moved,
        };
        let begun = moved.and_then(|()| open(&self.path));
        let follow = |file: &File| {
            rustix::stdio::dup2_stdout(file)?;
            rustix::stdio::dup2_stderr(file)
        };
        match begun {
            Ok(file) if !self.own || follow(&file).is_ok() => self.file = file,
            // Without this the bound would not hold.
            _ => drop(self.file.set_len(0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(path: &Path) -> [String; 2] {
        [path.with_extension("log.1"), path.to_owned()].map(|path| fs::read_to_string(path).unwrap_or_default())
    }

    fn turning(path: &Path, largest: u64) -> Turning {
        Turning { path: path.to_owned(), file: open(path).unwrap(), largest, own: false }
    }

    #[test]
    fn two_files_take_turns_at_whole_lines_and_neither_grows_beyond_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r-1.log");
        let mut output = turning(&path, 20);
        for number in 0..1_000 {
            output.write(format!("line {number}\n").as_bytes());
            let [aside, now] = files(&path);
            assert!(aside.len() <= 20 && now.len() <= 20, "{aside:?} {now:?}");
        }
        let [aside, now] = files(&path);
        assert_eq!(format!("{aside}{now}"), "line 996\nline 997\nline 998\nline 999\n");
        // One piece with several lines is divided at the last that fits.
        output.write(b"\na\nb\nc\nd\ne\nf\nk\n");
        let [aside, now] = files(&path);
        assert!(
            aside.ends_with('\n') && now.ends_with("k\n") && aside.len() <= 20 && now.len() <= 20,
            "{aside:?} {now:?}"
        );
        // A line that is longer than a file is cut.
        output.write(&[b'x'; 70]);
        let [aside, now] = files(&path);
        assert!(aside.len() <= 20 && now.len() <= 20, "{aside:?} {now:?}");
    }

    #[test]
    fn what_cannot_be_turned_is_dropped_and_what_was_removed_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r-1.log");
        let mut output = turning(&path, 10);
        // A folder in its place cannot be replaced by a file.
        fs::create_dir_all(path.with_extension("log.1").join("in the way")).unwrap();
        for _ in 0..10 {
            output.write(b"1234567\n");
        }
        assert_eq!(files(&path)[1], "1234567\n");
        fs::remove_dir_all(path.with_extension("log.1")).unwrap();
        fs::remove_file(&path).unwrap();
        for _ in 0..3 {
            output.write(b"1234567\n");
        }
        assert_eq!(files(&path)[1], "1234567\n");
    }
}
