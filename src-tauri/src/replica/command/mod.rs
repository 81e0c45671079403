//! A program that listens on a port of its own: the one of the `command` runtime, or one that the project has chosen.

mod ask;
mod exec;
mod health;
mod reconfigure;

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use domain::first_answers::FirstRequest;
use domain::id::ModelRef;
use hyper::Method;
use rustix::process::{Pid, Signal, getpgrp, getpid, kill_process, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::environment::is_for_installer;
use super::output::{self, Printed};
use super::requirements::Requirements;
use super::work::ThisReplica;
pub(super) use ask::Port;
pub use exec::{ExecArgs, ExecError, exec};
pub(super) use health::ProgramHealth;
pub(super) use reconfigure::{ReconfigureRoute, Unanswered};

/// The pause between two looks at whether processes have ended that are not children of this one.
const LOOK: Duration = Duration::from_millis(20);

/// The reason why the program cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The command uses a placeholder that has no value.
    #[error("the command uses {placeholder}, and {missing}")]
    Placeholder {
        /// The placeholder.
        placeholder: &'static str,
        /// The part that is missing, as a clause.
        missing: &'static str,
    },
    /// There is no program.
    #[error("the command is empty: name a program after --")]
    Empty,
    /// The system refuses to start it.
    #[error("the program \"{program}\" cannot be started: {cause}")]
    Spawn {
        /// The program.
        program: String,
        /// The system's error.
        cause: std::io::Error,
    },
    /// The environment's folder has a name that cannot be on a PATH.
    #[error("the Python environment cannot be put on the PATH: {0}")]
    Path(String),
    /// The folder that the program should start in is not there.
    #[error("the program cannot start in {}: there is no such folder", .0.display())]
    WorkingDirectory(PathBuf),
    /// There is no pipe for the program's output.
    #[error("the program's output cannot be kept: {0}")]
    Output(std::io::Error),
    /// The program's end cannot be awaited.
    #[error("the program cannot be watched: {0}")]
    Watch(std::io::Error),
}

/// A program whose placeholders `{port}`, `{model}` and `{env}` are not filled in yet.
pub(super) struct Unfilled {
    /// The program and its arguments.
    pub(super) words: Vec<String>,
    /// The model's file or folder, where there is one.
    pub(super) model: Option<PathBuf>,
    /// The requirements of its Python environment, where it gets one.
    pub(super) requirements: Requirements,
}

/// All that a program is started with, beside itself.
pub(super) struct Setting<'a> {
    pub(super) replica: &'a ThisReplica,
    pub(super) port: Option<u16>,
    /// Model and version that it serves.
    pub(super) name: Option<&'a ModelRef>,
    /// The model came in an archive.
    pub(super) from_archive: bool,
    /// Folder that it starts in.
    pub(super) folder: Option<&'a Path>,
    /// The Python environment, where there is one.
    pub(super) environment: Option<&'a Path>,
    /// Its standard input.
    pub(super) input: Stdio,
}

/// The running program.
pub(super) struct Program {
    child: Child,
    /// Says when all that it has printed has been written.
    printed: Option<Printed>,
}

impl Program {
    /// Starts the program with its placeholders filled in.
    ///
    /// It dies with this process, however that ends: the first thing it does, before it becomes the program, is
    /// to ask the kernel for that. The thread that calls this must live as long as the process.
    pub(super) fn start(unfilled: &Unfilled, setting: Setting<'_>) -> Result<Self, CommandError> {
        let Setting { replica, port, name: model, from_archive, folder, environment, input } = setting;
        let program = fill(unfilled, port, environment)?;
        let name = program.first().cloned().ok_or(CommandError::Empty)?;
        let mut command = Command::new("/proc/self/exe");
        command.arg("replica-exec").arg("--parent").arg(getpid().as_raw_nonzero().to_string()).arg("--").args(&program);
        if let Some(port) = port {
            command.env("CHANGEOVER_PORT", port.to_string());
        }
        command.env("CHANGEOVER_USER_CONFIG", &replica.user_config).stdin(input).kill_on_drop(true);
        if let Some(folder) = folder {
            if !folder.is_dir() {
                return Err(CommandError::WorkingDirectory(folder.to_owned()));
            }
            command.current_dir(folder);
        }
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_for_installer)) {
            command.env_remove(name);
        }
        if from_archive {
            // What is compiled on the way would change the folder of the package.
            command.env("PYTHONDONTWRITEBYTECODE", "1");
        }
        if let Some(environment) = environment {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let folders = std::iter::once(environment.join("bin")).chain(std::env::split_paths(&path));
            let path = std::env::join_paths(folders).map_err(|cause| CommandError::Path(cause.to_string()))?;
            command.env("PATH", path).env("VIRTUAL_ENV", environment);
        }
        if let Some(model) = model {
            command.env("CHANGEOVER_MODEL_NAME", model.to_string());
        }
        if let Some(model) = &unfilled.model {
            command.env("CHANGEOVER_MODEL", model);
        }
        let printed = match output::pipe().map_err(CommandError::Output)? {
            Some((writer, printed)) => {
                command.stdout(writer.try_clone().map_err(CommandError::Output)?).stderr(writer);
                Some(printed)
            }
            None => None,
        };
        let child = command.spawn().map_err(|cause| CommandError::Spawn { program: name, cause })?;
        // The pipe's other end goes with `command`: it must close with the program.
        Ok(Self { child, printed })
    }

    /// Its process id, while it runs.
    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Returns when it has ended by itself. What it has started in turn is not left behind.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus, CommandError> {
        let status = self.child.wait().await.map_err(CommandError::Watch)?;
        end_others(Duration::ZERO).await;
        self.printed().await;
        Ok(status)
    }

    /// Asks it to end with all that it has started in turn, and after `patience` ends what is left.
    pub(super) async fn stop(&mut self, patience: Duration) -> Result<(), CommandError> {
        let Some(pid) = self.child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw) else {
            return Ok(());
        };
        // What the program has started in turn is in the same group, if this replica leads one.
        let _ = if getpgrp() == getpid() {
            kill_process_group(getpid(), Signal::TERM)
        } else {
            kill_process(pid, Signal::TERM)
        };
        let asked = Instant::now();
        if tokio::time::timeout(patience, self.child.wait()).await.is_err() {
            self.child.kill().await.map_err(CommandError::Watch)?;
        }
        end_others(patience.saturating_sub(asked.elapsed())).await;
        self.printed().await;
        Ok(())
    }

    /// Waits for the rest of its output.
    async fn printed(&mut self) {
        if let Some(printed) = self.printed.take() {
            printed.all().await;
        }
    }
}

/// Waits for the other processes of this replica's group to end, where it leads one, and after `patience` ends them.
async fn end_others(patience: Duration) {
    let me = getpid();
    if getpgrp() != me {
        return;
    }
    let others = || {
        let processes = procfs::process::all_processes().into_iter().flatten().flatten();
        let stats = processes.filter_map(|process| process.stat().ok());
        let group = me.as_raw_nonzero().get();
        let others = stats.filter(|stat| stat.pgrp == group && stat.pid != group && stat.state != 'Z');
        others.filter_map(|stat| Pid::from_raw(stat.pid)).collect::<Vec<_>>()
    };
    let end = Instant::now() + patience;
    while !others().is_empty() && Instant::now() < end {
        tokio::time::sleep(LOOK).await;
    }
    for pid in others() {
        // It may have ended just now, which is what was wanted.
        let _ = kill_process(pid, Signal::KILL);
    }
}

/// The program and its arguments with `{port}`, `{model}` and `{env}` filled in; other braces stay as they are.
fn fill(unfilled: &Unfilled, port: Option<u16>, environment: Option<&Path>) -> Result<Vec<String>, CommandError> {
    let path = |path: Option<&Path>| path.map(|path| path.to_string_lossy().into_owned());
    let values = [
        ("{port}", port.map(|port| port.to_string()), "there is no port"),
        ("{model}", path(unfilled.model.as_deref()), "there is no model file"),
        ("{env}", path(environment), "environment.python asks for no environment"),
    ];
    let fill = |part: &String| {
        let mut part = part.clone();
        for (placeholder, value, missing) in &values {
            if part.contains(placeholder) {
                let value = value.as_ref().ok_or(CommandError::Placeholder { placeholder, missing })?;
                part = part.replace(placeholder, value);
            }
        }
        Ok(part)
    };
    unfilled.words.iter().map(fill).collect()
}

/// Sends the program a sample request: the status of its answer, and its body.
pub(super) async fn sample(port: &Port, request: &FirstRequest, patience: Duration) -> Result<(u16, Vec<u8>), String> {
    let body = request.body.to_string().into();
    let answer = port.ask(Method::POST, &rooted(&request.path), body, patience).await;
    answer.map(|(status, body)| (status.as_u16(), body.to_vec())).map_err(|cause| cause.to_string())
}

/// A route as it stands in a request.
fn rooted(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}
