//! `faulty-replica`: a model server that can be told to misbehave, so that somebody can see what then happens.
//!
//! It is started through the runtime `command`: `faulty-replica --port {port} --fault flap=1s`. It answers the
//! health route, any prediction, a stream of tokens, and takes a new user_config in place ([`answers`]).
//! Without a fault it is a good one: on SIGTERM it finishes what it has begun, streams too, and then ends.

mod answers;
mod fault;

use std::future::pending;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use answers::Replica;
use anyhow::Context as _;
use clap::Parser;
use fault::Fault;
use futures_util::FutureExt as _;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// A model server that can be told to misbehave.
#[derive(Parser)]
#[command(name = "faulty-replica", after_help = fault::HELP)]
struct Cli {
    /// Port on 127.0.0.1 that it listens on.
    #[arg(long, required_unless_present = "check")]
    port: Option<u16>,
    /// Only say whether the faults are understood.
    #[arg(long)]
    check: bool,
    /// A fault of the replica; may be given several times. Without one the replica is healthy.
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Fault>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let Cli { port, faults, check } = Cli::parse();
    let (false, Some(port)) = (check, port) else { return Ok(()) };
    // Before anything else, so that the signal is never missed.
    let terminated = signal(SignalKind::terminate())?;
    let user_config = match std::env::var("CHANGEOVER_USER_CONFIG") {
        Ok(text) => serde_json::from_str(&text).context("CHANGEOVER_USER_CONFIG is not JSON")?,
        Err(_) => Value::Object(serde_json::Map::new()),
    };
    let ends = told_to_end(terminated, faults.contains(&Fault::IgnoreSigterm)).shared();
    let replica = Arc::new(Replica::new(faults.clone(), user_config));
    for fault in &faults {
        match fault {
            Fault::CrashAtStart => anyhow::bail!("it was told to crash at its start"),
            Fault::StartSlowly(time) => {
                eprintln!("it was told to start slowly");
                tokio::select! {
                    () = tokio::time::sleep(*time) => {}
                    () = ends.clone() => return Ok(()),
                }
            }
            Fault::Leak(megabytes) => leak(*megabytes)?,
            _ => {}
        }
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    axum::serve(listener, answers::router(replica)).with_graceful_shutdown(ends).await?;
    Ok(())
}

/// Returns when it is to end.
async fn told_to_end(mut terminated: Signal, ignored: bool) {
    terminated.recv().await;
    if ignored {
        eprintln!("it was told to end, and does not");
        pending::<()>().await;
    }
}

/// Takes so many megabytes more every second, and writes to them so that they are really there.
fn leak(megabytes: u32) -> std::io::Result<()> {
    std::thread::Builder::new().name("leak".to_owned()).spawn(move || {
        let mut lost = Vec::new();
        loop {
            lost.push(vec![1u8; (megabytes as usize) << 20]);
            std::thread::sleep(Duration::from_secs(1));
        }
    })?;
    Ok(())
}
