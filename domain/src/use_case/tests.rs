//! Tables: who sees a use case, who changes it, and who links deployments to it, with and without rules that name it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::access::{Grant, Grants};
use crate::caller::{Caller, Scope, Through};
use crate::id::DeploymentId;
use crate::principal::Member;
use ServerRole::{Admin, Editor, Viewer};

fn person(name: &str) -> PrincipalId {
    format!("p-{}", name.repeat(26)).parse().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Ada, who has signed in at 0, or comes through a token.
fn ada(role: ServerRole, token: Option<(&[Scope], Option<&str>)>) -> Rights {
    let member = Member { id: person("a"), role, disabled: false, since: None };
    let mut caller = Caller::new(member.id.actor());
    caller.through = match token {
        None => Through::Session { id: "s1".parse().unwrap(), signed_in_at: at(0) },
        Some((scopes, only)) => Through::Token {
            id: "t1".parse().unwrap(),
            scopes: scopes.iter().copied().collect(),
            deployments: only.map(|id| [id.parse().unwrap()].into()),
        },
    };
    Rights::of(caller, Some(&member), Vec::new(), false)
}

fn use_case(made_by: &str) -> UseCase {
    let terms = UseCaseTerms { name: "Fraud".to_owned(), description: String::new() };
    UseCase { id: "fraud".parse().unwrap(), terms, made_by: person(made_by), made_at: at(0) }
}

fn policy(use_cases: &[&str], active: bool) -> Policy {
    let terms = json!({"name": "Two of Risk", "active": active, "actions": ["replace"], "importance": "any",
                       "use_cases": use_cases, "approvals": 2});
    Policy { id: "two".parse().unwrap(), terms: serde_json::from_value(terms).unwrap() }
}

/// A freeze that holds no more.
fn freeze(use_cases: &[&str]) -> Freeze {
    let terms = json!({"name": "Quarter end", "scope": {"use_cases": use_cases},
                       "when": {"switch": {"until": "1970-01-01T00:00:00Z"}}});
    Freeze { id: "q3".parse().unwrap(), terms: serde_json::from_value(terms).unwrap() }
}

fn grants(role: Option<Role>) -> Grants {
    let grant = |role| (person("a"), Grant { role, by: person("b").actor(), at: at(0) });
    role.map(grant).into_iter().collect()
}

fn here() -> DeploymentId {
    "d1".parse().unwrap()
}

#[test]
fn who_sees_it_and_who_changes_it() {
    let admin = Err(Denied::ServerRole(Admin));
    let unseen = Err(Denied::Unseen);
    let (deploy, read) = (&[Scope::Deploy], &[Scope::Read]);
    for (rights, made_by, opens_one, expected) in [
        (ada(Admin, None), "b", false, Ok(())),
        (ada(Editor, None), "a", false, Ok(())),
        (ada(Editor, None), "b", true, admin),
        (ada(Editor, None), "b", false, unseen),
        // Whoever made it and may only read now sees it still.
        (ada(Viewer, None), "a", false, Err(Denied::ServerRole(Editor))),
        (ada(Viewer, None), "b", true, Err(Denied::ServerRole(Editor))),
        (ada(Editor, Some((deploy, None))), "a", false, Ok(())),
        (ada(Editor, Some((read, None))), "a", false, Err(Denied::Scope(Scope::Deploy))),
        // A token for some deployments reaches what they belong to, and changes nothing for the others.
        (ada(Editor, Some((deploy, Some("d1")))), "a", true, Err(Denied::OtherDeployments)),
        (ada(Editor, Some((deploy, Some("d1")))), "a", false, unseen),
        (ada(Admin, Some((deploy, Some("d1")))), "b", false, unseen),
    ] {
        let use_case = use_case(made_by);
        assert_eq!(may_change(&rights, &use_case, opens_one, at(60)), expected, "{rights:?} {made_by} {opens_one}");
        assert_eq!(sees(&rights, &use_case, opens_one), expected != unseen, "{rights:?} {made_by} {opens_one}");
    }
    let nobody = Rights { server: None, ..ada(Admin, None) };
    assert!(!sees(&nobody, &use_case("a"), true));
}

#[test]
fn who_links_and_who_unlinks() {
    use Role::{Consumer, Owner, User};
    let (none, named, held) = ((false, false), (true, false), (false, true));
    let (old, young) = (at(3_600), at(60));
    let user = Err(Denied::Role(User));
    let owner = Err(Denied::Role(Owner));
    let editor = Err(Denied::ServerRole(Editor));
    let admin = Err(Denied::ServerRole(Admin));
    let scope = Err(Denied::Scope(Scope::Deploy));
    let (deploy, both) = (&[Scope::Deploy][..], &[Scope::Deploy, Scope::Admin][..]);
    for (rights, role, rule, now, link, unlink) in [
        // Nothing names it: whoever opens the deployment and may change something on the server.
        (ada(Editor, None), Some(User), none, old, Ok(()), Ok(())),
        (ada(Viewer, None), Some(Owner), none, old, editor, editor),
        (ada(Editor, None), Some(Consumer), none, old, user, user),
        (ada(Editor, None), None, none, old, Err(Denied::Unseen), Err(Denied::Unseen)),
        (ada(Editor, Some((deploy, Some("d1")))), Some(User), none, old, Ok(()), Ok(())),
        (ada(Editor, Some((&[Scope::Read], None))), Some(User), none, old, scope, scope),
        // A policy names it: its owners put a deployment under it, and who may change the policy takes it out.
        (ada(Editor, None), Some(User), named, young, owner, admin),
        (ada(Editor, None), Some(Owner), named, young, Ok(()), admin),
        (ada(Admin, None), None, named, young, Ok(()), Ok(())),
        (ada(Admin, None), None, named, old, Ok(()), Err(Denied::SignInTooOld)),
        (ada(Admin, Some((both, None))), None, named, young, Ok(()), Err(Denied::ThroughToken)),
        // So with a freeze, also one that does not hold now.
        (ada(Editor, None), Some(User), held, young, owner, admin),
        (ada(Editor, None), Some(Owner), held, young, Ok(()), admin),
        (ada(Admin, None), None, held, old, Ok(()), Ok(())),
        (ada(Admin, Some((both, None))), None, held, old, Ok(()), Ok(())),
        (ada(Admin, Some((deploy, None))), None, held, old, Ok(()), Err(Denied::Scope(Scope::Admin))),
    ] {
        let (by_policy, by_freeze) = rule;
        let policies = [policy(&["payments"], true), policy(if by_policy { &["fraud", "x"] } else { &["x"] }, false)];
        let freezes = [freeze(if by_freeze { &["fraud"] } else { &["x"] })];
        let ruled = RuledBy::of(&"fraud".parse().unwrap(), &policies, &freezes);
        assert_eq!(ruled.is_empty(), rule == none);
        let (id, grants) = (here(), grants(role));
        let on = rights.on(&id, &grants, false);
        assert_eq!(ruled.may_link(&on), link, "link {rights:?} {role:?} {rule:?}");
        assert_eq!(ruled.may_unlink(&on, now), unlink, "unlink {rights:?} {role:?} {rule:?}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_with_its_field() {
    let terms =
        |name: &str, description: &str| UseCaseTerms { name: name.to_owned(), description: description.to_owned() };
    assert_eq!(terms("Betrug 🙂", "two\nlines").check(), Ok(()));
    for (wrong, field) in [
        (terms("", ""), "name"),
        (terms("a\nb", ""), "name"),
        (terms("a\u{202e}b", ""), "name"),
        (terms(&"x".repeat(121), ""), "name"),
        (terms("Fraud", "\u{1b}[31m"), "description"),
        (terms("Fraud", &"x".repeat(2_001)), "description"),
    ] {
        assert_eq!(wrong.check().unwrap_err().field, field, "{wrong:?}");
    }
}

fn words(ids: &BTreeSet<UseCaseId>) -> Vec<&str> {
    ids.iter().map(UseCaseId::as_str).collect()
}

prop_compose! {
    fn ids()(picked in proptest::collection::btree_set(0..4u8, 0..4)) -> BTreeSet<UseCaseId> {
        picked.into_iter().map(|number| format!("u{number}").parse().unwrap()).collect()
    }
}

proptest! {
    /// Whoever cannot change a rule cannot take a deployment out of it: it meets the same policies and freezes after
    /// whatever they unlink.
    #[test]
    fn nobody_gets_around_a_rule_by_unlinking(
        linked in ids(),
        of_policy in ids(),
        of_freeze in ids(),
        role in prop::option::of(prop::sample::select(Role::ALL.to_vec())),
        server in prop::sample::select(vec![Viewer, Editor]),
    ) {
        let policies = [policy(&words(&of_policy), true)];
        let freezes = [freeze(&words(&of_freeze))];
        let (rights, id, grants) = (ada(server, None), here(), grants(role));
        let on = rights.on(&id, &grants, false);
        let mut left = linked.clone();
        for use_case in &linked {
            if RuledBy::of(use_case, &policies, &freezes).may_unlink(&on, at(0)).is_ok() {
                left.remove(use_case);
            }
        }
        prop_assert_eq!(left.is_disjoint(&of_policy), linked.is_disjoint(&of_policy));
        prop_assert_eq!(left.is_disjoint(&of_freeze), linked.is_disjoint(&of_freeze));
    }
}
