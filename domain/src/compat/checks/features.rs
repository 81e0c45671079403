//! Can callers go on sending what they send: are all features there, under the same names, in the same order?

use std::collections::{BTreeSet, HashMap};

use super::line::{line, list, row, word};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Dimension, Field, Signature, ValueKind};
use crate::words::counted;

/// True of an input that is one feature: a column of a table, or a tensor with one element for each row.
pub(super) fn is_column(field: &Field) -> bool {
    match field.kind {
        ValueKind::Column => true,
        ValueKind::Tensor => matches!(field.shape.as_deref(), Some([_] | [_, Dimension::Fixed(1)])),
        _ => false,
    }
}

/// The number of features that a call carries for each row, where that is fixed: in columns, or in one tensor.
fn width(signature: &Signature) -> Option<u64> {
    match signature.inputs.as_slice() {
        [only] if only.kind == ValueKind::Tensor => match only.shape.as_deref()? {
            [_, Dimension::Fixed(width)] => Some(*width),
            [_] => Some(1),
            _ => None,
        },
        columns => Some(columns.len() as u64),
    }
}

/// The layout of a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Columns, each with a name.
    Table,
    /// Columns without names, by position.
    Row,
    /// One tensor for all.
    Tensor,
}

fn layout(signature: &Signature) -> Option<Layout> {
    match signature.inputs.as_slice() {
        [] => None,
        [only] if only.kind == ValueKind::Tensor => {
            (only.name.is_empty() || !is_column(only)).then_some(Layout::Tensor)
        }
        inputs if inputs.iter().any(|input| input.kind != ValueKind::Column) => None,
        inputs if inputs.iter().all(|input| input.name.is_empty()) => Some(Layout::Row),
        _ => Some(Layout::Table),
    }
}

/// True when the sides take data in layouts whose names cannot be compared.
pub(super) fn layouts_differ(pair: &Pair<'_>) -> Option<(Layout, Layout)> {
    let (old, new) = pair.signatures();
    layout(old).zip(layout(new)).filter(|(a, b)| a != b)
}

/// Columns on one side, one tensor on the other: names no longer protect. MLflow takes the columns of a table for a
/// tensor by position, unless the tensor has a name; it refuses a call without names for named columns; tree files
/// without names go by position.
pub(super) fn kind(pair: &Pair<'_>) -> Vec<Check> {
    let Some((was, is)) = layouts_differ(pair) else { return Vec::new() };
    let (old, new) = pair.signatures();
    let says = |signature: &Signature, layout| match (layout, width(signature)) {
        (Layout::Table, _) => format!("{} by name", counted(signature.inputs.len() as u64, "column", "columns")),
        (Layout::Row, _) => format!("{} by position", counted(signature.inputs.len() as u64, "column", "columns")),
        (Layout::Tensor, Some(width)) => format!("one tensor of {width} values"),
        (Layout::Tensor, None) => "one tensor".to_owned(),
    };
    let sides = (says(old, was), says(new, is));
    let mut checks = Vec::new();
    let mut put = |check: Check| checks.push(check.sides(sides.0.clone(), sides.1.clone()));
    let named_tensor = is == Layout::Tensor && new.inputs.iter().all(|input| !input.name.is_empty());
    let refused = match Family::of(new) {
        Family::Mlflow if is == Layout::Table => Some("a call of today names no columns and is refused"),
        Family::Mlflow if named_tensor => Some("a call of today does not name the tensor and is refused"),
        _ => None,
    };
    let (outcome, consequence) = match refused {
        Some(refused) => (Outcome::Failed, format!("{refused}. Save it with inputs like those of before")),
        None => (
            Outcome::Warning,
            "values are then taken by their position, and names no longer protect. Make sure that every caller sends \
             them in the right order"
                .to_owned(),
        ),
    };
    let message =
        format!("{} takes {} and {} takes {}: {consequence}.", pair.old_name(), sides.0, pair.new_name(), sides.1);
    put(line(CheckName::SignatureKind, outcome, message));
    if let (Some(before), Some(after)) = (width(old), width(new))
        && before != after
    {
        let message = format!("{} takes {before} features and {} takes {after}.", pair.old_name(), pair.new_name());
        put(line(CheckName::InputShape, Outcome::Failed, message.clone()));
        let (check, which) =
            if after > before { (CheckName::NewFeature, "new") } else { (CheckName::InputRemoved, "gone") };
        let message = format!(
            "{message} Which ones are {which} cannot be told, because one side names none. Train it with the same features."
        );
        put(line(check, Outcome::Failed, message));
    }
    checks
}

/// A new required feature is incompatible, a new optional one and a removed column a warning; a removed or new input
/// that is a tensor of its own is incompatible.
pub(super) fn names(pair: &Pair<'_>) -> Vec<Check> {
    if !pair.stated() || layouts_differ(pair).is_some() {
        return Vec::new();
    }
    if let Some(check) = unstated(pair) {
        return vec![check];
    }
    let (old, new) = pair.signatures();
    let before: HashMap<FeatureKey<'_>, &Field> = by_key(old).collect();
    let after: HashMap<FeatureKey<'_>, &Field> = by_key(new).collect();
    let mut checks = Vec::new();
    let mut found = |inputs: Vec<Keyed<'_>>, check, outcome, message: &dyn Fn(&str) -> String| {
        if !inputs.is_empty() {
            let names = row(inputs.into_iter().map(called));
            checks.push(line(check, outcome, message(&names)).sides(count(old), count(new)));
        }
    };
    let (a, b) = (pair.old_name(), pair.new_name());
    let added = |wanted: &dyn Fn(&Field) -> bool| -> Vec<Keyed<'_>> {
        by_key(new).filter(|(key, field)| !before.contains_key(key) && wanted(field)).collect()
    };
    // A column without a name leaves its place to the next one.
    let named_column = |field: &Field| is_column(field) && !field.name.is_empty();
    let gone = |column: bool| -> Vec<Keyed<'_>> {
        by_key(old).filter(|(key, field)| !after.contains_key(key) && named_column(field) == column).collect()
    };
    let tightened =
        by_key(new).filter(|(key, field)| field.required && before.get(key).is_some_and(|old| !old.required));
    found(added(&|field| field.required && is_column(field)), CheckName::NewFeature, Outcome::Failed, &|names| {
        format!(
            "{b} needs {names}, which {a} does not know: calls of today would be refused. Make it optional, or deploy it under another name and move the callers."
        )
    });
    found(added(&|field| field.required && !is_column(field)), CheckName::InputAdded, Outcome::Failed, &|names| {
        format!(
            "{b} needs the input {names}, which {a} does not have: calls of today would be refused. Deploy it under another name and move the callers."
        )
    });
    found(tightened.collect(), CheckName::NewFeature, Outcome::Failed, &|names| {
        format!(
            "{names} may be left out for {a} and must be sent to {b}: calls without it would be refused. Make it optional again."
        )
    });
    found(
        added(&|field| !field.required && is_column(field)),
        CheckName::NewFeatureOptional,
        Outcome::Warning,
        &|names| format!("{b} also takes {names}, which may be left out. Decide whether callers should send it."),
    );
    found(added(&|field| !field.required && !is_column(field)), CheckName::InputAdded, Outcome::Warning, &|names| {
        format!("{b} also takes the input {names}, which may be left out. Decide whether callers should send it.")
    });
    found(gone(true), CheckName::InputRemoved, Outcome::Warning, &|names| {
        format!(
            "{b} no longer takes {names}, which {a} takes. Callers that go on sending it may be refused: have them leave it out."
        )
    });
    found(gone(false), CheckName::InputRemoved, Outcome::Failed, &|names| {
        format!(
            "{b} has no input {names}, which {a} has: calls of today would be refused. Deploy it under another name and move the callers."
        )
    });
    // Which columns of a tensor differ is a line of its own.
    let columns = |signature: &Signature| signature.features.iter().flatten().cloned().collect::<BTreeSet<_>>();
    let named = old.features.is_some() && new.features.is_some();
    if checks.is_empty() && !(named && columns(old) != columns(new)) {
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

/// The key that an input of one side has to share with one of the other: its name, or its place where it has none.
pub(super) type FeatureKey<'a> = (&'a str, usize);

pub(super) type Keyed<'a> = (FeatureKey<'a>, &'a Field);

/// The inputs with what they are found by.
pub(super) fn by_key(signature: &Signature) -> impl Iterator<Item = (FeatureKey<'_>, &Field)> {
    let place = |at, field: &Field| if field.name.is_empty() { at } else { 0 };
    signature.inputs.iter().enumerate().map(move |(at, field)| ((field.name.as_str(), place(at, field)), field))
}

/// The name of an input in sentences.
pub(super) fn called(((name, at), field): Keyed<'_>) -> String {
    match field.kind {
        _ if !name.is_empty() => word(name),
        ValueKind::Column => format!("column {}", at + 1),
        _ => "without a name".to_owned(),
    }
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
            "The tensor of {} has no column {}, which that of {} has: rows of today would be refused or misread. Train it with the same columns.",
            pair.new_name(),
            list(gone),
            pair.old_name()
        );
        checks.push(put(CheckName::InputRemoved, Outcome::Failed, message));
    }
    if !added.is_empty() {
        let message = format!(
            "The tensor of {} has the column {}, which that of {} does not have: rows of today would be refused or misread. Train it with the same columns.",
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
