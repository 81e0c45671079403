//! The words of notices, read as people read them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::event::EventKind;
use crate::id::{Actor, Seq};
use crate::notice::{placeholder, topic_of};
use crate::principal::PrincipalId;
use crate::visible;

const PERSON: &str = "p-00000000000000000000000bob";

fn entry(event: Value) -> Entry {
    let event = serde_json::from_value(event).unwrap();
    Entry { seq: Seq(1), at: Timestamp::UNIX_EPOCH, actor: Actor::server(), deployment: None, event }
}

fn words(event: Value, whom: &str) -> Said {
    let (iris, id): (DeploymentName, RequestId) = ("iris".parse().unwrap(), "r1".parse().unwrap());
    let names = EntryNames {
        deployment: Some(&iris),
        actor: "Ada",
        whom,
        rollout: Some(RolloutNamed {
            kind: RolloutKind::Update,
            models: "iris@3",
            serves: true,
            problem: Some("No operator Foo"),
        }),
        request: Some((&id, "Replace iris@2 with iris@3 on iris")),
    };
    said(&entry(event), names).unwrap()
}

fn ended(phase: &str) -> Value {
    json!({"kind": "rollout_moved", "number": 7, "event": "settle", "phase": phase, "problem": "Replica r2 cannot run: no operator Foo",
           "receipt": {"answered": 1204, "failed": 0, "cut": 0, "retried": 0, "drained": 0, "longest_drain_ms": 0, "by_revision": {}}})
}

#[test]
fn a_rollout_that_went_back_says_what_happened_why_and_what_to_do() {
    let Said { subject, happened, why, next, path } = words(ended("reverted"), "");
    assert_eq!(subject, "Update of iris to iris@3 failed and was undone");
    assert_eq!(
        happened,
        "Rollout 7 of iris to iris@3 failed. Every replica runs the revision before it again. Meanwhile 1204 requests were answered, 0 failed."
    );
    assert_eq!(why.unwrap(), "Replica r2 cannot run: no operator Foo");
    assert!(next.unwrap().contains("update again"));
    assert_eq!(path, "/deployments/iris?tab=rollouts");
    // When it has gone back, the problem was said before.
    let mut went_back = ended("reverted");
    went_back["problem"] = Value::Null;
    assert_eq!(words(went_back, "").why.unwrap(), "No operator Foo");
    assert_eq!(words(ended("completed"), "").subject, "iris runs iris@3");
    assert!(words(ended("revert_failed"), "").next.unwrap().contains("now"));
}

#[test]
fn nothing_in_the_words_formats_or_ends_a_line() {
    let strange = "Mallory\r\nBcc: all@example.com\0\u{202e}moc";
    let review = json!({"author": PERSON, "version": 1, "plan_hash": "", "verdict": "comment", "at": "2026-11-30T10:00:00Z",
                        "comment": strange});
    let member = json!({"id": PERSON, "role": "admin", "disabled": true});
    for event in [
        json!({"kind": "access_changed", "principal": PERSON, "role": "owner"}),
        json!({"kind": "member_changed", "member": member}),
        json!({"kind": "change_reviewed", "id": "r1", "review": review}),
    ] {
        let said = words(event, strange);
        assert!(!visible::hides(&said.subject), "{said:?}");
        for text in [Some(&said.happened), said.why.as_ref(), said.next.as_ref()].into_iter().flatten() {
            assert_eq!(visible::shown(text), *text, "{said:?}");
            assert!(!text.contains('\r') && !text.contains('\u{202e}'), "{said:?}");
        }
    }
}

#[test]
fn people_are_named_when_somebody_reads() {
    let bob: PrincipalId = PERSON.parse().unwrap();
    let said = words(json!({"kind": "access_changed", "principal": PERSON, "role": "owner"}), &placeholder(&bob));
    let read = |name: &str| said.with_names(|id| if *id == bob { name.to_owned() } else { String::new() });
    assert_eq!(read("Bob").happened, "Ada gave Bob the role owner on iris.");
    assert_eq!(read("erased person").subject, "iris: erased person has the role owner");
    assert_eq!(read("B\r\nBcc: x\u{202e}").subject, "iris: B\u{fffd} Bcc: x\u{fffd} has the role owner");
}

/// An entry of each kind that people are told of.
fn told_of() -> Vec<Value> {
    let at = "2026-11-30T10:00:00Z";
    let review = json!({"author": PERSON, "version": 1, "plan_hash": "", "verdict": "approved", "at": at});
    let policy =
        json!({"id": "risk", "terms": {"name": "Risk", "actions": ["replace"], "importance": "any", "approvals": 1}});
    let freeze = json!({"id": "f", "terms": {"name": "Year's end", "reason": "Nobody is there", "scope": "all",
                        "when": {"switch": {"until": null}}}});
    let mut events = vec![
        json!({"kind": "delete_requested", "note": null}),
        json!({"kind": "access_changed", "principal": PERSON, "role": null}),
        json!({"kind": "change_reviewed", "id": "r1", "review": review}),
        json!({"kind": "review_withdrawn", "id": "r1"}),
        json!({"kind": "policy_changed", "policy": policy}),
        json!({"kind": "policy_deleted", "id": "risk"}),
        json!({"kind": "freeze_changed", "freeze": freeze}),
        json!({"kind": "freeze_deleted", "id": "f"}),
        json!({"kind": "glass_broken", "id": "g", "action": "replace", "name": "iris", "reason": "It answers nonsense", "policies": ["risk"], "freezes": ["f"]}),
        json!({"kind": "glass_acknowledged", "id": "g"}),
        json!({"kind": "member_added", "member": {"id": PERSON, "role": "viewer", "disabled": false}, "invitation": null}),
        json!({"kind": "member_changed", "member": {"id": PERSON, "role": "viewer", "disabled": false}}),
        json!({"kind": "admin_link_made", "person": PERSON}),
        json!({"kind": "signed_in", "session": "s", "with": "password"}),
        json!({"kind": "password_changed"}),
        json!({"kind": "identity_linked"}),
        json!({"kind": "identity_unlinked"}),
        json!({"kind": "token_issued", "id": "t", "owner": PERSON, "scopes": ["read"], "deployments": null, "expires_at": at}),
        json!({"kind": "token_revoked", "id": "t", "owner": PERSON}),
        json!({"kind": "sessions_ended", "person": PERSON, "count": 2}),
    ];
    for phase in ["completed", "reverted", "revert_failed", "failed", "cancelled"] {
        events.push(ended(phase));
    }
    let moved = |event: Value, waiting: Option<&str>| json!({"kind": "change_moved", "id": "r1", "event": event, "state": "open", "waiting_for": waiting, "ended": null});
    events.extend(
        ["policies_unmet", "base_moved", "applied", "failed", "cancelled", "expired", "deployment_deleted"]
            .map(|event| moved(json!(event), None)),
    );
    events.extend(["when_approved", "by_hand", "at"].map(|way| moved(json!({"policies_met": way}), None)));
    events.extend(["freeze", "operation", "check"].map(|thing| moved(Value::Null, Some(thing))));
    events
}

#[test]
fn whatever_has_a_topic_has_words_that_end_like_sentences() {
    let mut kinds: Vec<EventKind> = Vec::new();
    for event in told_of() {
        let entry = entry(event.clone());
        assert!(topic_of(&entry.event).is_some(), "{event}");
        let said = words(event, "Bob");
        assert!(said.happened.ends_with('.'), "{said:?}");
        assert!(!said.subject.ends_with('.') && !said.subject.is_empty(), "{said:?}");
        assert!(said.next.as_ref().is_none_or(|next| next.ends_with('.')), "{said:?}");
        assert!(said.path.starts_with('/'), "{said:?}");
        kinds.push(entry.event.kind());
    }
    kinds.sort();
    kinds.dedup();
    // Beside them only change_asked and change_edited, which hold a whole plan: the tests of who is told have those.
    assert_eq!(kinds.len(), 22, "{kinds:?}");
}
