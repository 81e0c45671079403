//! Do the numbers that come back still mean the same?

use std::collections::BTreeMap;

use super::estimate::{Estimate, EstimateFit, alphas};
use super::line::{line, word};
use super::outputs::matches;
use super::shape::called;
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Meaning, Signature, ValueKind};

/// Probabilities on one side and unbounded numbers on the other, under one name. Where one side does not show what its
/// numbers are, that is said.
pub(super) fn of_outputs(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let title = |meaning| match meaning {
        Some(Meaning::Probability) => "probabilities",
        Some(Meaning::Score) => "unbounded scores",
        Some(Meaning::Number) => "numbers that are not probabilities",
        None => "numbers whose meaning the file does not show",
    };
    let mut checks = Vec::new();
    for (old, new) in matches(old, new).iter().map(|found| (found.old, found.new)) {
        let probabilities = (old.meaning == Some(Meaning::Probability), new.meaning == Some(Meaning::Probability));
        let (outcome, consequence) = match (old.meaning, new.meaning) {
            (Some(_), Some(_)) if probabilities.0 != probabilities.1 => {
                (Outcome::Failed, "thresholds of callers would be wrong. Answer with what it was, or move the callers")
            }
            (None, Some(_)) | (Some(_), None)
                if (probabilities.0 || probabilities.1) && old.kind == new.kind && new.kind == ValueKind::Tensor =>
            {
                (Outcome::NotVerified, "compare some answers before going ahead")
            }
            _ => continue,
        };
        let message = format!(
            "The output {} holds {} in {} and {} in {}: {consequence}.",
            called(old),
            title(old.meaning),
            pair.old_name(),
            title(new.meaning),
            pair.new_name(),
        );
        let check = line(CheckName::OutputSemantics, outcome, message);
        let check = if outcome == Outcome::NotVerified { check.must_be_known() } else { check };
        checks.push(check.sides(title(old.meaning), title(new.meaning)));
    }
    checks
}

/// The objective of the training: a mean, a median and the 90th percentile are all numbers, and none stands for another.
pub(super) fn objective(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let (a, b) = match (stated(old), stated(new)) {
        (Some(a), Some(b)) => (a, b),
        (Some(said), None) => return silent(pair, said, (pair.old_name(), pair.new_name())),
        (None, Some(said)) => return silent(pair, said, (pair.new_name(), pair.old_name())),
        (None, None) => return Vec::new(),
    };
    let estimates = (Estimate::of(a, &alphas(old)), Estimate::of(b, &alphas(new)));
    let said = (estimates.0.title(a), estimates.1.title(b));
    let (before, after) = (pair.old_name(), pair.new_name());
    let check = match estimates.0.fit(&estimates.1) {
        EstimateFit::Same if a == b || estimates.0 != Estimate::Unheard => {
            line(CheckName::Objective, Outcome::Passed, format!("Both answer with {}.", said.0))
        }
        EstimateFit::Unknown => {
            let message = format!(
                "{before} answers with {} and {after} with {}, and which quantile it is does not stand in both files. Compare some answers before going ahead.",
                said.0, said.1
            );
            line(CheckName::Objective, Outcome::NotVerified, message).must_be_known()
        }
        EstimateFit::Misread => {
            let message = format!(
                "{before} answers with {} and {after} with {}: callers would misread it. Deploy it under another name.",
                said.0, said.1
            );
            line(CheckName::Objective, Outcome::Failed, message)
        }
        EstimateFit::Same | EstimateFit::Close => {
            let message = format!(
                "{before} answers with {} and {after} with {}. Make sure that callers may take one for the other.",
                said.0, said.1
            );
            line(CheckName::Objective, Outcome::Warning, message)
        }
    };
    vec![check.sides(a, b)]
}

/// Only one of two files of a family says what it was trained for.
fn silent(pair: &Pair<'_>, said: &str, (stated_by, silent): (String, String)) -> Vec<Check> {
    let (old, new) = pair.signatures();
    if Family::of(old) != Family::of(new) {
        return Vec::new();
    }
    let message = format!(
        "{stated_by} was trained for {}; {silent} does not say what it was trained for. Compare some answers before going ahead.",
        word(said)
    );
    let shown = |signature| stated(signature).unwrap_or("not stated");
    vec![line(CheckName::Objective, Outcome::NotVerified, message).must_be_known().sides(shown(old), shown(new))]
}

/// The objective as the file states it; a number under such a name is a result of the training.
fn stated(signature: &Signature) -> Option<&str> {
    let mut stated = properties(signature).filter(|(_, value)| !is_number(value));
    stated.find(|(key, _)| ["objective", "loss", "lossfunction"].contains(&key.as_str())).map(|(_, value)| value)
}

fn is_number(text: &str) -> bool {
    text.parse::<f64>().is_ok()
}

/// A property that says what an answer means: how its key is written without case and marks, and what it says.
struct Statement {
    keys: &'static [&'static str],
    check: CheckName,
    outcome: Outcome,
    title: &'static str,
    consequence: &'static str,
}

const UNIT: &str = "unit";

/// Properties that people write into a model to say what its answers mean.
const STATEMENTS: [Statement; 5] = [
    Statement {
        keys: &["positiveclass", "positivelabel", "poslabel", "positiveclasslabel", "targetpositiveclass"],
        check: CheckName::PositiveClass,
        outcome: Outcome::Failed,
        title: "positive class",
        consequence: "a high probability would mean the opposite. Train it for the class of before",
    },
    Statement {
        keys: &["unit", "units", "targetunit", "targetunits", "outputunit", "outputunits"],
        check: CheckName::OutputSemantics,
        outcome: Outcome::Failed,
        title: UNIT,
        consequence: "callers would misread the numbers. Answer in the unit of before",
    },
    Statement {
        keys: &["targettransform", "outputtransform", "linkfunction", "logtarget", "posttransform"],
        check: CheckName::OutputSemantics,
        outcome: Outcome::Failed,
        title: "transformation of the answer",
        consequence: "callers would misread the numbers. Answer with what it was",
    },
    Statement {
        keys: &["threshold", "decisionthreshold", "classificationthreshold", "probabilitythreshold"],
        check: CheckName::OutputSemantics,
        outcome: Outcome::Warning,
        title: "threshold",
        consequence: "the same probability may get another label. Make sure that callers know",
    },
    Statement {
        keys: &["targetdefinition", "labeldefinition", "eventlevel"],
        check: CheckName::OutputSemantics,
        outcome: Outcome::Warning,
        title: "definition of the target",
        consequence: "make sure that callers read the answer as it is meant now",
    },
];

/// The meaning of an answer, as properties of both files state it.
pub(super) fn said(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let (a, b): (BTreeMap<_, _>, BTreeMap<_, _>) = (properties(old).collect(), properties(new).collect());
    let mut checks = Vec::new();
    for Statement { keys, check, outcome, title, consequence } in &STATEMENTS {
        // A number of units is the width of a layer.
        let says = |value: &&&str| *title != UNIT || !is_number(value);
        let of = |side: &BTreeMap<String, &str>| {
            keys.iter().find_map(|key| side.get(*key).filter(says).map(|value| value.to_string()))
        };
        let same = |a: &str, b: &str| a.trim().eq_ignore_ascii_case(b.trim());
        let (before, after) = (pair.old_name(), pair.new_name());
        let (outcome, message) = match (of(&a), of(&b)) {
            (Some(a), Some(b)) if !same(&a, &b) => {
                let message =
                    format!("The {title} is {} in {before} and {} in {after}: {consequence}.", word(&a), word(&b));
                (*outcome, message)
            }
            (Some(a), None) => {
                let message =
                    format!("The {title} is {} in {before}, and {after} does not say what it is there.", word(&a));
                (Outcome::NotVerified, message)
            }
            (None, Some(b)) => {
                let message =
                    format!("The {title} is {} in {after}, and {before} does not say what it is there.", word(&b));
                (Outcome::NotVerified, message)
            }
            _ => continue,
        };
        let shown = |value: Option<String>| value.map_or_else(|| "not stated".to_owned(), |value| word(&value));
        checks.push(line(*check, outcome, message).sides(shown(of(&a)), shown(of(&b))));
    }
    checks
}

/// True for the name of a property that says what an answer means, which two versions are compared by.
pub fn says_meaning(name: &str) -> bool {
    let key = plain(name);
    STATEMENTS.iter().any(|said| said.keys.contains(&key.as_str()))
}

/// The name of a property without case and marks: `Positive-Class` and `positive_class` are one.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// The properties, under their plain names.
fn properties(signature: &Signature) -> impl Iterator<Item = (String, &str)> {
    let stated = signature.metadata.iter().map(|(name, value)| (plain(name), value.trim()));
    stated.filter(|(_, value)| !value.is_empty())
}

/// The file `MLmodel` says one thing and the graph inside another: whoever writes a request by the one is refused, or
/// misreads the answer of the other.
pub(super) fn contradictions(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let name = pair.new_name();
    let one = |sentence: &String| {
        // Callers of today live with it.
        let outcome = if old.contradictions.contains(sentence) { Outcome::Warning } else { Outcome::Failed };
        let message = format!(
            "{name} contradicts itself: {}. Save the model with a signature that fits its graph.",
            sentence.trim_end_matches('.')
        );
        let said = |signature: &Signature| {
            if signature.contradictions.contains(sentence) { "contradicts itself" } else { "does not" }
        };
        line(CheckName::Contradiction, outcome, message).sides(said(old), said(new))
    };
    new.contradictions.iter().map(one).collect()
}
