//! What the processes of replicas take of this machine: cores since the last look, and memory.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::id::ReplicaId;
use domain::replica::Process;
use domain::resources::Usage;
use procfs::process::{Stat, all_processes};
use procfs::{page_size, ticks_per_second};

/// The least time between two looks that are compared: a shorter one has too few ticks of the clock.
const APART: Duration = Duration::from_millis(900);

/// Compares looks with those before.
#[derive(Default)]
pub(super) struct Meter(Mutex<HashMap<i32, Look>>);

/// The last look at a replica.
#[derive(Clone, Copy, Debug)]
struct Look {
    started: u64,
    at: Instant,
    /// Ticks of the clock that its processes had used up.
    ticks: u64,
    /// What came out of it.
    cpu_milli: Option<u64>,
}

/// The processes of one group together.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    /// When its first process was started; none where that is not there any more.
    started: Option<u64>,
    ticks: u64,
    pages: u64,
}

impl Group {
    fn add(&mut self, stat: &Stat) {
        if stat.pid == stat.pgrp {
            self.started = Some(stat.starttime);
        }
        // Those that have ended count with whoever started them.
        let ended = stat.cutime.saturating_add(stat.cstime);
        self.ticks += stat.utime + stat.stime + u64::try_from(ended).unwrap_or(0);
        self.pages += stat.rss;
    }
}

impl Meter {
    /// Looks at the process groups with these first processes. Those that are gone are left out.
    pub(super) fn look(&self, leaders: Vec<(ReplicaId, Process)>) -> Vec<(ReplicaId, Usage)> {
        let mut groups: HashMap<i32, Group> = HashMap::new();
        // One that ends while it is looked at takes nothing any more.
        for stat in all_processes().into_iter().flatten().flatten().filter_map(|process| process.stat().ok()) {
            groups.entry(stat.pgrp).or_default().add(&stat);
        }
        let mut before = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        before.retain(|pid, look| groups.get(pid).is_some_and(|group| group.started == Some(look.started)));
        let now = Instant::now();
        let used = leaders.into_iter().filter_map(|(id, leader)| {
            let pid = i32::try_from(leader.pid).ok()?;
            let group = groups.get(&pid).filter(|group| group.started == Some(leader.start_ticks))?;
            let look = next(before.get(&pid).copied(), leader.start_ticks, group.ticks, now, ticks_per_second());
            before.insert(pid, look);
            Some((id, Usage { cpu_milli: look.cpu_milli, memory_bytes: group.pages * page_size() }))
        });
        used.collect()
    }
}

/// The look after `before`: one that comes too soon says what that one said.
fn next(before: Option<Look>, started: u64, ticks: u64, at: Instant, per_second: u64) -> Look {
    let fresh = Look { started, at, ticks, cpu_milli: None };
    let Some(before) = before else { return fresh };
    let apart = at.saturating_duration_since(before.at);
    if apart < APART {
        return before;
    }
    let seconds = ticks.saturating_sub(before.ticks) as f64 / per_second.max(1) as f64;
    Look { cpu_milli: Some((seconds * 1_000.0 / apart.as_secs_f64()).round() as u64), ..fresh }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use procfs::process::Process as Proc;

    use super::*;

    #[test]
    fn cores_are_those_since_the_look_before() {
        let begin = Instant::now();
        let at = |milliseconds| begin + Duration::from_millis(milliseconds);
        let first = next(None, 7, 100, begin, 100);
        assert_eq!(first.cpu_milli, None, "nothing to compare with");
        let second = next(Some(first), 7, 200, at(2_000), 100);
        assert_eq!(second.cpu_milli, Some(500), "a second of a core in two");
        assert_eq!(next(Some(second), 7, 209, at(2_100), 100).cpu_milli, Some(500), "too soon to say anything else");
        assert_eq!(next(Some(second), 7, 600, at(4_000), 100).cpu_milli, Some(2_000), "two cores");
        assert_eq!(next(Some(second), 7, 150, at(4_000), 100).cpu_milli, Some(0), "a process of it has ended");
    }

    #[test]
    fn a_group_is_looked_at_and_a_stranger_with_its_pid_is_not() {
        let mut child = Command::new("sleep").arg("60").process_group(0).spawn().unwrap();
        let stat = Proc::new(child.id().try_into().unwrap()).unwrap().stat().unwrap();
        let leader = |start_ticks| Process { pid: child.id(), start_ticks };
        let id: ReplicaId = "r-1".parse().unwrap();
        let meter = Meter::default();
        let seen = meter.look(vec![(id.clone(), leader(stat.starttime))]);
        let stranger = meter.look(vec![(id.clone(), leader(stat.starttime + 1))]);
        let (pid, kept) = (child.id(), meter.0.lock().unwrap().len());
        child.kill().unwrap();
        child.wait().unwrap();
        let gone = meter.look(vec![(id.clone(), Process { pid, start_ticks: stat.starttime })]);
        assert!(matches!(seen.as_slice(), [(_, Usage { cpu_milli: None, memory_bytes: 1.. })]), "{seen:?}");
        assert_eq!((stranger, kept, gone), (Vec::new(), 1, Vec::new()));
        assert!(meter.0.lock().unwrap().is_empty(), "what has ended is forgotten");
    }
}
