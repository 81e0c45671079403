//! The scripts of clients, run for real against a real server (DR-16).

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::ensure;
use serde_json::{Value, json};
use tests::program::{Said, clean, run};

use crate::{keys, serving};

/// Runs a script with these arguments; the key, where one is needed, in the environment.
async fn script(program: &str, path: &Path, arguments: &[&OsStr], key: Option<&str>) -> anyhow::Result<Said> {
    let mut command = clean(Path::new(program));
    command.arg(path).args(arguments);
    if let Some(key) = key {
        command.env("CHANGEOVER_KEY", key);
    }
    run(command).await
}

#[tokio::test]
async fn the_scripts_of_a_deployment_ask_it_for_a_prediction() -> anyhow::Result<()> {
    let server = serving(json!({"auth": "key"})).await?;
    let (key, _) = keys(&server.command(&["keys", "iris", "--json"]).await?)?;
    let flower = json!({"inputs": [{"name": "X", "shape": [2, 4], "datatype": "FP32",
        "data": [5.1, 3.5, 1.4, 0.2, 6.7, 3.0, 5.2, 2.3]}]});
    let request = server.folder().join("request.json");
    fs::write(&request, flower.to_string())?;
    for (language, program, of) in
        [("python", "python3", &["iris@1"][..]), ("curl", "sh", &["--deployment", "iris"]), ("curl", "sh", &["iris@1"])]
    {
        let written = server.command(&[&["model", "client"][..], of, &["--language", language]].concat()).await?;
        ensure!(written.status == Some(0), "{written:?}");
        let path = server.folder().join("client");
        fs::write(&path, &written.out)?;

        let said = script(program, &path, &[], Some(&key)).await?;
        ensure!(said.status == Some(0), "{said:?}");
        let answer: Value = serde_json::from_str(&said.out)?;
        ensure!(answer["model_name"] == "iris" && answer["outputs"][0]["shape"] == json!([1]), "{answer}");

        let said = script(program, &path, &[request.as_os_str()], Some(&key)).await?;
        let answer: Value = serde_json::from_str(&said.out)?;
        ensure!(answer["outputs"][0]["shape"] == json!([2]), "{answer}");

        let said = script(program, &path, &[], None).await?;
        ensure!(
            said.status != Some(0) && format!("{}{}", said.out, said.err).contains("credential_missing"),
            "{said:?}"
        );
    }
    Ok(())
}
