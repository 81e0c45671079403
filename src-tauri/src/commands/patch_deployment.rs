//! Changes what no rollout is needed for.

use std::collections::BTreeMap;

use domain::action::Action;
use domain::deployment::{About, TermsChange};
use domain::event::Event;
use domain::exact_plan::ExactPlan;
use domain::id::ModelRef;
use domain::policy::GatedAction;
use domain::wire::{Apply, ErrorCode, PatchDeployment};

use super::ask::{Asking, GateOutcome};
use super::gated::values;
use super::{Act, Refusal, check_text};
use crate::store::Reading;
use domain::ledger::Deployment;

/// Most tags, and most properties, of one deployment.
const MOST: usize = 64;

/// Changes importance, failure mode, strategy, description, tags (replaced) and properties (added to, AZ-3).
///
/// # Errors
/// `nothing_to_change`, `invalid_field`, `unknown_model`, `precondition_failed`; those of the store.
pub fn patch_deployment(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    request: PatchDeployment,
) -> Result<GateOutcome, Refusal> {
    act.permit(row, Action::ChangeSettings)?;
    let mut asking = Asking::of(act, &request.apply, request.break_glass.clone())?;
    let request = &PatchDeployment { apply: Apply::default(), break_glass: None, ..request };
    if *request == PatchDeployment::default() {
        return Err(Refusal::new(
            ErrorCode::NothingToChange,
            "The request changes no field. Send \"importance\", \"on_failure\", \"strategy\", \"description\", \"tags\", \"properties\" or \"checks\".",
        ));
    }
    let mut wanted = row.terms.clone();
    wanted.importance = request.importance.unwrap_or(wanted.importance);
    wanted.on_failure = request.on_failure.unwrap_or(wanted.on_failure);
    if let Some(change) = request.strategy {
        wanted.strategy = change.on(wanted.strategy);
        wanted.strategy.check()?;
    }
    let about = &mut wanted.about;
    if let Some(description) = &request.description {
        about.description.clone_from(description);
    }
    if let Some(tags) = &request.tags {
        about.tags.clone_from(tags);
    }
    about.properties.extend(request.properties.clone().unwrap_or_default());
    if let Some(checks) = &request.checks {
        about.checks.clone_from(checks);
    }
    check_about(about)?;
    challengers_exist(&act.reading(), &about.checks.challengers, &row.terms.about.checks.challengers)?;
    let terms = row.terms.change_to(wanted);
    if terms == TermsChange::default() {
        return Ok(GateOutcome::Done);
    }
    let action = if terms.importance.is_some() { GatedAction::Importance } else { GatedAction::Settings };
    let plan = ExactPlan { values: values(row, &terms), ..act.moment().plan(row, action, asking.apply())? };
    asking.terms = Some(terms.clone());
    asking.settle(act, row, plan, |act, _| {
        act.writing.append(Some(&row.id), Event::DeploymentChanged { terms })?;
        Ok(())
    })
}

/// Refuses challengers that are not in the registry. Those that were named `before` may have been deleted since.
pub(super) fn challengers_exist(
    reading: &Reading<'_>,
    challengers: &[ModelRef],
    before: &[ModelRef],
) -> Result<(), Refusal> {
    for model in challengers.iter().filter(|model| !before.contains(model)) {
        if reading.model(model)?.is_none() {
            return Err(Refusal::new(
                ErrorCode::UnknownModel,
                format!("There is no model version {model}, so it cannot be a challenger. GET /api/v1/models lists those there are."),
            )
            .with("field", "checks.challengers")
            .with("model", model.to_string()));
        }
    }
    Ok(())
}

/// Refuses what is too much or too long.
pub(super) fn check_about(about: &About) -> Result<(), Refusal> {
    about.checks.check().map_err(|(field, problem)| Refusal::invalid(field, format!("{field}: {problem}.")))?;
    check_text("description", Some(&about.description))?;
    let fields: [(_, &BTreeMap<String, String>); 2] = [("tags", &about.tags), ("properties", &about.properties)];
    for (field, pairs) in fields {
        let is_bad = |(key, value): (&String, &String)| {
            key.is_empty() || key.chars().count() > 128 || value.chars().count() > 1_024
        };
        if pairs.len() > MOST || pairs.iter().any(is_bad) {
            return Err(Refusal::invalid(
                field,
                format!("{field}: at most {MOST}, with names of 1 to 128 and values of at most 1,024 characters."),
            ));
        }
    }
    Ok(())
}
