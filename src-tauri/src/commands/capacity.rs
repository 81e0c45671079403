//! The room that a rollout asks for against the room that the machine has, before anything starts (RAY-5).

use domain::configuration::Configuration;
use domain::place::gpu_room;
use domain::rehearsal::Running;
use domain::resources::{Claim, Preflight, RoomQuestion, preflight};
use domain::strategy::{Amount, Strategy};
use domain::wire::ErrorCode;

use super::{Moment, Refusal};
use domain::ledger::Deployment;

/// The strategy of a rollout as far as this machine has room for it, and the warnings that follow.
pub(super) struct Fitting {
    /// The strategy of the rollout: the one that was asked for, unless there is no room for the surge that nobody set.
    pub(super) strategy: Strategy,
    /// The same as far as the machine allows it now, which the rehearsal plays.
    pub(super) played: Strategy,
    /// A sentence about a strategy that comes out otherwise than asked for.
    pub(super) warning: Option<String>,
    /// A sentence that a person has to accept before the rollout.
    pub(super) asks: Option<String>,
}

impl Fitting {
    /// As asked for.
    pub(super) fn of(strategy: Strategy) -> Self {
        Self { strategy, played: strategy, warning: None, asks: None }
    }

    /// The strategy of the rollout, once somebody has gone ahead where that is needed.
    ///
    /// # Errors
    /// `warnings_not_accepted`.
    pub(super) fn accepted(self, row: &Deployment, accept_warnings: bool) -> Result<Strategy, Refusal> {
        match self.asks.filter(|_| !accept_warnings) {
            None => Ok(self.strategy),
            Some(sentence) => Err(Refusal::new(
                ErrorCode::WarningsNotAccepted,
                format!(
                    "{}: {sentence} Free something, or accept this to go ahead (accept_warnings, --accept-warnings).",
                    row.name
                ),
            )),
        }
    }
}

/// The number of replicas that a rollout to `candidate` begins with. One with autoscaling takes over as many as there
/// are, within its bounds, so that what answers requests now does not go away with the change.
pub(super) fn beginning_with(row: &Deployment, current: Option<&Configuration>, candidate: &Configuration) -> u32 {
    candidate.desired(current.map(|current| current.desired(row.scale)))
}

/// Compares what a rollout of `candidate` asks for with what is free.
///
/// # Errors
/// `insufficient_capacity`; those of the store.
pub(super) fn fitting(
    moment: Moment<'_>,
    row: &Deployment,
    candidate: &Configuration,
    desired: u32,
    running: Running,
    strategy: Strategy,
) -> Result<Fitting, Refusal> {
    let (mut others, mut own) = (Claim::default(), Claim::default());
    let (mut count, mut places) = (0, Vec::new());
    for held in moment.reading.claims(&row.target)? {
        let is_own = held.deployment == row.id;
        let sum = if is_own { &mut own } else { &mut others };
        *sum = sum.plus(held.place.claim);
        count += u32::from(is_own);
        places.push(held.place);
    }
    let mut limits = strategy.resolve(desired);
    if !matches!(running, Running::Replaced | Running::ReconfiguredInTurn) {
        // What runs stays; nothing is started beside it but what is missing.
        limits.surge = 0;
    }
    let each = Claim::from(&candidate.resources);
    let capacity = moment.machine(row).capacity;
    let gpu_room = gpu_room(capacity.gpus, &places, each.gpu_milli, limits.surge);
    let question = RoomQuestion { capacity, others, running: own, count, each, desired, limits, gpu_room };
    let surge = |surge| Strategy { max_surge: Some(Amount::Count(surge)), ..strategy };
    match preflight(&question) {
        Preflight::Fits => Ok(Fitting::of(strategy)),
        Preflight::SurgeReduced { surge: fits, warning } => {
            Ok(Fitting { played: surge(fits), warning: Some(warning), ..Fitting::of(strategy) })
        }
        Preflight::TakenAway(sentence) => Ok(Fitting { asks: Some(sentence), ..Fitting::of(surge(0)) }),
        Preflight::NoRoom(sentence) => Err(Refusal::new(ErrorCode::InsufficientCapacity, sentence)),
    }
}
