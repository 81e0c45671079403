//! Parameters that a call may carry beside its data (MLflow, *Model Signatures: parameters*).

use super::line::{line, word};
use super::shape::{Fit, fit, written};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::Pair;
use crate::model::Parameter;

/// A new one with a default is fine; a removed one, another default or number type is a warning, because MLflow ignores
/// parameters that it does not know; another shape, or another type that is no number, is incompatible.
pub(super) fn parameters(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let mut checks = Vec::new();
    for before in &old.parameters {
        match new.parameters.iter().find(|after| after.name == before.name) {
            None => {
                let message = format!(
                    "{} has no parameter {}, which {} has: a call that sends it is answered as if it had not. Make sure that no caller needs it.",
                    pair.new_name(),
                    word(&before.name),
                    pair.old_name()
                );
                checks.push(line(CheckName::ParamRemoved, Outcome::Warning, message).sides(said(before), "none"));
            }
            Some(after) => checks.extend(changed(pair, before, after)),
        }
    }
    for after in new.parameters.iter().filter(|after| old.parameters.iter().all(|before| before.name != after.name)) {
        let (outcome, consequence) = if after.default.is_null() {
            (Outcome::Warning, "it has no default, so make sure that calls without it are answered")
        } else {
            (Outcome::Passed, "calls without it get its default")
        };
        let message = format!("{} takes a new parameter {}; {consequence}.", pair.new_name(), word(&after.name));
        checks.push(line(CheckName::ParamAdded, outcome, message).sides("none", said(after)));
    }
    let both = !old.parameters.is_empty() && !new.parameters.is_empty();
    if checks.is_empty() && both {
        checks.push(line(
            CheckName::Parameters,
            Outcome::Passed,
            "Both take the same parameters with the same defaults.",
        ));
    }
    checks
}

fn changed(pair: &Pair<'_>, before: &Parameter, after: &Parameter) -> Vec<Check> {
    let name = word(&before.name);
    let mut checks = Vec::new();
    let mut put = |check, outcome, message: String| {
        checks.push(line(check, outcome, message).sides(said(before), said(after)));
    };
    if before.datatype != after.datatype {
        let number = |datatype: &str| ["integer", "long", "float", "double"].contains(&datatype);
        let numbers = number(&before.datatype) && number(&after.datatype);
        let (outcome, consequence) = if numbers {
            (Outcome::Warning, "make sure that what callers send fits.")
        } else {
            (Outcome::Failed, "calls that send it would be refused. Keep the type, or deploy it under another name.")
        };
        let message = format!(
            "The parameter {name} is {} in {} and {} in {}: {consequence}",
            before.datatype,
            pair.old_name(),
            after.datatype,
            pair.new_name()
        );
        put(CheckName::ParamType, outcome, message);
    }
    let shapes = (before.shape.as_deref(), after.shape.as_deref());
    if shapes.0.is_some() != shapes.1.is_some() || shapes.0.is_some() && fit(shapes.0, shapes.1) == Fit::Breaks {
        let message = format!(
            "The parameter {name} has the shape {} in {} and {} in {}: calls that send it would be refused. Keep the shape, or deploy it under another name.",
            written(shapes.0),
            pair.old_name(),
            written(shapes.1),
            pair.new_name()
        );
        put(CheckName::ParamShape, Outcome::Failed, message);
    }
    if before.default != after.default {
        let message = format!(
            "The parameter {name} is {} in {} and {} in {} when it is not sent: calls without it get another answer. Make sure that callers expect it.",
            before.default,
            pair.old_name(),
            after.default,
            pair.new_name()
        );
        put(CheckName::ParamDefault, Outcome::Warning, message);
    }
    checks
}

fn said(parameter: &Parameter) -> String {
    let default: String = parameter.default.to_string().chars().take(80).collect();
    format!("{} = {default}", parameter.datatype)
}
