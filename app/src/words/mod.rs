//! The words, numbers and times that people read. Pure functions.

pub(crate) mod civil;
pub(crate) mod compat;
pub(crate) mod days;
pub(crate) mod news;
pub(crate) mod notices;
pub(crate) mod numbers;
pub(crate) mod own_zone;
pub(crate) mod requests;
pub(crate) mod signature;
pub(crate) mod times;
pub(crate) mod zones;

pub(crate) use numbers::count;

use domain::configuration::{Auth, Configuration};
use domain::deployment::{OnFailure, OperationKind, Reason, Status, TargetStatus};
use domain::diff::Impact;
use domain::id::{ModelRef, RevisionNumber};
use domain::replica::ReplicaState;
use domain::rollout::{PhaseWord, RolloutKind};
use domain::step_kind::StepKind;
use domain::wire::{ConditionWord, DeploymentView, RevisionState, RolloutView};
use domain::words::OpenWord;

/// The meaning of a colour and a shape; never of a colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Tone {
    /// Nothing to say.
    Plain,
    /// As it should be.
    Good,
    /// Something moves.
    Moving,
    /// Somebody should look.
    Warning,
    /// Something is wrong.
    Bad,
    /// Switched off.
    Off,
    /// It waits for a person or a time.
    Waits,
    /// A freeze holds it.
    Held,
    /// A person has paused it.
    Paused,
}

impl Tone {
    /// The class that style sheets know it by.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Moving => "moving",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Off => "off",
            Self::Waits => "waits",
            Self::Held => "held",
            Self::Paused => "paused",
        }
    }
}

/// A status in a word.
pub(crate) fn status(status: Status) -> (&'static str, Tone) {
    match status {
        Status::Pending => ("pending", Tone::Moving),
        Status::Running => ("running", Tone::Good),
        Status::Dead => ("dead", Tone::Bad),
        Status::Stopping => ("stopping", Tone::Moving),
        Status::Stopped => ("stopped", Tone::Off),
        Status::Unknown => ("unknown", Tone::Warning),
    }
}

/// The condition of a deployment in a word or two; `operation` is the one in progress.
pub(crate) fn condition(word: ConditionWord, operation: Option<OperationKind>) -> (&'static str, Tone) {
    match word {
        ConditionWord::Dead => ("dead", Tone::Bad),
        ConditionWord::Crashing => ("crashing", Tone::Bad),
        ConditionWord::Unreachable => ("unreachable", Tone::Bad),
        ConditionWord::NotAllReady => ("not all ready", Tone::Warning),
        ConditionWord::UpdateFailed => ("update failed", Tone::Warning),
        ConditionWord::Stale => ("request is stale", Tone::Warning),
        ConditionWord::Paused => ("paused", Tone::Paused),
        ConditionWord::Held => ("held by a freeze", Tone::Held),
        ConditionWord::WaitsForApproval => ("waits for approval", Tone::Waits),
        ConditionWord::Scheduled => ("scheduled", Tone::Waits),
        ConditionWord::Returning => ("returning", Tone::Moving),
        ConditionWord::Updating | ConditionWord::Starting | ConditionWord::Stopping => {
            let usual = if word == ConditionWord::Stopping { "stopping" } else { "starting" };
            (operation.map_or(usual, operating), Tone::Moving)
        }
        ConditionWord::Running => ("running", Tone::Good),
        ConditionWord::Stopped => ("stopped", Tone::Off),
    }
}

/// The one state of a deployment in a word or two; its status, where only that is shown.
pub(crate) fn of_deployment(view: &DeploymentView) -> (&'static str, Tone) {
    match &view.condition {
        Some(found) => condition(found.word, view.operation.as_ref().map(|running| running.operation)),
        None => status(view.status),
    }
}

/// A target status in a word.
pub(crate) fn target_status(status: TargetStatus) -> &'static str {
    match status {
        TargetStatus::Running => "running",
        TargetStatus::Stopped => "stopped",
        TargetStatus::Deleted => "deleted",
    }
}

/// True when a status is the one that the deployment is meant to have.
pub(crate) fn on_target(status: Status, target: TargetStatus) -> bool {
    matches!((status, target), (Status::Running, TargetStatus::Running) | (Status::Stopped, TargetStatus::Stopped))
}

/// An operation in progress, as in *updating*.
pub(crate) fn operating(kind: OperationKind) -> &'static str {
    match kind {
        OperationKind::Create => "starting",
        OperationKind::Update => "updating",
        OperationKind::Delete => "deleting",
        OperationKind::Deactivate => "deactivating",
        OperationKind::Activate => "activating",
        OperationKind::Relaunch => "relaunching",
    }
}

/// A failure mode in words.
pub(crate) fn on_failure(mode: OnFailure) -> &'static str {
    match mode {
        OnFailure::Revert => "revert: go back to the revision before",
        OnFailure::Stop => "stop: keep the replicas that are ready",
        OnFailure::Dead => "dead: undo nothing",
    }
}

/// The purpose of a rollout that is not a plain update.
pub(crate) fn purpose(rollout: &RolloutView) -> Option<String> {
    match rollout.kind {
        RolloutKind::Update => rollout.rolled_back_to.map(rolled_back),
        RolloutKind::Relaunch => Some("relaunch".to_owned()),
        RolloutKind::Activate => Some("activation".to_owned()),
    }
}

/// A rollback in words.
pub(crate) fn rolled_back(to: RevisionNumber) -> String {
    format!("rolled back to revision {to}")
}

/// A reason for people.
pub(crate) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Accuracy => "accuracy",
        Reason::DataDrift => "data drift",
        Reason::Errors => "errors",
        Reason::ScheduledRefresh => "scheduled refresh",
        Reason::ScoringSpeed => "scoring speed",
        Reason::Deprecation => "deprecation",
        Reason::Other => "other",
    }
}

/// A phase for people.
pub(crate) fn phase(phase: PhaseWord) -> (&'static str, Tone) {
    match phase {
        PhaseWord::Pending => ("pending", Tone::Moving),
        PhaseWord::Rolling => ("rolling", Tone::Moving),
        PhaseWord::Paused => ("paused", Tone::Paused),
        PhaseWord::Reverting => ("reverting", Tone::Warning),
        PhaseWord::Completed => ("completed", Tone::Good),
        PhaseWord::Reverted => ("reverted", Tone::Bad),
        PhaseWord::RevertFailed => ("revert failed", Tone::Bad),
        PhaseWord::Failed => ("failed", Tone::Bad),
        PhaseWord::Superseded => ("superseded", Tone::Off),
        PhaseWord::Cancelled => ("cancelled", Tone::Off),
    }
}

/// The cost of a change in words.
pub(crate) fn impact(impact: Impact) -> (&'static str, Tone) {
    match impact {
        Impact::NothingRestarts => ("nothing restarts", Tone::Good),
        Impact::ReconfiguredInPlace => ("reconfigured in place", Tone::Moving),
        Impact::RollingRestart => ("rolling restart", Tone::Warning),
        Impact::VisibleToClients => ("visible to clients", Tone::Bad),
    }
}

/// A replica's state in a word.
pub(crate) fn replica(state: ReplicaState) -> (&'static str, Tone) {
    match state {
        ReplicaState::Starting => ("starting", Tone::Moving),
        ReplicaState::Ready => ("ready", Tone::Good),
        ReplicaState::Unready => ("not ready", Tone::Warning),
        ReplicaState::Draining => ("draining", Tone::Off),
        ReplicaState::Stopped => ("stopping", Tone::Off),
        ReplicaState::Failed => ("failed", Tone::Bad),
        ReplicaState::Unknown => ("unknown", Tone::Warning),
    }
}

/// The clients that may call a deployment.
pub(crate) fn auth(auth: Auth) -> &'static str {
    match auth {
        Auth::None => "everybody who can reach the gateway",
        Auth::Key => "clients with a key",
        Auth::Token => "clients with a token",
    }
}

/// GPUs by their numbers.
pub(crate) fn gpus(numbers: &[u32]) -> String {
    let list = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("GPU {list}")
}

/// The state of a revision in words.
pub(crate) fn revision(state: RevisionState) -> (&'static str, Tone) {
    match state {
        RevisionState::Deploying => ("deploying", Tone::Moving),
        RevisionState::InUse => ("in use", Tone::Good),
        RevisionState::Past => ("past", Tone::Off),
        RevisionState::Failed => ("failed", Tone::Bad),
    }
}

/// A step's kind, as a sentence begins.
pub(crate) fn step(kind: &OpenWord<StepKind>) -> String {
    let OpenWord::Known(known) = kind else { return sentence(&kind.to_string().replace('_', " ")) };
    match known {
        StepKind::Start => "Start a replica",
        StepKind::Restart => "Restart a replica",
        StepKind::Relabel => "Keep a replica",
        StepKind::Reconfigure => "Reconfigure a replica",
        StepKind::Drain => "Drain a replica",
        StepKind::Stop => "Stop a replica",
        StepKind::Forget => "Clear away a replica",
        StepKind::Wait => "Wait",
        StepKind::Begin => "Begin",
        StepKind::Pause => "Pause",
        StepKind::Resume => "Resume",
        StepKind::Cancel => "Cancel",
        StepKind::Fail => "Fail",
        StepKind::Settle => "Settle",
        StepKind::Supersede => "Supersede",
    }
    .to_owned()
}

/// With a capital letter first, unless it begins with a URL.
pub(crate) fn sentence(text: &str) -> String {
    if text.split(' ').next().is_some_and(|word| word.contains("://")) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map(|first| std::iter::once(first.to_ascii_uppercase()).chain(letters).collect()).unwrap_or_default()
}

/// What people wrote, with a full stop where they put none.
pub(crate) fn with_full_stop(text: &str) -> String {
    let text = text.trim_end();
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// Models, as in *iris v2*.
pub(crate) fn models(models: &[ModelRef]) -> String {
    match models {
        [] => "no model".to_owned(),
        models => {
            models.iter().map(|model| format!("{} v{}", model.name, model.version)).collect::<Vec<_>>().join(", ")
        }
    }
}

/// The number of replicas that a configuration asks for: *3 replicas*, or *1 to 10 replicas*.
pub(crate) fn scale(configuration: &Configuration) -> String {
    match &configuration.autoscaling {
        Some(_) => format!("{} replicas", configuration.scale_words()),
        None => count(configuration.desired(None) as usize, "replica", "replicas"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_full_stop;

    #[test]
    fn what_people_wrote_ends_as_a_sentence() {
        assert_eq!(
            ["The books are being closed ", "Really?"].map(with_full_stop),
            ["The books are being closed.", "Really?"]
        );
    }
}
