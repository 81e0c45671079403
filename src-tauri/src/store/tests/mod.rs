//! The store on real files: the schema's version, all or nothing, and what happens when it cannot be written.

mod archives;
mod damage;
mod journals;
mod lost;
mod renamed;
mod strange_fields;
mod written_before;

use domain::deployment::Terms;
use domain::event::Event;
use domain::id::{Actor, DeploymentId, Seq};
use jiff::Timestamp;
use rusqlite::Connection;

use super::{DATABASE, Store, StoreError};
use crate::events::Events;

fn created(name: &str) -> Event {
    Event::DeploymentCreated {
        default_access: Default::default(),
        name: name.parse().unwrap(),
        target: domain::id::TargetName::default(),
        expires_at: None,
        terms: Terms::default(),
    }
}

fn append(store: &Store, name: &str) -> Result<Seq, StoreError> {
    let actor: Actor = "ada".parse().unwrap();
    let id: DeploymentId = format!("id-{name}").parse().unwrap();
    store.write(&actor, Timestamp::UNIX_EPOCH, |writing| writing.append(Some(&id), created(name)))
}

#[test]
fn a_database_from_the_future_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(Store::open(folder.path(), Events::default()).unwrap());
    let path = folder.path().join("changeover.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = Store::open(folder.path(), Events::default()).unwrap_err();
    assert!(matches!(error, StoreError::FromTheFuture { found: 99, .. }), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("changeover.db"), "not a database".repeat(100)).unwrap();
    assert!(matches!(Store::open(folder.path(), Events::default()), Err(StoreError::Sqlite(_))));
}

#[test]
fn a_failed_transaction_leaves_nothing_and_publishes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let events = Events::default();
    let mut listening = events.subscribe();
    let store = Store::open(folder.path(), events).unwrap();
    append(&store, "a").unwrap();
    // The second name is taken, which the table refuses after the journal has taken the entry.
    let actor: Actor = "ada".parse().unwrap();
    let refused = store.write(&actor, Timestamp::UNIX_EPOCH, |writing| {
        writing.append(Some(&"id-b".parse().unwrap()), created("b"))?;
        writing.append(Some(&"id-c".parse().unwrap()), created("a"))
    });
    assert!(matches!(refused, Err(StoreError::Sqlite(_))));
    let (last, rows) = store.read(|r| Ok::<_, StoreError>((r.last_seq()?, r.deployment_count()?))).unwrap();
    assert_eq!((last, rows), (Seq(1), 1));
    assert_eq!(listening.try_recv().unwrap().entry.seq, Seq(1));
    assert!(listening.try_recv().is_err());
}

#[test]
fn a_full_disk_is_said_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    append(&store, "a").unwrap();
    let pages: i64 = store.lock().pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    store.lock().pragma_update(None, "max_page_count", pages).unwrap();
    let error = (0..10_000).find_map(|n| append(&store, &format!("d{n}")).err()).unwrap();
    assert!(matches!(error, StoreError::Full), "{error}");
    assert!(store.read(|reading| reading.verify_history()).unwrap().intact);
    assert!(store.trouble().unwrap().contains("full"));
    store.lock().pragma_update(None, "max_page_count", 1_000_000).unwrap();
    append(&store, "after").unwrap();
    assert_eq!(store.trouble(), None);
}

#[test]
fn another_programs_lock_is_said_and_forgotten_when_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    append(&store, "a").unwrap();
    let other = Connection::open(folder.path().join(DATABASE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(append(&store, "b"), Err(StoreError::Locked)));
    assert!(store.trouble().unwrap().contains("locked"));
    assert_eq!(store.read(|reading| reading.last_seq()).unwrap(), Seq(1), "it is still read");
    store.try_again();
    assert!(store.trouble().is_some());
    other.execute_batch("ROLLBACK").unwrap();
    store.try_again();
    assert_eq!(store.trouble(), None);
}

#[test]
fn the_files_are_their_owners_alone_whatever_the_folder_is() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join(DATABASE);
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    append(&store, "a").unwrap();
    store.seal().unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 4, "database, log, index of the log, head: {files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    assert_eq!(folder.path().metadata().unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn entries_stand_in_the_order_of_their_times_also_when_the_clock_was_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    let actor: Actor = "ada".parse().unwrap();
    let append = |name: &str, second| {
        let (id, now) = (format!("id-{name}").parse().unwrap(), Timestamp::from_second(second).unwrap());
        store.write(&actor, now, |writing| writing.append(Some(&id), created(name))).unwrap();
    };
    append("a", 2_000);
    append("b", 1_000);
    append("c", 3_000);
    let entries = store.read(|reading| reading.entries_after(Seq(0), 10)).unwrap();
    let times: Vec<_> = entries.iter().map(|written| written.read().unwrap().entry.at.as_second()).collect();
    assert_eq!(times, [2_000, 2_000, 3_000]);
    assert_eq!(store.read(|reading| reading.newest_at()).unwrap().unwrap().as_second(), 3_000);
}
