//! Room on the disk that is set aside while there is plenty: what makes room again, as a deletion, must be written first.

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

/// The size of the reserve: enough for some hundred entries.
const RESERVE: u64 = 4 << 20;
/// With less free space nothing is set aside: the disk is small, or nearly full.
const PLENTY: u64 = 4 * RESERVE;

fn path(dir: &Path) -> PathBuf {
    dir.join("reserve")
}

fn free(dir: &Path) -> io::Result<u64> {
    let found = statvfs(dir)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Sets the room aside, unless it is or there is little.
pub(super) fn keep(dir: &Path) -> io::Result<()> {
    if path(dir).exists() || free(dir)? < PLENTY {
        return Ok(());
    }
    let file = fs::File::options().write(true).create_new(true).mode(0o600).open(path(dir))?;
    let set_aside = fallocate(&file, FallocateFlags::empty(), 0, RESERVE);
    if set_aside.is_err() {
        // Some file systems cannot, and an empty file is of no use.
        fs::remove_file(path(dir))?;
    }
    Ok(())
}

/// Gives the room up when there is nearly no other.
pub(super) fn give_up(dir: &Path) -> io::Result<()> {
    if free(dir)? >= RESERVE / 2 {
        return Ok(());
    }
    match fs::remove_file(path(dir)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
