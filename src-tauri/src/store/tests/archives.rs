//! Old entries in a file of their own: they verify there, and so does what is left.

use std::fs;

use domain::chain::{self, Link};
use serde_json::Value;

use super::*;
use crate::store::tables::base;
use crate::store::{archive, repair};

/// Follows the chain in a file as whoever has only the file.
fn follow(text: &str) -> (Link, Link) {
    let lines: Vec<&str> = text.lines().collect();
    let (last, entries) = lines.split_last().unwrap();
    let end: Value = serde_json::from_str(last).unwrap();
    let link = |name: &str| serde_json::from_value::<Link>(end["end"][name].clone()).unwrap();
    let mut place = link("after");
    for line in entries {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        let raw: std::collections::HashMap<String, Box<serde_json::value::RawValue>> =
            serde_json::from_str(line).unwrap();
        let (at, actor, kind, hash) = (text("at"), text("actor"), text("kind"), text("hash"));
        let written = chain::WrittenEntry {
            seq: value["seq"].as_u64().unwrap(),
            at: &at,
            actor: &actor,
            deployment: value["deployment"].as_str(),
            kind: &kind,
            event: raw["event"].get(),
            hash: &hash,
        };
        place = chain::follow(&place, &written).unwrap();
    }
    assert_eq!(place, link("head"));
    (link("after"), place)
}

#[test]
fn archived_entries_verify_and_the_rest_goes_on_from_them() {
    let folder = lost::written_before();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    let before = store.read(|reading| reading.deployments()).unwrap();
    let place = |n: u32| folder.path().join(format!("{n}.ndjson"));
    let (count, first) = archive(folder.path(), &place(1), 50).unwrap().unwrap();
    assert_eq!((count, first.seq), (68, Seq(68)));
    assert_eq!(follow(&fs::read_to_string(place(1)).unwrap()), (Link::genesis(), first.clone()));
    // Begun in the middle of a rollout or not: the rest folds to the same rows.
    let found = store.verify().unwrap();
    assert_eq!((found.intact, found.entries, found.archived), (true, 50, Some(Seq(68))), "{found:?}");
    assert_eq!(store.read(|reading| reading.deployments()).unwrap(), before);
    append(&store, "another").unwrap();
    assert_eq!(store.read(|reading| reading.last_seq()).unwrap(), Seq(119));

    let (count, second) = archive(folder.path(), &place(2), 20).unwrap().unwrap();
    assert_eq!((count, second.seq), (31, Seq(99)));
    assert_eq!(follow(&fs::read_to_string(place(2)).unwrap()), (first, second.clone()));
    repair(folder.path(), false, &"ada".parse().unwrap(), Timestamp::UNIX_EPOCH).unwrap();
    drop(store);
    let store = Store::open(folder.path(), Events::default()).unwrap();
    let found = store.verify().unwrap();
    assert_eq!((found.intact, found.entries), (true, 20), "{found:?}");
    assert_eq!(store.read(|reading| reading.deployments()).unwrap()[1..], before[..]);

    assert_eq!(archive(folder.path(), &place(3), 20).unwrap(), None);
    assert!(!place(3).exists());
    let error = archive(folder.path(), &place(2), 5).unwrap_err();
    assert!(matches!(error, StoreError::File { .. }), "a file that is there is not written over: {error}");
    assert!(store.verify().unwrap().intact);
    store.lock().execute_batch("UPDATE base SET row = replace(row, 'iris', 'rose')").unwrap();
    assert!(!store.verify().unwrap().intact);
}

#[test]
fn an_archive_that_cannot_be_finished_leaves_no_file() {
    let folder = lost::written_before();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    let to = folder.path().join("1.ndjson");
    let stop = "CREATE TRIGGER full BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    store.lock().execute_batch(stop).unwrap();
    assert!(archive(folder.path(), &to, 50).unwrap_err().to_string().contains("the disk is full"));
    assert!(!to.exists());
    store.lock().execute_batch("DROP TRIGGER full").unwrap();
    assert!(store.verify().unwrap().intact);
    assert!(archive(folder.path(), &to, 50).unwrap().is_some());
}

#[test]
fn what_is_not_as_it_was_written_is_not_archived() {
    let folder = lost::written_before();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    let to = folder.path().join("1.ndjson");
    store.lock().execute_batch("UPDATE deployments SET record = replace(record, 'moderate', 'high')").unwrap();
    assert!(matches!(archive(folder.path(), &to, 50), Err(StoreError::Corrupt { .. })));
    assert!(!to.exists());
    assert_eq!(store.read(|reading| reading.entries_after(Seq(0), 1)).unwrap()[0].seq, Seq(1));
}

#[test]
fn rollouts_that_were_archived_before_they_held_their_change_are_read() {
    let folder = lost::written_before();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    archive(folder.path(), &folder.path().join("1.ndjson"), 50).unwrap();
    let rollouts = |store: &Store| {
        let read = |reading: &crate::store::Reading<'_>| {
            let deployments = reading.deployments()?.into_iter();
            deployments.map(|row| reading.rollouts(&row.id, None, 100)).collect::<Result<Vec<_>, _>>()
        };
        store.read(read).unwrap()
    };
    let before = rollouts(&store);
    assert_eq!(before.iter().flatten().count(), 3);
    // As the version before kept them.
    let older = "UPDATE base SET row = json_replace(row, '$[2]', json_set(json_remove(row ->> '$[2]',
                     '$.configuration', '$.scale', '$.purpose'), '$.kind', (row ->> '$[2]') ->> '$.purpose') || '')
                 WHERE name = 'rollouts'";
    assert_eq!(store.lock().execute(older, []).unwrap(), 3);
    let connection = store.lock();
    connection.execute("UPDATE archived SET base = ?", [base::sum(&connection).unwrap()]).unwrap();
    lost::back_to(&connection, 4);
    drop(connection);
    drop(store);
    let store = Store::open(folder.path(), Events::default()).unwrap();
    assert!(store.verify().unwrap().intact);
    assert_eq!(rollouts(&store), before);
}
