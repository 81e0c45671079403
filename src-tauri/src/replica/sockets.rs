//! Unix sockets that only their owner can use.

use std::io;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rustix::fs::Mode;
use tokio::net::UnixListener;

/// A listening socket; its file goes when this is dropped.
pub(super) struct Socket {
    file: SocketFile,
    listener: UnixListener,
}

/// Removes the file when dropped.
pub(super) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Socket {
    /// Listens at `path` with mode 0600. A socket that nobody answers on any more is replaced.
    pub(super) fn bind(path: &Path) -> io::Result<Self> {
        let left_over = std::fs::symlink_metadata(path).is_ok_and(|found| found.file_type().is_socket());
        if left_over && UnixStream::connect(path).is_err() {
            std::fs::remove_file(path)?;
        }
        // Narrow from its first moment: a mode set afterwards leaves a gap.
        let before = rustix::process::umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
        let bound = UnixListener::bind(path);
        rustix::process::umask(before);
        let listener = bound?;
        let file = SocketFile(path.to_owned());
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600))?;
        Ok(Self { file, listener })
    }

    /// The listener, and the file to keep for as long as it is used.
    pub(super) fn into_parts(self) -> (UnixListener, SocketFile) {
        (self.listener, self.file)
    }
}
