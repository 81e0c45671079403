//! Requests made from signatures.

use std::collections::BTreeMap;

use super::*;

fn field(name: &str, datatype: &str, shape: Option<Vec<Dimension>>) -> Field {
    let kind = if shape.is_some() { ValueKind::Tensor } else { ValueKind::Column };
    Field { name: name.to_owned(), kind, datatype: datatype.to_owned(), shape, required: true, meaning: None }
}

fn of(inputs: Vec<Field>, runtime: Runtime) -> Option<SampleRequest> {
    let signature = Signature { inputs, ..Signature::default() };
    sample(&signature, runtime, &"iris@2".parse().unwrap())
}

fn open(name: &str) -> Dimension {
    Dimension::Symbolic(name.to_owned())
}

#[test]
fn tensors_become_inputs_of_the_protocol_with_one_row() {
    let request =
        of(vec![field("X", "FLOAT", Some(vec![Dimension::Unknown, Dimension::Fixed(2)]))], Runtime::Onnx).unwrap();
    assert_eq!(request.path, "/v2/models/iris/infer");
    assert!(!request.guessed);
    let input = json!({"name": "X", "shape": [1, 2], "datatype": "FP32", "data": [0.5, 0.5]});
    assert_eq!(request.body, json!({ "inputs": [input] }));
}

#[test]
fn the_batch_is_one_wherever_its_name_stands_and_other_open_dimensions_are_guessed() {
    let audio = field("input", "FLOAT", Some(vec![open("N"), open("samples")]));
    let state = field("state", "FLOAT", Some(vec![Dimension::Fixed(2), open("N"), Dimension::Fixed(3)]));
    let rate = field("sr", "INT64", Some(Vec::new()));
    let request = of(vec![audio, state, rate], Runtime::Onnx).unwrap();
    let shapes: Vec<_> = request.body["inputs"].as_array().unwrap().iter().map(|i| i["shape"].clone()).collect();
    assert_eq!(shapes, [json!([1, 4]), json!([2, 1, 3]), json!([])]);
    assert_eq!(request.body["inputs"][2]["data"], json!([16_000]));
    assert!(request.guessed);
}

#[test]
fn named_features_say_how_wide_a_single_tensor_is() {
    let inputs = vec![field("X", "FLOAT", Some(vec![Dimension::Unknown, Dimension::Unknown]))];
    let features = Some(["a", "b", "c"].map(str::to_owned).to_vec());
    let signature = Signature { inputs, features, ..Signature::default() };
    let request = sample(&signature, Runtime::Onnx, &"iris@2".parse().unwrap()).unwrap();
    assert_eq!((&request.body["inputs"][0]["shape"], request.guessed), (&json!([1, 3]), false));
}

#[test]
fn trees_take_a_tensor_for_each_named_column_or_one_for_all() {
    let named = of(vec![field("a", "float", None), field("b", "c", None)], Runtime::Trees).unwrap();
    assert_eq!(named.body["inputs"][0], json!({"name": "a", "shape": [1, 1], "datatype": "FP32", "data": [0.5]}));
    assert_eq!(named.body["inputs"][1], json!({"name": "b", "shape": [1, 1], "datatype": "INT64", "data": [1]}));
    // Which numbers it knows, nobody says.
    assert!(named.guessed);
    let categories = BTreeMap::from([("pandas_categorical".to_owned(), r#"[["Bern","Rome"]]"#.to_owned())]);
    let inputs = vec![field("a", "float", None), field("b", "c", None)];
    let signature = Signature { inputs, metadata: categories, ..Signature::default() };
    let known = sample(&signature, Runtime::Trees, &"iris@2".parse().unwrap()).unwrap();
    assert_eq!(known.body["inputs"][1], json!({"name": "b", "shape": [1, 1], "datatype": "BYTES", "data": ["Bern"]}));
    for unnamed in [
        vec![field("", "", None), field("", "", None)],
        vec![field("", "", Some(vec![Dimension::Unknown, Dimension::Fixed(2)]))],
    ] {
        let request = of(unnamed, Runtime::Trees).unwrap();
        let input = json!({"name": "data", "shape": [1, 2], "datatype": "FP32", "data": [0.5, 0.5]});
        assert_eq!(request.body, json!({ "inputs": [input] }));
    }
}

#[test]
fn mlflow_takes_required_columns_as_a_table_and_tensors_nested() {
    let optional = Field { required: false, ..field("maybe", "string", None) };
    let columns = vec![field("n", "long", None), optional, field("when", "datetime", None)];
    let table = of(columns, Runtime::Mlflow).unwrap();
    let split = json!({"columns": ["n", "when"], "data": [[1, "2026-01-01T00:00:00"]]});
    assert_eq!((table.path.as_str(), table.body), ("/invocations", json!({ "dataframe_split": split })));

    let shape = Some(vec![Dimension::Unknown, Dimension::Fixed(2)]);
    let tensor = of(vec![field("", "float64", shape.clone())], Runtime::Mlflow).unwrap();
    assert_eq!(tensor.body, json!({"inputs": [[0.5, 0.5]]}));
    let named = of(vec![field("x", "float64", shape.clone())], Runtime::Mlflow).unwrap();
    assert_eq!(named.body, json!({"inputs": {"x": [[0.5, 0.5]]}}));
    let two = of(vec![field("x", "float64", shape.clone()), field("y", "uint8", shape)], Runtime::Mlflow).unwrap();
    assert_eq!(two.body, json!({"inputs": {"x": [[0.5, 0.5]], "y": [[1, 1]]}}));
}

#[test]
fn a_program_that_declares_nothing_is_sent_an_empty_object_at_its_own_route() {
    let signature = Signature { absent: true, ..Signature::default() };
    let model: ModelRef = "iris@2".parse().unwrap();
    let request = sample(&signature, Runtime::Command, &model).unwrap().to("/predict/{model}", &model.name);
    assert_eq!((request.path.as_str(), request.body), ("/predict/iris", json!({})));
    assert_eq!(sample(&signature, Runtime::Mlflow, &model), None);
}

#[test]
fn what_no_request_can_carry_has_no_sample() {
    let sequence = Field { kind: ValueKind::Sequence, ..field("s", "seq(tensor(FLOAT))", None) };
    assert_eq!(of(vec![sequence], Runtime::Onnx), None);
    let huge = |shape: &[u64]| Some(shape.iter().map(|&length| Dimension::Fixed(length)).collect());
    for shape in [&[2_000_001][..], &[u64::MAX, u64::MAX], &[1 << 20, 1 << 20, 0], &[1 << 20, 1 << 20]] {
        for runtime in [Runtime::Onnx, Runtime::Mlflow] {
            assert_eq!(of(vec![field("", "float64", huge(shape))], runtime), None, "{shape:?}");
        }
    }
    assert_eq!(of(vec![field("X", "COMPLEX64", Some(vec![Dimension::Fixed(1)]))], Runtime::Onnx), None);
}

#[test]
fn words_of_every_format_are_elements_of_the_protocol() {
    for (words, protocol, example) in [
        (&["BOOL", "boolean", "bool"][..], "BOOL", json!(true)),
        (&["UINT8", "uint8"], "UINT8", json!(1)),
        (&["UINT16"], "UINT16", json!(1)),
        (&["UINT32"], "UINT32", json!(1)),
        (&["UINT64"], "UINT64", json!(1)),
        (&["INT8"], "INT8", json!(1)),
        (&["INT16"], "INT16", json!(1)),
        (&["INT32", "integer", "int"], "INT32", json!(1)),
        (&["INT64", "long", "i", "c", " int64 "], "INT64", json!(1)),
        (&["FLOAT16", "FP16", "half"], "FP16", json!(0.5)),
        (&["BFLOAT16", "bf16"], "BF16", json!(0.5)),
        (&["FLOAT", "float32", "FP32", "q"], "FP32", json!(0.5)),
        (&["DOUBLE", "float64", "FP64"], "FP64", json!(0.5)),
        (&["STRING", "str", "object", "BYTES", "<U12", "|S4"], "BYTES", json!("text")),
        (&["binary"], "BYTES", json!("dGV4dA==")),
        (&["datetime", "datetime64[ns]"], "BYTES", json!("2026-01-01T00:00:00")),
    ] {
        for word in words {
            let request = of(vec![field("x", word, Some(Vec::new()))], Runtime::Onnx).unwrap();
            let input = json!({"name": "x", "shape": [], "datatype": protocol, "data": [example]});
            assert_eq!((request.body, request.guessed), (json!({ "inputs": [input] }), false), "{word}");
        }
    }
    for rate in RATES {
        let of = |datatype| of(vec![field(rate, datatype, Some(Vec::new()))], Runtime::Onnx).unwrap().body;
        assert_eq!(of("INT32")["inputs"][0]["data"], json!([16_000]));
        assert_eq!(of("FLOAT")["inputs"][0]["data"], json!([0.5]));
    }
}

#[test]
fn what_is_not_stated_is_guessed() {
    let dimensions = |sizes: &[i64]| -> Option<Vec<Dimension>> {
        let size = |size: &i64| u64::try_from(*size).map_or(Dimension::Unknown, Dimension::Fixed);
        Some(sizes.iter().map(size).collect())
    };
    for (shape, wanted, guessed) in [
        (dimensions(&[-1, 3, 8, 8]), json!([1, 3, 8, 8]), false),
        (dimensions(&[-1, 3, -1, -1]), json!([1, 3, 32, 32]), true),
        (dimensions(&[-1, 16, -1]), json!([1, 16, 4]), true),
        (dimensions(&[-1]), json!([1]), false),
        (dimensions(&[5]), json!([5]), false),
        (dimensions(&[0, 2]), json!([0, 2]), false),
        (None, json!([1, 1]), true),
    ] {
        let input = Field { kind: ValueKind::Tensor, ..field("", "", shape.clone()) };
        let untyped = of(vec![input.clone()], Runtime::Onnx).unwrap();
        assert!(untyped.guessed, "{shape:?}");
        assert_eq!(
            (&untyped.body["inputs"][0]["name"], &untyped.body["inputs"][0]["datatype"]),
            (&json!("data"), &json!("FP32"))
        );
        let typed = of(vec![Field { datatype: "FLOAT".to_owned(), ..input }], Runtime::Onnx).unwrap();
        assert_eq!((&typed.body["inputs"][0]["shape"], typed.guessed), (&wanted, guessed), "{shape:?}");
    }
    // Names of columns say how wide a tensor is, if there is but one.
    let features = Some(["a", "b", "c"].map(str::to_owned).to_vec());
    let model: ModelRef = "iris@2".parse().unwrap();
    let any = Field { kind: ValueKind::Tensor, ..field("X", "FLOAT", None) };
    for (inputs, wanted, guessed) in [
        (vec![any.clone()], json!([1, 3]), false),
        (vec![any.clone(), field("Y", "FLOAT", dimensions(&[-1, 1]))], json!([1, 1]), true),
        (vec![field("X", "FLOAT", dimensions(&[-1, -1]))], json!([1, 3]), false),
        (vec![field("X", "FLOAT", dimensions(&[-1, -1, 2]))], json!([1, 4, 2]), true),
        (vec![field("X", "FLOAT", dimensions(&[-1, -1])), field("Y", "FLOAT", dimensions(&[1]))], json!([1, 4]), true),
    ] {
        let signature = Signature { inputs, features: features.clone(), ..Signature::default() };
        let request = sample(&signature, Runtime::Onnx, &model).unwrap();
        assert_eq!((&request.body["inputs"][0]["shape"], request.guessed), (&wanted, guessed));
    }
}

#[test]
fn each_runtime_is_asked_in_its_own_words() {
    let inputs = || vec![field("x", "FLOAT", Some(vec![Dimension::Fixed(1)]))];
    let protocol = of(inputs(), Runtime::Onnx).unwrap();
    for (runtime, path) in [
        (Runtime::Trees, "/v2/models/iris/infer"),
        (Runtime::Command, "/v2/models/iris/infer"),
        (Runtime::Custom, "/v2/models/iris/infer"),
        (Runtime::External, ""),
    ] {
        let request = of(inputs(), runtime).unwrap();
        assert_eq!((request.path.as_str(), &request.body), (path, &protocol.body), "{runtime:?}");
    }
    for (runtime, answered) in [
        (Runtime::Command, true),
        (Runtime::Custom, true),
        (Runtime::External, true),
        (Runtime::Onnx, false),
        (Runtime::Trees, false),
        (Runtime::Mlflow, false),
    ] {
        let absent = Signature { absent: true, ..Signature::default() };
        let request = sample(&absent, runtime, &"iris@2".parse().unwrap());
        assert_eq!(request.map(|request| request.body), answered.then(|| json!({})), "{runtime:?}");
    }
    assert_eq!(of(Vec::new(), Runtime::Mlflow), None);
    let optional = Field { kind: ValueKind::Optional, ..field("o", "FLOAT", None) };
    let both = [inputs(), vec![optional]].concat();
    assert_eq!(of(both, Runtime::Onnx).unwrap().body, protocol.body);
}

#[test]
fn tables_of_mlflow_hold_what_each_column_takes() {
    let table = |columns: Vec<Field>| {
        let request = of(columns, Runtime::Mlflow)?;
        Some((request.body["dataframe_split"].clone(), request.guessed))
    };
    for (datatype, cell, guessed) in [
        ("double", json!(0.5), false),
        ("boolean", json!(true), false),
        ("Array(long)", json!([1]), false),
        ("array<string>", json!(["text"]), false),
        ("Array(unheard)", json!([0.5]), false),
        ("array", json!([0.5]), true),
        ("Map(string -> long)", json!({}), true),
        ("object", json!({}), true),
        ("{a: long}", json!({}), true),
        ("", json!(0.5), true),
    ] {
        let wanted = (json!({"columns": ["x"], "data": [[cell]]}), guessed);
        assert_eq!(table(vec![field("x", datatype, None)]), Some(wanted), "{datatype}");
    }
    assert_eq!(table(vec![field("x", "unheard", None)]), None);
    let optional = |name| Field { required: false, ..field(name, "long", None) };
    assert_eq!(table(vec![optional("a"), optional("b")]).unwrap().0, json!({"columns": ["a", "b"], "data": [[1, 1]]}));
    assert_eq!(table(vec![field("", "long", None), field("", "double", None)]).unwrap().0, json!({"data": [[1, 0.5]]}));
    let sequence = Field { kind: ValueKind::Sequence, ..field("s", "long", None) };
    assert_eq!(of(vec![sequence], Runtime::Mlflow), None);
}
