//! The types of the values that callers find in an answer.

use domain::compat::CheckName::*;
use domain::model::ValueKind;

use crate::build::{column, mlflow, onnx_tensor, tensor};
use crate::table::{Row, fails, hold, open, passed, unknown, warns};

#[test]
fn types() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(OutputType)], &["fit"]),
        (
            "another type",
            |_, new| new.outputs[0].datatype = "DOUBLE".to_owned(),
            &[fails(OutputType)],
            &["The output price is FLOAT in iris@1 and DOUBLE in iris@2", "Keep the type"],
        ),
        (
            "one side does not say",
            |old, _| old.outputs[0].datatype.clear(),
            &[unknown(OutputType)],
            &["iris@1 does not say of which type the output price is"],
        ),
        (
            "the other side does not say",
            |_, new| new.outputs[0].datatype.clear(),
            &[unknown(OutputType)],
            &["iris@2 does not say of which type"],
        ),
        (
            "neither says",
            |old, new| (old.outputs[0].datatype, new.outputs[0].datatype) = Default::default(),
            &[unknown(OutputType)],
            &["does not say of which type"],
        ),
        (
            "a tensor became a sequence",
            |_, new| new.outputs[0].kind = ValueKind::Sequence,
            &[fails(OutputType)],
            &["The output price is FLOAT"],
        ),
        (
            "what is renamed is compared all the same",
            |_, new| new.outputs[0] = tensor("rent", "INT64", &[-1, 1]),
            &[fails(OutputType), fails(OutputRenamed)],
            &["The output price is FLOAT in iris@1 and INT64 in iris@2"],
        ),
        (
            "float words of another family",
            |old, new| {
                old.outputs[0].datatype = "float".to_owned();
                new.outputs[0].datatype = "double".to_owned();
            },
            &[fails(OutputType)],
            &["float in iris@1 and double in iris@2"],
        ),
    ];
    hold(&onnx_tensor(), rows);
}

#[test]
fn types_in_mlflow() {
    let rows: &[Row<'_>] = &[
        (
            "less precision",
            |_, new| new.outputs[0].datatype = "float".to_owned(),
            &[warns(OutputType)],
            &["The output price is double in iris@1 and float in iris@2: numbers have another precision"],
        ),
        (
            "more precision",
            |old, _| old.outputs[0].datatype = "float".to_owned(),
            &[warns(OutputType)],
            &["float in iris@1 and double in iris@2"],
        ),
        (
            "precision of tensors",
            |old, new| {
                old.outputs = vec![tensor("price", "float32", &[-1])];
                new.outputs = vec![tensor("price", "float64", &[-1])];
            },
            &[warns(OutputType), open(ClassNames)],
            &["another precision"],
        ),
        (
            "whole numbers",
            |_, new| new.outputs[0].datatype = "long".to_owned(),
            &[fails(OutputType), fails(TargetType), open(ClassNames)],
            &["double in iris@1 and long in iris@2"],
        ),
        (
            "a whole number of fewer digits",
            |old, new| {
                old.outputs[0].datatype = "long".to_owned();
                new.outputs[0].datatype = "integer".to_owned();
            },
            &[passed(OutputType), open(ClassNames)],
            &[],
        ),
        (
            "a whole number of more digits",
            |old, new| {
                old.outputs[0].datatype = "integer".to_owned();
                new.outputs[0].datatype = "long".to_owned();
            },
            &[fails(OutputType), open(ClassNames)],
            &["integer in iris@1 and long in iris@2"],
        ),
        (
            "anything became a number",
            |old, _| old.outputs[0].datatype = "any".to_owned(),
            &[passed(OutputType), open(ClassNames), open(TargetType)],
            &[],
        ),
        (
            "a number became anything",
            |_, new| new.outputs[0].datatype = "any".to_owned(),
            &[fails(OutputType), open(ClassNames), open(TargetType)],
            &["double in iris@1 and any in iris@2"],
        ),
        (
            "a property is always there, and one is new",
            |old, new| {
                old.outputs[0].datatype = "object(id: long, note?: string)".to_owned();
                new.outputs[0].datatype = "object(id: long, note: string, more: map(any))".to_owned();
            },
            &[passed(OutputType), open(ClassNames), open(TargetType)],
            &[],
        ),
        (
            "a property may be left out",
            |old, new| {
                old.outputs[0].datatype = "object(id: long)".to_owned();
                new.outputs[0].datatype = "object(id?: long)".to_owned();
            },
            &[fails(OutputType), open(ClassNames), open(TargetType)],
            &["object(id: long) in iris@1"],
        ),
        (
            "an output may be left out",
            |_, new| new.outputs[0].required = false,
            &[fails(OutputRemoved)],
            &["iris@2 may leave out price, which iris@1 always answers with"],
        ),
        ("an output is always there", |old, _| old.outputs[0].required = false, &[passed(OutputNames)], &[]),
        (
            "a column became a tensor of the same values",
            |_, new| new.outputs = vec![tensor("price", "float64", &[-1])],
            &[warns(OutputType), open(ClassNames)],
            &["a column of double in iris@1 and a tensor of float64 in iris@2", "written in another way"],
        ),
        (
            "a tensor became a column of the same values",
            |old, new| {
                old.outputs = vec![tensor("price", "str", &[-1])];
                new.outputs = vec![column("price", "string")];
            },
            &[warns(OutputType), open(ClassNames)],
            &["a tensor of str in iris@1 and a column of string in iris@2"],
        ),
        (
            "a column became a tensor of other values",
            |_, new| new.outputs = vec![tensor("price", "int64", &[-1])],
            &[fails(OutputType), fails(TargetType), open(ClassNames)],
            &["double in iris@1 and int64 in iris@2"],
        ),
        (
            "a column became a tensor of anything",
            |_, new| new.outputs = vec![tensor("price", "object", &[-1])],
            &[open(OutputType), open(TargetType), open(ClassNames)],
            &["a tensor of object in iris@2: one of them can hold anything"],
        ),
        (
            "a tensor of anything became a column",
            |old, _| old.outputs = vec![tensor("price", "object", &[-1])],
            &[open(OutputType), open(TargetType), open(ClassNames)],
            &["a tensor of object in iris@1"],
        ),
    ];
    hold(&mlflow(), rows);
}
