//! Models as they are shown.

use std::collections::HashMap;

use domain::id::{DeploymentName, ModelName, ModelRef};
use domain::model::RegisteredModel;
use domain::wire::{ModelVersionView, ModelView};

use crate::commands::Refusal;
use crate::store::Reading;

/// The deployments whose configuration in use binds a model version.
pub(in crate::api) struct Users(HashMap<ModelRef, Vec<DeploymentName>>);

impl Users {
    /// As they are now.
    pub(in crate::api) fn of(reading: &Reading<'_>) -> Result<Self, Refusal> {
        let mut users: HashMap<_, Vec<_>> = HashMap::new();
        for (model, deployment) in reading.model_users()? {
            users.entry(model).or_default().push(deployment);
        }
        Ok(Self(users))
    }

    /// The first deployment that uses `model`, by name.
    pub(in crate::api) fn first_of(&self, model: &ModelRef) -> Option<&DeploymentName> {
        self.0.get(model)?.first()
    }

    /// Versions of `name` that are in use.
    pub(in crate::api) fn versions_of<'a>(&'a self, name: &'a ModelName) -> impl Iterator<Item = &'a ModelRef> {
        self.0.keys().filter(move |model| model.name == *name)
    }
}

/// One version.
pub(in crate::api) fn version(users: &Users, model: RegisteredModel) -> ModelVersionView {
    let key = ModelRef { name: model.name.clone(), version: model.version };
    ModelVersionView { in_use_by: users.0.get(&key).cloned().unwrap_or_default(), model }
}

/// A model with some of its versions, newest first; none when there are none of them.
pub(in crate::api) fn model(
    users: &Users,
    reading: &Reading<'_>,
    name: ModelName,
    versions: Vec<RegisteredModel>,
) -> Result<Option<ModelView>, Refusal> {
    let Some(newest) = reading.model_versions(&name, None, 1)?.pop().filter(|_| !versions.is_empty()) else {
        return Ok(None);
    };
    Ok(Some(ModelView {
        kind: newest.kind,
        latest_version: newest.version,
        version_count: reading.version_count(&name)?,
        name,
        versions: versions.into_iter().map(|found| version(users, found)).collect(),
    }))
}
