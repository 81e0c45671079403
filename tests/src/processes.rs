//! Replicas as the system sees them, without asking the server.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use changeover::targets::local::Paths;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// A running process of a replica.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplicaProcess {
    /// Its process id.
    pub pid: u32,
    /// The identifier of the replica.
    pub id: String,
    /// The model version that the replica was started with.
    pub model: String,
}

/// Every running replica of a data directory, by its id.
///
/// # Errors
/// The system does not list processes.
pub fn replicas_of(data: &Path) -> anyhow::Result<Vec<ReplicaProcess>> {
    let mut instances = vec![Paths::new(data).instance];
    for target in fs::read_dir(data.join("targets")).into_iter().flatten() {
        let name = target?.file_name().to_string_lossy().parse()?;
        instances.push(Paths::of_target(data, &name).instance);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").context("processes cannot be listed")? {
        let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // One that ends meanwhile runs no more; one that has ended has no command line.
        let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else { continue };
        let value = |line: &[u8], flag: &str| {
            let words: Vec<_> = line.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
            let at = words.iter().position(|word| word == flag)?;
            words.get(at + 1).map(|word| word.clone().into_owned())
        };
        let is_replica = line.split(|byte| *byte == 0).nth(1) == Some(b"replica");
        if is_replica && value(&line, "--instance").is_some_and(|instance| instances.contains(&instance)) {
            let rest = fs::read(words_of(pid)).unwrap_or_default();
            let id = value(&line, "--id").unwrap_or_default();
            found.push(ReplicaProcess { pid, id, model: value(&rest, "--model").unwrap_or_default() });
        }
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// The file with the words of a replica that are not on its command line: its standard input.
pub fn words_of(pid: u32) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/fd/0"))
}

/// Ends a replica with all that it has started: it leads a process group of its own.
pub fn end_replica(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}

/// Sends a signal; that the process has ended already is no error.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}
