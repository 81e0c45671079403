//! Replicas' output: a file for each, read from its end. Replicas keep their files small themselves
//! (`replica/output.rs`); those that an earlier release started do not, and are looked after here.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use domain::id::{DeploymentId, ReplicaId};
use domain::output::{begins_at, unstamped, without_escapes};

use super::kept_lines;
use crate::clock::Clock;
use crate::targets::{Output, Piece};

/// A file that has grown beyond this is none that its replica keeps small.
const LARGEST: u64 = 16 << 20;
/// The pause between two looks at the sizes of the files.
const LOOK: Duration = Duration::from_secs(10);
/// Longest piece that is kept of the end of a file, and in which its last line is looked for.
const TAIL: u64 = 1 << 20;
/// The time after which a file to which nothing was written is removed.
const OLD: Duration = Duration::from_secs(30 * 24 * 3_600);
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

    /// The last line that is not empty, cut to a length that fits a message.
    pub(super) fn last_line(&self, deployment: &DeploymentId, replica: &ReplicaId) -> Option<String> {
        let mut file = File::open(self.path(deployment, replica)).ok()?;
        let length = file.metadata().ok()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).ok()?;
        let mut bytes = Vec::new();
        file.take(TAIL).read_to_end(&mut bytes).ok()?;
        let head = begins_at(&bytes).map_or(0, |(_, head)| head as usize);
        let text = String::from_utf8_lossy(bytes.get(head..)?);
        let mut written = text.lines().rev().map(|line| without_escapes(unstamped(line)));
        let line = written.find(|line| !line.trim().is_empty())?;
        Some(line.trim().chars().take(LINE).collect())
    }

    /// Cuts files that no replica keeps small, and removes those to which nothing has been written for long, for as long as it
    /// is polled. The process goes on writing to the same file, so that lines written between copy and cut may be lost.
    pub async fn rotate_forever(self, clock: Clock) {
        loop {
            tokio::time::sleep(LOOK).await;
            let (logs, now) = (self.clone(), SystemTime::from(clock.now()));
            let rotated = tokio::task::spawn_blocking(move || logs.rotate(now)).await;
            if let Ok(Err(error)) = rotated {
                tracing::warn!(%error, "log files cannot be kept small");
            }
        }
    }

    fn rotate(&self, now: SystemTime) -> io::Result<()> {
        for deployment in std::fs::read_dir(&self.folder)? {
            let Ok(files) = std::fs::read_dir(deployment?.path()) else { continue };
            for file in files {
                let path = file?.path();
                let is_log = path.extension().is_some_and(|extension| extension == "log");
                let metadata = path.metadata()?;
                if now.duration_since(metadata.modified()?).is_ok_and(|age| age > OLD) {
                    // A replica that is still there notices, and begins another.
                    std::fs::remove_file(&path)?;
                } else if is_log && metadata.len() > LARGEST {
                    cut(&path)?;
                }
            }
        }
        Ok(())
    }
}

impl Output for Logs {
    fn before(&self, deployment: &DeploymentId, replica: &ReplicaId, position: u64, limit: usize) -> io::Result<Piece> {
        kept_lines::before(&self.path(deployment, replica), position, limit)
    }

    fn after(&self, deployment: &DeploymentId, replica: &ReplicaId, position: u64) -> io::Result<Piece> {
        kept_lines::after(&self.path(deployment, replica), position)
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
        logs.rotate(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 0);
        writeln!(file, "after").unwrap();
        let newest = logs.before(&deployment, &replica, u64::MAX, 2).unwrap();
        assert_eq!(newest.lines.last().unwrap().1, "after");
        let before = logs.before(&deployment, &replica, newest.begin, 1).unwrap();
        assert_eq!(before.lines[0].1, "before");
        assert_eq!(logs.last_line(&deployment, &replica).unwrap(), "after");
    }

    #[test]
    fn output_is_removed_when_it_is_old() {
        let (_folder, logs, deployment, replica) = logs();
        let mut file = logs.open(&deployment, &replica).unwrap();
        writeln!(file, "one").unwrap();
        let written = file.metadata().unwrap().modified().unwrap();
        logs.rotate(written + OLD).unwrap();
        assert!(logs.path(&deployment, &replica).exists());
        logs.rotate(written + OLD + Duration::from_secs(1)).unwrap();
        assert!(!logs.path(&deployment, &replica).exists());
    }

    #[test]
    fn the_last_line_is_repeated_as_its_writer_wrote_it() {
        let (_folder, logs, deployment, replica) = logs();
        assert_eq!(logs.last_line(&deployment, &replica), None);
        let mut file = logs.open(&deployment, &replica).unwrap();
        write!(file, "2026-12-01T09:00:00.000000Z error\t\u{1b}[31mno model\u{1b}[0m\n\n").unwrap();
        assert_eq!(logs.last_line(&deployment, &replica).unwrap(), "no model");
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
