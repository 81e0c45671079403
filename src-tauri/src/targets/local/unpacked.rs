//! The folders of packages that came as archives: which are no longer needed.
//!
//! Replicas unpack them (`replica/unpacked.rs`), each into a folder named after the digest of its artifact.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use domain::id::Digest;

use super::left_over;

/// Removes from `folder` what belongs to none of the artifacts in `named`, and what was left unfinished.
pub(super) fn remove_unused(folder: &Path, named: &BTreeSet<Digest>) -> io::Result<()> {
    left_over::remove(folder, |package| {
        let name = package.file_name().unwrap_or_default().to_string_lossy();
        name.parse().is_ok_and(|digest| named.contains(&digest))
    })
}

/// Removes from `folder` what belongs to this artifact alone.
pub(super) fn remove(folder: &Path, digest: &Digest) -> io::Result<()> {
    left_over::remove(folder, |package| package.file_stem().is_none_or(|stem| stem != digest.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_registered_model_has_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let [named, gone] = ["a", "b"].map(|letter| letter.repeat(64));
        for name in [&named, &gone, &format!("{gone}.new")] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        remove_unused(folder.path(), &BTreeSet::from([named.parse().unwrap()])).unwrap();
        let left = |name: &str| folder.path().join(name).exists();
        assert!(left(&named) && !left(&gone) && !left(&format!("{gone}.new")));
    }

    #[test]
    fn only_what_belongs_to_one_artifact_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let [gone, other] = ["a", "b"].map(|letter| letter.repeat(64));
        for name in [&gone, &format!("{gone}.new"), &other, &format!("{other}.new")] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        remove(folder.path(), &gone.parse().unwrap()).unwrap();
        let mut left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, [other.clone(), format!("{other}.new")]);
    }
}
