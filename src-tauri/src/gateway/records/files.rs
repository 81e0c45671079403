//! The files that records are kept in: written at the end, bounded, read from the end.

use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use domain::id::{DeploymentId, RecordId};
use serde::Serialize;

use super::ended::Ended;
use super::lines;
use super::settings::RecordSettings;
use crate::gateway::deployment::Deployment;
use crate::gateway::route::RecordKind;

/// Files that are held open.
const OPEN: usize = 64;
/// The size of one write, about so much at most.
const PIECE: usize = 256 << 10;
/// Longest piece that is read from a file at once.
const TAIL: u64 = 2 << 20;

/// All files, those in use open.
pub(super) struct Files {
    settings: RecordSettings,
    open: HashMap<(DeploymentId, RecordKind), Pending>,
    /// The last write failed, which has been said.
    failing: bool,
    /// The number of the newest record: about when its request ended, in microseconds since 1970.
    newest: u64,
}

/// A file and what is to be written to it.
struct Pending {
    deployment: Arc<Deployment>,
    kind: RecordKind,
    path: PathBuf,
    largest: u64,
    file: Option<(File, u64)>,
    text: Vec<u8>,
    /// Requests that `text` is about, those that it says were lost included.
    count: u64,
}

impl Files {
    pub(super) fn new(settings: &RecordSettings) -> Self {
        Self { settings: settings.clone(), open: HashMap::new(), failing: false, newest: 0 }
    }

    /// Adds the lines about a request; they are written at the next flush, or before.
    pub(super) fn add(&mut self, ended: Ended) {
        if ended.deployment.is_forgotten() {
            return;
        }
        let deployment = ended.deployment.clone();
        let id = self.next_id(&ended);
        if ended.keeps.requests {
            let lost = deployment.lost(RecordKind::Requests).swap(0, Relaxed);
            self.line(&deployment, RecordKind::Requests, lost, &lines::request(&ended, id.clone(), lost));
        }
        if ended.keeps.predictions {
            let lost = deployment.lost(RecordKind::Predictions).swap(0, Relaxed);
            if let Some(line) = lines::prediction(ended, id, lost) {
                self.line(&deployment, RecordKind::Predictions, lost, &line);
            }
        }
    }

    /// A number that no record has, greater than that of every one before, in so many digits that their texts compare alike.
    fn next_id(&mut self, ended: &Ended) -> Option<RecordId> {
        let took = i64::try_from(ended.took.as_micros()).unwrap_or(i64::MAX);
        let end = ended.at.as_microsecond().saturating_add(took);
        self.newest = u64::try_from(end).unwrap_or(0).max(self.newest + 1);
        format!("{:016x}", self.newest).parse().ok()
    }

    fn line(&mut self, deployment: &Arc<Deployment>, kind: RecordKind, lost: u64, line: &impl Serialize) {
        let settings = &self.settings;
        let pending = self.open.entry((deployment.id().clone(), kind)).or_insert_with(|| Pending {
            deployment: deployment.clone(),
            kind,
            path: path(&settings.folder, deployment.id(), kind),
            largest: match kind {
                RecordKind::Requests => settings.requests_bytes,
                RecordKind::Predictions => settings.predictions_bytes,
            },
            file: None,
            text: Vec::new(),
            count: 0,
        });
        // A line is made of strings and numbers, so it can always be written.
        if serde_json::to_writer(&mut pending.text, line).is_ok() {
            pending.text.push(b'\n');
        }
        pending.count += 1 + lost;
        if pending.text.len() >= PIECE {
            self.failing = pending.write(self.failing);
        }
    }

    /// Writes what has been added.
    pub(super) fn flush(&mut self) {
        for pending in self.open.values_mut().filter(|pending| !pending.text.is_empty()) {
            self.failing = pending.write(self.failing);
        }
        if self.open.len() > OPEN {
            self.open.clear();
        }
    }

    /// Removes what is kept of a deployment.
    pub(super) fn forget(&mut self, id: &DeploymentId) {
        self.open.retain(|(other, _), _| other != id);
        match std::fs::remove_dir_all(self.settings.folder.join(id.as_str())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, deployment = %id, "the records of a deployment that is gone cannot be removed");
            }
            _ => {}
        }
    }
}

impl Pending {
    /// Writes; says whether that failed. `failing`: it did before.
    fn write(&mut self, failing: bool) -> bool {
        let (text, count) = (std::mem::take(&mut self.text), std::mem::take(&mut self.count));
        let Err(error) = self.append(&text) else { return false };
        self.file = None;
        self.deployment.lost(self.kind).fetch_add(count, Relaxed);
        if !failing {
            tracing::warn!(%error, path = %self.path.display(), "records of requests cannot be kept and are counted as lost");
        }
        true
    }

    fn append(&mut self, text: &[u8]) -> io::Result<()> {
        let (mut file, mut length) = match self.file.take() {
            Some(open) => open,
            None => open(&self.path)?,
        };
        if length > 0 && length + text.len() as u64 > self.largest {
            std::fs::rename(&self.path, aside(&self.path))?;
            (file, length) = open(&self.path)?;
        }
        file.write_all(text)?;
        self.file = Some((file, length + text.len() as u64));
        Ok(())
    }
}

/// Opens a file to be written at its end, where a line begins.
fn open(path: &Path) -> io::Result<(File, u64)> {
    if let Some(folder) = path.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut file = OpenOptions::new().read(true).create(true).append(true).mode(0o600).open(path)?;
    let mut length = file.metadata()?.len();
    if length > 0 {
        let mut last = [0];
        file.read_exact_at(&mut last, length - 1)?;
        // A disk that was full, or a process that was killed, has left half a line.
        if last != *b"\n" {
            file.write_all(b"\n")?;
            length += 1;
        }
    }
    Ok((file, length))
}

pub(super) fn path(folder: &Path, deployment: &DeploymentId, kind: RecordKind) -> PathBuf {
    let name = match kind {
        RecordKind::Requests => "requests.jsonl",
        RecordKind::Predictions => "predictions.jsonl",
    };
    folder.join(deployment.as_str()).join(name)
}

pub(super) fn aside(path: &Path) -> PathBuf {
    path.with_extension("jsonl.1")
}

/// The newest lines of a deployment, at most `limit`, oldest first, and where the file ends.
pub(in crate::gateway) fn newest(
    folder: &Path,
    deployment: &DeploymentId,
    kind: RecordKind,
    limit: usize,
) -> io::Result<(Vec<String>, u64)> {
    let path = path(folder, deployment, kind);
    let end = length(&path)?;
    let mut lines = complete_lines(&path, end.saturating_sub(TAIL))?.0;
    if lines.len() < limit {
        let older = aside(&path);
        let begin = length(&older)?.saturating_sub(TAIL);
        lines = [complete_lines(&older, begin)?.0, lines].concat();
    }
    Ok((lines.split_off(lines.len().saturating_sub(limit)), end))
}

/// Lines of a deployment that were written after `position`, a part at a time, and where they end. Positions begin
/// anew when the file has been moved aside; its rest is read first.
pub(in crate::gateway) fn after(
    folder: &Path,
    deployment: &DeploymentId,
    kind: RecordKind,
    position: u64,
) -> io::Result<(Vec<String>, u64)> {
    let path = path(folder, deployment, kind);
    if length(&path)? >= position {
        let (lines, read) = complete_lines(&path, position)?;
        return Ok((lines, position + read));
    }
    let (lines, read) = complete_lines(&aside(&path), position)?;
    Ok((lines, if read == 0 { 0 } else { position + read }))
}

fn length(path: &Path) -> io::Result<u64> {
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        other => Ok(other?.len()),
    }
}

/// Lines of JSON that lie completely behind `offset`, and how many bytes were read for them.
fn complete_lines(path: &Path, offset: u64) -> io::Result<(Vec<String>, u64)> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        other => other?,
    };
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let text = String::from_utf8_lossy(&bytes[..end]);
    // Half a line, at the place where the piece begins or where a write broke off, is no JSON.
    let whole = |line: &&str| serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok();
    Ok((text.lines().filter(whole).map(str::to_owned).collect(), end as u64))
}
