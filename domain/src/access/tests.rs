//! The table of roles, server roles and tokens, line by line.

use super::*;
use crate::action::Action;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn person(letter: char) -> PrincipalId {
    format!("p-{}", letter.to_string().repeat(26)).parse().unwrap()
}

fn group() -> PrincipalId {
    format!("g-{}", "9".repeat(26)).parse().unwrap()
}

fn member(id: &PrincipalId, role: ServerRole) -> Member {
    Member { id: id.clone(), role, disabled: false, since: None }
}

fn rights(server: ServerRole, through: Through) -> Rights {
    let ada = person('a');
    let caller = Caller { actor: ada.actor(), through };
    Rights::of(caller, Some(&member(&ada, server)), vec![Membership { group: group(), breaks_glass: false }], false)
}

fn token(scopes: &[Scope], deployments: Option<BTreeSet<DeploymentId>>) -> Through {
    Through::Token { id: "t1".parse().unwrap(), scopes: scopes.iter().copied().collect(), deployments }
}

fn grants(given: &[(PrincipalId, Role)]) -> Grants {
    let by: Actor = PrincipalId::local().actor();
    given.iter().map(|(id, role)| (id.clone(), Grant { role: *role, by: by.clone(), at: at(0) })).collect()
}

/// The actions of one role alone, as the design's table has them: those that a server viewer may do, then those that need
/// an editor.
fn designed(role: Role) -> (Vec<Action>, Vec<Action>) {
    use Action::*;
    let owner = [
        CreateConfiguration,
        Update,
        RollBack,
        Pause,
        Resume,
        Cancel,
        Quarantine,
        RemoveRevision,
        ChangeSettings,
        ManageApplication,
        ManageKeys,
        ManageTokens,
        ClearStatistics,
        Relaunch,
        Deactivate,
        Activate,
        Delete,
    ];
    let (user_reads, user_does) =
        (vec![GetClient, Predict, Open, ViewLogs, Rehearse], vec![Check, LinkUseCases, Share]);
    match role {
        Role::Consumer => (vec![GetClient, Predict], vec![]),
        Role::User => (user_reads, user_does),
        Role::Owner => (user_reads, user_does.into_iter().chain(owner).collect()),
    }
}

#[test]
fn the_table_of_roles_and_server_roles() {
    let id: DeploymentId = "d1".parse().unwrap();
    for role in Role::ALL {
        let (reads, does) = designed(role);
        for server in ServerRole::ALL {
            let rights = rights(server, Through::Machine);
            let on = rights.on(&id, &grants(&[(person('a'), role)]), false);
            for action in Action::ALL {
                let allowed = match server {
                    ServerRole::Viewer => reads.contains(&action),
                    ServerRole::Editor => reads.contains(&action) || does.contains(&action),
                    ServerRole::Admin => true,
                };
                let found = on.allow(action.needs());
                assert_eq!(found.is_ok(), allowed, "{role} who is {server} on the server: {action}: {found:?}");
                if !allowed {
                    assert_eq!(found.unwrap_err().code(), ErrorCode::RoleForbids, "{role} {server} {action}");
                }
            }
        }
    }
}

#[test]
fn a_group_may_break_glass_where_its_members_may_change_something() {
    use ServerRole::{Admin, Editor, Viewer};
    let session = |at| Through::Session { id: "s1".parse().unwrap(), signed_in_at: at };
    let (now, old) = (at(0), at(-YOUNG_SIGN_IN_SECONDS - 1));
    for (server, through, breaks_glass, expected) in [
        (Admin, session(now), false, Ok(())),
        (Editor, session(now), false, Err(Denied::ServerRole(Admin))),
        (Editor, session(now), true, Ok(())),
        (Editor, session(old), true, Err(Denied::SignInTooOld)),
        (Viewer, session(now), true, Err(Denied::ServerRole(Editor))),
        (Editor, token(&[Scope::Admin], None), true, Err(Denied::ThroughToken)),
    ] {
        let caller = Caller { actor: person('a').actor(), through };
        let groups = vec![Membership { group: group(), breaks_glass }];
        let rights = Rights::of(caller, Some(&member(&person('a'), server)), groups, false);
        assert_eq!(rights.allow(ServerAction::BreakGlass, now), expected, "{rights:?}");
        let may = matches!(expected, Ok(()) | Err(Denied::SignInTooOld));
        assert_eq!(rights.may(ServerAction::BreakGlass, now), may, "a sign-in that is too old can be made anew");
        assert!(server == Admin || rights.allow(ServerAction::ManagePolicies, now).is_err(), "it allows nothing else");
    }
}

#[test]
fn the_highest_grant_counts_whoever_it_names() {
    let id: DeploymentId = "d1".parse().unwrap();
    let rights = rights(ServerRole::Editor, Through::Machine);
    let role = |given: &[(PrincipalId, Role)], is_reviewer| rights.on(&id, &grants(given), is_reviewer).role;
    for (given, expected) in [
        (vec![], None),
        (vec![(person('b'), Role::Owner)], None),
        (vec![(PrincipalId::everyone(), Role::Consumer)], Some(Role::Consumer)),
        (vec![(PrincipalId::everyone(), Role::Consumer), (group(), Role::User)], Some(Role::User)),
        (vec![(group(), Role::Owner), (person('a'), Role::Consumer)], Some(Role::Owner)),
    ] {
        assert_eq!(role(&given, false), expected, "{given:?}");
        assert_eq!(role(&given, true), expected.max(Some(Role::User)), "{given:?}, as a reviewer");
    }
}

#[test]
fn whoever_has_no_role_or_is_disabled_does_not_even_see_it() {
    let id: DeploymentId = "d1".parse().unwrap();
    let stranger = rights(ServerRole::Editor, Through::Machine);
    assert_eq!(stranger.on(&id, &Grants::new(), false).allow(Action::Open.needs()), Err(Denied::Unseen));
    let ada = person('a');
    let disabled = Member { disabled: true, ..member(&ada, ServerRole::Admin) };
    let rights = Rights::of(Caller::new(ada.actor()), Some(&disabled), Vec::new(), false);
    let on = rights.on(&id, &grants(&[(ada, Role::Owner)]), true);
    assert_eq!(on.allow(Action::Open.needs()), Err(Denied::Unseen));
    assert_eq!(rights.allow(ServerAction::ManagePeople, at(0)), Err(Denied::Unseen));
}

#[test]
fn a_token_carries_its_scopes_and_no_more() {
    let id: DeploymentId = "d1".parse().unwrap();
    let owner = grants(&[(person('a'), Role::Owner)]);
    for scope in Scope::ALL {
        let rights = rights(ServerRole::Admin, token(&[scope], None));
        for action in Action::ALL {
            let found = rights.on(&id, &owner, false).allow(action.needs());
            let covered = action.needs().scope.is_some_and(|needed| scope.covers(needed));
            assert_eq!(found.is_ok(), covered, "{scope} {action}: {found:?}");
        }
        for action in ServerAction::ALL {
            let allowed = action.needs().scope.is_some_and(|needed| scope.covers(needed));
            assert_eq!(rights.allow(action, at(0)).is_ok(), allowed, "{scope} {action}");
        }
    }
    let covers = |has: Scope| Scope::ALL.into_iter().filter(|scope| has.covers(*scope)).count();
    assert_eq!(Scope::ALL.map(covers), [1, 1, 2, 2, 2], "read is covered by what changes something, and nothing else");
    for never in [ServerAction::Review, ServerAction::BreakGlass, ServerAction::MakeTokens, ServerAction::ManagePeople]
    {
        let all = rights(ServerRole::Admin, token(&Scope::ALL, None));
        assert_eq!(all.allow(never, at(0)), Err(Denied::ThroughToken), "{never}");
    }
}

#[test]
fn a_token_for_some_deployments_sees_no_other_one() {
    let (this, other): (DeploymentId, DeploymentId) = ("d1".parse().unwrap(), "d2".parse().unwrap());
    let rights = rights(ServerRole::Admin, token(&Scope::ALL, Some([this.clone()].into())));
    assert!(rights.is_admin() && !rights.sees_all());
    assert_eq!(rights.on(&this, &Grants::new(), false).role, Some(Role::Owner));
    assert_eq!(rights.on(&other, &Grants::new(), false).role, None);
}

#[test]
fn a_token_of_somebody_who_was_demoted_carries_what_they_have_now() {
    let id: DeploymentId = "d1".parse().unwrap();
    let rights = rights(ServerRole::Editor, token(&[Scope::Deploy, Scope::Read], None));
    let consumer = grants(&[(person('a'), Role::Consumer)]);
    assert_eq!(rights.on(&id, &consumer, false).allow(Action::Update.needs()), Err(Denied::Role(Role::Owner)));
}

#[test]
fn what_is_dangerous_wants_a_young_sign_in_unless_one_is_alone() {
    let session = || Through::Session { id: "s1".parse().unwrap(), signed_in_at: at(1_000) };
    let late = at(1_000 + YOUNG_SIGN_IN_SECONDS + 1);
    for action in ServerAction::ALL {
        let rights = rights(ServerRole::Admin, session());
        assert_eq!(rights.allow(action, at(1_000 + YOUNG_SIGN_IN_SECONDS)), Ok(()), "{action}");
        let expected = if action.wants_young_sign_in() { Err(Denied::SignInTooOld) } else { Ok(()) };
        assert_eq!(rights.allow(action, late), expected, "{action}");
        let alone = Rights { alone: true, ..rights };
        assert_eq!(alone.allow(action, late), Ok(()), "{action}");
    }
}
