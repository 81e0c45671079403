//! Rules that models which no corpus holds made necessary, one table for each.

use std::collections::BTreeMap;

use domain::compat::{CheckName, Outcome, Report, Side, Verdict, compare};
use domain::configuration::Routes;
use domain::id::Digest;
use domain::model::{ClassSource, Dimension, Field, Format, PackageKind, Signature, ValueKind};

fn report(old: &Signature, new: &Signature) -> Report {
    let digest = |letter: &str| -> Digest { letter.repeat(64).parse().expect("a digest") };
    let (a, b) = (digest("a"), digest("b"));
    let side = |model: &str, digest, signature| Side {
        model: model.parse().expect("a model version"),
        kind: PackageKind::Onnx,
        digest,
        runtime: PackageKind::Onnx.runtime(),
        routes: Routes::default(),
        custom: None,
        environment: None,
        url: None,
        loads: None,
        signature,
    };
    Report::of(compare(&side("old@1", &a, old), &side("new@1", &b, new)), false)
}

/// The verdict, and the outcomes of the lines about `check`.
fn said(old: &Signature, new: &Signature, check: CheckName) -> (Verdict, Vec<Outcome>) {
    let report = report(old, new);
    (report.verdict, report.checks.iter().filter(|line| line.check == check).map(|line| line.outcome).collect())
}

fn field(name: &str, kind: ValueKind, datatype: &str) -> Field {
    let shape = (kind == ValueKind::Tensor).then(|| vec![Dimension::Unknown]);
    Field { name: name.to_owned(), kind, datatype: datatype.to_owned(), shape, required: true, meaning: None }
}

/// An MLflow table with these columns, which answers with a column `y`.
fn table(columns: &[(&str, &str)]) -> Signature {
    let column = |(name, datatype): &(&str, &str)| field(name, ValueKind::Column, datatype);
    Signature {
        format: Format::Mlflow,
        inputs: columns.iter().map(column).collect(),
        outputs: vec![field("y", ValueKind::Column, "string")],
        ..Signature::default()
    }
}

#[test]
fn columns_without_names_are_bound_by_their_place() {
    use CheckName::{InputRemoved, InputType, NewFeature};
    let old = table(&[("", "double"), ("", "string")]);
    let rows = [
        (vec![("", "double"), ("", "string")], InputType, Verdict::Compatible, vec![Outcome::Passed]),
        (vec![("", "double"), ("", "long")], InputType, Verdict::Incompatible, vec![Outcome::Failed]),
        (vec![("", "double"), ("", "string"), ("", "long")], NewFeature, Verdict::Incompatible, vec![Outcome::Failed]),
        (vec![("", "double")], InputRemoved, Verdict::Incompatible, vec![Outcome::Failed]),
    ];
    for (columns, check, verdict, outcomes) in rows {
        assert_eq!(said(&old, &table(&columns), check), (verdict, outcomes), "{columns:?}");
    }
}

#[test]
fn inputs_that_a_signature_leaves_out_are_unknown() {
    let (stated, left_out) = (table(&[("a", "long")]), table(&[]));
    for (old, new) in [(&stated, &left_out), (&left_out, &stated), (&left_out, &left_out)] {
        assert_eq!(said(old, new, CheckName::Features), (Verdict::NotVerified, vec![Outcome::NotVerified]));
    }
}

#[test]
fn one_type_has_several_words() {
    let tensor = |datatype: &str| Signature {
        format: Format::Mlflow,
        inputs: vec![field("x", ValueKind::Tensor, datatype)],
        outputs: vec![field("y", ValueKind::Tensor, datatype)],
        ..Signature::default()
    };
    let rows = [
        ("FLOAT", "float32", Outcome::Passed),
        ("int64", "INT64", Outcome::Passed),
        ("STRING", "str", Outcome::Passed),
        ("STRING", "object", Outcome::NotVerified),
        ("str", "object", Outcome::Failed),
        ("FLOAT", "float64", Outcome::Failed),
        ("object", "float32", Outcome::Failed),
    ];
    for (old, new, outcome) in rows {
        assert_eq!(said(&tensor(old), &tensor(new), CheckName::InputType).1, [outcome], "{old} {new}");
    }
}

/// A graph with these labels, and names that properties give them.
fn labelled(labels: &[&str], titles: Option<&[&str]>, source: ClassSource) -> Signature {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    Signature {
        inputs: vec![field("x", ValueKind::Tensor, "FLOAT")],
        outputs: vec![field("label", ValueKind::Tensor, "INT64")],
        class_count: Some(labels.len() as u64),
        classes: Some(owned(labels)),
        class_titles: titles.map(owned),
        class_source: Some(source),
        ..Signature::default()
    }
}

#[test]
fn names_in_properties_count_where_the_graph_only_numbers_classes() {
    use ClassSource::{Graph, Metadata, Sidecar};
    let numbers = labelled(&["0", "1"], None, Graph);
    let named = labelled(&["0", "1"], Some(&["cat", "dog"]), Graph);
    let beside = |source| labelled(&["cat", "dog"], None, source);
    let rows = [
        (&named, labelled(&["0", "1"], Some(&["cat", "dog"]), Graph), Verdict::Compatible, "class_names:passed"),
        (&named, labelled(&["0", "1"], Some(&["cat", "cow"]), Graph), Verdict::Incompatible, "class_names:failed"),
        (
            &named,
            labelled(&["0", "1"], Some(&["dog", "cat"]), Graph),
            Verdict::Incompatible,
            "class_names:passed class_order:failed",
        ),
        (&named, numbers.clone(), Verdict::Warning, "metadata_lost:warning class_names:not_verified"),
        (&numbers, named.clone(), Verdict::Compatible, "class_names:not_verified"),
        (&beside(Metadata), named.clone(), Verdict::Compatible, "class_names:passed"),
        (&beside(Metadata), numbers.clone(), Verdict::Warning, "metadata_lost:warning class_names:not_verified"),
        (&beside(Sidecar), numbers.clone(), Verdict::Compatible, "class_names:not_verified"),
        // Labels that the graph answers are no numbers.
        (&beside(Graph), numbers.clone(), Verdict::Incompatible, "class_names:failed"),
        (&numbers, labelled(&["0", "2"], None, Graph), Verdict::Incompatible, "class_names:failed"),
    ];
    let about = [CheckName::MetadataLost, CheckName::ClassNames, CheckName::ClassOrder];
    for (old, new, verdict, lines) in rows {
        let report = report(old, &new);
        let found: Vec<String> = (report.checks.iter().filter(|line| about.contains(&line.check)))
            .map(|line| {
                format!(
                    "{}:{}",
                    line.check,
                    serde_json::to_value(line.outcome).expect("a word").as_str().expect("a word")
                )
            })
            .collect();
        assert_eq!((report.verdict, found.join(" ").as_str()), (verdict, lines), "{old:?} {new:?}");
    }
}

fn encoded(columns: &[&str], key: &str, lists: &str) -> Signature {
    Signature {
        format: if key == "categories" { Format::XgboostJson } else { Format::LightgbmText },
        inputs: columns.iter().map(|name| field(name, ValueKind::Column, "c")).collect(),
        outputs: vec![field("prediction", ValueKind::Tensor, "FLOAT")],
        metadata: BTreeMap::from([(key.to_owned(), lists.to_owned())]),
        ..Signature::default()
    }
}

#[test]
fn a_category_keeps_its_number() {
    let pandas = |columns: &[&str], lists| encoded(columns, "pandas_categorical", lists);
    let cats = |lists| encoded(&["city"], "categories", lists);
    let rows = [
        (pandas(&["a"], r#"[["A","B"]]"#), pandas(&["a"], r#"[["A","B"]]"#), None),
        (pandas(&["a"], r#"[["A","B"]]"#), pandas(&["a"], r#"[["A","B","C"]]"#), Some(Outcome::Warning)),
        (pandas(&["a"], r#"[["A","B"]]"#), pandas(&["a"], r#"[["A"]]"#), Some(Outcome::Failed)),
        (pandas(&["a"], r#"[["A","B"]]"#), pandas(&["a"], r#"[["B","A"]]"#), Some(Outcome::Failed)),
        (pandas(&["a"], r#"[["B","C"]]"#), pandas(&["a"], r#"[["A","B","C"]]"#), Some(Outcome::Failed)),
        // Another column that went away shifts no category of this one.
        (pandas(&["a", "b"], r#"[["A"],["X","Y"]]"#), pandas(&["b"], r#"[["X","Y"]]"#), None),
        // Not every list belongs to a column that the file calls categorical.
        (pandas(&[], r#"[["A","B"]]"#), pandas(&[], r#"[["B","A"]]"#), Some(Outcome::Failed)),
        (pandas(&["a"], "null"), pandas(&["a"], "[]"), None),
        (cats(r#"{"city":["A","B"]}"#), cats(r#"{"city":["A","B"]}"#), None),
        (cats(r#"{"city":["A","B"]}"#), cats(r#"{"city":["A","B","D"]}"#), Some(Outcome::Warning)),
        (cats(r#"{"city":["1","2"]}"#), cats(r#"{"city":["0","1","2"]}"#), Some(Outcome::Failed)),
        (cats("no list"), cats(r#"{"city":["A"]}"#), Some(Outcome::NotVerified)),
    ];
    for (old, new, outcome) in rows {
        let found = said(&old, &new, CheckName::FeatureCategories).1;
        assert_eq!(found, outcome.into_iter().collect::<Vec<_>>(), "{:?} {:?}", old.metadata, new.metadata);
    }
}

#[test]
fn quantiles_of_a_file_of_trees_bound_its_prediction() {
    let quantiles = |interval_level| {
        let mut signature = encoded(&["a"], "pandas_categorical", "[]");
        signature.interval_level = interval_level;
        signature
    };
    let rows = [
        (Some(0.8), Some(0.8), Some(Outcome::Passed)),
        (Some(0.8), Some(0.9), Some(Outcome::Warning)),
        (Some(0.8), None, Some(Outcome::Failed)),
        (None, Some(0.8), Some(Outcome::Passed)),
        (None, None, None),
    ];
    for (old, new, outcome) in rows {
        let found = said(&quantiles(old), &quantiles(new), CheckName::PredictionInterval).1;
        assert_eq!(found, outcome.into_iter().collect::<Vec<_>>(), "{old:?} {new:?}");
    }
}
