//! Who has which role on a deployment: given, changed, taken back (DR-8).

use std::collections::BTreeMap;

use domain::access::{Role, owners};
use domain::action::Action;
use domain::event::Event;
use domain::ledger::Deployment;
use domain::principal::PrincipalId;
use domain::wire::{ErrorCode, GiveRole, PutAccess};

use super::{Act, Refusal};

/// Most grants on one deployment.
const MOST: usize = 500;

/// Gives one role, changes it or takes it back.
///
/// # Errors
/// `role_forbids`, `role_above_own`, `last_owner`, `invalid_field`; those of the store.
pub fn give_role(act: &mut Act<'_, '_>, row: &Deployment, given: &GiveRole) -> Result<(), Refusal> {
    change(act, row, [(given.principal.clone(), given.role)].into())
}

/// Makes the grants those that are named; every other one is taken back.
///
/// # Errors
/// As [`give_role`].
pub fn put_access(act: &mut Act<'_, '_>, row: &Deployment, wanted: &PutAccess) -> Result<(), Refusal> {
    let mut changes: BTreeMap<_, _> = row.access.keys().map(|principal| (principal.clone(), None)).collect();
    changes.extend(wanted.grants.iter().map(|given| (given.principal.clone(), given.role)));
    change(act, row, changes)
}

/// Changes grants: nobody gives more than they have, only an owner changes or removes an owner, and one owner stays.
fn change(act: &mut Act<'_, '_>, row: &Deployment, wanted: BTreeMap<PrincipalId, Option<Role>>) -> Result<(), Refusal> {
    act.permit(row, Action::Share)?;
    let (moment, rights) = (act.moment(), act.moment().rights()?);
    let own = moment.rights_for(&rights, row, Action::Share)?.role;
    let directory = act.reading().directory()?;
    let before = |principal: &PrincipalId| row.access.get(principal).map(|grant| grant.role);
    let changes: Vec<_> = wanted.into_iter().filter(|(principal, role)| before(principal) != *role).collect();
    for (principal, role) in &changes {
        let highest = (*role).max(before(principal));
        if highest > own {
            let sentence = format!(
                "Nobody gives more than they have, or changes the role of somebody who has more: you have the role {}.",
                own.map_or("of nobody", Role::as_str)
            );
            return Err(Refusal::new(ErrorCode::RoleAboveOwn, sentence).with("principal", principal.as_str()));
        }
        let is_known = *principal == PrincipalId::everyone()
            || directory.members.contains_key(principal)
            || directory.groups.contains_key(principal);
        if role.is_some() && !is_known {
            let sentence = format!("principal: there is nobody who is called {principal}.");
            return Err(Refusal::invalid("principal", sentence));
        }
    }
    let mut after = row.access.clone();
    let (by, at) = (act.caller().actor.clone(), act.writing.now());
    for (principal, role) in &changes {
        match role {
            Some(role) => {
                let grant = domain::access::Grant { role: *role, by: by.clone(), at };
                after.insert(principal.clone(), grant);
            }
            None => drop(after.remove(principal)),
        }
    }
    if after.len() > MOST {
        return Err(Refusal::invalid("grants", format!("grants: at most {MOST}; name a group instead.")));
    }
    let had_owner = !owners(&row.access, &directory).is_empty();
    if had_owner && owners(&after, &directory).is_empty() {
        let sentence = format!("{} would have no owner any more. Make somebody else an owner first.", row.name);
        return Err(Refusal::new(ErrorCode::LastOwner, sentence));
    }
    for (principal, role) in changes {
        act.writing.append(Some(&row.id), Event::AccessChanged { principal, role })?;
    }
    Ok(())
}
