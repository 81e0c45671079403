//! All that a target needs to start a replica.

use domain::configuration::Configuration;
use domain::id::{DeploymentId, DeploymentName, Digest, Generation, ModelRef, ReplicaId, RevisionNumber};
use domain::model::{CustomPackage, PackageKind, Packing, RegisteredModel, Signature};

/// The package of a registered model, as far as running it goes. Its bytes are those with the digest: a target gets
/// them from wherever it keeps artifacts.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFile {
    /// Model version.
    pub model: ModelRef,
    /// Names the artifact; what its bytes must hash to.
    pub digest: Digest,
    /// Kind of package.
    pub kind: PackageKind,
    /// Packing of the artifact's bytes.
    pub packing: Packing,
    /// Path of the model inside the package's folder; empty when the package is the model.
    pub entry: String,
    /// Inputs and outputs.
    pub signature: Signature,
    /// Command of a custom package.
    pub custom: Option<CustomPackage>,
    /// URL at which an external package answers.
    pub url: Option<String>,
}

impl From<RegisteredModel> for ModelFile {
    fn from(registered: RegisteredModel) -> Self {
        let RegisteredModel { name, version, digest, kind, packing, entry, signature, custom, url, .. } = registered;
        Self { model: ModelRef { name, version }, digest, kind, packing, entry, signature, custom, url }
    }
}

/// All that a target needs to start a replica.
#[derive(Clone, Debug, PartialEq)]
pub struct Launch {
    /// The replica to start.
    pub replica: ReplicaId,
    /// The deployment that the replica belongs to.
    pub deployment: DeploymentId,
    /// The deployment's name.
    pub name: DeploymentName,
    /// The revision that it counts to.
    pub revision: RevisionNumber,
    /// The configuration of that revision.
    pub configuration: Configuration,
    /// The model that the configuration binds.
    pub model: Option<ModelFile>,
    /// Numbers of the GPUs that it may use.
    pub gpus: Vec<u32>,
    /// The intent that it serves.
    pub generation: Generation,
}
