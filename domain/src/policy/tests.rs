//! Tables: what a policy is for, who may review by it, what cannot be used.

use serde_json::{Value, json};

use super::*;
use crate::principal::{Group, Member};
use crate::strict;

fn id(kind: &str, name: &str) -> PrincipalId {
    format!("{kind}-{name:0>26}").parse().unwrap()
}

fn person(name: &str) -> PrincipalId {
    id("p", name)
}

fn member(id: PrincipalId, role: ServerRole, disabled: bool) -> (PrincipalId, Member) {
    (id.clone(), Member { id, role, disabled, since: None })
}

/// Ada is an administrator, so is Dan, who is disabled. Ben, Eve, who is disabled, and the service bot are of the group
/// risk.
fn directory() -> Directory {
    let members = [
        member(person("ada"), ServerRole::Admin, false),
        member(person("ben"), ServerRole::Viewer, false),
        member(person("cleo"), ServerRole::Editor, false),
        member(person("dan"), ServerRole::Admin, true),
        member(person("eve"), ServerRole::Editor, true),
        member(id("s", "bot"), ServerRole::Admin, false),
    ];
    let risk = Group {
        id: id("g", "risk"),
        name: "Risk".to_owned(),
        members: [person("ben"), person("eve"), id("s", "bot")].into(),
        breaks_glass: false,
        provider_group: None,
    };
    Directory { members: members.into(), groups: [(risk.id.clone(), risk)].into() }
}

fn terms() -> Value {
    json!({"name": "Two of Risk", "actions": ["replace"], "importance": "above_moderate", "approvals": 2})
}

fn policy(changes: Value) -> Policy {
    let mut terms = terms();
    terms.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    Policy { id: "two".parse().unwrap(), terms: serde_json::from_value(terms).unwrap() }
}

#[test]
fn a_policy_is_for_its_actions_importances_and_requesters() {
    use DoesNotApply as Not;
    let fraud: BTreeSet<UseCaseId> = ["fraud".parse().unwrap()].into();
    let asked = |action, importance, requester: &str| Asked {
        action,
        importance,
        use_cases: fraud.clone(),
        requester: person(requester),
    };
    let replace = |importance| asked(GatedAction::Replace, importance, "cleo");
    let risk = json!({"requesters": [id("g", "risk")]});
    for (changes, asked, expected) in [
        (json!({}), replace(Importance::Critical), Ok(())),
        (json!({}), replace(Importance::High), Ok(())),
        (json!({}), replace(Importance::Moderate), Err(Not::Importance(Importance::Moderate))),
        (json!({"active": false}), replace(Importance::High), Err(Not::Inactive)),
        (json!({"importance": "any"}), replace(Importance::Low), Ok(())),
        (json!({"importance": ["low"]}), replace(Importance::Low), Ok(())),
        (json!({"importance": ["low"]}), replace(Importance::High), Err(Not::Importance(Importance::High))),
        (json!({}), asked(GatedAction::Delete, Importance::High, "cleo"), Err(Not::Action(GatedAction::Delete))),
        (risk.clone(), asked(GatedAction::Replace, Importance::High, "ben"), Ok(())),
        (risk, replace(Importance::High), Err(Not::Requester)),
        (json!({"use_cases": ["fraud", "payments"]}), replace(Importance::High), Ok(())),
        (json!({"use_cases": ["payments"]}), replace(Importance::High), Err(Not::UseCase)),
        // Each of its limits counts.
        (json!({"use_cases": ["fraud"]}), replace(Importance::Low), Err(Not::Importance(Importance::Low))),
        // A group that is gone has nobody.
        (json!({"requesters": [id("g", "gone")]}), replace(Importance::High), Err(Not::Requester)),
    ] {
        assert_eq!(policy(changes.clone()).applies(&asked, &directory()), expected, "{changes} {asked:?}");
    }
    let policies = [policy(json!({})), policy(json!({"active": false}))];
    let asked = replace(Importance::High);
    assert_eq!(applying(&policies, &asked, &directory()).count(), 1);
}

#[test]
fn reviewers_are_people_who_are_named_or_else_administrators() {
    for (reviewers, expected) in [
        (json!([]), vec!["ada"]),
        (json!([id("g", "risk")]), vec!["ben"]),
        (json!([person("cleo"), person("dan")]), vec!["cleo"]),
        (json!([id("g", "risk"), person("ada")]), vec!["ada", "ben"]),
        (json!([id("g", "gone")]), vec![]),
        (json!([id("s", "bot")]), vec![]),
    ] {
        let policy = policy(json!({"reviewers": reviewers}));
        let expected: BTreeSet<_> = expected.into_iter().map(person).collect();
        assert_eq!(policy.reviewers(&directory()), expected, "{reviewers}");
        for id in directory().members.keys() {
            assert_eq!(policy.eligible(id, &directory()), expected.contains(id), "{reviewers} {id}");
        }
    }
    assert!(!policy(json!({})).eligible(&person("nobody"), &directory()));
    let alone = Directory::default();
    assert!(policy(json!({})).eligible(&PrincipalId::local(), &alone));
}

#[test]
fn what_is_left_out_has_its_default_and_a_time_out_only_cancels() {
    let read =
        |json: &Value| strict::deserialize::<PolicyTerms, _>(json).map_err(|error| error.into_inner().to_string());
    let least = read(&terms()).unwrap();
    assert_eq!(least.check(), Ok(()));
    assert!(least.active && least.requesters.is_empty() && least.reviewers.is_empty());
    assert_eq!((least.approval_valid_for.to_string(), least.reminder, least.expires), ("14d".to_owned(), None, None));
    let full = json!({
        "name": "Two of Risk",
        "active": false,
        "actions": ["create", "replace"],
        "importance": ["critical", "low"],
        "use_cases": [],
        "requesters": [id("g", "staff")],
        "reviewers": [id("g", "risk")],
        "approvals": 2,
        "reminder": "1d",
        "expires": {"after": "7d", "action": "cancel"},
        "approval_valid_for": "36h",
    });
    let terms_of_all = read(&full).unwrap();
    assert_eq!(serde_json::to_value(&terms_of_all).unwrap(), full);
    let at = "2026-07-01T08:00:00Z".parse().unwrap();
    let policy = Policy { id: "two".parse().unwrap(), terms: terms_of_all };
    assert_eq!(policy.ends_at(at), Some("2026-07-08T08:00:00Z".parse().unwrap()));
    for (field, value) in [
        ("expires", json!({"after": "7d", "action": "approve"})),
        ("importance", json!("above_low")),
        ("importance", json!("high")),
        ("actions", json!(["restart"])),
        ("approval", json!(1)),
        ("reminder", json!("1w")),
    ] {
        let mut wrong = terms();
        wrong[field] = value;
        assert!(read(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_with_its_field() {
    for (changes, field) in [
        (json!({"name": ""}), "name"),
        (json!({"actions": []}), "actions"),
        (json!({"importance": []}), "importance"),
        (json!({"requesters": [person("ada")]}), "requesters"),
        (json!({"requesters": ["everyone"]}), "requesters"),
        (json!({"reviewers": [id("s", "bot")]}), "reviewers"),
        (json!({"reviewers": ["everyone"]}), "reviewers"),
        (json!({"use_cases": ["fraud"], "actions": ["replace", "create"]}), "use_cases"),
        (
            json!({"use_cases": (0..=MOST_USE_CASES).map(|number| format!("u{number}")).collect::<Vec<_>>()}),
            "use_cases",
        ),
        (json!({"approvals": 0}), "approvals"),
        (json!({"approvals": 21}), "approvals"),
    ] {
        assert_eq!(policy(changes.clone()).terms.check().unwrap_err().field, field, "{changes}");
    }
    let many: Vec<_> = (0..=MOST_PRINCIPALS).map(|number| person(&number.to_string())).collect();
    assert_eq!(policy(json!({"reviewers": many})).terms.check().unwrap_err().field, "reviewers");
    assert_eq!(policy(json!({"approvals": 20})).terms.check(), Ok(()));
}

#[test]
fn a_policy_mentions_whom_it_names_and_nobody_by_their_groups() {
    let (risk, ben) = (id("g", "risk"), person("ben"));
    for (changes, group, member) in [
        (json!({}), false, false),
        (json!({"reviewers": [risk]}), true, false),
        (json!({"requesters": [risk]}), true, false),
        (json!({"reviewers": [risk], "active": false}), true, false),
        (json!({"reviewers": [ben]}), false, true),
    ] {
        let policy = policy(changes);
        assert_eq!((policy.mentions(&risk), policy.mentions(&ben)), (group, member), "{:?}", policy.terms);
    }
}
