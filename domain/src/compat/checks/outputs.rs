//! Do callers find in the answer what they look for?

use std::collections::HashSet;

use super::line::{line, list, word};
use super::shape::{Fit, called, fit, written};
use super::types::{Value, loose, same};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Field, Meaning, Signature, ValueKind};

/// An output of before and the one that takes its place.
struct Match<'a> {
    old: &'a Field,
    new: &'a Field,
    renamed: bool,
}

/// Outputs that belong together: by name; where names changed, by place, if there are as many or if it is the first one,
/// the prediction.
fn matches<'a>(old: &'a Signature, new: &'a Signature) -> Vec<Match<'a>> {
    let before: HashSet<&str> = old.outputs.iter().map(|field| field.name.as_str()).collect();
    let mut matched = Vec::new();
    for (at, field) in old.outputs.iter().enumerate() {
        let same = new.outputs.iter().find(|other| other.name == field.name);
        let in_place = || {
            let other = new.outputs.get(at).filter(|other| !before.contains(other.name.as_str()))?;
            (at == 0 || old.outputs.len() == new.outputs.len()).then_some(other)
        };
        match (same, in_place()) {
            (Some(other), _) => matched.push(Match { old: field, new: other, renamed: false }),
            (None, Some(other)) => matched.push(Match { old: field, new: other, renamed: true }),
            (None, None) => {}
        }
    }
    matched
}

/// A renamed or removed output is incompatible; a new one is not. In ONNX and tree files another order is a warning.
pub(super) fn names(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    if !pair.stated() {
        return Vec::new();
    }
    let order = |signature: &Signature| list(signature.outputs.iter().map(|field| field.name.as_str()));
    let sides = (order(old), order(new));
    let put = |check, outcome, message: String| line(check, outcome, message).sides(sides.0.clone(), sides.1.clone());
    let (a, b) = (pair.old_name(), pair.new_name());
    if old.outputs.is_empty() || new.outputs.is_empty() {
        let message = format!(
            "{a} or {b} does not say what it answers. Save it with the outputs in its signature, or declare them."
        );
        return vec![put(CheckName::OutputNames, Outcome::NotVerified, message).must_be_known()];
    }
    let matched = matches(old, new);
    let mut checks = Vec::new();
    // A name that is not there any more is reported with the target's name; it is not another one.
    let renamed: Vec<&Match<'_>> = matched.iter().filter(|m| m.renamed && !m.new.name.is_empty()).collect();
    for Match { old, new, .. } in renamed.iter().take(12) {
        let message = format!(
            "The output {} of {a} is called {} in {b}: callers that read it by name break. Keep the name.",
            word(&old.name),
            word(&new.name)
        );
        checks.push(put(CheckName::OutputRenamed, Outcome::Failed, message));
    }
    let kept: HashSet<&str> = matched.iter().map(|m| m.old.name.as_str()).collect();
    let taken: HashSet<&str> = matched.iter().map(|m| m.new.name.as_str()).collect();
    let gone: Vec<&str> = old.outputs.iter().map(|f| f.name.as_str()).filter(|name| !kept.contains(name)).collect();
    let added: Vec<&str> = new.outputs.iter().map(|f| f.name.as_str()).filter(|name| !taken.contains(name)).collect();
    if !gone.is_empty() {
        let message = format!(
            "{b} no longer answers with {}, which {a} does: callers that read it break. Keep it, or deploy it under another name.",
            list(gone)
        );
        checks.push(put(CheckName::OutputRemoved, Outcome::Failed, message));
    }
    if !added.is_empty() {
        let message = format!("{b} also answers with {}; callers that do not look for it do not notice.", list(added));
        checks.push(put(CheckName::OutputAdded, Outcome::Passed, message));
    }
    let place = |signature: &Signature, name: &str| signature.outputs.iter().position(|field| field.name == name);
    let moved: Vec<&str> = (matched.iter().filter(|m| !m.renamed).map(|m| m.old.name.as_str()))
        .filter(|name| place(old, name) != place(new, name))
        .collect();
    if !moved.is_empty() && matches!(Family::of(new), Family::Onnx | Family::Trees) {
        let message = format!(
            "{} stand in another place in the answer; make sure that nobody reads it by position.",
            list(moved)
        );
        checks.push(put(CheckName::OutputPosition, Outcome::Warning, message));
    }
    if !checks.iter().any(|check| check.outcome != Outcome::Passed) {
        let message = format!("{b} answers with every output that {a} answers with.");
        checks.insert(0, put(CheckName::OutputNames, Outcome::Passed, message));
    }
    checks
}

/// Another type of an output is incompatible; float and double of MLflow are a warning.
pub(super) fn types(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let mlflow = Family::of(new) == Family::Mlflow;
    let matched = matches(old, new);
    let mut checks = Vec::new();
    for Match { old, new, .. } in &matched {
        let (a, b) = (old.datatype.as_str(), new.datatype.as_str());
        let columns_and_tensor = old.kind != new.kind;
        if same(a, b) && !columns_and_tensor {
            continue;
        }
        let values = (Value::of(a), Value::of(b));
        let both_real = values.0 == Some(Value::Real) && values.1 == Some(Value::Real);
        let check = if mlflow && both_real {
            let message = format!(
                "The output {} was {a} and is {b}: numbers have another precision. Make sure that no caller compares them exactly.",
                called(old)
            );
            line(CheckName::OutputType, Outcome::Warning, message)
        } else if mlflow && columns_and_tensor && (values.0 == values.1 || values.1.is_none()) {
            let message = format!(
                "The output {} is {} in {} and {} in {}: whether callers read it alike cannot be told. Compare some answers before going ahead.",
                called(old),
                described(old),
                pair.old_name(),
                described(new),
                pair.new_name()
            );
            line(CheckName::OutputType, Outcome::NotVerified, message)
        } else if a.is_empty() || b.is_empty() || loose(a, b) {
            let message = format!(
                "One side does not say of which type the output {} is. Compare some answers before going ahead.",
                called(old)
            );
            line(CheckName::OutputType, Outcome::NotVerified, message)
        } else {
            let message = format!(
                "The output {} is {a} in {} and {b} in {}: callers would misread it. Keep the type.",
                called(old),
                pair.old_name(),
                pair.new_name()
            );
            line(CheckName::OutputType, Outcome::Failed, message)
        };
        checks.push(check.sides(a, b));
    }
    if checks.is_empty() && !matched.is_empty() {
        checks.push(line(CheckName::OutputType, Outcome::Passed, "The types of the outputs that both have are equal."));
    }
    checks
}

/// What an output is, in words: `a column of string`.
fn described(field: &Field) -> String {
    let kind = match field.kind {
        ValueKind::Tensor => "a tensor of",
        ValueKind::Column => "a column of",
        ValueKind::Sequence | ValueKind::Map | ValueKind::Optional => "of the type",
    };
    format!("{kind} {}", word(&field.datatype))
}

/// The shapes of outputs, by the rule of inputs: what was fixed may become free.
pub(super) fn shapes(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let mut checks = Vec::new();
    let mut compared = 0_usize;
    for Match { old, new, .. } in matches(old, new) {
        let (a, b) = (old.shape.as_deref(), new.shape.as_deref());
        if a.is_none() || b.is_none() || old.kind != new.kind {
            continue;
        }
        compared += 1;
        if fit(a, b) == Fit::Breaks {
            let message = format!(
                "The output {} has the shape {} in {} and {} in {}: callers would misread it. Keep the shape, or deploy it under another name.",
                called(old),
                written(a),
                pair.old_name(),
                written(b),
                pair.new_name()
            );
            checks.push(line(CheckName::OutputShape, Outcome::Failed, message).sides(written(a), written(b)));
        }
    }
    if checks.is_empty() && compared > 0 {
        checks.push(line(CheckName::OutputShape, Outcome::Passed, "The shapes of the outputs that both have fit."));
    }
    checks
}

/// Probabilities on one side and unbounded scores on the other, under one name. The manifest leaves this to a run on
/// data; where the graph shows it, it is said.
pub(super) fn meaning(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let mut checks = Vec::new();
    for Match { old, new, .. } in matches(old, new) {
        let (Some(a), Some(b)) = (old.meaning, new.meaning) else { continue };
        let title = |meaning| match meaning {
            Meaning::Probability => "probabilities",
            Meaning::Score => "unbounded scores",
        };
        if a != b {
            let message = format!(
                "The output {} holds {} in {} and {} in {}: thresholds of callers would be wrong. Make sure that no caller has any, or have it answer with the same.",
                called(old),
                title(a),
                pair.old_name(),
                title(b),
                pair.new_name()
            );
            checks.push(line(CheckName::OutputSemantics, Outcome::Warning, message).sides(title(a), title(b)));
        }
    }
    checks
}
