//! The content of a file of trees, in the words of both formats.

use std::collections::BTreeMap;

use domain::model::{
    Dimension, Field, Meaning, SHORTENED, Signature, Target, Task, ValueKind, are_made_up, whole_table,
};
use serde_json::Value;

use crate::packages::properties;

/// Longest lists of categories that a signature keeps whole, in bytes; what is longer is not compared.
pub(super) const KEPT: usize = 64 << 10;

/// The type of a categorical column, in XGBoost's words.
pub(super) const CATEGORICAL: &str = "c";

/// The property with the last round that an early-stopped model predicts with, counted from 0.
pub const BEST_ITERATION: &str = "best_iteration";

/// Adds lists of categories, as JSON, to the properties. Of those that have more than `kept` bytes the first category of
/// each type is kept, from which the type of the column is seen.
pub(super) fn keep(properties: &mut BTreeMap<String, String>, key: &str, lists: String, kept: usize) {
    if lists.len() <= kept {
        properties.insert(key.to_owned(), lists);
        return;
    }
    let Ok(mut all) = serde_json::from_str::<Value>(&lists) else { return };
    let each: Vec<&mut Value> = match &mut all {
        Value::Object(columns) => columns.values_mut().collect(),
        Value::Array(lists) => lists.iter_mut().collect(),
        _ => return,
    };
    for list in each.into_iter().filter_map(Value::as_array_mut) {
        let mut types = Vec::new();
        list.retain(|one| {
            let of = (one.is_i64() || one.is_u64(), one.is_number(), one.is_boolean());
            let is_first = !types.contains(&of);
            types.extend(is_first.then_some(of));
            is_first
        });
    }
    let shortened = all.to_string();
    if shortened.len() <= kept {
        properties.insert(format!("{key}{SHORTENED}"), shortened);
    }
}

/// The content of a file of trees, in the words of both formats.
#[derive(Debug, Default)]
pub(super) struct Ensemble {
    /// The number of features; none when the file does not say.
    pub(super) features: Option<u64>,
    /// The names of the features, with the types that the file gives them; none when they have no names.
    pub(super) columns: Option<Vec<(String, String)>>,
    /// True when the file lists categories of some features.
    pub(super) categories: bool,
    pub(super) task: Option<Task>,
    pub(super) answer: TreeOutput,
    /// The number of classes.
    pub(super) classes: Option<u64>,
}

/// The answer of the tree runtime.
#[derive(Debug, Default)]
pub(super) enum TreeOutput {
    /// A number for each row.
    #[default]
    Number,
    /// A number between 0 and 1 for each row.
    Probability,
    /// A number without bounds that stands for a probability.
    Margin,
    /// A number for each row and each of so many targets.
    Numbers(u64),
    /// A probability for each row and class.
    Probabilities(u64),
}

impl Ensemble {
    /// Fills in inputs, outputs, task and classes, and what properties say beside.
    pub(super) fn describe(self, signature: &mut Signature) {
        signature.inputs = match self.columns {
            Some(columns)
                if self.categories || !are_made_up(signature.format, columns.iter().map(|(name, _)| &**name)) =>
            {
                columns.into_iter().map(|(name, datatype)| field(name, ValueKind::Column, datatype, None)).collect()
            }
            Some(columns) => vec![whole_table(columns.len() as u64)],
            None => {
                let width = self.features.map_or(Dimension::Unknown, Dimension::Fixed);
                vec![field(String::new(), ValueKind::Tensor, float(), Some(vec![width]))]
            }
        };
        let one = |meaning| (String::from("prediction"), None, meaning);
        let (name, width, meaning) = match self.answer {
            TreeOutput::Number => one(None),
            TreeOutput::Probability => one(Some(Meaning::Probability)),
            TreeOutput::Margin => one(Some(Meaning::Score)),
            TreeOutput::Numbers(width) => (String::from("prediction"), Some(width), None),
            TreeOutput::Probabilities(width) => {
                (String::from("probabilities"), Some(width), Some(Meaning::Probability))
            }
        };
        let columns = width.map(Dimension::Fixed).into_iter().collect();
        signature.outputs = vec![Field { meaning, ..field(name, ValueKind::Tensor, float(), Some(columns)) }];
        signature.class_count = self.classes;
        signature.target = Target { name: None, task: self.task };
        properties::describe(signature);
        // A name for each class, or they name something else.
        if self.classes.is_some() && signature.class_count != self.classes {
            (signature.classes, signature.class_source) = (None, None);
            signature.class_count = self.classes;
        }
    }
}

/// A column, or a tensor with a row for each example.
fn field(name: String, kind: ValueKind, datatype: String, columns: Option<Vec<Dimension>>) -> Field {
    let shape = columns.map(|mut shape| {
        shape.insert(0, Dimension::Unknown);
        shape
    });
    Field { name, kind, datatype, shape, required: true, meaning: None }
}

fn float() -> String {
    String::from("FLOAT")
}
