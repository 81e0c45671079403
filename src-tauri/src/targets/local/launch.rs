//! Starts a replica's process: its arguments, its surroundings, its output.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::configuration::{Liveness, Runtime};
use domain::first_answers::{self, RequestedModel};
use domain::model::Packing;
use domain::replica::{Address, Process};
use tokio::process::{Child, Command};

use super::paths::Paths;
use super::ports::Ports;
use super::tracked::{LocalSettings, Shared};
use super::words::{WORDS_ON_STANDARD_INPUT, Words};
use super::{environments, process};
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
    "PYENV_ROOT",
    "XDG_DATA_HOME",
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
    let mut words = Words::default();
    words.args(["--deployment", launch.name.as_str(), "--revision", &launch.revision.to_string()]);
    words.give("control", paths.control(id));
    words.give("server-lock", &paths.server_lock);
    words.give("log", logs.path(&launch.deployment, id));
    words.args(["--orphan-seconds", &settings.orphan_seconds.to_string()]);
    words.args(["--max-body-bytes", &settings.max_body_bytes.to_string()]);
    words.args(["--scoring-timeout-ms", &launch.configuration.scoring_timeout_ms.to_string()]);
    // When it is told to end by somebody else than its server, what it has may take as long as ever.
    let drain_seconds = launch.configuration.drain_limit_ms().div_ceil(1_000);
    words.args(["--drain-seconds", &drain_seconds.to_string()]);
    words.give("user-config", launch.configuration.user_config.to_string());
    if let Some(file) = &launch.model {
        package(&mut words, paths, file, &(settings.artifact_path)(&file.digest));
    }
    ask_first(&mut words, paths, launch)?;
    words.args(told);
    let address = runtime(&mut words, settings, paths, ports, launch)?;
    let mut command = Command::new(&settings.program);
    // What a server needs to find it again. Every user of the machine sees a command line, so the rest is not on it.
    command.args(["replica", "--id", id.as_str(), "--instance", &paths.instance, WORDS_ON_STANDARD_INPUT]);
    command.env_clear();
    command.envs(PASSED_ON.iter().filter_map(|name| Some((name, set(name)?))));
    command.envs(quiet(launch.configuration.runtime).iter().copied());
    command.envs(&launch.configuration.env);
    if python(launch) {
        command.envs(for_installer());
    }
    // Also when it is empty: a replica that was given none must not find any.
    command.env("CUDA_VISIBLE_DEVICES", numbers(&launch.gpus, settings.first_gpu));
    command.stdin(words.sheet().map_err(TargetError::Spawn)?).stdout(log).stderr(errors).process_group(0);
    let mut child = command.spawn().map_err(TargetError::Spawn)?;
    let Some(process) = child.id().and_then(process::identify) else {
        // Without a start time it could never be told from a stranger.
        let _ = child.start_kill();
        return Err(TargetError::Spawn(std::io::Error::other("its start time cannot be read")));
    };
    Ok(Spawned { child, process, address })
}

/// Says what the replica is asked before it gets requests. In a file, because it may be long, and others see arguments.
fn ask_first(words: &mut Words, paths: &Paths, launch: &Launch) -> Result<(), TargetError> {
    let asked = launch.model.as_ref().map(|file| RequestedModel {
        model: &file.model,
        kind: file.kind,
        signature: &file.signature,
        custom: file.custom.as_ref(),
    });
    let Some(request) = first_answers::request(&launch.configuration, asked) else { return Ok(()) };
    let path = paths.sample(&launch.replica);
    let refused = |source| TargetError::System { what: "the sample request cannot be written".to_owned(), source };
    let text = serde_json::to_vec(&request).map_err(|error| refused(error.into()))?;
    let file = File::options().create(true).write(true).truncate(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(&text)).map_err(refused)?;
    words.give("sample", path);
    Ok(())
}

/// The part of the arguments that says what is run.
fn package(words: &mut Words, paths: &Paths, file: &ModelFile, artifact: &Path) {
    words.args(["--model", &file.model.to_string(), "--kind", file.kind.as_str()]);
    if let Some(url) = &file.url {
        words.give("url", url);
    }
    if file.packing != Packing::Nothing {
        words.args(["--digest", file.digest.as_str(), "--packing", file.packing.as_str()]);
        words.give("artifact", artifact);
        words.give("unpacked", &paths.unpacked);
        words.give("entry", &file.entry);
    }
}

/// True when the replica needs a Python environment.
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

/// Variables that keep a program chosen by the project itself from writing a line for every request, from telling
/// others that it is used, and from looking for programs that it does not need.
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

/// The part of the arguments that depends on what runs the model, and where it will answer.
fn runtime(
    words: &mut Words,
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
            words.args(["--runtime", "onnx", "--threads", &threads.to_string()]);
            words.give("socket", &socket);
            if let Some(library) = &settings.onnxruntime {
                words.give("onnxruntime", library);
            }
            Ok(Address::Unix(socket))
        }
        Runtime::External => {
            let socket = paths.socket(&launch.replica);
            let Liveness { period_seconds, timeout_seconds, .. } = configuration.liveness;
            words.args(["--runtime", "external", "--period-seconds", &period_seconds.to_string()]);
            words.args(["--timeout-seconds", &timeout_seconds.to_string()]);
            words.give("socket", &socket);
            Ok(Address::Unix(socket))
        }
        Runtime::Command | Runtime::Mlflow | Runtime::Trees | Runtime::Custom => {
            words.args(["--runtime", configuration.runtime.as_str()]);
            // The program of the trees runtime only computes, and the replica answers for it.
            let address = if configuration.runtime == Runtime::Trees {
                let socket = paths.socket(&launch.replica);
                words.give("socket", &socket);
                Address::Unix(socket)
            } else {
                let port = ports.give(&launch.replica).map_err(TargetError::Spawn)?;
                words.args(["--port", &port.to_string()]);
                Address::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            };
            let custom = launch.model.as_ref().and_then(|file| file.custom.as_ref());
            words.give("health-path", configuration.serving_routes(custom).health);
            let threads = configuration.resources.cpu.ceil().clamp(1.0, 256.0);
            words.args(["--threads", &threads.to_string()]);
            let own = paths.make_work(&launch.replica)?;
            words.give("own-folder", &own);
            let folder = configuration.environment.working_directory.as_ref().map(PathBuf::from);
            words.give("working-directory", folder.unwrap_or(own));
            if python(launch) {
                words.give("environments", &paths.environments);
                let asked = configuration.environment.python.as_ref().map(environments::requirements);
                asked.iter().flatten().for_each(|line| words.give("requirement", line));
                let own = custom.into_iter().flat_map(|custom| &custom.requirements);
                own.for_each(|line| words.give("package-requirement", line));
            }
            if let Some(route) = &configuration.routes.reconfigure {
                words.give("reconfigure-path", route);
            }
            let program = match configuration.runtime {
                Runtime::Command => configuration.command.as_ref(),
                Runtime::Custom => custom.map(|custom| &custom.command),
                _ => None,
            };
            words.args(["--"]).args(program.into_iter().flatten());
            Ok(address)
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
        let name = name.into_string().ok().filter(|name| named(name) && !value.is_empty())?;
        Some((format!("CHANGEOVER_INSTALLER_{name}"), value))
    })
}

/// A variable of the server; one that is empty is not set.
fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The numbers that GPUs of a target have on the machine.
fn numbers(gpus: &[u32], first: u32) -> String {
    gpus.iter().map(|gpu| (first + gpu).to_string()).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use domain::model::PackageKind;

    use super::*;

    #[test]
    fn what_people_have_named_may_begin_with_a_dash() {
        let file = ModelFile {
            model: "own@1".parse().unwrap(),
            digest: "a".repeat(64).parse().unwrap(),
            kind: PackageKind::Custom,
            packing: Packing::Tar,
            entry: "-b=c/--x".to_owned(),
            signature: domain::model::Signature::default(),
            custom: None,
            url: None,
        };
        let mut words = Words::default();
        words.args(["--deployment", "own", "--revision", "1"]);
        words.give("control", "-control");
        words.give("user-config", "-1");
        package(&mut words, &Paths::new(Path::new("/data")), &file, Path::new("-artifact"));
        let args = words.read();
        assert_eq!((args.entry, args.artifact), (file.entry, Some("-artifact".into())));
        assert_eq!((args.control, args.user_config.as_str()), (PathBuf::from("-control"), "-1"));
    }
}
