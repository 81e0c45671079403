//! One table of requests for every runtime that speaks the Open Inference Protocol: each is answered with the same status
//! and in the same form, whoever computes.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::host::{Replica, Start, in_time};
use crate::trees::{LARGEST, start};

/// A runtime with a model of four columns.
struct Subject {
    kind: &'static str,
    replica: Replica,
    /// The tensor that takes all of them.
    input: &'static str,
    /// An output of floating-point numbers.
    output: &'static str,
}

/// The answer to a request.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {}\n{}", self.head, String::from_utf8_lossy(&self.body)))
    }
}

impl Subject {
    /// Sends `bytes` on a connection of their own, and reads until the replica closes it.
    async fn send(&self, bytes: &[u8]) -> Vec<Answer> {
        let mut stream = self.replica.connect("socket").await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut all = Vec::new();
        in_time(stream.read_to_end(&mut all)).await.unwrap();
        answers(&all)
    }

    /// One request, after whose answer the connection closes. `@IN` and `@OUT` stand for the names of input and output.
    async fn ask(&self, first: &str, headers: &str, body: &[u8]) -> Answer {
        let mut request = format!("{first} HTTP/1.1\r\nhost: replica\r\nconnection: close\r\n{headers}");
        if !headers.contains("transfer-encoding") {
            write!(request, "content-length: {}\r\n", body.len()).unwrap();
        }
        let mut answers = self.send(&[request.as_bytes(), b"\r\n", body].concat()).await;
        assert_eq!(answers.len(), 1, "{first}");
        answers.remove(0)
    }

    fn fill(&self, text: &str) -> String {
        text.replace("@OUT", self.output).replace("@IN", self.input)
    }

    async fn infer(&self, body: &str) -> Answer {
        self.ask("POST /v2/models/m/infer", "", self.fill(body).as_bytes()).await
    }
}

/// Takes answers apart that came one after another.
fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let status = head[9..12].parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let rest = &bytes[end..];
        // An answer to HEAD has the length of what it leaves out.
        let length = length.unwrap_or(rest.len()).min(rest.len());
        answers.push(Answer { status, head, body: rest[..length].to_vec() });
        bytes = &rest[length..];
    }
    answers
}

async fn subjects() -> Vec<Subject> {
    let small = ["--max-body-bytes", LARGEST];
    let onnx = Start::onnx("iris-v1.onnx").args(small).ready().await;
    let mut all = vec![Subject { kind: "onnx", replica: onnx, input: "X", output: "probabilities" }];
    for (kind, file) in [("lightgbm", "lgb_iris_v1.txt"), ("xgboost", "xgb_iris_v1.ubj")] {
        let file = crate::packages::corpus("trees").join(file);
        let replica = start(kind, &file).await;
        all.push(Subject { kind, replica, input: "data", output: "probabilities" });
    }
    all
}

const ROW: &str = r#"{"id":"7","inputs":[{"name":"@IN","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}]}"#;

/// A request whose input is changed.
fn changed(changes: &str) -> String {
    let mut request: Value = serde_json::from_str(ROW).unwrap();
    let changes: Value = serde_json::from_str(changes).unwrap();
    for (key, value) in changes.as_object().unwrap() {
        request["inputs"][0][key] = value.clone();
    }
    request.to_string()
}

/// An answer that says what is wrong, as the protocol has it, and in nobody's words but the caller's.
#[track_caller]
fn refused(answer: &Answer, status: u16, words: &str, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", String::from_utf8_lossy(&answer.body));
    assert!(answer.head.contains("\r\ncontent-type: application/json\r\n"), "{what}: {}", answer.head);
    let said = answer.json();
    let error = said["error"].as_str().unwrap();
    assert_eq!(said.as_object().unwrap().len(), 1, "{what}: {said}");
    assert!(error.contains(words), "{what}: {error}");
    for inner in ["struct ", "Json", "<html", "invalid type", "missing field", "Traceback", "numpy", "serde", ".cc:"] {
        assert!(!error.contains(inner), "{what}: {error}");
    }
}

#[tokio::test]
async fn every_runtime_answers_alike() {
    for subject in subjects().await {
        methods_and_routes(&subject).await;
        wrong_bodies(&subject).await;
        what_json_has_no_word_for(&subject).await;
        in_binary_form(&subject).await;
        connections(&subject).await;
        // After all of it a good request is answered as before.
        let answer = subject.infer(ROW).await;
        assert_eq!((answer.status, &answer.json()["id"]), (200, &json!("7")));
        end(subject).await;
    }
}

async fn end(mut subject: Subject) {
    subject.replica.signal(rustix::process::Signal::TERM);
    assert_eq!(subject.replica.ended().await, Some(0));
}

async fn methods_and_routes(subject: &Subject) {
    for route in ["/", "/v2", "/v2/health/live", "/v2/health/ready", "/v2/models/m", "/v2/models/m/versions/2/ready"] {
        let (get, head) =
            (subject.ask(&format!("GET {route}"), "", b"").await, subject.ask(&format!("HEAD {route}"), "", b"").await);
        assert_eq!((get.status, head.status, head.body.len()), (200, 200, 0), "{route}");
        assert!(get.json().is_object());
        for method in ["OPTIONS", "PUT", "DELETE", "PATCH", "POST", "BREW"] {
            let answer = subject.ask(&format!("{method} {route}"), "", b"{}").await;
            refused(&answer, 405, &format!("{method} is not allowed for {route}"), route);
            assert!(answer.head.contains("\r\nallow: get,head\r\n"), "{}", answer.head);
        }
    }
    for method in ["GET", "OPTIONS", "PUT", "DELETE"] {
        let answer = subject.ask(&format!("{method} /v2/models/m/infer"), "", b"").await;
        refused(&answer, 405, "is not allowed for /v2/models/m/infer", method);
        assert!(answer.head.contains("\r\nallow: post\r\n"), "{}", answer.head);
    }
    assert_eq!(subject.ask("HEAD /v2/models/m/infer", "", b"").await.status, 405);
    for (route, words) in [
        ("/v3", "there is no route /v3"),
        ("/v1/models/m:predict", "there is no route"),
        ("/v2/models/n/infer", "there is no model \"n\" here; this deployment serves model \"m\" version 2"),
        ("/v2/models/m/versions/1/infer", "there is no version \"1\" here"),
        ("/v2/models/%ff/infer", "not UTF-8"),
    ] {
        refused(&subject.ask(&format!("POST {route}"), "", ROW.as_bytes()).await, 404, words, route);
    }
    let body = subject.fill(ROW);
    for encoding in ["gzip", "br", "identity, gzip", "\u{e9}"] {
        let header = format!("content-encoding: {encoding}\r\n");
        refused(
            &subject.ask("POST /v2/models/m/infer", &header, body.as_bytes()).await,
            415,
            "without Content-Encoding",
            encoding,
        );
    }
    for header in ["content-encoding: Identity\r\n", "content-type: text/plain\r\n", "accept: text/html\r\n"] {
        assert_eq!(subject.ask("POST /v2/models/m/infer", header, body.as_bytes()).await.status, 200, "{header}");
    }
    assert_eq!(subject.ask("POST /v2/models/m/versions/2/infer", "", body.as_bytes()).await.status, 200);
}

async fn wrong_bodies(subject: &Subject) {
    let deep = format!(
        r#"{{"inputs":[{{"name":"@IN","shape":[1,4],"datatype":"FP32","data":{}{}}}]}}"#,
        "[".repeat(9_999),
        "]".repeat(9_999)
    );
    let rows: &[(&str, &str)] = &[
        ("", "the body is empty"),
        ("  ", "the body is empty"),
        ("{", "the body is not JSON: it ends too early, at line 1 column 1"),
        ("\u{1f}\u{8b}", "the body is not JSON"),
        ("{\"inputs\": [\n  {\"name\" \"@IN\"}]}", "not JSON: expected `:`, at line 2 column 11"),
        (
            "[]",
            "a request is a JSON object, {\"inputs\": [{\"name\", \"shape\", \"datatype\", \"data\"}]}, and this one is a list",
        ),
        ("7", "and this one is 7"),
        ("{}", "the request has no \"inputs\""),
        (r#"{"inputs":null}"#, "\"inputs\" is null; it is a list of objects"),
        (r#"{"inputs":{}}"#, "\"inputs\" is an object"),
        (r#"{"inputs":[],"inputs":[]}"#, "has \"inputs\" twice"),
        (r#"{"inputs":[7]}"#, "input 0 is 7; it is an object with name, shape, datatype and data"),
        (r#"{"inputs":[{"shape":[1]}]}"#, "input 0 has no \"name\"; it is text"),
        (r#"{"inputs":[{"name":1}]}"#, "\"name\" of input 0 is 1; it is text"),
        (
            r#"{"inputs":[{"name":"a","shape":[1.5]}]}"#,
            "\"shape\" of input \"a\" is a list; it is a list of whole numbers",
        ),
        (r#"{"inputs":[{"name":"a","shape":[1]}]}"#, "input \"a\" has no \"datatype\""),
        (r#"{"id":7,"inputs":[]}"#, "\"id\" of the request is 7; it is text"),
        (r#"{"inputs":[],"outputs":7}"#, "\"outputs\" of the request is 7"),
        (r#"{"inputs":[],"outputs":[7]}"#, "output 0 is 7"),
        (r#"{"inputs":[],"parameters":[]}"#, "\"parameters\" of the request is a list"),
        (
            r#"{"inputs":[],"parameters":{"binary_data_output":"yes"}}"#,
            "\"binary_data_output\" of \"parameters\" of the request is the text \"yes\"",
        ),
        (r#"{"inputs":[]}"#, "is missing: the model needs"),
        (&changed(r#"{"name":"nobody"}"#), "the model has no input \"nobody\"; it takes"),
        (
            &format!("{},\"outputs\":[{{\"name\":\"nothing\"}}]}}", &ROW[..ROW.len() - 1]),
            "the model has no output \"nothing\"; it gives",
        ),
        (
            &format!("{},\"outputs\":[{{\"name\":\"@OUT\"}},{{\"name\":\"@OUT\"}}]}}", &ROW[..ROW.len() - 1]),
            "is asked for twice",
        ),
        (&changed(r#"{"shape":[4]}"#), "the shape has 1 dimensions, and the model takes [-1, 4]"),
        (&changed(r#"{"shape":[1,5]}"#), "shape [1, 5] was given, and the model takes [-1, 4], where -1 is any length"),
        (&changed(r#"{"shape":[-1,4]}"#), "shape [-1, 4] was given"),
        (&changed(r#"{"shape":[9223372036854775807,4]}"#), "more elements than can be counted"),
        (
            &changed(r#"{"shape":[1000000000000,4]}"#),
            "the data has 4 elements, and shape [1000000000000, 4] needs 4000000000000",
        ),
        (&changed(r#"{"datatype":"BYTES"}"#), "datatype \"BYTES\" was given, and the model takes FP32"),
        (&changed(r#"{"datatype":"FP8"}"#), "datatype \"FP8\" was given"),
        (&changed(r#"{"data":[1,2,3]}"#), "the data has 3 elements, and shape [1, 4] needs 4"),
        (&changed(r#"{"data":[1,2,3,4,5]}"#), "the data has more elements than the 4 of shape [1, 4]"),
        (&changed(r#"{"data":[[1,2],[3,4]]}"#), "the data is not nested as shape [1, 4] says"),
        (&changed(r#"{"data":[[1,2,3],4]}"#), "the data is not nested as shape [1, 4] says"),
        (&changed(r#"{"data":[1,"two",3,4]}"#), "element 1 is text, which is not FP32"),
        (&changed(r#"{"data":[1,"2",3,4]}"#), "element 1 is text, which is not FP32"),
        (&changed(r#"{"data":[1,true,3,4]}"#), "element 1 is true, which is not FP32"),
        (&changed(r#"{"data":[1,{},3,4]}"#), "element 1 is an object, which is not FP32"),
        (&changed(r#"{"data":[1,1e300,3,4]}"#), "element 1 is 1e300, which is not FP32"),
        (&changed(r#"{"datatype":"FP16","data":[1,70000,3,4]}"#), "FP16"),
        (&changed(r#"{"datatype":"INT32","data":[1,2.5,3,4]}"#), "INT32"),
        (&changed(r#"{"datatype":"UINT64","data":[1,-1,3,4]}"#), "UINT64"),
        (&changed(r#"{"datatype":"INT64","data":[1,9223372036854775808,3,4]}"#), "INT64"),
        (&changed(r#"{"datatype":"INT64","data":[1,"2",3,4]}"#), "INT64"),
        (&changed(r#"{"data":7}"#), "\"data\" is not a list"),
        (&changed(r#"{"data":null}"#), "it has no data"),
        (&changed(r#"{"parameters":{"binary_data_size":16}}"#), "it has both data and binary_data_size"),
        (&changed(r#"{"parameters":{"binary_data_size":-1}}"#), "\"binary_data_size\" of \"parameters\" of input"),
        (&changed(r#"{"parameters":{"shared_memory_region":"r"}}"#), "\"shared_memory_region\" is not supported"),
        (&deep, "it is nested too deeply"),
    ];
    for (body, words) in rows {
        refused(&subject.infer(body).await, 400, words, &body[..body.len().min(120)]);
    }
    let huge = ROW.replace("0.2]", &format!("1{}]", "0".repeat(400)));
    refused(&subject.infer(&huge).await, 400, "it holds a number that is too large", "400 digits");
    let twice = subject
        .fill(ROW)
        .replace("[{", "[{\"name\":\"@IN\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]},{");
    refused(&subject.infer(&twice).await, 400, "", "an input twice");
    let broken = subject.ask("POST /v2/models/m/infer", "", b"{\"inputs\":\"\xff\"}").await;
    refused(&broken, 400, "it is not UTF-8", "no UTF-8");
    assert_eq!(subject.infer(&changed(r#"{"shape":[0,4],"data":[]}"#)).await.status, 200, "no rows");
}

async fn what_json_has_no_word_for(subject: &Subject) {
    let answer = |data: &str| {
        let body = ROW.replace("[5.1,3.5,1.4,0.2]", data);
        async move { subject.infer(&body).await }
    };
    let null = answer("[5.1,null,1.4,0.2]").await;
    assert_eq!(null.status, 200, "{null:?}");
    // What Python's writer of JSON makes of a NaN, and what others call it.
    for same in ["[5.1,NaN,1.4,0.2]", r#"[5.1,"NaN",1.4,0.2]"#, "[[5.1,NaN,1.4,0.2]]"] {
        let found = answer(same).await;
        assert_eq!((found.status, found.json()), (200, null.json()), "{same}");
    }
    for infinity in ["Infinity", "-Infinity", "\"Infinity\""] {
        let found = answer(&format!("[5.1,{infinity},1.4,0.2]")).await;
        // XGBoost itself refuses infinities; the others compute with them.
        if subject.kind == "xgboost" {
            refused(&found, 400, "XGBoost takes finite numbers", infinity);
        } else {
            assert_eq!(found.status, 200, "{found:?}");
        }
    }
    refused(&answer("[5.1,NaN,1.4,Nan]").await, 400, "the body is not JSON", "no such word");
}

async fn in_binary_form(subject: &Subject) {
    let bytes: Vec<u8> = [5.1_f32, 3.5, 1.4, 0.2].iter().flat_map(|number| number.to_le_bytes()).collect();
    let head = |size: usize| {
        subject.fill(&format!(
            r#"{{"inputs":[{{"name":"@IN","shape":[1,4],"datatype":"FP32","parameters":{{"binary_data_size":{size}}}}}],
               "outputs":[{{"name":"@OUT","parameters":{{"binary_data":true}}}}]}}"#
        ))
    };
    let ask = async |head: String, bytes: &[u8], length: &str| {
        let header = format!("inference-header-content-length: {length}\r\n");
        subject.ask("POST /v2/models/m/infer", &header, &[head.as_bytes(), bytes].concat()).await
    };
    let good = ask(head(16), &bytes, &head(16).len().to_string()).await;
    assert_eq!(good.status, 200, "{good:?}");
    assert!(good.head.contains("\r\ncontent-type: application/octet-stream\r\n"), "{}", good.head);
    let length = good.head.lines().find_map(|line| line.strip_prefix("inference-header-content-length: ")).unwrap();
    let (json, tensor) = good.body.split_at(length.parse().unwrap());
    let json: Value = serde_json::from_slice(json).unwrap();
    let output = &json["outputs"][0];
    assert_eq!((&output["shape"], &output["parameters"]["binary_data_size"]), (&json!([1, 3]), &json!(12)));
    let binary: Vec<f64> =
        tensor.as_chunks::<4>().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect();
    let plain = subject.infer(ROW).await.json();
    let output = plain["outputs"].as_array().unwrap().iter().find(|output| output["name"] == subject.output).unwrap();
    let plain: Vec<f64> = output["data"].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect();
    assert!(binary.iter().zip(&plain).all(|(a, b)| (a - b).abs() < 1e-6), "{binary:?} {plain:?}");

    let whole = head(16).len().to_string();
    for (head, bytes, length, words) in [
        (head(15), &bytes[..15], whole.as_str(), "its binary data has 15 bytes, and 4 elements of FP32 need 16"),
        (head(16), &bytes[..15], &whole, "binary_data_size is 16, and only 15 bytes of binary data are left"),
        (head(16), &[&bytes[..], b"x"].concat(), &whole, "1 bytes are left over"),
        (head(16), &bytes, "100000", "Inference-Header-Content-Length is 100000, and the body has only"),
        (head(16), &bytes, "-1", "Inference-Header-Content-Length is not a number of bytes"),
        (head(16), &bytes, "9", "the body is not JSON"),
    ] {
        refused(&ask(head, bytes, length).await, 400, words, words);
    }
}

async fn connections(subject: &Subject) {
    let body = subject.fill(ROW);
    let request = |version: &str, close: bool| {
        let close = if close { "connection: close\r\n" } else { "" };
        format!("POST /v2/models/m/infer {version}\r\nhost: r\r\n{close}content-length: {}\r\n\r\n{body}", body.len())
    };
    // Pipelined, kept, and of before there were kept connections.
    let both = subject.send([request("HTTP/1.1", false), request("HTTP/1.1", true)].concat().as_bytes()).await;
    assert_eq!(both.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 200]);
    assert_eq!(both[0].json(), both[1].json());
    let old = subject.send(request("HTTP/1.0", false).as_bytes()).await;
    assert_eq!((old[0].status, old[0].json()), (200, both[0].json()));
    let chunks =
        format!("{:x}\r\n{}\r\n{:x};x=y\r\n{}\r\n0\r\nx-after: 1\r\n\r\n", 9, &body[..9], body.len() - 9, &body[9..]);
    let chunked = subject.ask("POST /v2/models/m/infer", "transfer-encoding: chunked\r\n", chunks.as_bytes()).await;
    assert_eq!((chunked.status, chunked.json()), (200, both[0].json()));

    // An answer that needs no body leaves none on the connection, however large.
    let limit: usize = LARGEST.parse().unwrap();
    let words = format!("larger than {limit} bytes, the limit of this deployment");
    for (first, length, status) in [
        ("POST /v2/models/other/infer", limit, 404),
        ("PUT /v2/models/m/infer", limit, 405),
        ("POST /nowhere", 13, 404),
        ("GET /v2/health/ready", 50_000, 200),
        ("POST /v2/models/m/infer", limit + 1, 413),
    ] {
        let padding = " ".repeat(length);
        let bytes = format!(
            "{first} HTTP/1.1\r\nhost: r\r\ncontent-length: {length}\r\n\r\n{padding}{}",
            request("HTTP/1.1", true)
        );
        let found = subject.send(bytes.as_bytes()).await;
        assert_eq!(found.iter().map(|answer| answer.status).collect::<Vec<_>>(), [status, 200], "{first} {length}");
        if status == 413 {
            refused(&found[0], 413, &words, first);
        }
    }
    // More than that is not read on: the answer says that the connection closes.
    let length = limit + 3_000_000;
    let request = format!("POST /v2/models/m/infer HTTP/1.1\r\nhost: r\r\ncontent-length: {length}\r\n\r\n");
    let found = subject.send([request.as_bytes(), &vec![b' '; length]].concat().as_slice()).await;
    assert_eq!(found.len(), 1);
    refused(&found[0], 413, &words, "far too large");
    assert!(found[0].head.contains("\r\nconnection: close\r\n"), "{}", found[0].head);
    let chunks = format!("{:x}\r\n{}\r\n0\r\n\r\n", limit + 1, " ".repeat(limit + 1));
    let large = subject.ask("POST /v2/models/m/infer", "transfer-encoding: chunked\r\n", chunks.as_bytes()).await;
    refused(&large, 413, &words, "in chunks");
}
