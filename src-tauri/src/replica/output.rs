//! A replica's output: two files that take turns, so that it is bounded while it is written.
//!
//! The server hands a replica the first file as its standard output and error, and no pipe of its own, so that the replica
//! outlives it. From there on the replica turns the files itself: the full one is moved aside in place of the one before it,
//! which needs no room, and a new one is begun. What programs print comes through a pipe of this process, so that not one
//! piece of it is written beyond the bound; what this process and the libraries in it print goes to the file, which is looked
//! at after each line and every second.
//!
//! When a file cannot be turned, as on a full disk, its content is dropped: output never keeps a replica from serving.
//!
//! Each line that comes through the pipe, and each that this process says itself, begins with its time; each file but the first
//! with where it begins in the whole output ([`domain::output`]), so that whoever reads it neither loses nor repeats lines.

use std::fs::{self, File, OpenOptions};
use std::io::{self, PipeWriter, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use domain::output::{LONGEST_BEGINNING, LineLevel, beginning, begins_at, stamp};
use tokio::sync::oneshot;

use crate::clock::Clock;

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
    /// The byte of the whole output that is the file's first…
    base: u64,
    /// …and the length of the line that says so.
    head: u64,
    largest: u64,
    clock: Clock,
    /// True when standard output and error of this process follow.
    own: bool,
}

/// Keeps this process's output in the file at `path` and the one beside it from now on.
pub(super) fn keep(path: &Path) -> io::Result<()> {
    let turning = Turning::new(path, LARGEST, true)?;
    // A process has one output; a second one would be a mistake that does no harm.
    let _ = OUTPUT.set(Mutex::new(turning));
    Ok(())
}

/// Turns the files when the one that is written is full or gone.
pub(super) fn bound() {
    if let Some(mut turning) = turning() {
        turning.bound(0);
    }
}

/// Writes a line of this process's own; nobody is told where that fails.
///
/// A replica outlives the server that reads its output, so a closed standard error is no reason to fail.
pub(super) fn say(level: LineLevel, text: &str) {
    let stamp = turning().map(|turning| stamp(turning.clock.now(), Some(level))).unwrap_or_default();
    let _ = io::stderr().write_all(format!("{stamp}{text}\n").as_bytes());
    bound();
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
        let (mut piece, mut lines) = (vec![0; PIECE], Lines::default());
        let write = |lines: &mut Lines, piece: &[u8]| {
            if let Some(mut turning) = turning() {
                let stamped = lines.stamped(piece, &stamp(turning.clock.now(), None));
                turning.write(&stamped);
            }
        };
        loop {
            match reader.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => write(&mut lines, &piece[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        // Only whole lines are read by those who follow.
        if lines.begun {
            write(&mut lines, b"\n");
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

/// What a program prints, cut into lines.
#[derive(Debug, Default)]
struct Lines {
    /// A line has begun, and not ended.
    begun: bool,
}

impl Lines {
    /// The piece with `stamp` before each line that begins in it.
    fn stamped(&mut self, piece: &[u8], stamp: &str) -> Vec<u8> {
        let mut stamped = Vec::with_capacity(piece.len() + piece.len() / 2);
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            if !self.begun {
                stamped.extend_from_slice(stamp.as_bytes());
            }
            stamped.extend_from_slice(part);
            self.begun = !part.ends_with(b"\n");
        }
        stamped
    }
}

fn turning() -> Option<MutexGuard<'static, Turning>> {
    OUTPUT.get().map(|turning| turning.lock().unwrap_or_else(PoisonError::into_inner))
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// Begins a file of which the first byte is this one of the whole output; the length of the line that says so.
fn begin(file: &mut File, byte: u64) -> u64 {
    let line = beginning(byte);
    // Without it the file is read as one that goes on where the other ends.
    file.write_all(line.as_bytes()).map_or(0, |()| line.len() as u64)
}

impl Turning {
    fn new(path: &Path, largest: u64, own: bool) -> io::Result<Self> {
        let file = open(path)?;
        let mut first = Vec::new();
        File::open(path)?.take(LONGEST_BEGINNING as u64).read_to_end(&mut first)?;
        let (base, head) = begins_at(&first).unwrap_or_default();
        Ok(Self { path: path.to_owned(), file, base, head, largest, clock: Clock::start(None), own })
    }

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

    /// Turns the files when there is no room for `more` bytes, or the one that is written is gone.
    fn bound(&mut self, more: u64) {
        // One that somebody has removed, because nothing was written for long, is read by nobody.
        let is_removed = self.file.metadata().is_ok_and(|metadata| metadata.nlink() == 0);
        if is_removed || self.length() + more > self.largest {
            self.turn();
        }
    }

    fn length(&self) -> u64 {
        self.file.metadata().map_or(0, |metadata| metadata.len().saturating_sub(self.head))
    }

    fn turn(&mut self) {
        let next = self.base + self.head + self.length();
        let moved = match fs::rename(&self.path, self.path.with_extension("log.1")) {
            // Somebody has removed it; what is written there is seen by nobody.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            moved => moved,
        };
        let begun = moved.and_then(|()| open(&self.path)).map(|mut file| (begin(&mut file, next), file));
        let follow = |file: &File| {
            rustix::stdio::dup2_stdout(file)?;
            rustix::stdio::dup2_stderr(file)
        };
        match begun {
            Ok((head, file)) if !self.own || follow(&file).is_ok() => (self.file, self.head) = (file, head),
            // Without this the bound would not hold.
            _ => {
                let _ = self.file.set_len(0);
                self.head = begin(&mut self.file, next);
            }
        }
        self.base = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both files without the lines that say where they begin.
    fn files(path: &Path) -> [String; 2] {
        [path.with_extension("log.1"), path.to_owned()].map(|path| {
            let text = fs::read_to_string(path).unwrap_or_default();
            let head = begins_at(text.as_bytes()).map_or(0, |(_, head)| head as usize);
            text[head..].to_owned()
        })
    }

    fn turning(path: &Path, largest: u64) -> Turning {
        Turning::new(path, largest, false).unwrap()
    }

    #[test]
    fn each_line_is_stamped_once_also_one_that_comes_in_pieces() {
        let mut lines = Lines::default();
        let mut text = Vec::new();
        for piece in ["one\ntw", "o", "\n\nthree\n", "four"] {
            text.extend(lines.stamped(piece.as_bytes(), "@"));
        }
        assert_eq!(String::from_utf8(text).unwrap(), "@one\n@two\n@\n@three\n@four");
        assert!(lines.begun, "its end is written when the program ends");
    }

    #[test]
    fn each_file_says_where_it_begins_also_after_a_new_start() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r-1.log");
        let begins = |path: &Path| begins_at(&fs::read(path).unwrap());
        let mut output = turning(&path, 10);
        output.write(b"1234567\n");
        assert_eq!(begins(&path), None, "the first begins at the beginning");
        output.write(b"1234567\n");
        let (base, head) = begins(&path).unwrap();
        assert_eq!(base, 8);
        drop(output);
        turning(&path, 10).write(b"abcdefg\n");
        assert_eq!(begins(&path).unwrap().0, 8 + head + 8);
        assert_eq!(begins(&path.with_extension("log.1")).unwrap().0, 8);
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
