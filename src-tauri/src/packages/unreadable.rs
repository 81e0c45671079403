//! Why a file or folder is not a model that can be registered.

use std::io;

use domain::compat::CheckName;

use super::onnx::ExternalError;
use super::sniff::{FileType, Trust};

/// Why a package cannot be read; each a sentence for the person who sent it: what, why, what to do.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It has no bytes.
    #[error("the file is empty; send the file of the model")]
    Empty,
    /// The file that describes an MLflow model has no bytes.
    #[error("the file MLmodel is empty, so nothing says what the model is; save the model again")]
    EmptyMlmodel,
    /// It is something else.
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
    /// It ends too early.
    #[error(
        "the {format} file is cut short: it ends after {size} bytes in the middle of the model; send the whole file"
    )]
    CutShort {
        /// What it begins like.
        format: &'static str,
        /// How much there is.
        size: u64,
    },
    /// It starts like a model and then contradicts its format.
    #[error("the {format} file is damaged at byte {at}: {why}; send it once more, or save the model again")]
    Damaged {
        /// What it begins like.
        format: &'static str,
        /// Where it was noticed.
        at: u64,
        /// What is wrong.
        why: String,
    },
    /// It is whole, and says something that nobody here knows.
    #[error(
        "this version of Changeover does not read the {format} file: {why}; save the model with another release of its library, export it to ONNX, or run it as a custom package"
    )]
    NotUnderstood {
        /// What it is.
        format: &'static str,
        /// What is not known.
        why: String,
    },
    /// What it says does not fit together.
    #[error("the {format} file cannot be used: {why}; save the model again")]
    Contradiction {
        /// What it is.
        format: &'static str,
        /// What does not fit.
        why: String,
    },
    /// There is no model in it.
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
    /// What it says of inputs, outputs and values does not hold together.
    #[error("the graph in the ONNX file is not usable: {0}; export the model again")]
    Graph(String),
    /// An operator that nobody defines.
    #[error(
        "the ONNX file needs the operator \"{operator}\" of \"{domain}\", which ONNX Runtime does not have; \
         export the model without it, or run it as a custom package"
    )]
    UnknownOperator {
        /// Whose operator it is.
        domain: String,
        /// Its name.
        operator: String,
    },
    /// It was written for a later runtime.
    #[error(
        "the ONNX file has {what} {version}, and ONNX Runtime knows up to {newest}; export it for {newest} or less"
    )]
    TooNew {
        /// Which number: of the format, or of an operator set.
        what: String,
        /// The number that it has.
        version: i64,
        /// The highest that can be run.
        newest: i64,
    },
    /// It is over the limit.
    #[error(
        "the file has {size} bytes, and the limit is {limit} bytes; make the model smaller, or have the limit raised"
    )]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// It nests or names more than a real model does.
    #[error(
        "the {format} file is not a plausible model: it has {what}; export the model again, or run it as a custom package"
    )]
    Implausible {
        /// What it begins like.
        format: &'static str,
        /// What is too much.
        what: &'static str,
    },
    /// Its weights are elsewhere.
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
        /// Where it was.
        path: String,
        /// What it is looked for as.
        last: String,
    },
    /// The environment that it asks for cannot be made.
    #[error("the package asks for a Python environment that cannot be made: {0}")]
    Environment(String),
    /// It cannot be read from the disk.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

impl Unreadable {
    /// What of the compatibility report it fails, in the words of the contract.
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
