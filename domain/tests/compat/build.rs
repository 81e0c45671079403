//! Small models of every format, and pairs of them.

use std::collections::BTreeMap;

use domain::compat::{Report, Side, compare};
use domain::configuration::Configuration;
use domain::id::Digest;
use domain::model::{
    ClassSource, Dimension, Field, Format, Meaning, PackageKind, Parameter, Series, Signature, Target, Task, ValueKind,
};

pub(crate) fn digest(letter: char) -> Digest {
    letter.to_string().repeat(64).parse().expect("64 digits")
}

pub(crate) fn side<'a>(model: &str, digest: &'a Digest, signature: &'a Signature) -> Side<'a> {
    let kind = match signature.format {
        Format::Onnx => PackageKind::Onnx,
        Format::Mlflow => PackageKind::Mlflow,
        Format::LightgbmText => PackageKind::Lightgbm,
        Format::XgboostJson | Format::XgboostUbj => PackageKind::Xgboost,
        Format::Declared => PackageKind::Custom,
    };
    let runtime = kind.runtime();
    let routes = Configuration { runtime, ..Configuration::default() }.serving_routes(None);
    Side {
        model: model.parse().expect("a model version"),
        kind,
        digest,
        runtime,
        routes,
        custom: None,
        environment: None,
        url: None,
        loads: None,
        signature,
    }
}

/// `iris@1` with one signature, and `iris@2`, another file, with the other.
pub(crate) fn compared(old: &Signature, new: &Signature) -> Report {
    let digests = (digest('a'), digest('b'));
    Report::of(compare(&side("iris@1", &digests.0, old), &side("iris@2", &digests.1, new)), false)
}

pub(crate) fn words(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|name| (*name).to_owned()).collect())
}

/// Dimensions: `-1` for an open one.
pub(crate) fn shape(sizes: &[i64]) -> Option<Vec<Dimension>> {
    Some(sizes.iter().map(|size| u64::try_from(*size).map_or(Dimension::Unknown, Dimension::Fixed)).collect())
}

pub(crate) fn column(name: &str, datatype: &str) -> Field {
    let (name, datatype) = (name.to_owned(), datatype.to_owned());
    Field { name, kind: ValueKind::Column, datatype, shape: None, required: true, meaning: None }
}

pub(crate) fn tensor(name: &str, datatype: &str, sizes: &[i64]) -> Field {
    Field { kind: ValueKind::Tensor, shape: shape(sizes), ..column(name, datatype) }
}

pub(crate) fn optional(field: Field) -> Field {
    Field { required: false, ..field }
}

pub(crate) fn parameter(name: &str, datatype: &str, default: serde_json::Value) -> Parameter {
    Parameter { name: name.to_owned(), datatype: datatype.to_owned(), default, shape: None }
}

/// An ONNX classifier that takes a tensor for each feature and names its classes in the graph.
pub(crate) fn onnx_columns() -> Signature {
    let probabilities = tensor("probabilities", "FLOAT", &[-1, 3]);
    Signature {
        inputs: ["length", "width", "height"].map(|name| tensor(name, "FLOAT", &[-1, 1])).to_vec(),
        outputs: vec![
            tensor("species", "STRING", &[-1]),
            Field { meaning: Some(Meaning::Probability), ..probabilities },
        ],
        classes: words(&["setosa", "versicolor", "virginica"]),
        class_source: Some(ClassSource::Graph),
        class_count: Some(3),
        target: Target { name: None, task: Some(Task::Multiclass) },
        ..Signature::default()
    }
}

/// An ONNX regressor that takes one tensor, the columns of which stand in its properties.
pub(crate) fn onnx_tensor() -> Signature {
    Signature {
        inputs: vec![tensor("X", "FLOAT", &[-1, 3])],
        outputs: vec![tensor("price", "FLOAT", &[-1, 1])],
        features: words(&["length", "width", "height"]),
        target: Target { name: Some("price".to_owned()), task: Some(Task::Regression) },
        ..Signature::default()
    }
}

/// An MLflow regressor over a table.
pub(crate) fn mlflow() -> Signature {
    Signature {
        format: Format::Mlflow,
        inputs: ["length", "width", "height"].map(|name| column(name, "double")).to_vec(),
        outputs: vec![column("price", "double")],
        parameters: vec![parameter("threshold", "integer", serde_json::json!(5))],
        ..Signature::default()
    }
}

/// An MLflow forecast with prediction intervals.
pub(crate) fn forecast() -> Signature {
    Signature {
        inputs: vec![column("when", "datetime"), column("store", "string")],
        outputs: ["yhat", "yhat_lower", "yhat_upper"].map(|name| column(name, "double")).to_vec(),
        parameters: Vec::new(),
        series: Some(Series {
            datetime_column: Some("when".to_owned()),
            horizon: Some(6),
            window: Some(12),
            frequency: Some("D".to_owned()),
            segment_column: Some("store".to_owned()),
        }),
        interval_level: Some(0.8),
        ..mlflow()
    }
}

/// An XGBoost classifier with named features.
pub(crate) fn trees() -> Signature {
    let probabilities = tensor("probabilities", "FLOAT", &[-1, 3]);
    Signature {
        format: Format::XgboostJson,
        inputs: vec![column("length", "float"), column("width", "int"), column("colour", "c")],
        outputs: vec![Field { meaning: Some(Meaning::Probability), ..probabilities }],
        class_count: Some(3),
        target: Target { name: None, task: Some(Task::Multiclass) },
        ..Signature::default()
    }
}

/// With properties.
pub(crate) fn metadata(entries: &[(&str, &str)]) -> BTreeMap<String, String> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
