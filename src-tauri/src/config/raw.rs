//! Settings as they were written: one struct for flags and environment (clap) and for the file (serde).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::id::TargetName;
use serde::Deserialize;

use super::data::read_if_there;
use super::mail::MailArgs;
use super::oidc::OidcArgs;
use super::values::{Bounded, ByteSize, Decimal, HostAndPort, LogLevel, Network, PublicUrl};
use super::{ConfigError, DataDir};

/// The settings of `changeover serve`. What is not set here comes from `DIR/changeover.toml`, else the default holds.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServeArgs {
    /// Address of the API and the web interface [default: 127.0.0.1:7070]
    #[arg(long, value_name = "ADDRESS", env = "CHANGEOVER_LISTEN", hide_env = true)]
    pub listen: Option<SocketAddr>,
    /// A further host name at which the API may be asked for, with or without a port; may be repeated
    #[arg(
        long = "host-name",
        value_name = "NAME",
        env = "CHANGEOVER_HOST_NAME",
        hide_env = true,
        value_delimiter = ','
    )]
    pub host_name: Option<Vec<String>>,
    /// Where people reach the API and the web interface through a proxy; its host name is taken too [default: --listen]
    #[arg(long, value_name = "URL", env = "CHANGEOVER_PUBLIC_URL", hide_env = true)]
    pub public_url: Option<PublicUrl>,
    /// Where callers reach the gateway through a proxy, shown as the deployments' URLs [default: --gateway]
    #[arg(long, value_name = "URL", env = "CHANGEOVER_PUBLIC_GATEWAY", hide_env = true)]
    pub public_gateway: Option<PublicUrl>,
    /// Address of the gateway, where models answer [default: 127.0.0.1:7080]
    #[arg(long, value_name = "ADDRESS", env = "CHANGEOVER_GATEWAY", hide_env = true)]
    pub gateway: Option<SocketAddr>,
    /// Worker threads of the gateway [default: half of the processors, 1 to 4]
    #[arg(long, value_name = "N", env = "CHANGEOVER_GATEWAY_THREADS", hide_env = true)]
    pub gateway_threads: Option<Bounded<1, 256>>,
    /// Most client connections at the gateway [default: 10000]
    #[arg(long, value_name = "N", env = "CHANGEOVER_GATEWAY_MAX_CONNECTIONS", hide_env = true)]
    pub gateway_max_connections: Option<Bounded<1, 1_000_000>>,
    /// Most requests of one deployment that wait for a replica [default: 1000]
    #[arg(long, value_name = "N", env = "CHANGEOVER_GATEWAY_MAX_QUEUE", hide_env = true)]
    pub gateway_max_queue: Option<Bounded<0, 1_000_000>>,
    /// Largest body of an inference request [default: 64MiB]
    #[arg(long, value_name = "SIZE", env = "CHANGEOVER_GATEWAY_MAX_BODY", hide_env = true)]
    pub gateway_max_body: Option<ByteSize>,
    /// Largest model file [default: 2GiB]
    #[arg(long, value_name = "SIZE", env = "CHANGEOVER_MAX_MODEL", hide_env = true)]
    pub max_model: Option<ByteSize>,
    /// The ONNX Runtime library [default: libonnxruntime.so near this program]
    #[arg(long, value_name = "PATH", env = "CHANGEOVER_ONNXRUNTIME", hide_env = true)]
    pub onnxruntime: Option<PathBuf>,
    /// How long replicas wait for a server after theirs has gone [default: 600]
    #[arg(long, value_name = "SECONDS", env = "CHANGEOVER_ORPHAN_SECONDS", hide_env = true)]
    pub orphan_seconds: Option<Bounded<0, 86_400>>,
    /// How long requests may take to finish when the server is told to end [default: the longest drain of a deployment]
    #[arg(long, value_name = "SECONDS", env = "CHANGEOVER_SHUTDOWN_SECONDS", hide_env = true)]
    pub shutdown_seconds: Option<Bounded<0, 86_400>>,
    /// How long /readyz answers 503 before that, while requests are still taken [default: 0]
    #[arg(long, value_name = "SECONDS", env = "CHANGEOVER_SHUTDOWN_NOTICE_SECONDS", hide_env = true)]
    pub shutdown_notice_seconds: Option<Bounded<0, 3_600>>,
    /// Cores that replicas may be given, fractions allowed [default: those of this machine]
    #[arg(long, value_name = "CORES", env = "CHANGEOVER_CAPACITY_CPU", hide_env = true)]
    pub capacity_cpu: Option<Decimal>,
    /// Memory that replicas may be given, in GB of 1,000,000,000 bytes [default: that of this machine]
    #[arg(long, value_name = "GB", env = "CHANGEOVER_CAPACITY_MEMORY_GB", hide_env = true)]
    pub capacity_memory_gb: Option<Decimal>,
    /// GPUs that replicas may be given, numbered from 0 [default: those of this machine]
    #[arg(long, value_name = "N", env = "CHANGEOVER_CAPACITY_GPUS", hide_env = true)]
    pub capacity_gpus: Option<Bounded<0, 1_024>>,
    /// Targets beside `local`, by name. Only in the file.
    #[arg(skip)]
    pub targets: Option<BTreeMap<TargetName, TargetArgs>>,
    /// The mail server that notices are sent by. Only in the file.
    #[arg(skip)]
    pub mail: Option<MailArgs>,
    /// Receivers of webhooks, as HOST:PORT, that need no address which everybody can reach, and no encryption. Only in the
    /// file.
    #[arg(skip)]
    pub webhook_allow: Option<Vec<HostAndPort>>,
    /// The identity provider. Only in the file.
    #[arg(skip)]
    pub oidc: Option<OidcArgs>,
    /// A proxy, or a network of them (ADDRESS/BITS), whose X-Forwarded-For says who asks; may be repeated
    #[arg(
        long = "trusted-proxies",
        value_name = "NETWORK",
        env = "CHANGEOVER_TRUSTED_PROXIES",
        hide_env = true,
        value_delimiter = ','
    )]
    pub trusted_proxies: Option<Vec<Network>>,
    /// Let nobody in by the server's own token, once another administrator has a password
    #[arg(long, value_name = "BOOL", env = "CHANGEOVER_NO_LOCAL_TOKEN", hide_env = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub no_local_token: Option<bool>,
    /// How much is logged [default: info]
    #[arg(long, value_name = "LEVEL", env = "CHANGEOVER_LOG_LEVEL", hide_env = true)]
    pub log_level: Option<LogLevel>,
    /// Allow addresses that other machines reach; nothing is encrypted
    #[arg(long, value_name = "BOOL", env = "CHANGEOVER_ALLOW_REMOTE", hide_env = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub allow_remote: Option<bool>,
}

/// A table `[targets.NAME]` of the file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetArgs {
    /// The kind of place in which the target's replicas run.
    pub kind: TargetKind,
    /// Cores that the target's replicas may be given, fractions allowed.
    pub capacity_cpu: Decimal,
    /// Memory that the target's replicas may be given, in GB of 1,000,000,000 bytes.
    pub capacity_memory_gb: Decimal,
    /// GPUs that the target's replicas may be given; none without it.
    pub capacity_gpus: Option<Bounded<0, 1_024>>,
    /// The number that the first of these GPUs has on the machine; 0 without it.
    pub first_gpu: Option<Bounded<0, 1_024>>,
}

/// Kinds of targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// Processes on this machine.
    Local,
}

impl ServeArgs {
    /// The settings of `self`, completed by those of `later`.
    pub(super) fn or(self, later: Self) -> Self {
        Self {
            listen: self.listen.or(later.listen),
            host_name: self.host_name.or(later.host_name),
            public_url: self.public_url.or(later.public_url),
            public_gateway: self.public_gateway.or(later.public_gateway),
            gateway: self.gateway.or(later.gateway),
            gateway_threads: self.gateway_threads.or(later.gateway_threads),
            gateway_max_connections: self.gateway_max_connections.or(later.gateway_max_connections),
            gateway_max_queue: self.gateway_max_queue.or(later.gateway_max_queue),
            gateway_max_body: self.gateway_max_body.or(later.gateway_max_body),
            max_model: self.max_model.or(later.max_model),
            onnxruntime: self.onnxruntime.or(later.onnxruntime),
            orphan_seconds: self.orphan_seconds.or(later.orphan_seconds),
            shutdown_seconds: self.shutdown_seconds.or(later.shutdown_seconds),
            shutdown_notice_seconds: self.shutdown_notice_seconds.or(later.shutdown_notice_seconds),
            capacity_cpu: self.capacity_cpu.or(later.capacity_cpu),
            capacity_memory_gb: self.capacity_memory_gb.or(later.capacity_memory_gb),
            capacity_gpus: self.capacity_gpus.or(later.capacity_gpus),
            targets: self.targets.or(later.targets),
            mail: self.mail.or(later.mail),
            webhook_allow: self.webhook_allow.or(later.webhook_allow),
            oidc: self.oidc.or(later.oidc),
            trusted_proxies: self.trusted_proxies.or(later.trusted_proxies),
            no_local_token: self.no_local_token.or(later.no_local_token),
            log_level: self.log_level.or(later.log_level),
            allow_remote: self.allow_remote.or(later.allow_remote),
        }
    }

    /// The settings in the file of `data`; none of them when there is no file.
    pub(super) fn from_file(data: &DataDir) -> Result<Self, ConfigError> {
        let path = data.settings();
        let Some(text) = read_if_there(&path)? else { return Ok(Self::default()) };
        let mut settings: Self = toml::from_str(&text)
            .map_err(|error| ConfigError::File { path, problem: error.to_string().trim_end().to_owned() })?;
        settings.onnxruntime = settings.onnxruntime.map(|library| beside(data.path(), library));
        Ok(settings)
    }
}

/// A relative path in the file is meant from the file's folder, wherever the server was started.
fn beside(folder: &Path, path: PathBuf) -> PathBuf {
    folder.join(path)
}
