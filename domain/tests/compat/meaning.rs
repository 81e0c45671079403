//! The meaning of the numbers of an answer.

use domain::compat::CheckName::*;
use domain::compat::contradictions;
use domain::model::{Field, Format, Signature};

use crate::build::{column, compared, metadata, mlflow, onnx_columns, onnx_tensor, tensor, trees, words};
use crate::table::{Line, Row, fails, hold, open, passed, says, unknown, warns};

/// Files of trees that were trained for something, perhaps with quantiles.
fn trained(format: Format, objective: &str, alphas: &str) -> Signature {
    let entries = [("objective", objective), ("quantile_alpha", alphas)];
    Signature { format, metadata: metadata(&entries), ..trees() }
}

#[test]
fn what_was_trained_for() {
    let rows: &[(&str, &str, Line)] = &[
        ("regression", "reg:squarederror", passed(Objective)),
        ("regression", "l2", passed(Objective)),
        ("quantile 0.5", "regression_l1", passed(Objective)),
        ("quantile [9E-1]", "quantile 0.899999976", passed(Objective)),
        ("regression", "quantile 0.9", fails(Objective)),
        ("quantile 0.9", "regression", fails(Objective)),
        ("quantile 0.5", "quantile 0.9", fails(Objective)),
        ("reg:quantileerror [0.1,0.9]", "reg:quantileerror [0.05,0.95]", fails(Objective)),
        ("quantile", "quantile 0.9", unknown(Objective)),
        ("quantile", "regression", unknown(Objective)),
        ("reg:squarederror", "reg:absoluteerror", warns(Objective)),
        ("regression", "poisson", warns(Objective)),
        ("regression", "regression sqrt", warns(Objective)),
        ("regression", "huber", warns(Objective)),
        ("poisson", "tweedie", warns(Objective)),
        ("gamma", "reg:gamma", passed(Objective)),
        ("reg:squaredlogerror", "reg:squarederror", warns(Objective)),
        ("binary", "binary:logistic", passed(Objective)),
        ("binary sigmoid:1", "cross_entropy", warns(Objective)),
        ("binary:logistic", "binary:logitraw", fails(Objective)),
        ("binary:logistic", "binary:hinge", fails(Objective)),
        ("multiclass", "multiclassova", warns(Objective)),
        ("survival:cox", "survival:aft", fails(Objective)),
        ("rank:pairwise", "rank:ndcg", warns(Objective)),
        ("regression", "lambdarank", fails(Objective)),
        ("my_own", "my_own", passed(Objective)),
        ("my_own", "another", warns(Objective)),
        ("binary", "", unknown(Objective)),
        ("", "regression", unknown(Objective)),
    ];
    for (old, new, wanted) in rows {
        let of = |text: &str| {
            let (objective, alphas) = match text.split_once(' ') {
                Some((name, alphas)) if alphas.starts_with(['0', '[']) => (name, alphas),
                _ => (text, ""),
            };
            trained(Format::XgboostJson, objective, alphas)
        };
        let (old_side, new_side) = (of(old), of(new));
        let silent = compared(&of(""), &of(""));
        says(&format!("{old} → {new}"), &silent, &compared(&old_side, &new_side), &[*wanted], &[]);
    }
    let report =
        compared(&trained(Format::LightgbmText, "regression", ""), &trained(Format::LightgbmText, "quantile", "0.9"));
    let line = report.checks.iter().find(|check| check.check == Objective).unwrap();
    let sentence = "iris@1 answers with the mean and iris@2 with the quantile 0.9: callers would misread it.";
    assert!(line.message.starts_with(sentence), "{}", line.message);
    // What another family calls an objective is a property like any other.
    let (plain, stated) = (onnx_tensor(), Signature { metadata: metadata(&[("loss", "quantile")]), ..onnx_tensor() });
    let objective = |old, new| compared(old, new).checks.into_iter().find(|check| check.check == Objective);
    assert_eq!(objective(&plain, &plain), None);
    assert!(objective(&plain, &stated).is_some() && objective(&stated, &stated).is_some());
}

#[test]
fn what_properties_say() {
    let rows: &[Row<'_>] = &[
        (
            "the same in other words",
            |old, new| {
                old.metadata = metadata(&[("positive_class", "Sick"), ("unit", "kg")]);
                new.metadata = metadata(&[("Positive-Class", "sick "), ("units", "KG")]);
            },
            &[],
            &[],
        ),
        (
            "another positive class",
            |old, new| {
                old.metadata = metadata(&[("positive_class", "sick")]);
                new.metadata = metadata(&[("pos_label", "well")]);
            },
            &[fails(PositiveClass)],
            &["The positive class is sick in iris@1 and well in iris@2", "the opposite"],
        ),
        (
            "the candidate does not say",
            |old, _| old.metadata = metadata(&[("positive_class", "sick")]),
            &[open(PositiveClass)],
            &["is sick in iris@1, and iris@2 does not say"],
        ),
        (
            "the one in use does not say",
            |_, new| new.metadata = metadata(&[("positiveClassLabel", "sick")]),
            &[open(PositiveClass)],
            &["is sick in iris@2, and iris@1 does not say"],
        ),
        (
            "another unit",
            |old, new| {
                old.metadata = metadata(&[("unit", "celsius")]);
                new.metadata = metadata(&[("unit", "fahrenheit")]);
            },
            &[fails(OutputSemantics)],
            &["The unit is celsius in iris@1 and fahrenheit in iris@2"],
        ),
        (
            "results and settings of a training",
            |old, new| {
                let of = |loss, units, link, day| [("loss", loss), ("units", units), ("link", link), ("cutoff", day)];
                old.metadata = metadata(&of("0.231", "64", "https://a.b/1", "2024-01-01"));
                new.metadata = metadata(&of("1e-2", "128", "https://a.b/2", "2025-01-01"));
                new.metadata.remove("units");
            },
            &[],
            &[],
        ),
        (
            "another transformation",
            |old, new| {
                old.metadata = metadata(&[("target_transform", "none")]);
                new.metadata = metadata(&[("target_transform", "log1p")]);
            },
            &[fails(OutputSemantics)],
            &["The transformation of the answer is none in iris@1 and log1p in iris@2"],
        ),
        (
            "another threshold",
            |old, new| {
                old.metadata = metadata(&[("decision_threshold", "0.5")]);
                new.metadata = metadata(&[("decision_threshold", "0.8")]);
            },
            &[warns(OutputSemantics)],
            &["The threshold is 0.5 in iris@1 and 0.8 in iris@2"],
        ),
    ];
    hold(&onnx_tensor(), rows);
}

#[test]
fn a_package_that_contradicts_itself() {
    let sentence = "MLmodel says that it takes a, and the graph takes b".to_owned();
    let with = |contradictions: &[&String]| Signature {
        contradictions: contradictions.iter().map(|sentence| (*sentence).clone()).collect(),
        ..onnx_tensor()
    };
    let (sound, torn) = (with(&[]), with(&[&sentence]));
    let unchanged = compared(&sound, &sound);
    says(
        "new",
        &unchanged,
        &compared(&sound, &torn),
        &[fails(Contradiction)],
        &["iris@2 contradicts itself: MLmodel says"],
    );
    says("as before", &unchanged, &compared(&torn, &torn), &[warns(Contradiction)], &["iris@2 contradicts itself"]);
    says("mended", &unchanged, &compared(&torn, &sound), &[], &[]);
}

/// A description, the graph inside the package, and words of what is found.
type Told<'a> = (&'a str, Vec<Field>, Vec<Field>, &'a Signature, &'a [&'a str]);

#[test]
fn a_description_that_does_not_fit_its_graph() {
    let (one, several) = (onnx_tensor(), onnx_columns());
    let table = |datatype| ["length", "width", "height"].map(|name| column(name, datatype)).to_vec();
    let price = || vec![column("price", "double")];
    let rows: &[Told<'_>] = &[
        ("columns for a tensor", table("double"), price(), &one, &[]),
        ("columns that are cast", table("long"), price(), &one, &[]),
        ("tensors", vec![tensor("X", "float32", &[-1, 3])], vec![tensor("price", "float32", &[-1, 1])], &one, &[]),
        ("without names", vec![tensor("", "float32", &[-1, 3])], vec![tensor("", "object", &[-1, 1])], &one, &[]),
        ("nothing is said", Vec::new(), Vec::new(), &one, &[]),
        ("columns for columns", table("double"), Vec::new(), &several, &[]),
        ("too few columns", table("double")[1..].to_vec(), price(), &one, &["takes 2 columns, and the graph takes 3"]),
        ("text", table("string"), price(), &one, &["takes length as string, and in the graph that is FLOAT"]),
        ("another input", vec![tensor("Y", "float32", &[-1, 3])], price(), &one, &["takes Y, and the graph takes X"]),
        ("another type", vec![tensor("X", "float64", &[-1, 3])], price(), &one, &["takes X as float64", "FLOAT"]),
        (
            "another shape",
            vec![tensor("X", "float32", &[-1, 4])],
            price(),
            &one,
            &["takes X of the shape [?, 4], and in the graph that is [?, 3]"],
        ),
        ("another output", table("double"), vec![column("rent", "double")], &one, &["answers with rent", "with price"]),
        (
            "an output of text",
            table("double"),
            vec![column("price", "string")],
            &one,
            &["answers with price as string"],
        ),
        ("a column is missing", table("double")[1..].to_vec(), Vec::new(), &several, &["takes height, width, and"]),
    ];
    for (what, inputs, outputs, graph, wanted) in rows {
        let described = Signature { inputs: inputs.clone(), outputs: outputs.clone(), ..mlflow() };
        let found = contradictions(&described, graph).join("; ");
        assert_eq!(found.is_empty(), wanted.is_empty(), "{what}: {found}");
        assert!(wanted.iter().all(|word| found.contains(word)), "{what}: {found}");
    }
    let classes =
        |names: &[&str]| Signature { classes: words(names), inputs: Vec::new(), outputs: Vec::new(), ..mlflow() };
    assert!(contradictions(&classes(&["setosa", "versicolor", "virginica"]), &several).is_empty());
    let turned = contradictions(&classes(&["virginica", "versicolor", "setosa"]), &several).join("; ");
    assert!(turned.contains("names the classes virginica, versicolor, setosa, and the graph setosa"), "{turned}");
}
