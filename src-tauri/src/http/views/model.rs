//! Models as they are shown.

use std::collections::HashMap;

use domain::configuration::Runtime;
use domain::id::{DeploymentName, ModelName, ModelRef};
use domain::model::{RegisteredModel, Tried, not_servable};
use domain::python::Pythons;
use domain::resources::Machine;
use domain::wire::{ModelVersionView, ModelView};

use crate::commands::Refusal;
use crate::store::Reading;

/// The deployments of each model version, and what the machine has for it.
pub(in crate::http) struct Users {
    /// Those whose configuration in use binds it.
    using: HashMap<ModelRef, Vec<DeploymentName>>,
    /// Those that list a revision which binds it, in use or not.
    listing: HashMap<ModelRef, Vec<DeploymentName>>,
    pythons: Pythons,
}

impl Users {
    /// As they are now.
    pub(in crate::http) fn of(reading: &Reading<'_>, machine: &Machine) -> Result<Self, Refusal> {
        let by_model = |pairs: Vec<(ModelRef, DeploymentName)>| {
            let mut deployments: HashMap<_, Vec<_>> = HashMap::new();
            for (model, deployment) in pairs {
                deployments.entry(model).or_default().push(deployment);
            }
            deployments
        };
        Ok(Self {
            using: by_model(reading.model_users()?),
            listing: by_model(reading.listed_models()?),
            pythons: machine.pythons,
        })
    }

    /// The first deployment that uses `model`, by name.
    pub(in crate::http) fn first_of(&self, model: &ModelRef) -> Option<&DeploymentName> {
        self.using.get(model)?.first()
    }

    /// Versions of `name` that are in use.
    pub(in crate::http) fn versions_of<'a>(&'a self, name: &'a ModelName) -> impl Iterator<Item = &'a ModelRef> {
        self.using.keys().filter(move |model| model.name == *name)
    }
}

/// One version.
pub(in crate::http) fn version(users: &Users, model: RegisteredModel) -> ModelVersionView {
    let key = model.reference();
    let in_use_by = users.using.get(&key).cloned().unwrap_or_default();
    let listing = users.listing.get(&key).into_iter().flatten();
    let restorable_by = listing.filter(|deployment| !in_use_by.contains(deployment)).cloned().collect();
    let warnings = warnings(&model, users.pythons);
    ModelVersionView { in_use_by, restorable_by, warnings, model }
}

/// All that speaks against using it: its file, its first load, this machine. A model that cannot be served is not said
/// twice.
fn warnings(model: &RegisteredModel, pythons: Pythons) -> Vec<String> {
    let contradicts = |problem: &String| format!("It contradicts itself: {problem}");
    let mut warnings: Vec<String> = model.signature.contradictions.iter().map(contradicts).collect();
    match (not_servable(&model.signature), &model.loads) {
        (Some(clause), _) => warnings.push(sentence(clause)),
        (None, Some(Tried::Failed { problem })) => {
            warnings.push(format!("It cannot be served, because it cannot be loaded here: {problem}"));
        }
        (None, _) => {}
    }
    let asked = model.environment.as_ref().filter(|_| model.runtime() == Runtime::Mlflow);
    warnings.extend(asked.into_iter().flat_map(|asked| asked.shortcomings(&model.reference().to_string(), pythons)));
    warnings
}

/// A clause as a sentence that stands alone.
fn sentence(clause: String) -> String {
    let mut letters = clause.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).chain(['.']).collect()
}

/// A model with some of its versions, newest first; none when there are none of them.
pub(in crate::http) fn model(
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
