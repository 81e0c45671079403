//! Replicas' output: a file for each, read from its end. Replicas keep their files small themselves
//! (`replica/output.rs`); those that an earlier release started do not, and are looked after here.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use domain::id::{DeploymentId, ReplicaId};

use crate::targets::{Output, Piece};

/// A file that has grown beyond this is none that its replica keeps small.
const LARGEST: u64 = 16 << 20;
/// The pause between two looks at the sizes of the files.
const LOOK: Duration = Duration::from_secs(10);
/// Longest piece that is read from the end of a file.
const TAIL: u64 = 1 << 20;
/// Files of a deployment that are kept; the oldest go first.
const KEPT: usize = 100;
/// Longest line that is repeated in a message.
const LINE: usize = 500;

/// The folder of log files: `DEPLOYMENT/REPLICA.log` and, once it has grown, `REPLICA.log.1`.
#[derive(Clone, Debug)]
pub struct Logs {
    folder: PathBuf,
}

impl Logs {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The file of a replica.
    pub(super) fn path(&self, deployment: &DeploymentId, replica: &ReplicaId) -> PathBuf {
        self.folder.join(deployment.as_str()).join(format!("{replica}.log"))
    }

    /// Opens a replica's file to be written at its end; makes room when a deployment has many.
    pub(super) fn open(&self, deployment: &DeploymentId, replica: &ReplicaId) -> io::Result<File> {
        let path = self.path(deployment, replica);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
            if !path.exists() {
                drop_oldest(folder)?;
            }
        }
        OpenOptions::new().create(true).append(true).mode(0o600).open(path)
    }

    /// Removes the output of all replicas of a deployment.
    pub(super) fn remove(&self, deployment: &DeploymentId) -> io::Result<()> {
        match std::fs::remove_dir_all(self.folder.join(deployment.as_str())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes the output of scratch replicas: their deployment ids are no real ones, and say so.
    pub(super) fn remove_checks(&self) -> io::Result<()> {
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("check-") {
                std::fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }

    /// The newest `limit` lines of a replica's output, oldest first; none when there is no output.
    ///
    /// # Errors
    /// The file cannot be read.
    fn tail(&self, deployment: &DeploymentId, replica: &ReplicaId, limit: usize) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        let path = self.path(deployment, replica);
        for path in [path.with_extension("log.1"), path] {
            lines.extend(last_lines(&path)?);
        }
        Ok(lines.split_off(lines.len().saturating_sub(limit)))
    }

    /// Length of a replica's file in bytes.
    ///
    /// # Errors
    /// `NotFound` when nothing is kept of it.
    fn length(&self, deployment: &DeploymentId, replica: &ReplicaId) -> io::Result<u64> {
        Ok(self.path(deployment, replica).metadata()?.len())
    }

    /// The last line that is not empty, cut to a length that fits a message.
    pub(super) fn last_line(&self, deployment: &DeploymentId, replica: &ReplicaId) -> Option<String> {
        let lines = last_lines(&self.path(deployment, replica)).ok()?;
        let line = lines.into_iter().rev().find(|line| !line.trim().is_empty())?;
        Some(line.trim().chars().take(LINE).collect())
    }

    /// Cuts files that no replica keeps small, for as long as it is polled. The process goes on writing to the same file, so
    /// that lines written between copy and cut may be lost.
    pub async fn rotate_forever(self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let logs = self.clone();
            let rotated = tokio::task::spawn_blocking(move || logs.rotate()).await;
            if let Ok(Err(error)) = rotated {
                tracing::warn!(%error, "log files cannot be kept small");
            }
        }
    }

    fn rotate(&self) -> io::Result<()> {
        for deployment in std::fs::read_dir(&self.folder)? {
            let Ok(files) = std::fs::read_dir(deployment?.path()) else { continue };
            for file in files {
                let path = file?.path();
                let is_log = path.extension().is_some_and(|extension| extension == "log");
                if is_log && path.metadata()?.len() > LARGEST {
                    cut(&path)?;
                }
            }
        }
        Ok(())
    }
}

impl Output for Logs {
    fn newest(&self, deployment: &DeploymentId, replica: &ReplicaId, limit: usize) -> io::Result<Piece> {
        let end = self.length(deployment, replica)?;
        Ok((self.tail(deployment, replica, limit)?, end))
    }

    fn after(&self, deployment: &DeploymentId, replica: &ReplicaId, position: u64) -> io::Result<Piece> {
        // Positions begin anew when the file has been moved aside; its rest is read first.
        let path = self.path(deployment, replica);
        let length = length(&path)?;
        if length >= position {
            let (lines, read) = complete_lines(&path, position)?;
            return Ok((lines, position + read));
        }
        let aside = path.with_extension("log.1");
        let (lines, read) = complete_lines(&aside, position)?;
        // Whatever is left there is no complete line, and never will be.
        Ok((lines, if read < TAIL { 0 } else { position + read }))
    }
}

/// Keeps the end of a file beside it and empties it. Where there is no room for the end, it is lost.
fn cut(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut end = Vec::new();
    file.seek(SeekFrom::End(-i64::try_from(TAIL).unwrap_or_default()))?;
    file.by_ref().take(TAIL).read_to_end(&mut end)?;
    let kept = std::fs::write(path.with_extension("log.1"), end);
    file.set_len(0)?;
    kept
}

fn length(path: &Path) -> io::Result<u64> {
    match path.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        other => Ok(other?.len()),
    }
}

/// Lines from `offset` on that are complete, and how many bytes they take.
fn complete_lines(path: &Path, offset: u64) -> io::Result<(Vec<String>, u64)> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        other => other?,
    };
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    let end = match bytes.iter().rposition(|byte| *byte == b'\n') {
        Some(at) => at + 1,
        // A line that is longer than anyone reads is cut.
        None if bytes.len() as u64 == TAIL => bytes.len(),
        None => 0,
    };
    Ok((String::from_utf8_lossy(&bytes[..end]).lines().map(str::to_owned).collect(), end as u64))
}

fn last_lines(path: &Path) -> io::Result<Vec<String>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other?,
    };
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
    let mut bytes = Vec::new();
    file.take(TAIL).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

fn drop_oldest(folder: &Path) -> io::Result<()> {
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        files.push((file.metadata()?.modified()?, file.path()));
    }
    files.sort();
    for (_, path) in files.iter().take((files.len() + 1).saturating_sub(KEPT)) {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn logs() -> (tempfile::TempDir, Logs, DeploymentId, ReplicaId) {
        let folder = tempfile::tempdir().unwrap();
        let logs = Logs::new(folder.path().to_owned());
        (folder, logs, "d1".parse().unwrap(), "r1".parse().unwrap())
    }

    #[test]
    fn the_newest_lines_are_read_across_a_rotation() {
        let (_folder, logs, deployment, replica) = logs();
        let mut file = logs.open(&deployment, &replica).unwrap();
        let line = "x".repeat(1023);
        for _ in 0..=LARGEST / 1024 {
            writeln!(file, "{line}").unwrap();
        }
        writeln!(file, "before").unwrap();
        logs.rotate().unwrap();
        assert_eq!(file.metadata().unwrap().len(), 0);
        writeln!(file, "after").unwrap();
        assert_eq!(logs.tail(&deployment, &replica, 2).unwrap(), ["before", "after"]);
        assert_eq!(logs.last_line(&deployment, &replica).unwrap(), "after");
    }

    #[test]
    fn following_goes_on_where_it_stopped_and_across_a_rotation() {
        let (_folder, logs, deployment, replica) = logs();
        let mut file = logs.open(&deployment, &replica).unwrap();
        write!(file, "one\ntw").unwrap();
        let (lines, offset) = logs.after(&deployment, &replica, 0).unwrap();
        assert_eq!((lines, offset), (vec!["one".to_owned()], 4));
        writeln!(file, "o").unwrap();
        let path = logs.path(&deployment, &replica);
        std::fs::copy(&path, path.with_extension("log.1")).unwrap();
        file.set_len(0).unwrap();
        let (lines, offset) = logs.after(&deployment, &replica, offset).unwrap();
        assert_eq!((lines, offset), (vec!["two".to_owned()], 0));
        writeln!(file, "three").unwrap();
        assert_eq!(logs.after(&deployment, &replica, offset).unwrap().0, ["three"]);
    }

    #[test]
    fn a_replica_without_output_has_no_lines() {
        let (_folder, logs, deployment, replica) = logs();
        assert!(logs.tail(&deployment, &replica, 10).unwrap().is_empty());
        assert_eq!(logs.last_line(&deployment, &replica), None);
    }

    #[test]
    fn a_deployment_keeps_a_bounded_number_of_files() {
        let (folder, logs, deployment, _) = logs();
        for n in 0..KEPT + 20 {
            logs.open(&deployment, &format!("r{n}").parse().unwrap()).unwrap();
        }
        assert_eq!(std::fs::read_dir(folder.path().join("d1")).unwrap().count(), KEPT);
    }
}
