//! Programs of other people in Python that tests speak with: an environment with them, made once.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context as _, ensure};
use tokio::io::AsyncReadExt as _;

use crate::program::{PATIENCE, run};

/// The Python of an environment with what a file of requirements names, below the folder that cargo builds in.
///
/// # Errors
/// There is no Python with `venv`, or the packages cannot be had.
pub async fn environment(requirements: &Path) -> anyhow::Result<PathBuf> {
    let name = requirements.parent().and_then(Path::file_name).context("a folder of a test")?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python").join(name);
    fs::create_dir_all(&folder)?;
    // One process makes it, others wait.
    let lock = File::create(folder.join("lock"))?;
    let _lock = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await??;
    let (environment, made) = (folder.join("environment"), folder.join("made"));
    let python = environment.join("bin/python");
    let wanted = fs::read_to_string(requirements)?;
    if fs::read_to_string(&made).is_ok_and(|text| text == wanted) {
        return Ok(python);
    }
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&environment);
    let _ = fs::remove_file(&made);
    let said = run(venv).await?;
    ensure!(said.status == Some(0), "an environment for Python cannot be made: {}", said.err);
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements);
    let said = run(pip).await?;
    ensure!(said.status == Some(0), "the packages of {} cannot be had: {}", requirements.display(), said.err);
    fs::write(&made, wanted)?;
    Ok(python)
}

/// A program in Python that runs until it goes out of scope.
pub struct Running {
    child: Child,
    _stdin: Option<ChildStdin>,
}

impl Running {
    /// Starts `script` with these words, and waits until it says that it is ready.
    ///
    /// # Errors
    /// It cannot be started, or ends.
    pub async fn start(python: &Path, script: &Path, words: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(python);
        command.arg(script).args(words).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("{} cannot be started", script.display()))?;
        let out = child.stdout.take().context("its output")?;
        let running = Self { _stdin: child.stdin.take(), child };
        let mut ready = [0; 6];
        let mut out = tokio::process::ChildStdout::from_std(out)?;
        let read = tokio::time::timeout(PATIENCE, out.read_exact(&mut ready)).await;
        read.with_context(|| format!("{} does not become ready", script.display()))??;
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
