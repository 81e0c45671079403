//! The work of one replica process, made of its arguments once: each kind with what it needs, and nothing else.

use std::path::PathBuf;
use std::time::Duration;

use domain::id::{DeploymentName, Digest, ModelRef, ReplicaId};
use domain::model::{PackageKind, Packing};
use domain::runtime::Runtime;

use super::ReplicaError;
use super::args::ReplicaArgs;

/// The replica that this process runs, whatever its work is.
#[derive(Clone, Debug)]
pub(super) struct ThisReplica {
    pub(super) id: ReplicaId,
    /// The deployment that it belongs to.
    pub(super) deployment: DeploymentName,
    /// The `user_config` that it starts with, as JSON.
    pub(super) user_config: String,
    /// The time that running requests may take to finish after SIGTERM.
    pub(super) drain: Duration,
    /// The time that one inference may take.
    pub(super) patience: Duration,
    pub(super) confinement: Confinement,
}

/// The limits that a replica is held to.
#[derive(Clone, Debug)]
pub(super) struct Confinement {
    /// Control group that it enters before it loads anything.
    pub(super) cgroup: Option<PathBuf>,
    /// Most memory of each of its processes in bytes, where no control group limits it.
    pub(super) memory_limit: Option<u64>,
}

/// The work of a replica.
#[derive(Debug)]
pub(super) enum Work {
    /// Serves an ONNX file.
    Onnx(OnnxWork),
    /// Serves a file of LightGBM or XGBoost, which a program computes with.
    Trees(TreesWork),
    /// Runs a program that listens on a port of its own.
    Program(ProgramWork),
    /// Watches a model that runs elsewhere.
    External(ExternalWork),
}

/// A model that this process itself answers for.
#[derive(Clone, Debug)]
pub(super) struct ServedHere {
    /// Unix socket for inference.
    pub(super) socket: PathBuf,
    /// Name and version of the model.
    pub(super) name: ModelRef,
    /// Largest request body.
    pub(super) max_body_bytes: usize,
}

/// The file of a model, as it was registered.
#[derive(Clone, Debug)]
pub(super) struct RegisteredFile {
    /// The file itself, or the archive that the model came in.
    pub(super) path: PathBuf,
    /// SHA-256 of that file.
    pub(super) digest: Digest,
    /// The place of the model, where the file is an archive.
    pub(super) archive: Option<Archived>,
}

/// The place of a model that came in an archive.
#[derive(Clone, Debug)]
pub(super) struct Archived {
    /// Folder that archives are unpacked in, each into one of its own.
    pub(super) unpacked: PathBuf,
    /// Path of the model inside the archive.
    pub(super) entry: String,
}

/// Serves an ONNX file.
#[derive(Debug)]
pub(super) struct OnnxWork {
    pub(super) served: ServedHere,
    pub(super) file: RegisteredFile,
    /// The ONNX Runtime library.
    pub(super) library: Option<PathBuf>,
    /// Threads that one inference may use.
    pub(super) threads: u16,
}

/// The surroundings of a program.
#[derive(Clone, Debug)]
pub(super) struct Surroundings {
    /// Folder that Python environments are built in, where the program gets one.
    pub(super) environments: Option<PathBuf>,
    /// Configured lines of that environment's requirements.
    pub(super) requirements: Vec<String>,
    /// Folder that the program starts in; without it, that of this process.
    pub(super) working_directory: Option<PathBuf>,
}

/// Serves a file of LightGBM or XGBoost.
#[derive(Debug)]
pub(super) struct TreesWork {
    pub(super) served: ServedHere,
    pub(super) file: RegisteredFile,
    /// The library that wrote the file.
    pub(super) kind: PackageKind,
    /// Threads that one inference may use.
    pub(super) threads: u16,
    /// Folder of this replica alone.
    pub(super) own_folder: PathBuf,
    pub(super) surroundings: Surroundings,
}

/// Runs a program that listens on a port of its own.
#[derive(Debug)]
pub(super) struct ProgramWork {
    pub(super) program: ChosenProgram,
    /// Model and version that it serves, if it serves one of the registry.
    pub(super) model: Option<ModelRef>,
    /// Port on 127.0.0.1.
    pub(super) port: u16,
    /// Route that answers 200 when it is ready.
    pub(super) health_path: String,
    /// Route that takes a new `user_config`.
    pub(super) reconfigure_path: Option<String>,
    pub(super) surroundings: Surroundings,
}

/// A program, by who has chosen it.
#[derive(Debug)]
pub(super) enum ChosenProgram {
    /// The configuration.
    Command { words: Vec<String>, file: Option<RegisteredFile> },
    /// The package, with the lines of requirements that it brings along.
    Custom { words: Vec<String>, file: Option<RegisteredFile>, requirements: Vec<String> },
    /// MLflow's own scoring server, for a model directory.
    Mlflow { file: RegisteredFile, own_folder: Option<PathBuf> },
}

/// Watches a model that runs elsewhere.
#[derive(Debug)]
pub(super) struct ExternalWork {
    /// Unix socket whose answer says where the model is.
    pub(super) socket: PathBuf,
    /// The URL at which the model answers.
    pub(super) url: String,
    /// The time between two looks.
    pub(super) period: Duration,
    /// The time that an answer may take.
    pub(super) timeout: Duration,
}

impl ThisReplica {
    /// The replica with these arguments.
    pub(super) fn of(args: &ReplicaArgs) -> Self {
        Self {
            id: args.id.clone(),
            deployment: args.deployment.clone(),
            user_config: args.user_config.clone(),
            drain: Duration::from_secs(args.drain_seconds),
            patience: Duration::from_millis(args.scoring_timeout_ms),
            confinement: Confinement { cgroup: args.cgroup.clone(), memory_limit: args.memory_limit },
        }
    }
}

impl Work {
    /// The work that these arguments ask for.
    ///
    /// # Errors
    /// [`ReplicaError::Missing`].
    pub(super) fn of(args: ReplicaArgs) -> Result<Self, ReplicaError> {
        let runtime = args.runtime;
        let needs = Needs(runtime.as_str());
        let archived = matches!(args.packing, Packing::Zip | Packing::Tar | Packing::TarGz);
        let file = match args.artifact.zip(args.digest) {
            Some((path, digest)) if archived => {
                let unpacked = needs.given(args.unpacked, "--unpacked")?;
                Some(RegisteredFile { path, digest, archive: Some(Archived { unpacked, entry: args.entry }) })
            }
            file => file.map(|(path, digest)| RegisteredFile { path, digest, archive: None }),
        };
        let surroundings = Surroundings {
            environments: args.environments,
            requirements: args.requirement,
            working_directory: args.working_directory,
        };
        let served = |socket, model| {
            let (socket, name) = (needs.given(socket, "--socket")?, needs.given(model, "--model")?);
            Ok::<_, ReplicaError>(ServedHere { socket, name, max_body_bytes: args.max_body_bytes })
        };
        let program = match runtime {
            Runtime::Onnx => {
                return Ok(Self::Onnx(OnnxWork {
                    served: served(args.socket, args.model)?,
                    file: needs.given(file, "--artifact")?,
                    library: args.onnxruntime,
                    threads: args.threads,
                }));
            }
            Runtime::Trees => {
                return Ok(Self::Trees(TreesWork {
                    served: served(args.socket, args.model)?,
                    file: needs.given(file, "--artifact")?,
                    kind: args.kind,
                    threads: args.threads,
                    own_folder: needs.given(args.own_folder, "--own-folder")?,
                    surroundings,
                }));
            }
            Runtime::External => {
                return Ok(Self::External(ExternalWork {
                    socket: needs.given(args.socket, "--socket")?,
                    url: needs.given(args.url, "--url")?,
                    period: Duration::from_secs(args.period_seconds.into()),
                    timeout: Duration::from_secs(args.timeout_seconds.into()),
                }));
            }
            Runtime::Command => ChosenProgram::Command { words: args.program, file },
            Runtime::Custom => {
                ChosenProgram::Custom { words: args.program, file, requirements: args.package_requirement }
            }
            Runtime::Mlflow => {
                ChosenProgram::Mlflow { file: needs.given(file, "--artifact")?, own_folder: args.own_folder }
            }
        };
        Ok(Self::Program(ProgramWork {
            program,
            model: args.model,
            port: needs.given(args.port, "--port")?,
            health_path: args.health_path,
            reconfigure_path: args.reconfigure_path,
            surroundings,
        }))
    }
}

/// The runtime that arguments are needed for.
struct Needs(&'static str);

impl Needs {
    fn given<T>(&self, value: Option<T>, argument: &'static str) -> Result<T, ReplicaError> {
        value.ok_or(ReplicaError::Missing { runtime: self.0, argument })
    }
}
