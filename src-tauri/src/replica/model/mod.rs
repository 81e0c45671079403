//! A model in memory: an ONNX Runtime session and what it takes and gives.

mod datatype;
mod library;
mod limit;
mod tensor;
mod tuning;
mod zipmap;

use std::fs::File;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use domain::model::{ClassSource, Field, Signature};
use ort::environment::Environment;
use ort::session::Session;
use ort::value::{DynValue, Outlet, ValueType};

use crate::packages::onnx::{self, Beside};
pub(super) use datatype::{Data, Datatype, Element, fixed_size_datatypes};
pub use library::LibraryError;
pub(super) use limit::TimeLimit;
pub(super) use tensor::Tensor;
pub(super) use tuning::Tuning;
use zipmap::ZipMap;

/// Most elements of the made-up request that warms a model up.
const WARM_UP_ELEMENTS: i64 = 1 << 20;

/// The reason why a model cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The ONNX Runtime library cannot be used.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The runtime refuses the file.
    #[error("the model cannot be loaded: {0}")]
    Refused(String),
    /// An input or output is of a kind that the Open Inference Protocol does not know.
    #[error(
        "the model cannot be served: its {end} \"{name}\" is a {kind}, which the Open Inference Protocol cannot carry"
    )]
    NotServable {
        /// "input" or "output".
        end: &'static str,
        /// Its name.
        name: String,
        /// Its type.
        kind: String,
    },
}

/// The reason why an inference gave no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum InferError {
    /// The runtime says that the input does not fit.
    #[error("the model refused the input: {0}")]
    Refused(String),
    /// The request is larger than this deployment takes.
    #[error("the request has {rows} rows, and this deployment takes at most {limit} at once (batch_limit)")]
    TooManyRows {
        /// Its rows.
        rows: i64,
        /// The most.
        limit: i64,
    },
    /// The model failed.
    #[error("the model failed: {0}")]
    Failed(String),
    /// The time limit was reached.
    #[error("the inference was stopped after {0} ms, the scoring timeout")]
    TimedOut(u128),
}

/// An input of the model.
#[derive(Debug)]
pub(super) struct ModelInput {
    /// Its name.
    pub(super) name: String,
    /// Type of its elements.
    pub(super) datatype: Datatype,
    /// Length of each dimension, -1 for any; none when the file does not say how many there are.
    pub(super) shape: Option<Vec<i64>>,
}

/// An output of the model.
#[derive(Debug)]
pub(super) struct ModelOutput {
    /// Its name.
    pub(super) name: String,
    /// Type of its elements.
    pub(super) datatype: Datatype,
    /// Length of each dimension, -1 for any; none when the file does not say how many there are.
    pub(super) shape: Option<Vec<i64>>,
    zipmap: Option<ZipMap>,
}

/// One output of one inference.
#[derive(Debug)]
pub(super) struct InferredOutput {
    /// The values.
    pub(super) tensor: Tensor,
    /// Names of the columns, where the model answers a map from class to score.
    pub(super) class_labels: Option<Vec<String>>,
}

/// The source that a model is loaded from.
pub(super) enum Source {
    /// The content of an ONNX file.
    Content(Vec<u8>),
    /// An ONNX file in the folder of its package, perhaps with weights beside it.
    Place(PathBuf),
}

impl Source {
    /// The signature that the file states; an empty one when it cannot be read here.
    fn signature(&self) -> Signature {
        let read = match self {
            Self::Content(content) => onnx::read(&mut Cursor::new(content), content.len() as u64, Beside::Nothing).ok(),
            Self::Place(path) => path.parent().zip(File::open(path).ok()).and_then(|(folder, mut file)| {
                let size = file.metadata().ok()?.len();
                onnx::read(&mut file, size, Beside::Folder(folder)).ok()
            }),
        };
        read.unwrap_or_default()
    }
}

/// A model that can answer.
pub(super) struct LoadedModel {
    /// The inputs that a request must send, in the order of the file.
    pub(super) inputs: Vec<ModelInput>,
    /// The outputs that a response holds, in the order of the file.
    pub(super) outputs: Vec<ModelOutput>,
    /// The model's classes in their order, where the file names them.
    pub(super) classes: Option<Vec<String>>,
    session: Mutex<Session>,
    limit: Arc<TimeLimit>,
    // Dropped after the session, which needs it.
    _environment: Environment,
}

impl LoadedModel {
    /// Loads it with the library at `library`.
    pub(super) fn load(
        file: &Source,
        library: Option<&Path>,
        threads: u16,
        limit: Arc<TimeLimit>,
    ) -> Result<Self, LoadError> {
        let environment = library::open(library)?;
        let refused = |cause: &dyn std::fmt::Display| LoadError::Refused(sentence(&cause.to_string()));
        let mut builder = Session::builder(&environment)
            .map_err(|cause| refused(&cause))?
            .with_intra_threads(usize::from(threads))
            .map_err(|cause| refused(&cause))?
            .with_inter_threads(1)
            .map_err(|cause| refused(&cause))?
            // Threads that wait busily take the processor from the other replicas.
            .with_intra_op_spinning(false)
            .map_err(|cause| refused(&cause))?;
        // The binding panics on types that it does not know.
        let commit = || match file {
            Source::Content(content) => builder.commit_from_memory(content),
            // Weights in other files are found from its place.
            Source::Place(path) => builder.commit_from_file(path),
        };
        let session = library::quietly(commit)
            .map_err(|()| LoadError::Refused("it uses types that this program does not know".to_owned()))?
            .map_err(|cause| refused(&cause))?;
        let signature = file.signature();
        let inputs = session.inputs().iter().map(|outlet| input(outlet, &signature.inputs));
        let inputs = inputs.collect::<Result<_, _>>()?;
        let outputs = session.outputs().iter().map(|outlet| output(outlet, &signature.outputs));
        let outputs = outputs.collect::<Result<_, _>>()?;
        // Labels from elsewhere need not be what its label output answers.
        let classes = signature.classes.filter(|_| signature.class_source == Some(ClassSource::Graph));
        Ok(Self { inputs, outputs, classes, session: Mutex::new(session), limit, _environment: environment })
    }

    /// Answers one request; `inputs` are in the order of `self.inputs`.
    ///
    /// Requests are answered one at a time: a replica that should answer more at once uses more threads per
    /// inference, or there are more replicas.
    pub(super) fn infer(&self, inputs: Vec<Tensor>) -> Result<Vec<InferredOutput>, InferError> {
        let mut values = Vec::with_capacity(inputs.len());
        for (spec, tensor) in self.inputs.iter().zip(inputs) {
            values.push((spec.name.as_str(), tensor.into_ort().map_err(|cause| refused(&cause))?));
        }
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let running = self.limit.start().map_err(|cause| InferError::Failed(sentence(cause.message())))?;
        let outcome = session.run_with_options(values, running.options());
        if running.stopped() {
            return Err(InferError::TimedOut(self.limit.longest().as_millis()));
        }
        let mut values = outcome.map_err(|cause| match cause.code() {
            ort::ErrorCode::InvalidArgument => refused(&cause),
            _ => InferError::Failed(sentence(cause.message())),
        })?;
        self.outputs
            .iter()
            .map(|spec| {
                let value = values
                    .remove(&spec.name)
                    .ok_or_else(|| InferError::Failed(format!("it gave no output \"{}\"", spec.name)))?;
                spec.read(&value).map_err(|cause| {
                    InferError::Failed(format!("output \"{}\": {}", spec.name, sentence(cause.message())))
                })
            })
            .collect()
    }

    /// Answers a made-up request, so that the first real one does not pay for what is built on first use.
    ///
    /// Errors do not matter: a neutral value need not be one that the model accepts.
    pub(super) fn warm_up(&self) -> Result<(), InferError> {
        let made_up = |spec: &ModelInput| {
            // Of a shape that is not known a row of one is no worse a guess than any other.
            let shape = spec.shape.as_deref().unwrap_or(&[1, 1]);
            let shape: Vec<i64> = shape.iter().map(|&length| if length < 0 { 1 } else { length }).collect();
            let count = shape.iter().try_fold(1_i64, |count, &length| count.checked_mul(length))?;
            let count = usize::try_from(count).ok().filter(|_| count <= WARM_UP_ELEMENTS)?;
            Some(Tensor { shape, data: Data::neutral(spec.datatype, count) })
        };
        match self.inputs.iter().map(made_up).collect() {
            Some(inputs) => self.infer(inputs).map(drop),
            None => Ok(()),
        }
    }
}

impl ModelOutput {
    /// One that is answered as a tensor.
    pub(super) fn tensor(name: String, datatype: Datatype, shape: Vec<i64>) -> Self {
        Self { name, datatype, shape: Some(shape), zipmap: None }
    }

    fn read(&self, value: &DynValue) -> ort::Result<InferredOutput> {
        match self.zipmap {
            None => Ok(InferredOutput { tensor: Tensor::from_ort(value, self.datatype)?, class_labels: None }),
            Some(zipmap) => {
                let (tensor, labels) = zipmap.read(value)?;
                Ok(InferredOutput { tensor, class_labels: Some(labels) })
            }
        }
    }
}

fn not_servable(end: &'static str, outlet: &Outlet) -> LoadError {
    LoadError::NotServable { end, name: outlet.name().to_owned(), kind: outlet.dtype().to_string() }
}

/// Datatype and shape of a tensor; `told` is what the file says. The runtime gives a shape of no dimension both to a single
/// value and to what has no shape in the file.
fn tensor_type(outlet: &Outlet, told: &[Field]) -> Option<(Datatype, Option<Vec<i64>>)> {
    let ValueType::Tensor { ty, shape, .. } = outlet.dtype() else { return None };
    let unstated = || told.iter().any(|field| field.name == outlet.name() && field.shape.is_none());
    let shape = Some(shape.to_vec()).filter(|shape| !shape.is_empty() || !unstated());
    Some((Datatype::of_onnx(*ty)?, shape))
}

fn input(outlet: &Outlet, told: &[Field]) -> Result<ModelInput, LoadError> {
    let (datatype, shape) = tensor_type(outlet, told).ok_or_else(|| not_servable("input", outlet))?;
    Ok(ModelInput { name: outlet.name().to_owned(), datatype, shape })
}

fn output(outlet: &Outlet, told: &[Field]) -> Result<ModelOutput, LoadError> {
    let name = outlet.name().to_owned();
    if let Some((datatype, shape)) = tensor_type(outlet, told) {
        return Ok(ModelOutput { name, datatype, shape, zipmap: None });
    }
    let zipmap = match outlet.dtype() {
        ValueType::Map { key, value } => ZipMap::of_onnx(*key, *value, false),
        ValueType::Sequence(inner) => match **inner {
            ValueType::Map { key, value } => ZipMap::of_onnx(key, value, true),
            _ => None,
        },
        _ => None,
    };
    let zipmap = zipmap.ok_or_else(|| not_servable("output", outlet))?;
    let datatype = if zipmap.double { Datatype::Fp64 } else { Datatype::Fp32 };
    Ok(ModelOutput { name, datatype, shape: Some(vec![-1, -1]), zipmap: Some(zipmap) })
}

fn refused(cause: &ort::Error) -> InferError {
    InferError::Refused(sentence(cause.message()))
}

/// The runtime's message on one line, without the place in its own sources.
fn sentence(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = match line.split_once(".cc:") {
        Some((_, after)) => after.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start().to_owned(),
        None => line,
    };
    line.trim_start_matches("Fatal error: ").chars().take(500).collect()
}
