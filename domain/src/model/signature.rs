//! The inputs and outputs of a model: read from its file where the file says them, declared by a person where not (CO-12).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

words! {
    /// The format that a signature was read from.
    #[derive(Default)]
    pub enum Format {
        /// An ONNX graph.
        #[default]
        Onnx = "onnx",
        /// The file `MLmodel` of an MLflow model directory.
        Mlflow = "mlflow",
        /// LightGBM's own text.
        LightgbmText = "lightgbm_text",
        /// XGBoost's own JSON.
        XgboostJson = "xgboost_json",
        /// XGBoost's own binary JSON (UBJSON).
        XgboostUbj = "xgboost_ubj",
        /// No file says it: a person declared it.
        Declared = "declared",
    }
}

impl Format {
    /// Its title, as people read it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Onnx => "ONNX",
            Self::Mlflow => "MLflow",
            Self::LightgbmText => "LightGBM text",
            Self::XgboostJson => "XGBoost JSON",
            Self::XgboostUbj => "XGBoost UBJSON",
            Self::Declared => "declared",
        }
    }
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

words! {
    /// The kind of value that an input or output is.
    #[derive(Default)]
    pub enum ValueKind {
        /// A tensor of one datatype.
        #[default]
        Tensor = "tensor",
        /// A named column of a table: a column of MLflow's, a feature of a tree model.
        Column = "column",
        /// A sequence of values.
        Sequence = "sequence",
        /// A map from key to value.
        Map = "map",
        /// An optional value.
        Optional = "optional",
    }
}

words! {
    /// The meaning of an output's numbers, where the graph shows it.
    pub enum Meaning {
        /// Between 0 and 1: the output of a softmax, a sigmoid or a normalising classifier.
        Probability = "probability",
        /// Unbounded: logits, or the scores of a decision function.
        Score = "score",
        /// Unbounded: what a regressor predicts, or a weighted sum that nothing makes a share of.
        Number = "number",
    }
}

/// One input or output of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Field {
    /// The name that a request or response uses; empty when the file gives none.
    pub name: String,
    /// Tensor, column, sequence, map or optional.
    #[serde(default)]
    pub kind: ValueKind,
    /// Element type in the words of the format: ONNX `FLOAT`, `INT64`, `STRING`, …, for a sequence or map the whole
    /// type as in `seq(map(INT64,tensor(FLOAT)))`; MLflow `double`, `long`, `string`, …, for a tensor `float64`, …;
    /// XGBoost `float`, `int`, `c`, …; empty when the file does not say.
    pub datatype: String,
    /// Dimensions in order; `null` when the file does not say how many there are, and for a column.
    #[serde(default)]
    pub shape: Option<Vec<Dimension>>,
    /// A request must send it.
    #[serde(default = "yes")]
    pub required: bool,
    /// The meaning of its numbers, where the graph shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
}

fn yes() -> bool {
    true
}

/// A parameter that a request may send beside its data (MLflow).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its datatype in MLflow's words.
    pub datatype: String,
    /// The value that holds when it is not sent.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(schema_with = anything))]
    pub default: Value,
    /// Dimensions of a list; `null` for a single value.
    #[serde(default)]
    pub shape: Option<Vec<Dimension>>,
}

words! {
    /// The kind of answer that a model gives (DR-3, *target type*).
    pub enum Task {
        /// One of two classes.
        Binary = "binary",
        /// One of several classes.
        Multiclass = "multiclass",
        /// A number.
        Regression = "regression",
        /// An order.
        Ranking = "ranking",
    }
}

/// The quantity or classes that are predicted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Target {
    /// The column that was learned, where the file states it apart from the names of its outputs.
    pub name: Option<String>,
    /// The kind of answer, where the file states it or its operators show it.
    pub task: Option<Task>,
}

words! {
    /// The place where class labels were found.
    pub enum ClassSource {
        /// In the graph: their place is the place of their probability.
        Graph = "graph",
        /// In properties that the file carries.
        Metadata = "metadata",
        /// In a JSON file beside the model.
        Sidecar = "sidecar",
    }
}

/// The steps of a forecast.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Series {
    /// The column that says when.
    pub datetime_column: Option<String>,
    /// Number of steps that it looks ahead.
    pub horizon: Option<u64>,
    /// Number of steps that it looks back.
    pub window: Option<u64>,
    /// Length of a step, in the file's own words.
    pub frequency: Option<String>,
    /// The column that tells several series apart.
    pub segment_column: Option<String>,
}

words! {
    /// Parts of a signature that a person can declare where the file does not say.
    pub enum Part {
        /// The inputs.
        Inputs = "inputs",
        /// The outputs.
        Outputs = "outputs",
        /// Names of the columns of a single tensor.
        Features = "features",
        /// The target's name.
        TargetName = "target_name",
        /// The target's type.
        TargetType = "target_type",
        /// The class labels.
        Classes = "classes",
        /// The series.
        Series = "series",
        /// The level of prediction intervals.
        IntervalLevel = "interval_level",
    }
}

/// The inputs and outputs of a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Signature {
    /// The format of the file that it was read from.
    #[serde(default)]
    pub format: Format,
    /// The package says nothing of inputs and outputs: they are unknown, not none.
    #[serde(default)]
    pub absent: bool,
    /// The inputs that a request must send.
    pub inputs: Vec<Field>,
    /// The outputs that a response holds.
    pub outputs: Vec<Field>,
    /// Parameters that a request may send beside its data.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// Names of the columns of a single tensor, in order, where the file's properties hold them.
    #[serde(default)]
    pub features: Option<Vec<String>>,
    /// Class labels in index order, where the package holds them.
    pub classes: Option<Vec<String>>,
    /// The names that properties give the classes, in index order, where the graph's labels are only their places: 0,
    /// 1, 2 and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_titles: Option<Vec<String>>,
    /// The place where the class labels were found.
    #[serde(default)]
    pub class_source: Option<ClassSource>,
    /// Number of classes, where that is known; also without labels.
    #[serde(default)]
    pub class_count: Option<u64>,
    /// The quantity or classes that are predicted.
    #[serde(default)]
    pub target: Target,
    /// The steps of a forecast; `null` when it is none.
    #[serde(default)]
    pub series: Option<Series>,
    /// Share of outcomes that prediction intervals are to hold, above 0 and below 1, where the file states it.
    #[serde(default)]
    pub interval_level: Option<f64>,
    /// Version of each operator set, by domain (ONNX).
    #[serde(default)]
    pub opsets: BTreeMap<String, i64>,
    /// Version of the file format (ONNX); 0 for other formats.
    #[serde(default)]
    pub ir_version: i64,
    /// Program that wrote the file, with its version.
    #[serde(default)]
    pub producer: String,
    /// Ways that an MLflow model can be loaded in.
    #[serde(default)]
    pub flavors: Vec<String>,
    /// The training run that an MLflow model came out of.
    #[serde(default)]
    pub run_id: Option<String>,
    /// Path of an input example inside the package.
    #[serde(default)]
    pub input_example: Option<String>,
    /// Free properties that the file carries.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// Parts that no file says and a person declared.
    #[serde(default)]
    pub declared: Vec<Part>,
    /// Sentences about what one file of the package says and another one denies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<String>,
}

/// True of class labels that say no more than their places do: 0, 1, 2 and so on.
pub fn are_places(labels: &[String]) -> bool {
    labels.iter().enumerate().all(|(place, label)| *label == place.to_string())
}

/// Any JSON value.
#[cfg(feature = "openapi")]
fn anything() -> utoipa::openapi::schema::ObjectBuilder {
    use utoipa::openapi::schema::Type::{Array, Boolean, Null, Number, Object, String};
    use utoipa::openapi::schema::{ObjectBuilder, SchemaType};

    let kinds = [String, Number, Boolean, Array, Object, Null];
    ObjectBuilder::new().schema_type(SchemaType::from_iter(kinds))
}
