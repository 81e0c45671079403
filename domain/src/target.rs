//! Kinds of places where replicas run, as far as rules depend on them.

use serde::{Deserialize, Serialize};

use crate::resources::{Capacity, Machine};

/// The abilities of a target. The default is a target of which nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Traits {
    /// Every request to its replicas passes the gateway, which counts those in flight. Otherwise a replica that is
    /// taken away has all of its drain limit.
    pub counts_requests: bool,
    /// It takes any number of replicas and runs each once it has room for it, so that nothing is counted before a
    /// start.
    pub schedules: bool,
    /// A running replica can be given a new `user_config`, where its runtime takes one. Otherwise it is replaced.
    pub reconfigures_in_place: bool,
}

impl Traits {
    /// The traits of processes on this machine.
    pub const LOCAL: Self = Self { counts_requests: true, schedules: false, reconfigures_in_place: true };
}

/// The room that a target has for replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// So much: what its replicas hold is counted, and a replica is started only where there is room for it.
    Counted(Machine),
    /// It finds room by itself.
    ItsOwn,
}

impl Room {
    /// The machine that replicas are fitted to; one that has everything where the target finds room by itself.
    pub fn machine(self) -> Machine {
        match self {
            Self::Counted(machine) => machine,
            Self::ItsOwn => Machine { capacity: Capacity::ENDLESS, ..Machine::ENDLESS },
        }
    }
}
