//! The arguments of `changeover replica`.

use std::path::PathBuf;

use domain::id::{DeploymentName, Digest, ModelRef, ReplicaId, RevisionNumber};
use domain::model::{PackageKind, Packing};
use domain::runtime::Runtime;

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
    /// File that its output is kept in, with another beside it that ends in `.1`.
    #[arg(long, value_name = "PATH")]
    pub log: Option<PathBuf>,
    /// Unix socket for inference; made with mode 0600. Only the runtimes onnx, trees and external use it.
    #[arg(long, value_name = "PATH", required_if_eq_any([("runtime", "onnx"), ("runtime", "trees"), ("runtime", "external")]))]
    pub socket: Option<PathBuf>,
    /// Model and version that it serves; a command may do without.
    #[arg(long, value_name = "NAME@VERSION", required_if_eq_any([("runtime", "onnx"), ("runtime", "trees")]))]
    pub model: Option<ModelRef>,
    /// What kind of package it is.
    #[arg(long, value_name = "KIND", default_value = "onnx", value_parser = str::parse::<PackageKind>)]
    pub kind: PackageKind,
    /// File of the model, or the archive that it came in.
    #[arg(long, value_name = "PATH", required_if_eq_any([("runtime", "onnx"), ("runtime", "trees")]), requires = "digest")]
    pub artifact: Option<PathBuf>,
    /// SHA-256 of that file; another content is refused.
    #[arg(long, value_name = "HEX")]
    pub digest: Option<Digest>,
    /// How the bytes of that file are to be taken: file, zip, tar or tar_gz.
    #[arg(long, value_name = "WORD", default_value = "file", value_parser = str::parse::<Packing>)]
    pub packing: Packing,
    /// Folder that archives are unpacked in, each into one of its own.
    #[arg(long, value_name = "PATH")]
    pub unpacked: Option<PathBuf>,
    /// Path of the model inside its archive.
    #[arg(long, value_name = "PATH", default_value = "")]
    pub entry: String,
    /// Where an external model answers.
    #[arg(long, value_name = "URL", required_if_eq("runtime", "external"))]
    pub url: Option<String>,
    /// How often an external model is looked at.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    pub period_seconds: u32,
    /// How long it may take to answer.
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
    pub timeout_seconds: u32,
    /// What runs the model.
    #[arg(long, value_name = "WORD", default_value = "onnx", value_parser = str::parse::<Runtime>)]
    pub runtime: Runtime,
    /// The ONNX Runtime library, `libonnxruntime.so`.
    #[arg(long, value_name = "PATH", env = "CHANGEOVER_ONNXRUNTIME")]
    pub onnxruntime: Option<PathBuf>,
    /// Any JSON; a command finds it in `CHANGEOVER_USER_CONFIG`, the onnx runtime knows `threshold`, `labels` and
    /// `batch_limit`.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub user_config: String,
    /// File with the request that is to be answered before this replica is ready.
    #[arg(long, value_name = "PATH")]
    pub sample: Option<PathBuf>,
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
    #[arg(long, value_name = "PORT", required_if_eq_any([("runtime", "command"), ("runtime", "custom"), ("runtime", "mlflow")]), value_parser = clap::value_parser!(u16).range(1..))]
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
    /// A line that a custom package asks for itself; one that is asked for above takes its place.
    #[arg(long, value_name = "REQUIREMENT", requires = "environments")]
    pub package_requirement: Vec<String>,
    /// Folder that the program starts in; without it, that of this process.
    #[arg(long, value_name = "PATH")]
    pub working_directory: Option<PathBuf>,
    /// Folder of this replica alone, for what its runtime writes.
    #[arg(long, value_name = "PATH", required_if_eq("runtime", "trees"))]
    pub own_folder: Option<PathBuf>,
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
    #[arg(last = true, value_name = "PROGRAM", required_if_eq_any([("runtime", "command"), ("runtime", "custom")]))]
    pub program: Vec<String>,
}

#[cfg(test)]
impl ReplicaArgs {
    /// Reads a command line, the program's name first.
    pub(crate) fn of_line(
        words: impl IntoIterator<Item = impl Into<std::ffi::OsString> + Clone>,
    ) -> clap::error::Result<Self> {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            replica: ReplicaArgs,
        }
        <Line as clap::Parser>::try_parse_from(words).map(|line| line.replica)
    }
}
