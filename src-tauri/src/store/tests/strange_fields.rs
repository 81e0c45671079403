//! A field that this version does not know stands in the way of nothing that is stored: of no entry and of no row.

use std::collections::BTreeSet;

use domain::event::{Event, VERSIONS};
use serde_json::{Value, json};

use super::written_before::{opened, record, rows};
use super::*;
use crate::store::tables::COVERED;

/// Fields whose object is no record: its keys are somebody's words, or say which of several it is.
const WORDS: &[&str] =
    &["by_revision", "env", "event", "metadata", "opsets", "phase", "properties", "tags", "user_config", "address"];

/// Gives every record in it a field that nobody knows.
fn add_to(value: &mut Value, is_record: bool) {
    match value {
        Value::Object(fields) => {
            for (name, inside) in fields.iter_mut() {
                add_to(inside, !WORDS.contains(&name.as_str()));
            }
            if is_record {
                fields.insert("colour".to_owned(), json!({"of": ["tomorrow"]}));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| add_to(item, is_record)),
        _ => {}
    }
}

/// Events that the fixture has none of.
fn rare() -> [Value; 4] {
    [
        json!({"kind": "rollout_unattended", "number": 1, "since": "2026-01-01T00:00:00Z"}),
        json!({"kind": "entries_lost", "last": 7, "hash": "0a"}),
        json!({"kind": "target_unseen", "rollout": 1, "why": "nobody answers"}),
        json!({"kind": "target_seen", "rollout": 1}),
    ]
}

#[test]
fn an_event_of_every_kind_is_read_as_if_the_field_were_not_there() {
    let (_folder, store) = opened("written-by-7800df8");
    let entries = store.read(|reading| reading.entries_after(Seq(0), 100_000)).unwrap();
    let stored = entries.into_iter().map(|written| serde_json::from_str(&written.event).unwrap());
    let mut kinds = BTreeSet::new();
    for event in stored.chain(rare()) {
        let known = VERSIONS.read(&event.to_string()).unwrap();
        let mut with = event.clone();
        add_to(&mut with, true);
        assert_ne!(with, event);
        let read = VERSIONS.read(&with.to_string()).unwrap_or_else(|error| panic!("{error}: {with}"));
        assert_eq!(read, known);
        kinds.insert(event["kind"].as_str().unwrap().to_owned());
    }
    // serde names every kind that there is.
    let every = serde_json::from_value::<Event>(json!({"kind": ""})).unwrap_err().to_string();
    let every: BTreeSet<_> = every.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    assert_eq!(kinds, every);
}

#[test]
fn a_row_of_every_table_is_read_all_the_same() {
    let (_folder, store) = opened("written-by-7800df8");
    let rows = rows(&store);
    for (table, check) in COVERED {
        assert!(!rows[table].is_empty(), "{table}");
        for row in &rows[table] {
            let mut with = record(row);
            add_to(&mut with, true);
            check(table, &with.to_string()).unwrap_or_else(|error| panic!("{error}: {with}"));
        }
    }
}
