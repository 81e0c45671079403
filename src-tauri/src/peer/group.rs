//! The processes of a replica: those in the group that it leads, and what they have started in turn.

use std::collections::{HashMap, HashSet};
use std::io;

use domain::replica::Process;
use procfs::process::{FDTarget, Process as Proc, Stat};

/// This process, as it can be told from later ones.
pub(super) fn myself() -> io::Result<Process> {
    let stat = Proc::myself().and_then(|process| process.stat()).map_err(io::Error::other)?;
    Ok(Process { pid: stat.pid.unsigned_abs(), start_ticks: stat.starttime })
}

/// True if a process of the replica with this `leader` holds the socket `inode`.
///
/// # Errors
/// Processes cannot be listed.
pub(super) fn holds(leader: Process, inode: u32) -> io::Result<bool> {
    let listed = procfs::process::all_processes().map_err(io::Error::other)?;
    // One that ends while it is looked at holds nothing any more.
    let stats: HashMap<i32, Stat> =
        listed.flatten().filter_map(|process| Some((process.pid(), process.stat().ok()?))).collect();
    let Ok(first) = i32::try_from(leader.pid) else { return Ok(false) };
    if stats.get(&first).is_none_or(|stat| stat.starttime != leader.start_ticks) {
        return Ok(false);
    }
    let holds = |pid: &i32| {
        let open = Proc::new(*pid).and_then(|process| process.fd());
        open.is_ok_and(|open| open.flatten().any(|fd| fd.target == FDTarget::Socket(inode.into())))
    };
    Ok(stats.keys().filter(|pid| belongs(**pid, first, &stats)).any(holds))
}

/// True when `pid` is the leader, is in its group, or was started by one that is.
fn belongs(pid: i32, leader: i32, stats: &HashMap<i32, Stat>) -> bool {
    let (mut next, mut seen) = (pid, HashSet::new());
    // Read one after the other, they could name each other.
    while let Some(stat) = stats.get(&next).filter(|_| seen.insert(next)) {
        if stat.pid == leader || stat.pgrp == leader {
            return true;
        }
        next = stat.ppid;
    }
    false
}

#[cfg(test)]
pub(super) fn identify(pid: i32) -> io::Result<Process> {
    let stat = Proc::new(pid).and_then(|process| process.stat()).map_err(io::Error::other)?;
    Ok(Process { pid: stat.pid.unsigned_abs(), start_ticks: stat.starttime })
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::os::unix::process::CommandExt as _;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_process_belongs_to_a_replica_by_its_group_or_by_who_started_it() {
        // A shell in a group of its own, and below it a process that has left the group.
        let mut shell = Command::new("sh")
            .args(["-c", "setsid sleep 600 & echo $!; wait"])
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let (leader, below): (i32, i32) = (shell.id().cast_signed(), line.trim().parse().unwrap());
        let me = std::process::id().cast_signed();
        let stats: HashMap<_, _> = [me, leader, below].map(|pid| (pid, Proc::new(pid).unwrap().stat().unwrap())).into();
        assert!(belongs(leader, leader, &stats) && belongs(below, leader, &stats));
        assert!(belongs(leader, me, &stats), "this process has started it");
        assert!(!belongs(me, leader, &stats) && !belongs(below, 1, &stats) && !belongs(7, leader, &stats));
        let known = identify(me).unwrap();
        assert_eq!(known, myself().unwrap());
        assert!(!holds(Process { start_ticks: known.start_ticks + 1, ..known }, 1).unwrap(), "a later process");
        rustix::process::kill_process(rustix::process::Pid::from_raw(below).unwrap(), rustix::process::Signal::KILL)
            .unwrap();
        shell.wait().unwrap();
    }
}
