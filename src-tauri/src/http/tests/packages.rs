//! Registering packages of every kind: archives, custom and external ones, and what a person declares.

use std::io::Write as _;

use axum::http::Method;
use serde_json::{Value, json};

use super::models::kept;
use super::rig::{Reply, Rig, model_file, rig, rig_with};
use crate::api::Bounds;

/// A tar archive of these files.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

async fn send(rig: &Rig, meta: Value, file: &[u8]) -> Reply {
    rig.upload(&[], &[("meta", meta.to_string().as_bytes()), ("file", file)]).await
}

#[tokio::test]
async fn a_folder_is_registered_from_each_kind_of_archive_and_given_back_as_it_came() {
    let rig = rig();
    let model = model_file("iris-v1.onnx");
    let files = [("model.onnx", &model[..]), ("README.md", b"flowers")];
    for (archive, packing, ending) in
        [(zip(&files), "zip", "zip"), (tar(&files), "tar", "tar"), (gz(&tar(&files)), "tar_gz", "tar.gz")]
    {
        let version = send(&rig, json!({"name": "iris"}), &archive).await.is(201);
        assert_eq!((&version["kind"], &version["packing"]), (&json!("onnx"), &json!(packing)));
        assert_eq!((&version["entry"], &version["size"]), (&json!("model.onnx"), &json!(archive.len())));
        assert_eq!(version["signature"]["inputs"][0]["name"], "X");
        let number = &version["version"];
        let reply = rig.get(&format!("/models/iris/versions/{number}/artifact")).await;
        assert_eq!(&reply.body[..], &archive[..]);
        let name = format!("attachment; filename=\"iris-{number}.{ending}\"");
        assert_eq!(reply.header("content-disposition"), name);
    }
    assert_eq!(kept(&rig), 3);
}

#[tokio::test]
async fn an_archive_that_is_hostile_damaged_or_no_model_is_refused_with_its_reason() {
    let rig = rig();
    let mut outside = tar(&[("xx/model", b"x")]);
    let name = outside.windows(8).position(|window| window == b"xx/model").unwrap();
    outside[name..name + 2].copy_from_slice(b"..");
    // The checksum of the header, which changed by as much as the letters.
    let sum: u32 = outside[..512]
        .iter()
        .enumerate()
        .map(|(at, b)| if (148..156).contains(&at) { 32 } else { u32::from(*b) })
        .sum();
    outside[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let whole = zip(&[("model.onnx", &model_file("iris-v1.onnx"))]);
    for (file, reason, check) in [
        (&outside[..], "leads out", "not_loadable"),
        (&whole[..whole.len() - 30], "cut short", "not_loadable"),
        (&zip(&[("README", b"x")]), "", "not_a_model"),
        (&tar(&[]), "", "not_a_model"),
        (b"\x1f\x8b\x08 no gzip at all", "gzip", "not_a_model"),
        (&gz(b"text"), "gzip", "not_a_model"),
    ] {
        let problem = send(&rig, json!({"name": "iris"}), file).await.refused(422, "package_unreadable");
        assert!(problem["detail"].as_str().unwrap().contains(reason), "{problem}");
        let report = &problem["compatibility"];
        assert_eq!((&report["verdict"], &report["checks"][0]["check"]), (&json!("unreadable"), &json!(check)));
        assert_eq!(kept(&rig), 0);
    }
}

#[tokio::test]
async fn what_an_archive_unpacks_to_is_limited_too() {
    let rig = rig_with(Bounds { model_bytes: 100_000, ..Bounds::default() });
    let bomb = zip(&[("model.onnx", &vec![0; 200_000])]);
    assert!(bomb.len() < 10_000);
    send(&rig, json!({"name": "iris"}), &bomb).await.refused(413, "package_too_large");
    assert_eq!(kept(&rig), 0);
}

#[tokio::test]
async fn what_a_person_declares_is_marked_and_never_overrules_the_file() {
    let rig = rig();
    let file = model_file("diabetes-v1.onnx");
    let declared = json!({"target_name": "progression", "interval_level": 0.8});
    let version = send(&rig, json!({"name": "iris", "declared": declared}), &file).await.is(201);
    assert_eq!(version["signature"]["target"]["name"], "progression");
    assert_eq!(version["signature"]["declared"], json!(["target_name", "interval_level"]));
    let inputs = json!({"inputs": [{"name": "other", "datatype": "FLOAT"}]});
    for (declared, field) in [
        (inputs, "declared.inputs"),
        (json!({"interval_level": 2}), "declared.interval_level"),
        (json!({"classes": ["a", "a"]}), "declared.classes"),
    ] {
        let problem = send(&rig, json!({"name": "iris", "declared": declared}), &file).await;
        assert_eq!(problem.refused(422, "invalid_field")["field"], field);
    }
    send(&rig, json!({"name": "iris", "declared": {"clases": []}}), &file).await.refused(422, "unknown_field");
    assert_eq!((rig.get("/models/iris").await.is(200)["version_count"].clone(), kept(&rig)), (json!(1), 1));
}

#[tokio::test]
async fn a_custom_package_needs_a_command_and_any_archive_or_file() {
    let rig = rig();
    let custom = json!({"command": ["python3", "{model}/serve.py"], "requirements": ["numpy==2.1.0"], "predict": "/p"});
    let meta = json!({"name": "own", "kind": "custom", "custom": custom});
    for (file, packing) in [(tar(&[("serve.py", b"print()")]), "tar"), (b"anything".to_vec(), "file")] {
        let version = send(&rig, meta.clone(), &file).await.is(201);
        assert_eq!((&version["kind"], &version["packing"]), (&json!("custom"), &json!(packing)));
        assert_eq!((&version["custom"]["predict"], &version["signature"]["absent"]), (&json!("/p"), &json!(true)));
        assert_eq!(version["signature"]["format"], "declared");
    }
    let file = model_file("iris-v1.onnx");
    for (meta, field) in [
        (json!({"kind": "custom"}), "custom.command"),
        (json!({"kind": "custom", "custom": {"command": []}}), "custom.command"),
        (json!({"kind": "custom", "custom": {"command": [""]}}), "custom.command"),
        (json!({"kind": "custom", "custom": {"command": ["x"], "predict": "p"}}), "custom.predict"),
        (
            json!({"kind": "custom", "custom": {"command": ["x"], "requirements": ["--index-url x"]}}),
            "custom.requirements",
        ),
        (json!({"custom": {"command": ["x"]}}), "custom"),
        (json!({"kind": "mlflow"}), "kind"),
        (json!({"kind": "external"}), "kind"),
        (json!({"url": "http://x.example/"}), "url"),
    ] {
        let mut meta = meta;
        meta["name"] = json!("own");
        let problem = send(&rig, meta.clone(), &file).await.refused(422, "invalid_field");
        assert_eq!(problem["field"], field, "{problem}");
        // Whatever is wrong with the file: a folder without a model.
        if meta["kind"] != "mlflow" {
            assert_eq!(send(&rig, meta, &tar(&[("a", b"x")])).await.refused(422, "invalid_field"), problem);
        }
    }
    let empty = send(&rig, meta.clone(), b"").await.refused(422, "package_unreadable");
    assert!(empty["detail"].as_str().unwrap().contains("empty"), "{empty}");
    // An archive of a custom package is unpacked as any other, so it has to be one.
    let hostile = zip(&[("a", b"x"), ("A", b"y")]);
    send(&rig, meta, &hostile).await.refused(422, "package_unreadable");
    assert_eq!(kept(&rig), 2);
}

#[tokio::test]
async fn an_external_package_is_a_url_with_a_declared_signature() {
    let rig = rig();
    let inputs = json!([{"name": "age", "datatype": "double", "kind": "column"}]);
    let outputs = json!([{"name": "risk", "datatype": "double", "kind": "column"}]);
    let body = json!({"name": "far", "kind": "external", "url": "https://models.example/iris",
        "declared": {"inputs": inputs, "outputs": outputs}});
    let half = json!({"name": "half", "kind": "external", "url": "https://a.example/", "declared": {"inputs": inputs}});
    assert_eq!(rig.post("/models", half).await.refused(422, "invalid_field")["field"], "declared.inputs");
    let first = rig.post("/models", body.clone()).await;
    let version = first.is(201);
    assert_eq!(first.header("location"), "/api/v1/models/far/versions/1");
    assert_eq!((&version["packing"], &version["size"]), (&json!("nothing"), &json!(0)));
    assert_eq!((&version["url"], &version["kind"]), (&json!("https://models.example/iris"), &json!("external")));
    assert_eq!(version["signature"]["declared"], json!(["inputs", "outputs"]));
    let again = rig.post("/models", body.clone()).await.is(201);
    assert_eq!((&again["digest"], &again["version"]), (&version["digest"], &json!(2)));
    let mut other = body.clone();
    other["declared"] = json!({});
    assert_ne!(rig.post("/models", other).await.is(201)["digest"], version["digest"]);
    let key = [("idempotency-key", "k")];
    let kept_answer = rig.with(Method::POST, "/models", &key, body.clone()).await.is(201);
    assert_eq!(rig.with(Method::POST, "/models", &key, body.clone()).await.is(201), kept_answer);

    for (field, value, named) in [
        ("url", json!("ftp://models.example"), "url"),
        ("url", json!("models.example"), "url"),
        ("url", json!("https://me:secret@models.example"), "url"),
        ("url", json!("https://models.example/#x"), "url"),
        ("url", json!("https://models.example/?v=1&API-Key=s3cret"), "url"),
        ("url", json!("https://models.example/?%74oken=s3cret"), "url"),
        ("url", json!(format!("https://models.example/{}", "x".repeat(3_000))), "url"),
        ("url", json!(null), "url"),
        ("kind", json!("onnx"), "kind"),
        ("custom", json!({"command": ["x"]}), "custom"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value;
        let problem = rig.post("/models", wrong).await.refused(422, "invalid_field");
        assert_eq!(problem["field"], named);
        assert!(!problem.to_string().contains("s3cret"), "{problem}");
    }
    let mut query = body.clone();
    query["url"] = json!("https://models.example/iris?version=1&keys=2");
    rig.post("/models", query).await.is(201);
    let download = rig.get("/models/far/versions/1/artifact").await.refused(404, "not_found");
    assert_eq!(download["url"], "https://models.example/iris");
    assert_eq!(kept(&rig), 0);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing_and_its_key_can_be_sent_again() {
    let rig = rig();
    let parts = [("meta", &br#"{"name":"iris"}"#[..]), ("file", &model_file("iris-v1.onnx")[..])];
    let body = super::rig::form(&parts);
    let request = || {
        super::rig::request("POST", "/models")
            .header("content-type", super::rig::form_type())
            .header("idempotency-key", "once")
    };
    for share in [1, 2, 3] {
        let half = bytes::Bytes::copy_from_slice(&body[..body.len() * share / 4]);
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let stream = futures_util::stream::iter([Ok(half), Err(reset)]);
        let cut = request().body(axum::body::Body::from_stream(stream)).unwrap();
        rig.send(cut).await.refused(400, "malformed_request");
        assert_eq!(kept(&rig), 0);
    }
    let whole = rig.upload(&[("idempotency-key", "once")], &parts).await;
    assert_eq!((whole.is(201)["version"].clone(), whole.header("idempotency-replayed")), (json!(1), ""));
    let again = rig.upload(&[("idempotency-key", "once")], &parts).await;
    assert_eq!((again.is(201), again.header("idempotency-replayed")), (whole.json(), "true"));
    assert_eq!(kept(&rig), 1);
}

#[tokio::test]
async fn a_client_script_calls_the_deployment_that_uses_the_version() {
    let rig = rig();
    rig.running().await;
    let text = |reply: Reply| String::from_utf8(reply.body.to_vec()).unwrap();
    let reply = rig.get("/models/iris/versions/1/client").await;
    assert_eq!(reply.header("content-disposition"), "attachment; filename=\"iris-1-client.py\"");
    assert!(text(reply.clone()).contains("URL = \"http://127.0.0.1:7080/iris\""), "{}", text(reply));
    let unused = text(rig.get("/models/iris/versions/2/client").await);
    assert!(unused.contains("URL = None") && unused.contains("\"/v2/models/iris/infer\""), "{unused}");
    let named = text(rig.get("/models/iris/versions/2/client?language=curl&deployment=iris").await);
    assert!(named.contains("url='http://127.0.0.1:7080/iris'"), "{named}");
    let deployment = rig.get("/deployments/iris/client?language=curl").await;
    assert_eq!(deployment.header("content-disposition"), "attachment; filename=\"iris-client.sh\"");
    assert!(text(deployment.clone()).contains("iris@1"), "{}", text(deployment));
    rig.get("/models/iris/versions/1/client?language=perl").await.refused(422, "invalid_field");
    rig.get("/models/iris/versions/1/client?deployment=rose").await.refused(404, "not_found");
    rig.get("/models/iris/versions/9/client").await.refused(404, "not_found");
    // Of a program nothing says what it takes.
    let meta = json!({"name": "own", "kind": "custom", "custom": {"command": ["serve"]}});
    send(&rig, meta, &tar(&[("serve", b"x")])).await.is(201);
    let own = text(rig.get("/models/own/versions/1/client").await);
    assert!(own.contains("REQUEST = None") && own.contains("does not say what a request holds"), "{own}");
}
