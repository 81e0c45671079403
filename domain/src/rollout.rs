//! The life of a rollout: its phases, and the one function from a phase and an event to the next phase.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::deployment::OnFailure;
use crate::plan::Progress;
use crate::strategy::Strategy;

/// Why a rollout goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// No further replica became available in time.
    ProgressDeadline,
    /// It took too long as a whole.
    TotalDeadline,
    /// A person cancelled it.
    Cancelled,
}

/// Where a rollout stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Recorded, not yet begun.
    Pending,
    /// Replicas are being replaced.
    Rolling,
    /// A person has stopped it for a while.
    Paused,
    /// Replicas go back to the revision before.
    Reverting(Cause),
    /// Every replica runs the new revision.
    Completed,
    /// It failed, and every replica runs the revision before.
    Reverted,
    /// It failed, and going back failed too.
    RevertFailed,
    /// It failed and was not undone: the survivors serve (`on_failure` is `stop` or `dead`).
    Failed,
    /// A later rollout took over.
    Superseded,
    /// A person cancelled it, and every replica runs the revision before.
    Cancelled,
}

/// A [`Phase`] in the contract's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[allow(missing_docs)] // The words are those of `Phase`.
pub enum PhaseWord {
    Pending,
    Rolling,
    Paused,
    Reverting,
    Completed,
    Reverted,
    RevertFailed,
    Failed,
    Superseded,
    Cancelled,
}

impl PhaseWord {
    /// Whether replicas may still move.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Pending | Self::Rolling | Self::Paused | Self::Reverting)
    }
}

impl Phase {
    /// The contract's word for it.
    pub fn word(self) -> PhaseWord {
        match self {
            Self::Pending => PhaseWord::Pending,
            Self::Rolling => PhaseWord::Rolling,
            Self::Paused => PhaseWord::Paused,
            Self::Reverting(_) => PhaseWord::Reverting,
            Self::Completed => PhaseWord::Completed,
            Self::Reverted => PhaseWord::Reverted,
            Self::RevertFailed => PhaseWord::RevertFailed,
            Self::Failed => PhaseWord::Failed,
            Self::Superseded => PhaseWord::Superseded,
            Self::Cancelled => PhaseWord::Cancelled,
        }
    }

    /// Whether replicas may still move.
    pub fn is_active(self) -> bool {
        self.word().is_active()
    }
}

/// What can happen to a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RolloutEvent {
    /// The engine takes it up.
    Begin,
    /// A person pauses it.
    Pause,
    /// A person lets it go on.
    Resume,
    /// A person cancels it.
    Cancel,
    /// A deadline has passed, and it goes back.
    Fail(Cause),
    /// A deadline has passed, and it stops where it is; lost capacity is made up with the last good revision.
    Stop(Cause),
    /// A deadline has passed, and everything is left as it is.
    Die(Cause),
    /// Every replica is where this phase wants it.
    Settle,
    /// A later rollout takes over.
    Supersede,
}

/// An event that a phase has no place for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rollout that is {phase:?} cannot {event:?}")]
pub struct NotPossible {
    /// Where the rollout stands.
    pub phase: Phase,
    /// What was to happen.
    pub event: RolloutEvent,
}

/// The phase after `event` in `phase`.
///
/// # Errors
/// [`NotPossible`] when the phase has no place for the event; nothing changes then. An ended rollout stays as it ended.
pub fn next(phase: Phase, event: RolloutEvent) -> Result<Phase, NotPossible> {
    use Phase::{
        Cancelled, Completed, Failed, Paused, Pending, RevertFailed, Reverted, Reverting, Rolling, Superseded,
    };
    use RolloutEvent::{Begin, Cancel, Die, Fail, Pause, Resume, Settle, Stop, Supersede};
    Ok(match (phase, event) {
        (Pending, Begin) | (Paused, Resume) => Rolling,
        (Pending | Rolling, Pause) => Paused,
        (Rolling, Settle) => Completed,
        (Pending | Rolling | Paused | Reverting(_), Cancel) => Reverting(Cause::Cancelled),
        (Pending | Rolling, Fail(cause)) => Reverting(cause),
        (Pending | Rolling, Stop(_) | Die(_)) => Failed,
        (Reverting(Cause::Cancelled), Settle) => Cancelled,
        (Reverting(_), Settle) => Reverted,
        (Reverting(_), Fail(_)) => RevertFailed,
        (Pending | Rolling | Paused | Reverting(_), Supersede) => Superseded,
        _ => return Err(NotPossible { phase, event }),
    })
}

/// What a rollout's deadlines are measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// When it started, moved on by the time for which it was paused.
    pub started_at: Timestamp,
    /// When the number of available replicas last reached a new height, or when this phase began.
    pub progress_at: Timestamp,
    /// The greatest number of available replicas in this phase. Only a greater one is progress,
    /// so that a replica that comes and goes cannot move the deadline (CO-4).
    pub best: u32,
}

/// What is due for a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// This has happened.
    Event(RolloutEvent),
    /// So many replicas are available now, more than ever in this phase.
    Progress(u32),
    /// Nothing until then; `None` while it is paused or over.
    Nothing(Option<Timestamp>),
}

/// What is due for a rollout in `phase` that has come so far. `on_failure` says what a failure does; going back
/// has only one way to fail.
pub fn due(
    phase: Phase,
    marks: Marks,
    strategy: &Strategy,
    on_failure: OnFailure,
    progress: Progress,
    now: Timestamp,
) -> Due {
    let reverting = matches!(phase, Phase::Reverting(_));
    let fail = |cause| match on_failure {
        OnFailure::Stop if !reverting => Due::Event(RolloutEvent::Stop(cause)),
        OnFailure::Dead if !reverting => Due::Event(RolloutEvent::Die(cause)),
        _ => Due::Event(RolloutEvent::Fail(cause)),
    };
    match phase {
        Phase::Pending => return Due::Event(RolloutEvent::Begin),
        Phase::Rolling | Phase::Reverting(_) => {}
        _ => return Due::Nothing(None),
    }
    if progress.settled {
        return Due::Event(RolloutEvent::Settle);
    }
    let after = |from: Timestamp, seconds: u32| from + SignedDuration::from_secs(seconds.into());
    // Replicas that only have to end keep nobody waiting: how long that takes is no lack of progress.
    let by_progress = (!progress.enough).then(|| after(marks.progress_at, strategy.progress_deadline_seconds));
    // The total deadline says when to go back, not how long going back may take.
    let by_total = strategy.total_deadline_seconds.filter(|_| !reverting).map(|s| after(marks.started_at, s));
    if by_total.is_some_and(|at| now >= at) {
        return fail(Cause::TotalDeadline);
    }
    if progress.available > marks.best {
        return Due::Progress(progress.available);
    }
    if by_progress.is_some_and(|at| now >= at) {
        return fail(Cause::ProgressDeadline);
    }
    Due::Nothing(by_total.into_iter().chain(by_progress).min())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Phase; 11] = [
        Phase::Pending,
        Phase::Rolling,
        Phase::Paused,
        Phase::Reverting(Cause::ProgressDeadline),
        Phase::Reverting(Cause::Cancelled),
        Phase::Completed,
        Phase::Reverted,
        Phase::RevertFailed,
        Phase::Failed,
        Phase::Superseded,
        Phase::Cancelled,
    ];
    const EVENTS: [RolloutEvent; 9] = [
        RolloutEvent::Begin,
        RolloutEvent::Pause,
        RolloutEvent::Resume,
        RolloutEvent::Cancel,
        RolloutEvent::Fail(Cause::ProgressDeadline),
        RolloutEvent::Stop(Cause::ProgressDeadline),
        RolloutEvent::Die(Cause::TotalDeadline),
        RolloutEvent::Settle,
        RolloutEvent::Supersede,
    ];

    #[test]
    fn an_ended_rollout_stays_as_it_ended() {
        for phase in ALL.into_iter().filter(|phase| !phase.is_active()) {
            for event in EVENTS {
                assert!(next(phase, event).is_err(), "{phase:?} {event:?}");
            }
        }
    }

    #[test]
    fn every_rollout_that_moves_can_be_cancelled_also_while_it_goes_back() {
        for phase in ALL.into_iter().filter(|phase| phase.is_active()) {
            let cancelled = next(phase, RolloutEvent::Cancel);
            assert_eq!(cancelled, Ok(Phase::Reverting(Cause::Cancelled)), "{phase:?}");
        }
    }

    #[test]
    fn only_a_rolling_rollout_completes_and_a_failed_one_never_does() {
        for phase in ALL {
            for event in EVENTS {
                if next(phase, event) == Ok(Phase::Completed) {
                    assert_eq!((phase, event), (Phase::Rolling, RolloutEvent::Settle));
                }
            }
        }
        let failed = next(Phase::Rolling, RolloutEvent::Fail(Cause::ProgressDeadline)).unwrap();
        assert_eq!(next(failed, RolloutEvent::Settle), Ok(Phase::Reverted));
        assert_eq!(next(failed, RolloutEvent::Fail(Cause::ProgressDeadline)), Ok(Phase::RevertFailed));
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn rolling(best: u32, available: u32, now: i64) -> Due {
        let marks = Marks { started_at: at(0), progress_at: at(0), best };
        let strategy =
            Strategy { progress_deadline_seconds: 10, total_deadline_seconds: Some(30), ..Strategy::default() };
        due(
            Phase::Rolling,
            marks,
            &strategy,
            OnFailure::Revert,
            Progress { available, enough: available >= 5, settled: false },
            at(now),
        )
    }

    #[test]
    fn flapping_does_not_move_the_deadline() {
        assert_eq!(rolling(2, 3, 5), Due::Progress(3));
        assert_eq!(rolling(3, 2, 5), Due::Nothing(Some(at(10))));
        assert_eq!(rolling(3, 3, 9), Due::Nothing(Some(at(10))));
        assert_eq!(rolling(3, 3, 10), Due::Event(RolloutEvent::Fail(Cause::ProgressDeadline)));
        assert_eq!(rolling(3, 4, 30), Due::Event(RolloutEvent::Fail(Cause::TotalDeadline)));
    }

    #[test]
    fn what_only_has_to_end_is_no_lack_of_progress() {
        assert_eq!(rolling(5, 5, 20), Due::Nothing(Some(at(30))));
        assert_eq!(rolling(5, 5, 30), Due::Event(RolloutEvent::Fail(Cause::TotalDeadline)));
        assert_eq!(rolling(5, 4, 20), Due::Event(RolloutEvent::Fail(Cause::ProgressDeadline)));
        let marks = Marks { started_at: at(0), progress_at: at(0), best: 5 };
        let back = Progress { available: 5, enough: true, settled: false };
        let reverting = Phase::Reverting(Cause::ProgressDeadline);
        let due = due(reverting, marks, &Strategy::default(), OnFailure::Revert, back, at(1_000_000));
        assert_eq!(due, Due::Nothing(None));
    }

    #[test]
    fn what_a_failure_does_is_the_policys_and_going_back_fails_in_one_way() {
        let marks = Marks { started_at: at(0), progress_at: at(0), best: 0 };
        let strategy = Strategy::default();
        let failing = |phase, policy| {
            due(phase, marks, &strategy, policy, Progress { available: 0, enough: false, settled: false }, at(600))
        };
        let cause = Cause::ProgressDeadline;
        for (policy, event) in [
            (OnFailure::Revert, RolloutEvent::Fail(cause)),
            (OnFailure::Stop, RolloutEvent::Stop(cause)),
            (OnFailure::Dead, RolloutEvent::Die(cause)),
        ] {
            assert_eq!(failing(Phase::Rolling, policy), Due::Event(event));
            assert_eq!(failing(Phase::Reverting(cause), policy), Due::Event(RolloutEvent::Fail(cause)));
        }
    }

    #[test]
    fn a_paused_rollout_has_no_deadline() {
        let marks = Marks { started_at: at(0), progress_at: at(0), best: 0 };
        let due = due(
            Phase::Paused,
            marks,
            &Strategy::default(),
            OnFailure::Revert,
            Progress { available: 0, enough: false, settled: false },
            at(1_000_000),
        );
        assert_eq!(due, Due::Nothing(None));
    }
}
