//! Models: registering one, and reading them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{DeploymentName, ModelName, ModelVersion};
use crate::model::{CustomPackage, Declared, PackageKind, RegisteredModel};
use crate::revision::Quarantine;

/// Says which version a file becomes: the part `meta` of a registration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisterModel {
    /// The model; its version is one more than the last.
    pub name: ModelName,
    /// Free words to find it by.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Facts that are only ever added.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
    /// A sentence for people.
    #[serde(default)]
    pub description: String,
    /// Which kind of package it is; by default what the file shows. `custom` and `external` have to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<PackageKind>,
    /// Declarations of anything that the file does not say (CO-12).
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub declared: Declared,
    /// The way in which a custom package is run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<CustomPackage>,
    /// The URL at which an external package answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

fn is_nothing(declared: &Declared) -> bool {
    *declared == Declared::default()
}

impl RegisterModel {
    /// The next version of `name`, with nothing said of it.
    pub fn of(name: ModelName) -> Self {
        Self {
            name,
            tags: BTreeMap::new(),
            properties: BTreeMap::new(),
            description: String::new(),
            kind: None,
            declared: Declared::default(),
            custom: None,
            url: None,
        }
    }
}

/// A model with its versions, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelView {
    /// The model.
    pub name: ModelName,
    /// Kind of the newest version.
    pub kind: PackageKind,
    /// The newest version.
    pub latest_version: ModelVersion,
    /// The version that the next registration becomes: numbers of deleted versions are not used again. `null` from servers
    /// that do not say it.
    #[serde(default)]
    pub next_version: Option<ModelVersion>,
    /// Number of its versions.
    #[serde(default)]
    pub version_count: u64,
    /// Its versions, newest first. A list shows the newest of many, and those in use.
    pub versions: Vec<ModelVersionView>,
}

/// A deployment at which a model version is known to be bad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KnownBadAt {
    /// The deployment.
    pub deployment: DeploymentName,
    /// Since when, and why.
    #[serde(flatten)]
    pub quarantine: Quarantine,
}

/// One version of a model, and where it is in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelVersionView {
    /// The model as it was registered.
    #[serde(flatten)]
    pub model: RegisteredModel,
    /// Deployments whose configuration in use binds it.
    pub in_use_by: Vec<DeploymentName>,
    /// Other deployments that could go back to it: they list a revision of theirs that binds it. It cannot be deleted
    /// meanwhile.
    #[serde(default)]
    pub restorable_by: Vec<DeploymentName>,
    /// Deactivated deployments that run it again when they are activated.
    #[serde(default)]
    pub stopped_deployments: Vec<DeploymentName>,
    /// The deployments at which it is known to be bad (CO-6), the newest finding first.
    #[serde(default)]
    pub known_bad: Vec<KnownBadAt>,
    /// Sentences that speak against using it: that it cannot be served or contradicts itself, or is not as its package asks
    /// on this machine: another version of Python, packages that its environment leaves out.
    #[serde(default)]
    pub warnings: Vec<String>,
}
