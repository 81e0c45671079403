//! Model packages: what a file says about itself, and where files are kept.

pub mod archive;
pub mod artifacts;
pub mod onnx;
