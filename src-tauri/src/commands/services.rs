//! Services: programs that have API tokens only.

use domain::access::ServerAction;
use domain::event::Event;
use domain::principal::{Member, PrincipalId, PrincipalKind};
use domain::wire::{ServiceChange, ServiceForm, ServiceView};

use super::directory::{find_member, service_view};
use super::let_out::let_out;
use super::people::checked_name;
use super::{Act, Refusal, new_id};
use crate::store::tables::profiles::Profile;

/// Makes a service.
///
/// # Errors
/// `role_forbids`, `token_scope`, `reauthentication_needed`, `invalid_field`; those of the store.
pub fn create_service(act: &mut Act<'_, '_>, form: &ServiceForm) -> Result<ServiceView, Refusal> {
    act.allow_on_server(ServerAction::ManageServices)?;
    let name = checked_name("name", &form.name)?;
    let id = PrincipalId::new(PrincipalKind::Service, &new_id())
        .map_err(|error| Refusal::fault("a new id is none", &error))?;
    let member = Member { id, role: form.role, disabled: false, since: Some(act.writing.now()) };
    let profile = Profile { id: member.id.clone(), name, email: None };
    act.writing.append(None, Event::MemberAdded { member: member.clone(), invitation: None })?;
    act.writing.put_profile(&profile)?;
    Ok(service_view(&member, Some(&profile)))
}

/// Changes a service. One that is disabled loses its API tokens for good.
///
/// # Errors
/// As [`create_service`]; `not_found`.
pub fn change_service(act: &mut Act<'_, '_>, id: &str, change: &ServiceChange) -> Result<ServiceView, Refusal> {
    act.allow_on_server(ServerAction::ManageServices)?;
    let member = find_member(&act.reading(), id, PrincipalKind::Service)?;
    if let Some(name) = &change.name {
        let name = checked_name("name", name)?;
        act.writing.put_profile(&Profile { id: member.id.clone(), name, email: None })?;
    }
    let role = change.role.unwrap_or(member.role);
    let disabled = change.disabled.unwrap_or(member.disabled);
    let changed = Member { role, disabled, ..member.clone() };
    if changed != member {
        act.writing.append(None, Event::MemberChanged { member: changed.clone() })?;
    }
    if disabled && !member.disabled {
        let_out(act, &member.id)?;
    }
    Ok(service_view(&changed, act.reading().profile(&member.id)?.as_ref()))
}
