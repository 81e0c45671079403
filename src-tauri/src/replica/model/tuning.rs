//! The effect of a `user_config` on a model's answers (RAY-4), checked against the model beforehand.
//!
//! # Models to which each key applies
//!
//! A *classifier* is a model whose file names its classes. Its *label output* is the first output of text or
//! whole numbers with one value per row; its *score outputs* are those of floating-point numbers with a column
//! per class, and maps from class to score (ZipMap).
//!
//! - `threshold`: a classifier of two classes with a label and a score output. A row is labelled with the second
//!   class, in the order of the file, when its score of that class is at least the threshold, else with the first.
//!   The scores are compared as the model gives them, and answered unchanged.
//! - `labels`: a classifier with a label output or a map. The label output answers the n-th name in place of the
//!   n-th class, as text also where the classes are numbers; the `class_labels` of a map hold the names.
//! - `batch_limit`: a model with an input whose first dimension has any length. That length is the number of rows.
//!
//! A key that does not apply to the model is refused with a sentence, when a replica starts as well as later.

use std::collections::HashMap;

use domain::built_in::{self, BuiltInConfig, listed};

use super::{Data, Datatype, InferError, InferredOutput, LoadedModel, ModelInput, ModelOutput, Tensor};

/// The changes to the answers of requests from now on.
#[derive(Debug, Default)]
pub(in crate::replica) struct Tuning {
    threshold: Option<Threshold>,
    labels: Option<Labels>,
    batch_limit: Option<i64>,
}

#[derive(Debug)]
struct Threshold {
    at: f64,
    /// Place of the label output.
    label: usize,
    /// Place of the score output.
    scores: usize,
    /// Both classes as the label output writes them.
    classes: Data,
    /// The second one as a map writes it.
    second: String,
}

#[derive(Debug)]
struct Labels {
    /// Place of the label output, where there is one.
    label: Option<usize>,
    /// The name for each class.
    names: HashMap<String, String>,
}

impl Tuning {
    /// The meaning of `config` for `model`; or a sentence about the first key that does not apply to it.
    pub(in crate::replica) fn of(model: &LoadedModel, config: &BuiltInConfig) -> Result<Self, String> {
        let LoadedModel { inputs, outputs, classes, .. } = model;
        let threshold = config.threshold.map(|at| Threshold::of(at, outputs, classes.as_deref())).transpose()?;
        let labels = config.labels.as_deref().map(|names| Labels::of(names, outputs, classes.as_deref()));
        if config.batch_limit.is_some() && !inputs.iter().any(takes_rows) {
            return Err(built_in::NO_OPEN_ROWS.to_owned());
        }
        Ok(Self { threshold, labels: labels.transpose()?, batch_limit: config.batch_limit.map(i64::from) })
    }

    /// Refuses a request with more rows than are allowed; `tensors` are in the order of the model's inputs.
    pub(in crate::replica) fn check(&self, model: &LoadedModel, tensors: &[Tensor]) -> Result<(), InferError> {
        let Some(limit) = self.batch_limit else { return Ok(()) };
        let open = model.inputs.iter().zip(tensors).filter(|(spec, _)| takes_rows(spec));
        match open.filter_map(|(_, tensor)| tensor.shape.first().copied()).max() {
            Some(rows) if rows > limit => Err(InferError::TooManyRows { rows, limit }),
            _ => Ok(()),
        }
    }

    /// Changes what the model answered.
    pub(in crate::replica) fn apply(&self, answers: &mut [InferredOutput]) -> Result<(), InferError> {
        if let Some(threshold) = &self.threshold {
            threshold.apply(answers).map_err(|why| InferError::Failed(format!("threshold: {why}")))?;
        }
        if let Some(labels) = &self.labels {
            labels.apply(answers).map_err(|why| InferError::Failed(format!("labels: {why}")))?;
        }
        Ok(())
    }

    /// The datatype in which the output at `place` is answered.
    pub(in crate::replica) fn datatype(&self, place: usize, spec: &ModelOutput) -> Datatype {
        let renamed = self.labels.as_ref().is_some_and(|labels| labels.label == Some(place));
        if renamed { Datatype::Bytes } else { spec.datatype }
    }
}

impl Threshold {
    fn of(at: f64, outputs: &[ModelOutput], classes: Option<&[String]>) -> Result<Self, String> {
        let second = built_in::two(classes)?.clone();
        let classes = classes.unwrap_or_default();
        let label = label_output(outputs).ok_or("threshold: this model answers no class that it could choose")?;
        let scores = score_output(outputs, classes.len())
            .ok_or("threshold: this model answers no score for each of its classes")?;
        let classes = match outputs[label].datatype {
            Datatype::Bytes => Data::Bytes(classes.to_vec()),
            _ => Data::Int64(classes.iter().map(|class| class.parse()).collect::<Result<_, _>>().map_err(|_| {
                format!("threshold: this model answers numbers, and its classes are {}", listed(classes))
            })?),
        };
        Ok(Self { at, label, scores, classes, second })
    }

    fn apply(&self, answers: &mut [InferredOutput]) -> Result<(), String> {
        let answer = &answers[self.scores];
        let &[_, columns] = answer.tensor.shape.as_slice() else {
            return Err("the scores have no columns".to_owned());
        };
        let columns = usize::try_from(columns).unwrap_or(0);
        let column = match &answer.class_labels {
            Some(labels) => labels.iter().position(|label| *label == self.second),
            None => (columns == 2).then_some(1),
        };
        let column = column.ok_or_else(|| format!("the scores have no column of {}", self.second))?;
        let second: Vec<bool> = match &answer.tensor.data {
            Data::Fp32(scores) => scores.chunks_exact(columns).map(|row| f64::from(row[column]) >= self.at).collect(),
            Data::Fp64(scores) => scores.chunks_exact(columns).map(|row| row[column] >= self.at).collect(),
            other => return Err(format!("the scores are {}", other.datatype().name())),
        };
        let place = |second: bool| usize::from(second);
        match (&mut answers[self.label].tensor.data, &self.classes) {
            (Data::Bytes(labels), Data::Bytes(classes)) if labels.len() == second.len() => {
                for (label, second) in labels.iter_mut().zip(second) {
                    label.clone_from(&classes[place(second)]);
                }
                Ok(())
            }
            (Data::Int64(labels), Data::Int64(classes)) if labels.len() == second.len() => {
                for (label, second) in labels.iter_mut().zip(second) {
                    *label = classes[place(second)];
                }
                Ok(())
            }
            _ => Err("the model did not answer one class for each row of scores".to_owned()),
        }
    }
}

impl Labels {
    fn of(names: &[String], outputs: &[ModelOutput], classes: Option<&[String]>) -> Result<Self, String> {
        let classes = built_in::named(names, classes)?;
        let label = label_output(outputs);
        if label.is_none() && outputs.iter().all(|output| output.zipmap.is_none()) {
            return Err("labels: this model answers scores without their classes, so none can be named".to_owned());
        }
        Ok(Self { label, names: classes.iter().cloned().zip(names.iter().cloned()).collect() })
    }

    fn apply(&self, answers: &mut [InferredOutput]) -> Result<(), String> {
        let name = |class: &str| {
            self.names
                .get(class)
                .cloned()
                .ok_or_else(|| format!("the model answered {class}, which its file does not name"))
        };
        if let Some(answer) = self.label.and_then(|place| answers.get_mut(place)) {
            let named = match &answer.tensor.data {
                Data::Bytes(labels) => labels.iter().map(|label| name(label)).collect::<Result<_, _>>()?,
                Data::Int64(labels) => labels.iter().map(|label| name(&label.to_string())).collect::<Result<_, _>>()?,
                other => return Err(format!("the classes are {}", other.datatype().name())),
            };
            answer.tensor.data = Data::Bytes(named);
        }
        for labels in answers.iter_mut().filter_map(|answer| answer.class_labels.as_mut()) {
            for label in labels {
                *label = name(label)?;
            }
        }
        Ok(())
    }
}

fn takes_rows(spec: &ModelInput) -> bool {
    spec.shape.as_ref().is_none_or(|shape| shape.first().is_some_and(|&length| length < 0))
}

/// The first output that has one class per row.
fn label_output(outputs: &[ModelOutput]) -> Option<usize> {
    let one_per_row = |shape: &[i64]| shape.len() <= 1 || matches!(shape, [_, 1]);
    outputs.iter().position(|output| {
        output.zipmap.is_none()
            && matches!(output.datatype, Datatype::Bytes | Datatype::Int64)
            && output.shape.as_deref().is_none_or(one_per_row)
    })
}

/// The first output that has a score per row and class.
fn score_output(outputs: &[ModelOutput], classes: usize) -> Option<usize> {
    outputs.iter().position(|output| {
        let a_column_per_class = || match output.shape.as_deref() {
            Some(&[_, columns]) => columns < 0 || usize::try_from(columns) == Ok(classes),
            Some(_) => false,
            None => true,
        };
        output.zipmap.is_some() || (matches!(output.datatype, Datatype::Fp32 | Datatype::Fp64) && a_column_per_class())
    })
}
