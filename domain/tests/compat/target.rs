//! The thing that a model predicts.

use domain::compat::CheckName::*;
use domain::model::{ClassSource, Format, Meaning, Task};

use crate::build::{column, mlflow, onnx_columns, onnx_tensor, tensor, trees, words};
use crate::table::{Row, fails, hold, open, passed, unknown, warns};

#[test]
fn names_that_are_stated() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(TargetName)], &["Both predict price"]),
        (
            "another name",
            |_, new| new.target.name = Some("rent".to_owned()),
            &[fails(TargetName)],
            &["iris@1 predicts price and iris@2 predicts rent", "another name"],
        ),
        ("case counts", |_, new| new.target.name = Some("Price".to_owned()), &[fails(TargetName)], &["price", "Price"]),
        (
            "only the candidate does not say",
            |_, new| new.target.name = None,
            &[open(TargetName), warns(MetadataLost)],
            &["iris@1 says that it predicts price; iris@2 does not say"],
        ),
        (
            "the one in use does not say and its output is still there",
            |old, _| old.target.name = None,
            &[passed(TargetName)],
            &["Both predict price"],
        ),
        (
            "the one in use does not say and its output is gone",
            |old, new| {
                old.target.name = None;
                new.outputs[0].name = "rent".to_owned();
            },
            &[fails(TargetName), fails(OutputRenamed)],
            &["iris@1 predicts price and iris@2 predicts rent"],
        ),
        (
            "the one in use does not say and the candidate says something else than its output",
            |old, new| (old.target.name, new.target.name) = (None, Some("rent".to_owned())),
            &[open(TargetName)],
            &["iris@2 says that it predicts rent; iris@1 does not say", "Make sure that it is the same"],
        ),
        (
            "a stated name counts, whatever the output is called",
            |old, new| (old.target.name, new.target.name) = (Some("a".to_owned()), Some("b".to_owned())),
            &[fails(TargetName)],
            &["predicts a", "predicts b"],
        ),
    ];
    hold(&onnx_tensor(), rows);
}

#[test]
fn names_of_the_output_that_answers() {
    let rows: &[Row<'_>] = &[
        ("the label of a classifier", |_, _| {}, &[passed(TargetName)], &["Both predict species"]),
        (
            "the label is called otherwise",
            |_, new| new.outputs[0].name = "kind".to_owned(),
            &[fails(TargetName), fails(OutputRenamed)],
            &["species", "kind"],
        ),
        (
            "the label is gone",
            |_, new| {
                new.outputs.remove(0);
                new.classes = None;
                new.class_count = None;
                new.outputs.push(tensor("rest", "FLOAT", &[-1, 3]));
            },
            &[fails(TargetName), fails(OutputRemoved), warns(OutputPosition), unknown(ClassNames)],
            &["iris@1 predicts species, which iris@2 does not answer"],
        ),
        (
            "another order of the outputs",
            |_, new| new.outputs.swap(0, 1),
            &[warns(OutputPosition)],
            &["species, probabilities stand in another place in the answer of iris@2 than in that of iris@1"],
        ),
        (
            "several outputs of which none is the label",
            |old, new| {
                for signature in [old, new] {
                    signature.outputs[0].meaning = Some(Meaning::Probability);
                }
            },
            &[open(TargetName)],
            &["iris@1 does not say what its target is called"],
        ),
        (
            "several outputs without classes",
            |old, new| {
                for signature in [old, new] {
                    (signature.classes, signature.class_source) = (None, None);
                }
            },
            &[open(TargetName), open(ClassNames)],
            &["iris@1 does not say what its target is called"],
        ),
    ];
    hold(&onnx_columns(), rows);
}

#[test]
fn names_in_a_table() {
    let rows: &[Row<'_>] = &[
        (
            "the output lost its name",
            |_, new| new.outputs[0].name.clear(),
            &[unknown(TargetNameUnknown), unknown(OutputRenamed)],
            &["iris@1 predicts price; iris@2 names no output"],
        ),
        (
            "the output gained a name",
            |old, _| old.outputs[0].name.clear(),
            &[open(TargetName), warns(OutputRenamed)],
            &["iris@1 does not say what its target is called"],
        ),
        (
            "no output on the candidate's side",
            |_, new| new.outputs.clear(),
            &[unknown(TargetNameUnknown), unknown(OutputNames), open(TargetType), open(ClassNames)],
            &["price"],
        ),
        (
            "several outputs and none of that name",
            |_, new| new.outputs = vec![column("rent", "double"), column("heat", "double")],
            &[fails(TargetName), fails(OutputRenamed), open(TargetType), open(ClassNames)],
            &["iris@1 predicts price, which iris@2 does not answer"],
        ),
        (
            "no signature",
            |_, new| {
                new.absent = true;
                (new.inputs, new.outputs, new.parameters) = Default::default();
            },
            &[open(TargetName), unknown(SignatureAbsent), open(TargetType), open(ClassNames), warns(ParamRemoved)],
            &["does not say what it predicts"],
        ),
    ];
    hold(&mlflow(), rows);
    // What an output of a tree file is called says nothing of the target.
    let rows: &[Row<'_>] =
        &[("trees", |_, _| {}, &[open(TargetName)], &["iris@1 does not say what its target is called"])];
    hold(&trees(), rows);
}

#[test]
fn kinds_of_answers() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(TargetType)], &["one of several classes"]),
        (
            "two classes",
            |_, new| new.target.task = Some(Task::Binary),
            &[fails(TargetType)],
            &["iris@1 predicts one of several classes and iris@2 predicts one of two classes", "misread"],
        ),
        (
            "a number",
            |_, new| new.target.task = Some(Task::Regression),
            &[fails(TargetType)],
            &["iris@2 predicts a number"],
        ),
        (
            "an order",
            |old, _| old.target.task = Some(Task::Ranking),
            &[fails(TargetType)],
            &["iris@1 predicts an order"],
        ),
        (
            "the candidate does not say",
            |_, new| new.target.task = None,
            &[open(TargetType)],
            &["iris@2 does not say what kind of answer it gives"],
        ),
        (
            "the one in use does not say",
            |old, _| old.target.task = None,
            &[open(TargetType)],
            &["iris@1 does not say what kind of answer it gives"],
        ),
        (
            "neither says",
            |old, new| (old.target.task, new.target.task) = (None, None),
            &[open(TargetType)],
            &["Neither side says"],
        ),
    ];
    hold(&onnx_columns(), rows);
}

#[test]
fn kinds_of_values_of_the_only_output_in_mlflow() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(TargetType)], &["Both answer with real numbers"]),
        (
            "real numbers became text",
            |_, new| new.outputs[0].datatype = "string".to_owned(),
            &[fails(TargetType), fails(OutputType), open(ClassNames)],
            &["iris@1 answers with real numbers and iris@2 with text"],
        ),
        (
            "whole numbers became real ones",
            |old, _| old.outputs[0].datatype = "long".to_owned(),
            &[fails(TargetType), fails(OutputType), open(ClassNames)],
            &["whole numbers", "real numbers"],
        ),
        (
            "yes or no",
            |_, new| new.outputs[0].datatype = "boolean".to_owned(),
            &[fails(TargetType), fails(OutputType), open(ClassNames)],
            &["yes or no"],
        ),
        (
            "times",
            |_, new| new.outputs[0].datatype = "datetime".to_owned(),
            &[fails(TargetType), fails(OutputType), open(ClassNames)],
            &["times"],
        ),
        (
            "bytes",
            |_, new| new.outputs[0].datatype = "binary".to_owned(),
            &[fails(TargetType), fails(OutputType), open(ClassNames)],
            &["bytes"],
        ),
        (
            "longer whole numbers are whole numbers",
            |old, new| {
                old.outputs[0].datatype = "integer".to_owned();
                new.outputs[0].datatype = "long".to_owned();
            },
            &[passed(TargetType), fails(OutputType), open(ClassNames)],
            &["whole numbers"],
        ),
        (
            "what can hold anything",
            |_, new| new.outputs[0].datatype = "object".to_owned(),
            &[open(TargetType), fails(OutputType), open(ClassNames)],
            &["Neither side says"],
        ),
        (
            "several outputs",
            |old, new| {
                for signature in [old, new] {
                    signature.outputs.push(column("note", "string"));
                }
            },
            &[open(TargetType), open(TargetName), open(ClassNames)],
            &["Neither side says"],
        ),
        (
            "what is stated counts",
            |old, new| {
                (old.target.task, new.target.task) = (Some(Task::Regression), Some(Task::Regression));
                old.classes = words(&["a"]);
                new.classes = words(&["a"]);
                (old.class_source, new.class_source) = (Some(ClassSource::Metadata), Some(ClassSource::Metadata));
            },
            &[passed(TargetType)],
            &["Both predict a number"],
        ),
        (
            "another format has other words",
            |old, new| {
                for signature in [old, new] {
                    signature.format = Format::Declared;
                }
            },
            &[open(TargetType)],
            &["Neither side says"],
        ),
    ];
    hold(&mlflow(), rows);
}
