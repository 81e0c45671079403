//! Models in the registry: package kinds, versions, and the inputs and outputs of a model.

mod beginning;
mod declared;
mod sample;
mod servable;
mod signature;
mod trees;
mod tried;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{Actor, Digest, ModelName, ModelRef, ModelVersion};
use crate::python::AskedEnvironment;
use crate::runtime::Runtime;

pub use beginning::Beginning;
pub use declared::{Declared, InvalidDeclaration};
pub use sample::{SampleRequest, UNNAMED, protocol_datatype, sample, sample_within};
pub use servable::not_servable;
pub use signature::{
    ClassSource, Dimension, Field, Format, Meaning, Parameter, Part, Series, Signature, Target, Task, ValueKind,
    are_places,
};
pub use trees::{Ambiguous, Column, SHORTENED, are_made_up, whole_table};
pub use tried::Tried;

words! {
    /// The kind of a package: who runs it, and from what (DR-4). Each may replace only its own kind.
    pub enum PackageKind {
        /// An ONNX file, alone or in a folder with its weights, run by the built-in runtime.
        Onnx = "onnx",
        /// An MLflow model directory.
        Mlflow = "mlflow",
        /// A LightGBM file, run by the tree runtime.
        Lightgbm = "lightgbm",
        /// An XGBoost file, run by the tree runtime.
        Xgboost = "xgboost",
        /// A folder with a command of its own.
        Custom = "custom",
        /// Runs elsewhere and is only watched.
        External = "external",
    }
}

impl PackageKind {
    /// True of a package that Changeover runs.
    pub fn managed(self) -> bool {
        self != Self::External
    }

    /// The runtime unless the configuration says otherwise.
    pub fn runtime(self) -> Runtime {
        match self {
            Self::Onnx => Runtime::Onnx,
            Self::Mlflow => Runtime::Mlflow,
            Self::Lightgbm | Self::Xgboost => Runtime::Trees,
            Self::Custom => Runtime::Custom,
            Self::External => Runtime::External,
        }
    }

    /// Its title, as people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Onnx => "ONNX",
            Self::Mlflow => "MLflow",
            Self::Lightgbm => "LightGBM",
            Self::Xgboost => "XGBoost",
            Self::Custom => "custom",
            Self::External => "external",
        }
    }
}

words! {
    /// The form of an artifact's bytes.
    #[derive(Default)]
    pub enum Packing {
        /// The file is the model.
        #[default]
        File = "file",
        /// A zip archive of a folder.
        Zip = "zip",
        /// A tar archive of a folder.
        Tar = "tar",
        /// A tar archive of a folder, compressed with gzip.
        TarGz = "tar_gz",
        /// There is no artifact: the package runs elsewhere.
        Nothing = "nothing",
    }
}

/// The way in which a custom package is run (DR-4); a configuration may say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomPackage {
    /// Program and arguments; `{port}`, `{model}` (the package's folder) and `{env}` are filled in.
    pub command: Vec<String>,
    /// Python packages that it needs, each as in a requirements file.
    pub requirements: Vec<String>,
    /// Route that takes predictions; by default the one of the Open Inference Protocol.
    pub predict: Option<String>,
    /// Route that answers 200 while it is ready; by default the one of the Open Inference Protocol.
    pub health: Option<String>,
}

/// One version of a model in the registry (AZ-1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisteredModel {
    /// The model.
    pub name: ModelName,
    /// Goes up by one with every registration.
    pub version: ModelVersion,
    /// The kind of its package: who runs it, and from what.
    pub kind: PackageKind,
    /// SHA-256 of the artifact; of an external package, of what was declared.
    pub digest: Digest,
    /// Size of the artifact in bytes.
    pub size: u64,
    /// The form of the artifact's bytes.
    #[serde(default)]
    pub packing: Packing,
    /// Path of the model inside its folder; of an MLflow model, the folder with `MLmodel`. Empty when the artifact is the
    /// model or its folder.
    #[serde(default)]
    pub entry: String,
    /// Its inputs and outputs.
    pub signature: Signature,
    /// The outcome of its first load, when it was registered; none for a version from before this was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loads: Option<Tried>,
    /// The way in which a custom package is run.
    #[serde(default)]
    pub custom: Option<CustomPackage>,
    /// The Python environment that it asks for; `null` when it says nothing of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<AskedEnvironment>,
    /// The URL at which an external package answers.
    #[serde(default)]
    pub url: Option<String>,
    /// Free words to find it by.
    pub tags: BTreeMap<String, String>,
    /// Facts that are only ever added.
    pub properties: BTreeMap<String, String>,
    /// A sentence for people.
    pub description: String,
    /// When it was registered.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub registered_at: Timestamp,
    /// The person who registered it.
    pub registered_by: Actor,
}

impl RegisteredModel {
    /// The runtime of the model unless the configuration says otherwise: an MLflow model with an ONNX flavour needs no
    /// Python.
    pub fn runtime(&self) -> Runtime {
        let onnx = self.kind == PackageKind::Mlflow && self.signature.flavors.iter().any(|flavor| flavor == "onnx");
        if onnx { Runtime::Onnx } else { self.kind.runtime() }
    }

    /// The same version as it is read today, whenever it was registered; see [`Signature::without_made_up_names`].
    #[must_use]
    pub fn as_read_today(self) -> Self {
        Self { signature: self.signature.without_made_up_names(), ..self }
    }

    /// The name and the version of the model.
    pub fn reference(&self) -> ModelRef {
        ModelRef { name: self.name.clone(), version: self.version }
    }

    /// True when this version is the same as `other`, byte for byte, and run in the same way: only number and words
    /// about it may differ.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.digest == other.digest
            && self.kind == other.kind
            && self.entry == other.entry
            && self.custom == other.custom
            && self.url == other.url
    }

    /// True when somebody who uses `used` should be told of this version: it is a later one, it is something else, and
    /// it is nothing that is known to be bad there (AZ-1, CO-6).
    pub fn is_news_for(&self, used: &Self, known_bad: &[Self]) -> bool {
        self.name == used.name
            && self.version > used.version
            && !self.is_same_as(used)
            && !known_bad.iter().any(|bad| self.is_same_as(bad))
            && (!self.failed_to_load() || used.failed_to_load())
    }

    /// True when the runtime of its kind could not load the model when it was registered. Another runtime may.
    fn failed_to_load(&self) -> bool {
        matches!(self.loads, Some(Tried::Failed { .. }))
    }

    /// The runtime of the model when a configuration says `runtime`: that one, if it can run this kind of package. A
    /// program of the configuration's own can run any.
    pub fn runs_in(&self, runtime: Runtime) -> Runtime {
        let fits = [Runtime::Command, self.runtime(), self.kind.runtime()].contains(&runtime);
        if fits { runtime } else { self.runtime() }
    }
}
