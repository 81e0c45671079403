//! Declarations that each kind of file allows.

use super::*;
use crate::model::{Target, ValueKind};

fn field(name: &str) -> Field {
    let (name, datatype) = (name.to_owned(), "double".to_owned());
    Field { name, kind: ValueKind::Column, datatype, shape: None, required: true, meaning: None }
}

fn words(words: &[&str]) -> Option<Vec<String>> {
    Some(words.iter().map(|word| (*word).to_owned()).collect())
}

fn series(horizon: u64) -> Option<Series> {
    Some(Series { horizon: Some(horizon), ..Series::default() })
}

/// Everything declared at once.
fn all() -> Declared {
    Declared {
        inputs: Some(vec![field("x")]),
        outputs: Some(vec![field("y")]),
        features: words(&["a"]),
        target_name: Some("y".to_owned()),
        target_type: Some(Task::Multiclass),
        classes: words(&["a", "b", "c"]),
        series: series(6),
        interval_level: Some(0.8),
    }
}

const PARTS: [Part; 8] = [
    Part::Inputs,
    Part::Outputs,
    Part::Features,
    Part::TargetName,
    Part::TargetType,
    Part::Classes,
    Part::Series,
    Part::IntervalLevel,
];

#[test]
fn what_no_file_says_is_filled_in_and_marked() {
    let mut signature = Signature { absent: true, ..Signature::default() };
    all().fill(&mut signature).unwrap();
    assert_eq!(signature.declared, PARTS);
    assert!(!signature.absent);
    let said = Signature {
        inputs: vec![field("x")],
        outputs: vec![field("y")],
        features: words(&["a"]),
        classes: words(&["a", "b", "c"]),
        class_count: Some(3),
        target: Target { name: Some("y".to_owned()), task: Some(Task::Multiclass) },
        series: series(6),
        interval_level: Some(0.8),
        declared: PARTS.to_vec(),
        ..Signature::default()
    };
    assert_eq!(signature, said);
    // Again changes nothing, and what a file says itself is not marked.
    all().fill(&mut signature).unwrap();
    assert_eq!(signature, said);
    let mut file = Signature { declared: Vec::new(), ..said };
    all().fill(&mut file).unwrap();
    assert_eq!(file.declared, []);
}

#[test]
fn a_signature_is_declared_with_both_sides_of_it_or_not_at_all() {
    for (inputs, outputs, wrong) in
        [(true, true, None), (true, false, Some("inputs")), (false, true, Some("outputs")), (false, false, None)]
    {
        let mut signature = Signature { absent: true, ..Signature::default() };
        let declared = Declared {
            inputs: inputs.then(|| vec![field("x")]),
            outputs: outputs.then(|| vec![field("y")]),
            ..Declared::default()
        };
        assert_eq!(declared.fill(&mut signature).err().map(|error| error.part), wrong, "{inputs} {outputs}");
        if wrong.is_some() {
            continue;
        }
        assert_eq!(signature.absent, !inputs);
        let parts = [(inputs, Part::Inputs), (outputs, Part::Outputs)].into_iter().filter(|(said, _)| *said);
        assert_eq!(signature.declared, parts.map(|(_, part)| part).collect::<Vec<_>>());
    }
}

#[test]
fn what_the_file_says_cannot_be_declared_otherwise() {
    let mut signature = Signature::default();
    all().fill(&mut signature).unwrap();
    let other: [(&str, Declared); 8] = [
        ("inputs", Declared { inputs: Some(vec![field("z")]), ..Declared::default() }),
        ("outputs", Declared { outputs: Some(vec![field("z")]), ..Declared::default() }),
        ("features", Declared { features: words(&["b"]), ..Declared::default() }),
        ("target_name", Declared { target_name: Some("z".to_owned()), ..Declared::default() }),
        ("target_type", Declared { target_type: Some(Task::Ranking), ..Declared::default() }),
        ("classes", Declared { classes: words(&["a", "c", "b"]), ..Declared::default() }),
        ("series", Declared { series: series(7), ..Declared::default() }),
        ("interval_level", Declared { interval_level: Some(0.9), ..Declared::default() }),
    ];
    for (part, declared) in other {
        let error = declared.fill(&mut signature.clone()).unwrap_err();
        assert_eq!(error.part, part);
        assert!(
            error.to_string().contains("the file itself says") && error.problem.contains("leave it out"),
            "{error}"
        );
    }
}

#[test]
fn classes_are_as_many_as_the_file_has() {
    let of = |count| Signature { class_count: count, ..Signature::default() };
    let declared = || Declared { classes: words(&["a", "b"]), ..Declared::default() };
    assert!(declared().fill(&mut of(Some(3))).unwrap_err().problem.contains("how many classes it has"));
    for count in [None, Some(2)] {
        let mut signature = of(count);
        declared().fill(&mut signature).unwrap();
        assert_eq!((signature.declared, signature.class_count), (vec![Part::Classes], Some(2)));
    }
    let mut counted = of(Some(3));
    Declared::default().fill(&mut counted).unwrap();
    assert_eq!(counted, of(Some(3)));
}

#[test]
fn wrong_declarations_are_refused() {
    let long = "x".repeat(1_025);
    let name = |name: &str| Some(vec![field(name)]);
    let datatype = Field { datatype: long.clone(), ..field("x") };
    let many = || (0..10_001).map(|n| n.to_string());
    let series = |series| Declared { series: Some(series), ..Declared::default() };
    for (part, wrong) in [
        ("inputs", Declared { inputs: Some(Vec::new()), ..Declared::default() }),
        ("inputs", Declared { inputs: Some(vec![field("x"), field("x")]), ..Declared::default() }),
        ("inputs", Declared { inputs: Some(many().map(|n| field(&n)).collect()), ..Declared::default() }),
        ("inputs", Declared { inputs: name(&long), ..Declared::default() }),
        ("inputs", Declared { inputs: Some(vec![datatype]), ..Declared::default() }),
        ("outputs", Declared { outputs: Some(Vec::new()), ..Declared::default() }),
        ("outputs", Declared { outputs: name(&long), ..Declared::default() }),
        ("features", Declared { features: words(&[]), ..Declared::default() }),
        ("features", Declared { features: words(&["a", "a"]), ..Declared::default() }),
        ("classes", Declared { classes: words(&["a", "a"]), ..Declared::default() }),
        ("classes", Declared { classes: words(&[&long]), ..Declared::default() }),
        ("classes", Declared { classes: Some(many().collect()), ..Declared::default() }),
        ("target_name", Declared { target_name: Some(String::new()), ..Declared::default() }),
        ("target_name", Declared { target_name: Some(long.clone()), ..Declared::default() }),
        ("interval_level", Declared { interval_level: Some(0.0), ..Declared::default() }),
        ("interval_level", Declared { interval_level: Some(1.0), ..Declared::default() }),
        ("interval_level", Declared { interval_level: Some(f64::NAN), ..Declared::default() }),
        (
            "inputs",
            Declared {
                inputs: Some(vec![Field { datatype: "banana".to_owned(), ..field("x") }]),
                ..Declared::default()
            },
        ),
        ("series", series(Series { horizon: Some(0), ..Series::default() })),
        ("series", series(Series { window: Some(0), ..Series::default() })),
        ("series", series(Series { datetime_column: Some(String::new()), ..Series::default() })),
        ("series", series(Series { frequency: Some(long.clone()), ..Series::default() })),
        ("series", series(Series { segment_column: Some(long.clone()), ..Series::default() })),
    ] {
        let mut signature = Signature::default();
        assert_eq!(wrong.fill(&mut signature).unwrap_err().part, part);
        assert_eq!(signature, Signature::default(), "{part}");
    }
    let long = &long[1..];
    let most = Declared {
        inputs: Some((0..10_000).map(|n| field(&n.to_string())).collect()),
        outputs: Some(vec![field(long)]),
        features: words(&[long]),
        target_name: Some(long.to_owned()),
        classes: Some((0..10_000).map(|n| n.to_string()).collect()),
        series: Some(Series {
            horizon: Some(1),
            window: Some(1),
            frequency: Some(long.to_owned()),
            ..Series::default()
        }),
        ..Declared::default()
    };
    most.fill(&mut Signature::default()).unwrap();
}
