//! Why a file is not a model package that can be registered.

use std::io;

use super::external::ExternalError;

/// Why a file cannot be read as an ONNX model; each a sentence for the person who sent it.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It is something else.
    #[error("the file is not an ONNX model: it looks like {0}")]
    NotOnnx(&'static str),
    /// It ends too early.
    #[error("the ONNX file is cut short: it ends after {size} bytes in the middle of the model; send the whole file")]
    CutShort {
        /// How much there is.
        size: u64,
    },
    /// It starts like an ONNX model and then contradicts the format.
    #[error("the ONNX file is damaged at byte {at}: {why}")]
    Damaged {
        /// Where it was noticed.
        at: u64,
        /// What is wrong.
        why: String,
    },
    /// There is no model in it.
    #[error("the ONNX file holds no graph, so there is nothing to run")]
    NoGraph,
    /// Nothing says which operators its graph means.
    #[error("the ONNX file names no operator set, so its operators have no meaning; it may be cut short")]
    NoOperatorSet,
    /// The graph answers nothing.
    #[error("the graph in the ONNX file has no outputs")]
    NoOutputs,
    /// An input or output cannot be told from another, or has no type.
    #[error("the graph in the ONNX file is not usable: {0}")]
    Graph(String),
    /// It is over the limit.
    #[error("the file has {size} bytes, and the limit is {limit} bytes")]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// It nests or names more than a real model does.
    #[error("the ONNX file is not a plausible model: it has {0}")]
    Implausible(&'static str),
    /// Its weights are elsewhere.
    #[error(transparent)]
    External(#[from] ExternalError),
    /// It cannot be read from the disk.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}
