//! Scripts are what they should be, whatever names a signature holds.

use std::process::Command;

use serde_json::json;

use super::*;

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
        "inputs": [{"name": "\"\"\"\nimport os # 'REQUEST\nREQUEST\n$(id)`id`\\", "ok": true, "none": null, "é": "ü\u{7f}\u{1}"}],
        "long": vec![0.5; 1_000],
        "table": vec![vec![1; 30]; 20],
        "mixed": (0..40).collect::<Vec<_>>(),
    })
}

#[test]
fn python_holds_the_very_request() {
    let script = python::script(&client(Some(hostile()), "/a'b\"c"));
    assert!(script.len() < 4_000, "{} bytes", script.len());
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
