//! Is the same thing predicted?

use super::datatype::Value;
use super::line::{line, word};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Meaning, Signature, Task};

/// The target's name: as stated apart from the outputs, else the name of the output that answers.
pub(super) fn name(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let (stated_old, stated_new) = (old.target.name.as_deref(), new.target.name.as_deref());
    match (stated_old, stated_new) {
        (Some(a), Some(b)) => vec![compared(pair, a, b)],
        (Some(a), None) => {
            let message = format!(
                "{} says that it predicts {}; {} does not say. Declare the target's name when registering it.",
                pair.old_name(),
                word(a),
                pair.new_name()
            );
            vec![line(CheckName::TargetName, Outcome::NotVerified, message).sides(a, "not stated")]
        }
        (None, Some(b)) if pair.stated() && answering(old).is_none_or(|a| a != b) => {
            let message = format!(
                "{} says that it predicts {}; {} does not say what its target is called. Make sure that it is the same.",
                pair.new_name(),
                word(b),
                pair.old_name()
            );
            vec![line(CheckName::TargetName, Outcome::NotVerified, message).sides("not stated", b)]
        }
        (None, _) => by_output(pair, old, new),
    }
}

fn compared(pair: &Pair<'_>, old: &str, new: &str) -> Check {
    let check = if old == new {
        line(CheckName::TargetName, Outcome::Passed, format!("Both predict {}.", word(old)))
    } else {
        let message = format!(
            "{} predicts {} and {} predicts {}. If it is the same thing, give it the same name; if not, deploy it under another name.",
            pair.old_name(),
            word(old),
            pair.new_name(),
            word(new)
        );
        line(CheckName::TargetName, Outcome::Failed, message)
    };
    check.sides(old, new)
}

fn by_output(pair: &Pair<'_>, old: &Signature, new: &Signature) -> Vec<Check> {
    if !pair.stated() {
        let message = "At least one side does not say what it predicts.";
        return vec![line(CheckName::TargetName, Outcome::NotVerified, message)];
    }
    let Some(a) = answering(old) else {
        let message = format!("{} does not say what its target is called.", pair.old_name());
        return vec![line(CheckName::TargetName, Outcome::NotVerified, message)];
    };
    if new.outputs.iter().any(|output| output.name == a) {
        return vec![compared(pair, a, a)];
    }
    match answering(new) {
        Some(b) => vec![compared(pair, a, b)],
        None if new.outputs.iter().all(|output| output.name.is_empty()) => {
            let message = format!(
                "{} predicts {}; {} names no output, so nobody can tell whether it is the same thing. Save it with a named output, or declare the target's name.",
                pair.old_name(),
                word(a),
                pair.new_name()
            );
            let unknown = line(CheckName::TargetNameUnknown, Outcome::NotVerified, message);
            vec![unknown.must_be_known().sides(a, "no name")]
        }
        None => {
            let message = format!(
                "{} predicts {}, which {} does not answer. Keep the output, or deploy it under another name.",
                pair.old_name(),
                word(a),
                pair.new_name()
            );
            vec![line(CheckName::TargetName, Outcome::Failed, message).sides(a, "several outputs")]
        }
    }
}

/// The output that answers: the only one, or the label of a classifier. Tree files name none.
fn answering(signature: &Signature) -> Option<&str> {
    let first = signature.outputs.first()?;
    let only = signature.outputs.len() == 1;
    let labels = signature.classes.is_some() && first.meaning != Some(Meaning::Probability);
    let named = !first.name.is_empty() && Family::of(signature) != Family::Trees;
    (named && (only || labels)).then_some(first.name.as_str())
}

/// The title of a task, as people read it.
fn title(task: Task) -> &'static str {
    match task {
        Task::Binary => "one of two classes",
        Task::Multiclass => "one of several classes",
        Task::Regression => "a number",
        Task::Ranking => "an order",
    }
}

/// The checks of the kind of answer: as stated or as the operators show it, else by the kind of value that the same
/// MLflow output holds.
pub(super) fn task(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    if let (Some(a), Some(b)) = (old.target.task, new.target.task) {
        let check = if a == b {
            line(CheckName::TargetType, Outcome::Passed, format!("Both predict {}.", title(a)))
        } else {
            let message = format!(
                "{} predicts {} and {} predicts {}: callers would misread the answer. Deploy it under another name.",
                pair.old_name(),
                title(a),
                pair.new_name(),
                title(b)
            );
            line(CheckName::TargetType, Outcome::Failed, message)
        };
        return vec![check.sides(title(a), title(b))];
    }
    if let Some((a, b)) = values(old, new) {
        let check = if a == b {
            line(CheckName::TargetType, Outcome::Passed, format!("Both answer with {}.", a.title()))
        } else {
            let message = format!(
                "{} answers with {} and {} with {}: callers would misread the answer. Deploy it under another name.",
                pair.old_name(),
                a.title(),
                pair.new_name(),
                b.title()
            );
            line(CheckName::TargetType, Outcome::Failed, message)
        };
        return vec![check.sides(a.title(), b.title())];
    }
    let said = |task: Option<Task>| task.map_or("not stated", title);
    let message = match (old.target.task, new.target.task) {
        (None, None) => "Neither side says what kind of answer it gives. Declare it when registering them.".to_owned(),
        (Some(_), _) => {
            format!("{} does not say what kind of answer it gives. Declare it when registering it.", pair.new_name())
        }
        (None, Some(_)) => {
            format!("{} does not say what kind of answer it gives. Declare it when registering it.", pair.old_name())
        }
    };
    let sides = (said(old.target.task), said(new.target.task));
    vec![line(CheckName::TargetType, Outcome::NotVerified, message).sides(sides.0, sides.1)]
}

/// The only output of two MLflow models.
fn values(old: &Signature, new: &Signature) -> Option<(Value, Value)> {
    if Family::of(old) != Family::Mlflow || Family::of(new) != Family::Mlflow {
        return None;
    }
    match (old.outputs.as_slice(), new.outputs.as_slice()) {
        ([a], [b]) => Some((Value::of(&a.datatype)?, Value::of(&b.datatype)?)),
        _ => None,
    }
}
