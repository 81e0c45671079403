//! The program under test: where it is, how it is run, and how its doings are waited for.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

/// The longest time that anything may take before something is wrong, also on a machine that is slow and busy.
pub const PATIENCE: Duration = Duration::from_secs(180);
/// Pause between two looks.
pub(crate) const LOOK: Duration = Duration::from_millis(5);

/// The output of a command, and its exit status.
#[derive(Debug)]
pub struct Said {
    /// Exit status; none when a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// The program under test: `CHANGEOVER_BIN`, else the one built beside this test.
pub fn program() -> PathBuf {
    if let Some(given) = std::env::var_os("CHANGEOVER_BIN").filter(|value| !value.is_empty()) {
        return given.into();
    }
    let built = std::env::current_exe().ok().and_then(|test| Some(test.parent()?.parent()?.join("changeover")));
    let built = built.filter(|program| program.is_file());
    built.expect("the program is built first: cargo build --package changeover --bin changeover")
}

/// Runs a program to its end.
///
/// # Errors
/// It cannot be started, or does not end.
pub async fn run(mut command: Command) -> anyhow::Result<Said> {
    command.stdin(Stdio::null());
    let mut command = tokio::process::Command::from(command);
    let output = tokio::time::timeout(PATIENCE, command.kill_on_drop(true).output());
    let output = output.await.context("the command does not end")??;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(Said { status: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) })
}

/// The program without any setting from the surroundings but the library.
pub fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    let ours = |name: &str| name.starts_with("CHANGEOVER_") && name != "CHANGEOVER_ONNXRUNTIME";
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(ours) {
            command.env_remove(name);
        }
    }
    command
}

/// A loopback port that nobody listens on, from a range that the system does not hand out by itself, so that
/// it is still free when a server comes back to it.
pub fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Far from where other test processes of the same machine begin.
    let begin = std::process::id().wrapping_mul(1_009) as u16;
    loop {
        let n = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 12_000 + n % 18_000));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Looks again and again until there is something.
///
/// # Errors
/// The errors of `look`, and that [`PATIENCE`] is over.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>) -> anyhow::Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        ensure!(Instant::now() < end, "{} s passed without {what}", PATIENCE.as_secs());
        tokio::time::sleep(LOOK).await;
    }
}
