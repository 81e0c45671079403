//! Forms, requests and answers, line by line.

use serde_json::{Value, json};

use super::*;
use crate::model::{PackageKind, Signature};
use crate::runtime::Runtime;

fn signature(value: Value) -> Signature {
    let mut whole = json!({"inputs": [], "outputs": [], "classes": null});
    for (key, value) in value.as_object().unwrap() {
        whole[key] = value.clone();
    }
    serde_json::from_value(whole).unwrap()
}

fn tensor(name: &str, datatype: &str, shape: Value) -> Value {
    json!({"name": name, "datatype": datatype, "shape": shape})
}

fn form_of(value: Value, kind: PackageKind, runtime: Runtime) -> Option<InputForm> {
    InputForm::of(&signature(value), kind, runtime, None)
}

fn onnx(inputs: Value) -> InputForm {
    form_of(json!({"inputs": inputs}), PackageKind::Onnx, Runtime::Onnx).unwrap()
}

fn typed(rows: &[&[(&str, &str)]]) -> TypedRows {
    let row = |row: &&[(&str, &str)]| row.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    TypedRows(rows.iter().map(row).collect())
}

fn kinds(form: &InputForm) -> Vec<(String, FieldKind)> {
    form.fields().map(|(_, field)| (field.name.clone(), field.kind)).collect()
}

#[test]
fn each_signature_has_the_fields_that_its_types_ask_for() {
    use FieldKind::*;
    for (inputs, expected, most_rows) in [
        (json!([tensor("x", "FLOAT", json!([null, 2]))]), vec![("x 1", Number), ("x 2", Number)], 50),
        (json!([tensor("", "FLOAT", json!([null, 1]))]), vec![("Value", Number)], 50),
        (json!([tensor("x", "INT64", json!([null]))]), vec![("x", Integer)], 50),
        (json!([tensor("x", "BOOL", json!([1, 1]))]), vec![("x", YesNo)], 1),
        (json!([tensor("x", "DOUBLE", json!([]))]), vec![("x", Number)], 1),
        (
            json!([tensor("a", "STRING", json!([null, 1])), tensor("b", "FLOAT", json!(["N", 1]))]),
            vec![("a", Text), ("b", Number)],
            50,
        ),
        (json!([tensor("image", "FLOAT", json!([null, 3, 224, 224]))]), vec![("image", List)], 50),
        (json!([tensor("x", "FLOAT", json!([null, 65]))]), vec![("x", List)], 50),
        (
            json!([tensor("x", "FLOAT", json!([4]))]),
            vec![("x 1", Number), ("x 2", Number), ("x 3", Number), ("x 4", Number)],
            1,
        ),
        (json!([tensor("x", "FLOAT", json!([null, null]))]), vec![("x", List)], 50),
        (json!([tensor("x", "FLOAT", Value::Null)]), vec![("x", List)], 50),
    ] {
        let form = onnx(inputs.clone());
        let expected: Vec<_> = expected.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect();
        assert_eq!((kinds(&form), form.most_rows), (expected, most_rows), "{inputs}");
    }
    let named = json!({"inputs": [tensor("X", "FLOAT", json!([null, 2]))], "features": ["length", "width"],
                       "classes": ["0", "1"], "class_titles": ["no", "yes"]});
    let form = form_of(named, PackageKind::Onnx, Runtime::Onnx).unwrap();
    assert_eq!(kinds(&form).into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["length", "width"]);
    assert_eq!(form.classes, ["no", "yes"]);
}

#[test]
fn what_no_field_could_carry_has_no_form() {
    use PackageKind::*;
    let x = json!([tensor("x", "FLOAT", json!([null, 2]))]);
    for (value, kind, runtime) in [
        (json!({}), Onnx, Runtime::Onnx),
        (json!({"inputs": x, "absent": true}), Custom, Runtime::Custom),
        (json!({"inputs": x}), Onnx, Runtime::Command),
        (json!({"inputs": x}), External, Runtime::External),
        (json!({"inputs": x}), Mlflow, Runtime::Onnx),
        (json!({"inputs": x}), Onnx, Runtime::Custom),
        (json!({"inputs": [{"name": "m", "kind": "map", "datatype": "map(INT64,FLOAT)"}]}), Onnx, Runtime::Onnx),
        (json!({"inputs": [tensor("c", "COMPLEX64", json!([1]))]}), Onnx, Runtime::Onnx),
    ] {
        assert_eq!(form_of(value.clone(), kind, runtime), None, "{value} {kind} {runtime}");
    }
    assert!(form_of(json!({"inputs": x}), Custom, Runtime::Custom).is_some());
}

#[test]
fn rows_become_one_tensor() {
    let form = onnx(json!([tensor("X", "FLOAT", json!([null, 2]))]));
    let body = form.request(&typed(&[&[("X 1", "5.1"), ("X 2", " 3 ")], &[("X 1", "-1e3"), ("X 2", "0")]])).unwrap();
    assert_eq!(
        body,
        json!({"inputs": [{"name": "X", "shape": [2, 2], "datatype": "FP32", "data": [5.1, 3, -1000.0, 0]}]})
    );
    let one = onnx(json!([tensor("x", "INT64", json!([null])), tensor("s", "STRING", json!([null, 1]))]));
    let body = one.request(&typed(&[&[("x", "7"), ("s", "a, b")]])).unwrap();
    let expected = json!({"inputs": [
        {"name": "x", "shape": [1], "datatype": "INT64", "data": [7]},
        {"name": "s", "shape": [1, 1], "datatype": "BYTES", "data": ["a, b"]}]});
    assert_eq!(body, expected);
}

#[test]
fn a_text_that_cannot_be_used_is_refused_at_its_field() {
    for (datatype, text, problem) in [
        ("FLOAT", "", "Fill this in."),
        ("FLOAT", "abc", "Write a number, such as 0.5."),
        ("FLOAT", "1,5", "Write 1.5 with a point."),
        ("FLOAT", "inf", "Write a number, such as 0.5."),
        ("FLOAT", "NaN", "Write a number, such as 0.5."),
        ("FLOAT", "1e39", "This number is too large for the model: at most 3.4028234663852886e38."),
        ("FLOAT16", "70000", "This number is too large for the model: at most 6.5504e4."),
        ("INT64", "1.5", "Write a whole number, without a point."),
        ("INT64", "one", "Write a whole number, such as 1."),
        ("INT8", "128", "Write a whole number from -128 to 127."),
        ("UINT8", "-1", "Write a whole number from 0 to 255."),
        ("UINT64", "18446744073709551616", "Write a whole number from 0 to 18446744073709551615."),
        ("BOOL", "maybe", "Choose yes or no."),
        ("STRING", " ", "Fill this in."),
    ] {
        let form = onnx(json!([tensor("x", datatype, json!([null, 1]))]));
        let faults = form.request(&typed(&[&[("x", text)]])).unwrap_err();
        let expected = FieldFault { row: 0, field: "x".to_owned(), problem: problem.to_owned() };
        assert_eq!(faults, [expected], "{datatype} {text:?}");
    }
    let form = onnx(json!([tensor("X", "FLOAT", json!([null, 2]))]));
    let faults = form.request(&typed(&[&[("X 1", "1"), ("X 2", "2")], &[("X 1", "x")]])).unwrap_err();
    let places: Vec<_> = faults.iter().map(|fault| (fault.row, fault.field.as_str())).collect();
    assert_eq!(places, [(1, "X 1"), (1, "X 2")]);
}

#[test]
fn the_greatest_numbers_of_each_type_are_sent_as_they_are() {
    for (datatype, text, value) in [
        ("UINT64", "18446744073709551615", json!(u64::MAX)),
        ("INT64", "-9223372036854775808", json!(i64::MIN)),
        ("DOUBLE", "1e300", json!(1e300)),
        ("BOOL", "Yes", json!(true)),
        ("INT64", "+3", json!(3)),
    ] {
        let form = onnx(json!([tensor("x", datatype, json!([null, 1]))]));
        assert_eq!(form.request(&typed(&[&[("x", text)]])).unwrap()["inputs"][0]["data"][0], value, "{text}");
    }
}

#[test]
fn a_list_is_read_flat_or_nested() {
    let image = json!([tensor("x", "FLOAT", json!([null, 2, 2]))]);
    let open = json!([tensor("x", "INT64", json!([null, null]))]);
    let wide = json!([tensor("x", "FLOAT", json!([null, null, null]))]);
    for (inputs, text, expected) in [
        (&image, "1, 2; 3\n4", Ok((json!([1, 2, 2]), 4))),
        (&image, "[[1, 2], [3, 4]]", Ok((json!([1, 2, 2]), 4))),
        (&image, "1 2 3", Err("Write 4 values, with commas between them; these are 3.")),
        (&image, "[[1, 2, 3], [4, 5, 6]]", Err("Write lists of the lengths 2 × 2.")),
        (&image, "[[1, 2], [3]]", Err("The inner lists are not all of the same length.")),
        (&image, "[[1, 2], 3]", Err("The inner lists are not all of the same length.")),
        (&image, "1, b, 3, 4", Err("Value 2: Write a number, such as 0.5.")),
        (&open, "1 2 3", Ok((json!([1, 3]), 3))),
        (&wide, "[[1], [2]]", Ok((json!([1, 2, 1]), 2))),
        (&wide, "1 2", Err("Write nested lists of the lengths any × any, such as [[1, 2], [3, 4]].")),
    ] {
        let form = onnx(inputs.clone());
        let made = form.request(&typed(&[&[("x", text)]])).map(|body| body["inputs"][0].clone());
        let made = made.map(|sent| (sent["shape"].clone(), sent["data"].as_array().map_or(0, Vec::len)));
        let made = made.map_err(|faults| faults[0].problem.clone());
        assert_eq!(made, expected.map_err(str::to_owned), "{text}");
    }
    let form = onnx(open);
    let uneven = form.request(&typed(&[&[("x", "1 2")], &[("x", "1 2 3")]])).unwrap_err();
    assert_eq!((uneven[0].row, uneven[0].problem.as_str()), (1, "Each row needs as many values."));
}

#[test]
fn an_input_that_nobody_has_to_send_is_left_out_or_whole() {
    let mut optional = tensor("b", "FLOAT", json!([null, 1]));
    optional["required"] = json!(false);
    let form = onnx(json!([tensor("a", "FLOAT", json!([null, 1])), optional]));
    let sent = |body: Value| body["inputs"].as_array().map_or(0, Vec::len);
    assert_eq!(form.request(&typed(&[&[("a", "1")]])).map(sent), Ok(1));
    assert_eq!(form.request(&typed(&[&[("a", "1"), ("b", "2")]])).map(sent), Ok(2));
    let half = form.request(&typed(&[&[("a", "1"), ("b", "2")], &[("a", "1")]])).unwrap_err();
    assert_eq!((half[0].row, half[0].problem.as_str()), (1, "Fill this in everywhere, or nowhere."));
}

#[test]
fn trees_take_categories_from_a_list_and_know_missing_values() {
    let column = |name: &str, datatype: &str| json!({"name": name, "kind": "column", "datatype": datatype});
    let value = json!({
        "format": "xgboost_json",
        "inputs": [column("age", "float"), column("colour", "c"), column("code", "c")],
        "metadata": {"categories": "{\"colour\": [\"red\", \"blue\"]}"},
    });
    let form = form_of(value, PackageKind::Xgboost, Runtime::Trees).unwrap();
    use FieldKind::*;
    assert_eq!(kinds(&form), [("age".to_owned(), Number), ("colour".to_owned(), Choice), ("code".to_owned(), Integer)]);
    let body = form.request(&typed(&[&[("colour", "blue"), ("code", "2")]])).unwrap();
    let sent: Vec<_> =
        body["inputs"].as_array().unwrap().iter().map(|sent| (&sent["datatype"], &sent["data"])).collect();
    let expected = [(json!("FP32"), json!([null])), (json!("BYTES"), json!(["blue"])), (json!("INT64"), json!([2]))];
    assert_eq!(sent, expected.each_ref().map(|(datatype, data)| (datatype, data)));
    let faults = form.request(&typed(&[&[("colour", "green")]])).unwrap_err();
    assert_eq!(faults[0].problem, "Choose one of the list.");
}

#[test]
fn mlflow_is_asked_in_its_own_words() {
    let column = |name: &str, datatype: &str, required: bool| json!({"name": name, "kind": "column", "datatype": datatype, "required": required});
    let table = json!({
        "inputs": [column("age", "long", true), column("note", "string", false), column("tags", "Array(string)", false)],
        "parameters": [{"name": "limit", "datatype": "double", "default": 0.5}],
    });
    let form = form_of(table, PackageKind::Mlflow, Runtime::Mlflow).unwrap();
    let body =
        form.request(&typed(&[&[("age", "3"), ("tags", "[\"a\"]"), ("limit", "0.1")], &[("age", "4")]])).unwrap();
    let expected = json!({"dataframe_split": {"columns": ["age", "tags"], "data": [[3, ["a"]], [4, null]]},
                          "params": {"limit": 0.1}});
    assert_eq!(body, expected);
    let tensors = json!({"inputs": [tensor("", "float64", json!([null, 2]))]});
    let form = form_of(tensors, PackageKind::Mlflow, Runtime::Mlflow).unwrap();
    let body = form.request(&typed(&[&[("Value 1", "1"), ("Value 2", "2")], &[("Value 1", "3"), ("Value 2", "4")]]));
    assert_eq!(body.unwrap(), json!({"inputs": [[1, 2], [3, 4]]}));
}

#[test]
fn an_example_is_read_into_the_fields_and_makes_itself_again() {
    let form = onnx(json!([tensor("X", "FLOAT", json!([null, 2])), tensor("yes", "BOOL", json!([null, 1]))]));
    let body = json!({"inputs": [
        {"name": "X", "shape": [2, 2], "datatype": "FP32", "data": [[0.5, 1], [2, 3]]},
        {"name": "yes", "shape": [2, 1], "datatype": "BOOL", "data": [true, false]}]});
    let texts = form.texts(&body).unwrap();
    assert_eq!((texts.text(0, "X 1"), texts.text(1, "X 2"), texts.text(1, "yes")), ("0.5", "3", "no"));
    let again = form.request(&texts).unwrap();
    assert_eq!(form.texts(&again), Some(texts));
    for other in [json!({}), json!([1]), json!({"inputs": []}), json!({"inputs": [{"name": "X", "shape": [1, 2]}]})] {
        assert_eq!(form.texts(&other), None, "{other}");
    }
    let model = "iris@1".parse().unwrap();
    let stated = signature(json!({"inputs": [tensor("X", "FLOAT", json!([null, 4]))]}));
    let sample = crate::model::sample(&stated, Runtime::Onnx, &model).unwrap();
    let form = InputForm::of(&stated, PackageKind::Onnx, Runtime::Onnx, None).unwrap();
    assert_eq!(form.texts(&sample.body).unwrap().text(0, "X 4"), "0.5");
}

#[test]
fn typed_texts_are_kept_by_name() {
    let mut rows = TypedRows::default();
    rows.set(0, "a", "1".to_owned());
    rows.set(7, "a", "1".to_owned());
    rows.fill("a", "9");
    rows.fill("b", "9");
    assert_eq!(serde_json::to_value(&rows).unwrap(), json!([{"a": "1", "b": "9"}]));
}

fn shown(body: Value, classes: &[&str]) -> Option<(Vec<String>, Vec<Vec<String>>)> {
    let classes: Vec<_> = classes.iter().map(|class| (*class).to_owned()).collect();
    let table = table(&body.to_string(), &classes)?;
    let title = |column: &AnswerColumn| match &column.part {
        Some(part) => format!("{}: {part}", column.output),
        None => column.output.clone(),
    };
    let cells = |row: &Vec<AnswerCell>| {
        row.iter().map(|cell| format!("{}{}", cell.text, if cell.is_greatest { " !" } else { "" })).collect()
    };
    Some((table.columns.iter().map(title).collect(), table.rows.iter().map(cells).collect()))
}

#[test]
fn an_answer_is_read_as_a_table() {
    let labelled = json!({"outputs": [
        {"name": "label", "shape": [2], "datatype": "INT64", "data": [0, 1]},
        {"name": "p", "shape": [2, 2], "datatype": "FP32", "data": [0.97999996, 0.02, 0.25, 0.75],
         "parameters": {"class_labels": "[\"setosa\", \"other\"]"}}]});
    assert_eq!(
        shown(labelled, &[]).unwrap(),
        (
            ["label", "p: setosa", "p: other"].map(str::to_owned).to_vec(),
            vec![
                ["0", "98.0 % !", "2.0 %"].map(str::to_owned).to_vec(),
                ["1", "25.0 %", "75.0 % !"].map(str::to_owned).to_vec()
            ]
        )
    );
    for (body, classes, columns, first) in [
        (
            json!({"outputs": [{"name": "y", "shape": [1, 1], "datatype": "FP32", "data": [152.00000012]}]}),
            &[][..],
            vec!["y"],
            vec!["152"],
        ),
        (
            json!({"outputs": [{"name": "y", "shape": [1, 2], "datatype": "FP32", "data": [3.5, -1]}]}),
            &["a", "b"],
            vec!["y: a", "y: b"],
            vec!["3.5", "-1"],
        ),
        (
            json!({"outputs": [{"name": "y", "shape": [1, 3], "datatype": "FP32", "data": [3.5, -1, 0]}]}),
            &["a", "b"],
            vec!["y: 1", "y: 2", "y: 3"],
            vec!["3.5", "-1", "0"],
        ),
        (
            json!({"outputs": [{"name": "y", "shape": [1], "datatype": "FP32", "data": [null]}]}),
            &[],
            vec!["y"],
            vec!["missing"],
        ),
        (
            json!({"outputs": [{"name": "y", "shape": [], "datatype": "FP32", "data": [0.000012345678]}]}),
            &[],
            vec!["y"],
            vec!["1.2345678e-5"],
        ),
        (json!({"predictions": [1, 2]}), &[], vec!["prediction"], vec!["1"]),
        (
            json!({"predictions": [[0.5, 0.5]]}),
            &["n", "y"],
            vec!["prediction: n", "prediction: y"],
            vec!["50.0 % !", "50.0 % !"],
        ),
        (json!({"predictions": [{"a": 1, "b": "x"}]}), &[], vec!["a", "b"], vec!["1", "x"]),
        (json!({"predictions": {"out": [[1.25], [2]]}}), &[], vec!["out"], vec!["1.25"]),
        (json!({"predictions": 7}), &[], vec!["prediction"], vec!["7"]),
    ] {
        let (titles, rows) = shown(body.clone(), classes).unwrap_or_else(|| panic!("{body}"));
        assert_eq!(
            (titles, &rows[0]),
            (columns.into_iter().map(str::to_owned).collect(), &first.into_iter().map(str::to_owned).collect()),
            "{body}"
        );
    }
    for other in
        [json!({}), json!([]), json!(7), json!({"outputs": 3}), json!({"outputs": []}), json!({"predictions": []})]
    {
        assert_eq!(shown(other.clone(), &[]), None, "{other}");
    }
    assert_eq!(table("no json", &[]), None);
}

#[test]
fn a_large_answer_is_shown_in_part() {
    let rows: Vec<_> = (0..250).collect();
    let body = json!({"outputs": [{"name": "y", "shape": [250], "datatype": "INT64", "data": rows}]});
    let read = table(&body.to_string(), &[]).unwrap();
    assert_eq!((read.rows.len(), read.more_rows), (100, 150));
    let wide = json!({"outputs": [{"name": "y", "shape": [1, 250], "datatype": "INT64", "data": rows}]});
    let read = table(&wide.to_string(), &[]).unwrap();
    assert_eq!(read.columns.len(), 1);
    assert!(read.rows[0][0].text.ends_with("11, … (250 values)"), "{read:?}");
}

#[test]
fn a_refusal_is_a_sentence_that_says_who_speaks() {
    for (status, body, from_model, expected) in [
        (400, "{\"error\": \"shape\"}", true, "The model answered (status 400): shape"),
        (
            503,
            "{\"title\": \"t\", \"detail\": \"No replica is ready.\"}",
            false,
            "No replica answered: the gateway says (status 503): No replica is ready.",
        ),
        (500, "", true, "The model answered status 500."),
    ] {
        assert_eq!(refusal(status, body, from_model), expected);
    }
}
