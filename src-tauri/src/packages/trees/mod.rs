//! Reads the files of tree ensembles: LightGBM's text, XGBoost's JSON and UBJSON.

mod categories;
mod json;
pub mod lightgbm;
#[cfg(test)]
mod tests;
mod ubjson;
pub mod xgboost;

use domain::model::{Dimension, Field, Meaning, Signature, Target, Task, ValueKind};

use super::properties;

/// What a file of trees says, in the words of both formats.
#[derive(Debug, Default)]
struct Ensemble {
    /// How many features there are; none when the file does not say.
    features: Option<u64>,
    /// Their names, with the types that the file gives them; none when they have no names.
    columns: Option<Vec<(String, String)>>,
    task: Option<Task>,
    answer: Answer,
    /// How many classes there are.
    classes: Option<u64>,
}

/// What the tree runtime answers.
#[derive(Debug, Default)]
enum Answer {
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
    fn describe(self, signature: &mut Signature) {
        signature.inputs = match self.columns {
            Some(columns) => {
                columns.into_iter().map(|(name, datatype)| field(name, ValueKind::Column, datatype, None)).collect()
            }
            None => {
                let width = self.features.map_or(Dimension::Unknown, Dimension::Fixed);
                vec![field(String::new(), ValueKind::Tensor, float(), Some(vec![width]))]
            }
        };
        let one = |meaning| (String::from("prediction"), None, meaning);
        let (name, width, meaning) = match self.answer {
            Answer::Number => one(None),
            Answer::Probability => one(Some(Meaning::Probability)),
            Answer::Margin => one(Some(Meaning::Score)),
            Answer::Numbers(width) => (String::from("prediction"), Some(width), None),
            Answer::Probabilities(width) => (String::from("probabilities"), Some(width), Some(Meaning::Probability)),
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
