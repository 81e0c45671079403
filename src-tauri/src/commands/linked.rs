//! Accounts at the identity provider: whom they let in, and what the provider makes of a person's role and groups.
//!
//! What the provider gives and takes is entered by the server itself, in the transaction of the sign-in that tells of it.

use std::collections::BTreeSet;

use domain::access::{ServerAction, YOUNG_SIGN_IN_SECONDS};
use domain::event::Event;
use domain::id::Actor;
use domain::principal::{Member, PrincipalId, PrincipalKind, ServerRole};
use domain::provider::{Admission, HeldRole, NotLetIn, Vouched, fed};
use domain::session::SignInMethod;
use domain::sign_in;
use domain::wire::{Errand, ErrorCode};
use jiff::Timestamp;

use super::directory::{allow_own_account, find_member};
use super::invitations::{Newcomer, accept_invitation, greeting};
use super::let_out::{end_sessions, own_session};
use super::people::{WaysIn, an_administrator_comes_in, change_member, last_admin};
use super::sessions::reauthenticate;
use super::{Act, Moment, Refusal};
use crate::store::tables::identities::Linked;
use crate::store::tables::profiles::Profile;

/// The name of somebody of whom no name is known that can be used.
const NAMELESS: &str = "Somebody without a name";

/// The identity provider, as far as it decides who comes in.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// Who is let in.
    pub admission: &'a Admission,
    /// The ways in which somebody may come in.
    pub ways: &'a WaysIn,
}

/// Allows the caller to go to the provider for something that concerns their own account.
///
/// # Errors
/// `token_scope`; `reauthentication_needed` for linking; those of the store.
pub fn begin_errand(moment: &Moment<'_>, errand: Errand, now: Timestamp) -> Result<PrincipalId, Refusal> {
    let rights = allow_own_account(moment)?;
    if errand == Errand::Link {
        moment.allow(ServerAction::MakeTokens, now)?;
    }
    Ok(rights.id)
}

/// Lets the caller in, whom this account has let in before.
///
/// # Errors
/// `unauthenticated` for somebody who is disabled, or whom it does not let in any more; those of the store.
pub fn come_in(act: &mut Act<'_, '_>, vouched: &Vouched, provider: Provider<'_>) -> Result<(), Refusal> {
    let person = PrincipalId::of(&act.caller().actor);
    let linked = act.reading().linked_with(&vouched.subject)?.filter(|linked| linked.person == person);
    let linked =
        linked.ok_or_else(|| stranger("This account at the identity provider no longer signs anybody in here."))?;
    if act.reading().member(&person)?.is_none_or(|member| member.disabled) {
        return Err(stranger("An administrator has disabled you here."));
    }
    told(act, linked, &vouched.groups, provider)
}

/// Makes a person of the caller, whose id is new, because of what the provider says of them.
///
/// # Errors
/// `not_let_in`, `identity_taken`, `name_taken`; those of the store.
pub fn admit(act: &mut Act<'_, '_>, vouched: &Vouched, provider: Provider<'_>) -> Result<(), Refusal> {
    let sentence = |why: &dyn std::fmt::Display| {
        let text = why.to_string();
        let mut letters = text.chars();
        letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
    };
    let not_let_in = |why| Refusal::new(ErrorCode::NotLetIn, sentence(&why));
    provider.admission.lets_in(vouched).map_err(not_let_in)?;
    if act.reading().is_taken_out(&vouched.subject)? {
        return Err(not_let_in(NotLetIn::TakenOut));
    }
    check_free(act, vouched)?;
    let (id, since) = (PrincipalId::of(&act.caller().actor), act.writing.now());
    let member = Member { id: id.clone(), role: ServerRole::default(), disabled: false, since: Some(since) };
    act.writing.append(None, Event::MemberAdded { member, invitation: None })?;
    act.writing.put_profile(&Profile { id, name: name_of(vouched, None), email: vouched.email.clone() })?;
    first_link(act, vouched, provider)
}

/// Makes a person of the caller, whose id is new, by an invitation whose link holds what has this hash.
///
/// # Errors
/// `invitation_used`, `identity_taken`, `name_taken`; those of the store.
pub fn join_with_account(
    act: &mut Act<'_, '_>,
    vouched: &Vouched,
    invitation: &str,
    provider: Provider<'_>,
) -> Result<(), Refusal> {
    let invited_as = greeting(&act.reading(), invitation, act.writing.now())?.name;
    check_free(act, vouched)?;
    let name = name_of(vouched, invited_as.as_deref());
    let newcomer = Newcomer { invitation: invitation.to_owned(), name, email: vouched.email.clone() };
    accept_invitation(act, &newcomer)?;
    first_link(act, vouched, provider)
}

/// Has an account let the caller in from now on, in the place of one that did before, whose sessions end.
///
/// # Errors
/// `token_scope`; `identity_taken` for one that lets somebody else in; those of the store.
pub fn link(act: &mut Act<'_, '_>, vouched: &Vouched, provider: Provider<'_>) -> Result<(), Refusal> {
    let rights = allow_own_account(&act.moment())?;
    let before = act.reading().linked(&rights.id)?;
    match act.reading().linked_with(&vouched.subject)? {
        Some(linked) if linked.person != rights.id => return Err(taken()),
        Some(linked) => return told(act, linked, &vouched.groups, provider),
        None => {}
    }
    act.writing.append(None, Event::IdentityLinked {})?;
    if before.is_some() {
        end_sessions(act, &rights.id, own_session(&rights.caller.through))?;
    }
    let role_before = before.and_then(|before| before.role_before);
    let linked = Linked { person: rights.id, subject: vouched.subject.clone(), role_before, told_at: None };
    told(act, linked, &vouched.groups, provider)
}

/// Has no account let the caller in any more. What the provider gave is taken back, and their other sessions end.
///
/// # Errors
/// `token_scope`, `reauthentication_needed`; `not_found` where there is none; `status_forbids_update` for somebody who
/// signs in with it alone; those of the store.
pub fn unlink(act: &mut Act<'_, '_>, provider: Provider<'_>) -> Result<(), Refusal> {
    let rights = allow_own_account(&act.moment())?;
    act.allow_on_server(ServerAction::MakeTokens)?;
    let Some(linked) = act.reading().linked(&rights.id)? else {
        let detail = "No account at the identity provider lets you in.";
        return Err(Refusal::new(ErrorCode::NotFound, detail));
    };
    let by_token = !provider.ways.closed && rights.id == PrincipalId::local();
    if !by_token && act.reading().password_of(&rights.id)?.is_none() {
        let detail = "You sign in with this account alone. Give yourself a password first.";
        return Err(Refusal::new(ErrorCode::StatusForbidsUpdate, detail));
    }
    told(act, linked, &BTreeSet::new(), provider)?;
    act.writing.remove_linked(&rights.id)?;
    act.writing.append(None, Event::IdentityUnlinked { person: None })?;
    end_sessions(act, &rights.id, own_session(&rights.caller.through))
}

/// Has no account let somebody else in any more. What the provider gave is taken back, and their sessions end.
///
/// # Errors
/// `role_forbids`, `token_scope`, `reauthentication_needed`; `not_found` where there is no such person or account;
/// `status_forbids_update` for the caller, who does that on their own page; `last_admin`; those of the store.
pub fn unlink_person(act: &mut Act<'_, '_>, id: &str, provider: Provider<'_>) -> Result<PrincipalId, Refusal> {
    let rights = act.allow_on_server(ServerAction::ManagePeople)?;
    let member = find_member(&act.reading(), id, PrincipalKind::Person)?;
    if member.id == rights.id {
        let detail = "This is your own account. Unlink it on your own page.";
        return Err(Refusal::new(ErrorCode::StatusForbidsUpdate, detail));
    }
    let Some(linked) = act.reading().linked(&member.id)? else {
        let detail = "No account at the identity provider lets them in.";
        return Err(Refusal::new(ErrorCode::NotFound, detail));
    };
    told(act, linked, &BTreeSet::new(), provider)?;
    let member = act.reading().member(&member.id)?.unwrap_or(member);
    let could = an_administrator_comes_in(&act.reading(), &member, provider.ways)?;
    act.writing.remove_linked(&member.id)?;
    if could && !an_administrator_comes_in(&act.reading(), &member, provider.ways)? {
        return Err(last_admin());
    }
    act.writing.append(None, Event::IdentityUnlinked { person: Some(member.id.clone()) })?;
    end_sessions(act, &member.id, None)?;
    Ok(member.id)
}

/// Takes back what the provider gave to those of whom it has told nothing for twelve hours.
///
/// # Errors
/// Those of the store.
pub fn lapse(act: &mut Act<'_, '_>, provider: Provider<'_>) -> Result<(), Refusal> {
    let now = act.writing.now();
    for linked in act.reading().accounts()? {
        if linked.lapses_at().is_some_and(|at| at <= now) {
            told_at(act, linked, &BTreeSet::new(), None, provider)?;
        }
    }
    Ok(())
}

/// Notes that the caller has shown again at the provider who they are.
///
/// # Errors
/// `token_scope`; `unauthenticated` where somebody else has, or long ago; those of the store.
pub fn shown_again(act: &mut Act<'_, '_>, vouched: &Vouched, provider: Provider<'_>) -> Result<(), Refusal> {
    let rights = allow_own_account(&act.moment())?;
    let linked = act.reading().linked_with(&vouched.subject)?.filter(|linked| linked.person == rights.id);
    let linked =
        linked.ok_or_else(|| stranger("That is another account than the one that you have signed in with."))?;
    let now = act.writing.now();
    let is_old = |at: Timestamp| now.duration_since(at).as_secs() > YOUNG_SIGN_IN_SECONDS;
    let Some(shown_at) = vouched.authenticated_at else {
        let detail = "The identity provider does not say when you showed there who you are (auth_time), so this cannot be taken \
                      for it. Use a password here for what asks again, or have the provider say it.";
        return Err(stranger(detail));
    };
    if is_old(shown_at) {
        let detail = "The identity provider did not ask who you are: it says that you showed it more than 15 minutes ago. \
                      Sign out there, and try again.";
        return Err(stranger(detail));
    }
    told(act, linked, &vouched.groups, provider)?;
    reauthenticate(act, SignInMethod::Provider, Some(shown_at))
}

/// The first account of a person who has just been made.
fn first_link(act: &mut Act<'_, '_>, vouched: &Vouched, provider: Provider<'_>) -> Result<(), Refusal> {
    let person = PrincipalId::of(&act.caller().actor);
    act.writing.append(None, Event::IdentityLinked {})?;
    let linked = Linked { person, subject: vouched.subject.clone(), role_before: None, told_at: None };
    told(act, linked, &vouched.groups, provider)
}

/// Enters what the provider says now of a person's groups there.
fn told(
    act: &mut Act<'_, '_>,
    linked: Linked,
    groups: &BTreeSet<String>,
    provider: Provider<'_>,
) -> Result<(), Refusal> {
    let now = act.writing.now();
    told_at(act, linked, groups, Some(now), provider)
}

/// Enters a person's groups at the provider, as it told of them at `at`; at none where it tells nothing any more. The last
/// administrator who can come in stays one.
fn told_at(
    act: &mut Act<'_, '_>,
    linked: Linked,
    groups: &BTreeSet<String>,
    mut at: Option<Timestamp>,
    provider: Provider<'_>,
) -> Result<(), Refusal> {
    let person = linked.person.clone();
    let Some(member) = act.reading().member(&person)? else { return Ok(()) };
    // Before it is asked who else could come in: this account counts.
    act.writing.put_linked(linked.clone())?;
    let own = act.writing.act_for(Actor::server());
    let was = HeldRole { role: member.role, before: linked.role_before };
    let mut held = provider.admission.role(groups, was);
    if held.role != was.role {
        match change_member(act, Member { role: held.role, ..member }, provider.ways) {
            Err(refusal) if refusal.code == ErrorCode::LastAdmin => {
                tracing::warn!(%person, "the identity provider takes a role that stays: nobody else could come in as administrator");
                held = was;
                // Once somebody else could, it is taken.
                at = Some(act.writing.now());
            }
            done => done?,
        }
    }
    for group in fed(act.reading().groups()?, &person, groups) {
        act.writing.append(None, Event::GroupChanged { group })?;
    }
    act.writing.act_for(own);
    Ok(act.writing.put_linked(Linked { role_before: held.before, told_at: at, ..linked })?)
}

/// Refuses a newcomer whose account, or whose address, is somebody's already: an address makes nobody anybody else.
fn check_free(act: &Act<'_, '_>, Vouched { subject, email, .. }: &Vouched) -> Result<(), Refusal> {
    if act.reading().linked_with(subject)?.is_some() {
        return Err(taken());
    }
    let known = email.as_deref().map(|email| act.reading().profile_with_email(email)).transpose()?.flatten();
    if known.is_some() {
        let detail = "Somebody here has the e-mail address of this account already. If that is you, sign in as before, and \
                      link the account on your own page.";
        return Err(Refusal::new(ErrorCode::NameTaken, detail).with("field", "email"));
    }
    Ok(())
}

/// A name that can be used: the one that the provider says, else the one that they were invited under, else their address.
fn name_of(vouched: &Vouched, invited_as: Option<&str>) -> String {
    let known = [vouched.name.as_deref(), invited_as, vouched.email.as_deref()];
    known.into_iter().flatten().find_map(|name| sign_in::name(name).ok()).unwrap_or_else(|| NAMELESS.to_owned())
}

fn taken() -> Refusal {
    let detail = "This account lets somebody in here already. Sign in with it, or use another one.";
    Refusal::new(ErrorCode::IdentityTaken, detail)
}

fn stranger(detail: &str) -> Refusal {
    Refusal::new(ErrorCode::Unauthenticated, detail)
}

#[cfg(test)]
mod tests {
    use domain::provider::Account;

    use super::*;

    #[test]
    fn a_name_that_hides_something_gives_way_to_the_next() {
        let subject = Account { issuer: "https://login.example".to_owned(), sub: "7".to_owned() };
        let vouched = |name: Option<&str>, email: Option<&str>| Vouched {
            subject: subject.clone(),
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
            domain: None,
            groups: BTreeSet::new(),
            authenticated_at: None,
        };
        assert_eq!(name_of(&vouched(Some(" Ada "), None), Some("Bob")), "Ada");
        assert_eq!(name_of(&vouched(Some("Ada\r\nBcc: x"), None), Some("Bob")), "Bob");
        assert_eq!(name_of(&vouched(Some("\u{202e}"), Some("a@example.org")), None), "a@example.org");
        assert_eq!(name_of(&vouched(None, None), Some(" ")), NAMELESS);
    }
}
