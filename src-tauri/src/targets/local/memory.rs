//! The most memory that the processes of a replica have held.

use domain::replica::Process;
use procfs::process::Process as Proc;

/// Bytes of memory: of each process in the replica's group what it holds now, shared pages by its share of them, and what
/// it held more when it held most. None when the replica is gone.
pub(super) fn peak(leader: Process) -> Option<u64> {
    let pid = i32::try_from(leader.pid).ok()?;
    let is_leader = Proc::new(pid).ok()?.stat().ok()?.starttime == leader.start_ticks;
    let processes = procfs::process::all_processes().ok().filter(|_| is_leader)?;
    // One that ends while it is looked at holds nothing any more.
    let group = processes.flatten().filter(|process| process.stat().is_ok_and(|stat| stat.pgrp == pid));
    Some(group.filter_map(|process| held(&process)).sum())
}

fn held(process: &Proc) -> Option<u64> {
    let status = process.status().ok()?;
    let (now, most) = (status.vmrss? * 1024, status.vmhwm? * 1024);
    let shared = process.smaps_rollup().ok().and_then(|rollup| {
        let maps = rollup.memory_map_rollup;
        maps.0.first().and_then(|map| map.extension.map.get("Pss").copied())
    });
    Some(shared.unwrap_or(now) + most.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_was_held_counts_and_a_stranger_with_the_same_pid_does_not() {
        let stat = Proc::myself().unwrap().stat().unwrap();
        let mut pages = vec![1_u8; 64 << 20];
        pages[5] = 2;
        drop(pages);
        let held = held(&Proc::myself().unwrap()).unwrap();
        assert!(held > 64 << 20, "{held}");
        let me = Process { pid: std::process::id(), start_ticks: stat.starttime + 1 };
        assert_eq!(peak(me), None);
    }
}
