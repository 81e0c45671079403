//! Registration of packages, and the life of a version.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::server::{Asked, Server, ok, problem, text};

fn version() -> Value {
    json!({"name": "iris", "version": 2, "kind": "mlflow", "digest": "0".repeat(64), "size": 100_000, "packing": "tar",
        "entry": "model",
        "signature": {"format": "mlflow",
            "inputs": [{"name": "age", "kind": "column", "datatype": "double"},
                {"name": "note", "kind": "column", "datatype": "string", "required": false}],
            "outputs": [{"name": "", "kind": "tensor", "datatype": "long", "shape": [null]}],
            "parameters": [{"name": "beams", "datatype": "long", "default": 3}],
            "classes": ["setosa", "virginica\u{1b}[2J"], "class_count": 2,
            "target": {"name": "species", "task": "multiclass"},
            "series": {"datetime_column": "day", "horizon": 7},
            "flavors": ["sklearn"], "declared": ["target_name", "classes"]},
        "tags": {}, "properties": {}, "description": "", "registered_at": "2024-05-01T10:00:00Z",
        "registered_by": "ada", "in_use_by": ["flowers"]})
}

fn meta(asked: &Asked) -> Value {
    let body = String::from_utf8_lossy(&asked.body);
    let begin = body.find("name=\"meta\"").unwrap() + body[body.find("name=\"meta\"").unwrap()..].find('{').unwrap();
    serde_json::Deserializer::from_str(&body[begin..]).into_iter().next().unwrap().unwrap()
}

fn write(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_folder_is_packed_on_the_way_the_same_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model");
    write(&model, "MLmodel", "flavors: {}");
    write(&model, "data/weights.bin", &"w".repeat(300_000));
    let server = Server::start(|_| text(201, "application/json", &version().to_string())).await;
    let mut files = Vec::new();
    for _ in 0..2 {
        let outcome = server.run(&["model", "register", "iris", model.to_str().unwrap()]).await;
        assert_eq!(outcome.status, 0, "{outcome:?}");
        let body = server.asked().last().unwrap().body.clone();
        let head = b"name=\"file\"; filename=\"model.tar\"";
        let begin = body.windows(head.len()).position(|window| window == head).unwrap();
        let begin = begin + body[begin..].windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let end = body.windows(4).rposition(|window| window == b"\r\n--").unwrap();
        files.push(body[begin..end].to_vec());
    }
    assert_eq!(files[0], files[1]);
    let mut archive = tar::Archive::new(&files[0][..]);
    let names: Vec<_> = archive.entries().unwrap().map(|e| e.unwrap().path().unwrap().display().to_string()).collect();
    assert_eq!(names, ["MLmodel", "data/weights.bin"]);

    std::os::unix::fs::symlink("/etc/passwd", model.join("link")).unwrap();
    let outcome = server.run(&["model", "register", "iris", model.to_str().unwrap()]).await;
    assert!(outcome.status == 1 && outcome.err.contains("a link"), "{outcome:?}");
    assert_eq!(server.lines().len(), 2);
}

#[tokio::test]
async fn what_is_said_of_a_package_is_sent_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "model.bin", "x");
    let declare = write(folder.path(), "declare.json", r#"{"features": ["a", "b"], "interval_level": 0.8}"#);
    let custom = write(folder.path(), "custom.json", r#"{"command": ["serve"], "predict": "/p"}"#);
    let wrong = write(folder.path(), "wrong.json", r#"{"feature": ["a"]}"#);
    let server = Server::start(|_| text(201, "application/json", &version().to_string())).await;
    let register = |more: &[&'static str]| {
        let words: Vec<String> = ["model", "register", "iris"].iter().chain(more).map(ToString::to_string).collect();
        words
    };
    for (words, expected) in [
        (
            register(&["FILE", "--declare", "DECLARE", "--target-name", "species", "--class", "b", "--class", "a"]),
            json!({"declared": {"features": ["a", "b"], "interval_level": 0.8, "target_name": "species", "classes": ["b", "a"]}}),
        ),
        (
            register(&["FILE", "--kind", "custom", "--command", "python3 '{model}/my serve.py' --port {port}"]),
            json!({"kind": "custom", "custom": {"command": ["python3", "{model}/my serve.py", "--port", "{port}"]}}),
        ),
        (
            register(&["FILE", "--custom", "CUSTOM"]),
            json!({"kind": "custom", "custom": {"command": ["serve"], "predict": "/p"}}),
        ),
    ] {
        let places = [("FILE", &file), ("DECLARE", &declare), ("CUSTOM", &custom)];
        let place =
            |word: &String| places.iter().find(|(name, _)| name == word).map_or(word.clone(), |(_, to)| (*to).clone());
        let words: Vec<String> = words.iter().map(place).collect();
        let outcome = server.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).await;
        assert_eq!(outcome.status, 0, "{outcome:?}");
        let sent: domain::wire::RegisterModel = serde_json::from_value(meta(server.asked().last().unwrap())).unwrap();
        let mut whole = expected;
        whole["name"] = json!("iris");
        assert_eq!(sent, serde_json::from_value(whole).unwrap());
    }
    for url in [&["https://models.example/iris"][..], &["--url", "https://models.example/iris"]] {
        let words = [&["model", "register", "far"][..], url].concat();
        assert_eq!(server.run(&words).await.status, 0);
        let sent = server.asked().last().unwrap().clone();
        assert_eq!(
            (sent.json()["kind"].clone(), sent.json()["url"].clone()),
            (json!("external"), json!("https://models.example/iris"))
        );
        assert!(sent.idempotency_key.is_some());
    }
    let before = server.lines().len();
    for (words, part) in [
        (&["model", "register", "iris", &file, "--declare", &wrong][..], "unknown field `feature`"),
        (&["model", "register", "iris", &file, "--declare", "no-such.json"], "no-such.json"),
        (&["model", "register", "iris", &file, "--declare", &declare, "--custom", &declare], "unknown field"),
    ] {
        let outcome = server.run(words).await;
        assert!(outcome.status != 0 && outcome.err.contains(part), "{outcome:?}");
    }
    assert_eq!(server.lines().len(), before);
}

#[tokio::test]
async fn a_version_is_shown_with_all_that_is_known_of_it() {
    let server = Server::with(vec![("GET /models/iris/versions/2", ok(&version()))]).await;
    let outcome = server.run(&["model", "show", "iris@2"]).await;
    for part in [
        "kind        mlflow",
        "entry       model",
        "input       age double, note string (may be left out)",
        "output      (unnamed) long[?]",
        "parameters  beams long = 3",
        "target      species, multiclass",
        "classes     setosa, virginica\u{fffd}[2J",
        "series      by day, 7 steps ahead",
        "flavors     sklearn",
        "declared    target_name, classes",
        "in use by   flowers",
    ] {
        assert!(outcome.out.lines().any(|line| line == part), "{part} is not in\n{}", outcome.out);
    }
}

#[tokio::test]
async fn a_warning_is_shown_once() {
    let mut view = version();
    view["warnings"] = json!(["it reads a file of this machine"]);
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "model.onnx", "x");
    for absent in [false, true] {
        view["signature"]["absent"] = json!(absent);
        let told = view.clone();
        let server = Server::start(move |_| ok(&told)).await;
        for words in [&["model", "register", "iris", &file][..], &["model", "show", "iris@2"]] {
            let outcome = server.run(words).await;
            assert_eq!(outcome.out.matches("it reads a file of this machine").count(), 1, "{words:?}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn a_version_goes_after_it_was_typed_where_somebody_can_be_asked() {
    let server = Server::with(vec![("DELETE /models/iris/versions/2", ok(&version()))]).await;
    let words = ["model", "delete", "iris@2"];
    assert_eq!(server.call(&words).typing("iris\n").run().await.status, 1);
    assert!(server.lines().is_empty());
    let outcome = server.call(&words).typing("iris@2\n").run().await;
    assert_eq!(outcome.out, "Deleted iris@2; its number is not used again.\n", "{outcome:?}");
    assert_eq!(server.run(&words).await.status, 0);
    let used = problem(409, "model_in_use", "iris@2 is in use by flowers.");
    let server = Server::with(vec![("DELETE /models/iris/versions/2", used)]).await;
    let outcome = server.run(&words).await;
    assert!(outcome.status == 1 && outcome.err.contains("model_in_use"), "{outcome:?}");
}

#[tokio::test]
async fn a_file_is_given_back_whole_or_not_at_all() {
    let digest = hex::encode(Sha256::digest("content"));
    let file = |tag: &str| {
        text(200, "application/octet-stream", "content")
            .with("etag", format!("\"{tag}\""))
            .with("content-disposition", "attachment; filename=\"iris-2.onnx\"")
    };
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let there = || {
        let mut names: Vec<_> =
            fs::read_dir(to).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let words = ["model", "download", "iris@2", "--to", to];
    let changed = Server::with(vec![("GET /models/iris/versions/2/artifact", file(&"0".repeat(64)))]).await;
    let outcome = changed.run(&words).await;
    assert!(outcome.status == 1 && outcome.err.contains("digest"), "{outcome:?}");
    assert_eq!(there(), [""; 0]);

    let server = Server::with(vec![("GET /models/iris/versions/2/artifact", file(&digest))]).await;
    assert_eq!(server.run(&words).await.status, 0);
    assert_eq!(
        (there(), fs::read(folder.path().join("iris-2.onnx")).unwrap()),
        (vec!["iris-2.onnx".to_owned()], b"content".to_vec())
    );
    let outcome = server.run(&words).await;
    assert!(outcome.status == 1 && outcome.err.contains("--force"), "{outcome:?}");
    let other = folder.path().join("other");
    let outcome = server.run(&["model", "download", "iris@2", "--to", other.to_str().unwrap(), "--json"]).await;
    let written: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!((&written["digest"], &written["size"]), (&json!(digest), &json!(7)));
    assert_eq!(there(), ["iris-2.onnx", "other"]);

    // Another download is writing there.
    let new = folder.path().join("new");
    fs::write(folder.path().join("new.part"), "of another").unwrap();
    let outcome = server.run(&["model", "download", "iris@2", "--to", new.to_str().unwrap()]).await;
    assert!(outcome.status == 1 && outcome.err.contains("new.part is there already"), "{outcome:?}");
    assert_eq!(fs::read_to_string(folder.path().join("new.part")).unwrap(), "of another");
}

#[tokio::test]
async fn a_client_script_is_written_as_it_came() {
    let script = "#!/usr/bin/env python3\n";
    let server = Server::with(vec![(
        "GET /models/iris/versions/2/client?language=python",
        text(200, "text/x-python; charset=utf-8", script),
    )])
    .await;
    assert_eq!(server.run(&["model", "client", "iris@2"]).await.out, script);
}
