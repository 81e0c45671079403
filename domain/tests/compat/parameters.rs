//! Parameters that a call may carry.

use domain::compat::CheckName::*;
use domain::model::Signature;
use serde_json::{Value, json};

use crate::build::{compared, mlflow, parameter, shape};
use crate::table::{Row, fails, hold, passed, sides, warns};

#[test]
fn parameters() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(Parameters)], &["same defaults"]),
        ("none on either side", |old, new| (old.parameters, new.parameters) = Default::default(), &[], &[]),
        (
            "removed",
            |_, new| new.parameters.clear(),
            &[warns(ParamRemoved)],
            &["iris@2 has no parameter threshold", "iris@1", "Have callers leave it out"],
        ),
        (
            "removed beside one that stays",
            |old, _| old.parameters.push(parameter("depth", "integer", json!(1))),
            &[warns(ParamRemoved)],
            &["depth"],
        ),
        (
            "another default",
            |_, new| new.parameters[0].default = json!(6),
            &[warns(ParamDefault)],
            &["threshold is 5 in iris@1 and 6 in iris@2"],
        ),
        ("default lost", |_, new| new.parameters[0].default = Value::Null, &[warns(ParamDefault)], &["null in iris@2"]),
        (
            "another number",
            |_, new| new.parameters[0].datatype = "long".to_owned(),
            &[warns(ParamType)],
            &["integer in iris@1 and long in iris@2", "what it can hold"],
        ),
        (
            "a narrower number",
            |old, _| old.parameters[0].datatype = "double".to_owned(),
            &[fails(ParamType)],
            &["double in iris@1 and integer in iris@2", "refused"],
        ),
        (
            "float for a number",
            |_, new| new.parameters[0].datatype = "float".to_owned(),
            &[warns(ParamType)],
            &["float in iris@2"],
        ),
        (
            "a number became text",
            |_, new| new.parameters[0].datatype = "string".to_owned(),
            &[fails(ParamType)],
            &["integer in iris@1 and string in iris@2", "refused"],
        ),
        (
            "text became a number",
            |old, _| old.parameters[0].datatype = "string".to_owned(),
            &[fails(ParamType)],
            &["string in iris@1"],
        ),
        (
            "a value became a list",
            |_, new| new.parameters[0].shape = shape(&[-1]),
            &[fails(ParamShape)],
            &["not stated in iris@1 and [?] in iris@2"],
        ),
        (
            "a list became a value",
            |old, _| old.parameters[0].shape = shape(&[-1]),
            &[fails(ParamShape)],
            &["[?] in iris@1 and not stated in iris@2"],
        ),
        (
            "a list of another length",
            |old, new| (old.parameters[0].shape, new.parameters[0].shape) = (shape(&[2]), shape(&[3])),
            &[fails(ParamShape)],
            &["[2] in iris@1 and [3] in iris@2"],
        ),
        (
            "a list of any length became one of a fixed length",
            |old, new| (old.parameters[0].shape, new.parameters[0].shape) = (shape(&[-1]), shape(&[3])),
            &[fails(ParamShape)],
            &["[?] in iris@1"],
        ),
        (
            "a list of a fixed length became one of any length",
            |old, new| (old.parameters[0].shape, new.parameters[0].shape) = (shape(&[3]), shape(&[-1])),
            &[passed(Parameters)],
            &[],
        ),
        (
            "added with a default",
            |_, new| new.parameters.push(parameter("depth", "integer", json!(3))),
            &[passed(ParamAdded)],
            &["iris@2 takes a new parameter depth", "get its default"],
        ),
        (
            "added without a default",
            |_, new| new.parameters.push(parameter("depth", "integer", Value::Null)),
            &[warns(ParamAdded)],
            &["depth", "no default"],
        ),
        (
            "renamed",
            |_, new| new.parameters[0].name = "limit".to_owned(),
            &[warns(ParamRemoved), passed(ParamAdded)],
            &["threshold"],
        ),
        (
            "names are case-sensitive",
            |_, new| new.parameters[0].name = "Threshold".to_owned(),
            &[warns(ParamRemoved), passed(ParamAdded)],
            &["threshold"],
        ),
        (
            "everything at once",
            |_, new| {
                new.parameters[0] = parameter("threshold", "double", json!(0.5));
                new.parameters[0].shape = shape(&[-1]);
            },
            &[warns(ParamType), fails(ParamShape), warns(ParamDefault)],
            &["threshold"],
        ),
        (
            "the order does not matter",
            |old, new| {
                old.parameters.push(parameter("depth", "integer", json!(3)));
                new.parameters.insert(0, parameter("depth", "integer", json!(3)));
            },
            &[passed(Parameters)],
            &[],
        ),
    ];
    hold(&mlflow(), rows);
}

#[test]
fn both_sides_of_a_parameter_are_told() {
    let none = Signature { parameters: Vec::new(), ..mlflow() };
    assert_eq!(sides(&compared(&none, &none), Parameters), None);
    let mut new = mlflow();
    new.parameters[0].default = json!(6);
    assert_eq!(sides(&compared(&mlflow(), &new), ParamDefault), Some(("integer = 5", "integer = 6")));
    assert_eq!(sides(&compared(&mlflow(), &none), ParamRemoved), Some(("integer = 5", "none")));
    assert_eq!(sides(&compared(&none, &new), ParamAdded), Some(("none", "integer = 6")));
}
