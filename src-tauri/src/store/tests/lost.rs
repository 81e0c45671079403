//! Databases that have lost something as a whole, and those that an earlier version wrote.

use std::fs;
use std::path::Path;

use super::*;
use crate::store::tables::{base, beside};
use crate::store::{archive, holds_nothing, repair};

/// A data directory that version 179162b wrote: 118 entries, secrets, and answers kept with secrets in them.
pub(super) fn written_before() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/disk/written-by-179162b");
    fs::copy(written.join(DATABASE), folder.path().join(DATABASE)).unwrap();
    folder
}

/// Takes a database back to an older version of the schema, without the tables that came since there are people.
pub(super) fn back_to(connection: &Connection, version: i64) {
    let since = [
        "principals",
        "groups",
        "grants",
        "policies",
        "freezes",
        "change_requests",
        "break_glass",
        "use_cases",
        "use_case_links",
        "notices",
        "deliveries",
        "replica_pasts",
    ];
    for table in since.into_iter().chain(beside::names()).chain(["sign_in_failures"]) {
        connection.execute_batch(&format!("DROP TABLE {table}; DELETE FROM base WHERE name = '{table}'")).unwrap();
    }
    connection.execute("UPDATE archived SET base = ?", [base::sum(connection).unwrap()]).unwrap();
    connection.pragma_update(None, "user_version", version).unwrap();
}

fn ada() -> Actor {
    "ada".parse().unwrap()
}

#[test]
fn a_database_of_the_version_before_opens_verifies_and_works() {
    let folder = written_before();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    let verified = store.verify().unwrap();
    assert_eq!((verified.intact, verified.entries, verified.problem), (true, 118, None));
    let head = "cde57de8ff8d31352aca0bd80a53db0ef7cef5780f537f332079b4551e70b8a3";
    assert_eq!(verified.head.as_deref(), Some(head), "its entries verify as they were written");
    append(&store, "another").unwrap();
    assert!(store.verify().unwrap().intact);
}

#[test]
fn a_database_of_the_version_before_is_archived_and_repaired_as_one_of_this_version() {
    let gone = b"e5343ea314311149218b4f6e1fbabde21bac63266666d71ff933ed5b8c8b5bbc";
    let whole = |folder: &Path| {
        assert!(!holds_nothing(folder).unwrap());
        let found = crate::store::verify(folder).unwrap();
        assert_eq!((found.intact, &found.problem), (true, &None), "{found:?}");
        let bytes = fs::read(folder.join(DATABASE)).unwrap();
        assert!(!bytes.windows(gone.len()).any(|window| window == gone), "a deleted secret is there");
    };
    let folder = written_before();
    let moved = archive(folder.path(), &folder.path().join("old.ndjson"), 50).unwrap();
    assert_eq!(moved.map(|(count, _)| count), Some(68));
    whole(folder.path());
    let folder = written_before();
    repair(folder.path(), false, &ada(), Timestamp::UNIX_EPOCH).unwrap();
    whole(folder.path());
}

#[test]
fn secrets_that_the_version_before_kept_twice_are_nowhere_any_more() {
    let folder = written_before();
    let path = folder.path().join(DATABASE);
    let holds = |secret: &str| fs::read(&path).unwrap().windows(secret.len()).any(|w| w == secret.as_bytes());
    // Of a deployment that was deleted; and a key of one that is there, which stands in two tables.
    let gone = "e5343ea314311149218b4f6e1fbabde21bac63266666d71ff933ed5b8c8b5bbc";
    let there = "4724c4be3e41c0a16f7f970e1c852a6446e6c82ae44adc123ec772339e239cd6";
    assert!(holds(gone) && holds(there));
    let store = Store::open(folder.path(), Events::default()).unwrap();
    store.checkpoint().unwrap();
    assert!(!holds(gone));
    let times =
        |secret: &str| fs::read(&path).unwrap().windows(secret.len()).filter(|w| *w == secret.as_bytes()).count();
    assert_eq!(times(there), 1);
}

#[test]
fn a_database_without_its_log_is_not_taken_for_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    append(&store, "a").unwrap();
    store.seal().unwrap();
    store.checkpoint().unwrap();
    append(&store, "b").unwrap();
    store.seal().unwrap();
    // As `kill -9` leaves it, and then the log is lost.
    let copy = tempfile::tempdir().unwrap();
    for name in [DATABASE, "head.json"] {
        fs::copy(folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let error = Store::open(copy.path(), Events::default()).unwrap_err();
    assert!(matches!(error, StoreError::Behind { found: Seq(1), written: Seq(2), .. }), "{error}");
    assert!(error.to_string().contains("changeover.db-wal"), "{error}");
    assert!(matches!(repair(copy.path(), false, &ada(), Timestamp::UNIX_EPOCH), Err(StoreError::Behind { .. })));
    // With the log it is whole.
    fs::copy(folder.path().join("changeover.db-wal"), copy.path().join("changeover.db-wal")).unwrap();
    assert_eq!(Store::open(copy.path(), Events::default()).unwrap().read(|r| r.last_seq()).unwrap(), Seq(2));
}

#[test]
fn somebody_may_decide_to_go_on_from_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    for name in ["a", "b"] {
        append(&store, name).unwrap();
    }
    store.seal().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let older = Store::open(copy.path(), Events::default()).unwrap();
    let later = Timestamp::from_second(2_000).unwrap();
    let id = "id-a".parse().unwrap();
    older.write(&ada(), later, |writing| writing.append(Some(&id), created("a"))).unwrap();
    drop(older);
    fs::copy(folder.path().join("head.json"), copy.path().join("head.json")).unwrap();
    let head = repair(copy.path(), true, &ada(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(head.seq, Seq(2));
    let store = Store::open(copy.path(), Events::default()).unwrap();
    assert!(store.verify().unwrap().intact);
    let last = store.read(|reading| reading.entries_after(Seq(1), 9)).unwrap().pop().unwrap();
    let entry = last.read().unwrap().entry;
    assert!(matches!(entry.event, Event::EntriesLost { last: Seq(2), .. }), "{last:?}");
    assert_eq!(entry.at, later, "its time is not before that of the entry before");
}

/// A store with three entries whose head is sealed, and its folder.
fn sealed() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    for name in ["a", "b", "c"] {
        append(&store, name).unwrap();
    }
    store.seal().unwrap();
    (folder, store)
}

#[test]
fn a_damaged_head_is_said_and_passed_over_by_who_accepts_a_loss() {
    let (folder, store) = sealed();
    drop(store);
    let head = folder.path().join("head.json");
    fs::write(&head, "{\"seq\":3,\"ha").unwrap();
    let error = Store::open(folder.path(), Events::default()).unwrap_err();
    assert!(matches!(error, StoreError::Head { .. }) && error.to_string().contains("--accept-loss"), "{error}");
    assert!(matches!(repair(folder.path(), false, &ada(), Timestamp::UNIX_EPOCH), Err(StoreError::Head { .. })));
    assert!(crate::store::verify(folder.path()).unwrap().problem.unwrap().contains("head.json"));
    repair(folder.path(), true, &ada(), Timestamp::UNIX_EPOCH).unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    assert!(store.verify().unwrap().intact);
}

#[test]
fn a_sealed_head_is_not_written_over_by_other_entries() {
    let (folder, store) = sealed();
    drop(store);
    // Another history of the same length, with hashes that fit.
    let other = tempfile::tempdir().unwrap();
    let forged = Store::open(other.path(), Events::default()).unwrap();
    for name in ["a", "b", "x", "y"] {
        append(&forged, name).unwrap();
    }
    forged.checkpoint().unwrap();
    drop(forged);
    let _ = fs::remove_file(folder.path().join("changeover.db-wal"));
    fs::copy(other.path().join(DATABASE), folder.path().join(DATABASE)).unwrap();
    let head = || fs::read(folder.path().join("head.json")).unwrap();
    let before = head();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    append(&store, "z").unwrap();
    store.seal().unwrap();
    repair(folder.path(), false, &ada(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(head(), before, "the evidence was written over");
    assert!(store.verify().unwrap().problem.unwrap().contains("entry 3"));
    // Somebody decides to go on, also while the server runs; then it seals again.
    let repaired = repair(folder.path(), true, &ada(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(repaired.seq, Seq(6));
    store.seal().unwrap();
    let last = append(&store, "after").unwrap();
    store.seal().unwrap();
    assert!(String::from_utf8(head()).unwrap().contains(&format!("\"seq\":{last}")));
    assert!(store.verify().unwrap().intact);
    // What is archived is not missing.
    archive(folder.path(), &folder.path().join("old.ndjson"), 2).unwrap().unwrap();
    append(&store, "later").unwrap();
    store.seal().unwrap();
    assert!(store.verify().unwrap().intact);
}

#[test]
fn a_power_cut_never_takes_what_was_sealed_and_a_cut_journal_does_not_hide() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    for n in 0..20 {
        append(&store, &format!("d{n}")).unwrap();
    }
    store.seal().unwrap();
    let other = Connection::open(folder.path().join(DATABASE)).unwrap();
    let trigger: String = other
        .query_row("SELECT sql FROM sqlite_schema WHERE name = 'journal_is_not_cut'", [], |row| row.get(0))
        .unwrap();
    other
        .execute_batch(&format!("DROP TRIGGER journal_is_not_cut; DELETE FROM journal WHERE seq > 10; {trigger}"))
        .unwrap();
    let found = store.verify().unwrap();
    assert_eq!((found.intact, found.first_broken), (false, Some(Seq(11))), "{found:?}");
    // The tables are those of all twenty: it opens, and what comes now leaves the gap to be seen.
    drop(store);
    let store = Store::open(folder.path(), Events::default()).unwrap();
    append(&store, "later").unwrap();
    store.seal().unwrap();
    let found = store.verify().unwrap();
    assert_eq!((found.intact, found.first_broken), (false, Some(Seq(11))), "{found:?}");
    // Not even when the note beside the journal is cut with it.
    let cut = "DELETE FROM journal WHERE seq > 10; UPDATE head SET (seq, hash) = (SELECT seq, hash FROM journal WHERE seq = 10)";
    other.execute_batch(&format!("DROP TRIGGER journal_is_not_cut; {cut}; {trigger}")).unwrap();
    let found = store.verify().unwrap();
    assert_eq!((found.intact, found.first_broken), (false, Some(Seq(11))), "{found:?}");
    store.seal().unwrap();
    assert!(!store.verify().unwrap().intact, "the seal was written over");
}

#[test]
fn nothing_is_what_an_empty_or_new_database_holds() {
    let folder = tempfile::tempdir().unwrap();
    assert!(holds_nothing(folder.path()).unwrap());
    let store = Store::open(folder.path(), Events::default()).unwrap();
    assert!(holds_nothing(folder.path()).unwrap());
    append(&store, "a").unwrap();
    assert!(!holds_nothing(folder.path()).unwrap());
    fs::write(folder.path().join("changeover.db"), "").unwrap();
    assert!(holds_nothing(folder.path()).unwrap());
    assert!(archive(&folder.path().join("none"), &folder.path().join("file"), 1).is_err());
}
