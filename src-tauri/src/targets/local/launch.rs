//! Starts a replica's process: its command line, its surroundings, its output.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;

use domain::configuration::{Liveness, Runtime};
use domain::event::{Address, Process};
use domain::model::Packing;
use tokio::process::{Child, Command};

use super::ports::Ports;
use super::{LocalSettings, Paths, Shared, environments, process};
use crate::targets::{Launch, ModelFile, TargetError};

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
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
];

/// Variables that a replica gets from the server; no others, so that no secret travels along.
const PASSED_ON: &[&str] =
    &["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"];

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
        package(&mut command, paths, file);
    }
    command.args(told);
    let address = runtime(&mut command, settings, paths, ports, launch)?;
    command.env_clear();
    command.envs(PASSED_ON.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.envs(quiet(launch.configuration.runtime).iter().copied());
    command.envs(&launch.configuration.env);
    if python(launch) {
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

/// The part of the command line that says what is run.
fn package(command: &mut Command, paths: &Paths, file: &ModelFile) {
    command.args(["--model", &file.model.to_string(), "--kind", &word(&file.kind)]);
    if let Some(url) = &file.url {
        command.args(["--url", url]);
    }
    if file.packing != Packing::Nothing {
        command.args(["--digest", file.digest.as_str(), "--packing", &word(&file.packing)]);
        command.arg("--artifact").arg(&file.path).arg("--unpacked").arg(&paths.unpacked);
        command.args(["--entry", &file.entry]);
    }
}

/// A value as it is written in JSON, where that is one word.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| Some(value.as_str()?.to_owned())).unwrap_or_default()
}

/// Whether a Python environment is needed.
fn python(launch: &Launch) -> bool {
    let by_package = match launch.configuration.runtime {
        Runtime::Mlflow | Runtime::Trees => true,
        Runtime::Custom => {
            let custom = launch.model.as_ref().and_then(|file| file.custom.as_ref());
            custom.is_some_and(|custom| !custom.requirements.is_empty())
        }
        Runtime::Onnx | Runtime::Command | Runtime::External => false,
    };
    by_package || launch.configuration.environment.python.is_some()
}

/// What keeps a program that the project itself has chosen from writing a line for every request, from telling others
/// that it is used, and from looking for programs that it does not need.
fn quiet(runtime: Runtime) -> &'static [(&'static str, &'static str)] {
    match runtime {
        Runtime::Mlflow => &[
            ("UVICORN_ACCESS_LOG", "false"),
            ("MLFLOW_DISABLE_TELEMETRY", "true"),
            ("DO_NOT_TRACK", "true"),
            ("GIT_PYTHON_REFRESH", "quiet"),
        ],
        _ => &[],
    }
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
        Runtime::External => {
            let socket = paths.socket(&launch.replica);
            let Liveness { period_seconds, timeout_seconds, .. } = configuration.liveness;
            command.args(["--runtime", "external", "--period-seconds", &period_seconds.to_string()]);
            command.args(["--timeout-seconds", &timeout_seconds.to_string()]);
            command.arg("--socket").arg(&socket);
            Ok(Address::Unix(socket))
        }
        Runtime::Command | Runtime::Mlflow | Runtime::Trees | Runtime::Custom => {
            let port = ports.give(&launch.replica).map_err(TargetError::Spawn)?;
            command.args(["--runtime", configuration.runtime.word(), "--port", &port.to_string()]);
            let custom = launch.model.as_ref().and_then(|file| file.custom.as_ref());
            command.args(["--health-path", &configuration.serving_routes(custom).health]);
            let threads = configuration.resources.cpu.ceil().clamp(1.0, 256.0);
            command.args(["--threads", &threads.to_string()]);
            let folder = match &configuration.environment.working_directory {
                Some(folder) => PathBuf::from(folder),
                None => paths.make_work(&launch.replica)?,
            };
            command.arg("--working-directory").arg(folder);
            if python(launch) {
                command.arg("--environments").arg(&paths.environments);
                let asked = configuration.environment.python.as_ref().map(environments::requirements);
                command.args(asked.iter().flatten().flat_map(|line| ["--requirement", line]));
                let own = custom.into_iter().flat_map(|custom| &custom.requirements);
                command.args(own.flat_map(|line| ["--package-requirement", line]));
            }
            if let Some(route) = &configuration.routes.reconfigure {
                command.args(["--reconfigure-path", route]);
            }
            let program = match configuration.runtime {
                Runtime::Command => configuration.command.as_ref(),
                Runtime::Custom => custom.map(|custom| &custom.command),
                _ => None,
            };
            command.arg("--").args(program.into_iter().flatten());
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
