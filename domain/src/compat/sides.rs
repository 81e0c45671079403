//! The two sides of a comparison, and the place in which the candidate is to run.

use crate::configuration::{Configuration, Routes, Runtime};
use crate::id::{Digest, ModelRef};
use crate::model::{CustomPackage, Format, PackageKind, RegisteredModel, Signature, Tried};
use crate::python::{AskedEnvironment, Pythons};

use super::{CheckRules, Trial};

/// One side: a registered model.
#[derive(Clone, Debug)]
pub struct Side<'a> {
    /// Its name in sentences.
    pub model: ModelRef,
    /// The kind of its package: who runs it, and from what.
    pub kind: PackageKind,
    /// SHA-256 of its artifact.
    pub digest: &'a Digest,
    /// The runtime of the model unless a configuration says otherwise.
    pub runtime: Runtime,
    /// The routes at which the model answers unless a configuration says otherwise.
    pub routes: Routes,
    /// The way in which a custom package is run.
    pub custom: Option<&'a CustomPackage>,
    /// The Python environment that the model asks for.
    pub environment: Option<&'a AskedEnvironment>,
    /// The URL at which an external package answers.
    pub url: Option<&'a str>,
    /// The outcome of its first load, when it was registered.
    pub loads: Option<&'a Tried>,
    /// Its inputs and outputs.
    pub signature: &'a Signature,
}

impl<'a> From<&'a RegisteredModel> for Side<'a> {
    fn from(model: &'a RegisteredModel) -> Self {
        let runtime = model.runtime();
        let plain = Configuration { runtime, ..Configuration::default() };
        Self {
            model: model.reference(),
            kind: model.kind,
            digest: &model.digest,
            runtime,
            routes: plain.serving_routes(model.custom.as_ref()),
            custom: model.custom.as_ref(),
            environment: model.environment.as_ref(),
            url: model.url.as_deref(),
            loads: model.loads.as_ref(),
            signature: &model.signature,
        }
    }
}

/// The deployment that the candidate is for.
#[derive(Clone, Debug)]
pub struct DeploymentContext<'a> {
    /// The configuration in use and where it answers; none before the first.
    pub current: Option<(&'a Configuration, Routes)>,
    /// The configuration that would be rolled out.
    pub candidate: &'a Configuration,
    /// The routes at which that answers.
    pub routes: Routes,
    /// The rules that a candidate has to pass.
    pub rules: &'a CheckRules,
    /// Versions of Python that the machine has.
    pub pythons: Pythons,
    /// Digests of the challengers that the rules name.
    pub challengers: &'a [(ModelRef, Digest)],
    /// The findings of a scratch replica of the candidate.
    pub trial: Option<&'a Trial>,
}

/// The sides and the context that a report compares.
#[derive(Clone, Debug)]
pub struct Comparison<'a> {
    /// The model in use; none when there is none, or none that is registered.
    pub current: Option<Side<'a>>,
    /// The model that would replace it; none when it is the same one in another configuration, or none is registered.
    pub candidate: Option<Side<'a>>,
    /// The deployment that it is for; none when two models are only compared.
    pub place: Option<DeploymentContext<'a>>,
}

/// Two models, one of which would replace the other.
pub(super) struct Pair<'a> {
    pub(super) current: &'a Side<'a>,
    pub(super) candidate: &'a Side<'a>,
}

impl Pair<'_> {
    /// The two signatures.
    pub(super) fn signatures(&self) -> (&Signature, &Signature) {
        (self.current.signature, self.candidate.signature)
    }

    /// True when both sides state their inputs and outputs.
    pub(super) fn stated(&self) -> bool {
        !self.current.signature.absent && !self.candidate.signature.absent
    }
}

/// Families of formats that bind and convert values by the same rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Tensors by name, nothing is converted (ONNX Runtime, *Unexpected input data type*).
    Onnx,
    /// Columns by name with widening, or tensors (MLflow, *Model Signatures And Input Examples*).
    Mlflow,
    /// Features by name or position (LightGBM, XGBoost `DMatrix.feature_names`).
    Trees,
    /// Declared by a person.
    Declared,
}

impl Family {
    pub(super) fn of(signature: &Signature) -> Self {
        match signature.format {
            Format::Onnx => Self::Onnx,
            Format::Mlflow => Self::Mlflow,
            Format::LightgbmText | Format::XgboostJson | Format::XgboostUbj => Self::Trees,
            Format::Declared => Self::Declared,
        }
    }
}
