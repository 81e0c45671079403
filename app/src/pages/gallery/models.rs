//! What is said of models: verdicts, reports, signatures and two of them side by side.

use domain::compat::{AlignedPart, AlignedRow, Cell, Check, CheckName, Mark, Outcome, Report, Verdict};
use domain::model::{Dimension, Field, Part, Signature, ValueKind};
use leptos::prelude::*;

use super::shelf::{Line, Shelf};
use crate::components::{CompatibilityReport, DeclaredTag, SignatureComparison, SignatureTable, VerdictBadge};

const VERDICTS: [Verdict; 5] =
    [Verdict::Compatible, Verdict::Warning, Verdict::NotVerified, Verdict::Incompatible, Verdict::Unreadable];

#[component]
pub(super) fn Models() -> impl IntoView {
    view! {
        <Shelf title="Models">
            <Line state="Verdict; nobody has seen it load">
                {VERDICTS.map(|verdict| view! { <VerdictBadge verdict=verdict/> }).collect_view()}
                <VerdictBadge verdict=Verdict::Compatible unloaded=true/>
                <DeclaredTag/>
            </Line>
            <CompatibilityReport report=report()/>
            <SignatureTable signature=signature()/>
            <SignatureTable signature=Signature { absent: true, ..Signature::default() }/>
            <SignatureComparison parts=parts() current="iris v1" candidate="iris v2"/>
        </Shelf>
    }
}

fn report() -> Report {
    let check = |check, outcome, message: &str| Check {
        check,
        outcome,
        required: false,
        message: message.to_owned(),
        current: Some("FLOAT [N, 4]".to_owned()),
        candidate: Some("FLOAT [N, 5]".to_owned()),
    };
    let checks = vec![
        check(CheckName::InputType, Outcome::Passed, "The types of the 4 inputs that both have are equal."),
        check(
            CheckName::NewFeature,
            Outcome::Failed,
            "iris v2 needs age, which iris v1 does not know: calls of today would be refused. Make it optional, or deploy it under another name and move the callers.",
        ),
        check(
            CheckName::FormatChanged,
            Outcome::Warning,
            "The file was XGBoost JSON and is XGBoost UBJSON: callers do not notice.",
        ),
        check(CheckName::TargetName, Outcome::NotVerified, "iris v2 does not say what its target is called."),
    ];
    Report::of(checks, false)
}

fn signature() -> Signature {
    let field = |name: &str, datatype: &str, shape: Option<Vec<Dimension>>, required| Field {
        name: name.to_owned(),
        kind: ValueKind::default(),
        datatype: datatype.to_owned(),
        shape,
        required,
        meaning: None,
    };
    Signature {
        inputs: vec![
            field("x", "FLOAT", Some(vec![Dimension::Symbolic("N".to_owned()), Dimension::Fixed(4)]), true),
            field("threshold", "DOUBLE", None, false),
        ],
        outputs: vec![field("label", "INT64", Some(vec![Dimension::Unknown]), true)],
        classes: Some(["setosa", "versicolor", "virginica"].map(str::to_owned).to_vec()),
        declared: [Part::Classes].into(),
        ..Signature::default()
    }
}

fn parts() -> Vec<AlignedPart> {
    let cell = |text: &str, place: Option<usize>| Some(Cell { text: text.to_owned(), place, declared: false });
    let row = |name: &str, current, candidate, mark| AlignedRow { name: name.to_owned(), current, candidate, mark };
    let inputs = vec![
        row("sepal_length", cell("FLOAT", Some(0)), cell("FLOAT", Some(0)), Mark::Equal),
        row("sepal_width", cell("FLOAT", Some(1)), cell("DOUBLE", Some(1)), Mark::Changed),
        row("petal_length", cell("FLOAT", Some(2)), cell("FLOAT", Some(3)), Mark::Moved),
        row("petal_width", cell("FLOAT", Some(3)), None, Mark::Removed),
        row("age", None, cell("FLOAT", Some(2)), Mark::Added),
    ];
    vec![
        AlignedPart { title: "Inputs", rows: inputs },
        AlignedPart {
            title: "Target",
            rows: vec![row("kind of answer", cell("one of several classes", None), None, Mark::Unknown)],
        },
    ]
}
