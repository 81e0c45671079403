//! The upload of a package: a file as it is, or a folder packed on the way.

use std::io;
use std::path::Path;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use reqwest::Body;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::io::ReaderStream;

use super::progress;
use crate::cli::error::CliError;
use crate::cli::file::FileError;
use crate::cli::io::Io;
use crate::packages::archive::{Folder, PackError};

/// The size of one read.
const CHUNK: usize = 256 << 10;
/// The number of chunks that are packed ahead of the connection.
const AHEAD: usize = 4;

/// A package on its way.
pub(super) struct Upload {
    /// The file name in the form.
    pub(super) file_name: String,
    /// The number of its bytes.
    pub(super) size: u64,
    /// Its bytes.
    pub(super) body: Body,
    /// The bar that follows them.
    pub(super) progress: progress::Bytes,
    /// Packs the folder meanwhile.
    packing: Option<JoinHandle<Result<(), PackError>>>,
}

impl Upload {
    /// Opens the file or folder at `path`.
    pub(super) async fn open(io: &Io, path: &Path) -> Result<Self, CliError> {
        let unreadable = |source| CliError::File(FileError::Unreadable { path: path.to_owned(), source });
        let metadata = tokio::fs::metadata(path).await.map_err(unreadable)?;
        let name = path.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let name = name.unwrap_or_else(|| "model".to_owned());
        let title = format!("sending {name}");
        if metadata.is_dir() {
            let folder = Folder::read(path).map_err(|error| CliError::Failed(error.to_string()))?;
            let size = folder.size();
            let progress = progress::Bytes::new(io, title, size);
            let (send, receive) = mpsc::channel(AHEAD);
            let packing = tokio::task::spawn_blocking(move || {
                let mut output = io::BufWriter::with_capacity(CHUNK, Output(send));
                folder.write(&mut output)?;
                io::Write::flush(&mut output).map_err(PackError::Output)
            });
            let chunks =
                futures_util::stream::unfold(receive, async |mut receive| Some((receive.recv().await?, receive)));
            let body = followed(chunks, &progress);
            return Ok(Self { file_name: format!("{name}.tar"), size, body, progress, packing: Some(packing) });
        }
        if !metadata.is_file() {
            return Err(CliError::Usage(format!("{} is neither a file nor a folder", path.display())));
        }
        let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        let size = metadata.len();
        let progress = progress::Bytes::new(io, title, size);
        let body = followed(ReaderStream::with_capacity(file, CHUNK), &progress);
        Ok(Self { file_name: name, size, body, progress, packing: None })
    }

    /// Takes it apart: the part of the form, and what is left to look at.
    pub(super) fn parts(self) -> (reqwest::multipart::Part, Uploaded) {
        let part = reqwest::multipart::Part::stream_with_length(self.body, self.size).file_name(self.file_name);
        (part, Uploaded { progress: self.progress, packing: self.packing })
    }
}

/// A package that was sent, or that could not be.
pub(super) struct Uploaded {
    progress: progress::Bytes,
    packing: Option<JoinHandle<Result<(), PackError>>>,
}

impl Uploaded {
    /// The outcome: the answer, or the reason why the package itself could not be sent.
    pub(super) async fn outcome<T>(self, answered: Result<T, CliError>) -> Result<T, CliError> {
        self.progress.end();
        match (answered, self.packing) {
            // A refusal says more than that the rest was not taken.
            (Err(CliError::Broken(why)), Some(packing)) => match packing.await {
                Ok(Err(PackError::Output(_)) | Ok(())) | Err(_) => Err(CliError::Broken(why)),
                Ok(Err(error)) => Err(CliError::Failed(error.to_string())),
            },
            (answered, _) => answered,
        }
    }
}

fn followed(chunks: impl Stream<Item = io::Result<Bytes>> + Send + 'static, progress: &progress::Bytes) -> Body {
    let progress = progress.clone();
    Body::wrap_stream(chunks.inspect_ok(move |chunk| progress.moved(chunk.len(), "the server reads it")))
}

/// Hands on what is written, and waits while too much is on its way.
struct Output(mpsc::Sender<io::Result<Bytes>>);

impl io::Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.blocking_send(Ok(Bytes::copy_from_slice(bytes))).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
