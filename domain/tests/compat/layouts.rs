//! The layouts of a call: by columns without names, by place, by a tensor in place of columns.

use domain::compat::CheckName::*;
use domain::model::Signature;

use crate::build::{column, mlflow, shape, tensor, trees};
use crate::table::{Row, fails, hold, passed, warns};

/// MLflow's columns without names.
fn unnamed() -> Signature {
    Signature { inputs: vec![column("", "double"), column("", "double"), column("", "long")], ..mlflow() }
}

#[test]
fn columns_without_names_go_by_their_place() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(Features), passed(InputType)], &["iris@2 takes every feature"]),
        ("one more", |_, new| new.inputs.push(column("", "double")), &[fails(NewFeature)], &["iris@2 needs column 4"]),
        ("one less", |_, new| new.inputs.truncate(2), &[fails(InputRemoved)], &["iris@2 has no input column 3"]),
        (
            "another type at a place",
            |_, new| new.inputs.swap(1, 2),
            &[fails(InputType)],
            &["(double → long)", "(long → double)"],
        ),
    ];
    hold(&unnamed(), rows);
}

fn table(signature: &mut Signature, count: usize) {
    signature.inputs = ["length", "width", "height"].map(|name| column(name, "double"))[..count].to_vec();
}

fn row(signature: &mut Signature) {
    signature.inputs = vec![column("", "double"); 3];
}

fn block(signature: &mut Signature, name: &str, sizes: &[i64]) {
    signature.inputs = vec![tensor(name, "float64", sizes)];
}

#[test]
fn columns_and_tensors() {
    let rows: &[Row<'_>] = &[
        (
            "columns became a tensor",
            |_, new| block(new, "", &[-1, 3]),
            &[warns(SignatureKind)],
            &["iris@1 takes 3 columns by name and iris@2 takes one tensor of 3 values", "in the right order"],
        ),
        (
            "a tensor became columns, which MLflow wants by name",
            |old, _| block(old, "", &[-1, 3]),
            &[fails(SignatureKind)],
            &[
                "iris@1 takes one tensor of 3 values and iris@2 takes 3 columns by name",
                "names no columns and is refused",
            ],
        ),
        (
            "columns became a tensor with a name, which MLflow wants too",
            |_, new| block(new, "length", &[-1, 3]),
            &[fails(SignatureKind)],
            &["does not name the tensor"],
        ),
        (
            "a tensor lost its name",
            |old, new| {
                block(old, "X", &[-1, 3]);
                block(new, "", &[-1, 3]);
            },
            &[fails(InputAdded), fails(InputRemoved)],
            &["iris@2 needs the input without a name, which iris@1 does not have"],
        ),
        (
            "a tensor gained a name",
            |old, new| {
                block(old, "", &[-1, 3]);
                block(new, "X", &[-1, 3]);
            },
            &[fails(InputRemoved), fails(InputAdded)],
            &["iris@2 has no input without a name, which iris@1 has"],
        ),
        (
            "columns became a wider tensor",
            |_, new| block(new, "", &[-1, 4]),
            &[warns(SignatureKind), fails(InputShape), fails(NewFeature)],
            &["one tensor of 4 values"],
        ),
        (
            "columns became a narrower tensor",
            |_, new| block(new, "", &[-1, 2]),
            &[warns(SignatureKind), fails(InputShape), fails(InputRemoved)],
            &["one tensor of 2 values"],
        ),
        (
            "columns became a tensor of any width",
            |_, new| block(new, "", &[-1, -1]),
            &[warns(SignatureKind)],
            &["takes one tensor:"],
        ),
        (
            "one column became a tensor of one value",
            |old, new| {
                table(old, 1);
                block(new, "", &[-1, 1]);
            },
            &[warns(SignatureKind)],
            &["one tensor of 1 values"],
        ),
        (
            "one column became a tensor of several",
            |old, new| {
                table(old, 1);
                block(new, "", &[-1]);
                new.inputs[0].shape = shape(&[-1, 3]);
            },
            &[warns(SignatureKind), fails(InputShape), fails(NewFeature)],
            &["1 column by name"],
        ),
        (
            "columns lost their names",
            |_, new| row(new),
            &[warns(SignatureKind)],
            &["3 columns by name and iris@2 takes 3 columns by position"],
        ),
        ("columns gained names", |old, _| row(old), &[fails(SignatureKind)], &["names no columns and is refused"]),
        (
            "columns without names became more with names",
            |old, new| {
                row(old);
                new.inputs.push(column("weight", "double"));
            },
            &[fails(SignatureKind), fails(InputShape), fails(NewFeature)],
            &["3 columns by position and iris@2 takes 4 columns by name"],
        ),
        (
            "columns without names became a tensor",
            |old, new| {
                row(old);
                block(new, "", &[-1, 3]);
            },
            &[warns(SignatureKind)],
            &["3 columns by position"],
        ),
        (
            "one column without a name became a vector",
            |old, new| {
                old.inputs = vec![column("", "double")];
                block(new, "", &[-1]);
            },
            &[warns(SignatureKind)],
            &["one tensor of 1 values"],
        ),
    ];
    hold(&mlflow(), rows);
    let rows: &[Row<'_>] = &[
        (
            "a tree file that names no features",
            |_, new| new.inputs = vec![tensor("", "FLOAT", &[-1, 3])],
            &[warns(SignatureKind)],
            &["3 columns by name and iris@2 takes one tensor of 3 values"],
        ),
        (
            "a tree file that names its features at last",
            |old, _| old.inputs = vec![tensor("", "FLOAT", &[-1, 3])],
            &[warns(SignatureKind)],
            &["names no longer protect"],
        ),
        (
            "and has more of them",
            |old, _| old.inputs = vec![tensor("", "FLOAT", &[-1, 2])],
            &[warns(SignatureKind), fails(InputShape), fails(NewFeature)],
            &["one tensor of 2 values"],
        ),
        (
            "and has fewer of them",
            |old, _| old.inputs = vec![tensor("", "FLOAT", &[-1, 4])],
            &[warns(SignatureKind), fails(InputShape), fails(InputRemoved)],
            &["one tensor of 4 values"],
        ),
    ];
    hold(&trees(), rows);
}
