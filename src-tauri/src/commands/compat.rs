//! May a candidate replace what is in use? Gathers both sides and asks `domain::compat` (DR-2).

use domain::compat::{CheckRules, Comparison, DeploymentContext, Report, Side, Trial, report};
use domain::configuration::Configuration;
use domain::id::{Digest, ModelRef};
use domain::model::RegisteredModel;
use domain::wire::{CompareModels, ErrorCode};
use serde_json::json;

use super::create_configuration::in_use;
use super::{Moment, Refusal};
use crate::store::{Reading, StoreError};
use domain::ledger::Deployment;

/// Compares two model versions, for a deployment if one is named.
///
/// # Errors
/// `unknown_model`, `not_found`, `invalid_field` when neither a model in use nor a deployment is named.
pub fn compare_models(moment: Moment<'_>, request: &CompareModels) -> Result<Report, Refusal> {
    let reading = &moment.reading;
    let candidate = registered(reading, &request.candidate)?;
    let row = request.deployment.as_ref().map(|name| moment.find(name.as_str())).transpose()?;
    let named = request.current.as_ref().map(|model| registered(reading, model)).transpose()?;
    let Some(row) = row else {
        let current = named.ok_or_else(|| {
            Refusal::invalid(
                "current",
                "Name the model in use with \"current\", or the deployment with \"deployment\".",
            )
        })?;
        return Ok(report(&Comparison {
            current: Some(Side::from(&current)),
            candidate: Some(Side::from(&candidate)),
            place: None,
        }));
    };
    let used = in_use(reading, &row)?.configuration;
    let (models, runtime) = (vec![request.candidate.clone()], candidate.runs_in(used.runtime));
    let rolled_out = Configuration { models, runtime, ..used.clone() };
    let trial = reading.latest_check(&row.id, &rolled_out)?.and_then(|check| check.trial);
    let current = named.or(bound(reading, &used)?);
    let models = Models { current, candidate: Some(candidate), replaces: true };
    models.report(moment, &row, &used, &rolled_out, trial.as_ref())
}

/// The report on a candidate of a deployment that uses `current`, with what the newest scratch replica of the same code
/// showed. None when there is nothing to check: the same model runs the same code at the same routes.
///
/// # Errors
/// Those of the store.
pub(super) fn compatibility(
    moment: Moment<'_>,
    row: &Deployment,
    current: &Configuration,
    candidate: &Configuration,
) -> Result<Option<Report>, Refusal> {
    let alike = current.models == candidate.models
        && current.code_hash() == candidate.code_hash()
        && current.routes == candidate.routes;
    if row.last_good.is_some() && alike {
        return Ok(None);
    }
    let trial = moment.reading.latest_check(&row.id, candidate)?.and_then(|check| check.trial);
    judge(moment, row, current, candidate, trial.as_ref()).map(Some)
}

/// The report on a candidate of a deployment with what a scratch replica showed.
///
/// # Errors
/// Those of the store.
pub fn check_report(
    moment: Moment<'_>,
    row: &Deployment,
    candidate: &Configuration,
    trial: Option<&Trial>,
) -> Result<Report, Refusal> {
    judge(moment, row, &in_use(&moment.reading, row)?.configuration, candidate, trial)
}

fn judge(
    moment: Moment<'_>,
    row: &Deployment,
    current: &Configuration,
    candidate: &Configuration,
    trial: Option<&Trial>,
) -> Result<Report, Refusal> {
    // The first configuration is compared with nothing; later ones with what was given last, also after a failure.
    let current_model = if row.last_good.is_some() { bound(&moment.reading, current)? } else { None };
    let candidate_model = bound(&moment.reading, candidate)?;
    // The same version in another configuration is compared with nothing.
    let replaces = current.models.first() != candidate.models.first();
    let models = Models { current: current_model, candidate: candidate_model, replaces };
    models.report(moment, row, current, candidate, trial)
}

/// Refuses a candidate that a check speaks against, or that warns without a go-ahead (DR-2).
pub(super) fn check_compatible(report: &Report, row: &Deployment, accepted: bool) -> Result<(), Refusal> {
    let sentences = |outcome| report.with(outcome).map(|check| check.message.as_str()).collect::<Vec<_>>().join(" ");
    if report.blocks() {
        return Err(Refusal::new(
            ErrorCode::Incompatible,
            format!(
                "The candidate may not replace what {} uses. {}",
                row.name,
                sentences(domain::compat::Outcome::Failed)
            ),
        )
        .with("compatibility", json!(report)));
    }
    if report.needs_go_ahead && !accepted {
        let warnings = sentences(domain::compat::Outcome::Warning);
        let open = if warnings.is_empty() { sentences(domain::compat::Outcome::NotVerified) } else { warnings };
        return Err(Refusal::new(
            ErrorCode::WarningsNotAccepted,
            format!(
                "{open} Read the report, and accept its warnings to go ahead (accept_warnings, --accept-warnings)."
            ),
        )
        .with("compatibility", json!(report)));
    }
    Ok(())
}

/// The registered models of both sides.
struct Models {
    current: Option<RegisteredModel>,
    candidate: Option<RegisteredModel>,
    /// True when the candidate would take the place of the model in use.
    replaces: bool,
}

impl Models {
    fn report(
        &self,
        moment: Moment<'_>,
        row: &Deployment,
        current: &Configuration,
        candidate: &Configuration,
        trial: Option<&Trial>,
    ) -> Result<Report, Refusal> {
        let custom = |model: &Option<RegisteredModel>| model.as_ref().and_then(|model| model.custom.clone());
        let old_routes = current.serving_routes(custom(&self.current).as_ref());
        let routes = candidate.serving_routes(custom(&self.candidate).as_ref());
        let challengers = challengers(&moment.reading, &row.terms.about.checks)?;
        let replaced = self.current.as_ref().zip(self.candidate.as_ref()).filter(|_| self.replaces);
        let is_new = row.last_good.is_none() || replaced.is_some();
        Ok(report(&Comparison {
            current: replaced.map(|(old, _)| Side::from(old)),
            candidate: self.candidate.as_ref().filter(|_| is_new).map(Side::from),
            place: Some(DeploymentContext {
                current: row.last_good.map(|_| (current, old_routes)),
                candidate,
                routes,
                rules: &row.terms.about.checks,
                pythons: moment.machine(row).pythons,
                challengers: &challengers,
                trial,
            }),
        }))
    }
}

/// The model that a configuration binds.
fn bound(reading: &Reading<'_>, configuration: &Configuration) -> Result<Option<RegisteredModel>, StoreError> {
    configuration.models.first().map_or(Ok(None), |model| reading.model(model))
}

fn registered(reading: &Reading<'_>, model: &ModelRef) -> Result<RegisteredModel, Refusal> {
    reading.model(model)?.ok_or_else(|| {
        Refusal::new(
            ErrorCode::UnknownModel,
            format!("There is no model version {model}. Register it first, or choose one that is registered."),
        )
        .with("model", model.to_string())
    })
}

/// Digests of the challengers that are registered.
fn challengers(reading: &Reading<'_>, rules: &CheckRules) -> Result<Vec<(ModelRef, Digest)>, StoreError> {
    let mut digests = Vec::new();
    for model in &rules.challengers {
        digests.extend(reading.model(model)?.map(|found| (model.clone(), found.digest)));
    }
    Ok(digests)
}
