//! Starts a replica's process: its command line, its surroundings, its output.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;

use domain::configuration::Runtime;
use domain::event::{Address, Process};
use tokio::process::{Child, Command};

use super::ports::Ports;
use super::{LocalSettings, Logs, Paths, process};
use crate::targets::{Launch, TargetError};

/// A process that was just started.
pub(super) struct Spawned {
    pub(super) child: Child,
    pub(super) process: Process,
    pub(super) address: Address,
}

/// Variables that a replica gets from the server; no others, so that no secret travels along.
const PASSED_ON: &[&str] = &["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"];

pub(super) fn spawn(
    settings: &LocalSettings,
    paths: &Paths,
    logs: &Logs,
    ports: &Ports,
    launch: &Launch,
) -> Result<Spawned, TargetError> {
    let id = &launch.replica;
    let log = logs
        .open(&launch.deployment, id)
        .map_err(|source| TargetError::System { what: "the replica's log file cannot be opened".to_owned(), source })?;
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
    let address = runtime(&mut command, settings, paths, ports, launch)?;
    command.env_clear();
    command.envs(PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.envs(&launch.configuration.env);
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
        Runtime::Command => {
            let port = ports.give(&launch.replica).map_err(TargetError::Spawn)?;
            command.args(["--runtime", "command", "--port", &port.to_string()]);
            command.args(["--health-path", &configuration.routes.health]);
            if let Some(route) = &configuration.routes.reconfigure {
                command.args(["--reconfigure-path", route]);
            }
            command.arg("--");
            command.args(configuration.command.iter().flatten());
            Ok(Address::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, port))))
        }
    }
}

fn numbers(gpus: &[u32]) -> String {
    gpus.iter().map(u32::to_string).collect::<Vec<_>>().join(",")
}
