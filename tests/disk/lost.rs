//! Files that are gone, and those that an earlier version wrote.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde_json::json;
use tests::program::{clean, program, run};
use tests::server::{Server, answer};

const FLOWER: &str = "/v2/models/iris/infer";

pub(crate) async fn answers(server: &Server) -> anyhow::Result<()> {
    let flower = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]});
    let (_, answer) = server.infer("iris", FLOWER, &json!({"inputs": [flower]})).await?;
    ensure!(answer.status == 200, "{answer:?}");
    Ok(())
}

/// Waits until it answers again after a start.
async fn comes_back(server: &Server) -> anyhow::Result<()> {
    tests::program::until("an answer", async || Ok(answers(server).await.ok())).await
}

pub(crate) async fn with_iris() -> anyhow::Result<Server> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.register("iris", "iris-v2.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": 2})).await?;
    Ok(server)
}

fn artifacts(data: &Path) -> anyhow::Result<usize> {
    Ok(fs::read_dir(data.join("artifacts/sha256"))?.count())
}

/// A start that must be refused; what it says.
async fn refused(server: &Server) -> anyhow::Result<String> {
    let mut command = clean(&program());
    command.arg("serve").arg("--data").arg(server.data());
    command.args(["--listen", &server.listen.to_string(), "--gateway", &server.gateway.to_string()]);
    let said = run(command).await?;
    ensure!(said.status == Some(1), "it was not refused: {said:?}");
    Ok(said.err)
}

#[tokio::test]
async fn model_files_outlive_a_lost_database() -> anyhow::Result<()> {
    let mut server = with_iris().await?;
    ensure!(server.stop().await?.success(), "it does not end well");
    let data = server.data();
    // A clean end leaves everything in one file.
    for name in ["changeover.db-wal", "changeover.db-shm"] {
        let _ = fs::remove_file(data.join(name));
    }
    server.start_again().await?;
    comes_back(&server).await?;
    ensure!(server.get("/history/verify").await?["intact"] == true, "the history is broken");
    server.stop().await?;

    let (database, aside) = (data.join("changeover.db"), server.folder().join("aside.db"));
    fs::rename(&database, &aside)?;
    let said = refused(&server).await?;
    ensure!(said.contains("2 model files") && said.contains("changeover.db") && said.contains("restore"), "{said}");
    ensure!(!database.exists() && artifacts(&data)? == 2, "a refused start changed something");
    fs::write(&database, "")?;
    ensure!(refused(&server).await?.contains("database is missing or empty"), "an empty one is taken for the whole");
    ensure!(artifacts(&data)? == 2, "model files are gone");
    fs::rename(&aside, &database)?;
    server.start_again().await?;
    comes_back(&server).await
}

#[tokio::test]
async fn a_lost_log_is_noticed_and_replicas_run_on() -> anyhow::Result<()> {
    let mut server = with_iris().await?;
    let head = server.data().join("head.json");
    tests::program::until("the head of the journal", async || {
        let last = server.get("/history?limit=1").await?["items"][0]["hash"].as_str().context("a hash")?.to_owned();
        Ok(fs::read_to_string(&head).ok().filter(|text| text.contains(&last)))
    })
    .await?;
    server.kill()?;
    let running = server.replicas()?;
    let (log, aside) = (server.data().join("changeover.db-wal"), server.folder().join("aside"));
    fs::rename(&log, &aside)?;
    let _ = fs::remove_file(server.data().join("changeover.db-shm"));
    let said = refused(&server).await?;
    ensure!(said.contains("database is missing or empty") || said.contains("changeover.db-wal"), "{said}");
    ensure!(artifacts(&server.data())? == 2 && server.replicas()? == running, "something was ended or removed");
    for name in ["changeover.db-wal", "changeover.db-shm"] {
        let _ = fs::remove_file(server.data().join(name));
    }
    fs::rename(&aside, &log)?;
    server.start_again().await?;
    answers(&server).await?;
    ensure!(server.replicas()? == running, "they were not taken over");
    Ok(())
}

#[tokio::test]
async fn a_data_directory_of_the_version_before_works() -> anyhow::Result<()> {
    let mut server = Server::prepare(&[])?;
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("disk/written-by-179162b");
    fs::create_dir_all(server.data().join("artifacts/sha256"))?;
    fs::copy(written.join("changeover.db"), server.data().join("changeover.db"))?;
    for file in fs::read_dir(written.join("artifacts/sha256"))? {
        let file = file?;
        fs::copy(file.path(), server.data().join("artifacts/sha256").join(file.file_name()))?;
    }
    server.start_again().await?;
    let shown = async || {
        let deployment = server.get("/deployments/iris").await?;
        Ok((deployment["replicas"]["ready"] == 2).then_some(deployment))
    };
    let deployment = tests::program::until("its replicas", shown).await?;
    ensure!(deployment["revision"] == 3 && deployment["models"] == json!(["iris@1"]), "{deployment:#}");
    let verified = server.get("/history/verify").await?;
    ensure!(verified["intact"] == true, "{verified:#}");
    // The key that it had is the one that is accepted.
    let keys = server.get("/deployments/iris/keys").await?;
    ensure!(keys["primary"] == "4724c4be3e41c0a16f7f970e1c852a6446e6c82ae44adc123ec772339e239cd6", "{keys}");
    let update = json!({"set": {"models": ["iris@2"]}, "accept_warnings": true});
    let answered = answer(server.request(reqwest::Method::POST, "/deployments/iris/rollouts")?.json(&update)).await?;
    ensure!(answered.status == 202, "{answered:?}");
    let ended = server.until_over("iris").await?;
    ensure!(ended["phase"] == "completed", "{ended:#}");
    Ok(())
}
