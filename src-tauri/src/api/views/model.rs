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
}

/// One version.
pub(in crate::api) fn version(users: &Users, model: RegisteredModel) -> ModelVersionView {
    let key = ModelRef { name: model.name.clone(), version: model.version };
    ModelVersionView { in_use_by: users.0.get(&key).cloned().unwrap_or_default(), model }
}

/// A model with its versions, newest first; none when there are no versions.
pub(in crate::api) fn model(users: &Users, name: ModelName, versions: Vec<RegisteredModel>) -> Option<ModelView> {
    let newest = versions.first()?;
    Some(ModelView {
        name,
        kind: newest.kind,
        latest_version: newest.version,
        versions: versions.into_iter().map(|found| version(users, found)).collect(),
    })
}
