//! A disk without room: nothing half done, and everything goes on once there is room.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use tests::server::{Server, answer, model_file};

use crate::state::{State, refused};

/// A real disk that is full: a small one in memory, seen by the server alone. Where the system does not let us
/// have one, the test says so, and [`a_file_that_may_not_grow_is_refused_and_not_kept`] stands for it.
#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_half_done() -> anyhow::Result<()> {
    let Some(wrapper) = mounting() else {
        // Not with `println!`, which a passing test keeps to itself.
        let said = "NOT RUN: a full disk; this system lets nobody mount a small one (unshare, mount)";
        writeln!(std::io::stderr(), "{said}")?;
        return Ok(());
    };
    let server = Server::prepare(&[])?;
    let data = server.data().to_string_lossy().into_owned();
    let mount = format!("mount -t tmpfs -o size=8m,mode=700 tmpfs '{data}' && exec \"$0\" \"$@\"");
    let mut server = server.started_by(&[wrapper, &["sh", "-c", &mount]].concat());
    server.start_again().await?;
    let disk = PathBuf::from(format!("/proc/{}/root{data}", server.pid().context("the server has ended")?));
    ensure!(disk.join("changeover.db").is_file(), "the server does not use the small disk");
    server.visible_at(disk.clone());
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"]})).await?;

    let large = server.folder().join("large.onnx");
    fs::write(&large, large_model()?)?;
    let full = ["The disk is full", "free some space and send it again"];
    refused(&server, &["model", "register", "large", &large.to_string_lossy()], 1, &full).await?;

    let filler = disk.join("filler");
    fill(&filler)?;
    // The database uses up what room it has of its own.
    for size in [20_000, 0] {
        while configure(&server, size).await? {}
    }
    let full = ["The disk is full", "nothing was changed. Free some space and try again"];
    refused(&server, &["update", "iris", "--set", "replicas=2"], 1, &full).await?;
    let iris = model_file("iris-v2.onnx").to_string_lossy().into_owned();
    refused(&server, &["model", "register", "iris", &iris], 1, &["The disk is full"]).await?;

    fs::remove_file(&filler)?;
    let said = server.command(&["update", "iris", "--set", "replicas=2", "--wait"]).await?;
    ensure!(said.status == Some(0), "it does not go on with room: {said:#?}");
    ensure!(server.get("/history/verify").await?["intact"] == true, "the journal is broken");
    Ok(())
}

/// On a disk that is large enough, room is set aside: what fills it can be deleted, and requests are served meanwhile.
#[tokio::test]
async fn what_fills_a_disk_can_be_deleted_while_it_is_full() -> anyhow::Result<()> {
    let Some(wrapper) = mounting() else {
        let said = "NOT RUN: a deletion on a full disk; this system lets nobody mount a small one (unshare, mount)";
        writeln!(std::io::stderr(), "{said}")?;
        return Ok(());
    };
    let server = Server::prepare(&[])?;
    let data = server.data().to_string_lossy().into_owned();
    let mount = format!("mount -t tmpfs -o size=40m,mode=700 tmpfs '{data}' && exec \"$0\" \"$@\"");
    let mut server = server.started_by(&[wrapper, &["sh", "-c", &mount]].concat());
    server.start_again().await?;
    let disk = PathBuf::from(format!("/proc/{}/root{data}", server.pid().context("the server has ended")?));
    server.visible_at(disk.clone());
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "replicas": 2})).await?;
    server.deploy("other", json!({"models": ["iris@1"]})).await?;
    fill(&disk.join("filler"))?;
    for size in [20_000, 0] {
        while configure(&server, size).await? {}
    }
    let flower = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]});
    let (_, answered) = server.infer("iris", "/v2/models/iris/infer", &json!({"inputs": [flower]})).await?;
    ensure!(answered.status == 200, "{answered:?}");
    let health = reqwest::get(format!("http://{}/readyz", server.listen)).await?;
    ensure!(health.status() == 200, "{health:?}");
    let health: serde_json::Value = health.json().await?;
    ensure!(health["problem"].as_str().is_some_and(|text| text.contains("full")), "{health}");
    let said = server.command(&["delete", "other", "--yes"]).await?;
    ensure!(said.status == Some(0), "what fills the disk cannot be deleted: {said:#?}");
    tests::server::until("its end", async || {
        let shown = answer(server.request(Method::GET, "/deployments/other")?).await?;
        Ok((shown.status == 404).then_some(()))
    })
    .await?;
    ensure!(server.get("/history/verify").await?["intact"] == true, "the journal is broken");
    Ok(())
}

/// Keeps one more configuration of about this size; false when there was no room for it.
async fn configure(server: &Server, size: usize) -> anyhow::Result<bool> {
    let body = json!({"set": {"user_config": {"text": "x".repeat(size)}}});
    let answer = answer(server.request(Method::POST, "/deployments/iris/configurations")?.json(&body)).await?;
    let full = answer.status == 507 && answer.body["code"] == "storage_full";
    ensure!(full || answer.status == 201, "{answer:#?}");
    Ok(!full)
}

/// The system's own limit on the size of a file, which every system has.
#[tokio::test]
async fn a_file_that_may_not_grow_is_refused_and_not_kept() -> anyhow::Result<()> {
    // In blocks of 512 bytes; the signal that goes with it is ignored, so that the write itself fails.
    let limit = "trap '' XFSZ; ulimit -f 16384; exec \"$0\" \"$@\"";
    let mut server = Server::prepare(&[])?.started_by(&["sh", "-c", limit]);
    server.start_again().await?;
    server.register("iris", "iris-v1.onnx").await?;
    let model = server.folder().join("large.onnx");
    fs::write(&model, large_model()?)?;
    let before = State::of(&server).await?;
    let said = server.command(&["model", "register", "large", &model.to_string_lossy()]).await?;
    ensure!(said.status == Some(1) && said.out.is_empty() && !said.err.is_empty(), "{said:#?}");
    ensure!(State::of(&server).await? == before, "a file that did not fit left something behind");
    server.deploy("iris", json!({"models": ["iris@1"]})).await
}

/// A model file of 9 MiB: a real one, and bytes that no one reads.
fn large_model() -> anyhow::Result<Vec<u8>> {
    let mut bytes = fs::read(model_file("iris-v1.onnx"))?;
    bytes.resize(9 << 20, 0);
    Ok(bytes)
}

/// Words before a command that may mount in a place of its own, if there are any.
fn mounting() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["unshare", "--mount"], &["unshare", "--user", "--map-root-user", "--mount"]];
    ways.into_iter().find(|way| {
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).args(["sh", "-c", "mount -t tmpfs -o size=1m tmpfs \"$0\""]).arg(std::env::temp_dir());
        command.output().is_ok_and(|output| output.status.success())
    })
}

/// Writes until nothing fits any more.
fn fill(path: &Path) -> anyhow::Result<()> {
    let mut file = fs::File::create(path)?;
    let block = [0_u8; 4096];
    loop {
        match file.write_all(&block) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::StorageFull => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}
