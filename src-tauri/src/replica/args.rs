//! The arguments of `changeover replica`.

use std::path::PathBuf;
use std::time::Duration;

use domain::id::{DeploymentName, Digest, ModelRef, ReplicaId, RevisionNumber};

/// What a replica runs its model with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Runtime {
    /// The built-in server for ONNX files.
    Onnx,
    /// A program that listens on a port of its own.
    Command,
}

/// Runs one replica: a model server for one model, started and watched by `changeover serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct ReplicaArgs {
    /// Id of this replica.
    #[arg(long)]
    pub id: ReplicaId,
    /// Deployment that it belongs to.
    #[arg(long)]
    pub deployment: DeploymentName,
    /// Revision that it runs.
    #[arg(long)]
    pub revision: RevisionNumber,
    /// Names the data directory whose server owns this replica.
    #[arg(long)]
    pub instance: String,
    /// Unix socket for identity and health; made with mode 0600.
    #[arg(long, value_name = "PATH")]
    pub control: PathBuf,
    /// Unix socket for inference; made with mode 0600. Only the onnx runtime uses it.
    #[arg(long, value_name = "PATH", required_if_eq("runtime", "onnx"))]
    pub socket: Option<PathBuf>,
    /// Model and version that it serves; a command may do without.
    #[arg(long, value_name = "NAME@VERSION", required_if_eq("runtime", "onnx"))]
    pub model: Option<ModelRef>,
    /// File of the model.
    #[arg(long, value_name = "PATH", required_if_eq("runtime", "onnx"), requires = "digest")]
    pub artifact: Option<PathBuf>,
    /// SHA-256 of that file; another content is refused.
    #[arg(long, value_name = "HEX")]
    pub digest: Option<Digest>,
    /// What runs the model.
    #[arg(long, value_enum, default_value = "onnx")]
    pub runtime: Runtime,
    /// The ONNX Runtime library, `libonnxruntime.so`.
    #[arg(long, value_name = "PATH", env = "CHANGEOVER_ONNXRUNTIME")]
    pub onnxruntime: Option<PathBuf>,
    /// Any JSON; a command finds it in `CHANGEOVER_USER_CONFIG`, the onnx runtime knows `threshold`, `labels` and
    /// `batch_limit`.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub user_config: String,
    /// Threads that one inference may use.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
    /// Largest request body in bytes.
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    pub max_body_bytes: usize,
    /// An inference that runs longer is stopped: nobody waits for its answer any more.
    #[arg(long, value_name = "MS", default_value_t = 60_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub scoring_timeout_ms: u64,
    /// After SIGTERM, how long running requests may take to finish.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub drain_seconds: u64,
    /// File that the owning server keeps locked while it lives.
    #[arg(long, value_name = "PATH")]
    pub server_lock: Option<PathBuf>,
    /// How long this replica waits for a server to adopt it once nobody holds the lock.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub orphan_seconds: u64,
    /// Port on 127.0.0.1 that the program listens on.
    #[arg(long, value_name = "PORT", required_if_eq("runtime", "command"), value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// Route of the program that answers 200 when it is ready.
    #[arg(long, value_name = "PATH", default_value = "/v2/health/ready")]
    pub health_path: String,
    /// Route of the program that takes a new `user_config`.
    #[arg(long, value_name = "PATH")]
    pub reconfigure_path: Option<String>,
    /// Folder that Python environments are built in; the program gets one of its own, as `{env}` and on its PATH.
    #[arg(long, value_name = "PATH")]
    pub environments: Option<PathBuf>,
    /// A line of that environment's requirements; may be repeated.
    #[arg(long, value_name = "REQUIREMENT", requires = "environments")]
    pub requirement: Vec<String>,
    /// Folder that the program starts in; without it, that of this process.
    #[arg(long, value_name = "PATH")]
    pub working_directory: Option<PathBuf>,
    /// Control group that it enters before it loads anything.
    #[arg(long, value_name = "PATH")]
    pub cgroup: Option<PathBuf>,
    /// Most memory of each of its processes, where no control group limits it.
    #[arg(long, value_name = "BYTES")]
    pub memory_limit: Option<u64>,
    /// A sentence about a limit that nothing enforces; may be repeated.
    #[arg(long, value_name = "SENTENCE")]
    pub not_enforced: Vec<String>,
    /// The program and its arguments; `{port}`, `{model}` and `{env}` are filled in.
    #[arg(last = true, value_name = "PROGRAM", required_if_eq("runtime", "command"))]
    pub program: Vec<String>,
}

impl ReplicaArgs {
    /// How long running requests may take to finish after SIGTERM.
    pub(super) fn drain(&self) -> Duration {
        Duration::from_secs(self.drain_seconds)
    }
}
