//! What is asked for by a change request, in a line.

use domain::exact_plan::ExactPlan;
use domain::id::{ConfigurationId, DeploymentName, ModelRef, RevisionNumber};
use domain::ledger::Deployment;
use domain::policy::GatedAction;
use domain::requested::Requested;

use super::{Moment, Refusal};

impl Moment<'_> {
    /// What a request asks for, in a line; `row` is its deployment.
    ///
    /// # Errors
    /// Those of the store.
    pub fn request_title(&self, request: &Requested, row: Option<&Deployment>) -> Result<String, Refusal> {
        let (before, after) = self.request_models(request, row)?;
        let content = &request.current.content;
        Ok(title(&content.plan, &request_name(request, row)?, &before, &after, content.rolled_back_to))
    }

    /// The models that a request takes away, and those that it brings; `row` is its deployment.
    ///
    /// # Errors
    /// Those of the store.
    pub fn request_models(
        &self,
        request: &Requested,
        row: Option<&Deployment>,
    ) -> Result<(Vec<ModelRef>, Vec<ModelRef>), Refusal> {
        let content = &request.current.content;
        let after = self.models_of(content.configuration.as_ref())?;
        let before = match (row, content.plan.base.as_ref().and_then(|base| base.revision)) {
            (Some(row), Some(revision)) => {
                let found = self.reading.revision(&row.id, revision)?;
                self.models_of(found.map(|found| found.configuration).as_ref())?
            }
            _ => Vec::new(),
        };
        Ok((before, after))
    }

    /// The models of a configuration.
    ///
    /// # Errors
    /// Those of the store.
    pub fn models_of(&self, configuration: Option<&ConfigurationId>) -> Result<Vec<ModelRef>, Refusal> {
        let found = configuration.map(|id| self.reading.configuration(id)).transpose()?.flatten();
        Ok(found.map(|found| found.configuration.models).unwrap_or_default())
    }
}

/// The name of the deployment that a request is about, whether or not there is one yet.
///
/// # Errors
/// None that can happen.
pub fn request_name(request: &Requested, row: Option<&Deployment>) -> Result<DeploymentName, Refusal> {
    Ok(match (row, &request.current.content.create) {
        (Some(row), _) => row.name.clone(),
        (None, Some(new)) => new.name.clone(),
        (None, None) => "deleted".parse().map_err(|error| Refusal::fault("a name is no name", &error))?,
    })
}

fn title(
    plan: &ExactPlan,
    name: &DeploymentName,
    before: &[ModelRef],
    after: &[ModelRef],
    back_to: Option<RevisionNumber>,
) -> String {
    let list = |models: &[ModelRef]| models.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (plan.action, back_to) {
        (GatedAction::Create, _) => format!("Create {name} with {}", list(after)),
        (GatedAction::Replace, _) if before.is_empty() || before == after => {
            format!("Give {name} another configuration of {}", list(after))
        }
        (GatedAction::Replace, _) => format!("Replace {} with {} on {name}", list(before), list(after)),
        (GatedAction::Rollback, Some(revision)) => format!("Roll {name} back to revision {revision} ({})", list(after)),
        (GatedAction::Rollback, None) => format!("Roll {name} back"),
        (GatedAction::Delete, _) => format!("Delete {name}"),
        (GatedAction::Importance, _) => format!("Change the importance of {name}"),
        (GatedAction::Settings, _) => format!("Change the settings of {name}"),
        (GatedAction::Status, _) if plan.activates() => format!("Activate {name}"),
        (GatedAction::Status, _) => format!("Deactivate {name}"),
        (GatedAction::Statistics, _) => format!("Clear the statistics of {name}"),
    }
}
