//! The Python environment of a program (RAY-6): built once for each set of requirements, and used by every replica
//! that asks for the same.
//!
//! # Flow
//!
//! The folder is named after the requirements and the version of Python: the one that the package asks for where the machine
//! has it. Who needs it takes its lock, or waits for who has it. Where the folder is not complete, it throws away what was
//! left unfinished, builds it with `uv` where that is on the PATH and with `venv` and `pip` elsewhere, and marks it as
//! complete. Then it says that it uses it (see `shared`).
//!
//! # Guarantees
//!
//! - An environment without its mark is never used; one with it is never changed.
//! - The installer dies with this replica. The lock is given back by the system, however the replica ends.
//! - What the machine says about packages (indexes, proxies, certificates) reaches the installer and not the program.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use domain::id::ReplicaId;
use domain::python;
use rustix::process::getpid;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::unix::pipe;
use tokio::process::Command;

use super::lasting;
use super::life::Life;
use super::log::say;
use super::requirements::Requirements;
use super::shared;
use crate::pythons::{self, Interpreter};

/// Begins the names of variables that are for the installer only; what follows is the name that it sees.
const FOR_INSTALLER: &str = "CHANGEOVER_INSTALLER_";
/// In the folder of a complete environment.
const COMPLETE: &str = "changeover-complete";
/// The file with the requirements that were asked for, a line each; the server compares it with those still asked for.
const REQUIREMENTS: &str = "requirements.txt";
/// The file with the constraints on versions, beside it.
pub(super) const CONSTRAINTS: &str = "constraints.txt";
/// Lines of the installer's output that are kept, and characters of them that are told.
const KEPT: usize = 20;
const TOLD: usize = 400;

/// The reason why there is no environment.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// There is no interpreter.
    #[error("a Python environment is asked for, and there is no python3 on the server's PATH")]
    NoPython,
    /// The installer failed, and would do so again.
    #[error("the Python environment cannot be built: {0}")]
    Installer(String),
    /// The installer failed for something that may pass: a download that broke off, a disk that was full.
    #[error("the Python environment was not built: {0}")]
    Interrupted(String),
    /// The system refused something.
    #[error("the Python environment {} cannot be built: {cause}", folder.display())]
    System {
        /// The environment's folder.
        folder: PathBuf,
        /// The system's error.
        cause: io::Error,
    },
}

/// True for a variable that is meant for the installer and none of the program's business.
pub(super) fn is_for_installer(name: &str) -> bool {
    name.starts_with(FOR_INSTALLER)
}

/// The folder of the environment with these requirements among `environments`, once it is complete, and what keeps it in
/// use.
pub(super) async fn prepare(
    environments: &Path,
    requirements: &Requirements,
    id: &ReplicaId,
    life: &Life,
) -> Result<(PathBuf, File), EnvironmentError> {
    let mut installer = Installer::find().ok_or(EnvironmentError::NoPython)?;
    let version = installer.choose(requirements.python.as_deref(), id).await?;
    let lines = requirements.lines.iter().chain(&requirements.constraints).map(String::as_str).collect::<Vec<_>>();
    let name = hex::encode(Sha256::digest([&version, "\n", &lines.join("\n")].concat()));
    let folder = environments.join(&name[..32]);
    let failed = |cause| EnvironmentError::System { folder: folder.clone(), cause };
    fs::create_dir_all(environments).map_err(failed)?;
    let waiting = "waiting for another replica that builds the same Python environment";
    let _lock = shared::lock(&folder, life, waiting).await.map_err(failed)?;
    if folder.join(COMPLETE).exists() {
        let used = shared::in_use(&folder).map_err(failed)?;
        return Ok((folder, used));
    }
    life.prepares("building the Python environment");
    say!("{id}: builds a Python environment with {} for {version}", installer.name());
    let unfinished = folder.clone();
    let removed = tokio::task::spawn_blocking(move || match fs::remove_dir_all(unfinished) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    });
    removed.await.map_err(io::Error::other).and_then(|removed| removed).map_err(failed)?;
    installer.build(&folder, requirements, life).await?;
    fs::write(folder.join(COMPLETE), "").map_err(failed)?;
    say!("{id}: the Python environment is complete");
    let used = shared::in_use(&folder).map_err(failed)?;
    Ok((folder, used))
}

/// The program that builds environments here, and the variables that it gets.
struct Installer {
    python: PathBuf,
    uv: Option<PathBuf>,
    variables: Vec<(String, OsString)>,
}

impl Installer {
    fn find() -> Option<Self> {
        let named =
            |(name, value): (OsString, OsString)| Some((name.to_str()?.strip_prefix(FOR_INSTALLER)?.to_owned(), value));
        let variables: Vec<_> = std::env::vars_os().filter_map(named).collect();
        let path =
            variables.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.clone()).unwrap_or_default();
        let on_path = |program: &str| {
            std::env::split_paths(&path).map(|folder| folder.join(program)).find(|program| program.is_file())
        };
        Some(Self { python: on_path("python3")?, uv: on_path("uv"), variables })
    }

    fn name(&self) -> &'static str {
        if self.uv.is_some() { "uv" } else { "venv and pip" }
    }

    /// Takes the Python that the package asks for, or where there is none, the one that is called `python3`, and says so; its
    /// version.
    async fn choose(&mut self, asked: Option<&str>, id: &ReplicaId) -> Result<String, EnvironmentError> {
        let usual = self.version(&self.python).await?;
        let Some(asked) = asked else { return Ok(usual) };
        let wanted = python::asked(asked);
        let fits = |minor: u8| wanted.is_some_and(|wanted| wanted.has(minor));
        if minor(&usual).is_some_and(fits) {
            return Ok(usual);
        }
        let mut others = self.others();
        others.retain(|other| fits(other.minor));
        others.sort_by_key(|other| std::cmp::Reverse(other.minor));
        for other in others {
            if let Some(version) = self.version(&other.path).await.ok().filter(|said| minor(said) == Some(other.minor))
            {
                self.python = other.path;
                return Ok(version);
            }
        }
        say!("{id}: the package asks for Python {asked}, which this machine does not have; the replica uses {usual}");
        Ok(usual)
    }

    /// The interpreters of this machine.
    fn others(&self) -> Vec<Interpreter> {
        let value = |name: &str| self.variables.iter().find(|(named, _)| named == name).map(|(_, value)| value.clone());
        pythons::find(value)
    }

    /// As Python tells it: `Python 3.11.7`.
    async fn version(&self, python: &Path) -> Result<String, EnvironmentError> {
        let output = self.command(python).arg("--version").output().await;
        let output = output.map_err(|cause| EnvironmentError::System { folder: python.to_owned(), cause })?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    async fn build(&self, folder: &Path, requirements: &Requirements, life: &Life) -> Result<(), EnvironmentError> {
        let failed = |cause| EnvironmentError::System { folder: folder.to_owned(), cause };
        let (file, python) = (folder.join(REQUIREMENTS), folder.join("bin/python"));
        let mut make = self.command(Path::new("/proc/self/exe"));
        let mut install = self.command(Path::new("/proc/self/exe"));
        for command in [&mut make, &mut install] {
            let parent = getpid().as_raw_nonzero().to_string();
            command.args(["replica-exec", "--parent", &parent, "--"]);
        }
        match &self.uv {
            Some(uv) => {
                make.arg(uv).args(["venv", "--python"]).arg(&self.python).arg(folder);
                install
                    .arg(uv)
                    .args(["pip", "install", "--compile-bytecode", "--python"])
                    .arg(&python)
                    .arg("-r")
                    .arg(&file);
            }
            None => {
                make.arg(&self.python).args(["-m", "venv"]).arg(folder);
                install.arg(&python).args(["-m", "pip", "install", "--no-input", "-r"]).arg(&file);
            }
        }
        run(make, life).await?;
        let Requirements { lines, constraints, .. } = requirements;
        for (path, lines) in [(&file, lines), (&folder.join(CONSTRAINTS), constraints)] {
            fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).map_err(failed)?;
        }
        if lines.is_empty() { Ok(()) } else { run(install, life).await }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        // One line for each thing that happens, and none about the installer itself.
        command.envs([("PIP_DISABLE_PIP_VERSION_CHECK", "1"), ("PIP_PROGRESS_BAR", "off"), ("UV_NO_PROGRESS", "1")]);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }
}

/// The minor version in `Python 3.11.7`.
fn minor(version: &str) -> Option<u8> {
    version.strip_prefix("Python 3.")?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Runs one step to its end; each line of its output goes to the log and is what this replica does.
async fn run(mut command: Command, life: &Life) -> Result<(), EnvironmentError> {
    let failed = |cause: io::Error| EnvironmentError::Interrupted(cause.to_string());
    let (reader, writer) = io::pipe().map_err(failed)?;
    command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
    let mut child = command.spawn().map_err(failed)?;
    // It holds the pipe's other end, which must close with the child.
    drop(command);
    let mut output = BufReader::new(pipe::Receiver::from_owned_fd(reader.into()).map_err(failed)?);
    let (mut line, mut last, mut may_pass) = (Vec::new(), VecDeque::new(), false);
    while output.read_until(b'\n', &mut line).await.map_err(failed)? > 0 {
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        line.clear();
        if text.is_empty() {
            continue;
        }
        say!("{text}");
        may_pass |= lasting::may_pass(&text);
        life.prepares(&format!("building the Python environment: {text}"));
        last.push_back(text);
        if last.len() > KEPT {
            last.pop_front();
        }
    }
    let status = child.wait().await.map_err(failed)?;
    if status.success() {
        return Ok(());
    }
    let why = end_of(&last).unwrap_or_else(|| format!("the installer ended with {status}"));
    // One that was killed says nothing of what it was to install.
    let interrupted = may_pass || status.code().is_none_or(|code| code > 128);
    Err(if interrupted { EnvironmentError::Interrupted(why) } else { EnvironmentError::Installer(why) })
}

/// The last line, and those before it as far as there is room.
fn end_of(lines: &VecDeque<String>) -> Option<String> {
    let mut end: String = lines.back()?.chars().take(TOLD).collect();
    for line in lines.iter().rev().skip(1) {
        if end.len() + line.len() > TOLD {
            break;
        }
        end = format!("{line} {end}");
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_output_is_told_as_far_as_there_is_room() {
        let of = |lines: &[&str]| end_of(&lines.iter().map(|line| (*line).to_owned()).collect());
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["Collecting x", "ERROR: no x"]).as_deref(), Some("Collecting x ERROR: no x"));
        assert_eq!(of(&["begin", &"v".repeat(TOLD), "ERROR: no x"]).as_deref(), Some("ERROR: no x"));
    }
}
