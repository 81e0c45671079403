//! A field that this version does not know stands in the way of nothing that is stored: of no entry and of no row.

use std::collections::BTreeSet;

use domain::event::{Event, VERSIONS};
use serde_json::{Value, json};

use super::written_before::{opened, record, rows};
use super::*;
use crate::store::tables::COVERED;

/// Fields whose object is no record: its keys are somebody's words, or say which of several it is.
const WORDS: &[&str] = &[
    "access",
    "address",
    "by_revision",
    "env",
    "event",
    "metadata",
    "mode",
    "opsets",
    "phase",
    "properties",
    "scope",
    "tags",
    "user_config",
    "values",
    "when",
];

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
fn rare() -> Vec<Value> {
    let person = "p-00000000000000000000000ada";
    let group = "g-0000000000000000000000risk";
    let plan = json!({
        "v": 2, "action": "replace", "deployment": "d1",
        "base": {"revision": 1, "content_hash": "0a", "importance": "high"},
        "to": {"content_hash": "0b", "code_hash": "0c", "artifacts": []},
        "strategy": null, "on_failure": "revert", "reason": null, "note": null, "accept_warnings": true,
        "quarantine_override": null, "checks_digest": "0d", "report_digest": null,
        "values": {"importance": {"old": "low", "new": "high"}},
        "apply": {"mode": "when_approved", "at": null, "not_after": null},
    });
    let version = json!({
        "number": 1, "author": person, "at": "2026-01-01T00:00:00Z", "plan_hash": "0e",
        "content": {"plan": plan, "configuration": "c1", "rolled_back_to": null, "terms": null, "create": null,
                    "bounds": {"lowest_available": 1, "highest_total": 2}, "tried_at": null},
    });
    let request = json!({
        "id": "q1", "deployment": null, "author": person, "current": version, "earlier": [], "reviews": [],
        "state": "open", "mode": "when_approved", "waiting_for": null, "expires_at": null,
        "asked_at": "2026-01-01T00:00:00Z", "ended": null,
    });
    let review = json!({"author": person, "version": 1, "plan_hash": "0e", "verdict": "approved", "comment": null,
                        "at": "2026-01-01T00:00:00Z", "withdrawn": false});
    let member = json!({"id": person, "role": "editor", "disabled": false, "since": "2026-01-01T00:00:00Z"});
    let at =
        json!({"at": {"at": "2026-01-01T00:00:00Z", "zone": "Europe/Berlin", "not_after": "2026-01-01T01:00:00Z"}});
    let ended = json!({"at": "2026-01-01T00:00:00Z", "code": "stale", "problem": "it moved", "rollout": 2});
    let policy = json!({"id": "y1", "terms": {"name": "Risk", "active": true, "actions": ["replace"],
        "importance": "any", "use_cases": ["u1"], "requesters": [], "reviewers": [group], "approvals": 1, "reminder": "1d",
        "expires": {"after": "7d", "action": "cancel"}, "approval_valid_for": "14d"}});
    let weekly =
        json!({"weekly": {"days": ["monday"], "from": "22:00", "to": "06:00", "days_later": 1, "zone": "UTC"}});
    let freeze = json!({"id": "f1", "terms": {"name": "Nights", "reason": "", "scope": {"importance": ["high"]},
                        "when": weekly}});
    let use_case = json!({"id": "u1", "terms": {"name": "Fraud", "description": "what belongs to it"},
                          "made_by": person, "made_at": "2026-01-01T00:00:00Z"});
    let application = json!({
        "terms": {"title": "Which iris?", "introduction": "", "fields":
            [{"name": "x", "label": "X", "hint": "in cm", "default": "1"}]},
        "made_by": person, "made_at": "2026-01-01T00:00:00Z",
    });
    vec![
        json!({"kind": "application_created", "application": application}),
        json!({"kind": "application_changed", "application": application}),
        json!({"kind": "application_deleted"}),
        json!({"kind": "rollout_unattended", "number": 1, "since": "2026-01-01T00:00:00Z"}),
        json!({"kind": "entries_lost", "last": 7, "hash": "0a"}),
        json!({"kind": "target_unseen", "rollout": 1, "why": "nobody answers"}),
        json!({"kind": "target_seen", "rollout": 1}),
        json!({"kind": "member_added", "member": member, "invitation": "i1"}),
        json!({"kind": "member_changed", "member": member}),
        json!({"kind": "person_erased", "id": person}),
        json!({"kind": "group_changed", "group": {"id": group, "name": "Risk", "members": [person],
               "provider_group": "risk"}}),
        json!({"kind": "group_deleted", "id": "g-0000000000000000000000gone"}),
        json!({"kind": "person_invited", "id": "i1", "role": "viewer", "groups": [group]}),
        json!({"kind": "invitation_withdrawn", "id": "i1"}),
        json!({"kind": "signed_in", "session": "s1", "with": "password"}),
        json!({"kind": "sessions_ended", "person": person, "count": 1}),
        json!({"kind": "password_changed"}),
        json!({"kind": "identity_linked"}),
        json!({"kind": "identity_unlinked"}),
        json!({"kind": "admin_link_made", "person": person}),
        json!({"kind": "token_issued", "id": "t1", "owner": person, "scopes": ["read"], "deployments": null,
               "expires_at": "2026-01-01T00:00:00Z"}),
        json!({"kind": "token_revoked", "id": "t1", "owner": person}),
        json!({"kind": "access_changed", "principal": person, "role": "user"}),
        json!({"kind": "change_asked", "request": request}),
        json!({"kind": "change_edited", "id": "q1", "edited": version, "mode": at, "expires_at": null}),
        json!({"kind": "change_reviewed", "id": "q1", "review": review}),
        json!({"kind": "review_withdrawn", "id": "q1"}),
        json!({"kind": "change_moved", "id": "q1", "event": "base_moved", "state": "stale", "waiting_for": "freeze",
               "moved": ["base.revision"], "ended": ended}),
        json!({"kind": "policy_changed", "policy": policy}),
        json!({"kind": "policy_deleted", "id": "y2"}),
        json!({"kind": "freeze_changed", "freeze": freeze}),
        json!({"kind": "freeze_deleted", "id": "f2"}),
        json!({"kind": "use_case_changed", "use_case": use_case}),
        json!({"kind": "use_case_deleted", "id": "u2"}),
        json!({"kind": "use_case_linked", "use_case": "u1"}),
        json!({"kind": "use_case_unlinked", "use_case": "u2"}),
        json!({"kind": "glass_broken", "id": "b1", "action": "replace", "name": "iris", "reason": "it burns",
               "policies": ["y1"], "freezes": ["f1"]}),
        json!({"kind": "glass_acknowledged", "id": "b2"}),
        json!({"kind": "statistics_cleared", "model": "iris@1", "revisions": [1], "from": null,
               "to": "2026-01-01T00:00:00Z", "reason": "a load test"}),
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
    // Tables that the fixture has no rows of.
    let actor: Actor = "ada".parse().unwrap();
    let rare = rare().into_iter().filter(|event| !event["kind"].as_str().unwrap().starts_with("target"));
    let linked = store.read(|reading| reading.deployments()).unwrap().remove(0).id;
    let entered = store.write(&actor, Timestamp::UNIX_EPOCH, |writing| {
        for event in rare {
            let adds = ["use_case_linked", "application_created"].iter().any(|kind| event["kind"] == *kind);
            let deployment = adds.then_some(&linked);
            writing.append(deployment, VERSIONS.read(&event.to_string()).unwrap())?;
        }
        Ok::<_, StoreError>(())
    });
    entered.unwrap();
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
