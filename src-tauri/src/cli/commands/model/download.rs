//! `model download`: gets a version's file back, and compares it with its digest.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::id::ModelRef;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tokio::fs::{self, OpenOptions};
use tokio::io::AsyncWriteExt as _;

use super::progress;
use crate::cli::client::Streaming;
use crate::cli::commands::Context;
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
        let progress =
            progress::Bytes::new(&context.io, format!("receiving {}", self.model), stream.size().unwrap_or(0));
        let part = Part(with_ending(&place));
        let received = receive(&mut stream, &part.0, &progress).await;
        progress.end();
        let (size, digest) = received?;
        if stream.tag().is_some_and(|tag| tag != digest) {
            return Err(CliError::Failed(format!("what came is not {}: its digest is another one", self.model)));
        }
        fs::rename(&part.0, &place)
            .await
            .map_err(|source| CliError::Local { what: "the file cannot be written", source })?;
        if context.json {
            let written = json!({"path": place, "size": size, "digest": digest});
            return Ok(context.io.line(written.to_string())?);
        }
        Ok(context.io.line(format!("Wrote {} ({}).", place.display(), text::size(size)))?)
    }
}

/// Writes what comes into `path`, and says how much it was and its digest.
async fn receive(stream: &mut Streaming, path: &Path, progress: &progress::Bytes) -> Result<(u64, String), CliError> {
    let local = |source| CliError::Local { what: "the file cannot be written", source };
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(path).await.map_err(|source| match source.kind() {
            ErrorKind::AlreadyExists => {
                CliError::Failed(format!("{} is there already; remove it first", path.display()))
            }
            _ => local(source),
        })?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    while let Some(bytes) = stream.next().await? {
        file.write_all(&bytes).await.map_err(local)?;
        hash.update(&bytes);
        size += bytes.len() as u64;
        progress.moved(bytes.len(), "");
    }
    file.sync_all().await.map_err(local)?;
    Ok((size, hex::encode(hash.finalize())))
}

fn with_ending(place: &Path) -> PathBuf {
    let mut name = place.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// A file that is not whole yet, removed unless it was moved.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
