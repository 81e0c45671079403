//! Whether the machine has what a rollout asks for, before anything starts (RAY-5).

use domain::configuration::Configuration;
use domain::rehearsal::Running;
use domain::resources::{Claim, Machine, Preflight, Question, preflight};
use domain::strategy::{Amount, Strategy};
use domain::wire::ErrorCode;

use super::Refusal;
use crate::store::Reading;
use crate::store::tables::deployments::DeploymentRow;

/// A strategy as far as the machine allows it, and what somebody should know about that.
pub(super) struct Fitting {
    pub(super) strategy: Strategy,
    pub(super) warning: Option<String>,
}

/// How many replicas a rollout to `candidate` begins with. One with autoscaling takes over as many as there are, within
/// its bounds, so that what answers requests now does not go away with the change.
pub(super) fn beginning_with(row: &DeploymentRow, current: Option<&Configuration>, candidate: &Configuration) -> u32 {
    candidate.desired(current.map(|current| current.desired(row.scale)))
}

/// Compares what a rollout of `candidate` asks for with what is free.
///
/// # Errors
/// `insufficient_capacity`; those of the store.
pub(super) fn fitting(
    reading: &Reading<'_>,
    row: &DeploymentRow,
    machine: &Machine,
    candidate: &Configuration,
    desired: u32,
    running: Running,
    strategy: Strategy,
) -> Result<Fitting, Refusal> {
    let (mut others, mut own) = (Claim::default(), Claim::default());
    for held in reading.claims()? {
        let sum = if held.deployment == row.id { &mut own } else { &mut others };
        *sum = sum.plus(held.claim);
    }
    let mut limits = strategy.resolve(desired);
    if running != Running::Replaced {
        // What runs stays; nothing is started beside it but what is missing.
        limits.surge = 0;
    }
    let each = Claim::from(&candidate.resources);
    let question = Question { capacity: machine.capacity, others, running: own, each, desired, limits };
    match preflight(&question) {
        Preflight::Fits => Ok(Fitting { strategy, warning: None }),
        Preflight::SurgeReduced { surge, warning } => {
            let strategy = Strategy { max_surge: Amount::Count(surge), ..strategy };
            Ok(Fitting { strategy, warning: Some(warning) })
        }
        Preflight::NoRoom(sentence) => Err(Refusal::new(ErrorCode::InsufficientCapacity, sentence)),
    }
}
