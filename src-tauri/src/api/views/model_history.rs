//! The models that a deployment has had in use, as they are shown (DR-13).

use domain::configuration::Configuration;
use domain::deployment::OperationKind;
use domain::event::{Entry, Event};
use domain::ledger::Rollout;
use domain::model_history::{ModelPeriod, ModelTurn, periods};
use domain::rollout::RolloutKind;

use super::Views;
use crate::commands::Refusal;

impl Views<'_> {
    /// Every time for which a deployment had a model in use, the newest first.
    pub(crate) fn model_history(&self, name_or_id: &str) -> Result<Vec<ModelPeriod>, Refusal> {
        let row = self.moment.find(name_or_id)?;
        let reading = &self.moment.reading;
        let mut turns: Vec<_> = reading.deactivations(&row.id)?.iter().filter_map(deactivation).collect();
        for rollout in reading.completed_rollouts(&row.id)? {
            if let Some(found) = reading.configuration(&rollout.change.configuration)? {
                turns.extend(brought(rollout, found.configuration));
            }
        }
        Ok(periods(turns))
    }
}

fn deactivation(entry: &Entry) -> Option<ModelTurn> {
    let Event::Deactivated { note } = &entry.event else { return None };
    Some(ModelTurn {
        at: entry.at,
        operation: OperationKind::Deactivate,
        models: Vec::new(),
        actor: entry.actor.clone(),
        rollout: None,
        rolled_back_to: None,
        reason: None,
        note: note.clone(),
    })
}

/// The turn that a rollout is which is complete.
fn brought(rollout: Rollout, configuration: Configuration) -> Option<ModelTurn> {
    let change = rollout.change;
    let operation = match change.kind {
        RolloutKind::Update if change.from_revision.is_none() => OperationKind::Create,
        RolloutKind::Update => OperationKind::Update,
        RolloutKind::Relaunch => OperationKind::Relaunch,
        RolloutKind::Activate => OperationKind::Activate,
    };
    Some(ModelTurn {
        at: rollout.ended_at?,
        operation,
        models: configuration.models,
        actor: rollout.actor,
        rollout: Some(rollout.number),
        rolled_back_to: change.rolled_back_to,
        reason: change.reason,
        note: change.note,
    })
}
