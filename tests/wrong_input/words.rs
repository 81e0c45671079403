//! Names, numbers and tokens on the command line.

use std::fs;

use tests::server::model_file;

use crate::state::{refused, server};

#[tokio::test]
async fn names_that_are_malformed_or_taken_are_refused() -> anyhow::Result<()> {
    let server = server().await?;
    let model = model_file("iris-v1.onnx").to_string_lossy().into_owned();
    fs::write(server.folder().join("iris.json"), r#"{"models":["iris@1"]}"#)?;
    for name in ["Iris", "ir is", "../iris", "", &"a".repeat(64)] {
        refused(&server, &["model", "register", name, &model], 2, &["model name", "1 to 63 lower-case letters"])
            .await?;
        refused(&server, &["deploy", name, "--file", "iris.json"], 2, &["deployment name", "1 to 63 lower-case"])
            .await?;
    }
    let taken = ["The name is taken", "There is a deployment \"iris\" already. Choose another name"];
    refused(&server, &["deploy", "iris", "--file", "iris.json"], 1, &taken).await
}

#[tokio::test]
async fn numbers_of_replicas_that_cannot_be_are_refused() -> anyhow::Result<()> {
    let server = server().await?;
    for number in ["0", "-1", "10000", "1.5", "99999999999999999999"] {
        fs::write(server.folder().join("it.json"), format!(r#"{{"models":["iris@1"],"replicas":{number}}}"#))?;
        let sentence = match number {
            "1.5" | "99999999999999999999" => "configuration.replicas: invalid".to_owned(),
            _ => format!("configuration.replicas: {number} replicas are not possible; ask for 1 to 1000"),
        };
        refused(&server, &["deploy", "other", "--file", "it.json"], 1, &[&sentence]).await?;
        let set = format!("replicas={number}");
        let sentence = sentence.replace("configuration.", "");
        refused(&server, &["update", "iris", "--set", &set], 1, &[&sentence]).await?;
        refused(&server, &["check", "iris", "--set", &set], 1, &[&sentence]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn shares_that_cannot_be_are_refused() -> anyhow::Result<()> {
    let server = server().await?;
    for flag in ["--max-surge", "--max-unavailable"] {
        for share in ["101%", "-5%", "1001", "half", "300%"] {
            let words = ["update", "iris", "--set", "replicas=2", &format!("{flag}={share}")];
            refused(&server, &words, 2, &[flag, share, "nor a percentage from \"0%\" to \"100%\""]).await?;
        }
    }
    let neither = ["update", "iris", "--set", "replicas=2", "--max-surge", "0", "--max-unavailable", "0"];
    refused(&server, &neither, 1, &["no replica could ever be replaced; set at least one of them"]).await
}

#[tokio::test]
async fn what_is_unknown_is_named() -> anyhow::Result<()> {
    let server = server().await?;
    fs::write(server.folder().join("it.json"), r#"{"models":["iris@1"],"replica":1}"#)?;
    let field = ["The request has an unknown field", "configuration.replica", "expected one of"];
    refused(&server, &["deploy", "other", "--file", "it.json"], 1, &field).await?;
    refused(&server, &["update", "iris", "--set", "replica=3"], 1, &["The request has an unknown field", "replica"])
        .await?;
    refused(&server, &["update", "iris", "--model", "iris@9"], 1, &["There is no model version iris@9"]).await?;
    refused(&server, &["update", "nobody", "--set", "replicas=2"], 1, &["There is no deployment \"nobody\""]).await?;
    refused(&server, &["rollback", "iris"], 1, &["iris has no earlier revision that worked"]).await?;
    refused(&server, &["pause", "iris"], 1, &["no rollout of iris is in progress"]).await?;
    refused(&server, &["update", "iris"], 2, &["required arguments were not provided"]).await?;
    refused(&server, &["replace", "iris"], 2, &["unrecognized subcommand 'replace'"]).await?;
    fs::write(server.folder().join("it.json"), r#"{"models":"#)?;
    refused(&server, &["deploy", "other", "--file", "it.json"], 1, &["it.json is not valid JSON"]).await
}

#[tokio::test]
async fn a_wrong_token_opens_nothing() -> anyhow::Result<()> {
    let server = server().await?;
    let sentence = ["You are not signed in", "That token is not valid"];
    for words in [&["status"][..], &["update", "iris", "--set", "replicas=2"], &["delete", "iris", "--yes"]] {
        refused(&server, &[words, &["--token", "wrong"]].concat(), 1, &sentence).await?;
    }
    let nobody = format!("http://{}", tests::program::free_address());
    refused(&server, &["status", "--server", &nobody], 3, &["no server answers at"]).await
}
