//! Every event in a sentence for people, and in the word that filters go by.

use crate::event::Event;
use crate::rollout::{Phase, RolloutEvent};

impl Event {
    /// What happened, in a sentence.
    pub fn summary(&self) -> String {
        match self {
            Self::ModelRegistered { model } => format!("Registered model {}@{}", model.name, model.version),
            Self::DeploymentCreated { name, .. } => format!("Created deployment {name}"),
            Self::DeploymentChanged { importance } => {
                format!("Changed the importance to {}", format!("{importance:?}").to_lowercase())
            }
            Self::ConfigurationCreated { configuration, .. } => format!("Made configuration {}", configuration.name),
            Self::RolloutStarted { number, to_revision, supersedes, .. } => match supersedes {
                Some(earlier) => {
                    format!("Started rollout {number} to revision {to_revision} on top of rollout {earlier}")
                }
                None => format!("Started rollout {number} to revision {to_revision}"),
            },
            Self::RolloutMoved { number, event, phase, problem, .. } => {
                let text = format!("Rollout {number} {}", moved(*event, *phase));
                match problem {
                    Some(problem) => format!("{text}: {problem}"),
                    None => text,
                }
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
                let state = crate::observed::ReplicaState::of(replica.intent, replica.observed);
                format!(
                    "Replica {} of revision {} is {}",
                    replica.id,
                    replica.revision,
                    format!("{state:?}").to_lowercase()
                )
            }
            Self::ReplicaForgotten { id } => format!("Replica {id} is gone"),
            Self::StatusChanged { status, error } => {
                let text = format!("The deployment is {}", format!("{status:?}").to_lowercase());
                match error {
                    Some(error) => format!("{text}: {error}"),
                    None => text,
                }
            }
            Self::DeleteRequested { note } => match note {
                Some(note) => format!("Asked to delete the deployment: {note}"),
                None => "Asked to delete the deployment".to_owned(),
            },
            Self::KeyRegenerated { key } => format!("Made the {} key anew", format!("{key:?}").to_lowercase()),
            Self::TokensRevoked {} => "Revoked all tokens".to_owned(),
            Self::DeploymentDeleted { name } => format!("Deleted deployment {name}"),
        }
    }

    /// The event's `kind` on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ModelRegistered { .. } => "model_registered",
            Self::DeploymentCreated { .. } => "deployment_created",
            Self::DeploymentChanged { .. } => "deployment_changed",
            Self::ConfigurationCreated { .. } => "configuration_created",
            Self::RolloutStarted { .. } => "rollout_started",
            Self::RolloutMoved { .. } => "rollout_moved",
            Self::RolloutProgressed { .. } => "rollout_progressed",
            Self::ReceiptClosed { .. } => "receipt_closed",
            Self::StepTaken { .. } => "step_taken",
            Self::ReplicaChanged { .. } => "replica_changed",
            Self::ReplicaForgotten { .. } => "replica_forgotten",
            Self::StatusChanged { .. } => "status_changed",
            Self::DeleteRequested { .. } => "delete_requested",
            Self::KeyRegenerated { .. } => "key_regenerated",
            Self::TokensRevoked {} => "tokens_revoked",
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
        (RolloutEvent::Settle, Phase::Completed) => "completed",
        (RolloutEvent::Settle, Phase::Cancelled) => "has gone back after it was cancelled",
        (RolloutEvent::Settle, _) => "has gone back to the revision before",
    }
}
