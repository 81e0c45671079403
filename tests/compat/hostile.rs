//! Small files that are made to cost much: deep nesting, huge declared lengths, aliases of aliases, bombs.

/// A hostile file.
pub(crate) struct Hostile {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// True for a file `MLmodel`.
    pub(crate) mlflow: bool,
}

/// All hostile files.
pub(crate) fn all() -> Vec<Hostile> {
    let most = b"\x7f\xff\xff\xff\xff\xff\xff\xff";
    let learner = |rest: &[u8]| [b"{i\x07learner{i\x0dfeature_names".as_slice(), rest].concat();
    let json = |rest: String| format!(r#"{{"learner":{{"feature_names":{rest}"#).into_bytes();
    let head = |rest: String| format!("tree\nversion=v4\n{rest}\n\nTree=0\n").into_bytes();
    let file = |name, bytes| Hostile { name, bytes, mlflow: false };
    let mlmodel = |name, text: String| Hostile { name, bytes: text.into_bytes(), mlflow: true };
    let aliases: String =
        (1..40).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))).collect();
    let signature = |text: String| format!("flavors: {{x: {{}}}}\nsignature:\n  inputs: '{text}'\n");
    vec![
        file("graphs in graphs", onnx_nested(5_000)),
        file("many empty tensors", onnx(&b"\x2a\x00".repeat(500_000))),
        file("many empty nodes", onnx(&b"\x0a\x00".repeat(500_000))),
        file("many nodes that matter", onnx(&b"\x0a\x05\x22\x03Add".repeat(300_000))),
        file("a graph longer than any file", b"\x08\x08\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec()),
        file("many properties", [b"\x08\x08".to_vec(), b"\x72\x00".repeat(500_000)].concat()),
        file("UBJSON: a list without end", learner(&[b"[#L", &most[..]].concat())),
        file("UBJSON: nothing, very often", learner(&[b"[$Z#L", &most[..]].concat())),
        file("UBJSON: a list of lists", learner(&b"[$[#i\x01".repeat(200_000))),
        file("UBJSON: a text longer than any file", learner(&[b"[SL", &most[..]].concat())),
        file("UBJSON: no-ops", learner(&b"N".repeat(500_000))),
        file("UBJSON: empty names", learner(&[b"[".to_vec(), b"Si\x00".repeat(300_000)].concat())),
        file("JSON: deep", json("[".repeat(500_000))),
        file(
            "JSON: deep where nobody looks",
            br#"{"learner":{"x":"#.iter().copied().chain(vec![b'['; 500_000]).collect(),
        ),
        file("JSON: empty names", json(format!("[{}", "\"\",".repeat(200_000)))),
        file("JSON: a long name", json(format!("[\"{}", "x".repeat(2 << 20)))),
        file("LightGBM: a long line", head(format!("feature_names={}", "a ".repeat(1 << 20)))),
        file("LightGBM: many keys", head((0..50_000).map(|n| format!("k{n}=\n")).collect())),
        file("LightGBM: many trees", head(format!("max_feature_idx=0\ntree_sizes={}", "0 ".repeat(300_000)))),
        file("zeros in gzip", gzip(64 << 20)),
        mlmodel("YAML: aliases of aliases", format!("a0: &a0 [x]\n{aliases}flavors: {{x: *a39}}\n")),
        mlmodel("YAML: deep flow", format!("flavors: {}", "[".repeat(200_000))),
        mlmodel("YAML: deep blocks", (0..1_500).map(|n| format!("{}a:\n", " ".repeat(n))).collect()),
        mlmodel("YAML: long", format!("flavors: {{x: 1}}\nmetadata: {}\n", "x".repeat(3 << 20))),
        mlmodel("YAML: many", format!("flavors: [{}]\n", "x,".repeat(100_000))),
        mlmodel("a deep type", signature(format!("{}1", r#"[{"type":"array","items":"#.repeat(100)))),
        mlmodel("many columns", signature(format!("[{}]", vec![r#"{"type":"long"}"#; 20_000].join(",")))),
    ]
}

/// An ONNX file with this graph.
fn onnx(graph: &[u8]) -> Vec<u8> {
    [b"\x08\x08\x3a".to_vec(), varint(graph.len()), graph.to_vec(), b"\x42\x02\x10\x11".to_vec()].concat()
}

/// Graph → node → attribute → graph, over and over.
fn onnx_nested(depth: usize) -> Vec<u8> {
    let within = |key: u8, inner: &[u8]| [vec![key], varint(inner.len()), inner.to_vec()].concat();
    onnx(&(0..depth).fold(Vec::new(), |inner, _| within(0x0a, &within(0x2a, &within(0x32, &inner)))))
}

fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn gzip(zeros: usize) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; zeros]).expect("memory");
    encoder.finish().expect("memory")
}
