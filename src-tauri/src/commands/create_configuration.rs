//! Makes a configuration for a deployment, or before there is one: from scratch, or from a copy with changes (SAP-1).

use domain::built_in::BuiltInConfig;
use domain::configuration::{Configuration, Runtime, merge};
use domain::event::Event;
use domain::id::ConfigurationId;
use domain::model::{RegisteredModel, not_servable};
use domain::wire::{ErrorCode, FirstConfiguration};
use serde_json::Value;

use super::{Act, Refusal, new_id};
use crate::store::tables::configurations::ConfigurationRow;
use crate::store::{Reading, StoreError};
use domain::ledger::Deployment;

/// Most configurations of one deployment, and of none.
const MOST: u64 = 10_000;

/// The source of a new configuration: an existing one with changes on top.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The one to begin with; by default the one in use.
    pub from: Option<ConfigurationId>,
    /// Fields to change (JSON merge patch).
    pub set: Option<Value>,
}

/// Keeps `configuration` as a new one of a deployment, or of none yet.
///
/// # Errors
/// `invalid_field`, `unknown_model`; those of the store.
pub fn create_configuration(
    act: &mut Act<'_, '_>,
    row: Option<&Deployment>,
    configuration: Configuration,
) -> Result<ConfigurationRow, Refusal> {
    let configuration = checked(&act.reading(), configuration)?;
    let deployment = row.map(|row| &row.id);
    if act.reading().configuration_count(deployment)? >= MOST {
        let whose = if deployment.is_some() { "A deployment keeps" } else { "Without a deployment, a server keeps" };
        return Err(Refusal::invalid("configuration", format!("{whose} at most {MOST} configurations.")));
    }
    let id =
        new_id().parse::<ConfigurationId>().map_err(|error| Refusal::new(ErrorCode::Internal, error.to_string()))?;
    act.writing.append(
        deployment,
        Event::ConfigurationCreated { id: id.clone(), configuration: Box::new(configuration.clone()) },
    )?;
    Ok(ConfigurationRow {
        id,
        deployment: deployment.cloned(),
        configuration,
        created_at: act.writing.now(),
        created_by: act.writing.actor().clone(),
    })
}

/// The first configuration of a deployment that has just been made.
pub(super) fn first(
    act: &mut Act<'_, '_>,
    row: &Deployment,
    given: FirstConfiguration,
) -> Result<ConfigurationRow, Refusal> {
    match given {
        FirstConfiguration::New(configuration) => create_configuration(act, Some(row), *configuration),
        FirstConfiguration::Made(id) => {
            let found = free(&act.reading(), &id)?;
            // What was right when it was made may not be any more: a model may have been deleted.
            checked(&act.reading(), found.configuration.clone())?;
            Ok(found)
        }
    }
}

/// A configuration that was made without a deployment.
pub(super) fn free(reading: &Reading<'_>, id: &ConfigurationId) -> Result<ConfigurationRow, Refusal> {
    let found = reading.configuration(id)?.filter(|found| found.deployment.is_none());
    found.ok_or_else(|| {
        Refusal::new(
            ErrorCode::UnknownConfiguration,
            format!(
                "There is no configuration {id} without a deployment. GET /api/v1/configurations lists those there are."
            ),
        )
        .with("configuration", id.as_str())
    })
}

/// Checks a configuration by the rules, and that the models it binds exist.
pub(super) fn checked(reading: &Reading<'_>, mut configuration: Configuration) -> Result<Configuration, Refusal> {
    let bound = configuration.models.first().map_or(Ok(None), |model| reading.model(model))?;
    configuration.runtime = bound.as_ref().map_or(configuration.runtime, |model| model.runs_in(configuration.runtime));
    let configuration = configuration.checked()?;
    models_exist(reading, &configuration)?;
    if let Some(model) = bound.filter(|_| configuration.runtime == Runtime::Onnx) {
        fits(&configuration, &model)?;
    }
    if configuration.runtime == Runtime::Command && configuration.models.len() > 1 {
        return Err(Refusal::invalid("models", "The runtime command is given at most one model."));
    }
    Ok(configuration)
}

/// Refuses what the signature says already that no replica could do.
fn fits(configuration: &Configuration, model: &RegisteredModel) -> Result<(), Refusal> {
    let name = model.reference();
    if let Some(why) = not_servable(&model.signature) {
        return Err(Refusal::invalid("models", format!("{name}: {why}. Choose another version.")));
    }
    let read = BuiltInConfig::read(&configuration.user_config);
    read.and_then(|read| read.fits(&model.signature))
        .map_err(|why| Refusal::invalid("user_config", format!("{name} cannot take this user_config: {why}.")))
}

/// Checks that the models it binds are in the registry, also when they were once.
fn models_exist(reading: &Reading<'_>, configuration: &Configuration) -> Result<(), Refusal> {
    for model in &configuration.models {
        if reading.model(model)?.is_none() {
            return Err(Refusal::new(
                ErrorCode::UnknownModel,
                format!("There is no model version {model}, which models names. Register it first, or choose one that is registered."),
            )
            .with("field", "models")
            .with("model", model.to_string()));
        }
    }
    Ok(())
}

/// One of the deployment's configurations, or one of none.
pub(super) fn existing(
    reading: &Reading<'_>,
    row: &Deployment,
    id: &ConfigurationId,
) -> Result<ConfigurationRow, Refusal> {
    let found = reading.configuration(id)?.filter(|found| found.deployment.as_ref().is_none_or(|id| *id == row.id));
    found.ok_or_else(|| {
        Refusal::new(
            ErrorCode::UnknownConfiguration,
            format!(
                "{} has no configuration {id}. GET /api/v1/deployments/{}/configurations lists its own.",
                row.name, row.name
            ),
        )
        .with("configuration", id.as_str())
    })
}

/// The configuration of the revision that is intended, or of the newest one there was.
pub(super) fn in_use(reading: &Reading<'_>, row: &Deployment) -> Result<ConfigurationRow, Refusal> {
    let revision = reading.revision(&row.id, row.shown_revision())?;
    let id = revision.map(|revision| revision.configuration);
    let found = id.map(|id| reading.configuration(&id)).transpose()?.flatten();
    found.ok_or_else(|| {
        Refusal::from(StoreError::Corrupt {
            table: "revisions",
            problem: format!("{} has no configuration in use", row.name),
        })
    })
}

/// `base` with `changes` on top, read with every field checked by name.
pub(super) fn changed(base: &Configuration, changes: &Value) -> Result<Configuration, Refusal> {
    let Value::Object(fields) = changes else {
        return Err(Refusal::invalid("set", "set must be a JSON object with the fields to change."));
    };
    let mut merged = merge(base.to_value(), changes);
    // Replicas and autoscaling take each other's place; whoever sends one means it instead of the other.
    if let Value::Object(merged) = &mut merged {
        for (sent, other) in [("replicas", "autoscaling"), ("autoscaling", "replicas")] {
            if fields.get(sent).is_some_and(|value| !value.is_null()) && !fields.contains_key(other) {
                merged.remove(other);
            }
        }
    }
    // A changed configuration is another one; the old name would mislead. It is named anew unless told.
    if let (Value::Object(merged), false) = (&mut merged, fields.contains_key("name")) {
        merged.remove("name");
    }
    domain::strict::deserialize(merged)
        .map_err(|error| Refusal::of_json(&format!("set.{}", error.path()), error.inner()))
}

impl Selection {
    /// The configuration that is meant, not kept yet.
    ///
    /// # Errors
    /// `unknown_configuration`, `unknown_field`, `invalid_field`, `unknown_model`.
    pub fn resolve(&self, reading: &Reading<'_>, row: &Deployment) -> Result<Configuration, Refusal> {
        let base = match &self.from {
            Some(id) => existing(reading, row, id)?,
            None => in_use(reading, row)?,
        };
        match &self.set {
            Some(set) => checked(reading, changed(&base.configuration, set)?),
            None => {
                models_exist(reading, &base.configuration)?;
                Ok(base.configuration)
            }
        }
    }
}
