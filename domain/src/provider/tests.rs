//! Who is let in, and what is given and taken.

use super::*;
use crate::principal::PrincipalKind;

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn vouched(email: Option<&str>, groups: &[&str]) -> Vouched {
    let subject = Account { issuer: "https://login.example".to_owned(), sub: "7".to_owned() };
    let (email, domain) = (email.map(str::to_owned), email.and_then(domain_of));
    Vouched { subject, name: None, email, domain, groups: set(groups), authenticated_at: None }
}

#[test]
fn a_newcomer_meets_every_condition_or_has_an_invitation() {
    let admission = |newcomers, groups: &[&str], domains: &[&str]| Admission {
        newcomers,
        admin_group: None,
        allowed_groups: set(groups),
        allowed_domains: set(domains),
    };
    let (invited, allowed) = (Newcomers::Invited, Newcomers::Allowed);
    for (admission, email, groups, expected) in [
        (admission(invited, &[], &[]), Some("a@example.org"), &["ml"][..], Err(NotLetIn::NotInvited)),
        (admission(allowed, &["ml", "risk"], &[]), None, &["risk"], Ok(())),
        (admission(allowed, &["ml"], &[]), Some("a@example.org"), &["ML"], Err(NotLetIn::Group)),
        (admission(allowed, &["ml"], &[]), None, &[], Err(NotLetIn::Group)),
        (admission(allowed, &[], &["example.org"]), Some("a@Example.ORG"), &[], Ok(())),
        (admission(allowed, &[], &["example.org"]), None, &[], Err(NotLetIn::Domainless)),
        (admission(allowed, &[], &["example.org"]), Some("a@b.example.org"), &[], Err(NotLetIn::Domain)),
        (admission(allowed, &[], &["example.org"]), Some("a@example.org.evil"), &[], Err(NotLetIn::Domain)),
        (admission(allowed, &[], &["example.org"]), Some("x@example.org@evil"), &[], Err(NotLetIn::Domain)),
        (admission(allowed, &["ml"], &["example.org"]), Some("a@example.org"), &[], Err(NotLetIn::Group)),
        (admission(allowed, &["ml"], &["example.org"]), Some("a@other.org"), &["ml"], Err(NotLetIn::Domain)),
        (admission(allowed, &["ml"], &["example.org"]), Some("a@example.org"), &["ml"], Ok(())),
    ] {
        assert_eq!(admission.lets_in(&vouched(email, groups)), expected, "{admission:?} {email:?} {groups:?}");
    }
}

#[test]
fn a_claim_of_the_domain_counts_more_than_an_address() {
    let admission =
        Admission { newcomers: Newcomers::Allowed, allowed_domains: set(&["example.org"]), ..Admission::default() };
    let own = |domain: Option<&str>| Vouched {
        domain: domain.map(str::to_owned),
        ..vouched(Some("leaver@example.org"), &[])
    };
    assert_eq!(admission.lets_in(&own(Some("example.org"))), Ok(()));
    assert_eq!(admission.lets_in(&own(Some("gmail.com"))), Err(NotLetIn::Domain));
    assert_eq!(admission.lets_in(&own(None)), Err(NotLetIn::Domainless));
}

#[test]
fn the_provider_takes_the_role_that_it_gave_and_no_other() {
    let admission = Admission { admin_group: Some("chiefs".to_owned()), ..Admission::default() };
    let (viewer, editor, admin) = (ServerRole::Viewer, ServerRole::Editor, ServerRole::Admin);
    for (groups, role, before, expected) in [
        (&["chiefs"][..], viewer, None, (admin, Some(viewer))),
        (&["chiefs"], editor, None, (admin, Some(editor))),
        // By an administrator, so by an administrator alone.
        (&["chiefs"], admin, None, (admin, None)),
        (&[], admin, None, (admin, None)),
        // By the provider.
        (&["chiefs"], admin, Some(editor), (admin, Some(editor))),
        (&[], admin, Some(editor), (editor, None)),
        (&["others"], admin, Some(viewer), (viewer, None)),
        // An administrator has taken it meanwhile.
        (&[], viewer, Some(editor), (viewer, None)),
        (&["chiefs"], viewer, Some(editor), (admin, Some(viewer))),
        (&["others"], editor, None, (editor, None)),
    ] {
        let held = admission.role(&set(groups), HeldRole { role, before });
        assert_eq!((held.role, held.before), expected, "{groups:?} {role} {before:?}");
    }
    let nobodys = Admission::default();
    let held = nobodys.role(&set(&["chiefs"]), HeldRole { role: admin, before: Some(viewer) });
    assert_eq!((held.role, held.before), (viewer, None), "no group makes administrators any more");
}

#[test]
fn only_groups_that_the_provider_feeds_change() {
    let id = |kind, letter: &str| PrincipalId::new(kind, &letter.repeat(26)).unwrap();
    let (ada, bob) = (id(PrincipalKind::Person, "a"), id(PrincipalKind::Person, "b"));
    let group = |letter: &str, at_provider: Option<&str>, members: &[&PrincipalId]| Group {
        id: id(PrincipalKind::Group, letter),
        name: letter.to_owned(),
        members: members.iter().map(|&member| member.clone()).collect(),
        breaks_glass: false,
        provider_group: at_provider.map(str::to_owned),
    };
    let groups = vec![
        group("c", Some("risk"), &[&bob]),
        group("d", Some("risk"), &[&ada]),
        group("e", Some("ops"), &[&ada, &bob]),
        group("f", Some("none"), &[&bob]),
        group("g", None, &[&ada]),
        group("h", None, &[]),
    ];
    let changed = fed(groups.clone(), &ada, &set(&["risk", "h", "g"]));
    let expected = [group("c", Some("risk"), &[&ada, &bob]), group("e", Some("ops"), &[&bob])];
    assert_eq!(changed, expected);
    assert!(fed(changed, &ada, &set(&["risk"])).is_empty(), "once is enough");
}

#[test]
fn the_name_of_a_group_is_short_and_seen() {
    assert_eq!(group_name(" /teams/risk "), Ok(Some("/teams/risk".to_owned())));
    assert_eq!(group_name("  "), Ok(None));
    assert_eq!(group_name("risk\u{202e}"), Err(InvalidProviderGroup));
    assert_eq!(group_name(&"x".repeat(201)), Err(InvalidProviderGroup));
}
