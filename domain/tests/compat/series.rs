//! Forecasts and their intervals.

use domain::compat::CheckName::*;
use domain::model::{Part, Signature};

use crate::build::{column, compared, forecast, metadata, mlflow, onnx_tensor};
use crate::table::{Row, fails, hold, open, passed, sides, warns};

#[test]
fn a_forecast_replaces_a_forecast() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(TimeSeries)], &["same kind of series"]),
        (
            "the candidate says that it is something else",
            |_, new| (new.series, new.metadata) = (None, metadata(&[("task", "regression")])),
            &[fails(TimeSeries), open(ClassNames)],
            &["iris@1 is time series and iris@2 is no time series", "another name"],
        ),
        (
            "a person says that it is something else",
            |_, new| (new.series, new.declared) = (None, vec![Part::TargetType]),
            &[fails(TimeSeries), open(ClassNames)],
            &["iris@2 is no time series"],
        ),
        (
            "the candidate says nothing",
            |_, new| new.series = None,
            &[open(TimeSeries), warns(MetadataLost), open(ClassNames)],
            &["iris@1 is a time series model; iris@2 does not say"],
        ),
        (
            "the one in use says nothing",
            |old, _| old.series = None,
            &[open(TimeSeries), open(ClassNames)],
            &["iris@2 is a time series model; iris@1 does not say"],
        ),
        (
            "the one in use says that it is something else",
            |old, _| (old.series, old.metadata) = (None, metadata(&[("target_type", "regression")])),
            &[fails(TimeSeries), open(ClassNames)],
            &["iris@1 is no time series and iris@2 is time series"],
        ),
    ];
    hold(&forecast(), rows);
    assert_eq!(sides(&compared(&mlflow(), &mlflow()), TimeSeries), None);
    let silent = Signature { series: None, ..forecast() };
    let says = Signature { metadata: metadata(&[("task", "regression")]), ..silent.clone() };
    for (other, said) in [(silent, "not stated"), (says, "no time series")] {
        assert_eq!(sides(&compared(&forecast(), &other), TimeSeries), Some(("time series", said)));
        assert_eq!(sides(&compared(&other, &forecast()), TimeSeries), Some((said, "time series")));
    }
}

macro_rules! series {
    ($side:ident) => {
        $side.series.as_mut().expect("it is a forecast")
    };
}

#[test]
fn parts_of_a_series() {
    let rows: &[Row<'_>] = &[
        (
            "horizon",
            |_, new| series!(new).horizon = Some(12),
            &[fails(ForecastHorizon)],
            &["forecast horizon is 6 in iris@1 and 12 in iris@2", "another name"],
        ),
        (
            "window",
            |_, new| series!(new).window = Some(24),
            &[fails(SeriesWindow)],
            &["input window is 12 in iris@1 and 24"],
        ),
        (
            "frequency",
            |_, new| series!(new).frequency = Some("W".to_owned()),
            &[fails(SeriesFrequency)],
            &["frequency is D in iris@1 and W in iris@2"],
        ),
        (
            "segment column",
            |_, new| series!(new).segment_column = Some("shop".to_owned()),
            &[fails(SeriesSegment)],
            &["segment column is store in iris@1 and shop in iris@2"],
        ),
        (
            "segments are gone",
            |_, new| series!(new).segment_column = None,
            &[fails(SeriesSegment)],
            &["store in iris@1 and none in iris@2"],
        ),
        (
            "segments are new",
            |old, _| series!(old).segment_column = None,
            &[fails(SeriesSegment)],
            &["none in iris@1 and store in iris@2"],
        ),
        (
            "time column",
            |_, new| series!(new).datetime_column = Some("day".to_owned()),
            &[fails(TimeSeries)],
            &["time column is when in iris@1 and day in iris@2"],
        ),
        (
            "the candidate does not say its horizon",
            |_, new| series!(new).horizon = None,
            &[open(ForecastHorizon)],
            &["iris@2 does not say what its forecast horizon is"],
        ),
        (
            "the one in use does not say its horizon",
            |old, _| series!(old).horizon = None,
            &[open(ForecastHorizon)],
            &["iris@1 does not say what its forecast horizon is"],
        ),
        ("nor its window", |old, _| series!(old).window = None, &[open(SeriesWindow)], &["iris@1 does not say"]),
        ("nor its window", |_, new| series!(new).window = None, &[open(SeriesWindow)], &["iris@2 does not say"]),
        ("nor how often", |_, new| series!(new).frequency = None, &[open(SeriesFrequency)], &["iris@2 does not say"]),
        ("nor when", |_, new| series!(new).datetime_column = None, &[open(TimeSeries)], &["time column"]),
        (
            "what neither says is the same",
            |old, new| (series!(old).window, series!(new).window) = (None, None),
            &[passed(TimeSeries)],
            &[],
        ),
        (
            "several parts",
            |_, new| (series!(new).horizon, series!(new).window) = (Some(1), Some(1)),
            &[fails(ForecastHorizon), fails(SeriesWindow)],
            &["6"],
        ),
    ];
    hold(&forecast(), rows);
}

#[test]
fn intervals() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(PredictionInterval)], &["Both answer with prediction intervals"]),
        (
            "lost",
            |_, new| {
                new.outputs.truncate(1);
                new.interval_level = None;
            },
            &[fails(PredictionInterval), fails(OutputRemoved)],
            &["iris@1 answers with prediction intervals (yhat_lower, yhat_upper) and iris@2 does not", "Keep them"],
        ),
        (
            "one bound is no interval",
            |_, new| new.outputs.truncate(2),
            &[fails(PredictionInterval), fails(OutputRemoved)],
            &["iris@2 does not"],
        ),
        (
            "gained",
            |old, _| {
                old.outputs.truncate(1);
                old.interval_level = None;
            },
            &[passed(PredictionInterval), passed(OutputAdded), open(TargetType)],
            &["iris@2 also answers with prediction intervals"],
        ),
        (
            "another level",
            |_, new| new.interval_level = Some(0.55),
            &[warns(PredictionInterval)],
            &["hold 80 % in iris@1 and 55 % in iris@2"],
        ),
        (
            "a level as near as numbers are",
            |_, new| new.interval_level = Some(0.8 + 1e-12),
            &[passed(PredictionInterval)],
            &["Both"],
        ),
        (
            "the candidate does not say its level",
            |_, new| new.interval_level = None,
            &[open(PredictionInterval), warns(MetadataLost)],
            &["iris@2 does not say how many outcomes"],
        ),
        (
            "the one in use does not say its level",
            |old, _| old.interval_level = None,
            &[open(PredictionInterval)],
            &["iris@1 does not say how many outcomes"],
        ),
        (
            "neither says its level",
            |old, new| (old.interval_level, new.interval_level) = (None, None),
            &[passed(PredictionInterval)],
            &["Both"],
        ),
        (
            "words and endings that bound",
            |old, new| {
                let outputs = |names: [&str; 3]| names.map(|name| column(name, "double")).to_vec();
                (old.outputs, new.outputs) = (outputs(["y", "y_Lo", "y_HI"]), outputs(["y", "y_Lo", "y_HI"]));
            },
            &[passed(PredictionInterval)],
            &["Both"],
        ),
        (
            "an ending in the middle bounds nothing",
            |old, new| {
                for signature in [old, new] {
                    signature.outputs = ["y", "y_lot", "y_hint"].map(|name| column(name, "double")).to_vec();
                    signature.interval_level = None;
                }
            },
            &[],
            &[],
        ),
    ];
    hold(&forecast(), rows);
    let mut quiet = forecast();
    quiet.outputs.truncate(1);
    quiet.interval_level = None;
    let told = Some(("yhat_lower, yhat_upper at 80 %", "none"));
    assert_eq!(sides(&compared(&forecast(), &quiet), PredictionInterval), told);
}

#[test]
fn a_level_stands_for_intervals_that_no_name_shows() {
    let base = Signature { interval_level: Some(0.9), ..onnx_tensor() };
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(PredictionInterval)], &["Both"]),
        (
            "another level",
            |_, new| new.interval_level = Some(0.5),
            &[warns(PredictionInterval)],
            &["90 % in iris@1 and 50 % in iris@2"],
        ),
        (
            "not said any more",
            |_, new| new.interval_level = None,
            &[open(PredictionInterval), warns(MetadataLost)],
            &["iris@2 does not say"],
        ),
        ("newly said", |old, _| old.interval_level = None, &[passed(PredictionInterval)], &["iris@2 also answers"]),
    ];
    hold(&base, rows);
    let quiet = compared(&onnx_tensor(), &onnx_tensor());
    assert!(quiet.checks.iter().all(|check| check.check != PredictionInterval));
    let lower_and_upper = |names: [&str; 2]| {
        let outputs = names.map(|name| column(name, "double")).to_vec();
        let signature = Signature { outputs, ..mlflow() };
        compared(&signature, &signature).checks.iter().any(|check| check.check == PredictionInterval)
    };
    for names in [
        ["lower", "upper"],
        ["y_lo", "y_hi"],
        ["y_low", "y_high"],
        ["t_min", "t_max"],
        ["LWR", "UPR"],
        ["Lower CI", "Upper CI"],
    ] {
        assert!(lower_and_upper(names), "{names:?}");
    }
    for names in [["lower", "high"], ["slow", "y_hi"], ["y_lot", "y_hint"], ["min", "max"], ["a", "b"]] {
        assert!(!lower_and_upper(names), "{names:?}");
    }
}
