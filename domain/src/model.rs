//! Models in the registry: package kinds, versions and what a model takes and gives.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{Actor, Digest, ModelName, ModelVersion};

/// Who runs a package, and from what (DR-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PackageKind {
    /// One ONNX file, run by the built-in runtime.
    Onnx,
}

/// One dimension of a tensor.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Dimension {
    /// Always this many elements.
    Fixed(u64),
    /// Any number, under a name that the file gives it; names carry no meaning across files.
    Symbolic(String),
    /// Any number; written `null`.
    Unknown,
}

/// What kind of value an input or output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ValueKind {
    /// A tensor of one datatype.
    Tensor,
    /// A sequence of values.
    Sequence,
    /// A map from key to value.
    Map,
    /// An optional value.
    Optional,
}

/// One input or output of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Field {
    /// The name that a request or response uses.
    pub name: String,
    /// Tensor, sequence, map or optional.
    pub kind: ValueKind,
    /// Element type in the words of the ONNX format (`FLOAT`, `INT64`, `STRING`, …); for a
    /// sequence or map the whole type is written out, as in `seq(map(INT64,tensor(FLOAT)))`.
    pub datatype: String,
    /// Dimensions in order; `null` when the file does not say how many there are.
    pub shape: Option<Vec<Dimension>>,
}

/// What a model takes and gives, read from its file (CO-12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Signature {
    /// What a request must send.
    pub inputs: Vec<Field>,
    /// What a response holds.
    pub outputs: Vec<Field>,
    /// Class labels in index order where the graph holds them.
    pub classes: Option<Vec<String>>,
    /// Version of each operator set, by domain.
    pub opsets: BTreeMap<String, i64>,
    /// Version of the file format.
    pub ir_version: i64,
    /// Program that wrote the file, with its version.
    pub producer: String,
    /// Free properties that the file carries.
    pub metadata: BTreeMap<String, String>,
}

/// One version of a model in the registry (AZ-1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisteredModel {
    /// The model.
    pub name: ModelName,
    /// Goes up by one with every registration.
    pub version: ModelVersion,
    /// Who runs it, and from what.
    pub kind: PackageKind,
    /// SHA-256 of the artifact.
    pub digest: Digest,
    /// Size of the artifact in bytes.
    pub size: u64,
    /// What it takes and gives.
    pub signature: Signature,
    /// Free words to find it by.
    pub tags: BTreeMap<String, String>,
    /// Facts that are only ever added.
    pub properties: BTreeMap<String, String>,
    /// A sentence for people.
    pub description: String,
    /// When it was registered.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub registered_at: Timestamp,
    /// Who registered it.
    pub registered_by: Actor,
}
