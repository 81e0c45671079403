//! Do callers find in the answer what they look for?

use std::collections::HashSet;

use super::datatype::{ANYTHING, Value, loose, same};
use super::line::{line, list, word};
use super::nested::gives;
use super::shape::{Opened, ShapeFit, called, follows, written};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Field, Signature, ValueKind};

/// An output of before and the one that takes its place.
pub(super) struct Match<'a> {
    pub(super) old: &'a Field,
    pub(super) new: &'a Field,
    /// Their place on either side.
    places: (usize, usize),
}

impl Match<'_> {
    fn renamed(&self) -> bool {
        self.old.name != self.new.name
    }
}

/// Outputs that belong together: by name; where names changed, by place, if there are as many or if it is the first one,
/// the prediction.
pub(super) fn matches<'a>(old: &'a Signature, new: &'a Signature) -> Vec<Match<'a>> {
    let before: HashSet<&str> = old.outputs.iter().map(|field| field.name.as_str()).collect();
    let alike = old.outputs.len() == new.outputs.len();
    let mut matched = Vec::new();
    for (at, field) in old.outputs.iter().enumerate() {
        let there = new.outputs.get(at);
        let same = if field.name.is_empty() {
            there.filter(|other| other.name.is_empty()).map(|_| at)
        } else {
            new.outputs.iter().position(|other| other.name == field.name)
        };
        let in_place = || there.filter(|other| !before.contains(other.name.as_str()) && (at == 0 || alike)).map(|_| at);
        if let Some(now) = same.or_else(in_place) {
            matched.push(Match { old: field, new: &new.outputs[now], places: (at, now) });
        }
    }
    matched
}

/// A renamed or removed output is incompatible; a new one is not; one that lost its name cannot be compared. In ONNX
/// and tree files another order is a warning.
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
    for Match { old, new, .. } in matched.iter().filter(|m| m.renamed()).take(12) {
        let (was, is) = (word(&old.name), word(&new.name));
        let check = if new.name.is_empty() {
            let message = format!(
                "The output {was} of {a} has no name in {b}, so whether it is the same cannot be told. Save it with the name of before."
            );
            put(CheckName::OutputRenamed, Outcome::NotVerified, message).must_be_known()
        } else if old.name.is_empty() {
            let message = format!(
                "An output of {a} has no name and is called {is} in {b}: make sure that callers find the answer where they look for it."
            );
            put(CheckName::OutputRenamed, Outcome::Warning, message)
        } else {
            let message = format!(
                "The output {was} of {a} is called {is} in {b}: callers that read it by name break. Keep the name."
            );
            put(CheckName::OutputRenamed, Outcome::Failed, message)
        };
        checks.push(check);
    }
    let (kept, taken): (HashSet<usize>, HashSet<usize>) = matched.iter().map(|m| m.places).unzip();
    let others = |signature: &Signature, matched: &HashSet<usize>| -> Option<String> {
        let others = signature.outputs.iter().enumerate().filter(|(at, _)| !matched.contains(at));
        let others: Vec<&str> = others.map(|(_, field)| field.name.as_str()).collect();
        (!others.is_empty()).then(|| list(others))
    };
    if let Some(gone) = others(old, &kept) {
        let message =
            format!("{b} no longer answers with {gone}, which {a} does: callers that read it break. Keep the output.");
        checks.push(put(CheckName::OutputRemoved, Outcome::Failed, message));
    }
    let loosened: Vec<&str> =
        (matched.iter().filter(|m| m.old.required && !m.new.required)).map(|m| m.old.name.as_str()).collect();
    if !loosened.is_empty() {
        let message = format!(
            "{b} may leave out {}, which {a} always answers with: callers that read it break. Always answer with it.",
            list(loosened)
        );
        checks.push(put(CheckName::OutputRemoved, Outcome::Failed, message));
    }
    if let Some(added) = others(new, &taken) {
        let message = format!("{b} also answers with {added}; callers that do not look for it do not notice.");
        checks.push(put(CheckName::OutputAdded, Outcome::Passed, message));
    }
    let moved: Vec<&str> =
        (matched.iter().filter(|m| !m.renamed() && m.places.0 != m.places.1)).map(|m| m.old.name.as_str()).collect();
    if !moved.is_empty() && matches!(Family::of(new), Family::Onnx | Family::Trees) {
        let message = format!(
            "{} stand in another place in the answer of {b} than in that of {a}; make sure that nobody reads it by position.",
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

/// Another type of an output is incompatible, unless it is a narrower one that is written in the same way; float and double
/// of MLflow are a warning.
pub(super) fn types(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let mlflow = Family::of(new) == Family::Mlflow;
    let (before, after) = (pair.old_name(), pair.new_name());
    let matched = matches(old, new);
    let mut checks = Vec::new();
    for Match { old, new, .. } in &matched {
        let (a, b) = (old.datatype.as_str(), new.datatype.as_str());
        let columns_and_tensor = old.kind != new.kind;
        let unstated = a.is_empty() || b.is_empty();
        // A type that holds less, or a whole number that needs fewer digits, is written in the same way.
        let narrower = mlflow && !columns_and_tensor && (gives(a, b) || (a, b) == ("long", "integer"));
        if !columns_and_tensor && !unstated && (same(a, b) || narrower) {
            continue;
        }
        let values = (Value::of(a), Value::of(b));
        let both_real = values.0 == Some(Value::Real) && values.1 == Some(Value::Real);
        let form = |kind| if kind == ValueKind::Column { "a column" } else { "a tensor" };
        let check = if mlflow && columns_and_tensor && values.0.is_some() && values.0 == values.1 {
            let message = format!(
                "The output {} is {} of {a} in {before} and {} of {b} in {after}: the answer is written in another way. Make sure that callers can read it.",
                called(old),
                form(old.kind),
                form(new.kind)
            );
            line(CheckName::OutputType, Outcome::Warning, message)
        } else if mlflow && columns_and_tensor && (values.0.is_none() || values.1.is_none()) {
            let message = format!(
                "The output {} is {} of {a} in {before} and {} of {b} in {after}: one of them can hold anything, so they cannot be compared. Save it with the type of its values.",
                called(old),
                form(old.kind),
                form(new.kind)
            );
            line(CheckName::OutputType, Outcome::NotVerified, message)
        } else if mlflow && both_real {
            let message = format!(
                "The output {} is {a} in {before} and {b} in {after}: numbers have another precision. Make sure that callers do not rely on the last digits.",
                called(old)
            );
            line(CheckName::OutputType, Outcome::Warning, message)
        } else if unstated || loose(a, b) {
            let message = format!(
                "{} does not say of which type the output {} is, so it cannot be compared. Compare some answers before going ahead.",
                if a.is_empty() || a == ANYTHING { &before } else { &after },
                called(old)
            );
            let check = line(CheckName::OutputType, Outcome::NotVerified, message);
            if unstated { check.must_be_known() } else { check }
        } else {
            let message = format!(
                "The output {} is {a} in {before} and {b} in {after}: callers would misread it. Keep the type.",
                called(old)
            );
            line(CheckName::OutputType, Outcome::Failed, message)
        };
        let said = |word: &str| if word.is_empty() { "not stated".to_owned() } else { word.to_owned() };
        checks.push(check.sides(said(a), said(b)));
    }
    if checks.is_empty() && !matched.is_empty() {
        checks.push(line(CheckName::OutputType, Outcome::Passed, "The types of the outputs that both have fit."));
    }
    checks
}

/// The shapes of outputs, the other way round than inputs: what was free may become fixed.
pub(super) fn shapes(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let opened = Opened::of(pair);
    let mut checks = Vec::new();
    let mut compared = 0_usize;
    for Match { old, new, .. } in matches(old, new) {
        let (a, b) = (old.shape.as_deref(), new.shape.as_deref());
        if old.kind != new.kind || old.kind != ValueKind::Tensor {
            continue;
        }
        compared += 1;
        let check = match follows(a, b, &opened) {
            ShapeFit::Fits => continue,
            ShapeFit::Breaks => {
                let message = format!(
                    "The output {} has the shape {} in {} and {} in {}: callers would misread it. Keep the shape.",
                    called(old),
                    written(a),
                    pair.old_name(),
                    written(b),
                    pair.new_name()
                );
                line(CheckName::OutputShape, Outcome::Failed, message)
            }
            ShapeFit::Unknown => {
                let silent = if b.is_none() { pair.new_name() } else { pair.old_name() };
                let message = format!(
                    "{silent} does not say which shape its output {} has, so it cannot be compared. Compare some answers before going ahead.",
                    called(old)
                );
                line(CheckName::OutputShape, Outcome::NotVerified, message).must_be_known()
            }
        };
        checks.push(check.sides(written(a), written(b)));
    }
    if checks.is_empty() && compared > 0 {
        checks.push(line(CheckName::OutputShape, Outcome::Passed, "The shapes of the outputs that both have fit."));
    }
    checks
}
