//! Types, categories and shapes of inputs.

use domain::compat::CheckName::*;
use domain::model::{Dimension, Field, Format, Signature, ValueKind};

use crate::build::{column, compared, metadata, mlflow, onnx_columns, onnx_tensor, shape, tensor, trees};
use crate::table::{Line, Row, fails, hold, open, passed, says, sides, unknown, warns};

/// Both directions of each change of a type, in a family's words.
fn types(base: &Signature, input: fn(&str) -> Field, rows: &[(&str, &str, Line)]) {
    let unchanged = compared(base, base);
    for (from, to, wanted) in rows {
        let of = |datatype| Signature { inputs: vec![input(datatype)], ..base.clone() };
        let (old, new) = (of(from), of(to));
        let change = format!("x ({from} → {to})");
        let words = if from == to { Vec::new() } else { vec!["iris@2", "iris@1", &change] };
        says(&change, &unchanged, &compared(&old, &new), &[*wanted], &words);
    }
}

#[test]
fn onnx_converts_nothing() {
    let rows = [
        ("FLOAT", "FLOAT", passed(InputType)),
        ("FLOAT", "DOUBLE", fails(InputType)),
        ("DOUBLE", "FLOAT", fails(InputType)),
        ("INT32", "INT64", fails(InputType)),
        ("INT64", "INT32", fails(InputType)),
        ("FLOAT16", "FLOAT", fails(InputType)),
        ("INT64", "FLOAT", fails(InputType)),
        ("STRING", "FLOAT", fails(InputType)),
        ("integer", "long", fails(InputType)),
    ];
    types(&Signature { features: None, ..onnx_tensor() }, |datatype| tensor("x", datatype, &[-1, 3]), &rows);
}

#[test]
fn mlflow_widens_columns() {
    let rows = [
        ("double", "double", passed(InputType)),
        ("integer", "long", warns(InputTypeWidened)),
        ("long", "integer", fails(InputType)),
        ("integer", "double", warns(InputTypeWidened)),
        ("double", "integer", fails(InputType)),
        ("float", "double", warns(InputTypeWidened)),
        ("double", "float", fails(InputType)),
        ("long", "double", fails(InputType)),
        ("double", "long", fails(InputType)),
        ("integer", "float", fails(InputType)),
        ("float", "integer", fails(InputType)),
        ("long", "float", fails(InputType)),
        ("boolean", "integer", fails(InputType)),
        ("boolean", "string", fails(InputType)),
        ("string", "double", fails(InputType)),
        ("double", "string", fails(InputType)),
        ("string", "datetime", fails(InputType)),
        // Of what holds others, the new one may ask for less and take more.
        ("double", "any", warns(InputTypeWidened)),
        ("any", "double", fails(InputType)),
        ("array(double)", "array(double)", passed(InputType)),
        ("array(double)", "array(any)", warns(InputTypeWidened)),
        ("array(any)", "array(double)", fails(InputType)),
        ("array(double)", "array(long)", fails(InputType)),
        ("array(double)", "map(double)", fails(InputType)),
        ("map(array(long))", "map(any)", warns(InputTypeWidened)),
        ("object(id: long)", "object(id: long, note?: string)", warns(InputTypeWidened)),
        ("object(id: long)", "object(id: long, note: string)", fails(InputType)),
        ("object(id: long)", "object(id?: long)", warns(InputTypeWidened)),
        ("object(id?: long)", "object(id: long)", fails(InputType)),
        ("object(id: long, note?: string)", "object(id: long)", fails(InputType)),
        ("object(a: object(b: long))", "object(a: object(b?: long))", warns(InputTypeWidened)),
        ("object(a: array(b)", "object(a: array(c)", fails(InputType)),
    ];
    types(&mlflow(), |datatype| column("x", datatype), &rows);
    let rows = [
        ("float32", "float32", passed(InputType)),
        ("float32", "float64", fails(InputType)),
        ("int32", "int64", fails(InputType)),
        ("integer", "long", fails(InputType)),
        ("float", "double", fails(InputType)),
    ];
    types(&mlflow(), |datatype| tensor("x", datatype, &[-1, 3]), &rows);
}

#[test]
fn trees_take_numbers_for_numbers_and_no_number_for_a_category() {
    let rows = [
        ("c", "c", passed(InputType)),
        ("float", "int", warns(InputType)),
        ("int", "float", warns(InputType)),
        ("i", "q", warns(InputType)),
        ("c", "float", fails(InputType)),
        ("int", "c", fails(InputType)),
        ("c", "category", fails(InputType)),
    ];
    for format in [Format::LightgbmText, Format::XgboostJson, Format::XgboostUbj] {
        types(&Signature { format, ..trees() }, |datatype| column("x", datatype), &rows);
    }
    let declared = Signature { format: Format::Declared, ..mlflow() };
    types(&declared, |datatype| column("x", datatype), &[("float", "double", fails(InputType))]);
}

#[test]
fn inputs() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(InputType)], &["types of the 3 inputs that both have are equal"]),
        (
            "one side does not say",
            |old, _| old.inputs[0].datatype.clear(),
            &[unknown(InputType)],
            &["length (not stated → double)"],
        ),
        (
            "the other side does not say",
            |_, new| new.inputs[0].datatype.clear(),
            &[unknown(InputType)],
            &["length (double → not stated)"],
        ),
        (
            "neither side says",
            |old, new| (old.inputs[0].datatype, new.inputs[0].datatype) = Default::default(),
            &[unknown(InputType)],
            &["length (not stated → not stated)", "cannot be compared"],
        ),
        (
            "each kind of change has a line of its own",
            |old, new| {
                (old.inputs[0].datatype, new.inputs[0].datatype) = ("float".to_owned(), "double".to_owned());
                new.inputs[1].datatype = "string".to_owned();
                new.inputs[2].datatype.clear();
            },
            &[fails(InputType), warns(InputTypeWidened), unknown(InputType)],
            &["differ from those of iris@1: width (double → string). Values of today would be refused"],
        ),
        (
            "a column became a tensor of the same name",
            |old, new| {
                old.inputs.truncate(1);
                new.inputs = vec![tensor("length", "double", &[-1, 1])];
            },
            &[fails(InputType)],
            &["length (double → double)"],
        ),
        (
            "only inputs of both sides are compared",
            |_, new| new.inputs[0] = column("size", "string"),
            &[fails(NewFeature), warns(InputRemoved), passed(InputType)],
            &["size"],
        ),
        (
            "many",
            |old, new| {
                let columns = |datatype| (0..20).map(|n| column(&format!("x{n}"), datatype)).collect();
                (old.inputs, new.inputs) = (columns("double"), columns("string"));
            },
            &[fails(InputType)],
            &["x0 (double", "x11 (double → string) and 8 more. Values"],
        ),
    ];
    hold(&mlflow(), rows);
    let mut new = mlflow();
    new.inputs[0].datatype = "long".to_owned();
    assert_eq!(sides(&compared(&new, &new), InputType), Some(("double, long", "double, long")));
    assert_eq!(sides(&compared(&mlflow(), &new), InputType), Some(("types of iris@1", "types of iris@2")));
}

#[test]
fn categories_of_features() {
    let base = |list: &str| Signature {
        format: Format::LightgbmText,
        metadata: metadata(&[("pandas_categorical", list)]),
        ..trees()
    };
    let rows: &[Row<'_>] = &[
        (
            "others",
            |_, new| new.metadata = metadata(&[("pandas_categorical", r#"[["red","blue"]]"#)]),
            &[fails(FeatureCategories)],
            &["differ between iris@1 and iris@2", "refuses those that are gone"],
        ),
        (
            "others, none of them known",
            |_, new| new.metadata = metadata(&[("pandas_categorical", r#"[["blue"]]"#)]),
            &[fails(FeatureCategories)],
            &["values of today would be refused"],
        ),
        (
            "another order",
            |old, _| old.metadata = metadata(&[("pandas_categorical", r#"[["green","red"]]"#)]),
            &[passed(Features)],
            &[],
        ),
        (
            "texts of the numbers",
            |old, new| {
                old.metadata = metadata(&[("pandas_categorical", "[[1,2]]")]);
                new.metadata = metadata(&[("pandas_categorical", r#"[["1","2"]]"#)]);
            },
            &[fails(FeatureCategories)],
            &["values of today would be refused"],
        ),
        (
            "texts of truth values",
            |old, new| {
                old.metadata = metadata(&[("pandas_categorical", "[[false,true]]")]);
                new.metadata = metadata(&[("pandas_categorical", r#"[["false","true"]]"#)]);
            },
            &[fails(FeatureCategories)],
            &["values of today would be refused"],
        ),
        (
            "numbers for their texts, and more of them",
            |old, new| {
                old.metadata = metadata(&[("pandas_categorical", r#"[["1","2.0"]]"#)]);
                new.metadata = metadata(&[("pandas_categorical", "[[3,2.0,1]]")]);
            },
            &[warns(FeatureCategories)],
            &["iris@2 knows more of them"],
        ),
        (
            "whole numbers as floats",
            |old, new| {
                old.metadata = metadata(&[("pandas_categorical", "[[1,2]]")]);
                new.metadata = metadata(&[("pandas_categorical", "[[2.0,1.0]]")]);
            },
            &[passed(Features)],
            &[],
        ),
        (
            "none any more",
            |_, new| new.metadata = metadata(&[("pandas_categorical", "null")]),
            &[fails(FeatureCategories)],
            &["same categories"],
        ),
        (
            "more at the end",
            |_, new| new.metadata = metadata(&[("pandas_categorical", r#"[["red","green","blue"]]"#)]),
            &[warns(FeatureCategories)],
            &["iris@2 knows more of them"],
        ),
        (
            "fewer at the end",
            |_, new| new.metadata = metadata(&[("pandas_categorical", r#"[["red"]]"#)]),
            &[fails(FeatureCategories)],
            &["iris@2 knows fewer of them"],
        ),
        (
            "a side that does not say",
            |_, new| new.metadata.clear(),
            &[unknown(FeatureCategories)],
            &["iris@2 takes categories and does not list them"],
        ),
        (
            "the other side does not say",
            |old, _| old.metadata.clear(),
            &[unknown(FeatureCategories)],
            &["iris@1 takes categories and does not list them"],
        ),
        (
            "neither says",
            |old, new| (old.metadata, new.metadata) = Default::default(),
            &[open(FeatureCategories)],
            &["does not list them"],
        ),
    ];
    hold(&base(r#"[["red","green"]]"#), rows);
    let none: &[Row<'_>] = &[(
        "two words for none",
        |_, new| new.metadata = metadata(&[("pandas_categorical", "[]")]),
        &[passed(Features)],
        &[],
    )];
    hold(&base("null"), none);
}

fn symbolic(name: &str) -> Dimension {
    Dimension::Symbolic(name.to_owned())
}

#[test]
fn shapes() {
    let rows: &[Row<'_>] = &[
        ("equal", |_, _| {}, &[passed(InputShape)], &["Tensors that iris@1 takes fit iris@2"]),
        (
            "names of open dimensions carry no meaning",
            |old, new| {
                old.inputs[0].shape = Some(vec![symbolic("N"), Dimension::Fixed(3)]);
                new.inputs[0].shape = Some(vec![symbolic("batch"), Dimension::Fixed(3)]);
            },
            &[passed(InputShape)],
            &[],
        ),
        (
            "a name and none",
            |old, _| old.inputs[0].shape = Some(vec![symbolic("N"), Dimension::Fixed(3)]),
            &[passed(InputShape)],
            &[],
        ),
        ("fixed became free", |_, new| new.inputs[0].shape = shape(&[-1, -1]), &[passed(InputShape)], &[]),
        (
            "free became fixed",
            |_, new| new.inputs[0].shape = shape(&[1, 3]),
            &[fails(InputShape)],
            &["The input X has the shape [?, 3] in iris@1 and [1, 3] in iris@2", "refused"],
        ),
        (
            "a name became fixed",
            |old, new| {
                old.inputs[0].shape = Some(vec![symbolic("N"), Dimension::Fixed(3)]);
                new.inputs[0].shape = shape(&[8, 3]);
            },
            &[fails(InputShape)],
            &["[?, 3] in iris@1 and [8, 3] in iris@2"],
        ),
        (
            "another number",
            |_, new| new.inputs[0].shape = shape(&[-1, 4]),
            &[fails(InputShape)],
            &["[?, 3] in iris@1 and [?, 4] in iris@2"],
        ),
        (
            "one dimension more",
            |_, new| new.inputs[0].shape = shape(&[-1, 3, -1]),
            &[fails(InputShape)],
            &["[?, 3, ?] in iris@2"],
        ),
        (
            "one dimension less",
            |_, new| new.inputs[0].shape = shape(&[-1]),
            &[fails(InputShape)],
            &["and [?] in iris@2"],
        ),
        (
            "the candidate does not say",
            |_, new| new.inputs[0].shape = None,
            &[unknown(InputShape)],
            &["iris@2 does not say which shapes its input X takes"],
        ),
        (
            "the one in use does not say",
            |old, _| old.inputs[0].shape = None,
            &[unknown(InputShape)],
            &["iris@1 does not say which shapes its input X takes and iris@2 asks for [?, 3]"],
        ),
        (
            "neither says",
            |old, new| (old.inputs[0].shape, new.inputs[0].shape) = (None, None),
            &[unknown(InputShape)],
            &["iris@2 does not say which shapes"],
        ),
        (
            "a single value became a row",
            |old, _| old.inputs[0].shape = shape(&[]),
            &[fails(InputShape)],
            &["[] in iris@1 and [?, 3] in iris@2"],
        ),
        (
            "only tensors have shapes",
            |old, new| {
                for (signature, size) in [(old, 3), (new, 4)] {
                    signature.inputs[0].kind = ValueKind::Sequence;
                    signature.inputs[0].shape = shape(&[size]);
                }
            },
            &[],
            &[],
        ),
        (
            "without a name",
            |old, new| {
                old.inputs[0].name.clear();
                new.inputs[0].name.clear();
                new.inputs[0].shape = shape(&[-1, 4]);
            },
            &[fails(InputShape)],
            &["The input without a name has"],
        ),
    ];
    hold(&onnx_tensor(), rows);
    let several: &[Row<'_>] = &[(
        "each input has a line of its own",
        |_, new| {
            new.inputs[0].shape = shape(&[1, 1]);
            new.inputs[2].shape = shape(&[2, 1]);
        },
        &[fails(InputShape)],
        &["The input height has"],
    )];
    hold(&onnx_columns(), several);
}
