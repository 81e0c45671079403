//! The compatibility checks over random signatures: total, reflexive, and with a verdict that depends on no order.

use std::collections::BTreeMap;

use domain::compat::{Outcome, Report, Verdict};
use domain::model::{
    ClassSource, Dimension, Field, Format, Meaning, Parameter, Part, Series, Signature, Target, Task, ValueKind,
};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use crate::build::compared;

fn name() -> impl Strategy<Value = String> {
    select(vec!["", "a", "b", "c", "label", "probabilities", "yhat", "yhat_lower", "yhat_upper", "x y"])
        .prop_map(str::to_owned)
}

fn dimension() -> impl Strategy<Value = Dimension> {
    prop_oneof![
        (0..5_u64).prop_map(Dimension::Fixed),
        Just(Dimension::Unknown),
        select(vec!["N", "batch"]).prop_map(|name| Dimension::Symbolic(name.to_owned()))
    ]
}

fn datatype() -> impl Strategy<Value = String> {
    let words =
        ["FLOAT", "INT64", "STRING", "double", "float", "integer", "long", "string", "object", "int64", "c", ""];
    select(words.to_vec()).prop_map(str::to_owned)
}

fn field() -> impl Strategy<Value = Field> {
    let kind = select(vec![ValueKind::Tensor, ValueKind::Column, ValueKind::Sequence, ValueKind::Map]);
    let meaning = of(select(vec![Meaning::Probability, Meaning::Score, Meaning::Number]));
    (name(), kind, datatype(), of(vec(dimension(), 0..4)), any::<bool>(), meaning).prop_map(
        |(name, kind, datatype, shape, required, meaning)| Field { name, kind, datatype, shape, required, meaning },
    )
}

/// Names are distinct, as readers see to.
fn fields() -> impl Strategy<Value = Vec<Field>> {
    vec(field(), 0..5).prop_map(|mut fields| {
        let mut seen = std::collections::HashSet::new();
        fields.retain(|field| seen.insert(field.name.clone()));
        fields
    })
}

fn parameter() -> impl Strategy<Value = Parameter> {
    (name(), datatype(), of(0..3_i64), of(vec(dimension(), 0..2))).prop_map(|(name, datatype, default, shape)| {
        Parameter { name, datatype, default: serde_json::json!(default), shape }
    })
}

/// Names are distinct, as readers see to.
fn parameters() -> impl Strategy<Value = Vec<Parameter>> {
    vec(parameter(), 0..3).prop_map(|mut parameters| {
        let mut seen = std::collections::HashSet::new();
        parameters.retain(|parameter| seen.insert(parameter.name.clone()));
        parameters
    })
}

fn words() -> impl Strategy<Value = Vec<String>> {
    vec(select(vec!["a", "b", "c", "d"]).prop_map(str::to_owned), 1..4).prop_map(|mut words| {
        let mut seen = std::collections::HashSet::new();
        words.retain(|word| seen.insert(word.clone()));
        words
    })
}

fn series() -> impl Strategy<Value = Series> {
    (of(name()), of(0..3_u64), of(0..3_u64), of(name()), of(name())).prop_map(
        |(datetime_column, horizon, window, frequency, segment_column)| Series {
            datetime_column,
            horizon,
            window,
            frequency,
            segment_column,
        },
    )
}

fn signature() -> impl Strategy<Value = Signature> {
    let format = select(vec![
        Format::Onnx,
        Format::Mlflow,
        Format::LightgbmText,
        Format::XgboostJson,
        Format::XgboostUbj,
        Format::Declared,
    ]);
    let task = of(select(vec![Task::Binary, Task::Multiclass, Task::Regression, Task::Ranking]));
    let source = of(select(vec![ClassSource::Graph, ClassSource::Metadata, ClassSource::Sidecar]));
    let declared = vec(select(vec![Part::Classes, Part::TargetType, Part::Inputs]), 0..2);
    let metadata = btree_map(select(vec!["task", "x"]).prop_map(str::to_owned), name(), 0..2);
    (
        (format, prop::bool::weighted(0.1), fields(), fields(), parameters(), of(words())),
        (of(words()), source, of(0..4_u64), of(name()), task, of(series()), of(0.1..0.9_f64)),
        (declared, metadata),
    )
        .prop_map(
            |(
                (format, absent, inputs, outputs, parameters, features),
                (classes, class_source, class_count, target, task, series, interval_level),
                (declared, metadata),
            )| Signature {
                format,
                absent,
                inputs,
                outputs,
                parameters,
                features,
                classes,
                class_source,
                class_count,
                target: Target { name: target, task },
                series,
                interval_level,
                declared,
                metadata,
                ..Signature::default()
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any two can be compared; every line is a sentence; a report blocks exactly when something failed.
    #[test]
    fn total(old in signature(), new in signature()) {
        let report = compared(&old, &new);
        prop_assert!(!report.checks.is_empty());
        for check in &report.checks {
            prop_assert!(check.message.ends_with('.') || check.message.ends_with('…'), "{}", check.message);
            prop_assert!(check.message.len() < 20_000);
            prop_assert_eq!(check.required && check.outcome == Outcome::Passed, false, "{:?}", check);
        }
        prop_assert_eq!(report.blocks(), matches!(report.verdict, Verdict::Incompatible | Verdict::Unreadable));
        prop_assert_eq!(&report, &compared(&old, &new));
    }

    /// A model may replace its own retrain: nothing fails and nothing warns.
    #[test]
    fn reflexive(signature in signature()) {
        let report = compared(&signature, &signature);
        let bad: Vec<_> =
            report.checks.iter().filter(|check| matches!(check.outcome, Outcome::Failed | Outcome::Warning)).collect();
        prop_assert!(bad.is_empty(), "{bad:?}");
        prop_assert!(matches!(report.verdict, Verdict::Compatible | Verdict::NotVerified), "{:?}", report.verdict);
        // A graph or a file of trees lists all that goes in; of the others, what is not there was left out.
        let lists_all = !matches!(signature.format, Format::Mlflow | Format::Declared);
        let all_said =
            !signature.absent && !signature.outputs.is_empty() && (lists_all || !signature.inputs.is_empty());
        // What a file leaves open of a type or a shape is not equal to itself.
        let open = |field: &Field, typed: bool| {
            typed && field.datatype.is_empty() || field.kind == ValueKind::Tensor && field.shape.is_none()
        };
        let trees = matches!(signature.format, Format::LightgbmText | Format::XgboostJson | Format::XgboostUbj);
        let all_said = all_said
            && !signature.inputs.iter().any(|field| open(field, !trees))
            && !signature.outputs.iter().any(|field| open(field, true));
        prop_assert_eq!(report.verdict == Verdict::NotVerified, !all_said, "{:?}", report);
    }

    /// The verdict over the lines does not depend on their order.
    #[test]
    fn order_of_the_checks_does_not_matter(old in signature(), new in signature(), turn in 0..40_usize, warns: bool) {
        let checks = compared(&old, &new).checks;
        let whole = Report::of(checks.clone(), warns);
        let mut turned = checks;
        let by = turn % turned.len();
        turned.rotate_left(by);
        turned.reverse();
        let turned = Report::of(turned, warns);
        prop_assert_eq!((turned.verdict, turned.needs_go_ahead), (whole.verdict, whole.needs_go_ahead));
    }

    /// Columns of an MLflow table and parameters bind by name: their order changes nothing.
    #[test]
    fn order_of_named_columns_does_not_matter(old in signature(), new in signature()) {
        let table = |mut signature: Signature| {
            signature.format = Format::Mlflow;
            signature.inputs.retain(|field| !field.name.is_empty());
            for field in &mut signature.inputs {
                field.kind = ValueKind::Column;
                field.shape = None;
            }
            signature
        };
        let (old, new) = (table(old), table(new));
        let mut turned = new.clone();
        turned.inputs.reverse();
        turned.parameters.reverse();
        let words = |report: Report| {
            let mut words: BTreeMap<_, usize> = BTreeMap::new();
            for check in report.checks {
                *words.entry((check.check, check.outcome)).or_default() += 1;
            }
            words
        };
        prop_assert_eq!(words(compared(&old, &new)), words(compared(&old, &turned)));
    }
}
