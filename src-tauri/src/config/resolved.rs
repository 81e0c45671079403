//! Settings that hold: every value decided, and checked against the others.

use std::collections::BTreeMap;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use domain::id::TargetName;
use domain::resources::Capacity;
use domain::wire::SettingsView;

use super::mail::MailSettings;
use super::raw::{TargetArgs, TargetKind};
use super::told::told;
use super::{Bounded, ConfigError, DataDir, HostAndPort, LogLevel, Network, OidcSettings, PublicUrl, ServeArgs};

/// The settings that the server is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serve {
    /// The data directory, with everything that the server keeps.
    pub data: DataDir,
    /// Address of the API. Default `127.0.0.1:7070`; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Host names besides the address's own at which the API may be asked for, that of `public_url` among them.
    pub host_names: Vec<String>,
    /// The URL at which people reach the API and the interface; none: the address of `listen`.
    pub public_url: Option<PublicUrl>,
    /// The URL at which callers reach the gateway; none: the address of the gateway's `listen`.
    pub public_gateway: Option<PublicUrl>,
    /// The gateway's settings.
    pub gateway: GatewaySettings,
    /// Largest model file in bytes. Default 2 GiB.
    pub max_model_bytes: u64,
    /// The ONNX Runtime library; none when there is none near the program, and then no ONNX model can be run.
    pub onnxruntime: Option<PathBuf>,
    /// Seconds for which replicas wait to be adopted after their server has gone. Default 600, at most 86,400.
    pub orphan_seconds: u64,
    /// The time for finishing requests when the server ends.
    pub shutdown: ShutdownSettings,
    /// The part of this machine that replicas of the target `local` may be given, where that was said.
    pub capacity: CapacitySettings,
    /// The targets beside `local`, by name.
    pub targets: BTreeMap<TargetName, TargetSettings>,
    /// The mail server that notices are sent by; none: no mail is sent.
    pub mail: Option<MailSettings>,
    /// Receivers of webhooks that may have any address. None by default.
    pub webhook_allow: Vec<HostAndPort>,
    /// The identity provider, where one is configured.
    pub oidc: Option<OidcSettings>,
    /// Networks of proxies whose word on who asks is taken. None by default.
    pub trusted_proxies: Vec<Network>,
    /// The server's own token lets nobody in. Default false.
    pub no_local_token: bool,
    /// The least severity that is logged. Default `info`.
    pub log_level: LogLevel,
    /// All of this as an administrator is told of it.
    pub told: SettingsView,
}

/// The settings that the gateway is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySettings {
    /// The address at which models answer. Default `127.0.0.1:7080`; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Worker threads, 1 to 256; none: the gateway's own choice for this machine.
    pub threads: Option<usize>,
    /// Client connections open at once. Default 10,000, 1 to 1,000,000.
    pub max_connections: usize,
    /// Requests of one deployment that may wait for a replica. Default 1,000, at most 1,000,000.
    pub max_queue_len: usize,
    /// Longest request body in bytes. Default 64 MiB.
    pub max_body_bytes: u64,
}

/// The time between the request to end and the server's end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShutdownSettings {
    /// Seconds in which requests may finish, at most 86,400; none: as long as the longest drain of a deployment.
    pub drain_seconds: Option<u64>,
    /// Seconds before that in which `/readyz` answers 503 and requests are still taken. Default 0, at most 3,600.
    pub notice_seconds: u64,
}

/// The part of a machine that replicas may be given; a number that is not set is as the machine has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CapacitySettings {
    /// Thousandths of a core, above 0.
    pub cpu_milli: Option<u64>,
    /// Megabytes (1,000 to the gigabyte), above 0.
    pub memory_mb: Option<u64>,
    /// GPUs, numbered from 0; at most 1,024.
    pub gpus: Option<u32>,
}

/// A target beside `local`: processes on this machine that share a capacity of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetSettings {
    /// The capacity that the target's replicas share.
    pub capacity: Capacity,
    /// The number that the first of the target's GPUs has on the machine.
    pub first_gpu: u32,
}

impl From<TargetArgs> for TargetSettings {
    fn from(args: TargetArgs) -> Self {
        let TargetArgs { kind: TargetKind::Local, capacity_cpu, capacity_memory_gb, capacity_gpus, first_gpu } = args;
        let count = |given: Option<Bounded<0, 1_024>>| given.and_then(|n| u32::try_from(n.get()).ok()).unwrap_or(0);
        let capacity = Capacity {
            cpu_milli: capacity_cpu.thousandths(),
            memory_mb: capacity_memory_gb.thousandths(),
            gpus: count(capacity_gpus),
        };
        Self { capacity, first_gpu: count(first_gpu) }
    }
}

impl ServeArgs {
    /// Adds the settings file of `data` and the defaults, and checks the whole.
    ///
    /// # Errors
    /// The file cannot be used, an address lets other machines in without `--allow-remote`, or the
    /// named library is not there.
    pub fn resolve(self, data: DataDir) -> Result<Serve, ConfigError> {
        let program = std::env::current_exe().ok();
        self.resolve_beside(data, program.as_deref().and_then(Path::parent))
    }

    /// As [`Self::resolve`], with the folder in which the program lies.
    pub(super) fn resolve_beside(self, data: DataDir, program: Option<&Path>) -> Result<Serve, ConfigError> {
        let file = Self::from_file(&data)?;
        let told = told(&self, &file, &data.settings());
        let raw = self.or(file);
        let remote = raw.allow_remote.unwrap_or(false);
        let address = |setting, given: Option<SocketAddr>, port| {
            let address = given.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            if address.ip().is_loopback() || remote {
                Ok(address)
            } else {
                Err(ConfigError::Remote { setting, address })
            }
        };
        let listen = address("--listen", raw.listen, 7070)?;
        let gateway = address("--gateway", raw.gateway, 7080)?;
        if listen == gateway && listen.port() != 0 {
            return Err(ConfigError::SameAddress(listen));
        }
        let targets = raw.targets.unwrap_or_default();
        if targets.contains_key(&TargetName::default()) {
            return Err(ConfigError::LocalTarget);
        }
        let mail = raw.mail.map(|mail| mail.resolve(&data)).transpose()?;
        let oidc = raw.oidc.map(|oidc| oidc.resolve(data.path())).transpose()?;
        if oidc.is_some() && raw.public_url.is_none() && listen.ip().is_unspecified() {
            return Err(ConfigError::NoWayBack(listen));
        }
        let count = |given: Option<u64>, default| given.map_or(default, |n| usize::try_from(n).unwrap_or(usize::MAX));
        Ok(Serve {
            data,
            listen,
            host_names: raw
                .host_name
                .unwrap_or_default()
                .into_iter()
                .chain(raw.public_url.as_ref().map(PublicUrl::host))
                .collect(),
            public_url: raw.public_url,
            public_gateway: raw.public_gateway,
            gateway: GatewaySettings {
                listen: gateway,
                threads: raw.gateway_threads.map(|n| count(Some(n.get()), 1)),
                max_connections: count(raw.gateway_max_connections.map(|n| n.get()), 10_000),
                max_queue_len: count(raw.gateway_max_queue.map(|n| n.get()), 1_000),
                max_body_bytes: raw.gateway_max_body.map_or(64 << 20, |size| size.get()),
            },
            max_model_bytes: raw.max_model.map_or(2 << 30, |size| size.get()),
            onnxruntime: match raw.onnxruntime {
                Some(named) => Some(library_at(named)?),
                None => program.and_then(library_near),
            },
            orphan_seconds: raw.orphan_seconds.map_or(600, |seconds| seconds.get()),
            shutdown: ShutdownSettings {
                drain_seconds: raw.shutdown_seconds.map(|seconds| seconds.get()),
                notice_seconds: raw.shutdown_notice_seconds.map_or(0, |seconds| seconds.get()),
            },
            capacity: CapacitySettings {
                cpu_milli: raw.capacity_cpu.map(|cores| cores.thousandths()),
                memory_mb: raw.capacity_memory_gb.map(|gb| gb.thousandths()),
                gpus: raw.capacity_gpus.and_then(|n| u32::try_from(n.get()).ok()),
            },
            targets: targets.into_iter().map(|(name, args)| (name, args.into())).collect(),
            mail,
            webhook_allow: raw.webhook_allow.unwrap_or_default(),
            oidc,
            trusted_proxies: raw.trusted_proxies.unwrap_or_default(),
            no_local_token: raw.no_local_token.unwrap_or(false),
            log_level: raw.log_level.unwrap_or_default(),
            told,
        })
    }
}

/// Replicas run in other folders, so the path must not depend on this one.
fn library_at(named: PathBuf) -> Result<PathBuf, ConfigError> {
    match named.canonicalize() {
        Ok(path) if path.is_file() => Ok(path),
        _ => Err(ConfigError::NoLibrary(named)),
    }
}

fn library_near(program: &Path) -> Option<PathBuf> {
    let library = format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}");
    ["", "../lib", "../onnxruntime"]
        .iter()
        .filter_map(|folder| program.join(folder).join(&library).canonicalize().ok())
        .find(|path| path.is_file())
}
