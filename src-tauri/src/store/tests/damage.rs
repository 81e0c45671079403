//! Changes of what is kept, made behind the program's back: every one is found, and none stops the others.

use std::fs;
use std::path::Path;

use domain::chain::Verification;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::store::repair;
use crate::store::tables::journal::Filter;

/// A store with three deployments and their secrets, and a way around it.
fn three() -> (tempfile::TempDir, Store, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    for name in ["a", "b", "c"] {
        append(&store, name).unwrap();
    }
    let actor: Actor = "ada".parse().unwrap();
    store.write(&actor, Timestamp::UNIX_EPOCH, |w| w.secrets(&"id-a".parse().unwrap())).unwrap();
    let other = Connection::open(folder.path().join(DATABASE)).unwrap();
    (folder, store, other)
}

/// Changes the journal as nobody can who does not mean to.
fn tamper(other: &Connection, change: &str) {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'";
    let triggers: Vec<(String, String)> = other
        .prepare(sql)
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for (name, _) in &triggers {
        other.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    other.execute_batch(change).unwrap();
    for (_, sql) in &triggers {
        other.execute_batch(sql).unwrap();
    }
}

fn broken(found: &Verification) -> (bool, Option<Seq>) {
    (found.intact, found.first_broken)
}

#[test]
fn the_journal_is_append_only() {
    let (_folder, _store, other) = three();
    for change in ["UPDATE journal SET actor = 'eve' WHERE seq = 2", "DELETE FROM journal WHERE seq = 2"] {
        let error = other.execute(change, []).unwrap_err().to_string();
        assert!(error.contains("append-only"), "{error}");
    }
}

#[test]
fn every_column_of_an_entry_is_covered() {
    let changes = [
        "UPDATE journal SET at = '1970-01-01T00:00:01Z' WHERE seq = 2",
        "UPDATE journal SET actor = 'eve' WHERE seq = 2",
        "UPDATE journal SET deployment = 'id-c' WHERE seq = 2",
        "UPDATE journal SET deployment = NULL WHERE seq = 2",
        "UPDATE journal SET kind = 'scaled' WHERE seq = 2",
        "UPDATE journal SET event = replace(event, 'moderate', 'high') WHERE seq = 2",
        "UPDATE journal SET hash = replace(hash, 'a', 'b') || 'x' WHERE seq = 2",
        "UPDATE journal SET actor = CAST(x'FF' AS TEXT) WHERE seq = 2",
        "UPDATE journal SET kind = CAST(x'C3' AS TEXT) WHERE seq = 2",
        "UPDATE journal SET event = x'00FF' WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
    ];
    for change in changes {
        let (_folder, store, other) = three();
        assert_eq!(broken(&store.verify().unwrap()), (true, None));
        tamper(&other, change);
        let found = store.verify().unwrap();
        assert_eq!(broken(&found), (false, Some(Seq(2))), "{change}: {found:?}");
    }
}

#[test]
fn a_damaged_entry_stops_neither_the_server_nor_a_list() {
    let (folder, store, other) = three();
    tamper(&other, "UPDATE journal SET event = CAST(x'FF' AS TEXT) WHERE seq = 2");
    let listed = store.read(|reading| reading.history(&Filter::default(), None, 10)).unwrap();
    let readable: Vec<_> = listed.iter().map(|written| (written.seq.0, written.read().is_ok())).collect();
    assert_eq!(readable, [(3, true), (2, false), (1, true)]);
    assert_eq!(store.read(|reading| reading.entries_after(Seq(0), 10)).unwrap().len(), 3);
    append(&store, "d").unwrap();
    drop(store);
    let store = Store::open(folder.path(), Events::default()).unwrap();
    append(&store, "e").unwrap();
    assert_eq!(store.verify().unwrap().first_broken, Some(Seq(2)));
    assert_eq!(store.read(|reading| reading.deployments()).unwrap().len(), 5);
    let refused = repair(folder.path(), false, &"ada".parse().unwrap(), Timestamp::UNIX_EPOCH);
    assert!(
        matches!(refused, Err(StoreError::Corrupt { table: "journal", .. })),
        "nothing is made of a changed journal"
    );
    assert_eq!(store.read(|reading| reading.deployments()).unwrap().len(), 5);
}

#[test]
fn a_damaged_time_of_the_newest_entry_neither_stops_writing_nor_sets_the_clock() {
    for damage in ["CAST(x'FF' AS TEXT)", "'soon'", "'9070-01-01T00:00:00Z'", "x'00'"] {
        let (_folder, store, other) = three();
        tamper(&other, &format!("UPDATE journal SET at = {damage} WHERE seq = 3"));
        assert_eq!(store.read(|reading| reading.newest_at()).unwrap(), Some(Timestamp::UNIX_EPOCH), "{damage}");
        append(&store, "d").unwrap();
        let written = store.read(|reading| reading.entries_after(Seq(3), 10)).unwrap();
        assert_eq!(written[0].at, Timestamp::UNIX_EPOCH.to_string(), "{damage}");
    }
}

#[test]
fn a_damaged_only_entry_does_not_set_the_clock() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), Events::default()).unwrap();
    append(&store, "a").unwrap();
    tamper(&Connection::open(folder.path().join(DATABASE)).unwrap(), "UPDATE journal SET at = '6026-01-01T00:00:00Z'");
    assert_eq!(store.read(|reading| reading.newest_at()).unwrap(), None);
    append(&store, "b").unwrap();
}

#[test]
fn a_damaged_note_of_the_head_does_not_stop_writing() {
    for damage in ["'none'", "x'00'", "-7"] {
        let (_folder, store, other) = three();
        other.execute_batch(&format!("UPDATE head SET seq = {damage}")).unwrap();
        assert_eq!(append(&store, "d").unwrap(), Seq(4), "{damage}");
        assert_eq!(broken(&store.verify().unwrap()), (true, None), "{damage}");
    }
}

#[test]
fn a_note_that_is_ahead_is_set_right_by_who_accepts_the_loss() {
    let (folder, store, other) = three();
    other.execute_batch("UPDATE head SET seq = 1027").unwrap();
    let ada = "ada".parse().unwrap();
    let refused = repair(folder.path(), false, &ada, Timestamp::UNIX_EPOCH);
    assert!(matches!(refused, Err(StoreError::Behind { found: Seq(3), written: Seq(1027), .. })), "{refused:?}");
    assert_eq!(repair(folder.path(), true, &ada, Timestamp::UNIX_EPOCH).unwrap().seq, Seq(4));
    assert_eq!(append(&store, "d").unwrap(), Seq(5));
    assert_eq!(broken(&store.verify().unwrap()), (true, None));
}

#[test]
fn what_decides_leaves_no_row_out() {
    let (_folder, store, other) = three();
    let id = "id-a".parse().unwrap();
    other
        .execute_batch(
            "INSERT INTO replicas (id, deployment, seq, record) VALUES ('r', 'id-a', 1, '{');
             INSERT INTO configurations (id, deployment, seq, record) VALUES ('c', 'id-a', 1, '{');
             INSERT INTO revisions (deployment, number, record) VALUES ('id-a', 1, '{');",
        )
        .unwrap();
    let decides = store.read(|reading| {
        let found = (
            reading.claims(&domain::id::TargetName::default()).is_ok(),
            reading.configurations(&id).is_ok(),
            reading.revisions(&id).is_ok(),
        );
        Ok::<_, StoreError>(found)
    });
    assert_eq!(decides.unwrap(), (false, false, false));
    let listed = store.read(|reading| {
        let (replicas, configurations) = (reading.readable_replicas()?, reading.readable_configurations(&id)?);
        Ok::<_, StoreError>((replicas.len(), configurations.len(), reading.readable_revisions(&id)?.len()))
    });
    assert_eq!(listed.unwrap(), (0, 0, 0));
}

#[test]
fn a_changed_row_is_found_and_made_again() {
    let changes = [
        "UPDATE deployments SET record = replace(record, 'moderate', 'high') WHERE name = 'b'",
        "UPDATE deployments SET name = 'x' WHERE name = 'b'",
        "DELETE FROM deployments WHERE name = 'b'",
        "UPDATE deployments SET record = CAST(x'FF' AS TEXT) WHERE name = 'b'",
        "UPDATE deployments SET record = '{' WHERE name = 'b'",
        "INSERT INTO models (name, version, digest, record) VALUES ('m', 1, 'd', '{}')",
    ];
    for change in changes {
        let (folder, store, other) = three();
        let before = store.read(|reading| reading.deployments()).unwrap();
        other.execute_batch(change).unwrap();
        let found = store.verify().unwrap();
        assert_eq!(broken(&found), (false, None), "{change}: {found:?}");
        assert!(found.problem.as_ref().unwrap().contains("changeover repair"), "{found:?}");
        // The others are still listed, and written.
        let listed = store.read(|reading| reading.readable_deployments()).unwrap();
        assert!(listed.len() >= 2, "{change}");
        // Also where they are read one after another, until there are enough.
        assert_eq!(store.read(|reading| reading.first_deployments("", 3, |_| true)).unwrap(), listed, "{change}");
        let first = store.read(|reading| reading.first_deployments("", 1, |row| row.name.as_str() != "a")).unwrap();
        assert_eq!(
            first,
            listed.iter().filter(|row| row.name.as_str() != "a").take(1).cloned().collect::<Vec<_>>(),
            "{change}"
        );
        append(&store, "d").unwrap();
        repair(folder.path(), false, &"ada".parse().unwrap(), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(broken(&store.verify().unwrap()), (true, None), "{change}");
        assert_eq!(store.read(|reading| reading.deployments()).unwrap()[..3], before, "{change}");
    }
}

#[test]
fn a_row_that_cannot_be_read_is_made_again_at_the_next_start() {
    let (folder, store, other) = three();
    let before = store.read(|reading| reading.deployments()).unwrap();
    other.execute_batch("UPDATE deployments SET record = CAST(x'FF' AS TEXT) WHERE name = 'b'").unwrap();
    assert!(store.read(|reading| reading.deployments()).is_err(), "where what is missing decides, none is left out");
    drop(store);
    let store = Store::open(folder.path(), Events::default()).unwrap();
    assert_eq!(store.read(|reading| reading.deployments()).unwrap(), before);
    // A model version's file is found, and removed, by its digest.
    let versions = super::lost::written_before();
    drop(Store::open(versions.path(), Events::default()).unwrap());
    for change in ["digest = replace(digest, substr(digest, 1, 1), 'q')", "digest = CAST(x'FF' AS TEXT)", "name = 'x'"]
    {
        let other = Connection::open(versions.path().join(DATABASE)).unwrap();
        other.execute_batch(&format!("UPDATE models SET {change} WHERE name = 'iris' AND version = 1")).unwrap();
        let store = Store::open(versions.path(), Events::default()).unwrap();
        assert_eq!(store.read(|reading| reading.digests()).unwrap().len(), 2, "{change}");
        assert!(store.verify().unwrap().intact, "{change}");
    }
    // With a damaged journal there is nothing to make it from.
    tamper(&other, "UPDATE journal SET actor = 'eve' WHERE seq = 2");
    other.execute_batch("UPDATE deployments SET record = '' WHERE name = 'b'").unwrap();
    drop(store);
    let error = Store::open(folder.path(), Events::default()).unwrap_err();
    assert!(matches!(error, StoreError::BeyondRepair { table: "deployments", .. }), "{error}");
}

#[test]
fn what_the_journal_does_not_cover_is_summed_up() {
    let (_folder, store, other) = three();
    other.execute_batch("UPDATE secrets SET tokens = replace(tokens, '0', '1') || 'x'").unwrap();
    assert!(store.verify().unwrap().problem.unwrap().contains("keys of deployment id-a"));
    let (_folder, store, other) = three();
    other.execute_batch("DROP TRIGGER journal_is_not_cut").unwrap();
    assert!(store.verify().unwrap().problem.unwrap().contains("triggers"));
}

/// Everything that can be read of a database.
fn contents(path: &Path) -> Option<String> {
    let connection = Connection::open(path).ok()?;
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let names: Vec<String> =
        connection.prepare(sql).ok()?.query_map([], |row| row.get(0)).ok()?.collect::<Result<_, _>>().ok()?;
    let mut text = String::new();
    for name in names {
        let rows = crate::store::tables::base::rows(&connection, &name).ok()?;
        text.push_str(&format!("{name}\n{}\n", rows.join("\n")));
    }
    Some(text)
}

/// Flips one bit of a real database, at places that are drawn at random: it is found, or nothing has changed.
#[test]
fn a_flipped_bit_is_found_or_changes_nothing() {
    let folder = super::lost::written_before();
    let path = folder.path().join(DATABASE);
    let store = Store::open(folder.path(), Events::default()).unwrap();
    store.seal().unwrap();
    store.checkpoint().unwrap();
    drop(store);
    let whole = fs::read(&path).unwrap();
    let before = contents(&path).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let place = copy.path().join(DATABASE);
    let mut harmless = 0;
    let mut runner = TestRunner::new(Config { cases: 40, failure_persistence: None, ..Config::default() });
    let drawn = runner.run(&(0..whole.len(), 0_u8..8), |(byte, bit)| {
        let mut bytes = whole.clone();
        bytes[byte] ^= 1 << bit;
        for name in ["changeover.db-wal", "changeover.db-shm"] {
            let _ = fs::remove_file(copy.path().join(name));
        }
        fs::write(&place, bytes).unwrap();
        let found = crate::store::verify(copy.path()).unwrap();
        if found.intact {
            let now = contents(&place);
            prop_assert_eq!(now.as_ref(), Some(&before), "bit {} of byte {} went unseen", bit, byte);
        }
        Ok(())
    });
    drawn.unwrap();
    // Much of the file is empty; but the check does not call everything harmless.
    for n in 0..20 {
        let mut bytes = whole.clone();
        // In the midst of something: most of the file is empty.
        let places = (0..whole.len()).map(|further| (n * 7_919 + 131 + further) % whole.len());
        let byte = places.into_iter().find(|byte| whole[*byte] != 0).unwrap();
        bytes[byte] ^= 0x10;
        for name in ["changeover.db-wal", "changeover.db-shm"] {
            let _ = fs::remove_file(copy.path().join(name));
        }
        fs::write(&place, bytes).unwrap();
        harmless += u32::from(crate::store::verify(copy.path()).unwrap().intact);
    }
    assert!(harmless < 20, "every flip was called harmless");
}
