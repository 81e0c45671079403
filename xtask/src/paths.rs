//! The places of everything in this clone. Everything that tasks make lies below `target/`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folders of one clone.
#[derive(Clone, Debug)]
pub(crate) struct Paths {
    root: PathBuf,
}

impl Paths {
    /// The clone that this program was built in. Asked at run time, so that a moved clone still works.
    pub(crate) fn of_this_clone() -> Result<Self> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.parent().context("xtask is not inside a workspace: run it as `cargo xtask`")?;
        Ok(Self { root: root.to_owned() })
    }

    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Something in the clone, by its path from the root.
    pub(crate) fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// Everything built or fetched.
    pub(crate) fn target(&self) -> PathBuf {
        self.join("target")
    }

    /// The folder of everything that set-up fetches and keeps between runs.
    pub(crate) fn setup(&self) -> PathBuf {
        self.join("target/setup")
    }

    /// The finished web interface. Not `target/web`: cargo keeps the `web` profile there.
    pub(crate) fn interface(&self) -> PathBuf {
        self.join("target/interface")
    }

    /// The ONNX Runtime library that replicas load.
    pub(crate) fn onnxruntime(&self) -> PathBuf {
        self.join("target/onnxruntime/libonnxruntime.so")
    }

    /// A program that cargo built, from the folder of its profile (`debug`, `release`).
    pub(crate) fn built(&self, profile: &str, name: &str) -> PathBuf {
        self.target().join(profile).join(name)
    }
}
