//! Invitations: a link, once, by which somebody becomes a person here.

use std::collections::BTreeSet;

use domain::access::ServerAction;
use domain::event::Event;
use domain::id::InvitationId;
use domain::principal::{Group, Member, PrincipalId, ServerRole};
use domain::sign_in::INVITATION_HOURS;
use domain::wire::{ErrorCode, Greeting, InvitationForm, InvitationView};
use jiff::{SignedDuration, Timestamp};

use super::directory::name_of;
use super::groups::fed;
use super::people::{checked_name, free_email};
use super::{Act, Moment, Refusal, new_id};
use crate::store::Reading;
use crate::store::tables::invitations::InvitationRow;
use crate::store::tables::profiles::Profile;

/// Most invitations that wait to be accepted.
const MOST: usize = 1_000;

/// Invites somebody. `hash` is that of what the link holds.
///
/// # Errors
/// `role_forbids`, `token_scope`, `reauthentication_needed`, `invalid_field` (also for `own_name` and `own_email`, as long
/// as the local person has no name), `name_taken`; those of the store.
pub fn invite(act: &mut Act<'_, '_>, form: &InvitationForm, hash: String) -> Result<InvitationView, Refusal> {
    let rights = act.allow_on_server(ServerAction::ManagePeople)?;
    let now = act.writing.now();
    name_oneself(act, &rights.id, form)?;
    let name = form.name.as_deref().map(|name| checked_name("name", name)).transpose()?;
    let email = form.email.as_deref().map(|email| free_email(act, "email", email, None)).transpose()?;
    for id in &form.groups {
        match act.reading().group(id)? {
            Some(group) if group.provider_group.is_some() => return Err(fed("groups")),
            Some(_) => {}
            None => return Err(Refusal::invalid("groups", format!("groups: There is no group {id}."))),
        }
    }
    for old in act.reading().invitations(None)?.iter().filter(|old| old.expires_at <= now) {
        act.writing.remove_invitation(&old.id)?;
    }
    if act.reading().invitations(None)?.len() >= MOST {
        let detail = format!("{MOST} invitations wait to be accepted, the most. Take some back.");
        return Err(Refusal::new(ErrorCode::StatusForbidsUpdate, detail));
    }
    let invitation = InvitationRow {
        id: fresh()?,
        hash,
        by: rights.id,
        name,
        email,
        role: form.role,
        groups: form.groups.clone(),
        made_at: now,
        expires_at: now.saturating_add(SignedDuration::from_hours(INVITATION_HOURS)).unwrap_or(Timestamp::MAX),
    };
    act.writing.put_invitation(&invitation)?;
    let InvitationRow { id, role, groups, .. } = invitation.clone();
    act.writing.append(None, Event::PersonInvited { id, role, groups })?;
    Ok(view(invitation))
}

/// The local person has to be known by name before somebody else is there.
fn name_oneself(act: &mut Act<'_, '_>, id: &PrincipalId, form: &InvitationForm) -> Result<(), Refusal> {
    if *id != PrincipalId::local() || act.reading().profile(id)?.is_some() {
        return Ok(());
    }
    let missing = |field: &str, what: &str| {
        Refusal::invalid(field, format!("{field}: Give your own {what} too, by which others will know you here."))
    };
    let name = form.own_name.as_deref().ok_or_else(|| missing("own_name", "name"))?;
    let email = form.own_email.as_deref().ok_or_else(|| missing("own_email", "e-mail address"))?;
    let name = checked_name("own_name", name)?;
    let email = free_email(act, "own_email", email, Some(id))?;
    Ok(act.writing.put_profile(&Profile { id: id.clone(), name, email: Some(email) })?)
}

/// Invitations that wait to be accepted, oldest first.
///
/// # Errors
/// As [`invite`].
pub fn invitations(moment: &Moment<'_>, now: Timestamp) -> Result<Vec<InvitationView>, Refusal> {
    moment.allow(ServerAction::ManagePeople, now)?;
    let all = moment.reading.invitations(None)?;
    Ok(all.into_iter().filter(|invitation| invitation.expires_at > now).map(view).collect())
}

/// One of them.
///
/// # Errors
/// As [`invite`]; `not_found`.
pub fn invitation(moment: &Moment<'_>, id: &InvitationId, now: Timestamp) -> Result<InvitationView, Refusal> {
    moment.allow(ServerAction::ManagePeople, now)?;
    moment.reading.invitation(id)?.map(view).ok_or_else(|| no_such(id.as_str()))
}

/// Takes an invitation back.
///
/// # Errors
/// As [`invite`]; `not_found`.
pub fn withdraw_invitation(act: &mut Act<'_, '_>, id: &str) -> Result<(), Refusal> {
    act.allow_on_server(ServerAction::ManagePeople)?;
    let id: InvitationId = id.parse().map_err(|_| no_such(id))?;
    if act.reading().invitation(&id)?.is_none() {
        return Err(no_such(id.as_str()));
    }
    act.writing.remove_invitation(&id)?;
    act.writing.append(None, Event::InvitationWithdrawn { id })?;
    Ok(())
}

/// The invitation whose link holds what has this hash, for whoever has it.
///
/// # Errors
/// `invitation_used`; those of the store.
pub fn greeting(reading: &Reading<'_>, hash: &str, now: Timestamp) -> Result<Greeting, Refusal> {
    let InvitationRow { by, name, email, role, expires_at, .. } = open(reading, hash, now)?;
    let inviter = name_of(&by, reading.profile(&by)?.as_ref());
    Ok(Greeting { name, email, inviter, role, expires_at })
}

/// Somebody who accepts an invitation, as they say who they are.
#[derive(Clone, Debug)]
pub struct Newcomer {
    /// The hash of what the link holds.
    pub invitation: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address, by which they sign in with a password.
    pub email: Option<String>,
}

/// Makes a person of the caller, whose id is new; what they sign in with is for the caller of this to note.
///
/// # Errors
/// `invitation_used`, `invalid_field`, `name_taken`; those of the store.
pub fn accept_invitation(act: &mut Act<'_, '_>, newcomer: &Newcomer) -> Result<(), Refusal> {
    let id = PrincipalId::of(&act.caller().actor);
    let invitation = open(&act.reading(), &newcomer.invitation, act.writing.now())?;
    let name = checked_name("name", &newcomer.name)?;
    let email = newcomer.email.as_deref().map(|email| free_email(act, "email", email, None)).transpose()?;
    let member = Member { id: id.clone(), role: invitation.role, disabled: false, since: Some(act.writing.now()) };
    act.writing.append(None, Event::MemberAdded { member, invitation: Some(invitation.id.clone()) })?;
    let groups: BTreeSet<PrincipalId> = invitation.groups;
    for group in groups {
        // One that was deleted meanwhile is nobody's loss, nor one of which the identity provider says who belongs to it now.
        let Some(group) = act.reading().group(&group)?.filter(|group| group.provider_group.is_none()) else { continue };
        let members = group.members.iter().cloned().chain([id.clone()]).collect();
        act.writing.append(None, Event::GroupChanged { group: Group { members, ..group } })?;
    }
    act.writing.put_profile(&Profile { id, name, email })?;
    Ok(act.writing.remove_invitation(&invitation.id)?)
}

/// An invitation that can be accepted: whoever made it is still an administrator.
fn open(reading: &Reading<'_>, hash: &str, now: Timestamp) -> Result<InvitationRow, Refusal> {
    let found = reading.invitation_with_hash(hash)?.filter(|invitation| invitation.expires_at > now);
    let inviter = found.as_ref().map(|invitation| reading.member(&invitation.by)).transpose()?.flatten();
    let counts = inviter.is_some_and(|member| !member.disabled && member.role == ServerRole::Admin);
    found.filter(|_| counts).ok_or_else(|| {
        let detail = "This invitation was used, was taken back, or has ended. Ask for a new one.";
        Refusal::new(ErrorCode::InvitationUsed, detail)
    })
}

fn no_such(given: &str) -> Refusal {
    let given: String = given.chars().take(80).collect();
    Refusal::new(ErrorCode::NotFound, format!("There is no invitation \"{given}\" that waits to be accepted."))
}

fn fresh() -> Result<InvitationId, Refusal> {
    new_id().parse().map_err(|error| Refusal::fault("a new id is none", &error))
}

fn view(invitation: InvitationRow) -> InvitationView {
    let InvitationRow { id, by, name, email, role, groups, made_at, expires_at, hash: _ } = invitation;
    InvitationView { id, name, email, role, groups, by, created_at: made_at, expires_at, link: None, mailed: None }
}
