//! Are the classes the same, and does an index mean the same class?

use std::collections::HashSet;

use super::datatype::Value;
use super::line::{line, list, word};
use crate::compat::facts::{interval_outputs, only_numbers};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{ClassSource, Part, Signature, Task, ValueKind};

/// Another set of classes is incompatible; another order where their place says which one an answer means.
pub(super) fn labels(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    if only_numbers(old) && named_beside(new) || named_beside(old) && only_numbers(new) {
        let (numbers, names) =
            if only_numbers(old) { (pair.old_name(), pair.new_name()) } else { (pair.new_name(), pair.old_name()) };
        let message = format!(
            "{numbers} only numbers its classes and {names} names them, so they cannot be compared. Write the names into the file, or declare them."
        );
        let said = |signature| list(titles(signature).into_iter().flatten().map(String::as_str));
        return vec![line(CheckName::ClassNames, Outcome::NotVerified, message).sides(said(old), said(new))];
    }
    match (titles(old), titles(new)) {
        (Some(a), Some(b)) => both(pair, a, b),
        (Some(a), None) => {
            let message = format!(
                "{} names its {} classes and {} names none, so they cannot be compared. Declare them when registering.",
                pair.old_name(),
                a.len(),
                pair.new_name()
            );
            let check = line(CheckName::ClassNames, Outcome::NotVerified, message);
            let said = list(a.iter().map(String::as_str));
            // What only properties said is reported as lost; labels in the graph are part of what a model is.
            let in_graph = old.class_source.is_some_and(|source| source != ClassSource::Metadata);
            let check =
                if in_graph && new.target.task != Some(Task::Regression) { check.must_be_known() } else { check };
            vec![check.sides(said, "not named")]
        }
        (None, Some(b)) => {
            let message =
                format!("{} names no classes, so those of {} cannot be compared.", pair.old_name(), pair.new_name());
            let said = list(b.iter().map(String::as_str));
            vec![line(CheckName::ClassNames, Outcome::NotVerified, message).sides("not named", said)]
        }
        (None, None) => by_columns(pair, old, new),
    }
}

/// The names of the classes: as properties name those that the graph only numbers, else as the graph does.
fn titles(signature: &Signature) -> Option<&Vec<String>> {
    signature.class_titles.as_ref().or(signature.classes.as_ref())
}

/// True when a property, a file beside the model or a person names them, and not the graph.
fn named_beside(signature: &Signature) -> bool {
    let beside = signature.class_source.is_some_and(|source| source != ClassSource::Graph);
    signature.class_titles.is_some() || beside || signature.declared.contains(&Part::Classes)
}

fn both(pair: &Pair<'_>, old: &[String], new: &[String]) -> Vec<Check> {
    let sides = (list(old.iter().map(String::as_str)), list(new.iter().map(String::as_str)));
    let put = |check: Check| vec![check.sides(sides.0.clone(), sides.1.clone())];
    let (before, after): (HashSet<&String>, HashSet<&String>) = (old.iter().collect(), new.iter().collect());
    let lost: Vec<&str> = old.iter().filter(|class| !after.contains(class)).map(String::as_str).collect();
    let added: Vec<&str> = new.iter().filter(|class| !before.contains(class)).map(String::as_str).collect();
    if !lost.is_empty() || !added.is_empty() {
        let message = format!(
            "The classes differ: {} lacks {}; new in it are {}. Callers would get answers that they do not know, or wait for ones that never come. Deploy it under another name.",
            pair.new_name(),
            list(lost),
            list(added)
        );
        return put(line(CheckName::ClassNames, Outcome::Failed, message));
    }
    let same = line(CheckName::ClassNames, Outcome::Passed, format!("Both know the same {} classes.", before.len()));
    let mut checks = put(same);
    if old != new {
        let (before, after) = pair.signatures();
        let (outcome, consequence) = if before.class_titles.is_some() && after.class_titles.is_some() {
            (
                Outcome::Failed,
                "The answer is a number, and the same number would mean another class. Train it with the order of before.",
            )
        } else if positional(pair) {
            (
                Outcome::Failed,
                "An index or a column of probabilities would mean another class. Train it with the order of before.",
            )
        } else {
            (Outcome::Warning, "Only properties of the file say so; make sure that no caller goes by the index.")
        };
        let positive = match (old, new) {
            ([_, was], [_, is]) => {
                format!(" The second of two, the positive class, was {} and is {}.", word(was), word(is))
            }
            _ => String::new(),
        };
        let message = format!(
            "The classes come in another order in {} than in {}.{positive} {consequence}",
            pair.new_name(),
            pair.old_name()
        );
        checks.extend(put(line(CheckName::ClassOrder, outcome, message)));
    }
    checks
}

/// True when the place of a class says which probability is its own: labels stand in the graph, or beside a tensor that
/// has a column for each. MLflow answers with names.
fn positional(pair: &Pair<'_>) -> bool {
    let said_in_properties = |signature: &Signature| {
        signature.class_titles.is_some()
            || signature.class_source == Some(ClassSource::Metadata)
            || signature.declared.contains(&Part::Classes)
    };
    let (old, new) = pair.signatures();
    let properties_only = said_in_properties(old) && said_in_properties(new);
    !properties_only && Family::of(old) != Family::Mlflow
}

/// Several numeric columns of one type are taken for a probability each, named by its class, unless they are a forecast.
fn by_columns(pair: &Pair<'_>, old: &Signature, new: &Signature) -> Vec<Check> {
    if let (Some(a), Some(b)) = (class_columns(old), class_columns(new)) {
        let sides = (list(a.iter().copied()), list(b.iter().copied()));
        let lost: Vec<&str> = a.iter().filter(|name| !b.contains(name)).copied().collect();
        let added: Vec<&str> = b.iter().filter(|name| !a.contains(name)).copied().collect();
        let check = if !lost.is_empty() {
            let message = format!(
                "{} no longer answers with {}. If these are classes, callers miss them: keep them.",
                pair.new_name(),
                list(lost)
            );
            line(CheckName::ClassNames, Outcome::Failed, message)
        } else if !added.is_empty() {
            let message = format!(
                "{} also answers with {}. If these are classes, the others share less among them: look at what callers do with it.",
                pair.new_name(),
                list(added)
            );
            line(CheckName::ClassNames, Outcome::Warning, message)
        } else {
            line(CheckName::ClassNames, Outcome::Passed, "Both answer with the same columns.")
        };
        return vec![check.sides(sides.0, sides.1)];
    }
    let message = match (is_number(old), is_number(new)) {
        (true, true) => {
            return vec![line(CheckName::ClassNames, Outcome::Passed, "Both predict a number: no classes.")];
        }
        _ => {
            "Neither package names classes; whether they are the same cannot be checked. Declare them when registering."
        }
    };
    vec![line(CheckName::ClassNames, Outcome::NotVerified, message).sides("not named", "not named")]
}

/// True when it predicts a number: it says so, or its only output is a real number, or it is a forecast.
fn is_number(signature: &Signature) -> bool {
    let real = match signature.outputs.as_slice() {
        [only] => only.kind == ValueKind::Column && Value::of(&only.datatype) == Some(Value::Real),
        _ => false,
    };
    match signature.target.task {
        Some(task) => task == Task::Regression,
        None => real || signature.series.is_some(),
    }
}

fn class_columns(signature: &Signature) -> Option<Vec<&str>> {
    let outputs = &signature.outputs;
    let first = outputs.first()?;
    let numbers = ["double", "float"].contains(&first.datatype.as_str());
    let alike = outputs.iter().all(|output| output.kind == ValueKind::Column && output.datatype == first.datatype);
    let plain = signature.series.is_none() && interval_outputs(signature).is_empty();
    (outputs.len() > 1 && numbers && alike && plain).then(|| outputs.iter().map(|o| o.name.as_str()).collect())
}

/// Number of classes, also where they have no names.
pub(super) fn count(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let (Some(a), Some(b)) = (number(old), number(new)) else { return Vec::new() };
    let check = if a == b {
        line(CheckName::ClassCount, Outcome::Passed, format!("Both know {a} classes."))
    } else {
        let message = format!(
            "{} knows {a} classes and {} knows {b}: answers have another width or another meaning. Deploy it under another name.",
            pair.old_name(),
            pair.new_name()
        );
        line(CheckName::ClassCount, Outcome::Failed, message)
    };
    vec![check.sides(a.to_string(), b.to_string())]
}

fn number(signature: &Signature) -> Option<u64> {
    let labels = signature.classes.as_ref().map(|classes| classes.len() as u64);
    let binary = (signature.target.task == Some(Task::Binary)).then_some(2);
    signature.class_count.or(labels).or(binary)
}
