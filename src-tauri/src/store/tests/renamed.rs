//! A field that is renamed later: what was stored under its old name is read, and comes to the same.

use domain::chain::{self, Link};
use domain::event::Versions;
use serde_json::Value;

use super::written_before::{opened, record, rows};
use super::*;
use crate::store::tables::{self, base};
use crate::store::{repair, schema, verify};

/// As if `to_revision`, `on_failure` and a setting of each configuration had had other names at first.
const RENAMED: Versions = Versions(&[|event| {
    rename(event, "leads_to", "to_revision");
    rename(event, "when_it_fails", "on_failure");
    if let Some(Value::Object(configuration)) = event.get_mut("configuration") {
        rename(configuration, "copies", "replicas");
    }
}]);

type Fields = serde_json::Map<String, Value>;

fn rename(fields: &mut Fields, from: &str, to: &str) {
    if let Some(value) = fields.remove(from) {
        fields.insert(to.to_owned(), value);
    }
}

fn in_record(columns: &mut [Value], from: &str, to: &str) {
    columns.iter_mut().filter_map(Value::as_object_mut).for_each(|record| rename(record, from, to));
}

/// The same event under the old names.
fn as_it_was(event: &str) -> String {
    let Value::Object(mut fields) = serde_json::from_str(event).unwrap() else { panic!("no event: {event}") };
    rename(&mut fields, "to_revision", "leads_to");
    rename(&mut fields, "on_failure", "when_it_fails");
    if let Some(Value::Object(configuration)) = fields.get_mut("configuration") {
        rename(configuration, "replicas", "copies");
    }
    domain::canonical::text(&Value::Object(fields))
}

#[test]
fn entries_of_an_older_version_are_read_and_fold_to_the_same_rows() {
    let (_folder, store) = opened("written-by-7800df8");
    let entries = store.read(|reading| reading.entries_after(Seq(0), 100_000)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut connection = repair::open(folder.path()).unwrap();
    let tx = connection.transaction().unwrap();
    let mut place = Link::genesis();
    let mut needed = 0;
    for mut written in entries {
        written.event = as_it_was(&written.event);
        written.hash = written.link().hash_after(&place.hash);
        // The hashes cover what was written.
        place = chain::follow(&place, &written.link()).unwrap();
        needed += u32::from(written.read().is_err());
        let recorded = written.read_as(RENAMED).unwrap();
        assert_eq!(recorded.hash, written.hash);
        tables::apply(&tx, &recorded.entry).unwrap();
    }
    assert!(needed > 10, "{needed} entries cannot be read without the step");
    for (table, before) in rows(&store) {
        assert_eq!(base::rows(&tx, table).unwrap(), before, "{table}");
    }
}

#[test]
fn an_entry_that_cannot_be_read_by_this_version_says_so() {
    let (_folder, store) = opened("written-by-7800df8");
    let mut written = store.read(|reading| reading.entries_after(Seq(0), 1)).unwrap().remove(0);
    written.event = written.event.replacen('{', r#"{"version":1000,"#, 1);
    let error = written.read().unwrap_err().to_string();
    assert!(error.contains("version 1000") && error.contains("newer"), "{error}");
}

#[test]
fn rows_that_archived_entries_left_are_renamed_too() {
    let (folder, store) = opened("archived-by-7800df8");
    let before = rows(&store);
    drop(store);
    let mut connection = repair::open(folder.path()).unwrap();
    let tx = connection.transaction().unwrap();
    base::bring_up_to_date(&tx, "deployments", |columns| in_record(columns, "status", "how")).unwrap();
    assert!(base::is_intact(&tx).unwrap());
    schema::rebuild(&tx).unwrap_err();
    base::bring_up_to_date(&tx, "deployments", |columns| in_record(columns, "how", "status")).unwrap();
    assert!(base::is_intact(&tx).unwrap());
    schema::rebuild(&tx).unwrap();
    for (table, rows) in before {
        let now = base::rows(&tx, table).unwrap();
        assert!(now.iter().map(|row| record(row)).eq(rows.iter().map(|row| record(row))), "{table}");
    }
    tx.commit().unwrap();
    assert!(verify(folder.path()).unwrap().intact);
}

#[test]
fn rows_that_were_changed_by_somebody_else_stay_so() {
    let (folder, store) = opened("archived-by-7800df8");
    drop(store);
    let connection = repair::open(folder.path()).unwrap();
    connection.execute("UPDATE base SET row = replace(row, 'running', 'dead') WHERE name = 'deployments'", []).unwrap();
    base::bring_up_to_date(&connection, "deployments", |_| {}).unwrap();
    assert!(!base::is_intact(&connection).unwrap());
}
