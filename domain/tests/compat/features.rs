//! The features that a call must and may send, and the way in which it is written.

use domain::compat::CheckName::*;
use domain::model::{Field, ValueKind};

use crate::build::{column, mlflow, onnx_columns, onnx_tensor, optional, shape, tensor, trees, words};
use crate::table::{Row, fails, hold, open, passed, unknown, warns};

#[test]
fn columns_of_a_table() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(Features)], &["iris@2 takes every feature that iris@1 takes"]),
        (
            "a new required one",
            |_, new| new.inputs.push(column("weight", "double")),
            &[fails(NewFeature)],
            &["iris@2 needs weight, which iris@1 does not know", "Make it optional"],
        ),
        (
            "a new optional one",
            |_, new| new.inputs.push(optional(column("weight", "double"))),
            &[warns(NewFeatureOptional)],
            &["iris@2 also takes weight", "left out"],
        ),
        (
            "one is gone",
            |_, new| new.inputs.truncate(2),
            &[warns(InputRemoved)],
            &["iris@2 no longer takes height, which iris@1 takes", "have them leave it out"],
        ),
        (
            "an optional one is gone",
            |old, _| old.inputs.push(optional(column("weight", "double"))),
            &[warns(InputRemoved)],
            &["weight"],
        ),
        (
            "renamed",
            |_, new| new.inputs[0].name = "size".to_owned(),
            &[fails(NewFeature), warns(InputRemoved)],
            &["iris@2 needs size"],
        ),
        (
            "case counts",
            |_, new| new.inputs[0].name = "Length".to_owned(),
            &[fails(NewFeature), warns(InputRemoved)],
            &["iris@2 needs Length"],
        ),
        (
            "an optional one must be sent",
            |old, _| old.inputs[0].required = false,
            &[fails(NewFeature)],
            &["length may be left out for iris@1 and must be sent to iris@2"],
        ),
        ("a required one may be left out", |_, new| new.inputs[0].required = false, &[passed(Features)], &[]),
        ("another order in MLflow", |_, new| new.inputs.swap(0, 2), &[passed(Features)], &[]),
        (
            "one with the word for nothing as its name",
            |_, new| new.inputs.push(column("none", "double")),
            &[fails(NewFeature)],
            &["iris@2 needs none"],
        ),
        (
            "a long name",
            |_, new| new.inputs.push(column(&"x".repeat(121), "double")),
            &[fails(NewFeature)],
            &["iris@2 needs xxx", "xxx…, which"],
        ),
        (
            "a name that is just not too long",
            |_, new| new.inputs.push(column(&"x".repeat(120), "double")),
            &[fails(NewFeature)],
            &["xxx, which"],
        ),
        (
            "a name that would not be seen as one",
            |_, new| new.inputs.push(column("two words\n", "double")),
            &[fails(NewFeature)],
            &[r#"needs "two words\n", which"#],
        ),
        (
            "many",
            |_, new| new.inputs.extend((0..20).map(|n| column(&format!("x{n}"), "double"))),
            &[fails(NewFeature)],
            &["x0, x1, x2", "x11 and 8 more, which"],
        ),
        (
            "a side that says nothing has nothing to be compared",
            |_, new| (new.absent, new.inputs) = (true, Vec::new()),
            &[unknown(SignatureAbsent), open(TargetName)],
            &["iris@2 does not state its inputs and outputs"],
        ),
    ];
    hold(&mlflow(), rows);
}

#[test]
fn tensors_of_their_own() {
    let rows: &[Row<'_>] = &[
        (
            "a tensor with one element a row is a column",
            |_, new| new.inputs.truncate(2),
            &[warns(InputRemoved)],
            &["height"],
        ),
        (
            "a new column",
            |_, new| new.inputs.push(tensor("weight", "FLOAT", &[-1])),
            &[fails(NewFeature)],
            &["iris@2 needs weight"],
        ),
        (
            "a new input of several elements",
            |_, new| new.inputs.push(tensor("state", "FLOAT", &[2, -1])),
            &[fails(InputAdded)],
            &["iris@2 needs the input state, which iris@1 does not have"],
        ),
        (
            "a new input of any shape",
            |_, new| new.inputs.push(Field { shape: None, ..tensor("state", "FLOAT", &[]) }),
            &[fails(InputAdded)],
            &["state"],
        ),
        ("a new scalar", |_, new| new.inputs.push(tensor("rate", "INT64", &[])), &[fails(InputAdded)], &["rate"]),
        (
            "a new sequence",
            |_, new| new.inputs.push(Field { kind: ValueKind::Sequence, ..tensor("words", "STRING", &[-1]) }),
            &[fails(InputAdded)],
            &["words"],
        ),
        (
            "a new optional input of several elements",
            |_, new| new.inputs.push(optional(tensor("state", "FLOAT", &[2, 3]))),
            &[warns(InputAdded)],
            &["iris@2 also takes the input state", "left out"],
        ),
        (
            "an input of several elements is gone",
            |old, _| old.inputs.push(tensor("state", "FLOAT", &[-1, 64])),
            &[fails(InputRemoved)],
            &["iris@2 has no input state, which iris@1 has"],
        ),
        (
            "a column and an input are new",
            |_, new| new.inputs.extend([tensor("weight", "FLOAT", &[-1, 1]), tensor("state", "FLOAT", &[2, -1, 64])]),
            &[fails(NewFeature), fails(InputAdded)],
            &["iris@2 needs weight,"],
        ),
        (
            "several inputs became one",
            |_, new| new.inputs = vec![tensor("X", "FLOAT", &[-1, 3])],
            &[fails(InputAdded), warns(InputRemoved)],
            &["iris@2 needs the input X"],
        ),
        (
            "another order",
            |_, new| new.inputs.swap(0, 2),
            &[warns(InputPosition), passed(Features)],
            &["length, height stand in another place in iris@2 than in iris@1", "by position"],
        ),
        (
            "what is new stands in front",
            |_, new| new.inputs.insert(0, optional(tensor("weight", "FLOAT", &[-1, 1]))),
            &[warns(NewFeatureOptional), warns(InputPosition)],
            &["weight"],
        ),
        (
            "what is new stands behind",
            |_, new| new.inputs.push(optional(tensor("weight", "FLOAT", &[-1, 1]))),
            &[warns(NewFeatureOptional)],
            &["weight"],
        ),
    ];
    hold(&onnx_columns(), rows);
    let rows: &[Row<'_>] = &[
        ("another order in a tree file", |_, new| new.inputs.swap(0, 2), &[warns(InputPosition)], &["length, colour"]),
        ("one is gone", |_, new| new.inputs.truncate(2), &[warns(InputRemoved)], &["colour"]),
        ("one is new", |_, new| new.inputs.push(column("age", "float")), &[fails(NewFeature)], &["iris@2 needs age"]),
    ];
    hold(&trees(), rows);
}

#[test]
fn columns_of_a_single_tensor() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(InputPosition), passed(Features)], &["The 3 columns of the tensor are the same"]),
        (
            "another order",
            |_, new| new.features = words(&["width", "length", "height"]),
            &[fails(InputPosition)],
            &["columns of the tensor come in another order in iris@2", "order of iris@1"],
        ),
        (
            "one is gone",
            |_, new| {
                new.features = words(&["length", "width"]);
                new.inputs[0].shape = shape(&[-1, 2]);
            },
            &[fails(InputRemoved), fails(InputShape)],
            &["The tensor of iris@2 has no column height, which that of iris@1 has"],
        ),
        (
            "one is new",
            |_, new| {
                new.features = words(&["length", "width", "height", "weight"]);
                new.inputs[0].shape = shape(&[-1, 4]);
            },
            &[fails(NewFeature), fails(InputShape)],
            &["The tensor of iris@2 has the column weight, which that of iris@1 does not have"],
        ),
        (
            "renamed",
            |_, new| new.features = words(&["length", "width", "depth"]),
            &[fails(NewFeature), fails(InputRemoved)],
            &["depth"],
        ),
        (
            "the candidate names none",
            |_, new| new.features = None,
            &[warns(MetadataLost)],
            &["iris@1 says the names of the features and iris@2 does not"],
        ),
        ("the one in use names none", |old, _| old.features = None, &[passed(Features)], &[]),
        (
            "the tensor is called otherwise",
            |_, new| new.inputs[0].name = "Y".to_owned(),
            &[fails(InputAdded), fails(InputRemoved)],
            &["iris@2 needs the input Y"],
        ),
    ];
    hold(&onnx_tensor(), rows);
}
