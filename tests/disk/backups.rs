//! A backup of a server that works, and the way back.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use anyhow::{Context as _, ensure};
use serde_json::json;
use tests::program::{clean, program, run};
use tests::server::Server;

use crate::lost::{answers, with_iris};

#[tokio::test]
async fn a_backup_under_load_is_whole_and_serves() -> anyhow::Result<()> {
    let server = with_iris().await?;
    let load = async {
        for n in 0..12 {
            server.register(&format!("m{n}"), "iris-v1.onnx").await?;
            server.register(&format!("n{n}"), "iris-v2.onnx").await?;
            let note = json!({"set": {"user_config": {"n": n}}});
            server.post("/deployments/iris/configurations", &note).await?;
            answers(&server).await?;
        }
        anyhow::Ok(())
    };
    let backups = async {
        for n in 0..3 {
            let said = server.command(&["backup", &format!("backup-{n}")]).await?;
            ensure!(said.status == Some(0), "{said:?}");
        }
        anyhow::Ok(())
    };
    tokio::try_join!(load, backups)?;
    let again = server.command(&["backup", "backup-0"]).await?;
    ensure!(again.status == Some(1) && again.err.contains("not empty"), "{again:?}");
    for n in 0..3 {
        let backup = server.folder().join(format!("backup-{n}"));
        ensure!(backup.metadata()?.permissions().mode() & 0o077 == 0, "others may look into it");
        let mut other = Server::prepare(&[])?;
        let mut command = clean(&program());
        command.arg("--data").arg(other.data()).arg("restore").arg(&backup);
        let said = run(command).await?;
        ensure!(said.status == Some(0), "{said:?}");
        other.start_again().await?;
        let verified = other.get("/history/verify").await?;
        ensure!(verified["intact"] == true, "{verified:#}");
        let ready = async || Ok((other.get("/deployments/iris").await?["replicas"]["ready"] == 2).then_some(()));
        tests::program::until("its replicas", ready).await?;
        answers(&other).await?;
        ensure!(other.token()? == server.token()?, "clients must sign in anew");
    }
    // Not over something that is there, nor over a server that runs.
    let said = server.command(&["restore", "backup-0"]).await?;
    ensure!(said.status == Some(1) && said.err.contains("not empty"), "{said:?}");
    answers(&server).await
}

#[tokio::test]
async fn an_export_and_an_archive_verify_without_a_server() -> anyhow::Result<()> {
    let server = with_iris().await?;
    let exported = server.command(&["history", "export"]).await?;
    fs::write(server.folder().join("whole.ndjson"), &exported.out)?;
    let verify = async |name: &str| server.command(&["history", "verify", "--file", name]).await;
    let said = verify("whole.ndjson").await?;
    ensure!(said.status == Some(0) && said.out.contains("intact"), "{said:?}");
    let lines: Vec<&str> = exported.out.lines().collect();
    let wrong = [
        ("cut off", lines[..lines.len() - 4].join("\n")),
        ("end cut out", [&lines[..lines.len() - 3], &lines[lines.len() - 1..]].concat().join("\n")),
        ("begin cut off", lines[2..].join("\n")),
        ("changed", exported.out.replacen("\"importance\":\"moderate\"", "\"importance\":\"critical\"", 1)),
        ("no history", "{}".to_owned()),
    ];
    for (what, text) in wrong {
        fs::write(server.folder().join("wrong.ndjson"), text)?;
        let said = verify("wrong.ndjson").await?;
        ensure!(said.status == Some(1), "{what}: {said:?}");
    }
    let none = server.command(&["archive", "old.ndjson", "--keep", "2000"]).await?;
    ensure!(none.status == Some(0) && none.out.contains("nothing was moved"), "{none:?}");
    let few = server.command(&["archive", "old.ndjson", "--keep", "5"]).await?;
    ensure!(few.status == Some(2), "{few:?}");
    // Fewer than the command lets go: what stays still follows what is in the file.
    let old = server.folder().join("old.ndjson");
    let (count, _) = changeover::store::archive(&server.data(), &old, 5)?.context("nothing was moved")?;
    let said = verify("old.ndjson").await?;
    ensure!(said.status == Some(0) && said.out.contains(&format!("{count} entries")), "{said:?}");
    let exported = server.command(&["history", "export"]).await?;
    let begins = serde_json::from_str::<serde_json::Value>(exported.out.lines().next().unwrap_or_default())?;
    ensure!(begins["seq"] == count + 1, "{begins}");
    fs::write(server.folder().join("rest.ndjson"), &exported.out)?;
    let said = verify("rest.ndjson").await?;
    ensure!(said.status == Some(0), "an archive whose first entry is not the first of all: {said:?}");
    ensure!(server.get("/history/verify").await?["intact"] == true, "the history is broken");
    let changed = fs::read_to_string(&old)?.replacen("\"importance\":\"moderate\"", "\"importance\":\"critical\"", 1);
    fs::write(&old, changed)?;
    let said = verify("old.ndjson").await?;
    ensure!(said.status == Some(1), "{said:?}");
    let said = server.command(&["repair"]).await?;
    ensure!(said.status == Some(0), "{said:?}");
    answers(&server).await
}
