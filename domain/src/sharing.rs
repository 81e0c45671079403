//! Sharing a deployment: which roles somebody may give, change and take back (DR-8).
//!
//! Nobody gives more than they have or changes the role of somebody who has more, so only an owner changes an owner; and a
//! deployment that has an owner keeps one.

use std::collections::BTreeMap;

use crate::access::{Grants, Role, owners};
use crate::principal::{Directory, PrincipalId};

/// Most grants on one deployment.
pub const MOST_GRANTS: usize = 500;

/// Roles as somebody wants them; none takes one back.
pub type WantedRoles = BTreeMap<PrincipalId, Option<Role>>;

/// The reasons for which roles may not be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MayNotShare {
    /// The role, or the one that is there, is above that of whoever gives it.
    #[error(
        "Nobody gives a higher role than their own, or changes the role of somebody who has a higher one: your role is {own}."
    )]
    AboveOwn {
        /// Whose role it is.
        principal: PrincipalId,
        /// The role of whoever gives it.
        own: Role,
    },
    /// There is nobody who is called so.
    #[error("There is nobody who is called {0}.")]
    Nobody(PrincipalId),
    /// More than [`MOST_GRANTS`].
    #[error("At most {MOST_GRANTS} roles are given on a deployment; name a group instead.")]
    TooMany,
    /// No owner who is not disabled would be left.
    #[error("The deployment would have no owner any more. Make somebody else an owner first.")]
    LastOwner,
}

/// The changes that make of `before` what somebody with the role `own` wants; roles that are as they were are left out.
///
/// # Errors
/// The first reason why not.
pub fn changes(
    before: &Grants,
    wanted: WantedRoles,
    own: Role,
    directory: &Directory,
) -> Result<WantedRoles, MayNotShare> {
    let role_before = |principal: &PrincipalId| before.get(principal).map(|grant| grant.role);
    let changed = wanted.into_iter().filter(|(principal, role)| role_before(principal) != *role);
    let changed: WantedRoles = changed.collect();
    for (principal, role) in &changed {
        if (*role).max(role_before(principal)) > Some(own) {
            return Err(MayNotShare::AboveOwn { principal: principal.clone(), own });
        }
        let is_known = *principal == PrincipalId::everyone()
            || directory.members.contains_key(principal)
            || directory.groups.contains_key(principal);
        if role.is_some() && !is_known {
            return Err(MayNotShare::Nobody(principal.clone()));
        }
    }
    let mut after: BTreeMap<_, _> = before.iter().map(|(principal, grant)| (principal.clone(), grant.role)).collect();
    for (principal, role) in &changed {
        match role {
            Some(role) => drop(after.insert(principal.clone(), *role)),
            None => drop(after.remove(principal)),
        }
    }
    if after.len() > MOST_GRANTS {
        return Err(MayNotShare::TooMany);
    }
    let roles_before = before.iter().map(|(principal, grant)| (principal, grant.role));
    let had_owner = !owners(roles_before, directory).is_empty();
    if had_owner && owners(after.iter().map(|(principal, role)| (principal, *role)), directory).is_empty() {
        return Err(MayNotShare::LastOwner);
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::access::Grant;
    use crate::principal::{Group, Member, ServerRole};

    fn id(text: &str) -> PrincipalId {
        let (kind, name) = text.split_once('-').unwrap();
        format!("{kind}-{}", name.repeat(26)).parse().unwrap()
    }

    /// People a, b and c, of whom c is disabled, and the group of b.
    fn directory() -> Directory {
        let mut directory = Directory::default();
        for (name, disabled) in [("p-a", false), ("p-b", false), ("p-c", true)] {
            let member = Member { id: id(name), role: ServerRole::Editor, disabled, since: None };
            directory.members.insert(id(name), member);
        }
        let group = Group {
            id: id("g-g"),
            name: "G".to_owned(),
            members: [id("p-b")].into(),
            breaks_glass: false,
            provider_group: None,
        };
        directory.groups.insert(id("g-g"), group);
        directory
    }

    fn grants(given: &[(&str, Role)]) -> Grants {
        let grant = |role| Grant { role, by: PrincipalId::local().actor(), at: Timestamp::UNIX_EPOCH };
        given.iter().map(|(name, role)| (id(name), grant(*role))).collect()
    }

    fn share(before: &[(&str, Role)], own: Role, wanted: &[(&str, Option<Role>)]) -> Result<usize, MayNotShare> {
        let wanted = wanted.iter().map(|(name, role)| (id(name), *role)).collect();
        changes(&grants(before), wanted, own, &directory()).map(|changes| changes.len())
    }

    #[test]
    fn nobody_gives_more_than_they_have_or_changes_who_has_more() {
        use Role::{Consumer, Owner, User};
        let before = [("p-a", Owner), ("p-b", User)];
        assert_eq!(share(&before, User, &[("g-g", Some(User)), ("p-b", Some(Consumer))]), Ok(2));
        assert_eq!(share(&before, User, &[("p-b", Some(User))]), Ok(0), "nothing changes");
        for wanted in [("p-b", Some(Owner)), ("g-g", Some(Owner)), ("p-a", None), ("p-a", Some(User))] {
            let refused = share(&before, User, &[wanted]).unwrap_err();
            assert_eq!(refused, MayNotShare::AboveOwn { principal: id(wanted.0), own: User }, "{wanted:?}");
            if wanted.0 != "p-a" {
                assert_eq!(share(&before, Owner, &[wanted]), Ok(1));
            }
        }
        assert_eq!(share(&before, Owner, &[("p-z", Some(User))]), Err(MayNotShare::Nobody(id("p-z"))));
        assert_eq!(
            share(&[("p-a", Owner), ("p-z", User)], Owner, &[("p-z", None)]),
            Ok(1),
            "of who is gone it is taken back"
        );
    }

    #[test]
    fn an_owner_who_counts_stays() {
        use Role::{Owner, User};
        for (before, wanted, expected) in [
            (vec![("p-a", Owner)], ("p-a", None), Err(MayNotShare::LastOwner)),
            (vec![("p-a", Owner)], ("p-a", Some(User)), Err(MayNotShare::LastOwner)),
            (vec![("p-a", Owner), ("p-c", Owner)], ("p-a", None), Err(MayNotShare::LastOwner)),
            (vec![("p-a", Owner), ("p-b", Owner)], ("p-a", None), Ok(1)),
            (vec![("p-a", Owner), ("g-g", Owner)], ("p-a", None), Ok(1)),
            (vec![("p-c", Owner)], ("p-c", None), Ok(1)),
        ] {
            assert_eq!(share(&before, Owner, &[wanted]), expected, "{before:?} {wanted:?}");
        }
    }
}
