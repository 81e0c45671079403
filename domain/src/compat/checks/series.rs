//! Is it the same kind of forecast?

use super::line::{line, list};
use super::package::says_task;
use crate::compat::report::{Check, CheckName, Outcome};
use crate::compat::sides::{Family, Pair};
use crate::model::{Series, Signature};

/// A forecast replaces a forecast, with the same horizon, window, frequency and segments (DR-3, *time series*).
pub(super) fn series(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    match (&old.series, &new.series) {
        (None, None) => Vec::new(),
        (Some(a), Some(b)) => parts(pair, a, b),
        (Some(_), None) if !says_task(new) => {
            let message = format!(
                "{} is a time series model; {} does not say whether it is one.",
                pair.old_name(),
                pair.new_name()
            );
            vec![line(CheckName::TimeSeries, Outcome::NotVerified, message).sides("time series", "not stated")]
        }
        (a, _) => {
            let title = |series: bool| if series { "time series" } else { "no time series" };
            let (was, is) = (title(a.is_some()), title(a.is_none()));
            let message = format!(
                "{} is {was} and {} is {is}: they are asked in another way. Deploy it under another name.",
                pair.old_name(),
                pair.new_name()
            );
            // A model that says nothing may have been one all along.
            let unknown = a.is_none() && !says_task(old);
            let outcome = if unknown { Outcome::NotVerified } else { Outcome::Failed };
            vec![line(CheckName::TimeSeries, outcome, message).sides(was, is)]
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
        // Segments that come or go change what a forecast is about; of the rest only what both sides state is compared.
        let segments = check == CheckName::SeriesSegment;
        if a == b || !segments && b.is_some() && a.is_none() {
            continue;
        }
        let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        let (a_said, b_said) = (said(&a), said(&b));
        let one = if b.is_none() && !segments {
            let message = format!("The {part} of {} is {a_said}; {} does not say.", pair.old_name(), pair.new_name());
            line(check, Outcome::NotVerified, message)
        } else {
            let message = format!(
                "The {part} is {a_said} in {} and {b_said} in {}: callers would misread the forecast. Deploy it under another name.",
                pair.old_name(),
                pair.new_name()
            );
            line(check, Outcome::Failed, message)
        };
        checks.push(one.sides(a_said, b_said));
    }
    if checks.is_empty() {
        checks.push(line(CheckName::TimeSeries, Outcome::Passed, "Both forecast the same kind of series."));
    }
    checks
}

/// Endings and words of outputs that bound a prediction from below or above.
const BOUNDS: [(&str, &str); 5] =
    [("lower", "upper"), ("_lo", "_hi"), ("_low", "_high"), ("_min", "_max"), ("lwr", "upr")];

/// Outputs that bound a prediction from both sides.
pub(super) fn interval_outputs(signature: &Signature) -> Vec<&str> {
    let mut bounds: Vec<&str> = Vec::new();
    for (lower, upper) in BOUNDS {
        let with = |ending: &str| {
            let matches = |name: &str| {
                let name = name.to_lowercase();
                if ending.starts_with('_') { name.ends_with(ending) } else { name.contains(ending) }
            };
            signature.outputs.iter().map(|field| field.name.as_str()).filter(|name| matches(name)).collect::<Vec<_>>()
        };
        let (below, above) = (with(lower), with(upper));
        if !below.is_empty() && !above.is_empty() {
            bounds.extend(below);
            bounds.extend(above);
        }
    }
    bounds.sort_unstable();
    bounds.dedup();
    bounds
}

/// What bounds a prediction: outputs, or columns of the one output of a file of trees, which has no names for them.
fn bounds(signature: &Signature) -> Vec<&str> {
    let outputs = interval_outputs(signature);
    let columns = Family::of(signature) == Family::Trees && signature.interval_level.is_some();
    if outputs.is_empty() && columns { vec!["lowest and highest quantile"] } else { outputs }
}

/// A share in percent, to two places.
fn percent(share: f64) -> f64 {
    (share * 10_000.0).round() / 100.0
}

/// Prediction intervals that are lost are incompatible, another level is a warning, new ones are fine.
pub(super) fn intervals(pair: &Pair<'_>) -> Vec<Check> {
    let (old, new) = pair.signatures();
    let (a, b) = (bounds(old), bounds(new));
    let sides = (list(a.iter().copied()), list(b.iter().copied()));
    let check = match (a.is_empty(), b.is_empty()) {
        (true, true) => return Vec::new(),
        (false, true) => {
            let message = format!(
                "{} answers with prediction intervals ({}) and {} does not: callers that read them break. Train it with them, or deploy it under another name.",
                pair.old_name(),
                sides.0,
                pair.new_name()
            );
            line(CheckName::PredictionInterval, Outcome::Failed, message)
        }
        (true, false) => {
            let message = format!("{} also answers with prediction intervals.", pair.new_name());
            line(CheckName::PredictionInterval, Outcome::Passed, message)
        }
        (false, false) => match (old.interval_level, new.interval_level) {
            (Some(before), Some(after)) if (before - after).abs() > 1e-9 => {
                let message = format!(
                    "Prediction intervals hold {} % in {} and {} % in {}: they are wider or narrower than callers expect. Make sure that every caller knows.",
                    percent(before),
                    pair.old_name(),
                    percent(after),
                    pair.new_name()
                );
                line(CheckName::PredictionInterval, Outcome::Warning, message)
            }
            _ => line(CheckName::PredictionInterval, Outcome::Passed, "Both answer with prediction intervals."),
        },
    };
    vec![check.sides(sides.0, sides.1)]
}
