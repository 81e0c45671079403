//! The rights to read: modes of folders and files, and the places where secrets stand.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::ensure;
use reqwest::Method;
use serde_json::json;
use tests::program::{clean, program, run, until};
use tests::server::{Server, answer};
use walkdir::WalkDir;

fn mode(path: &Path) -> anyhow::Result<u32> {
    Ok(path.metadata()?.permissions().mode() & 0o7777)
}

#[tokio::test]
async fn a_folder_that_was_there_keeps_its_mode_and_what_is_made_inside_is_closed() -> anyhow::Result<()> {
    let mut server = Server::prepare(&[])?;
    fs::set_permissions(server.data(), fs::Permissions::from_mode(0o755))?;
    server.start_again().await?;
    server.register("iris", "iris-v1.onnx").await?;
    let kept = json!({"models": ["iris@1"], "request_log": true, "data_collection": true});
    server.deploy("iris", kept).await?;
    crate::lost::answers(&server).await?;
    ensure!(mode(&server.data())? == 0o755, "{:o}", mode(&server.data())?);
    for entry in WalkDir::new(server.data()).min_depth(1) {
        let entry = entry?;
        let Ok(metadata) = entry.metadata() else { continue };
        let found = metadata.permissions().mode() & 0o077;
        ensure!(found == 0 || metadata.file_type().is_symlink(), "{} {found:o}", entry.path().display());
        ensure!(metadata.is_dir() || !metadata.file_type().is_socket() || found == 0, "{}", entry.path().display());
    }
    Ok(())
}

#[tokio::test]
async fn a_folder_that_everybody_may_write_to_is_refused_as_it_is() -> anyhow::Result<()> {
    let server = Server::prepare(&[])?;
    fs::set_permissions(server.data(), fs::Permissions::from_mode(0o1777))?;
    let mut command = clean(&program());
    command.arg("serve").arg("--data").arg(server.data());
    command.args(["--listen", &server.listen.to_string(), "--gateway", &server.gateway.to_string()]);
    let said = run(command).await?;
    ensure!(said.status == Some(1) && said.err.contains("every user of this machine may write"), "{said:?}");
    ensure!(mode(&server.data())? == 0o1777 && fs::read_dir(server.data())?.count() == 0, "it was changed");
    Ok(())
}

/// The number of times that a text stands in the files below a folder.
fn times(folder: &Path, text: &str) -> anyhow::Result<usize> {
    let mut count = 0;
    for entry in WalkDir::new(folder) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let bytes = fs::read(entry.path())?;
            count += bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count();
        }
    }
    Ok(count)
}

#[tokio::test]
async fn a_secret_stands_in_one_place_and_goes_with_its_deployment() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "auth": "key", "request_log": true})).await?;
    let regenerate = async || {
        let request = server.request(Method::POST, "/deployments/iris/keys/primary/regenerate")?;
        answer(request.header("idempotency-key", "k").json(&json!({}))).await
    };
    let (first, again) = (regenerate().await?, regenerate().await?);
    ensure!(first.status == 200 && first.body == again.body, "{first:?} {again:?}");
    let key = first.body["primary"].as_str().unwrap_or_default().to_owned();
    let issue = async || {
        let request = server.request(Method::POST, "/deployments/iris/tokens")?;
        answer(request.header("idempotency-key", "t").json(&json!({"ttl": "1h"}))).await
    };
    let (first, again) = (issue().await?, issue().await?);
    ensure!(first.status == 201 && first.body == again.body, "{first:?} {again:?}");
    let token = first.body["token"].as_str().unwrap_or_default().to_owned();
    ensure!(key.len() == 64 && token.len() > 20, "{key} {token}");
    let said = server.command(&["backup", "backup"]).await?;
    ensure!(said.status == Some(0), "{said:?}");
    ensure!(times(&server.folder().join("backup"), &key)? == 1, "the backup holds it more than once, or not");
    ensure!(times(server.folder(), &token)? == 0, "a token that was issued is kept");
    answer(server.request(Method::DELETE, "/deployments/iris/tokens")?).await?;
    ensure!(issue().await?.status == 412, "a revoked token is issued again");

    answer(server.request(Method::DELETE, "/deployments/iris")?).await?;
    let gone = async || {
        let shown = answer(server.request(Method::GET, "/deployments/iris")?).await?;
        Ok((shown.status == 404).then_some(()))
    };
    until("the deployment's end", gone).await?;
    // Also while the server runs, a moment later.
    until("the secret's end", async || Ok((times(&server.data(), &key)? == 0).then_some(()))).await?;
    server.stop().await?;
    ensure!(times(&server.data(), &key)? == 0, "a key outlives its deployment");
    Ok(())
}
