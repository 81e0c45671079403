//! Everything that a refusal must leave as it was.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::program::Said;
use tests::server::Server;

/// The records, and the files on the disk.
#[derive(Debug, PartialEq)]
pub(crate) struct State {
    /// Length and last hash of the journal: with it, everything in the database.
    journal: Value,
    models: Value,
    deployments: Vec<Value>,
    artifacts: Vec<PathBuf>,
    replicas: Vec<tests::processes::ReplicaProcess>,
}

impl State {
    /// The state of the server as it is now.
    pub(crate) async fn of(server: &Server) -> anyhow::Result<Self> {
        let list = server.get("/deployments").await?;
        let list = list["items"].as_array().context("no list")?;
        let deployments = list.iter().map(|row| json!([row["name"], row["status"], row["generation"]])).collect();
        Ok(Self {
            journal: server.get("/history/verify").await?,
            models: server.get("/models").await?["items"].clone(),
            deployments,
            artifacts: files(&server.visible().join("artifacts"))?,
            replicas: server.replicas()?,
        })
    }
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let files = entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_type().is_file()));
    files.map(|entry| Ok(entry?.into_path())).collect()
}

/// A server with one model and one deployment of it, that takes no file above 8 KiB.
pub(crate) async fn server() -> anyhow::Result<Server> {
    let server = Server::start_with(&["--max-model", "8KiB"]).await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"]})).await?;
    Ok(server)
}

/// Runs a command that must be refused with this exit status and these words on standard error, and change nothing.
pub(crate) async fn refused(server: &Server, words: &[&str], status: i32, sentence: &[&str]) -> anyhow::Result<()> {
    let before = State::of(server).await?;
    let said = server.command(words).await?;
    complained(&said, status, sentence).with_context(|| format!("changeover {}", words.join(" ")))?;
    let after = State::of(server).await?;
    ensure!(before == after, "changeover {} changed something: {before:#?} {after:#?}", words.join(" "));
    Ok(())
}

/// Checks that a command ended with this status, and said these words on standard error and nothing else.
pub(crate) fn complained(said: &Said, status: i32, sentence: &[&str]) -> anyhow::Result<()> {
    ensure!(said.status == Some(status), "exit status {status} was expected: {said:#?}");
    ensure!(said.out.is_empty(), "something was printed as if it had worked: {said:#?}");
    for words in sentence {
        ensure!(said.err.contains(words), "\"{words}\" is missing: {}", said.err);
    }
    ensure!(!said.err.contains("panicked") && !said.err.contains("fault of its own"), "{}", said.err);
    Ok(())
}
