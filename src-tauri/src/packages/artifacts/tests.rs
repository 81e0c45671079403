//! The store on a real disk.

use std::io::Write;

use tokio::io::AsyncReadExt;

use super::*;

/// SHA-256 of `abc`, from the standard.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for sub in ["incoming", "sha256"] {
        let names = fs::read_dir(folder.join(sub)).unwrap();
        found.extend(names.map(|entry| format!("{sub}/{}", entry.unwrap().file_name().display())));
    }
    found
}

async fn content(store: &Artifacts, digest: &Digest) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    store.read(digest).await.unwrap().read_to_end(&mut bytes).await?;
    Ok(bytes)
}

#[tokio::test]
async fn what_is_kept_is_found_by_the_digest_of_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(folder.path()).unwrap();
    let received = store.receive(&b"abc"[..], 3).await.unwrap();
    assert_eq!((received.digest().as_str(), received.size()), (ABC, 3));
    assert_eq!(fs::read(received.path()).unwrap(), b"abc");
    let digest = received.keep().unwrap();

    assert_eq!(content(&store, &digest).await.unwrap(), b"abc");
    assert_eq!(files(folder.path()), [format!("sha256/{ABC}")]);
    let again = store.receive(&b"abc"[..], 3).await.unwrap();
    assert_eq!(again.keep().unwrap(), digest);
    assert_eq!(files(folder.path()), [format!("sha256/{ABC}")]);
}

#[tokio::test]
async fn an_upload_that_is_refused_too_large_or_cut_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(folder.path()).unwrap();

    drop(store.receive(&b"abc"[..], 3).await.unwrap());
    assert_eq!(files(folder.path()), [""; 0]);

    let endless = tokio::io::repeat(7);
    let error = store.receive(endless, 1_000_000).await.unwrap_err();
    assert!(matches!(error, ArtifactError::TooLarge { limit: 1_000_000 }), "{error}");
    assert_eq!(files(folder.path()), [""; 0]);

    let cut = tokio_util::io::StreamReader::new(futures_util::stream::iter([
        Ok(bytes::Bytes::from_static(b"abc")),
        Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    ]));
    let error = store.receive(cut, 100).await.unwrap_err();
    assert!(matches!(error, ArtifactError::BrokeOff { received: 3, .. }), "{error}");
    assert_eq!(files(folder.path()), [""; 0]);
}

#[tokio::test]
async fn what_a_crash_left_behind_is_removed_and_what_was_kept_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(folder.path()).unwrap();
    let digest = store.receive(&b"abc"[..], 3).await.unwrap().keep().unwrap();
    fs::write(folder.path().join("incoming/half"), b"ab").unwrap();

    let store = Artifacts::open(folder.path()).unwrap();
    assert_eq!(files(folder.path()), [format!("sha256/{ABC}")]);
    assert_eq!(content(&store, &digest).await.unwrap(), b"abc");
}

#[test]
fn a_scratch_folder_goes_when_it_is_dropped_and_after_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(folder.path()).unwrap();
    let scratch = store.scratch().unwrap();
    let path = scratch.path().to_owned();
    fs::create_dir_all(path.join("a/b")).unwrap();
    fs::write(path.join("a/b/c"), b"x").unwrap();
    drop(scratch);
    assert!(!path.exists());

    std::mem::forget(store.scratch().unwrap());
    Artifacts::open(folder.path()).unwrap();
    assert_eq!(fs::read_dir(folder.path().join("scratch")).unwrap().count(), 0);
}

#[tokio::test]
async fn only_what_was_deleted_goes_and_what_no_version_names_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(folder.path()).unwrap();
    let needed = store.receive(&b"abc"[..], 3).await.unwrap().keep().unwrap();
    let other = store.receive(&b"abd"[..], 3).await.unwrap().keep().unwrap();
    fs::write(folder.path().join("sha256/README"), b"mine").unwrap();
    let deleted = store.receive(&b"abe"[..], 3).await.unwrap().keep().unwrap();
    store.sweep(&[needed.clone()].into(), &[deleted.clone(), needed.clone()].into()).unwrap();
    assert!(store.path(&needed).exists() && !store.path(&other).exists() && !store.path(&deleted).exists());
    let aside = folder.path().join("unknown").join(other.as_str());
    assert!(aside.exists(), "no deletion was recorded, and it is gone");
    store.sweep(&[needed.clone(), other.clone()].into(), &[].into()).unwrap();
    assert!(store.path(&other).exists() && !aside.exists(), "a version needs it again");
    assert!(folder.path().join("sha256/README").exists());
    store.remove(&needed).unwrap();
    store.remove(&needed).unwrap();
    assert!(!store.path(&needed).exists());
}

#[tokio::test]
async fn content_that_was_changed_on_the_disk_is_noticed_when_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(folder.path()).unwrap();
    let digest = store.receive(&b"abc"[..], 3).await.unwrap().keep().unwrap();
    fs::write(store.path(&digest), b"abd").unwrap();
    let error = content(&store, &digest).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
}

#[tokio::test]
async fn an_unknown_digest_is_told_apart_from_a_failing_disk() {
    let folder = tempfile::tempdir().unwrap();
    let store = Artifacts::open(folder.path()).unwrap();
    let error = store.read(&ABC.parse().unwrap()).await.unwrap_err();
    assert!(matches!(error, ArtifactError::Unknown(_)), "{error}");
}

#[test]
fn a_full_disk_is_an_error_of_its_own() {
    // The kernel's own "no space left on device".
    let mut full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let cause = full.write_all(b"x").unwrap_err();
    let error = ArtifactError::at(Path::new("artifacts/incoming/x"))(cause);
    assert!(
        matches!(&error, ArtifactError::DiskFull { folder } if folder == Path::new("artifacts/incoming")),
        "{error}"
    );
}
