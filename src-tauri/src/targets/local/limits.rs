//! Holds replicas to `cpu_limit` and `memory_gb_limit` (RAY-5).
//!
//! Where the server has a control group that it may divide, the kernel holds all processes of a replica together to
//! both. Elsewhere memory is limited for each process of a replica by itself, by `RLIMIT_DATA`, and processor time is
//! not limited.

use std::ffi::OsString;

use domain::configuration::Resources;
use domain::id::ReplicaId;
use domain::resources::{Capacity, Machine};

use super::cgroup::{Cgroup, bytes};
use crate::pythons;

/// The means by which limits are enforced on this machine.
pub(super) struct ResourceLimits {
    cgroup: Option<Cgroup>,
    machine: Machine,
}

impl ResourceLimits {
    /// Looks what can be enforced. Where there is a group to divide, this process moves into a leaf of it.
    pub(super) fn find(instance: &str, capacity: Capacity) -> Self {
        Self::by(Cgroup::own(instance), capacity)
    }

    fn by(cgroup: Option<Cgroup>, capacity: Capacity) -> Self {
        let limits_cpu = cgroup.as_ref().is_some_and(|cgroup| cgroup.cpu);
        let machine = Machine { capacity, limits_cpu, limits_memory: true, pythons: pythons::versions() };
        Self { cgroup, machine }
    }

    /// The machine's resources, and the limits that are enforced.
    pub(super) fn machine(&self) -> Machine {
        self.machine
    }

    /// The limits of a new replica, as arguments of its command; makes its control group.
    pub(super) fn tell(&self, replica: &ReplicaId, resources: &Resources) -> std::io::Result<Vec<OsString>> {
        let mut words: Vec<OsString> = Vec::new();
        let by_group = |limit: Option<f64>, offered: fn(&Cgroup) -> bool| {
            self.cgroup.as_ref().filter(|cgroup| limit.is_some() && offered(cgroup))
        };
        let memory = by_group(resources.memory_gb_limit, |cgroup| cgroup.memory);
        if let Some(cgroup) = memory.or(by_group(resources.cpu_limit, |cgroup| cgroup.cpu)) {
            words.extend(["--cgroup".into(), cgroup.make(replica, resources)?.into()]);
        }
        if let Some(gb) = resources.memory_gb_limit.filter(|_| memory.is_none()) {
            words.extend(["--memory-limit".into(), bytes(gb).to_string().into()]);
        }
        for sentence in self.machine.not_enforced(resources) {
            words.extend(["--not-enforced".into(), sentence.into()]);
        }
        Ok(words)
    }

    /// The reason why a replica ended, where it is or may be its memory limit. `last` is the end of its output.
    pub(super) fn blame(&self, replica: &ReplicaId, resources: &Resources, last: Option<&str>) -> Option<String> {
        let gb = resources.memory_gb_limit?;
        match self.cgroup.as_ref().filter(|cgroup| cgroup.memory) {
            Some(cgroup) => cgroup
                .ran_out_of_memory(replica)
                .then(|| format!("the system ended it for taking more than its limit of {gb} GB of memory")),
            // Refused memory reaches a program as an error of its own, in its own words.
            None => speaks_of_memory(last?)
                .then(|| format!("it may have needed more than its limit of {gb} GB of memory for each process")),
        }
    }

    /// Lets go of what a replica that has ended was given.
    pub(super) fn release(&self, replica: &ReplicaId) {
        if let Some(cgroup) = &self.cgroup {
            cgroup.remove(replica);
        }
    }
}

fn speaks_of_memory(line: &str) -> bool {
    let line = line.to_lowercase();
    ["memory", "alloc"].iter().any(|word| line.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limited() -> Resources {
        Resources { cpu_limit: Some(1.0), memory_gb_limit: Some(0.6), ..Resources::default() }
    }

    #[test]
    fn without_a_group_memory_is_limited_by_process_and_the_rest_is_said() {
        let limits = ResourceLimits::by(None, Capacity::ENDLESS);
        let replica: ReplicaId = "r-1".parse().unwrap();
        let words = limits.tell(&replica, &limited()).unwrap();
        assert_eq!(words[..3], ["--memory-limit", "600000000", "--not-enforced"]);
        assert!(words[3].to_string_lossy().starts_with("cpu_limit is not enforced"), "{words:?}");
        assert_eq!(limits.tell(&replica, &Resources::default()).unwrap(), [""; 0]);
        assert_eq!((limits.machine().limits_cpu, limits.machine().limits_memory), (false, true));
    }

    #[test]
    fn the_limit_is_blamed_only_where_there_is_one_and_memory_is_spoken_of() {
        let limits = ResourceLimits::by(None, Capacity::ENDLESS);
        let replica: ReplicaId = "r-1".parse().unwrap();
        let blamed = |resources: &Resources, last| limits.blame(&replica, resources, last);
        assert!(blamed(&limited(), Some("MemoryError")).is_some_and(|said| said.contains("0.6 GB")));
        assert!(blamed(&limited(), Some("std::bad_alloc")).is_some());
        assert_eq!(blamed(&limited(), Some("KeyError: 'x'")), None);
        assert_eq!(blamed(&limited(), None), None);
        assert_eq!(blamed(&Resources::default(), Some("MemoryError")), None);
    }
}
