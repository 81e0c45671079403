//! The findings in real files, and the answers to hostile ones.

mod labels;

use std::io::Cursor;
use std::path::PathBuf;

use domain::model::{Dimension, Signature};

use super::*;

const LIMIT: u64 = 1 << 20;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/models").join(name)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(path(name)).unwrap()
}

fn read_bytes(bytes: &[u8]) -> Result<Signature, Unreadable> {
    read(&mut Cursor::new(bytes), LIMIT, Beside::Nothing)
}

/// `name: DATATYPE [shape]`, as in `X: FLOAT [?, 4]`.
fn written(ports: &[Port]) -> String {
    let length = |dimension: &Dimension| match dimension {
        Dimension::Fixed(length) => length.to_string(),
        Dimension::Symbolic(name) => name.clone(),
        Dimension::Unknown => "?".to_owned(),
    };
    let port = |port: &Port| match &port.shape {
        None => format!("{}: {}", port.name, port.datatype),
        Some(shape) => {
            let shape: Vec<String> = shape.iter().map(length).collect();
            format!("{}: {} [{}]", port.name, port.datatype, shape.join(", "))
        }
    };
    ports.iter().map(port).collect::<Vec<_>>().join("; ")
}

#[test]
fn signatures_of_real_files() {
    let table: [(&str, &str, &str, &[&str]); 8] = [
        (
            "iris-v1.onnx",
            "X: FLOAT [?, 4]",
            "label: STRING [?]; probabilities: FLOAT [?, 3]",
            &["setosa", "versicolor", "virginica"],
        ),
        (
            "iris-v2.onnx",
            "X: FLOAT [?, 4]",
            "label: STRING [?]; probabilities: FLOAT [?, 3]",
            &["setosa", "versicolor", "virginica"],
        ),
        // A signature needs no runtime: this one has an operator that none knows.
        (
            "iris-v3-unknown-operator.onnx",
            "X: FLOAT [?, 4]",
            "label: STRING [?]; probabilities: FLOAT [?, 3]",
            &["setosa", "versicolor", "virginica"],
        ),
        (
            "iris-columns-number-labels.onnx",
            "sepal_length: FLOAT [?, 1]; sepal_width: FLOAT [?, 1]; petal_length: FLOAT [?, 1]; petal_width: FLOAT [?, 1]",
            "label: INT64 [?]; probabilities: FLOAT [?, 3]",
            &["0", "1", "2"],
        ),
        // Five of its inputs are constants that nobody has to send.
        ("digits-constants-as-inputs.onnx", "image: FLOAT [N, 1, 8, 8]", "probabilities: FLOAT [N, 10]", &[]),
        (
            "fruit-text-zipmap.onnx",
            "colour: STRING [?, 1]",
            "label: STRING [?]; probabilities: seq(map(STRING,tensor(FLOAT)))",
            &["apple", "banana"],
        ),
        (
            "sign-number-zipmap.onnx",
            "x: FLOAT [?, 1]",
            "label: INT64 [?]; probabilities: seq(map(INT64,tensor(FLOAT)))",
            &["-1", "1"],
        ),
        ("loop.onnx", "rounds: INT64 []", "sum_of_rounds: FLOAT [1]", &[]),
    ];
    for (name, inputs, outputs, classes) in table {
        let signature = read_file(&path(name), LIMIT, Beside::Nothing).unwrap();
        assert_eq!(written(&signature.inputs), inputs, "{name}");
        assert_eq!(written(&signature.outputs), outputs, "{name}");
        assert_eq!(signature.classes.unwrap_or_default(), classes, "{name}");
    }
}

#[test]
fn the_head_of_a_file_is_read_too() {
    let signature = read_bytes(&bytes("iris-v1.onnx")).unwrap();
    assert_eq!(signature.opsets, BTreeMap::from([("ai.onnx".to_owned(), 17), ("ai.onnx.ml".to_owned(), 1)]));
    assert_eq!((signature.ir_version, signature.producer.as_str()), (8, "skl2onnx 1.20.0"));
    assert_eq!(signature.metadata["target_name"], "species");
    let regressor = read_bytes(&bytes("diabetes-v1.onnx")).unwrap();
    assert_eq!((regressor.inputs.len(), regressor.classes), (10, None));
}

#[test]
fn every_wrong_file_is_told_what_is_wrong_with_it() {
    let good = bytes("iris-v1.onnx");
    let looks = |like: &str| {
        format!(
            "the file is not a model: it looks like {like}; \
             send an ONNX, LightGBM or XGBoost file, or a folder that MLflow saved"
        )
    };
    let table: [(&[u8], &str); 10] = [
        (b"", "the file is empty; send the file of the model"),
        (b"this is not a model\n", &looks("plain text")),
        (b"<!DOCTYPE html><html></html>", &looks("a web page (HTML)")),
        (b"{\"format\":\"onnx\"}\n", &looks("JSON")),
        (
            b"\x80\x04\x95\x0b\x00\x00\x00\x00",
            "the file looks like a Python pickle, which is never opened because that runs code; export the model to ONNX, or save it with MLflow",
        ),
        (b"PK\x03\x04\x14\x00", &looks("a zip archive")),
        (b"\xf3\x91\x07\xaa\x00\x01", &looks("binary data of another kind")),
        (
            &good[..good.len() / 2],
            "the ONNX file is cut short: it ends after 343 bytes in the middle of the model; send the whole file",
        ),
        (
            b"\x08\x08\x42\x02\x10\x11",
            "the ONNX file holds no graph, so there is nothing to run; export the model again",
        ),
        (
            b"\x08\x08\x3a\x02\x0a\x7f",
            "the ONNX file is damaged at byte 6: a part is longer than the whole it belongs to; send it once more, or save the model again",
        ),
    ];
    for (file, sentence) in table {
        assert_eq!(read_bytes(file).unwrap_err().to_string(), sentence);
    }
    let error = read(&mut Cursor::new(&good), 685, Beside::Nothing).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the file has 686 bytes, and the limit is 685 bytes; make the model smaller, or have the limit raised"
    );
}

#[test]
fn weights_in_another_file_are_refused_unless_they_lie_beside_it() {
    let model = bytes("weights-elsewhere.onnx");
    let at = |place: &str| {
        let found = model.windows(11).position(|window| window == b"weights.bin").unwrap();
        let mut model = model.clone();
        model[found..found + 11].copy_from_slice(place.as_bytes());
        model
    };
    let refused = |model: &[u8], beside: Beside<'_>| match read(&mut Cursor::new(model), LIMIT, beside).unwrap_err() {
        Unreadable::External(error) => error,
        other => panic!("{other}"),
    };
    let folder = tempfile::tempdir().unwrap();
    let beside = Beside::Folder(folder.path());

    assert_eq!(refused(&model, Beside::Nothing), ExternalError::NotInside("weights.bin".to_owned()));
    assert_eq!(refused(&model, beside), ExternalError::Missing("weights.bin".to_owned()));
    for outside in ["../../a.bin", "..\\\\..\\\\a.b", "a/../../b.c"] {
        assert!(matches!(refused(&at(outside), beside), ExternalError::Outside(_)), "{outside}");
    }
    for absolute in ["/etc/passwd", "C:\\weights0", "\\\\host\\a.bi"] {
        assert!(matches!(refused(&at(absolute), beside), ExternalError::Absolute(_)), "{absolute}");
    }
    std::fs::write(folder.path().join("weights.bin"), [0; 15]).unwrap();
    assert_eq!(refused(&model, beside), ExternalError::Short("weights.bin".to_owned()));
    std::fs::write(folder.path().join("weights.bin"), [0; 16]).unwrap();
    assert_eq!(written(&read(&mut Cursor::new(&model), LIMIT, beside).unwrap().inputs), "x: FLOAT [4]");

    // A link that leads out is no way around the rule.
    std::fs::remove_file(folder.path().join("weights.bin")).unwrap();
    std::os::unix::fs::symlink(path("iris-v2.onnx"), folder.path().join("weights.bin")).unwrap();
    assert_eq!(refused(&model, beside), ExternalError::Outside("weights.bin".to_owned()));
}

#[test]
fn a_file_cut_anywhere_is_refused_or_still_means_the_same() {
    let good = bytes("iris-v1.onnx");
    let whole = read_bytes(&good).unwrap();
    let mut readable = 0;
    for length in 0..good.len() {
        match read_bytes(&good[..length]) {
            // Between the metadata at the end of the file nothing tells a cut.
            Ok(cut) => {
                readable += 1;
                assert_eq!((&cut.inputs, &cut.outputs, &cut.classes), (&whole.inputs, &whole.outputs, &whole.classes));
            }
            Err(
                Unreadable::Empty
                | Unreadable::Other(_)
                | Unreadable::CutShort { .. }
                | Unreadable::NoGraph
                | Unreadable::NoOperatorSet,
            ) => {}
            Err(other) => panic!("cut after {length} bytes: {other}"),
        }
    }
    assert!(readable <= 5, "{readable}");
}

#[test]
fn a_file_with_any_byte_changed_is_answered() {
    for name in ["iris-v1.onnx", "fruit-text-zipmap.onnx", "loop.onnx", "weights-elsewhere.onnx"] {
        let good = bytes(name);
        for place in 0..good.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut file = good.clone();
                file[place] ^= change;
                // Any answer will do; a panic or an endless loop would not.
                let _ = read_bytes(&file);
            }
        }
    }
}

/// A field that holds bytes.
fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    prost::encoding::bytes::encode(number, &content.to_vec(), &mut field);
    field
}

fn model(graph: &[u8]) -> Vec<u8> {
    let opset = field(8, b"\x10\x11");
    [b"\x08\x08".to_vec(), field(7, graph), opset].concat()
}

#[test]
fn hostile_files_end_in_an_error_before_they_cost_memory() {
    let refused = |graph: &[u8]| {
        let file = model(graph);
        match read(&mut Cursor::new(&file), u64::MAX, Beside::Nothing).unwrap_err() {
            Unreadable::Implausible { what, .. } => what,
            other => panic!("{other}"),
        }
    };
    // graph → node → attribute → graph → …
    let nested = (0..1000).fold(Vec::new(), |inner, _| field(1, &field(5, &field(6, &inner))));
    assert_eq!(refused(&nested), "graphs inside graphs, more than 32 deep");

    let port = field(11, &[field(1, b"x"), field(2, &field(1, b"\x08\x01"))].concat());
    assert_eq!(refused(&port.repeat(10_001)), "more than 10,000 inputs and outputs");

    // Two bytes for every name that would be kept.
    let tensor = field(5, b"");
    assert_eq!(refused(&tensor.repeat(2_000_000)), "more names and labels than fit in 64 MiB");

    let zipmap =
        [field(4, b"ZipMap"), field(5, &[field(1, b"classlabels_strings"), field(9, b"").repeat(2_000_000)].concat())];
    assert_eq!(refused(&field(1, &zipmap.concat())), "more names and labels than fit in 64 MiB");
}

#[test]
fn a_graph_that_cannot_be_called_is_refused() {
    let port = |number, name: &[u8]| field(number, &[field(1, name), field(2, &field(1, b"\x08\x01"))].concat());
    let refused = |graph: &[u8]| read_bytes(&model(graph)).unwrap_err().to_string();
    assert_eq!(refused(b""), "the graph in the ONNX file has no outputs; export the model again");
    let twice = [port(11, b"x"), port(11, b"x"), port(12, b"y")].concat();
    assert_eq!(
        refused(&twice),
        "the graph in the ONNX file is not usable: two inputs are called \"x\"; export the model again"
    );
    let node =
        |parts: &[(u32, &[u8])]| field(1, &parts.iter().flat_map(|(n, name)| field(*n, name)).collect::<Vec<_>>());
    for (graph, why) in [
        (port(12, b"y"), "nothing makes its output \"y\""),
        (
            [node(&[(1, b"w"), (2, b"y")]), port(12, b"y")].concat(),
            "a node takes the value \"w\", and nothing makes it",
        ),
        ([node(&[(2, b"y")]), node(&[(2, b"y")]), port(12, b"y")].concat(), "two nodes make the value \"y\""),
        // What a graph inside a node lacks may be made around it; here it is not.
        (
            [node(&[(2, b"y"), (5, &field(6, &node(&[(1, b"w")])))]), port(12, b"y")].concat(),
            "a node takes the value \"w\", and nothing makes it",
        ),
    ] {
        let refusal = format!("the graph in the ONNX file is not usable: {why}; export the model again");
        assert_eq!(refused(&graph), refusal);
    }
    for graph in [
        // Nodes need not stand in order, and an input may be what is not sent.
        [node(&[(1, b"a"), (2, b"y")]), node(&[(1, b"x"), (1, b""), (2, b"a")]), port(11, b"x"), port(12, b"y")]
            .concat(),
        // A constant is an output like any other.
        [field(5, &field(8, b"y")), port(12, b"y")].concat(),
        // A graph inside a node uses what is made around it, also later, and its own inputs.
        [
            node(&[
                (2, b"y"),
                (5, &field(6, &[node(&[(1, b"i"), (1, b"w"), (2, b"o")]), port(11, b"i"), port(12, b"o")].concat())),
            ]),
            field(5, &field(8, b"w")),
            port(12, b"y"),
        ]
        .concat(),
    ] {
        read_bytes(&model(&graph)).unwrap();
    }
    let no_operators = [b"\x08\x08".to_vec(), field(7, &port(12, b"y"))].concat();
    assert!(matches!(read_bytes(&no_operators), Err(Unreadable::NoOperatorSet)));
}

#[test]
fn what_is_not_stated_is_unknown() {
    let node = field(1, &[field(1, b"x"), field(2, b"y")].concat());
    let typed = |number, r#type: &[u8]| field(number, &[field(1, b"x"), field(2, r#type)].concat());
    for (input, wanted) in [
        (field(11, &field(1, b"x")), "x: "),
        (typed(11, b""), "x: "),
        (typed(11, &field(1, b"")), "x: "),
        (typed(11, &field(1, &field(2, b""))), "x:  []"),
        (typed(11, &field(1, b"\x08\x01")), "x: FLOAT"),
        // No shape is not the shape of a single value.
        (typed(11, &field(1, &[b"\x08\x01".to_vec(), field(2, b"")].concat())), "x: FLOAT []"),
        // A dimension that says nothing, -1, and 0, which the runtime takes at its word.
        (
            typed(
                11,
                &field(
                    1,
                    &[
                        b"\x08\x01".to_vec(),
                        field(2, &[field(1, b""), field(1, &minus_one()), field(1, b"\x08\x00")].concat()),
                    ]
                    .concat(),
                ),
            ),
            "x: FLOAT [?, ?, 0]",
        ),
    ] {
        let graph = [node.clone(), input, field(12, &field(1, b"y"))].concat();
        let signature = read_bytes(&model(&graph)).unwrap();
        assert_eq!(written(&signature.inputs), wanted);
        assert_eq!((signature.outputs[0].datatype.as_str(), &signature.outputs[0].shape), ("", &None));
    }
    let shapeless = read_bytes(&bytes("no-shapes.onnx")).unwrap();
    assert_eq!(
        (written(&shapeless.inputs), written(&shapeless.outputs)),
        ("x: FLOAT".to_owned(), "y: FLOAT".to_owned())
    );
}

/// -1 as the length of a dimension.
fn minus_one() -> Vec<u8> {
    [&b"\x08"[..], &[0xff; 9], b"\x01"].concat()
}

#[test]
fn what_onnx_runtime_does_not_have_is_refused_and_what_the_model_defines_is_not() {
    let output = field(12, &[field(1, b"y"), field(2, &field(1, b"\x08\x01"))].concat());
    let node = |domain: &[u8]| field(1, &[field(2, b"y"), field(4, b"Secret"), field(7, domain)].concat());
    let file = |domain: &[u8], more: &[u8]| [model(&[node(domain), output.clone()].concat()), more.to_vec()].concat();
    assert!(read_bytes(&file(b"com.microsoft", b"")).is_ok());
    let refused = read_bytes(&file(b"mine", b"")).unwrap_err().to_string();
    assert!(refused.contains("the operator \"Secret\" of \"mine\""), "{refused}");
    let function = |opset: &[u8]| field(25, &[field(1, b"Secret"), field(10, b"mine"), field(9, opset)].concat());
    assert!(read_bytes(&file(b"mine", &function(b"\x10\x19"))).is_ok());
    assert!(matches!(read_bytes(&file(b"mine", &function(b"\x10\x1a"))), Err(Unreadable::TooNew { version: 26, .. })));
    // An operator inside a branch counts too.
    let branch = field(1, &[field(4, b"If"), field(5, &field(6, &node(b"mine")))].concat());
    let nested = model(&[branch, output.clone()].concat());
    assert!(matches!(read_bytes(&nested), Err(Unreadable::UnknownOperator { .. })));
    let newer = [b"\x08\x0e".to_vec(), field(7, &output), field(8, b"\x10\x11")].concat();
    assert!(matches!(read_bytes(&newer), Err(Unreadable::TooNew { version: 14, .. })));
}
