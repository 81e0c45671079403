//! Claims of replicas on a machine, and the room that it has for them (RAY-5).
//!
//! Requests are counted, not measured: a machine is full when the requests of its replicas come to what it has.

use serde::{Deserialize, Serialize};

use crate::configuration::Resources;
use crate::python::Pythons;
use crate::strategy::{Adjustment, Limits, MAX_REPLICAS};
use crate::words::counted;

/// The capacity of a machine for replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Capacity {
    /// Thousandths of a core.
    pub cpu_milli: u64,
    /// Memory in megabytes (1,000 to the gigabyte).
    pub memory_mb: u64,
    /// GPUs, numbered from 0.
    pub gpus: u32,
}

/// What the processes of a replica take of their machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Thousandths of a core, on average since somebody looked before; none at the first look.
    pub cpu_milli: Option<u64>,
    /// Memory in bytes, at this moment.
    pub memory_bytes: u64,
}

impl Capacity {
    /// Room for everything, for where nothing is counted.
    pub const ENDLESS: Self = Self { cpu_milli: u64::MAX / 4, memory_mb: u64::MAX / 4, gpus: 64 };
}

/// A machine as operators see it: what it has, and which limits it can hold a replica to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Machine {
    /// Its capacity.
    pub capacity: Capacity,
    /// It enforces `cpu_limit`.
    pub limits_cpu: bool,
    /// It enforces `memory_gb_limit`.
    pub limits_memory: bool,
    /// Versions of Python that environments can be built with, as far as they are known.
    pub pythons: Pythons,
}

impl Machine {
    /// One that has everything and enforces all limits.
    pub const ENDLESS: Self =
        Self { capacity: Capacity::ENDLESS, limits_cpu: true, limits_memory: true, pythons: Pythons::ALL };

    /// The limits of `resources` that are not enforced here, a sentence each.
    pub fn not_enforced(&self, resources: &Resources) -> Vec<String> {
        let parts = [
            ("cpu_limit", resources.cpu_limit, self.limits_cpu),
            ("memory_gb_limit", resources.memory_gb_limit, self.limits_memory),
        ];
        let open = parts.into_iter().filter(|(_, limit, enforced)| limit.is_some() && !enforced);
        open.map(|(field, ..)| {
            format!("{field} is not enforced: this server has no cgroup of its own that it may divide.")
        })
        .collect()
    }
}

/// The claim of one or several replicas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Claim {
    /// Thousandths of a core.
    pub cpu_milli: u64,
    /// Memory in megabytes.
    pub memory_mb: u64,
    /// Thousandths of a GPU.
    pub gpu_milli: u64,
}

fn milli(amount: f64) -> u64 {
    // Configurations are checked to lie far below the largest number.
    (amount * 1_000.0).round().max(0.0) as u64
}

impl From<&Resources> for Claim {
    fn from(resources: &Resources) -> Self {
        Self { cpu_milli: milli(resources.cpu), memory_mb: milli(resources.memory_gb), gpu_milli: milli(resources.gpu) }
    }
}

impl Claim {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            cpu_milli: self.cpu_milli + other.cpu_milli,
            memory_mb: self.memory_mb + other.memory_mb,
            gpu_milli: self.gpu_milli + other.gpu_milli,
        }
    }

    /// The claim of `n` replicas with this claim each.
    #[must_use]
    pub fn times(self, n: u32) -> Self {
        let n = u64::from(n);
        Self { cpu_milli: self.cpu_milli * n, memory_mb: self.memory_mb * n, gpu_milli: self.gpu_milli * n }
    }

    /// The resource that a machine lacks for this, if it lacks one.
    fn lacking(self, capacity: &Capacity) -> Option<String> {
        let gpus = u64::from(capacity.gpus) * 1_000;
        let parts = [
            (self.cpu_milli, capacity.cpu_milli, "CPU cores"),
            (self.memory_mb, capacity.memory_mb, "GB of memory"),
            (self.gpu_milli, gpus, "GPUs"),
        ];
        let short = parts.into_iter().find(|(asked, there, _)| asked > there);
        short.map(|(asked, there, unit)| format!("{} {unit} of {}", decimal(asked), decimal(there)))
    }

    /// True when a machine has it.
    pub fn fits(self, capacity: &Capacity) -> bool {
        self.lacking(capacity).is_none()
    }
}

/// Thousandths as people write them: `0.1`, `24`, `1.5`.
fn decimal(thousandths: u64) -> String {
    (thousandths as f64 / 1_000.0).to_string()
}

fn plural(replicas: u32) -> String {
    counted(replicas.into(), "replica", "replicas")
}

/// The number of further replicas like `each` that fit beside the claims `used`.
pub fn room(capacity: &Capacity, used: Claim, each: Claim) -> u32 {
    let parts = [
        (capacity.cpu_milli, used.cpu_milli, each.cpu_milli),
        (capacity.memory_mb, used.memory_mb, each.memory_mb),
        (u64::from(capacity.gpus) * 1_000, used.gpu_milli, each.gpu_milli),
    ];
    let fit = parts.into_iter().filter_map(|(there, used, each)| there.saturating_sub(used).checked_div(each)).min();
    fit.map_or(MAX_REPLICAS, |n| u32::try_from(n).unwrap_or(MAX_REPLICAS))
}

/// The numbers that are compared before anything starts.
#[derive(Clone, Copy, Debug)]
pub struct RoomQuestion {
    /// The capacity of the machine.
    pub capacity: Capacity,
    /// The claims of replicas of other deployments.
    pub others: Claim,
    /// The claims of the running replicas of this deployment.
    pub running: Claim,
    /// The number of those; beyond the wanted number it is surge that runs already.
    pub count: u32,
    /// The claim of one new replica.
    pub each: Claim,
    /// The desired number of replicas.
    pub desired: u32,
    /// The limits of the rollout.
    pub limits: Limits,
    /// The number of further replicas that find the GPUs that each of them needs ([`crate::place::gpu_room`]): sums do
    /// not tell that.
    pub gpu_room: u32,
}

/// The fit of a rollout on its machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preflight {
    /// The rollout fits, surge and all.
    Fits,
    /// Only so much surge does; the rest of the way old replicas make room for new ones.
    SurgeReduced {
        /// The rest of the surge.
        surge: u32,
        /// A sentence that says so.
        warning: String,
    },
    /// Nobody set a surge, and there is no room for the replica that would take over: one at a time is taken away instead.
    /// A sentence says so; a person has to go ahead.
    TakenAway(String),
    /// It cannot be done like this; a sentence says why, and what to do.
    NoRoom(String),
}

/// Checks a rollout against its machine.
pub fn preflight(question: &RoomQuestion) -> Preflight {
    let RoomQuestion { capacity, others, running, count, each, desired, limits, gpu_room } = question;
    if let Some(lacking) = others.plus(each.times(*desired)).lacking(capacity) {
        return Preflight::NoRoom(format!(
            "{}, with what other deployments hold, ask for {lacking} that this machine has to give. Ask for fewer replicas or less of each, or free something.",
            plural(*desired),
        ));
    }
    let held = others.plus(*running);
    let beyond = count.saturating_sub(*desired);
    let surge = (room(capacity, held, *each).min(*gpu_room) + beyond).min(limits.surge);
    if surge == limits.surge || running.cpu_milli + running.memory_mb + running.gpu_milli == 0 {
        return Preflight::Fits;
    }
    let lacking = held.plus(each.times(limits.surge)).lacking(capacity);
    let lacking = lacking.unwrap_or_else(|| "more than is free on any one of the GPUs".to_owned());
    if surge == 0 && limits.adjustment == Adjustment::Surged {
        let left = match desired {
            1 => "no replica serves meanwhile, so requests wait and may be refused".to_owned(),
            desired => format!("{} of {desired} serve meanwhile", desired - 1),
        };
        return Preflight::TakenAway(format!(
            "There is no room for one more replica beside what runs: that asks for {lacking} that this machine has to give. So one is taken away before its successor starts: {left}."
        ));
    }
    if surge == 0 && limits.unavailable == 0 {
        return Preflight::NoRoom(format!(
            "A surge of {} beside what runs asks for {lacking} that this machine has to give. Drain first and replace then, with max_surge 0 and max_unavailable 1: meanwhile {} of {desired} replicas serve.",
            limits.surge,
            desired.saturating_sub(1),
        ));
    }
    let warning = format!(
        "Of a surge of {} only {surge} fits: all of it would ask for {lacking} that this machine has to give. Replicas are drained first where there is no room, and at least {} of {desired} serve meanwhile.",
        limits.surge,
        limits.lowest_available(*desired),
    );
    Preflight::SurgeReduced { surge, warning }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prop_assert, proptest};

    const MACHINE: Capacity = Capacity { cpu_milli: 2_000, memory_mb: 8_000, gpus: 2 };

    fn claim(cpu: f64, memory_gb: f64) -> Claim {
        Claim::from(&Resources { cpu, memory_gb, ..Resources::default() })
    }

    fn question(desired: u32, surge: u32, unavailable: u32) -> RoomQuestion {
        let each = claim(0.5, 1.0);
        let limits = Limits { surge, unavailable, adjustment: Adjustment::None };
        RoomQuestion {
            capacity: MACHINE,
            others: Claim::default(),
            running: each.times(desired),
            count: desired,
            each,
            desired,
            limits,
            gpu_room: surge,
        }
    }

    #[test]
    fn fractions_add_up_exactly() {
        assert!(claim(0.1, 0.5).times(20).fits(&Capacity { memory_mb: 10_000, ..MACHINE }));
        assert_eq!(room(&MACHINE, claim(0.1, 0.5), claim(0.1, 0.5)), 15);
        assert_eq!(room(&MACHINE, claim(9.0, 0.5), claim(0.1, 0.5)), 0);
    }

    #[test]
    fn a_rollout_is_checked_with_its_surge() {
        assert_eq!(preflight(&question(3, 1, 0)), Preflight::Fits);
        for (desired, surge, unavailable, words) in [
            (5, 0, 1, ["5 replicas", "2.5 CPU cores of 2"]),
            (4, 1, 0, ["max_surge 0 and max_unavailable 1", "3 of 4"]),
        ] {
            match preflight(&question(desired, surge, unavailable)) {
                Preflight::NoRoom(said) => assert!(words.iter().all(|word| said.contains(word)), "{said}"),
                other => panic!("{other:?}"),
            }
        }
        match preflight(&question(3, 2, 1)) {
            Preflight::SurgeReduced { surge: 1, warning } => assert!(warning.contains("2 of 3 serve"), "{warning}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn where_nobody_set_a_surge_and_none_fits_one_is_taken_away_and_a_person_asked() {
        let limits = Limits { surge: 1, unavailable: 0, adjustment: Adjustment::Surged };
        for (desired, words) in [(4, "3 of 4 serve meanwhile"), (1, "no replica serves meanwhile")] {
            let others = claim(0.5, 1.0).times(4 - desired);
            match preflight(&RoomQuestion { limits, others, ..question(desired, 1, 0) }) {
                Preflight::TakenAway(said) => assert!(said.contains(words) && said.contains("2.5 CPU"), "{said}"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(preflight(&RoomQuestion { limits, ..question(3, 1, 0) }), Preflight::Fits);
        // It runs already, from a rollout that this one goes on top of.
        let on_top = RoomQuestion { limits, running: claim(0.5, 1.0).times(4), count: 4, ..question(3, 1, 0) };
        assert_eq!(preflight(&on_top), Preflight::Fits);
        // Enough in all, and nowhere enough on one.
        match preflight(&RoomQuestion { limits, gpu_room: 0, ..question(3, 1, 0) }) {
            Preflight::TakenAway(said) => assert!(said.contains("any one of the GPUs"), "{said}"),
            other => panic!("{other:?}"),
        }
    }

    proptest! {
        #[test]
        fn what_there_is_room_for_fits(cpu in 1u64..500, memory in 1u64..500, used in 0u64..3_000) {
            let each = Claim { cpu_milli: cpu, memory_mb: memory, gpu_milli: 0 };
            let used = Claim { cpu_milli: used, memory_mb: used, gpu_milli: 0 };
            let n = room(&MACHINE, used, each);
            prop_assert!(n == 0 || used.plus(each.times(n)).fits(&MACHINE));
            prop_assert!(!used.plus(each.times(n + 1)).fits(&MACHINE));
        }
    }
}
