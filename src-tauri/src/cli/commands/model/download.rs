//! `model download`: gets a version's file back, and compares it with its digest.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::id::ModelRef;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::fs::{self, File, OpenOptions};
use tokio::io::AsyncWriteExt as _;

use super::progress;
use crate::cli::client::Streaming;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::text;

/// `model download`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Download {
    /// The version
    #[arg(value_name = "NAME@V")]
    model: ModelRef,
    /// The file to write, or the folder to write it in [default: this folder]
    #[arg(long, value_name = "PATH")]
    to: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

impl Download {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let version = self.model.version.to_string();
        let path = ["models", self.model.name.as_str(), "versions", &version, "artifact"];
        let mut stream = context.client.stream(&path, &[]).await?;
        let named = stream.file_name().unwrap_or_else(|| format!("{}-{version}", self.model.name));
        let place = match self.to {
            Some(to) if to.is_dir() => to.join(named),
            Some(to) => to,
            None => PathBuf::from(named),
        };
        if !self.force && place.exists() {
            return Err(CliError::Failed(format!("{} is there already; write over it with --force", place.display())));
        }
        let (part, mut file) = Part::create(with_ending(&place)).await?;
        let progress =
            progress::Bytes::new(&context.io, format!("receiving {}", self.model), stream.size().unwrap_or(0));
        let received = receive(&mut stream, &mut file, &progress).await;
        progress.end();
        let (size, digest) = received?;
        if stream.tag().is_some_and(|tag| tag != digest) {
            return Err(CliError::Failed(format!("what came is not {}: its digest is another one", self.model)));
        }
        part.keep(&place).await?;
        if context.json {
            let written = json!({"path": place, "size": size, "digest": digest});
            return Ok(context.io.line(written.to_string())?);
        }
        Ok(context.io.line(format!("Wrote {} ({}).", place.display(), text::size(size)))?)
    }
}

/// Writes what comes into `file`, and says how much it was and its digest.
async fn receive(
    stream: &mut Streaming,
    file: &mut File,
    progress: &progress::Bytes,
) -> Result<(u64, String), CliError> {
    let (mut hash, mut size) = (Sha256::new(), 0);
    while let Some(bytes) = stream.next().await? {
        file.write_all(&bytes).await.map_err(not_written)?;
        hash.update(&bytes);
        size += bytes.len() as u64;
        progress.moved(bytes.len(), "");
    }
    file.sync_all().await.map_err(not_written)?;
    Ok((size, hex::encode(hash.finalize())))
}

fn not_written(source: io::Error) -> CliError {
    CliError::Local { what: "the file cannot be written", source }
}

fn with_ending(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// A file that is not whole yet, removed unless it was moved.
struct Part(PathBuf);

impl Part {
    /// Makes it; one that is there already is somebody else's, and stays.
    async fn create(path: PathBuf) -> Result<(Self, File), CliError> {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await {
            Ok(file) => Ok((Self(path), file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(CliError::Failed(format!("{} is there already; remove it first", path.display())))
            }
            Err(error) => Err(not_written(error)),
        }
    }

    /// Moves it to where it was asked for.
    async fn keep(self, place: &Path) -> Result<(), CliError> {
        fs::rename(&self.0, place).await.map_err(not_written)?;
        // From now on another one may have the name.
        std::mem::forget(self);
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
