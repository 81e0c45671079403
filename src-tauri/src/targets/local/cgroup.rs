//! The server's own control group (cgroups v2), divided into one for each replica that has limits.
//!
//! # Flow
//!
//! Processes may only be in the leaves of a divided group, so the server first moves itself into a leaf of its own.
//! Where that or the dividing is refused (others are in the group too, or it belongs to somebody else) it moves back,
//! and there is no group to divide. The server makes a replica's group and writes its limits; the replica enters it
//! by itself, before it loads anything.
//!
//! # Assumptions
//!
//! Nobody else divides this group: with systemd that is `Delegate=yes`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use domain::configuration::Resources;
use domain::id::ReplicaId;
use procfs::process::Process;

/// The leaf that the server itself is in.
const SERVER: &str = "changeover-server";
/// In `cgroup.procs` it means the process that writes.
const MYSELF: &str = "0";
/// Length of the time slice that a share of the processor is measured in, in microseconds.
const PERIOD: f64 = 100_000.0;

/// A group that may be divided.
#[derive(Debug)]
pub(super) struct Cgroup {
    folder: PathBuf,
    instance: String,
    /// True when the group can limit processor time.
    pub(super) cpu: bool,
    /// True when the group can limit memory.
    pub(super) memory: bool,
}

impl Cgroup {
    /// The group that this process is in, if it may be divided and limits anything.
    pub(super) fn own(instance: &str) -> Option<Self> {
        Self::divide(&own_folder()?, instance)
    }

    fn divide(folder: &Path, instance: &str) -> Option<Self> {
        let listed = |file: &str| fs::read_to_string(folder.join(file)).unwrap_or_default();
        let offered = listed("cgroup.controllers");
        let has = |list: &str, name: &str| list.split_whitespace().any(|word| word == name);
        let wanted: Vec<_> = ["cpu", "memory"].into_iter().filter(|name| has(&offered, name)).collect();
        let on = listed("cgroup.subtree_control");
        if wanted.is_empty() || !wanted.iter().all(|name| has(&on, name)) && enable(folder, &wanted).is_err() {
            return None;
        }
        let group = Self {
            folder: folder.to_owned(),
            instance: instance.to_owned(),
            cpu: wanted.contains(&"cpu"),
            memory: wanted.contains(&"memory"),
        };
        group.sweep();
        Some(group)
    }

    fn of(&self, replica: &ReplicaId) -> PathBuf {
        self.folder.join(format!("changeover-{}-{replica}", self.instance))
    }

    /// Makes the group of a replica with the limits of `resources`.
    pub(super) fn make(&self, replica: &ReplicaId, resources: &Resources) -> io::Result<PathBuf> {
        let folder = self.of(replica);
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        if let Some(gb) = resources.memory_gb_limit.filter(|_| self.memory) {
            fs::write(folder.join("memory.max"), bytes(gb).to_string())?;
            // Without them memory would be swapped out instead, and half of a replica would be left.
            for (file, value) in [("memory.swap.max", "0"), ("memory.oom.group", "1")] {
                match fs::write(folder.join(file), value) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        if let Some(cores) = resources.cpu_limit.filter(|_| self.cpu) {
            // The kernel takes no less than a millisecond.
            let quota = (cores * PERIOD).round().max(1_000.0);
            fs::write(folder.join("cpu.max"), format!("{quota} {PERIOD}"))?;
        }
        Ok(folder)
    }

    /// True when the system has ended processes of a replica for taking too much memory.
    pub(super) fn ran_out_of_memory(&self, replica: &ReplicaId) -> bool {
        let events = fs::read_to_string(self.of(replica).join("memory.events")).unwrap_or_default();
        let killed = events.lines().find_map(|line| line.strip_prefix("oom_kill "));
        killed.is_some_and(|count| count.trim() != "0")
    }

    /// Removes the group of a replica that has ended.
    pub(super) fn remove(&self, replica: &ReplicaId) {
        // One that is not empty yet is removed when the replica is forgotten, or at the next start.
        let _ = fs::remove_dir(self.of(replica));
    }

    /// Removes the groups that a server before this one left; those of running replicas refuse.
    fn sweep(&self) {
        let start = format!("changeover-{}-", self.instance);
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&start) {
                let _ = fs::remove_dir(entry.path());
            }
        }
    }
}

fn enable(folder: &Path, controllers: &[&str]) -> io::Result<()> {
    let leaf = folder.join(SERVER);
    let moved = fs::create_dir(&leaf)
        .or_else(|error| if error.kind() == io::ErrorKind::AlreadyExists { Ok(()) } else { Err(error) })
        .and_then(|()| fs::write(leaf.join("cgroup.procs"), MYSELF));
    let words: Vec<_> = controllers.iter().map(|name| format!("+{name}")).collect();
    let enabled = moved.and_then(|()| fs::write(folder.join("cgroup.subtree_control"), words.join(" ")));
    if enabled.is_err() {
        let _ = fs::write(folder.join("cgroup.procs"), MYSELF);
        let _ = fs::remove_dir(&leaf);
    }
    enabled
}

/// The folder of this process's group, in the hierarchy of version 2.
fn own_folder() -> Option<PathBuf> {
    let me = Process::myself().ok()?;
    let group = me.cgroups().ok()?.into_iter().find(|group| group.hierarchy == 0)?.pathname;
    let mount = me.mountinfo().ok()?.into_iter().find(|mount| mount.fs_type == "cgroup2")?;
    // Seen from inside a container, the mount may show only a part of the hierarchy.
    let inside = group.strip_prefix(mount.root.trim_end_matches('/')).unwrap_or(&group);
    let folder = mount.mount_point.join(inside.trim_start_matches('/'));
    match folder.file_name() {
        // Started by a process that was in the leaf.
        Some(name) if name == SERVER => folder.parent().map(Path::to_owned),
        _ => Some(folder),
    }
}

/// Gigabytes of 1,000,000,000 bytes in bytes.
pub(super) fn bytes(gb: f64) -> u64 {
    // Configurations are checked to lie between 0 and 4,096.
    (gb * 1e9).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that looks like a group; what is written to its files stays in them.
    fn group(controllers: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("cgroup.controllers"), controllers).unwrap();
        for file in ["cgroup.procs", "cgroup.subtree_control"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        folder
    }

    fn limited(cpu: Option<f64>, memory: Option<f64>) -> Resources {
        Resources { cpu_limit: cpu, memory_gb_limit: memory, ..Resources::default() }
    }

    #[test]
    fn a_group_is_divided_and_each_replica_gets_its_part() {
        let folder = group("cpuset cpu io memory pids\n");
        let replica: ReplicaId = "r-1".parse().unwrap();
        let cgroup = Cgroup::divide(folder.path(), "abc").unwrap();
        assert!(cgroup.cpu && cgroup.memory);
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        assert_eq!(read(&folder.path().join(SERVER).join("cgroup.procs")), "0", "the server is in a leaf");
        assert_eq!(read(&folder.path().join("cgroup.subtree_control")), "+cpu +memory");

        let part = cgroup.make(&replica, &limited(Some(0.5), Some(1.5))).unwrap();
        assert_eq!(part, folder.path().join("changeover-abc-r-1"));
        assert_eq!(read(&part.join("cpu.max")), "50000 100000");
        assert_eq!(read(&part.join("memory.max")), "1500000000");
        assert!(!cgroup.ran_out_of_memory(&replica));
        fs::write(part.join("memory.events"), "low 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 1\n").unwrap();
        assert!(cgroup.ran_out_of_memory(&replica));
        // In a real one the files go with the folder.
        fs::read_dir(&part).unwrap().for_each(|file| fs::remove_file(file.unwrap().path()).unwrap());
        cgroup.remove(&replica);
        assert!(!part.exists());
    }

    #[test]
    fn what_is_not_asked_for_or_not_offered_is_not_limited() {
        let folder = group("memory");
        let cgroup = Cgroup::divide(folder.path(), "abc").unwrap();
        assert!(!cgroup.cpu && cgroup.memory);
        let part = cgroup.make(&"r-1".parse().unwrap(), &limited(Some(2.0), None)).unwrap();
        assert_eq!(fs::read_dir(part).unwrap().count(), 0);
        assert!(Cgroup::divide(group("").path(), "abc").is_none(), "nothing can be limited");
    }

    #[test]
    fn a_group_that_cannot_be_divided_is_left_as_it_was() {
        let folder = group("cpu memory");
        // The kernel answers `busy` here when other processes are in the group.
        fs::remove_file(folder.path().join("cgroup.subtree_control")).unwrap();
        fs::create_dir(folder.path().join("cgroup.subtree_control")).unwrap();
        assert!(Cgroup::divide(folder.path(), "abc").is_none());
        assert_eq!(fs::read_to_string(folder.path().join("cgroup.procs")).unwrap(), "0", "it moved back");
    }

    #[test]
    fn groups_of_replicas_that_are_gone_are_swept_at_the_start() {
        let folder = group("cpu memory");
        for name in ["changeover-abc-r-1", "changeover-other-r-1", "someone"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        // As that of a running replica, which cannot be removed.
        fs::create_dir_all(folder.path().join("changeover-abc-r-2/x")).unwrap();
        Cgroup::divide(folder.path(), "abc").unwrap();
        let left = |name: &str| folder.path().join(name).exists();
        assert!(!left("changeover-abc-r-1"));
        assert!(left("changeover-abc-r-2") && left("changeover-other-r-1") && left("someone"));
    }
}
