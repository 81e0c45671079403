//! The rollout that is rehearsed.

use crate::configuration::Configuration;
use crate::strategy::Strategy;
use crate::target::Traits;

/// The rollout that is rehearsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rehearse {
    /// Replicas that run now, all of them ready.
    pub current: u32,
    /// Replicas wanted, at least 1.
    pub desired: u32,
    /// The fate of the running replicas.
    pub running: Running,
    /// The strategy by which it moves.
    pub strategy: Strategy,
    /// Milliseconds that a replica is taken to need until it is ready.
    pub startup_ms: u32,
    /// Milliseconds that a replica is taken to need to finish its requests.
    pub drain_ms: u32,
    /// Milliseconds that it may need at most; then it is ended with what it has.
    pub drain_limit_ms: u32,
    /// Milliseconds that a replica may need until it begins an answer.
    pub scoring_timeout_ms: u32,
}

/// The fate of running replicas in a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    /// They already run what is wanted, so that only their number changes (RAY-2).
    Alike,
    /// They take a new `user_config` while they run (RAY-4).
    Reconfigured,
    /// The same, and each gets no requests meanwhile.
    ReconfiguredInTurn,
    /// Each is replaced by another.
    Replaced,
}

impl Running {
    /// For a rollout from one configuration to another, on a target with these traits.
    pub fn between(current: &Configuration, candidate: &Configuration, traits: Traits) -> Self {
        let told = current.user_config != candidate.user_config;
        if current.code_hash() != candidate.code_hash() || (told && !traits.reconfigures_in_place) {
            Self::Replaced
        } else if told && candidate.reconfigures_off_the_route() {
            Self::ReconfiguredInTurn
        } else if told {
            Self::Reconfigured
        } else {
            Self::Alike
        }
    }
}

/// The assumed startup time of a replica, in milliseconds, while nobody has measured it.
pub const STARTUP_MS: u32 = 500;
/// The assumed time in which a replica finishes its in-flight requests, in milliseconds.
pub const DRAIN_MS: u32 = 50;
