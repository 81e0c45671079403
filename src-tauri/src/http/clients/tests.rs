//! Scripts are what they should be, whatever names a signature holds.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;

use domain::configuration::Runtime;
use domain::model::RegisteredModel;
use serde_json::{Value, json};

use super::client::{Client, example};
use super::{curl, python};

fn client(body: Option<Value>, path: &str) -> Client {
    Client {
        name: "iris".to_owned(),
        model: Some("iris@2".parse().unwrap()),
        url: Some("http://127.0.0.1:1/iris".to_owned()),
        path: path.to_owned(),
        example: body,
    }
}

/// Names that try to be code.
fn hostile() -> Value {
    json!({
        "inputs": [{"name": "\"\"\"\nimport os # 'REQUEST\nREQUEST\n$(id)`id`\\", "ok": true, "none": null, "é": "ü\u{7f}\u{1}\u{202e}\u{2066}\u{e0041}"}],
        "long": vec![0.5; 1_000],
        "table": vec![vec![1; 30]; 20],
        "mixed": (0..40).collect::<Vec<_>>(),
    })
}

#[test]
fn python_holds_the_very_request() {
    let script = python::script(&client(Some(hostile()), "/a'b\"c"));
    assert!(script.len() < 4_000, "{} bytes", script.len());
    assert!(!script.chars().any(domain::visible::formats), "{script}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("iris_client.py");
    std::fs::write(&path, script).unwrap();
    let shown = "import json, iris_client as c; print(json.dumps([c.REQUEST, c.URL + c.PATH]))";
    let run = Command::new("python3").args(["-B", "-c", shown]).current_dir(folder.path()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let found: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(found, json!([hostile(), "http://127.0.0.1:1/iris/a'b\"c"]));
}

#[test]
fn the_shell_sends_the_very_request_and_keeps_the_key_out_of_the_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let fake = "#!/bin/sh\nprintf '%s\\n' \"$@\" > args\nfor word; do case $word in @*) cp \"${word#@}\" sent;; esac; done\n\
                if [ \"$1\" = --config ]; then cat > config; fi\necho answered\n";
    std::fs::write(folder.path().join("curl"), fake).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path().join("curl"), executable).unwrap();
    std::fs::write(folder.path().join("x.sh"), curl::script(&client(Some(hostile()), "/a'b$(id)"))).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let run = |words: &[&str], key: &str| {
        let mut command = Command::new("sh");
        command.arg("x.sh").args(words).current_dir(folder.path()).env("PATH", &path).env("CHANGEOVER_KEY", key);
        let run = command.output().unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        assert!(String::from_utf8_lossy(&run.stdout).contains("answered"));
    };
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    run(&[], "s3cret");
    assert_eq!(serde_json::from_str::<Value>(&read("sent")).unwrap(), hostile());
    assert!(!read("sent").chars().any(domain::visible::formats));
    assert!(read("args").contains("--globoff\n"), "a bracket in a URL is itself: {}", read("args"));
    assert!(read("args").ends_with("http://127.0.0.1:1/iris/a'b$(id)\n"), "{}", read("args"));
    assert!(!read("args").contains("s3cret") && read("config").contains("Bearer s3cret"));
    std::fs::write(folder.path().join("own.json"), "{}").unwrap();
    run(&["own.json"], "");
    assert_eq!(read("sent"), "{}");
}

#[test]
fn without_an_example_or_a_url_the_scripts_ask_for_them() {
    let nothing = Client { url: None, ..client(None, "/p") };
    let folder = tempfile::tempdir().unwrap();
    let run = |program: &str, script: String| {
        let path = folder.path().join("script");
        std::fs::write(&path, script).unwrap();
        let run = Command::new(program).arg(path).env_remove("CHANGEOVER_URL").output().unwrap();
        assert!(!run.status.success());
        String::from_utf8_lossy(&run.stderr).into_owned()
    };
    assert!(run("python3", python::script(&nothing)).contains("--url"));
    assert!(run("sh", curl::script(&nothing)).contains("inference URL"));
    let nothing = client(None, "/p");
    assert!(run("python3", python::script(&nothing)).contains("give a file"));
    assert!(run("sh", curl::script(&nothing)).contains("a file with the request"));
}

#[test]
fn python_asks_the_very_url_and_says_what_went_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    // The first line of what is asked, whether it succeeded, and what was said.
    let ask = |path: &str, url: &str, answer: &'static str| {
        let server = listener.try_clone().unwrap();
        let asked = std::thread::spawn(move || {
            let (mut client, _) = server.accept().unwrap();
            let mut lines = BufReader::new(client.try_clone().unwrap());
            let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
            lines.read_line(&mut first).unwrap();
            while lines.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            std::io::copy(&mut std::io::Read::take(&mut lines, length), &mut std::io::sink()).unwrap();
            client.write_all(answer.as_bytes()).unwrap();
            first
        });
        let script = folder.path().join("script.py");
        std::fs::write(&script, python::script(&client(Some(json!({"a": 1})), path))).unwrap();
        let run = Command::new("python3").arg(&script).args(["--url", &format!("{base}{url}")]).output().unwrap();
        let said = String::from_utf8_lossy(if run.status.success() { &run.stdout } else { &run.stderr }).into_owned();
        assert!(!said.contains("Traceback"), "{said}");
        (asked.join().unwrap(), run.status.success(), said)
    };
    let fine = "HTTP/1.0 200 OK\r\n\r\n{\"b\": 2}";
    for (path, url, line) in [("", "/far/", "POST /far/ "), ("/v2/x", "/iris/", "POST /iris/v2/x ")] {
        let (asked, succeeded, said) = ask(path, url, fine);
        assert!(asked.starts_with(line) && succeeded && said.contains("\"b\": 2"), "{asked} {said}");
    }
    for (answer, sentence) in [
        ("HTTP/1.0 200 OK\r\n\r\n<html>", "answered no JSON"),
        ("HTTP/1.0 422 No\r\n\r\nwhy not", "422: why not"),
        ("HTTP/1.0 200 OK\r\ncontent-length: 9\r\n\r\n{", "did not answer"),
        ("", "did not answer"),
        ("nonsense\r\n", "did not answer"),
    ] {
        let (_, succeeded, said) = ask("", "/", answer);
        assert!(!succeeded && said.contains(sentence), "{answer}: {said}");
    }
}

#[test]
fn what_is_too_large_for_a_script_is_not_made() {
    let model = |side: u64| -> RegisteredModel {
        let shape = json!([1, 3, side, side]);
        let input = json!({"name": "x", "datatype": "FLOAT", "shape": shape});
        serde_json::from_value(json!({
            "name": "m", "version": 1, "kind": "onnx", "digest": "a".repeat(64), "size": 1,
            "signature": {"inputs": [input], "outputs": [], "classes": null}, "tags": {}, "properties": {},
            "description": "", "registered_at": "2026-01-01T00:00:00Z", "registered_by": "a",
        }))
        .unwrap()
    };
    let image = example(&model(224), Runtime::Onnx).unwrap();
    assert!(python::script(&client(Some(image.clone()), "/p")).len() < 4_000);
    let curl = curl::script(&client(Some(image), "/p"));
    assert!(curl.len() < 4_000 && curl.contains("holds too much for a script"), "{} bytes", curl.len());
    assert_eq!(example(&model(800), Runtime::Onnx), None);
}
