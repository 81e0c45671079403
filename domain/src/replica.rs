//! A replica: what was last seen of it, what is meant to become of it, and all that is recorded of it.

mod counts;

use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use counts::ReplicaCounts;

use crate::id::{ReplicaId, RevisionNumber};
use crate::resources::Claim;

/// Exit status by which a replica's process, or its program, says that it would end the same way at every further try
/// (`EX_CONFIG` of `sysexits.h`). The last line of its output says why.
pub const CANNOT_RUN: u8 = 78;

/// What each line begins with that a replica itself writes, and not the program in it.
pub const SPEAKS: &str = "changeover replica: ";

/// A replica that has been ready for so long starts with a clean slate when it fails.
pub(crate) const PROVEN: SignedDuration = SignedDuration::from_secs(60);

/// The last sighting of a replica's process. *Unknown* is written before anything is done to it
/// and stays until somebody has looked: it is never taken for ready nor for gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seen", rename_all = "snake_case")]
pub enum Observed {
    /// Nobody has looked since it was last touched.
    Unknown,
    /// There is no such process.
    Absent,
    /// It runs and has not been ready yet.
    Starting {
        /// When it was started.
        since: Timestamp,
    },
    /// Its health route answers 200.
    Ready {
        /// The time since when it has been ready without a break.
        since: Timestamp,
    },
    /// It runs, was ready, and fails its health route.
    Unready {
        /// When it was found failing; where it rests first, when it should be well again.
        since: Timestamp,
    },
    /// Its process has ended by itself.
    Exited {
        /// When that was seen.
        at: Timestamp,
    },
}

impl Observed {
    /// True when a process may exist, so that it counts against the highest total.
    pub fn may_exist(self) -> bool {
        !matches!(self, Self::Absent | Self::Exited { .. })
    }

    /// True when it has ended, is gone, or fails.
    pub fn has_failed(self) -> bool {
        matches!(self, Self::Absent | Self::Exited { .. } | Self::Unready { .. })
    }

    /// Orders those that are ready by how long they have been: the youngest first.
    pub(crate) fn is_youngest(self) -> std::cmp::Reverse<Option<Timestamp>> {
        std::cmp::Reverse(match self {
            Self::Ready { since } => Some(since),
            _ => None,
        })
    }

    /// The time since when it has not been ready, where that is known.
    pub(crate) fn not_ready_since(self) -> Option<Timestamp> {
        match self {
            Self::Starting { since } | Self::Unready { since } | Self::Exited { at: since } => Some(since),
            Self::Unknown | Self::Absent | Self::Ready { .. } => None,
        }
    }

    /// True when its health route answers.
    pub fn is_ready(self) -> bool {
        matches!(self, Self::Ready { .. })
    }
}

/// The intent for a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "meant", rename_all = "snake_case")]
pub enum Intent {
    /// To serve.
    Run,
    /// To finish the requests it has, and get no new ones.
    Drain {
        /// When it was taken off the route.
        since: Timestamp,
    },
    /// To end.
    Stop {
        /// When it was told to.
        since: Timestamp,
    },
}

words! {
    /// A replica's state in one word, as the contract and the screen show it.
    pub enum ReplicaState {
        /// It runs and has not been ready yet.
        Starting = "starting",
        /// It gets requests.
        Ready = "ready",
        /// It was ready and fails its health route.
        Unready = "unready",
        /// It finishes the requests it has.
        Draining = "draining",
        /// It was told to end.
        Stopped = "stopped",
        /// Its process has ended by itself.
        Failed = "failed",
        /// Nobody has looked since it was last touched.
        Unknown = "unknown",
    }
}

impl ReplicaState {
    /// The word for what is meant and what was seen.
    pub fn of(intent: Intent, observed: Observed) -> Self {
        match (intent, observed) {
            (Intent::Stop { .. }, _) => Self::Stopped,
            (Intent::Drain { .. }, _) => Self::Draining,
            (Intent::Run, Observed::Unknown) => Self::Unknown,
            (Intent::Run, Observed::Starting { .. }) => Self::Starting,
            (Intent::Run, Observed::Ready { .. }) => Self::Ready,
            (Intent::Run, Observed::Unready { .. }) => Self::Unready,
            (Intent::Run, Observed::Absent | Observed::Exited { .. }) => Self::Failed,
        }
    }
}

/// The address of a replica.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// A loopback port.
    Tcp(SocketAddr),
}

/// A process that cannot be mistaken for another: a pid is used again, a pid with its start time is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// Process id.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did.
    pub start_ticks: u64,
}

/// The handle by which a target knows a started replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Handle {
    /// The first process of a process group on this machine.
    Process(Process),
    /// A job of a target that runs replicas elsewhere.
    Job {
        /// The name that the target has given it.
        job: String,
    },
}

impl Handle {
    /// The process, where it runs on this machine.
    pub fn process(&self) -> Option<Process> {
        match self {
            Self::Process(process) => Some(*process),
            Self::Job { .. } => None,
        }
    }
}

/// The work that a replica which is not ready says it is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doing {
    /// In a few words.
    pub what: String,
    /// It unpacks its package or builds its environment, which may take long.
    pub preparing: bool,
}

/// A sighting of a replica.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its state.
    pub observed: Observed,
    /// The handle by which the target knows it.
    pub handle: Option<Handle>,
    /// Its address.
    pub address: Option<Address>,
    /// The last thing that went wrong with it.
    pub problem: Option<String>,
    /// It has ended, and said that its problem does not change by trying again.
    pub lasting: bool,
    /// The work that it says it is doing, while it is not ready.
    pub doing: Option<Doing>,
}

impl Seen {
    /// There is no such replica.
    pub fn absent() -> Self {
        Self { observed: Observed::Absent, handle: None, address: None, problem: None, lasting: false, doing: None }
    }
}

/// The record of a replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaRecord {
    /// The identifier of the replica.
    pub id: ReplicaId,
    /// The revision that it counts to.
    pub revision: RevisionNumber,
    /// The intent for it.
    pub intent: Intent,
    /// The last sighting of it.
    pub observed: Observed,
    /// The handle by which its target knows it, once it was started.
    #[serde(default, rename = "process")]
    pub handle: Option<Handle>,
    /// Its address, once it was started.
    pub address: Option<Address>,
    /// When its process was last started.
    pub started_at: Timestamp,
    /// Number of times that it was started again.
    pub restarts: u32,
    /// Failures in a row without having been ready for a while.
    pub failures: u32,
    /// Ends in a row without having been ready, since any replica of its revision was.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub start_failures: u32,
    /// The last thing that went wrong with it, for people.
    pub problem: Option<String>,
    /// It has ended, and said that its problem does not change by trying again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lasting: bool,
    /// A new `user_config` that it was given and has not been seen to take. Until then nobody knows which one it has.
    #[serde(default)]
    pub delivery: Option<Delivery>,
    /// The claim on its machine that it was given.
    #[serde(default)]
    pub claim: Claim,
    /// Numbers of the GPUs that it may use.
    #[serde(default)]
    pub gpus: Vec<u32>,
    /// Number of changes before this one that were seen since the last entry about it and are summed up in this one: a
    /// replica that comes and goes has no entry for each time.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unrecorded: u32,
}

impl ReplicaRecord {
    /// A replica that is to serve, of which nothing has been seen: it has no place yet, and is started at `at`.
    pub fn new(id: ReplicaId, revision: RevisionNumber, at: Timestamp) -> Self {
        Self {
            id,
            revision,
            intent: Intent::Run,
            observed: Observed::Unknown,
            handle: None,
            address: None,
            started_at: at,
            restarts: 0,
            failures: 0,
            start_failures: 0,
            problem: None,
            lasting: false,
            delivery: None,
            claim: Claim::default(),
            gpus: Vec::new(),
            unrecorded: 0,
        }
    }

    /// True when requests go to it.
    pub fn is_asked(&self) -> bool {
        self.intent == Intent::Run && self.observed.is_ready()
    }

    /// The record with what is seen at `now`. A replica that fails counts its failures in a row.
    #[must_use]
    pub fn seen(&self, mut seen: Seen, now: Timestamp) -> Self {
        let mut fresh = self.clone();
        let was = self.observed;
        if seen.observed == Observed::Absent && self.intent == Intent::Run {
            // One that is to serve and is not there has ended; when that was noticed first is what counts.
            seen.observed = match was {
                Observed::Exited { .. } => was,
                _ => Observed::Exited { at: now },
            };
        }
        if was == seen.observed {
            return fresh;
        }
        let failed = |observed| matches!(observed, Observed::Exited { .. } | Observed::Unready { .. });
        if failed(seen.observed) && !failed(was) && self.intent == Intent::Run {
            let proven = matches!(was, Observed::Ready { since } if now.duration_since(since) >= PROVEN);
            fresh.failures = if proven { 0 } else { self.failures + 1 };
        }
        let started = matches!(was, Observed::Starting { .. } | Observed::Unknown);
        if matches!(seen.observed, Observed::Exited { .. }) && started && self.intent == Intent::Run {
            fresh.start_failures += 1;
        }
        fresh.observed = seen.observed;
        fresh.handle = seen.handle.or(fresh.handle);
        fresh.address = seen.address.or(fresh.address);
        fresh.problem = seen.problem.or(fresh.problem);
        fresh.lasting = seen.lasting;
        fresh
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A new `user_config` on its way to a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The revision whose `user_config` it is.
    pub revision: RevisionNumber,
    /// When it was tried last.
    pub at: Timestamp,
    /// Failures in a row.
    pub failed: u32,
    /// It was taken off the route and finishes the requests that it has; it has not been asked yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub finishes: bool,
    /// It was refused for good: asking again changes nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

impl Delivery {
    /// True when the replica may be busy with it, or have taken it. What was refused for good it has not.
    pub fn may_be_taken(self) -> bool {
        !self.refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_recorded_as_ever_and_a_job_beside_it() {
        let process = Handle::Process(Process { pid: 7, start_ticks: 9 });
        for (handle, text) in
            [(process, r#"{"pid":7,"start_ticks":9}"#), (Handle::Job { job: "r-1".to_owned() }, r#"{"job":"r-1"}"#)]
        {
            assert_eq!(serde_json::to_string(&handle).unwrap(), text);
            assert_eq!(serde_json::from_str::<Handle>(text).unwrap(), handle);
        }
        let record = r#"{"id":"r-1","revision":1,"intent":{"meant":"run"},"observed":{"seen":"unknown"},
            "process":{"pid":7,"start_ticks":9},"address":null,"started_at":"2026-01-01T00:00:00Z","restarts":0,
            "failures":0,"problem":null}"#;
        let record: ReplicaRecord = serde_json::from_str(record).unwrap();
        assert_eq!(record.handle.as_ref().and_then(Handle::process).map(|process| process.pid), Some(7));
        assert!(serde_json::to_string(&record).unwrap().contains(r#""process":{"pid":7,"start_ticks":9}"#));
    }
}
