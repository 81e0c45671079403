//! Folders in one file: zip, tar and tar.gz archives, taken apart safely and put together the same every time.
//!
//! # Flow
//!
//! [`packing`] says from its first bytes what a file is. [`unpack`] writes the files of an archive into an empty folder
//! of the caller's. [`Folder`] packs a folder into a plain tar stream.
//!
//! # Guarantees
//!
//! - Whatever an entry is called, nothing appears outside the folder: names with `..`, from the root, with a drive or a
//!   backslash are refused, and so are links and devices, so no path leads elsewhere.
//! - Entries, names, depth and bytes are bounded while they are written; what an archive says of its sizes is not
//!   believed. Memory does not grow with the archive.
//! - Files belong to their owner alone (0600, or 0700 where the archive says that it is a program).
//! - The same folder makes the same stream, so that it has the same digest.
//!
//! # Assumptions
//!
//! Nobody else writes into the folder meanwhile. After an error it holds a part of the archive; the caller removes it.
//!
//! # Errors
//!
//! Every [`ArchiveError`] is a sentence for the person who sent the archive, and names the entry.

mod bounds;
mod error;
mod fill;
mod names;
mod pack;
mod tarred;
mod zipped;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::Path;

use domain::model::Packing;
use flate2::read::MultiGzDecoder;

pub use bounds::ArchiveBounds;
pub use error::ArchiveError;
pub use pack::{Folder, PackError};

use fill::Fill;

/// The kind of `file`, by its first bytes: an archive, or a file that is meant itself.
///
/// # Errors
/// Those of the system.
pub fn packing(file: &mut File) -> std::io::Result<Packing> {
    file.rewind()?;
    let mut head = Vec::new();
    file.by_ref().take(512).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(match head.as_slice() {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Packing::Zip,
        [0x1f, 0x8b, ..] if is_tar(&within(file)?) => Packing::TarGz,
        head if is_tar(head) => Packing::Tar,
        _ => Packing::File,
    })
}

fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// The first bytes of what is compressed; what cannot be decompressed is no tar.
fn within(file: &mut File) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let _ = MultiGzDecoder::new(BufReader::new(&mut *file)).take(512).read_to_end(&mut head);
    file.rewind()?;
    Ok(head)
}

/// Writes the files of the archive `file` into the empty folder `into`.
///
/// # Errors
/// See [`ArchiveError`]. A file that is no archive at all is [`ArchiveError::NoArchive`].
pub fn unpack(file: &mut File, into: &Path, bounds: ArchiveBounds) -> Result<(), ArchiveError> {
    let packing = packing(file)?;
    let mut fill = Fill::new(into, bounds, file.metadata()?.len());
    match packing {
        Packing::Zip => zipped::unpack(file, &mut fill),
        Packing::Tar => tarred::unpack(BufReader::new(file), &mut fill).map(drop),
        Packing::TarGz => {
            let left = tarred::unpack(MultiGzDecoder::new(BufReader::new(file)), &mut fill)?;
            // The checksum stands behind the archive; what pads it is passed over.
            tarred::finish(left)
        }
        Packing::File | Packing::Nothing => Err(ArchiveError::NoArchive),
    }?;
    fill.finish()
}
