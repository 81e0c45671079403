//! A server that cannot start.

use std::fs;
use std::net::TcpListener;

use anyhow::{Context as _, ensure};
use tests::program::{Said, clean, free_address, program, run, until};
use tests::server::Server;

use crate::state::{State, complained, server};

/// `changeover serve` with these words.
async fn serve(words: &[&str]) -> anyhow::Result<Said> {
    let mut command = clean(&program());
    command.arg("serve").args(words);
    run(command).await
}

#[tokio::test]
async fn a_data_directory_that_another_server_holds_is_left_alone() -> anyhow::Result<()> {
    let server = server().await?;
    let before = State::of(&server).await?;
    let data = server.data().to_string_lossy().into_owned();
    let (api, gateway) = (free_address().to_string(), free_address().to_string());
    let said = serve(&["--data", &data, "--listen", &api, "--gateway", &gateway]).await?;
    let holder = format!("in use by the server with pid {}", server.pid().context("the server has ended")?);
    complained(&said, 1, &[&data, &holder, "choose another directory with --data"])?;
    ensure!(State::of(&server).await? == before, "the second server changed something");
    // The command line still finds the first one.
    ensure!(server.command(&["status"]).await?.status == Some(0), "the first server is not found any more");
    Ok(())
}

#[tokio::test]
async fn a_port_in_use_is_named_and_waiting_replicas_are_left_alone() -> anyhow::Result<()> {
    let mut server = server().await?;
    server.kill()?;
    let waiting = server.replicas()?;
    ensure!(waiting.len() == 1, "{waiting:?}");
    let data = server.data().to_string_lossy().into_owned();
    for flag in ["--listen", "--gateway"] {
        let stranger = TcpListener::bind(free_address())?;
        let taken = stranger.local_addr()?.to_string();
        let other = if flag == "--listen" { "--gateway" } else { "--listen" };
        let free = free_address().to_string();
        let said = serve(&["--data", &data, flag, &taken, other, &free]).await?;
        complained(
            &said,
            1,
            &[&taken, "another program does already", &format!("choose another address with {flag}")],
        )?;
        ensure!(server.replicas()? == waiting, "a start that failed ended replicas");
    }
    server.start_again().await?;
    until("the adopted replica", async || {
        Ok((server.get("/deployments/iris").await?["replicas"]["ready"] == 1).then_some(()))
    })
    .await?;
    ensure!(server.replicas()? == waiting, "the replicas were not adopted");
    Ok(())
}

#[tokio::test]
async fn settings_that_cannot_be_start_nothing() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let data = folder.path().join("data");
    let at = data.to_string_lossy().into_owned();
    let same = free_address().to_string();
    let cases: &[(&[&str], &[&str])] = &[
        (&["--listen", "0.0.0.0:7070"], &["--listen 0.0.0.0:7070 lets other machines in", "--allow-remote"]),
        (&["--listen", &same, "--gateway", &same], &["--listen and --gateway are both"]),
        (&["--listen", "7070"], &["invalid value '7070' for '--listen"]),
        (&["--max-model", "3"], &["--max-model", "a size from 1KiB to 1TiB is expected"]),
        (&["--onnxruntime", "nowhere.so"], &["there is no ONNX Runtime library at nowhere.so"]),
        (&["--surge", "1"], &["unexpected argument '--surge'"]),
    ];
    for (words, sentence) in cases {
        let said = serve(&[&["--data", at.as_str()], *words].concat()).await?;
        complained(&said, 2, sentence)?;
        ensure!(!data.exists(), "{words:?} made a data directory");
    }
    fs::create_dir(&data)?;
    fs::write(data.join("changeover.toml"), "lisen = \"127.0.0.1:1\"\n")?;
    complained(&serve(&["--data", &at]).await?, 2, &["changeover.toml", "unknown field `lisen`"])?;
    ensure!(fs::read_dir(&data)?.count() == 1, "a server that cannot start left something behind");

    let file = folder.path().join("file");
    fs::write(&file, "")?;
    complained(&serve(&["--data", &file.to_string_lossy()]).await?, 1, &["cannot be", "file"])
}

#[tokio::test]
async fn a_database_that_is_none_is_left_as_it_is() -> anyhow::Result<()> {
    let server = Server::prepare(&[])?;
    let database = server.data().join("changeover.db");
    fs::write(&database, "words, and no database\n".repeat(100))?;
    let data = server.data().to_string_lossy().into_owned();
    let (api, gateway) = (free_address().to_string(), free_address().to_string());
    let said = serve(&["--data", &data, "--listen", &api, "--gateway", &gateway]).await?;
    complained(&said, 1, &["the database cannot be used", "not a database"])?;
    ensure!(fs::read_to_string(&database)?.starts_with("words"), "the file was overwritten");
    Ok(())
}
