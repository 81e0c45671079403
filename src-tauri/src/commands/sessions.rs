//! Sessions in browsers: they begin with a sign-in, and end one by one or all.

use domain::caller::Through;
use domain::event::Event;
use domain::id::SessionId;
use domain::principal::PrincipalId;
use domain::session::SignInMethod;
use domain::sign_in::{MOST_SESSIONS, SessionSpan};
use domain::wire::{ErrorCode, SessionView};
use jiff::Timestamp;

use super::directory::allow_own_account;
use super::let_out::{end_sessions, own_session};
use super::{Act, Moment, Refusal, new_id};
use crate::store::tables::sessions::SessionRow;

/// A session that is about to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// SHA-256 of what the browser will send, in hexadecimal.
    pub hash: String,
    /// The browser, as it calls itself.
    pub agent: Option<String>,
    /// The way in which the caller has shown who they are.
    pub with: SignInMethod,
    /// The time at which they did, where that was not just now.
    pub shown_at: Option<Timestamp>,
}

/// Begins a session of the caller, who has shown who they are.
///
/// # Errors
/// Those of the store.
pub fn begin_session(act: &mut Act<'_, '_>, new: NewSession) -> Result<SessionRow, Refusal> {
    let (person, now) = (PrincipalId::of(&act.caller().actor), act.writing.now());
    make_room(act, &person, now)?;
    let session = SessionRow {
        id: new_id().parse().map_err(|error| Refusal::fault("a new id is none", &error))?,
        hash: new.hash,
        person,
        span: SessionSpan { made_at: now, seen_at: now },
        signed_in_at: new.shown_at.map_or(now, |at| at.min(now)),
        with: new.with,
        agent: new.agent,
    };
    act.writing.put_session(&session)?;
    act.writing.append(None, Event::SignedIn { session: session.id.clone(), with: session.with })?;
    Ok(session)
}

/// Removes sessions that have ended by time, and those that are too many, unused longest first.
fn make_room(act: &mut Act<'_, '_>, person: &PrincipalId, now: Timestamp) -> Result<(), Refusal> {
    let (mut open, over): (Vec<_>, Vec<_>) =
        act.reading().sessions_of(person)?.into_iter().partition(|session| session.is_open(now));
    open.sort_by_key(|session| session.span.seen_at);
    let surplus = (open.len() + 1).saturating_sub(MOST_SESSIONS);
    for session in over.iter().chain(open.iter().take(surplus)) {
        act.writing.remove_session(&session.id)?;
    }
    Ok(())
}

/// Notes that the caller has shown again who they are, in their session: now, or at `shown_at`.
///
/// # Errors
/// Those of the store.
pub fn reauthenticate(act: &mut Act<'_, '_>, with: SignInMethod, shown_at: Option<Timestamp>) -> Result<(), Refusal> {
    let Through::Session { id, .. } = &act.caller().through else { return Ok(()) };
    let Some(session) = act.reading().session(id)? else { return Ok(()) };
    let now = act.writing.now();
    let signed_in_at = shown_at.map_or(now, |at| at.min(now)).max(session.signed_in_at);
    act.writing.put_session(&SessionRow { signed_in_at, ..session.clone() })?;
    act.writing.append(None, Event::SignedIn { session: session.id, with })?;
    Ok(())
}

/// The caller's sessions, oldest first.
///
/// # Errors
/// `token_scope`; those of the store.
pub fn sessions(moment: &Moment<'_>, now: Timestamp) -> Result<Vec<SessionView>, Refusal> {
    let rights = allow_own_account(moment)?;
    let this = own_session(&rights.caller.through);
    let open = moment.reading.sessions_of(&rights.id)?.into_iter().filter(|session| session.is_open(now));
    Ok(open.map(|session| view(session, this)).collect())
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// `token_scope`, `not_found`; those of the store.
pub fn end_session(act: &mut Act<'_, '_>, id: &str) -> Result<(), Refusal> {
    let rights = allow_own_account(&act.moment())?;
    let found = id.parse().ok().map(|id: SessionId| act.reading().session(&id)).transpose()?.flatten();
    let Some(session) = found.filter(|session| session.person == rights.id) else {
        let given: String = id.chars().take(80).collect();
        return Err(Refusal::new(ErrorCode::NotFound, format!("You have no session \"{given}\".")));
    };
    act.writing.remove_session(&session.id)?;
    act.writing.append(None, Event::SessionsEnded { person: rights.id, count: 1 })?;
    Ok(())
}

/// Ends every session of the caller but the one through which they ask.
///
/// # Errors
/// `token_scope`; those of the store.
pub fn end_other_sessions(act: &mut Act<'_, '_>) -> Result<(), Refusal> {
    let rights = allow_own_account(&act.moment())?;
    end_sessions(act, &rights.id, own_session(&rights.caller.through))
}

/// Ends the session through which the caller asks, if they come through one.
///
/// # Errors
/// Those of the store.
pub fn sign_out(act: &mut Act<'_, '_>) -> Result<(), Refusal> {
    match own_session(&act.caller().through).cloned() {
        Some(id) => end_session(act, id.as_str()),
        None => Ok(()),
    }
}

fn view(session: SessionRow, this: Option<&SessionId>) -> SessionView {
    SessionView {
        is_this: this == Some(&session.id),
        id: session.id,
        created_at: session.span.made_at,
        last_seen: session.span.seen_at,
        expires_at: session.span.ends_at(session.with),
        with: session.with,
        user_agent: session.agent,
    }
}
