//! Looks what an upload is: a file that is the model, or an archive of its folder, which is unpacked for that.

use std::fs::File;

use domain::compat::CheckName;
use domain::model::{PackageKind, Packing, Tried};

use super::Api;
use crate::commands::{Artifact, InspectedPackage, Refusal};
use crate::packages::archive::{self, ArchiveBounds, ArchiveError};
use crate::packages::artifacts::{ArtifactError, Received};
use crate::packages::{self, Package, Unreadable};

/// Reads `file`, said to be of `kind`, and has it loaded once. Nothing of what is unpacked stays.
///
/// # Errors
/// `package_unreadable`, `package_too_large`, `storage_full`.
pub(super) fn inspect(api: &Api, file: &Received, kind: Option<PackageKind>) -> Result<Artifact, Refusal> {
    if file.size() == 0 {
        return Err(Unreadable::Empty.into());
    }
    let limit = api.bounds.model_bytes;
    let of_disk = |cause| ArtifactError::Io { path: file.path().to_owned(), cause };
    let mut opened = File::open(file.path()).map_err(of_disk)?;
    let packing = archive::packing(&mut opened).map_err(of_disk)?;
    // Nobody knows what a custom package holds but its own program; an archive of it has to be one all the same.
    let custom = kind == Some(PackageKind::Custom);
    let package = match packing {
        Packing::File | Packing::Nothing if custom => None,
        Packing::File | Packing::Nothing => Some(load(api, file, packages::read(file.path(), limit)?)),
        Packing::Zip | Packing::Tar | Packing::TarGz => {
            let scratch = api.artifacts.scratch()?;
            match archive::unpack(&mut opened, scratch.path(), ArchiveBounds::bytes(limit)) {
                Err(error) => return Err(not_unpacked(file, limit, error)),
                Ok(()) if custom => None,
                Ok(()) => {
                    let read = packages::read(scratch.path(), limit).map_err(|error| {
                        let itself = known_otherwise(file, limit).filter(|_| error.checks() == [CheckName::NotAModel]);
                        itself.unwrap_or_else(|| Refusal::from(error))
                    });
                    Some(load(api, file, read?))
                }
            }
        }
    };
    Ok(Artifact { digest: file.digest().clone(), size: file.size(), packing, package })
}

/// Has what was read loaded once by what will serve it, where that is the built-in runtime.
fn load(api: &Api, file: &Received, read: Package) -> InspectedPackage {
    let Package { kind, entry, signature, environment, graph } = read;
    let loads = match graph {
        Some(graph) => api.live.first_load(&graph, file.size()),
        None => {
            let why = "a program in a Python environment of its own loads it; a check starts that in a scratch replica";
            Tried::NotTried { why: why.to_owned() }
        }
    };
    InspectedPackage { kind, entry, signature, environment, loads }
}

/// An archive that is not taken may be a model of another format, as PyTorch's are zip64 archives: that is what to say.
fn not_unpacked(file: &Received, limit: u64, error: ArchiveError) -> Refusal {
    let itself = match &error {
        ArchiveError::TooLarge { .. } | ArchiveError::DiskFull | ArchiveError::Io(_) => None,
        _ => known_otherwise(file, limit),
    };
    itself.unwrap_or_else(|| error.into())
}

/// The refusal of an archive that is itself a model of another format, as PyTorch's and Keras's are zip archives.
fn known_otherwise(file: &Received, limit: u64) -> Option<Refusal> {
    let error = packages::read(file.path(), limit).err()?;
    error.checks().iter().any(|check| *check != CheckName::NotAModel).then(|| error.into())
}
