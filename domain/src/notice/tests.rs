//! A table of what is told to whom, and the rules that hold for all of it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::access::{Grant, Role};
use crate::exact_plan::{ExactPlan, PlanApply, PlanApplyMode};
use crate::id::{Actor, Seq};
use crate::policy::GatedAction;
use crate::principal::{Group, Member, ServerRole};
use crate::requested::RequestedChange;

fn id(name: &str) -> PrincipalId {
    match name {
        "everyone" => PrincipalId::everyone(),
        "risk" => format!("g-{name:0>26}").parse().unwrap(),
        "robot" => format!("s-{name:0>26}").parse().unwrap(),
        _ => format!("p-{name:0>26}").parse().unwrap(),
    }
}

/// Ada owns the deployment, bob and dora are the group Risk, which uses it, cy consumes it by name; eve is an
/// administrator, dora is disabled, fay has nothing to do with it, and the robot owns it too.
fn directory() -> Directory {
    let member = |name: &str, role, disabled| (id(name), Member { id: id(name), role, disabled, since: None });
    let group = Group {
        id: id("risk"),
        name: "Risk".to_owned(),
        members: ["bob", "dora"].map(id).into(),
        breaks_glass: false,
        provider_group: None,
    };
    let (editor, viewer) = (ServerRole::Editor, ServerRole::Viewer);
    Directory {
        members: [
            member("ada", editor, false),
            member("bob", viewer, false),
            member("cy", viewer, false),
            member("dora", viewer, true),
            member("eve", ServerRole::Admin, false),
            member("fay", viewer, false),
            member("robot", editor, false),
        ]
        .into(),
        groups: [(group.id.clone(), group)].into(),
    }
}

fn grants(roles: &[(&str, Role)]) -> Grants {
    let grant = |role| Grant { role, by: Actor::server(), at: Timestamp::UNIX_EPOCH };
    roles.iter().map(|(name, role)| (id(name), grant(*role))).collect()
}

fn entry(actor: &str, event: Value) -> Entry {
    let actor = if actor == "changeover" { Actor::server() } else { id(actor).actor() };
    let event = serde_json::from_value(event).unwrap();
    Entry { seq: Seq(1), at: Timestamp::UNIX_EPOCH, actor, deployment: Some("iris".parse().unwrap()), event }
}

/// *ada: request_moved, bob: …*, in the order of the names.
fn shown(actor: &str, event: Value) -> String {
    let own = grants(&[
        ("ada", Role::Owner),
        ("robot", Role::Owner),
        ("risk", Role::User),
        ("cy", Role::Consumer),
        ("everyone", Role::Consumer),
    ]);
    let policy = json!({"id": "risk", "terms": {"name": "Risk", "actions": ["replace"], "importance": "any",
                        "reviewers": [id("risk"), id("ada")], "approvals": 1}});
    let policy: Policy = serde_json::from_value(policy).unwrap();
    let (directory, held) = (directory(), [own.clone(), grants(&[("fay", Role::Owner)])]);
    let authors = [id("ada")];
    let around = Concerns {
        directory: &directory,
        grants: &own,
        authors: &authors,
        policies: std::slice::from_ref(&policy),
        held: &held,
    };
    let told = told(&entry(actor, event), around);
    let name = |id: &PrincipalId| id.as_str()[2..].trim_start_matches('0').to_owned();
    let mut shown: Vec<_> = told.iter().map(|(person, topic)| format!("{}: {topic}", name(person))).collect();
    shown.sort();
    shown.join(", ")
}

fn moved(event: &str, state: &str, waiting_for: Value) -> Value {
    let event = match event {
        "" => Value::Null,
        "policies_met" => json!({"policies_met": "at"}),
        event => json!(event),
    };
    json!({"kind": "change_moved", "id": "r", "event": event, "state": state, "waiting_for": waiting_for, "ended": null})
}

/// Another version of a change, of which nothing is judged here but that there is one.
fn edited() -> Value {
    let apply = PlanApply { mode: PlanApplyMode::WhenApproved, at: None, not_after: None };
    let plan = ExactPlan::new(GatedAction::Delete, Some("iris".parse().unwrap()), None, apply);
    let content = RequestedChange {
        plan,
        configuration: None,
        rolled_back_to: None,
        terms: None,
        create: None,
        bounds: None,
        tried_at: None,
    };
    let version = json!({"number": 2, "author": id("ada"), "at": Timestamp::UNIX_EPOCH, "plan_hash": "h",
                         "content": serde_json::to_value(content).unwrap()});
    json!({"kind": "change_edited", "id": "r", "edited": version, "mode": "when_approved", "expires_at": null})
}

fn ended(phase: &str) -> Value {
    let receipt = serde_json::to_value(crate::receipt::Receipt::default()).unwrap();
    json!({"kind": "rollout_moved", "number": 2, "event": "settle", "phase": phase, "problem": null, "receipt": receipt})
}

#[test]
fn each_entry_is_told_to_whom_it_concerns() {
    let member = serde_json::to_value(&directory().members[&id("fay")]).unwrap();
    for (actor, event, expected) in [
        ("changeover", ended("completed"), "ada: rollout_ended, bob: rollout_ended, cy: rollout_ended"),
        // What failed is nothing that a consumer sees.
        ("changeover", ended("reverted"), "ada: rollout_ended, bob: rollout_ended"),
        ("changeover", ended("superseded"), ""),
        ("changeover", ended("rolling"), ""),
        ("ada", json!({"kind": "delete_requested", "note": null}), "bob: deployment_deleted, cy: deployment_deleted"),
        (
            "ada",
            json!({"kind": "access_changed", "principal": id("fay"), "role": "user"}),
            "bob: access_changed, fay: access_changed",
        ),
        (
            "eve",
            json!({"kind": "access_changed", "principal": "everyone", "role": null}),
            "ada: access_changed, bob: access_changed",
        ),
        (
            "eve",
            json!({"kind": "access_changed", "principal": id("cy"), "role": "consumer"}),
            "ada: access_changed, bob: access_changed, cy: access_changed",
        ),
        // Who reviews, but who wrote it.
        ("ada", edited(), "bob: review_wanted"),
        ("bob", edited(), ""),
        ("ada", json!({"kind": "review_withdrawn", "id": "r"}), ""),
        ("bob", json!({"kind": "review_withdrawn", "id": "r"}), "ada: request_moved"),
        ("changeover", moved("policies_met", "scheduled", Value::Null), "ada: request_waits"),
        ("changeover", moved("", "scheduled", json!("freeze")), "ada: request_waits"),
        ("changeover", moved("", "scheduled", Value::Null), ""),
        ("changeover", moved("base_moved", "stale", Value::Null), "ada: request_moved"),
        ("changeover", moved("expired", "expired", Value::Null), "ada: request_moved"),
        ("ada", moved("cancelled", "cancelled", Value::Null), ""),
        ("bob", moved("changes_requested", "changes_requested", Value::Null), ""),
        ("ada", json!({"kind": "glass_acknowledged", "id": "g"}), "bob: break_glass, eve: break_glass"),
        ("eve", json!({"kind": "freeze_deleted", "id": "f"}), "ada: freeze_changed, fay: freeze_changed"),
        ("ada", json!({"kind": "policy_deleted", "id": "p"}), "eve: server_changed"),
        ("eve", json!({"kind": "policy_deleted", "id": "p"}), ""),
        ("eve", json!({"kind": "member_changed", "member": member}), "fay: own_account"),
        ("changeover", json!({"kind": "admin_link_made", "person": id("eve")}), "eve: own_account"),
        ("cy", json!({"kind": "password_changed"}), "cy: own_account"),
        ("dora", json!({"kind": "password_changed"}), ""),
        ("eve", json!({"kind": "token_revoked", "id": "t", "owner": id("robot")}), ""),
        ("ada", json!({"kind": "revision_removed", "number": 1}), ""),
    ] {
        assert_eq!(shown(actor, event.clone()), expected, "{actor}: {event}");
    }
}

#[test]
fn what_cannot_be_switched_off_is_what_somebody_else_counts_on() {
    let kept: Vec<_> = Topic::ALL.into_iter().filter(|topic| !topic.may_be_switched_off()).collect();
    assert_eq!(kept, [Topic::ReviewWanted, Topic::BreakGlass, Topic::OwnAccount]);
    for topic in Topic::ALL {
        assert!(topic.channels().starts_with(&[Channel::Application, Channel::Email]), "{topic}");
    }
}
