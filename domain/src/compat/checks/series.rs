//! Is the forecast of the same kind?

use super::line::{line, list};
use crate::compat::facts::{interval_outputs, says_task};
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Series, Signature};

/// A forecast replaces a forecast, with the same horizon, window, frequency and segments (DR-3, *time series*).
pub(super) fn series(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    match (&old.series, &new.series) {
        (None, None) => Vec::new(),
        (Some(a), Some(b)) => parts(pair, a, b),
        (a, b) => {
            let told = [(a, pair.old_name(), old), (b, pair.new_name(), new)];
            let said = told.clone().map(|(series, _, signature)| match series {
                Some(_) => "time series",
                None if says_task(signature) => "no time series",
                None => "not stated",
            });
            // A model that says nothing may be one all the same.
            let silent = told.iter().find(|(series, _, signature)| series.is_none() && !says_task(signature));
            let (outcome, message) = match silent {
                Some((_, silent, _)) => {
                    let other = if a.is_some() { pair.old_name() } else { pair.new_name() };
                    let message = format!(
                        "{other} is a time series model; {silent} does not say whether it is one. Declare it when registering it."
                    );
                    (Outcome::NotVerified, message)
                }
                None => {
                    let message = format!(
                        "{} is {} and {} is {}: they are asked in another way. Deploy it under another name.",
                        pair.old_name(),
                        said[0],
                        pair.new_name(),
                        said[1]
                    );
                    (Outcome::Failed, message)
                }
            };
            vec![line(CheckName::TimeSeries, outcome, message).sides(said[0], said[1])]
        }
    }
}

fn parts(pair: &Pair<'_>, old: &Series, new: &Series) -> Vec<Check> {
    let number = |number: Option<u64>| number.map(|number| number.to_string());
    let parts = [
        (CheckName::ForecastHorizon, "forecast horizon", number(old.horizon), number(new.horizon)),
        (CheckName::SeriesWindow, "input window", number(old.window), number(new.window)),
        (CheckName::SeriesFrequency, "frequency", old.frequency.clone(), new.frequency.clone()),
        (CheckName::SeriesSegment, "segment column", old.segment_column.clone(), new.segment_column.clone()),
        (CheckName::TimeSeries, "time column", old.datetime_column.clone(), new.datetime_column.clone()),
    ];
    let mut checks = Vec::new();
    for (check, part, a, b) in parts {
        if a == b {
            continue;
        }
        // Segments that come or go change what a forecast is about; of the rest only what both sides state is compared.
        let silent = if check == CheckName::SeriesSegment { None } else { silent(pair, a.is_some(), b.is_some()) };
        let said = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
        let (a_said, b_said) = (said(a), said(b));
        let one = match silent {
            Some(silent) => {
                let message = format!(
                    "{silent} does not say what its {part} is, so it cannot be compared. Declare it when registering it."
                );
                line(check, Outcome::NotVerified, message)
            }
            None => {
                let message = format!(
                    "The {part} is {a_said} in {} and {b_said} in {}: callers would misread the forecast. Deploy it under another name.",
                    pair.old_name(),
                    pair.new_name()
                );
                line(check, Outcome::Failed, message)
            }
        };
        checks.push(one.sides(a_said, b_said));
    }
    if checks.is_empty() {
        checks.push(line(CheckName::TimeSeries, Outcome::Passed, "Both forecast the same kind of series."));
    }
    checks
}

/// The name of the side that does not say what the other one does.
fn silent(pair: &Pair<'_>, old: bool, new: bool) -> Option<String> {
    match (old, new) {
        (true, false) => Some(pair.new_name()),
        (false, true) => Some(pair.old_name()),
        _ => None,
    }
}

/// The bounds of a prediction: outputs, or columns of the one output of a file of trees, which has no names for them.
fn bounds(signature: &Signature) -> Vec<&str> {
    let outputs = interval_outputs(signature);
    let columns = Family::of(signature) == Family::Trees && signature.interval_level.is_some();
    if outputs.is_empty() && columns { vec!["lowest and highest quantile"] } else { outputs }
}

/// Prediction intervals that are lost are incompatible, another level is a warning, new ones are fine. Outputs show them
/// by their names; where no name does, the level that is stated stands for them.
pub(super) fn intervals(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let (a, b) = (bounds(old), bounds(new));
    let said = |bounds: &[&str], signature: &Signature| {
        let level = signature.interval_level.map(|level| format!("at {}", percent(level)));
        match (bounds.is_empty(), level) {
            (true, level) => level.unwrap_or_else(|| "none".to_owned()),
            (false, None) => list(bounds.iter().copied()),
            (false, Some(level)) => format!("{} {level}", list(bounds.iter().copied())),
        }
    };
    let sides = (said(&a, old), said(&b, new));
    let check = match (!a.is_empty(), !b.is_empty(), old.interval_level, new.interval_level) {
        (false, false, None, None) => return Vec::new(),
        (true, false, ..) => {
            let message = format!(
                "{} answers with prediction intervals ({}) and {} does not: callers that read them break. Keep them.",
                pair.old_name(),
                list(a),
                pair.new_name()
            );
            line(CheckName::PredictionInterval, Outcome::Failed, message)
        }
        (false, true, None, _) | (false, false, None, Some(_)) => {
            let message = format!("{} also answers with prediction intervals.", pair.new_name());
            line(CheckName::PredictionInterval, Outcome::Passed, message)
        }
        (.., Some(before), Some(after)) if (before - after).abs() > 1e-9 => {
            let message = format!(
                "Prediction intervals hold {} in {} and {} in {}: they are wider or narrower than callers expect. Make sure that callers know.",
                percent(before),
                pair.old_name(),
                percent(after),
                pair.new_name()
            );
            line(CheckName::PredictionInterval, Outcome::Warning, message)
        }
        (.., before, after) => match silent(pair, before.is_some(), after.is_some()) {
            Some(silent) => {
                let message = format!(
                    "{silent} does not say how many outcomes its prediction intervals hold, so they cannot be compared. Declare the level when registering it."
                );
                line(CheckName::PredictionInterval, Outcome::NotVerified, message)
            }
            None => line(CheckName::PredictionInterval, Outcome::Passed, "Both answer with prediction intervals."),
        },
    };
    vec![check.sides(sides.0, sides.1)]
}

/// A share as people write it: `80 %`.
fn percent(share: f64) -> String {
    format!("{} %", (share * 1e6).round() / 1e4)
}
