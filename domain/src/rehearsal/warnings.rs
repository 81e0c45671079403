//! Warnings to read before agreeing to a rollout.

use super::question::{Rehearse, Running};
use crate::strategy::{Adjustment, Limits};

pub(super) fn warnings(question: &Rehearse, limits: Limits) -> Vec<String> {
    let mut warnings = Vec::new();
    let desired = question.desired;
    let takes = matches!(question.running, Running::Replaced | Running::ReconfiguredInTurn);
    if limits.adjustment == Adjustment::Forced && takes {
        warnings.push(format!(
            "{} of {desired} rounds down to 0, so one replica at a time is taken away: {} % of the capacity is missing meanwhile.",
            question.strategy.max_unavailable,
            100 / desired.max(1)
        ));
    }
    if limits.adjustment == Adjustment::Capped {
        warnings.push(format!("More replicas may be away than there are; that is taken as all {desired}."));
    }
    let strategy = &question.strategy;
    let deadline = strategy.total_deadline_seconds.unwrap_or(u32::MAX).min(strategy.progress_deadline_seconds);
    if takes && question.current > 0 && question.drain_limit_ms / 1000 > deadline {
        warnings.push(format!(
            "A replica may take {} s to finish its requests, longer than the deadline of {deadline} s. The deadline does not run while only that is waited for, so the rollout may take longer than it says.",
            question.drain_limit_ms / 1000
        ));
    }
    if limits.lowest_available(desired) == 0 && takes && question.current > 0 {
        warnings.push("No replica has to be available meanwhile: requests will wait and may be refused. Allow a surge of 1 to avoid that.".to_owned());
    }
    let takes_away = question.current > 0 && (question.running == Running::Replaced || question.current > desired);
    if takes_away && question.drain_limit_ms < question.scoring_timeout_ms {
        warnings.push(format!(
            "A replica that is taken away is ended after {} s (drain_seconds), but a request may wait {} s for the beginning of its answer (scoring_timeout_ms): those that take longer are cut.",
            f64::from(question.drain_limit_ms) / 1_000.0,
            f64::from(question.scoring_timeout_ms) / 1_000.0,
        ));
    }
    warnings
}
