//! Parameters that a call may carry beside its data (MLflow, *Model Signatures: parameters*).

use super::line::{line, word};
use super::shape::{ShapeFit, fit, written};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::Pair;
use crate::model::Parameter;

/// A new one with a default is fine; a removed one, another default or number type is a warning, because MLflow ignores
/// parameters that it does not know; another shape, a whole number for any number, or another type that is no number, is
/// incompatible.
pub(super) fn parameters(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let mut checks = Vec::new();
    for before in &old.parameters {
        match new.parameters.iter().find(|after| after.name == before.name) {
            None => {
                let message = format!(
                    "{} has no parameter {}, which {} has: a call that sends it is answered as if it had not. Have callers leave it out.",
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
            (Outcome::Warning, "it has no default, so decide whether callers should send it")
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
        // A number with a fraction is no whole number.
        let whole = |datatype: &str| ["integer", "long"].contains(&datatype);
        let narrower = !whole(&before.datatype) && whole(&after.datatype);
        let numbers = number(&before.datatype) && number(&after.datatype) && !narrower;
        let outcome = if numbers { Outcome::Warning } else { Outcome::Failed };
        let consequence = if numbers {
            "make sure that callers send what it can hold"
        } else {
            "calls that send it would be refused. Keep the type"
        };
        let message = format!(
            "The parameter {name} is {} in {} and {} in {}: {consequence}.",
            before.datatype,
            pair.old_name(),
            after.datatype,
            pair.new_name()
        );
        put(CheckName::ParamType, outcome, message);
    }
    let shapes = (before.shape.as_deref(), after.shape.as_deref());
    // No shape is that of a single value here.
    if shapes.0.is_some() != shapes.1.is_some() || fit(shapes.0, shapes.1) == ShapeFit::Breaks {
        let message = format!(
            "The parameter {name} has the shape {} in {} and {} in {}: calls that send it would be refused. Keep the shape.",
            written(shapes.0),
            pair.old_name(),
            written(shapes.1),
            pair.new_name()
        );
        put(CheckName::ParamShape, Outcome::Failed, message);
    }
    if before.default != after.default {
        let message = format!(
            "The parameter {name} is {} in {} and {} in {} when it is not sent: calls without it get another answer. Have callers send it, or keep the default.",
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
