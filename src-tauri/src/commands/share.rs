//! Who has which role on a deployment: given, changed, taken back (DR-8).

use domain::access::Denied;
use domain::action::Action;
use domain::event::Event;
use domain::ledger::Deployment;
use domain::sharing::{MayNotShare, WantedRoles, changes};
use domain::wire::{ErrorCode, GiveRole, PutAccess};

use super::{Act, Refusal};

/// Gives one role, changes it or takes it back.
///
/// # Errors
/// `role_forbids`, `role_above_own`, `last_owner`, `invalid_field`; those of the store.
pub fn give_role(act: &mut Act<'_, '_>, row: &Deployment, given: &GiveRole) -> Result<(), Refusal> {
    share(act, row, [(given.principal.clone(), given.role)].into())
}

/// Makes the grants those that are named; every other one is taken back.
///
/// # Errors
/// As [`give_role`].
pub fn put_access(act: &mut Act<'_, '_>, row: &Deployment, wanted: &PutAccess) -> Result<(), Refusal> {
    let mut roles: WantedRoles = row.access.keys().map(|principal| (principal.clone(), None)).collect();
    roles.extend(wanted.grants.iter().map(|given| (given.principal.clone(), given.role)));
    share(act, row, roles)
}

fn share(act: &mut Act<'_, '_>, row: &Deployment, wanted: WantedRoles) -> Result<(), Refusal> {
    act.permit(row, Action::Share)?;
    let (moment, rights) = (act.moment(), act.moment().rights()?);
    let own = moment.rights_for(&rights, row, Action::Share)?.role;
    let own = own.ok_or_else(|| Refusal::denied(&Denied::Unseen))?;
    let changed = changes(&row.access, wanted, own, &act.reading().directory()?).map_err(|why| refused(&why))?;
    for (principal, role) in changed {
        act.writing.append(Some(&row.id), Event::AccessChanged { principal, role })?;
    }
    Ok(())
}

fn refused(why: &MayNotShare) -> Refusal {
    match why {
        MayNotShare::AboveOwn { principal, .. } => {
            Refusal::new(ErrorCode::RoleAboveOwn, why.to_string()).with("principal", principal.as_str())
        }
        MayNotShare::Nobody(_) => Refusal::invalid("principal", format!("principal: {why}")),
        MayNotShare::TooMany => Refusal::invalid("grants", format!("grants: {why}")),
        MayNotShare::LastOwner => Refusal::new(ErrorCode::LastOwner, why.to_string()),
    }
}
