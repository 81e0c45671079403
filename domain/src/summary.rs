//! Every event in a sentence for people, and in the word that filters go by.

use crate::deployment::TermsChange;
use crate::event::Event;
use crate::rollout::{Phase, RolloutEvent, RolloutKind};

impl Event {
    /// What happened, in a sentence.
    pub fn summary(&self) -> String {
        match self {
            Self::ModelRegistered { model } => format!("Registered model {}@{}", model.name, model.version),
            Self::ModelDeleted { model } => format!("Deleted model {model}"),
            Self::CheckStarted { id, configuration } => format!("Check {id} of {} began", configuration.name),
            Self::CheckMoved { id, step } => format!("Check {id}: {}", step.title().to_lowercase()),
            Self::CheckEnded { id, report, .. } => format!("Check {id} ended: {}", report.verdict.title()),
            Self::DeploymentCreated { name, .. } => format!("Created deployment {name}"),
            Self::DeploymentChanged { terms: TermsChange { importance, on_failure, strategy, about } } => {
                let mut parts = Vec::new();
                if let Some(importance) = importance {
                    parts.push(format!("the importance to {}", format!("{importance:?}").to_lowercase()));
                }
                if let Some(policy) = on_failure {
                    parts.push(format!("what a failure does to {}", format!("{policy:?}").to_lowercase()));
                }
                if strategy.is_some() {
                    parts.push("the strategy".to_owned());
                }
                if about.is_some() {
                    parts.push("description, tags, properties or checks".to_owned());
                }
                format!("Changed {}", parts.join(", "))
            }
            Self::ConfigurationCreated { configuration, .. } => format!("Made configuration {}", configuration.name),
            Self::RolloutStarted { number, to_revision, supersedes, change, .. } => {
                let mut text = match (change.kind, change.rolled_back_to) {
                    (RolloutKind::Update, Some(earlier)) => {
                        format!("Rolled back to revision {earlier} with rollout {number}, as revision {to_revision}")
                    }
                    (RolloutKind::Update, None) => format!("Started rollout {number} to revision {to_revision}"),
                    (RolloutKind::Relaunch, _) => format!("Relaunches every replica with rollout {number}"),
                    (RolloutKind::Activate, _) => format!("Activates the deployment with rollout {number}"),
                };
                if let Some(earlier) = supersedes {
                    text.push_str(&format!(" on top of rollout {earlier}"));
                }
                if let Some(why) = &change.quarantine_override {
                    text.push_str(&format!(", although it is known to be bad: {why}"));
                }
                text
            }
            Self::RolloutMoved { number, event, phase, problem, .. } => {
                let text = format!("Rollout {number} {}", moved(*event, *phase));
                match problem {
                    Some(problem) => format!("{text}: {problem}"),
                    None => text,
                }
            }
            Self::RolloutUnattended { number, since } => {
                format!("Rollout {number} was not attended to since {since}; its deadlines come later by that")
            }
            Self::RolloutProgressed { number, available, .. } => {
                format!("Rollout {number}: {available} replicas available")
            }
            Self::ReceiptClosed { number, receipt } => {
                format!(
                    "Rollout {number}: {} requests answered, {} failed",
                    receipt.total.answered, receipt.total.failed
                )
            }
            Self::StepTaken { step, replica, reason, .. } => match replica {
                Some(replica) => format!("{step} {replica}: {reason}"),
                None => format!("{step}: {reason}"),
            },
            Self::ReplicaChanged { replica } => {
                let state = crate::replica::ReplicaState::of(replica.intent, replica.observed);
                let state = format!("{state:?}").to_lowercase();
                let text = format!("Replica {} of revision {} is {state}", replica.id, replica.revision);
                match replica.unrecorded {
                    0 => text,
                    more => format!("{text}; it changed {more} times more since its last entry"),
                }
            }
            Self::ReplicaForgotten { id } => format!("Replica {id} is gone"),
            Self::TargetUnseen { why, .. } => format!("The target cannot be seen: {why}"),
            Self::TargetSeen { .. } => "The target can be seen again".to_owned(),
            Self::StatusChanged { status, error } => {
                let text = format!("The deployment is {}", format!("{status:?}").to_lowercase());
                match error {
                    Some(error) => format!("{text}: {error}"),
                    None => text,
                }
            }
            Self::Scaled { from, to, reason, .. } => format!("Scaled replicas from {from} to {to}: {reason}"),
            Self::Deactivated { note } => match note {
                Some(note) => format!("Deactivated the deployment: {note}"),
                None => "Deactivated the deployment".to_owned(),
            },
            Self::RevisionQuarantined { number, reason } => {
                format!("Revision {number} is marked as known to be bad: {reason}")
            }
            Self::QuarantineLifted { number, note } => {
                format!("Revision {number} is no longer taken for bad: {note}")
            }
            Self::RevisionRemoved { number } => format!("Removed revision {number}"),
            Self::DeleteRequested { note } => match note {
                Some(note) => format!("Asked to delete the deployment: {note}"),
                None => "Asked to delete the deployment".to_owned(),
            },
            Self::KeyRegenerated { key } => format!("Made the {} key anew", format!("{key:?}").to_lowercase()),
            Self::TokensRevoked {} => "Revoked all tokens".to_owned(),
            Self::EntriesLost { last, .. } => {
                format!("Goes on without the entries before this one up to {last}, which are lost")
            }
            Self::DeploymentDeleted { name } => format!("Deleted deployment {name}"),
        }
    }

    /// The event's `kind` on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ModelRegistered { .. } => "model_registered",
            Self::ModelDeleted { .. } => "model_deleted",
            Self::CheckStarted { .. } => "check_started",
            Self::CheckMoved { .. } => "check_moved",
            Self::CheckEnded { .. } => "check_ended",
            Self::DeploymentCreated { .. } => "deployment_created",
            Self::DeploymentChanged { .. } => "deployment_changed",
            Self::ConfigurationCreated { .. } => "configuration_created",
            Self::RolloutStarted { .. } => "rollout_started",
            Self::RolloutMoved { .. } => "rollout_moved",
            Self::RolloutProgressed { .. } => "rollout_progressed",
            Self::ReceiptClosed { .. } => "receipt_closed",
            Self::RolloutUnattended { .. } => "rollout_unattended",
            Self::StepTaken { .. } => "step_taken",
            Self::ReplicaChanged { .. } => "replica_changed",
            Self::ReplicaForgotten { .. } => "replica_forgotten",
            Self::TargetUnseen { .. } => "target_unseen",
            Self::TargetSeen { .. } => "target_seen",
            Self::StatusChanged { .. } => "status_changed",
            Self::Scaled { .. } => "scaled",
            Self::Deactivated { .. } => "deactivated",
            Self::RevisionQuarantined { .. } => "revision_quarantined",
            Self::QuarantineLifted { .. } => "quarantine_lifted",
            Self::RevisionRemoved { .. } => "revision_removed",
            Self::DeleteRequested { .. } => "delete_requested",
            Self::KeyRegenerated { .. } => "key_regenerated",
            Self::TokensRevoked {} => "tokens_revoked",
            Self::EntriesLost { .. } => "entries_lost",
            Self::DeploymentDeleted { .. } => "deployment_deleted",
        }
    }
}

fn moved(event: RolloutEvent, phase: Phase) -> &'static str {
    match (event, phase) {
        (RolloutEvent::Begin, _) => "began",
        (RolloutEvent::Pause, _) => "was paused",
        (RolloutEvent::Resume, _) => "was resumed",
        (RolloutEvent::Cancel, _) => "was cancelled and goes back",
        (RolloutEvent::Supersede, _) => "was superseded",
        (RolloutEvent::Fail(_), Phase::RevertFailed) => "could not go back",
        (RolloutEvent::Fail(_), _) => "failed and goes back",
        (RolloutEvent::Stop(_), _) => "failed and stopped; the survivors serve",
        (RolloutEvent::Die(_), _) => "failed; nothing is undone",
        (RolloutEvent::Settle, Phase::Completed) => "completed",
        (RolloutEvent::Settle, Phase::Cancelled) => "has gone back after it was cancelled",
        (RolloutEvent::Settle, _) => "has gone back to the revision before",
    }
}
