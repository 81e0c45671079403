//! The keys of `user_config` that the built-in runtime takes while it runs (RAY-4).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{ClassSource, Dimension, Format, Signature};

/// The keys that the built-in runtime understands; others are kept for whoever reads them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuiltInConfig {
    /// For two classes: the second one is answered from this probability on. Above 0, at most 1. Default 0.5.
    pub threshold: Option<f64>,
    /// Names to answer instead of the model's own classes, in their order. At most 10,000.
    pub labels: Option<Vec<String>>,
    /// The most rows of one request; a larger one is refused. 1 to 1,000,000.
    pub batch_limit: Option<u32>,
}

impl BuiltInConfig {
    /// Reads it.
    ///
    /// # Errors
    /// A sentence about the first key with a value that cannot be used.
    pub fn read(user_config: &Value) -> Result<Self, String> {
        if !user_config.is_object() {
            // Any JSON is a user_config (RAY-4); only an object has keys.
            return Ok(Self::default());
        }
        let read: Self = serde_path_to_error::deserialize(user_config)
            .map_err(|error| format!("{}: {}", error.path(), error.inner()))?;
        if read.threshold.is_some_and(|threshold| !(threshold > 0.0 && threshold <= 1.0)) {
            return Err("threshold: a probability above 0, at most 1".to_owned());
        }
        if read.labels.as_ref().is_some_and(|labels| labels.is_empty() || labels.len() > 10_000) {
            return Err("labels: 1 to 10,000 names".to_owned());
        }
        if read.batch_limit.is_some_and(|limit| !(1..=1_000_000).contains(&limit)) {
            return Err("batch_limit: 1 to 1,000,000 rows".to_owned());
        }
        Ok(read)
    }
}

/// Classes that a refusal names at most.
const NAMED: usize = 10;

impl BuiltInConfig {
    /// Checks that a model with this signature has a use for every key, as far as the signature says. The runtime looks
    /// at more once it has loaded the model.
    ///
    /// # Errors
    /// A sentence about the first key that the model has no use for.
    pub fn fits(&self, signature: &Signature) -> Result<(), String> {
        if signature.absent || signature.format != Format::Onnx {
            return Ok(());
        }
        // Labels from elsewhere need not be what its label output answers.
        let classes = signature.classes.as_deref().filter(|_| signature.class_source == Some(ClassSource::Graph));
        if self.threshold.is_some() {
            two(classes)?;
        }
        if let Some(names) = &self.labels {
            named(names, classes)?;
        }
        let mut rows = signature.inputs.iter().filter(|input| input.required).map(|input| input.shape.as_deref());
        let is_closed = |shape: Option<&[Dimension]>| shape.is_some_and(|shape| !leaves_open(shape));
        if self.batch_limit.is_some() && rows.all(is_closed) {
            return Err(NO_OPEN_ROWS.to_owned());
        }
        Ok(())
    }
}

/// About a `batch_limit` that no input is limited by.
pub const NO_OPEN_ROWS: &str = "batch_limit: no input of this model leaves the number of rows open";

fn leaves_open(shape: &[Dimension]) -> bool {
    shape.first().is_some_and(|first| !matches!(first, Dimension::Fixed(_)))
}

/// The second of the two classes that a threshold chooses between.
///
/// # Errors
/// A sentence when there are not two.
pub fn two(classes: Option<&[String]>) -> Result<&String, String> {
    match classes.ok_or("threshold: this model's file names no classes to choose between")? {
        [_, second] => Ok(second),
        other => Err(format!("threshold: it chooses between two classes, and this model has {}", listed(other))),
    }
}

/// The classes that `names` stand for.
///
/// # Errors
/// A sentence when there are none, or another number of them.
pub fn named<'a>(names: &[String], classes: Option<&'a [String]>) -> Result<&'a [String], String> {
    let classes = classes.ok_or("labels: this model's file names no classes that names could stand for")?;
    if names.len() != classes.len() {
        return Err(format!("labels: {} names are given, and this model has {}", names.len(), listed(classes)));
    }
    Ok(classes)
}

/// Number of classes, and the first of them.
pub fn listed(classes: &[String]) -> String {
    let shown: Vec<_> = classes.iter().take(NAMED).map(String::as_str).collect();
    let more = if classes.len() > NAMED { ", …" } else { "" };
    format!("{} ({}{more})", classes.len(), shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Field, ValueKind};
    use serde_json::json;

    #[test]
    fn each_key_has_its_range_and_other_keys_are_let_pass() {
        for (given, problem) in [
            (json!({}), None),
            (json!(7), None),
            (json!({"anything": [1]}), None),
            (json!({"threshold": 0.3, "labels": ["no", "yes"], "batch_limit": 10}), None),
            (json!({"threshold": 0}), Some("threshold")),
            (json!({"threshold": "half"}), Some("threshold")),
            (json!({"labels": []}), Some("labels")),
            (json!({"labels": [1]}), Some("labels")),
            (json!({"batch_limit": 0}), Some("batch_limit")),
            (json!({"batch_limit": -1}), Some("batch_limit")),
        ] {
            match (BuiltInConfig::read(&given), problem) {
                (Ok(_), None) => {}
                (Err(said), Some(word)) => assert!(said.starts_with(word), "{given}: {said}"),
                (got, _) => panic!("{given}: {got:?}"),
            }
        }
    }

    #[test]
    fn a_key_that_a_model_has_no_use_for_is_told_from_its_signature() {
        let classes = |count: usize| Some((0..count).map(|n| n.to_string()).collect());
        let input = |first| Field {
            name: "X".to_owned(),
            kind: ValueKind::Tensor,
            datatype: "FLOAT".to_owned(),
            shape: Some(vec![first, Dimension::Fixed(4)]),
            required: true,
            meaning: None,
        };
        let signature = |count, first| Signature {
            classes: classes(count),
            class_source: Some(ClassSource::Graph),
            inputs: vec![input(first)],
            ..Signature::default()
        };
        let three = signature(3, Dimension::Unknown);
        let two = signature(2, Dimension::Fixed(1));
        let declared = Signature { class_source: None, ..signature(2, Dimension::Unknown) };
        for (given, signature, problem) in [
            (json!({"threshold": 0.3}), &two, None),
            (
                json!({"threshold": 0.3}),
                &three,
                Some("threshold: it chooses between two classes, and this model has 3 (0, 1, 2)"),
            ),
            (
                json!({"threshold": 0.3}),
                &declared,
                Some("threshold: this model's file names no classes to choose between"),
            ),
            (json!({"labels": ["a", "b", "c"]}), &three, None),
            (json!({"labels": ["a", "b", "c"]}), &two, Some("labels: 3 names are given, and this model has 2 (0, 1)")),
            (json!({"batch_limit": 2}), &three, None),
            (json!({"batch_limit": 2}), &two, Some(NO_OPEN_ROWS)),
            (json!({"other": 1}), &two, None),
        ] {
            let read = BuiltInConfig::read(&given).unwrap();
            assert_eq!(read.fits(signature).err().as_deref(), problem, "{given}");
        }
        let absent = Signature { absent: true, ..three };
        assert_eq!(BuiltInConfig::read(&json!({"threshold": 0.3})).unwrap().fits(&absent), Ok(()));
    }
}
