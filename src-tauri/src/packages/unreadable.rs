//! The reasons for which a file or folder is not a model that can be registered.

use std::io;

use domain::compat::CheckName;

use super::onnx::ExternalError;
use super::sniff::{FileType, Trust};

/// The reason why a package cannot be read; each a sentence for the person who sent it: problem, cause, remedy.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The file has no bytes.
    #[error("the file is empty; send the file of the model")]
    Empty,
    /// The file that describes an MLflow model has no bytes.
    #[error("the file MLmodel is empty, so nothing says what the model is; save the model again")]
    EmptyMlmodel,
    /// The file is something else.
    #[error("{0}")]
    Other(FileType),
    /// There is nothing to read in the folder.
    #[error(
        "the folder holds neither a file MLmodel nor an ONNX file, so there is no model in it; \
         send the folder that MLflow saved, or one ONNX file with what belongs to it"
    )]
    NoModel,
    /// It cannot be told which file is the model.
    #[error("the folder holds {0} ONNX files, so it cannot be told which is the model; leave one of them in it")]
    SeveralModels(usize),
    /// The file ends too early.
    #[error(
        "the {format} file is cut short: it ends after {size} bytes in the middle of the model; send the whole file"
    )]
    CutShort {
        /// The format that the file begins like.
        format: &'static str,
        /// The number of bytes that there are.
        size: u64,
    },
    /// The file starts like a model and then contradicts its format.
    #[error("the {format} file is damaged at byte {at}: {why}; send it once more, or save the model again")]
    Damaged {
        /// The format that the file begins like.
        format: &'static str,
        /// The byte at which it was noticed.
        at: u64,
        /// The problem.
        why: String,
    },
    /// The file is whole, and says something that nobody here knows.
    #[error(
        "this version of Changeover does not read the {format} file: {why}; save the model with another release of its library, export it to ONNX, or run it as a custom package"
    )]
    NotUnderstood {
        /// The format of the file.
        format: &'static str,
        /// The part that is not known.
        why: String,
    },
    /// The statements of the file do not fit together.
    #[error("the {format} file cannot be used: {why}; save the model again")]
    Contradiction {
        /// The format of the file.
        format: &'static str,
        /// The statements that do not fit.
        why: String,
    },
    /// There is no model in the file.
    #[error("the ONNX file holds no graph, so there is nothing to run; export the model again")]
    NoGraph,
    /// Nothing says which operators its graph means.
    #[error(
        "the ONNX file names no operator set, so its operators have no meaning; it may be cut short: send the whole file, or export the model again"
    )]
    NoOperatorSet,
    /// The graph answers nothing.
    #[error("the graph in the ONNX file has no outputs; export the model again")]
    NoOutputs,
    /// The graph's inputs, outputs and values do not hold together.
    #[error("the graph in the ONNX file is not usable: {0}; export the model again")]
    Graph(String),
    /// An operator that nobody defines.
    #[error(
        "the ONNX file needs the operator \"{operator}\" of \"{domain}\", which ONNX Runtime does not have; \
         export the model without it, or run it as a custom package"
    )]
    UnknownOperator {
        /// The domain of the operator.
        domain: String,
        /// The operator's name.
        operator: String,
    },
    /// The model was written for a later runtime.
    #[error(
        "the ONNX file has {what} {version}, and ONNX Runtime knows up to {newest}; export it for {newest} or less"
    )]
    TooNew {
        /// The kind of number: the version of the format, or of an operator set.
        what: String,
        /// The number that the file has.
        version: i64,
        /// The highest that can be run.
        newest: i64,
    },
    /// The file is over the limit.
    #[error(
        "the file has {size} bytes, and the limit is {limit} bytes; make the model smaller, or have the limit raised"
    )]
    TooLarge {
        /// The file's size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The file nests or names more than a real model does.
    #[error(
        "the {format} file is not a plausible model: it has {what}; export the model again, or run it as a custom package"
    )]
    Implausible {
        /// The format that the file begins like.
        format: &'static str,
        /// The part that is too much.
        what: &'static str,
    },
    /// The model's weights are elsewhere.
    #[error(transparent)]
    External(#[from] ExternalError),
    /// A file that the package names is not in it.
    #[error(
        "the package names the file \"{0}\", which is missing from it; save the model again and send all of its folder"
    )]
    ArtifactMissing(String),
    /// A file that the package names is not its own.
    #[error(
        "the package names \"{0}\", outside its own folder, which is refused; save the model with all its files inside"
    )]
    ArtifactOutside(String),
    /// The script that the model was saved from is not beside it.
    #[error(
        "the package was saved from the script \"{path}\" of another machine, and \"{last}\" is not in the package; save the model again and send all of its folder"
    )]
    ScriptMissing {
        /// The script's path on the machine that saved the model.
        path: String,
        /// The name under which the script is looked for.
        last: String,
    },
    /// The environment that the package asks for cannot be made.
    #[error("the package asks for a Python environment that cannot be made: {0}")]
    Environment(String),
    /// The file cannot be read from the disk.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl Unreadable {
    /// The checks of the compatibility report that the package fails, in the words of the contract.
    pub fn checks(&self) -> Vec<CheckName> {
        match self {
            Self::Empty | Self::EmptyMlmodel | Self::NoModel | Self::SeveralModels(_) => vec![CheckName::NotAModel],
            Self::Other(look) => match look.trust() {
                Trust::Nothing => vec![CheckName::NotAModel],
                Trust::Unsupported => vec![CheckName::FormatUnsupported],
                Trust::Unsafe => vec![CheckName::FormatUnsupported, CheckName::UnsafeFormat],
                Trust::UnsafeObject => {
                    vec![CheckName::NotAModel, CheckName::FormatUnsupported, CheckName::UnsafeFormat]
                }
            },
            // What is missing may be what made it a model.
            Self::CutShort { .. } => vec![CheckName::NotAModel, CheckName::NotLoadable],
            Self::External(_) => vec![CheckName::ExternalData],
            Self::ArtifactMissing(_) | Self::ArtifactOutside(_) | Self::ScriptMissing { .. } => {
                vec![CheckName::ArtifactMissing]
            }
            Self::Damaged { .. }
            | Self::NotUnderstood { .. }
            | Self::Contradiction { .. }
            | Self::NoGraph
            | Self::NoOperatorSet
            | Self::NoOutputs
            | Self::Graph(_)
            | Self::UnknownOperator { .. }
            | Self::TooNew { .. }
            | Self::TooLarge { .. }
            | Self::Implausible { .. }
            | Self::Environment(_)
            | Self::Io(_) => vec![CheckName::NotLoadable],
        }
    }
}
