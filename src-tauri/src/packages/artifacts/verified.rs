//! Compares content with its digest while it is read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use domain::id::Digest;
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};

/// An artifact that is being read. The read that would say "end" fails instead when the content is not the one
/// of its digest.
#[derive(Debug)]
pub struct Verified {
    file: File,
    digest: Digest,
    hash: Sha256,
}

impl Verified {
    pub(super) fn new(file: File, digest: Digest) -> Self {
        Self { file, digest, hash: Sha256::new() }
    }
}

impl AsyncRead for Verified {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let room = buffer.remaining();
        ready!(Pin::new(&mut self.file).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        if read.is_empty() && room > 0 {
            let found = hex::encode(self.hash.clone().finalize());
            if found != self.digest.as_str() {
                let why = format!("the artifact {} has been changed on the disk: its SHA-256 is {found}", self.digest);
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)));
            }
        }
        self.hash.update(read);
        Poll::Ready(Ok(()))
    }
}
