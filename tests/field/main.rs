//! Plays what went wrong in the field against a real server, and says how often it went wrong. For comparing two builds:
//!
//! ```text
//! cargo build -p changeover -p tests --bin changeover --bin faulty-replica --bin field
//! CHANGEOVER_BIN=target/debug/changeover target/debug/field names 300
//! CHANGEOVER_BIN=target/debug/changeover target/debug/field drain
//! CHANGEOVER_BIN=target/debug/changeover target/debug/field demand
//! CHANGEOVER_BIN=target/debug/changeover target/debug/field flapping
//! CHANGEOVER_BIN=target/debug/changeover target/debug/field clock /usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1
//! ```
//!
//! The last one sets the server's clock with the library of Debian's package `faketime`.

mod clock;
mod demand;
mod drain;
mod flapping;
mod names;

use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use tests::server::Server;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["names", cycles] => names::play(cycles.parse().context("a number of cycles")?).await,
        ["drain"] => drain::play().await,
        ["demand"] => demand::play().await,
        ["flapping"] => flapping::play().await,
        ["clock", library] => clock::play(Path::new(library)).await,
        _ => bail!("names CYCLES, drain, demand, flapping, or clock LIBRARY"),
    }
}

/// Two replicas of the program that misbehaves as it is told.
fn configuration(faults: &[&str]) -> anyhow::Result<Value> {
    let program = std::env::current_exe()?.with_file_name("faulty-replica");
    let mut command = vec![program.to_string_lossy().into_owned(), "--port".to_owned(), "{port}".to_owned()];
    command.extend(faults.iter().flat_map(|fault| ["--fault".to_owned(), (*fault).to_owned()]));
    Ok(json!({"runtime": "command", "command": command, "replicas": 2}))
}

/// The end of the newest rollout, and the state of the deployment after it.
async fn outcome(server: &Server, name: &str) -> anyhow::Result<String> {
    let rollout = server.until_over(name).await?;
    let deployment = server.get(&format!("/deployments/{name}")).await?;
    let revisions = server.get(&format!("/deployments/{name}/revisions")).await?;
    let newest = &revisions["items"][0];
    let bad = if newest["quarantined"].is_null() { "not known bad" } else { "known bad" };
    let word = |value: &Value| value.as_str().unwrap_or("?").to_owned();
    Ok(format!(
        "rollout {}, deployment {}, revision {} {bad}{}",
        word(&rollout["phase"]),
        word(&deployment["status"]),
        newest["number"],
        rollout["error"].as_str().map(|error| format!("; {error}")).unwrap_or_default()
    ))
}
