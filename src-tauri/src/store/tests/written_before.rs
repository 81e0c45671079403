//! Data directories that an earlier version wrote (`tests/stored`): each is opened, verified and folded by this one, and
//! comes to the same as ever.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::store::Reading;
use crate::store::tables::{COVERED, base};

/// A copy of the database in `tests/stored/NAME`, opened.
pub(super) fn opened(name: &str) -> (tempfile::TempDir, Store) {
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/stored").join(name);
    let folder = tempfile::tempdir().unwrap();
    for file in [DATABASE, "head.json"] {
        std::fs::copy(written.join(file), folder.path().join(file)).unwrap();
    }
    let store = Store::open(folder.path(), Events::default()).unwrap();
    (folder, store)
}

/// Every row of every table that the journal covers.
pub(super) fn rows(store: &Store) -> BTreeMap<&'static str, Vec<String>> {
    let rows = |reading: &Reading<'_>| {
        COVERED.iter().map(|(table, _)| Ok((*table, base::rows(reading.0, table)?))).collect::<Result<_, StoreError>>()
    };
    store.read(rows).unwrap()
}

/// The record of a row: the last of its columns that is an object.
pub(super) fn record(row: &str) -> Value {
    let columns: Vec<Value> = serde_json::from_str(row).unwrap();
    let mut texts = columns.iter().filter_map(Value::as_str).filter(|text| text.starts_with('{'));
    serde_json::from_str(texts.next_back().unwrap()).unwrap()
}

/// The fields by which a deployment, and the rows that belong to one, are told.
const DEPLOYMENT: &[&str] = &[
    "status",
    "target_status",
    "last_operation/kind",
    "generation",
    "importance",
    "on_failure",
    "intended",
    "good",
    "kept",
    "held",
    "scale",
    "relaunches",
    "rollout",
    "about/description",
    "error",
];
const BELONGS: &[(&str, &[&str])] = &[
    ("configurations", &["configuration/name", "configuration/replicas", "configuration/user_config"]),
    ("revisions", &["number", "rollout", "state", "quarantined/reason", "rolled_back_to", "reason"]),
    (
        "rollouts",
        &[
            "number",
            "purpose",
            "from_revision",
            "to_revision",
            "phase",
            "marks/best",
            "on_failure",
            "quarantine_override",
            "rolled_back_to",
            "receipt/answered",
            "error",
        ],
    ),
    ("replicas", &["revision", "intent/meant", "observed/seen", "restarts", "problem"]),
    ("checks", &["step", "report/verdict"]),
];

/// The fields as `name=value`, without those that hold nothing.
fn told(record: &Value, fields: &[&str]) -> String {
    let mut text = String::new();
    for field in fields {
        match record.pointer(&format!("/{field}")).unwrap_or(&Value::Null) {
            Value::Null => {}
            value => write!(text, " {field}={value}").unwrap(),
        }
    }
    text
}

/// Each deployment's life, and how much of what is in the journal.
fn lives(store: &Store) -> String {
    let rows = rows(store);
    let mut text = String::new();
    for deployment in rows["deployments"].iter().map(|row| record(row)) {
        writeln!(text, "deployment {}{}", deployment["name"], told(&deployment, DEPLOYMENT)).unwrap();
        for (table, fields) in BELONGS {
            let mine = rows[table].iter().filter(|row| row.contains(deployment["id"].as_str().unwrap()));
            let mut lines: Vec<_> = mine.map(|row| format!("    {table}{}", told(&record(row), fields))).collect();
            lines.sort_by_key(|line| (line.len(), line.clone()));
            lines.into_iter().for_each(|line| writeln!(text, "{line}").unwrap());
        }
    }
    let steps = rows["steps"].iter().map(|row| record(row)["kind"].to_string());
    let entries = store.read(|reading| reading.entries_after(Seq(0), 100_000)).unwrap();
    writeln!(text, "steps{}", counted(steps)).unwrap();
    writeln!(text, "journal{}", counted(entries.into_iter().map(|written| written.kind))).unwrap();
    text
}

fn counted(words: impl Iterator<Item = String>) -> String {
    let mut counts = BTreeMap::<String, u32>::new();
    words.for_each(|word| *counts.entry(word).or_default() += 1);
    counts.into_iter().map(|(word, count)| format!("\n    {word} {count}")).collect()
}

fn comes_to_the_same(name: &str) {
    let (_folder, store) = opened(name);
    let verified = store.verify().unwrap();
    assert!(verified.intact, "{verified:?}");
    let before = rows(&store);
    store.rebuild().unwrap();
    assert_eq!(rows(&store), before);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/stored"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, lives(&store)));
}

#[test]
fn a_rollout_of_every_kind() {
    comes_to_the_same("written-by-7800df8");
}

#[test]
fn a_journal_whose_old_entries_are_archived() {
    comes_to_the_same("archived-by-7800df8");
}
