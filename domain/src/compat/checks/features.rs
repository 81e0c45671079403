//! Can callers go on sending what they send: are all features there, under the same names, in the same order?

use std::collections::HashMap;

use super::bind::{Bound, bound};
use super::line::{line, list, word};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Dimension, Field, Signature, ValueKind};

/// Whether an input is one feature: a column of a table, or a tensor with one element for each row.
pub(super) fn is_column(field: &Field) -> bool {
    match field.kind {
        ValueKind::Column => true,
        ValueKind::Tensor => matches!(field.shape.as_deref(), Some([_] | [_, Dimension::Fixed(1)])),
        _ => false,
    }
}

/// How many features a single tensor takes for each row, where that is fixed.
fn width(signature: &Signature) -> Option<u64> {
    match signature.inputs.as_slice() {
        [Field { kind: ValueKind::Tensor, shape: Some(shape), .. }] => match shape.as_slice() {
            [_, Dimension::Fixed(width)] => Some(*width),
            _ => None,
        },
        _ => None,
    }
}

/// A table on one side and a tensor on the other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Table,
    Tensor,
}

fn layout(signature: &Signature) -> Option<Layout> {
    let inputs = &signature.inputs;
    if inputs.is_empty() {
        None
    } else if inputs.iter().all(|input| input.kind == ValueKind::Column) {
        Some(Layout::Table)
    } else if inputs.len() == 1 && inputs[0].kind == ValueKind::Tensor && !is_column(&inputs[0]) {
        Some(Layout::Tensor)
    } else {
        None
    }
}

/// Whether the sides take data in layouts whose names cannot be compared.
fn layouts_differ(pair: &Pair<'_>) -> Option<(Layout, Layout)> {
    let (old, new) = pair.signatures();
    layout(old).zip(layout(new)).filter(|(a, b)| a != b)
}

/// Columns on one side, one tensor on the other: names no longer protect. MLflow takes the columns of a table for a
/// tensor by position; it refuses a bare tensor for named columns; tree files without names go by position.
pub(super) fn kind(pair: &Pair<'_>) -> Vec<Check> {
    let Some((layout, _)) = layouts_differ(pair) else { return Vec::new() };
    let (old, new) = pair.signatures();
    let (table, tensor) = if layout == Layout::Table { (old, new) } else { (new, old) };
    let columns = table.inputs.len() as u64;
    let says = |signature: &Signature| match width(signature) {
        _ if signature.inputs.len() != 1 || signature.inputs[0].kind == ValueKind::Column => {
            format!("{} columns", signature.inputs.len())
        }
        Some(width) => format!("one tensor of {width} values"),
        None => "one tensor".to_owned(),
    };
    let sides = (says(old), says(new));
    let mut checks = Vec::new();
    let mut put = |check: Check| checks.push(check.sides(sides.0.clone(), sides.1.clone()));
    let by_name = Family::of(new) == Family::Mlflow && layout == Layout::Tensor;
    let (outcome, consequence) = if by_name {
        (Outcome::Failed, "a call with a bare tensor names no columns and is refused")
    } else {
        (Outcome::Warning, "columns are then taken by their position, and names no longer protect")
    };
    let message = format!(
        "{} takes {} and {} takes {}: {consequence}. Make sure that every caller sends them in the right order.",
        pair.old_name(),
        sides.0,
        pair.new_name(),
        sides.1
    );
    put(line(CheckName::SignatureKind, outcome, message));
    if let Some(width) = width(tensor).filter(|width| *width != columns) {
        let (before, after) = if layout == Layout::Table { (columns, width) } else { (width, columns) };
        let message = format!("{} takes {before} features and {} takes {after}.", pair.old_name(), pair.new_name());
        put(line(CheckName::InputShape, Outcome::Failed, message.clone()));
        if after > before {
            let message = format!("{message} Which ones are new cannot be told, because one side names none.");
            put(line(CheckName::NewFeature, Outcome::Failed, message));
        } else {
            let message = format!("{message} Which ones are gone cannot be told, because one side names none.");
            put(line(CheckName::InputRemoved, Outcome::Failed, message));
        }
    }
    checks
}

/// A new required feature is incompatible, a new optional one and a removed column a warning; a removed or new input
/// that is a tensor of its own is incompatible.
pub(super) fn names(pair: &Pair<'_>) -> Vec<Check> {
    if !pair.stated() || layouts_differ(pair).is_some() {
        return Vec::new();
    }
    let (old, new) = pair.signatures();
    if let Some(check) = unstated(pair) {
        return vec![check];
    }
    let (olds, news) = (bound(old), bound(new));
    let before: HashMap<&str, &Field> = olds.iter().map(|bound| (bound.by.as_ref(), bound.field)).collect();
    let after: HashMap<&str, &Field> = news.iter().map(|bound| (bound.by.as_ref(), bound.field)).collect();
    let is_new = |bound: &&Bound<'_>| !before.contains_key(bound.by.as_ref());
    let is_gone = |bound: &&Bound<'_>| !after.contains_key(bound.by.as_ref());
    let tightened =
        |bound: &&Bound<'_>| bound.field.required && before.get(bound.by.as_ref()).is_some_and(|old| !old.required);
    let pick = |inputs: &[&Bound<'_>]| list(inputs.iter().map(|bound| bound.by.as_ref()));
    let of = |inputs: Vec<&Bound<'_>>, kind: &dyn Fn(&Bound<'_>) -> bool| -> String {
        pick(&inputs.into_iter().filter(|bound| kind(bound)).collect::<Vec<_>>())
    };
    let column = |bound: &Bound<'_>| is_column(bound.field);
    let tensor = |bound: &Bound<'_>| !is_column(bound.field);
    // Without a name the others move up into its place.
    let named_column = |bound: &Bound<'_>| is_column(bound.field) && !bound.by_place();
    let other_gone = |bound: &Bound<'_>| !named_column(bound);
    let mut checks = Vec::new();
    let mut found = |names: String, check, outcome, message: &dyn Fn(&str) -> String| {
        if names != "none" {
            checks.push(line(check, outcome, message(&names)).sides(count(old), count(new)));
        }
    };
    let (a, b) = (pair.old_name(), pair.new_name());
    let added: Vec<&Bound<'_>> = news.iter().filter(is_new).collect();
    let must: Vec<&Bound<'_>> = added.iter().copied().filter(|bound| bound.field.required).collect();
    let may: Vec<&Bound<'_>> = added.iter().copied().filter(|bound| !bound.field.required).collect();
    let gone: Vec<&Bound<'_>> = olds.iter().filter(is_gone).collect();
    found(of(must.clone(), &column), CheckName::NewFeature, Outcome::Failed, &|names| {
        format!(
            "{b} needs {names}, which {a} does not know: calls of today would be refused. Make it optional, or deploy it under another name and move the callers."
        )
    });
    found(of(must, &tensor), CheckName::InputAdded, Outcome::Failed, &|names| {
        format!(
            "{b} needs the input {names}, which {a} does not have: calls of today would be refused. Give it a default, or deploy it under another name and move the callers."
        )
    });
    found(pick(&news.iter().filter(tightened).collect::<Vec<_>>()), CheckName::NewFeature, Outcome::Failed, &|names| {
        format!(
            "{names} may be left out for {a} and must be sent to {b}: calls without it would be refused. Keep it optional, or deploy it under another name."
        )
    });
    found(of(may.clone(), &column), CheckName::NewFeatureOptional, Outcome::Warning, &|names| {
        format!("{b} also takes {names}, which may be left out. Decide whether callers should send it.")
    });
    found(of(may, &tensor), CheckName::InputAdded, Outcome::Warning, &|names| {
        format!("{b} also takes the input {names}, which may be left out. Decide whether callers should send it.")
    });
    found(of(gone.clone(), &named_column), CheckName::InputRemoved, Outcome::Warning, &|names| {
        format!(
            "{b} no longer takes {names}, which {a} takes. Callers that go on sending it may be refused: have them leave it out."
        )
    });
    found(of(gone, &other_gone), CheckName::InputRemoved, Outcome::Failed, &|names| {
        format!(
            "{b} has no input {names}, which {a} has: calls of today would be refused. Keep it, or deploy it under another name and move the callers."
        )
    });
    if checks.is_empty() {
        let message = format!("{b} takes every feature that {a} takes, and needs no other.");
        checks.push(line(CheckName::Features, Outcome::Passed, message).sides(count(old), count(new)));
    }
    checks
}

/// A signature of MLflow's, or one that a person declared, may leave its inputs out: they are unknown, not none.
fn unstated(pair: &Pair<'_>) -> Option<Check> {
    let (old, new) = pair.signatures();
    let unstated = |signature: &Signature| {
        signature.inputs.is_empty() && matches!(Family::of(signature), Family::Mlflow | Family::Declared)
    };
    let lacking = match (unstated(old), unstated(new)) {
        (false, false) => return None,
        (true, false) => format!("{} does not", pair.old_name()),
        (false, true) => format!("{} does not", pair.new_name()),
        (true, true) => format!("{} and {} do not", pair.old_name(), pair.new_name()),
    };
    let message = format!(
        "{lacking} say what goes in, so features cannot be compared. Save it with the inputs in its signature, or declare them."
    );
    let check = line(CheckName::Features, Outcome::NotVerified, message).must_be_known();
    Some(check.sides(count(old), count(new)))
}

fn count(signature: &Signature) -> String {
    match signature.inputs.len() {
        0 => "not stated".to_owned(),
        1 => word(&signature.inputs[0].name),
        count => format!("{count} inputs"),
    }
}

/// Named inputs bind by name; in ONNX and tree files another order is a warning for whoever feeds them by position.
pub(super) fn positions(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    if !matches!(Family::of(new), Family::Onnx | Family::Trees) || layouts_differ(pair).is_some() {
        return Vec::new();
    }
    let after: HashMap<&str, usize> =
        new.inputs.iter().enumerate().map(|(at, field)| (field.name.as_str(), at)).collect();
    let moved: Vec<&str> = (old.inputs.iter().enumerate())
        .filter(|(at, field)| after.get(field.name.as_str()).is_some_and(|now| now != at))
        .map(|(_, field)| field.name.as_str())
        .collect();
    if moved.is_empty() {
        return Vec::new();
    }
    let order = |signature: &Signature| list(signature.inputs.iter().map(|field| field.name.as_str()));
    let message = format!(
        "{} stand in another place in {} than in {}. Calls by name do not notice; make sure that nobody calls by position.",
        list(moved),
        pair.new_name(),
        pair.old_name()
    );
    vec![line(CheckName::InputPosition, Outcome::Warning, message).sides(order(old), order(new))]
}

/// A single tensor binds its columns by position; properties of the file say which is which.
pub(super) fn columns_of_a_tensor(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let (Some(a), Some(b)) = (&old.features, &new.features) else { return Vec::new() };
    let sides = (list(a.iter().map(String::as_str)), list(b.iter().map(String::as_str)));
    let put = |check, outcome, message: String| line(check, outcome, message).sides(sides.0.clone(), sides.1.clone());
    let gone: Vec<&str> = a.iter().filter(|name| !b.contains(name)).map(String::as_str).collect();
    let added: Vec<&str> = b.iter().filter(|name| !a.contains(name)).map(String::as_str).collect();
    let mut checks = Vec::new();
    if !gone.is_empty() {
        let message = format!(
            "The tensor of {} has no column {}, which that of {} has: calls of today would be refused or misread. Train it with the same columns, or deploy it under another name.",
            pair.new_name(),
            list(gone),
            pair.old_name()
        );
        checks.push(put(CheckName::InputRemoved, Outcome::Failed, message));
    }
    if !added.is_empty() {
        let message = format!(
            "The tensor of {} has the column {}, which that of {} does not have: calls of today would be refused or misread. Train it with the same columns, or deploy it under another name.",
            pair.new_name(),
            list(added),
            pair.old_name()
        );
        checks.push(put(CheckName::NewFeature, Outcome::Failed, message));
    }
    if checks.is_empty() && a != b {
        let message = format!(
            "The columns of the tensor come in another order in {}: every call of today would be misread. Train it with the order of {}.",
            pair.new_name(),
            pair.old_name()
        );
        checks.push(put(CheckName::InputPosition, Outcome::Failed, message));
    }
    if checks.is_empty() {
        let message = format!("The {} columns of the tensor are the same, in the same order.", a.len());
        checks.push(put(CheckName::InputPosition, Outcome::Passed, message));
    }
    checks
}
