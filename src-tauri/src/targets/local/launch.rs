//! Starts a replica's process: its command line, its surroundings, its output.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;

use domain::configuration::Runtime;
use domain::event::{Address, Process};
use tokio::process::{Child, Command};

use super::ports::Ports;
use super::{LocalSettings, Paths, Shared, environments, process};
use crate::targets::{Launch, TargetError};

/// A process that was just started.
pub(super) struct Spawned {
    pub(super) child: Child,
    pub(super) process: Process,
    pub(super) address: Address,
}

/// Variables that only the installer of a Python environment gets: where packages come from, and how they are reached.
const FOR_INSTALLER: &[&str] = &[
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
];

/// Variables that a replica gets from the server; no others, so that no secret travels along.
const PASSED_ON: &[&str] = &["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"];

pub(super) fn spawn(shared: &Shared, launch: &Launch) -> Result<Spawned, TargetError> {
    let Shared { settings, paths, logs, limits, ports, .. } = shared;
    let id = &launch.replica;
    let refused = |what: &str| {
        let what = what.to_owned();
        move |source| TargetError::System { what, source }
    };
    let log = logs.open(&launch.deployment, id).map_err(refused("the replica's log file cannot be opened"))?;
    let told = limits.tell(id, &launch.configuration.resources);
    let told = told.map_err(refused("the replica's control group cannot be made"))?;
    let errors = log.try_clone().map_err(TargetError::Spawn)?;
    paths.remove_sockets(id);
    let mut command = Command::new(&settings.program);
    command.args(["replica", "--id", id.as_str(), "--instance", &paths.instance]);
    command.args(["--deployment", launch.name.as_str(), "--revision", &launch.revision.to_string()]);
    command.arg("--control").arg(paths.control(id));
    command.arg("--server-lock").arg(&paths.server_lock);
    command.args(["--orphan-seconds", &settings.orphan_seconds.to_string()]);
    command.args(["--max-body-bytes", &settings.max_body_bytes.to_string()]);
    command.args(["--scoring-timeout-ms", &launch.configuration.scoring_timeout_ms.to_string()]);
    command.args(["--user-config", &launch.configuration.user_config.to_string()]);
    if let Some(file) = &launch.model {
        command.args(["--model", &file.model.to_string(), "--digest", file.digest.as_str()]);
        command.arg("--artifact").arg(&file.path);
    }
    command.args(told);
    let address = runtime(&mut command, settings, paths, ports, launch)?;
    command.env_clear();
    command.envs(PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.envs(&launch.configuration.env);
    if launch.configuration.environment.python.is_some() {
        command.envs(for_installer());
    }
    // Also when it is empty: a replica that was given none must not find any.
    command.env("CUDA_VISIBLE_DEVICES", numbers(&launch.gpus));
    command.stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0);
    let mut child = command.spawn().map_err(TargetError::Spawn)?;
    let Some(process) = child.id().and_then(process::identify) else {
        // Without a start time it could never be told from a stranger.
        let _ = child.start_kill();
        return Err(TargetError::Spawn(std::io::Error::other("its start time cannot be read")));
    };
    Ok(Spawned { child, process, address })
}

/// The part of the command line that depends on what runs the model, and where it will answer.
fn runtime(
    command: &mut Command,
    settings: &LocalSettings,
    paths: &Paths,
    ports: &Ports,
    launch: &Launch,
) -> Result<Address, TargetError> {
    let configuration = &launch.configuration;
    match configuration.runtime {
        Runtime::Onnx => {
            let socket = paths.socket(&launch.replica);
            let threads = configuration.resources.cpu.ceil().clamp(1.0, 256.0);
            command.args(["--runtime", "onnx", "--threads", &threads.to_string()]);
            command.arg("--socket").arg(&socket);
            if let Some(library) = &settings.onnxruntime {
                command.arg("--onnxruntime").arg(library);
            }
            Ok(Address::Unix(socket))
        }
        Runtime::Command | Runtime::Mlflow | Runtime::Trees | Runtime::Custom | Runtime::External => {
            let port = ports.give(&launch.replica).map_err(TargetError::Spawn)?;
            command.args(["--runtime", "command", "--port", &port.to_string()]);
            command.args(["--health-path", &configuration.routes.health]);
            let folder = match &configuration.environment.working_directory {
                Some(folder) => PathBuf::from(folder),
                None => paths.make_work(&launch.replica)?,
            };
            command.arg("--working-directory").arg(folder);
            if let Some(python) = &configuration.environment.python {
                command.arg("--environments").arg(&paths.environments);
                let requirements = environments::requirements(python);
                command.args(requirements.iter().flat_map(|line| ["--requirement", line]));
            }
            if let Some(route) = &configuration.routes.reconfigure {
                command.args(["--reconfigure-path", route]);
            }
            command.arg("--");
            command.args(configuration.command.iter().flatten());
            Ok(Address::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, port))))
        }
    }
}

/// The surroundings of the installer, under names that keep them from the program.
fn for_installer() -> impl Iterator<Item = (String, OsString)> {
    let named = |name: &str| {
        let packages = ["PIP_", "UV_"].iter().any(|start| name.starts_with(start));
        packages || PASSED_ON.contains(&name) || FOR_INSTALLER.contains(&name)
    };
    std::env::vars_os().filter_map(move |(name, value)| {
        let name = name.into_string().ok().filter(|name| named(name))?;
        Some((format!("CHANGEOVER_INSTALLER_{name}"), value))
    })
}

fn numbers(gpus: &[u32]) -> String {
    gpus.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}
