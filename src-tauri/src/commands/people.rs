//! Changes of people: their roles and names, disabling and erasing them. The journal knows them by ids alone.

use std::collections::BTreeSet;

use domain::access::ServerAction;
use domain::event::Event;
use domain::principal::{Member, PrincipalId, PrincipalKind};
use domain::sign_in;
use domain::wire::{ErrorCode, OwnChange, PersonChange};

use super::directory::{allow_own_account, find_member};
use super::let_out::{end_sessions, let_out, own_session};
use super::{Act, Refusal};
use crate::store::tables::identities::{Linked, PasswordHash};
use crate::store::tables::profiles::Profile;
use crate::store::{Reading, StoreError};

/// The ways in which somebody may come in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaysIn {
    /// The server's own token lets nobody in.
    pub closed: bool,
    /// The address of the identity provider, where one is configured.
    pub issuer: Option<String>,
}

impl WaysIn {
    /// Everybody who has something to sign in with that is their own.
    ///
    /// # Errors
    /// Those of the store.
    pub fn who_signs_in(&self, reading: &Reading<'_>) -> Result<BTreeSet<PrincipalId>, StoreError> {
        let mut people = reading.with_password()?;
        if let Some(issuer) = &self.issuer {
            people.extend(reading.with_account(issuer)?);
        }
        Ok(people)
    }
}

/// Changes the name or the role of a person.
///
/// # Errors
/// `role_forbids`, `token_scope`, `reauthentication_needed`, `not_found`, `invalid_field`, `last_admin`; those of the store.
pub fn change_person(
    act: &mut Act<'_, '_>,
    id: &str,
    change: &PersonChange,
    ways: &WaysIn,
) -> Result<PrincipalId, Refusal> {
    act.allow_on_server(ServerAction::ManagePeople)?;
    let member = find_member(&act.reading(), id, PrincipalKind::Person)?;
    if let Some(name) = &change.name {
        let name = checked_name("name", name)?;
        let profile = act.reading().profile(&member.id)?;
        if profile.is_none() && member.id != PrincipalId::local() {
            return Err(erased());
        }
        let email = profile.and_then(|profile| profile.email);
        act.writing.put_profile(&Profile { id: member.id.clone(), name, email })?;
    }
    if change.role.is_some()
        && let Some(linked) = act.reading().linked(&member.id)?
    {
        // What an administrator has given, the identity provider does not take.
        act.writing.put_linked(Linked { role_before: None, ..linked })?;
    }
    if let Some(role) = change.role.filter(|role| *role != member.role) {
        change_member(act, Member { role, ..member.clone() }, ways)?;
    }
    Ok(member.id)
}

/// Lets a person in no more. What lets them in ends: sessions, API tokens, invitations that they made.
///
/// # Errors
/// As [`change_person`]; `status_forbids_update` for the caller.
pub fn disable_person(act: &mut Act<'_, '_>, id: &str, ways: &WaysIn) -> Result<PrincipalId, Refusal> {
    let rights = act.allow_on_server(ServerAction::ManagePeople)?;
    let member = find_member(&act.reading(), id, PrincipalKind::Person)?;
    if member.id == rights.id {
        let detail = "Nobody disables themselves. Ask another administrator.";
        return Err(Refusal::new(ErrorCode::StatusForbidsUpdate, detail));
    }
    if !member.disabled {
        change_member(act, Member { disabled: true, ..member.clone() }, ways)?;
        let_out(act, &member.id)?;
    }
    Ok(member.id)
}

/// Lets a person in again who was disabled.
///
/// # Errors
/// As [`change_person`]; `status_forbids_update` for somebody who was erased.
pub fn enable_person(act: &mut Act<'_, '_>, id: &str) -> Result<PrincipalId, Refusal> {
    act.allow_on_server(ServerAction::ManagePeople)?;
    let member = find_member(&act.reading(), id, PrincipalKind::Person)?;
    if act.reading().profile(&member.id)?.is_none() && member.id != PrincipalId::local() {
        return Err(erased());
    }
    if member.disabled {
        let member = Member { disabled: false, ..member.clone() };
        act.writing.append(None, Event::MemberChanged { member })?;
    }
    Ok(member.id)
}

/// Erases all that is known of a person beside the journal, which keeps their id.
///
/// # Errors
/// As [`change_person`]; `status_forbids_update` for somebody who is not disabled.
pub fn erase_person(act: &mut Act<'_, '_>, id: &str) -> Result<PrincipalId, Refusal> {
    act.allow_on_server(ServerAction::ManagePeople)?;
    let member = find_member(&act.reading(), id, PrincipalKind::Person)?;
    if !member.disabled {
        let detail = "Only somebody who is disabled can be erased. Disable them first.";
        return Err(Refusal::new(ErrorCode::StatusForbidsUpdate, detail));
    }
    let signs_in = act.reading().password_of(&member.id)?.is_some() || act.reading().linked(&member.id)?.is_some();
    let is_known = signs_in || act.reading().profile(&member.id)?.is_some();
    if is_known {
        let_out(act, &member.id)?;
        act.writing.remove_profile(&member.id)?;
        act.writing.remove_identities(&member.id)?;
        act.writing.remove_notices(&member.id)?;
        act.writing.remove_notice_preferences(&member.id)?;
        act.writing.remove_page_preferences(&member.id)?;
        act.writing.remove_deliveries_to(&member.id)?;
        act.writing.append(None, Event::PersonErased { id: member.id.clone() })?;
    }
    Ok(member.id)
}

/// Changes the caller's own name and address.
///
/// # Errors
/// `token_scope`, `invalid_field`, `name_taken`; `reauthentication_needed` for an address, by which one signs in; those
/// of the store.
pub fn change_own(act: &mut Act<'_, '_>, change: &OwnChange) -> Result<PrincipalId, Refusal> {
    let rights = allow_own_account(&act.moment())?;
    let profile = act.reading().profile(&rights.id)?;
    let name = match (&change.name, &profile) {
        (Some(name), _) => checked_name("name", name)?,
        (None, Some(profile)) => profile.name.clone(),
        (None, None) => return Err(Refusal::invalid("name", "name: You have no name yet. Send it too.")),
    };
    let email = match &change.email {
        None => profile.and_then(|profile| profile.email),
        Some(email) => {
            act.allow_on_server(ServerAction::MakeTokens)?;
            Some(free_email(act, "email", email, Some(&rights.id))?)
        }
    };
    act.writing.put_profile(&Profile { id: rights.id.clone(), name, email })?;
    Ok(rights.id)
}

/// Gives the caller, who has just become a person here, their first password.
///
/// # Errors
/// Those of the store.
pub fn first_password(act: &mut Act<'_, '_>, password: PasswordHash) -> Result<(), Refusal> {
    let id = PrincipalId::of(&act.caller().actor);
    Ok(act.writing.put_password(&id, password)?)
}

/// Gives the caller this password; every session but theirs ends.
///
/// # Errors
/// As [`change_own`].
pub fn change_password(act: &mut Act<'_, '_>, password: PasswordHash) -> Result<(), Refusal> {
    let rights = allow_own_account(&act.moment())?;
    if act.reading().profile(&rights.id)?.and_then(|profile| profile.email).is_none() {
        let detail = "email: You sign in with your e-mail address and the password. Give yourself an address first.";
        return Err(Refusal::invalid("email", detail));
    }
    act.writing.put_password(&rights.id, password)?;
    act.writing.append(None, Event::PasswordChanged {})?;
    end_sessions(act, &rights.id, own_session(&rights.caller.through))
}

/// Enters how a person is from now on, unless no administrator could come in then.
///
/// # Errors
/// `last_admin`; those of the store.
pub(super) fn change_member(act: &mut Act<'_, '_>, member: Member, ways: &WaysIn) -> Result<(), Refusal> {
    let was = act.reading().member(&member.id)?;
    let could = was.map(|was| an_administrator_comes_in(&act.reading(), &was, ways)).transpose()?.unwrap_or(false);
    if could && !an_administrator_comes_in(&act.reading(), &member, ways)? {
        return Err(last_admin());
    }
    act.writing.append(None, Event::MemberChanged { member })?;
    Ok(())
}

/// True where an administrator can sign in, with `member` as they are to be.
pub(super) fn an_administrator_comes_in(
    reading: &Reading<'_>,
    member: &Member,
    ways: &WaysIn,
) -> Result<bool, StoreError> {
    let (directory, signs_in) = (reading.directory()?, ways.who_signs_in(reading)?);
    let comes_in = |id: &PrincipalId| signs_in.contains(id) || (!ways.closed && *id == PrincipalId::local());
    Ok(sign_in::keeps_an_administrator(&directory, member, comes_in))
}

/// The refusal to leave nobody who could let others in.
pub(super) fn last_admin() -> Refusal {
    let detail = "They are the last administrator who can sign in. Let another administrator sign in first.";
    Refusal::new(ErrorCode::LastAdmin, detail)
}

/// A name that can be used.
pub(super) fn checked_name(field: &str, given: &str) -> Result<String, Refusal> {
    sign_in::name(given).map_err(|why| Refusal::invalid(field, format!("{field}: {why}.")))
}

/// An e-mail address that can be used and is nobody's but `own`'s.
pub(super) fn free_email(
    act: &Act<'_, '_>,
    field: &str,
    given: &str,
    own: Option<&PrincipalId>,
) -> Result<String, Refusal> {
    let email = sign_in::email(given).map_err(|why| Refusal::invalid(field, format!("{field}: {why}.")))?;
    match act.reading().profile_with_email(&email)? {
        Some(profile) if Some(&profile.id) != own => {
            let detail = format!("{field}: Somebody here has this e-mail address already.");
            Err(Refusal::new(ErrorCode::NameTaken, detail).with("field", field))
        }
        _ => Ok(email),
    }
}

fn erased() -> Refusal {
    let detail = "Their name and address were erased, so they cannot come back. Invite them anew.";
    Refusal::new(ErrorCode::StatusForbidsUpdate, detail)
}
