//! The life of a rollout: its phases, and the one function from a phase and an event to the next phase.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::deployment::OnFailure;
use crate::plan::Progress;
use crate::step_kind::StepKind;
use crate::strategy::Strategy;

words! {
    /// The purpose of a rollout.
    #[derive(Default)]
    pub enum RolloutKind {
        /// To give a deployment another configuration, its first one included.
        #[default]
        Update = "update",
        /// To replace every replica by one like it (DR-12).
        Relaunch = "relaunch",
        /// To bring back the replicas of a deployment that was deactivated (DR-12).
        Activate = "activate",
    }
}

words! {
    /// The causes for which a rollout goes back.
    pub enum Cause {
        /// No further replica became available in time.
        ProgressDeadline = "progress_deadline",
        /// It took too long as a whole.
        TotalDeadline = "total_deadline",
        /// A replica said why it cannot run, and trying again does not change that.
        CannotRun = "cannot_run",
        /// Too many starts in a row failed.
        StartFailures = "start_failures",
        /// A person cancelled it.
        Cancelled = "cancelled",
    }
}

/// The phase of a rollout.
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

words! {
    /// A [`Phase`] in the contract's word.
    #[allow(missing_docs)] // The words are those of `Phase`.
    pub enum PhaseWord {
        Pending = "pending",
        Rolling = "rolling",
        Paused = "paused",
        Reverting = "reverting",
        Completed = "completed",
        Reverted = "reverted",
        RevertFailed = "revert_failed",
        Failed = "failed",
        Superseded = "superseded",
        Cancelled = "cancelled",
    }
}

impl PhaseWord {
    /// True while replicas may still move.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Pending | Self::Rolling | Self::Paused | Self::Reverting)
    }

    /// True for the end of a rollout that failed by itself.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Reverted | Self::RevertFailed | Self::Failed)
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

    /// True while replicas may still move.
    pub fn is_active(self) -> bool {
        self.word().is_active()
    }
}

/// Events in the life of a rollout.
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
    /// It failed, and goes back.
    Fail(Cause),
    /// It failed, and stops where it is; lost capacity is made up with the last good revision.
    Stop(Cause),
    /// It failed, and everything is left as it is.
    Die(Cause),
    /// Every replica is where this phase wants it.
    Settle,
    /// A later rollout takes over.
    Supersede,
}

impl RolloutEvent {
    /// The kind of the step that it is told as.
    pub fn kind(self) -> StepKind {
        match self {
            Self::Begin => StepKind::Begin,
            Self::Pause => StepKind::Pause,
            Self::Resume => StepKind::Resume,
            Self::Cancel => StepKind::Cancel,
            Self::Fail(_) | Self::Stop(_) | Self::Die(_) => StepKind::Fail,
            Self::Settle => StepKind::Settle,
            Self::Supersede => StepKind::Supersede,
        }
    }
}

/// An event that a phase has no place for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rollout that is {} cannot {}", .phase.word(), .event.kind())]
pub struct NotPossible {
    /// The phase of the rollout.
    pub phase: Phase,
    /// The event that was to happen.
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

/// The marks that a rollout's deadlines are measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    /// When it started, moved on by the time for which it was paused or its clock stood.
    pub started_at: Timestamp,
    /// When the number of available replicas last reached a new height, or when this phase began; moved on likewise.
    pub progress_at: Timestamp,
    /// The greatest number of available replicas in this phase. Only a greater one is progress,
    /// so that a replica that comes and goes cannot move the deadline (CO-4).
    pub best: u32,
    /// The time since when the clock stands, because nothing that is waited for says anything of the revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_since: Option<Timestamp>,
}

impl Marks {
    /// The marks of a rollout that starts now.
    pub fn new(now: Timestamp) -> Self {
        Self { started_at: now, progress_at: now, best: 0, stands_since: None }
    }

    /// With a clock that runs at `now`: the time for which it stood does not count.
    #[must_use]
    pub fn running(self, now: Timestamp) -> Self {
        match self.stands_since {
            Some(since) => Self { stands_since: None, ..self.without(since, now) },
            None => self,
        }
    }

    /// With a clock that stands from `now` on, if it does not yet.
    #[must_use]
    pub fn standing(self, now: Timestamp) -> Self {
        Self { stands_since: self.stands_since.or(Some(now)), ..self }
    }

    /// Without the time between two instants, in which nobody looked: every deadline comes later by the part of it that lies
    /// after its mark.
    #[must_use]
    pub fn without(self, since: Timestamp, until: Timestamp) -> Self {
        let by = until.duration_since(since).max(SignedDuration::ZERO);
        let later = |mark: Timestamp| mark.saturating_add(by).unwrap_or(Timestamp::MAX).min(until).max(mark);
        Self { started_at: later(self.started_at), progress_at: later(self.progress_at), ..self }
    }
}

/// The next thing that is due for a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// An event that has happened.
    Event(RolloutEvent),
    /// The number of replicas that are available now, more than ever in this phase.
    Progress(u32),
    /// Nothing until then; `None` while it is paused or over.
    Nothing(Option<Timestamp>),
}

/// The next thing that is due for a rollout in `phase` that has come so far. `on_failure` is its failure mode; going back
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
    // Going back may need what cannot change, and is tried for as long as it takes.
    if progress.cannot_run && !reverting {
        return fail(Cause::CannotRun);
    }
    if progress.start_failures >= strategy.start_failures && !reverting {
        return fail(Cause::StartFailures);
    }
    if progress.stands {
        return match progress.available > marks.best {
            true => Due::Progress(progress.available),
            false => Due::Nothing(None),
        };
    }
    let marks = marks.running(now);
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

/// True when a rollout that failed for `cause` at `now` says nothing against its revision: none of its replicas had failed.
pub fn is_blameless(cause: Cause, strategy: &Strategy, progress: Progress, now: Timestamp) -> bool {
    // But for a tenth: a replica is started a little after the deadline has begun to run.
    let enough = SignedDuration::from_millis(i64::from(strategy.progress_deadline_seconds) * 900);
    match cause {
        // Its last replicas may have had no time yet.
        Cause::TotalDeadline => !progress.failed,
        // One that is not ready must have had the whole deadline: room for it may have come late.
        Cause::ProgressDeadline => {
            !progress.failed && progress.unready.is_none_or(|since| now.duration_since(since) < enough)
        }
        Cause::CannotRun | Cause::StartFailures => false,
        Cause::Cancelled => true,
    }
}

#[cfg(test)]
mod tests;
