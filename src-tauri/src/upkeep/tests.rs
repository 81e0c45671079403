//! Backups of real folders: whole, refused when they are not, and brought back.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use domain::caller::Scope;
use domain::id::Seq;
use domain::principal::PrincipalId;
use domain::session::SignInMethod;
use domain::sign_in::SessionSpan;
use jiff::Timestamp;

use super::*;
use crate::store::Store;
use crate::store::tables::admin_links::AdminLinkRow;
use crate::store::tables::api_tokens::ApiTokenRow;
use crate::store::tables::invitations::InvitationRow;
use crate::store::tables::sessions::SessionRow;

/// A data directory as version 179162b wrote it.
fn written_before() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/disk/written-by-179162b");
    fs::create_dir_all(folder.path().join(ARTIFACTS)).unwrap();
    fs::copy(written.join("changeover.db"), folder.path().join("changeover.db")).unwrap();
    for file in fs::read_dir(written.join(ARTIFACTS)).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), folder.path().join(ARTIFACTS).join(file.file_name())).unwrap();
    }
    fs::write(folder.path().join("token"), "secret\n").unwrap();
    folder
}

/// The same, opened by this version.
fn data() -> tempfile::TempDir {
    let folder = written_before();
    drop(Store::open(folder.path(), Default::default()).unwrap());
    folder
}

fn modes(folder: &Path) -> Vec<u32> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| path.metadata().unwrap().permissions().mode() & 0o777).collect()
}

#[test]
fn a_backup_is_whole_private_and_brought_back() {
    let (data, place) = (data(), tempfile::tempdir().unwrap());
    let (to, again) = (place.path().join("backup"), place.path().join("again"));
    let contents = backup(data.path(), &to).unwrap();
    assert_eq!((contents.head.seq, contents.artifacts.len()), (Seq(118), 2));
    assert!(modes(&to).iter().all(|mode| *mode == 0o600), "{:?}", modes(&to));
    assert_eq!(to.metadata().unwrap().permissions().mode() & 0o777, 0o700);

    assert_eq!(restore(&to, &again).unwrap(), contents);
    assert!(modes(&again).iter().all(|mode| *mode == 0o600), "{:?}", modes(&again));
    assert_eq!(fs::read(again.join("token")).unwrap(), b"secret\n");
    let store = Store::open(&again, Default::default()).unwrap();
    let verified = store.verify().unwrap();
    assert_eq!((verified.intact, verified.head), (true, Some(contents.head.hash)));
    assert!(matches!(restore(&to, &again), Err(UpkeepError::NotEmpty(_))));
    assert!(matches!(backup(&again, &to), Err(UpkeepError::NotEmpty(_))));
}

#[test]
fn what_an_earlier_version_wrote_is_backed_up_and_left_as_it_is() {
    let (data, place) = (written_before(), tempfile::tempdir().unwrap());
    let (to, again) = (place.path().join("backup"), place.path().join("again"));
    let before = fs::read(data.path().join("changeover.db")).unwrap();
    let contents = backup(data.path(), &to).unwrap();
    assert_eq!((contents.head.seq, contents.artifacts.len()), (Seq(118), 2));
    assert_eq!(fs::read(data.path().join("changeover.db")).unwrap(), before);
    let mut names: Vec<_> = fs::read_dir(&to).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["artifacts", "backup.json", "changeover.db", "token"]);
    assert_eq!(restore(&to, &again).unwrap(), contents);
    assert!(Store::open(&again, Default::default()).unwrap().verify().unwrap().intact);
}

#[test]
fn what_is_not_whole_is_refused() {
    let (data, place) = (data(), tempfile::tempdir().unwrap());
    let (to, again) = (place.path().join("backup"), place.path().join("again"));
    let contents = backup(data.path(), &to).unwrap();
    let name = &contents.artifacts[0];
    // A file of its own, not the one that the data directory has too.
    fs::remove_file(to.join(ARTIFACTS).join(name)).unwrap();
    assert!(matches!(restore(&to, &again), Err(UpkeepError::Artifact { problem: "missing", .. })));
    fs::write(to.join(ARTIFACTS).join(name), "other").unwrap();
    let error = restore(&to, &again).unwrap_err();
    assert!(matches!(error, UpkeepError::Artifact { problem: "not what its digest says", .. }), "{error}");
    assert!(!again.exists(), "a refused backup made something");
    fs::copy(data.path().join(ARTIFACTS).join(name), to.join(ARTIFACTS).join(name)).unwrap();
    let mut database = fs::read(to.join("changeover.db")).unwrap();
    database[5_000] ^= 1;
    fs::write(to.join("changeover.db"), database).unwrap();
    assert!(matches!(restore(&to, &again), Err(UpkeepError::NoBackup { .. })));
    fs::remove_file(to.join(CONTENTS)).unwrap();
    assert!(matches!(restore(&to, &again), Err(UpkeepError::NoBackup { .. })));

    fs::remove_file(data.path().join(ARTIFACTS).join(name)).unwrap();
    let error = backup(data.path(), &place.path().join("second")).unwrap_err();
    assert!(matches!(error, UpkeepError::Artifact { problem: "missing", .. }), "{error}");
    let empty = place.path().join("empty");
    fs::create_dir(&empty).unwrap();
    assert!(matches!(backup(&empty, &place.path().join("third")), Err(UpkeepError::Nothing(_))));
}

/// What was ended since the backup was made does not go on by it, as far as it ends by itself; programs keep their tokens.
#[test]
fn sessions_and_links_end_with_a_restore() {
    let (data, place) = (data(), tempfile::tempdir().unwrap());
    let (to, again) = (place.path().join("backup"), place.path().join("again"));
    let (now, local) = (Timestamp::now(), PrincipalId::local());
    let store = Store::open(data.path(), Default::default()).unwrap();
    let written = store.write(&local.actor(), now, |writing| {
        writing.put_session(&SessionRow {
            id: "s1".parse().unwrap(),
            hash: "a".repeat(64),
            person: local.clone(),
            span: SessionSpan { made_at: now, seen_at: now },
            signed_in_at: now,
            with: SignInMethod::Token,
            agent: None,
        })?;
        writing.put_invitation(&InvitationRow {
            id: "i1".parse().unwrap(),
            hash: "b".repeat(64),
            by: local.clone(),
            name: None,
            email: None,
            role: Default::default(),
            groups: Default::default(),
            made_at: now,
            expires_at: now,
        })?;
        writing.put_admin_link(&AdminLinkRow { hash: "c".repeat(64), person: local.clone(), expires_at: now })?;
        writing.put_api_token(&ApiTokenRow {
            id: "t1".parse().unwrap(),
            hash: "d".repeat(64),
            name: "build".to_owned(),
            owner: local.clone(),
            scopes: [Scope::Read].into(),
            deployments: None,
            made_at: now,
            expires_at: now,
            used_at: None,
        })
    });
    written.unwrap();
    drop(store);
    let contents = backup(data.path(), &to).unwrap();
    assert_eq!(restore(&to, &again).unwrap(), contents);
    let store = Store::open(&again, Default::default()).unwrap();
    store
        .read(|reading| {
            assert_eq!((reading.sessions()?, reading.invitations(None)?), (vec![], vec![]));
            assert_eq!(reading.admin_link_with_hash(&"c".repeat(64))?, None);
            assert_eq!(reading.api_tokens(None)?.len(), 1);
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert!(store.verify().unwrap().intact);
    // The backup is as it was.
    assert_eq!(restore(&to, &place.path().join("once more")).unwrap(), contents);
    let held = crate::store::read_copy(&to, |reading| reading.sessions()).unwrap();
    assert_eq!(held.len(), 1);
}
