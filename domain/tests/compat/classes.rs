//! Classes: their set, their number and their order.

use domain::compat::CheckName::*;
use domain::model::{ClassSource, Part, Series, Signature, Task, ValueKind};

use crate::build::{column, mlflow, onnx_columns, shape, trees, words};
use crate::table::{Row, fails, hold, open, passed, unknown, warns};

/// MLflow's probabilities: a column for each class.
fn columns() -> Signature {
    let outputs = ["setosa", "versicolor", "virginica"].map(|name| column(name, "double")).to_vec();
    Signature { outputs, ..mlflow() }
}

#[test]
fn sets_and_counts() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(ClassNames), passed(ClassCount)], &["the same 3 classes"]),
        (
            "a class is new",
            |_, new| {
                new.classes = words(&["setosa", "versicolor", "virginica", "unknown"]);
                (new.class_count, new.outputs[1].shape) = (Some(4), shape(&[-1, 4]));
            },
            &[fails(ClassNames), fails(ClassCount), fails(OutputShape)],
            &["iris@2 lacks none; new in it are unknown"],
        ),
        (
            "a class is gone",
            |_, new| (new.classes, new.class_count) = (words(&["setosa", "virginica"]), Some(2)),
            &[fails(ClassNames), fails(ClassCount)],
            &["iris@2 lacks versicolor; new in it are none"],
        ),
        (
            "as many others",
            |_, new| new.classes = words(&["setosa", "versicolor", "Virginica"]),
            &[fails(ClassNames), passed(ClassCount)],
            &["lacks virginica; new in it are Virginica", "another name"],
        ),
        (
            "only their number is known, and it is another",
            |old, new| {
                (old.classes, new.classes) = (None, None);
                new.class_count = Some(4);
            },
            &[fails(ClassCount), open(ClassNames), open(TargetName)],
            &["iris@1 knows 3 classes and iris@2 knows 4"],
        ),
        (
            "their names say how many they are",
            |old, new| {
                (old.class_count, new.class_count) = (None, None);
                new.classes = words(&["setosa", "versicolor"]);
            },
            &[fails(ClassCount), fails(ClassNames)],
            &["iris@1 knows 3 classes and iris@2 knows 2"],
        ),
        (
            "a binary model knows two",
            |_, new| {
                (new.classes, new.class_count) = (None, None);
                new.target.task = Some(Task::Binary);
            },
            &[fails(ClassCount), fails(TargetType), unknown(ClassNames)],
            &["iris@2 knows 2"],
        ),
        (
            "what is stated counts more than that it is binary",
            |old, new| {
                for signature in [old, new] {
                    signature.target.task = Some(Task::Binary);
                }
            },
            &[passed(ClassCount)],
            &["Both know 3 classes"],
        ),
    ];
    hold(&onnx_columns(), rows);
}

#[test]
fn order() {
    let rows: &[Row<'_>] = &[
        (
            "the graph says which place is whose",
            |_, new| new.classes = words(&["versicolor", "setosa", "virginica"]),
            &[fails(ClassOrder), passed(ClassNames)],
            &["another order in iris@2 than in iris@1", "would mean another class", "order of before"],
        ),
        (
            "a file beside the model is taken like the graph",
            |old, new| {
                (old.class_source, new.class_source) = (Some(ClassSource::Sidecar), Some(ClassSource::Sidecar));
                old.classes = words(&["versicolor", "setosa", "virginica"]);
            },
            &[fails(ClassOrder)],
            &["would mean another class"],
        ),
        (
            "only properties of both say so",
            |old, new| {
                (old.class_source, new.class_source) = (Some(ClassSource::Metadata), Some(ClassSource::Metadata));
                new.classes = words(&["versicolor", "setosa", "virginica"]);
            },
            &[warns(ClassOrder)],
            &["Only properties of the file say so"],
        ),
        (
            "what a person declared counts like a property",
            |old, new| {
                old.class_source = Some(ClassSource::Metadata);
                (new.class_source, new.declared) = (None, vec![Part::Classes]);
                new.classes = words(&["versicolor", "setosa", "virginica"]);
            },
            &[warns(ClassOrder)],
            &["goes by the index"],
        ),
        (
            "the graph of one side says so",
            |old, new| {
                old.class_source = Some(ClassSource::Metadata);
                new.classes = words(&["versicolor", "setosa", "virginica"]);
            },
            &[fails(ClassOrder)],
            &["would mean another class"],
        ),
        (
            "the graph of the other side says so",
            |old, new| {
                new.class_source = Some(ClassSource::Metadata);
                old.classes = words(&["versicolor", "setosa", "virginica"]);
            },
            &[fails(ClassOrder)],
            &["would mean another class"],
        ),
    ];
    hold(&onnx_columns(), rows);
    let named = Signature { classes: words(&["a", "b"]), class_source: Some(ClassSource::Sidecar), ..mlflow() };
    let rows: &[Row<'_>] = &[(
        "MLflow answers with names",
        |_, new| new.classes = words(&["b", "a"]),
        &[warns(ClassOrder)],
        &["goes by the index"],
    )];
    hold(&named, rows);
}

#[test]
fn one_side_does_not_say() {
    let rows: &[Row<'_>] = &[
        (
            "labels in the graph are gone",
            |_, new| new.classes = None,
            &[unknown(ClassNames)],
            &["iris@1 names its 3 classes and iris@2 names none", "Declare them"],
        ),
        (
            "labels in properties are gone, which is said once",
            |old, new| {
                old.class_source = Some(ClassSource::Metadata);
                new.classes = None;
            },
            &[open(ClassNames), warns(MetadataLost)],
            &["iris@1 names its 3 classes"],
        ),
        (
            "declared labels are gone",
            |old, new| {
                (old.class_source, old.declared) = (None, vec![Part::Classes]);
                new.classes = None;
            },
            &[open(ClassNames), warns(MetadataLost)],
            &["iris@1 names its 3 classes"],
        ),
        (
            "it became a regressor, which has none",
            |_, new| {
                (new.classes, new.class_count) = (None, None);
                new.target.task = Some(Task::Regression);
            },
            &[open(ClassNames), fails(TargetType)],
            &["iris@2 names none"],
        ),
        (
            "the one in use names none",
            |old, _| old.classes = None,
            &[open(ClassNames), open(TargetName)],
            &["iris@1 names no classes, so those of iris@2 cannot be compared"],
        ),
        (
            "the number is not known on one side",
            |old, _| (old.classes, old.class_count) = (None, None),
            &[open(ClassNames), open(TargetName)],
            &[],
        ),
    ];
    hold(&onnx_columns(), rows);
    let rows: &[Row<'_>] = &[("neither names any", |_, _| {}, &[open(ClassNames), passed(ClassCount)], &["Neither"])];
    hold(&trees(), rows);
}

#[test]
fn columns_that_stand_for_classes() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(ClassNames)], &["the same columns"]),
        ("another order", |_, new| new.outputs.swap(0, 1), &[passed(ClassNames)], &["the same columns"]),
        (
            "a class is new",
            |_, new| new.outputs.push(column("unknown", "double")),
            &[warns(ClassNames), passed(OutputAdded)],
            &["iris@2 also answers with unknown", "share less"],
        ),
        (
            "a class is gone",
            |_, new| new.outputs.truncate(2),
            &[fails(ClassNames), fails(OutputRemoved)],
            &["iris@2 no longer answers with virginica"],
        ),
        (
            "a class is called otherwise",
            |_, new| new.outputs[2].name = "unknown".to_owned(),
            &[fails(ClassNames), fails(OutputRenamed)],
            &["no longer answers with virginica"],
        ),
        (
            "precision does not make a class",
            |_, new| {
                for output in &mut new.outputs {
                    output.datatype = "float".to_owned();
                }
            },
            &[passed(ClassNames), warns(OutputType)],
            &["the same columns"],
        ),
        (
            "whole numbers are no probabilities",
            |old, new| {
                for output in old.outputs.iter_mut().chain(&mut new.outputs) {
                    output.datatype = "long".to_owned();
                }
            },
            &[open(ClassNames)],
            &["Neither package names classes"],
        ),
        (
            "columns of several types are no classes",
            |old, new| {
                for signature in [old, new] {
                    signature.outputs.push(column("note", "string"));
                }
            },
            &[open(ClassNames)],
            &["Neither package names classes"],
        ),
        (
            "tensors are no classes",
            |old, new| {
                for output in old.outputs.iter_mut().chain(&mut new.outputs) {
                    output.kind = ValueKind::Tensor;
                    output.shape = shape(&[-1]);
                }
            },
            &[open(ClassNames)],
            &["Neither package names classes"],
        ),
        (
            "a forecast has several numbers",
            |old, new| {
                for signature in [old, new] {
                    signature.series = Some(Series::default());
                }
            },
            &[passed(ClassNames)],
            &["Both predict a number"],
        ),
        (
            "bounds of a prediction are no classes",
            |old, new| {
                for signature in [old, new] {
                    signature.outputs = ["y", "y_lower", "y_upper"].map(|name| column(name, "double")).to_vec();
                }
            },
            &[open(ClassNames)],
            &["Neither package names classes"],
        ),
    ];
    hold(&columns(), rows);
}

#[test]
fn numbers_have_no_classes() {
    let rows: &[Row<'_>] = &[
        ("the only output is a real number", |_, _| {}, &[passed(ClassNames)], &["Both predict a number: no classes"]),
        (
            "it is said of one side alone",
            |_, new| new.target.task = Some(Task::Regression),
            &[passed(ClassNames)],
            &["Both predict a number"],
        ),
        (
            "one side says something else",
            |_, new| new.target.task = Some(Task::Ranking),
            &[open(ClassNames)],
            &["Neither package names classes"],
        ),
        (
            "the only output of one side is a tensor",
            |_, new| {
                new.outputs[0].kind = ValueKind::Tensor;
                new.outputs[0].datatype = "float64".to_owned();
            },
            &[open(ClassNames), warns(OutputType)],
            &["Neither package names classes"],
        ),
        (
            "text is no number",
            |old, new| {
                for signature in [old, new] {
                    signature.outputs[0].datatype = "string".to_owned();
                }
            },
            &[open(ClassNames)],
            &["Neither package names classes"],
        ),
    ];
    hold(&mlflow(), rows);
}
