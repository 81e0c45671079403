//! The outputs that callers find in an answer.

use domain::compat::CheckName::*;
use domain::model::{Dimension, Meaning, Signature, ValueKind};

use crate::build::{column, mlflow, onnx_columns, onnx_tensor, shape, tensor, trees};
use crate::table::{Row, fails, hold, open, passed, unknown, warns};

#[test]
fn names() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(OutputNames), passed(OutputType)], &["iris@2 answers with every output"]),
        (
            "one is called otherwise",
            |_, new| new.outputs[1].name = "scores".to_owned(),
            &[fails(OutputRenamed)],
            &["The output probabilities of iris@1 is called scores in iris@2", "Keep the name"],
        ),
        (
            "case counts",
            |_, new| new.outputs[1].name = "Probabilities".to_owned(),
            &[fails(OutputRenamed)],
            &["Probabilities"],
        ),
        (
            "one is gone",
            |_, new| new.outputs.truncate(1),
            &[fails(OutputRemoved)],
            &["iris@2 no longer answers with probabilities, which iris@1 does", "Keep the output"],
        ),
        (
            "one is new",
            |_, new| new.outputs.push(tensor("embedding", "FLOAT", &[-1, 8])),
            &[passed(OutputAdded), passed(OutputNames)],
            &["iris@2 also answers with embedding"],
        ),
        (
            "one is new in front",
            |_, new| new.outputs.insert(0, tensor("embedding", "FLOAT", &[-1, 8])),
            &[passed(OutputAdded), warns(OutputPosition)],
            &["embedding"],
        ),
        (
            "another order",
            |_, new| new.outputs.swap(0, 1),
            &[warns(OutputPosition)],
            &["species, probabilities stand in another place", "by position"],
        ),
        (
            "one is gone and another one came",
            |_, new| {
                new.outputs = vec![new.outputs[0].clone(), tensor("a", "FLOAT", &[-1]), tensor("b", "FLOAT", &[-1])]
            },
            &[fails(OutputRemoved), passed(OutputAdded)],
            &["probabilities"],
        ),
        (
            "the first one is the prediction, whatever stands behind it",
            |_, new| {
                new.outputs[0].name = "kind".to_owned();
                new.outputs.truncate(1);
            },
            &[fails(OutputRenamed), fails(OutputRemoved), fails(TargetName)],
            &["species of iris@1 is called kind"],
        ),
        (
            "the candidate says none",
            |_, new| new.outputs.clear(),
            &[unknown(OutputNames), unknown(TargetNameUnknown)],
            &["iris@1 or iris@2 does not say what it answers"],
        ),
        (
            "the one in use says none",
            |old, _| old.outputs.clear(),
            &[unknown(OutputNames), open(TargetName)],
            &["does not say what it answers"],
        ),
    ];
    hold(&onnx_columns(), rows);
}

fn two() -> Signature {
    Signature { outputs: vec![column("price", "double"), column("count", "long")], ..mlflow() }
}

#[test]
fn names_of_a_table() {
    let rows: &[Row<'_>] = &[
        ("another order in MLflow", |_, new| new.outputs.swap(0, 1), &[passed(OutputNames)], &[]),
        (
            "names are lost",
            |_, new| new.outputs.iter_mut().for_each(|output| output.name.clear()),
            &[unknown(OutputRenamed)],
            &["The output price of iris@1 has no name in iris@2", "Save it with the name of before"],
        ),
        (
            "names are gained",
            |old, _| old.outputs.iter_mut().for_each(|output| output.name.clear()),
            &[warns(OutputRenamed)],
            &["An output of iris@1 has no name and is called price in iris@2"],
        ),
        (
            "names are gained and there are more of them",
            |old, new| {
                old.outputs.iter_mut().for_each(|output| output.name.clear());
                new.outputs.push(column("age", "long"));
            },
            &[warns(OutputRenamed), fails(OutputRemoved), passed(OutputAdded)],
            &["called price"],
        ),
        (
            "without names the place counts",
            |old, new| {
                for signature in [old, new] {
                    signature.outputs.iter_mut().for_each(|output| output.name.clear());
                }
            },
            &[passed(OutputNames), passed(OutputType)],
            &[],
        ),
        (
            "without names another type at a place",
            |old, new| {
                for signature in [&mut *old, &mut *new] {
                    signature.outputs.iter_mut().for_each(|output| output.name.clear());
                }
                new.outputs[1].datatype = "string".to_owned();
            },
            &[fails(OutputType)],
            &["long in iris@1 and string in iris@2"],
        ),
        (
            "without names one less",
            |old, new| {
                for signature in [&mut *old, &mut *new] {
                    signature.outputs.iter_mut().for_each(|output| output.name.clear());
                }
                new.outputs.truncate(1);
            },
            &[fails(OutputRemoved)],
            &["no longer answers with"],
        ),
        (
            "a side without a signature",
            |_, new| {
                new.absent = true;
                (new.inputs, new.outputs, new.parameters) = Default::default();
            },
            &[unknown(SignatureAbsent), warns(ParamRemoved)],
            &["iris@2"],
        ),
    ];
    hold(&two(), rows);
    let rows: &[Row<'_>] = &[(
        "another order in a tree file",
        |old, new| {
            old.outputs.push(tensor("leaf", "FLOAT", &[-1]));
            new.outputs.insert(0, tensor("leaf", "FLOAT", &[-1]));
        },
        &[warns(OutputPosition)],
        &["probabilities, leaf"],
    )];
    hold(&trees(), rows);
}

#[test]
fn shapes() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(OutputShape)], &["fit"]),
        ("free became fixed", |_, new| new.outputs[0].shape = shape(&[1, 1]), &[passed(OutputShape)], &[]),
        (
            "fixed became free",
            |_, new| new.outputs[0].shape = shape(&[-1, -1]),
            &[fails(OutputShape)],
            &["The output price has the shape [?, 1] in iris@1 and [?, ?] in iris@2", "Keep the shape"],
        ),
        (
            "fixed became free, as an input that it follows",
            |old, new| {
                old.inputs[0].shape = shape(&[1, 3]);
                old.outputs[0].shape = shape(&[1, 1]);
                new.outputs[0].shape = shape(&[-1, 1]);
            },
            &[passed(OutputShape), passed(InputShape)],
            &[],
        ),
        (
            "fixed became free, and no input at that place",
            |old, new| {
                old.inputs[0].shape = shape(&[1, 3]);
                new.inputs[0].shape = shape(&[-1, 3]);
                old.outputs[0].shape = shape(&[1, 1]);
                new.outputs[0].shape = shape(&[-1, -1]);
            },
            &[fails(OutputShape), passed(InputShape)],
            &["[1, 1] in iris@1 and [?, ?] in iris@2"],
        ),
        (
            "fixed became free, as an input under the same name",
            |old, new| {
                let length = || Dimension::Symbolic("length".to_owned());
                old.inputs[0].shape = shape(&[9, 3]);
                new.inputs[0].shape = Some(vec![length(), Dimension::Fixed(3)]);
                old.outputs[0].shape = shape(&[1, 9]);
                new.outputs[0].shape = Some(vec![Dimension::Fixed(1), length()]);
            },
            &[passed(OutputShape), passed(InputShape)],
            &[],
        ),
        (
            "another number, whatever an input does",
            |old, new| {
                old.inputs[0].shape = shape(&[1, 3]);
                old.outputs[0].shape = shape(&[1, 1]);
                new.outputs[0].shape = shape(&[-1, 2]);
            },
            &[fails(OutputShape)],
            &["[1, 1] in iris@1 and [?, 2] in iris@2"],
        ),
        (
            "a single value is no unknown shape",
            |old, _| old.outputs[0].shape = shape(&[]),
            &[fails(OutputShape)],
            &["[] in iris@1"],
        ),
        (
            "another number",
            |_, new| new.outputs[0].shape = shape(&[-1, 2]),
            &[fails(OutputShape)],
            &["[?, 2] in iris@2"],
        ),
        ("another rank", |_, new| new.outputs[0].shape = shape(&[-1]), &[fails(OutputShape)], &["and [?] in iris@2"]),
        (
            "the candidate does not say",
            |_, new| new.outputs[0].shape = None,
            &[unknown(OutputShape)],
            &["iris@2 does not say which shape its output price has"],
        ),
        (
            "the one in use does not say",
            |old, _| old.outputs[0].shape = None,
            &[unknown(OutputShape)],
            &["iris@1 does not say which shape its output price has"],
        ),
        (
            "neither says",
            |old, new| (old.outputs[0].shape, new.outputs[0].shape) = (None, None),
            &[unknown(OutputShape)],
            &["does not say which shape"],
        ),
        (
            "of other kinds no shapes are compared",
            |_, new| {
                new.outputs[0].kind = ValueKind::Sequence;
                new.outputs[0].shape = shape(&[5]);
            },
            &[fails(OutputType)],
            &["price"],
        ),
    ];
    hold(&onnx_tensor(), rows);
}

#[test]
fn meaning() {
    let rows: &[Row<'_>] = &[
        (
            "probabilities became scores",
            |_, new| new.outputs[1].meaning = Some(Meaning::Score),
            &[fails(OutputSemantics)],
            &["The output probabilities holds probabilities in iris@1 and unbounded scores in iris@2"],
        ),
        (
            "scores became probabilities",
            |old, _| old.outputs[1].meaning = Some(Meaning::Score),
            &[fails(OutputSemantics)],
            &["unbounded scores in iris@1 and probabilities in iris@2"],
        ),
        (
            "probabilities became a plain sum",
            |_, new| new.outputs[1].meaning = Some(Meaning::Number),
            &[fails(OutputSemantics)],
            &["probabilities in iris@1 and numbers that are not probabilities in iris@2"],
        ),
        (
            "scores and sums are both without bounds",
            |old, new| {
                (old.outputs[1].meaning, new.outputs[1].meaning) = (Some(Meaning::Score), Some(Meaning::Number));
            },
            &[],
            &[],
        ),
        (
            "the candidate does not show it",
            |_, new| new.outputs[1].meaning = None,
            &[unknown(OutputSemantics)],
            &["probabilities in iris@1 and numbers whose meaning the file does not show in iris@2"],
        ),
        (
            "the one in use does not show it",
            |old, _| old.outputs[1].meaning = None,
            &[unknown(OutputSemantics)],
            &["does not show in iris@1"],
        ),
    ];
    hold(&onnx_columns(), rows);
}
