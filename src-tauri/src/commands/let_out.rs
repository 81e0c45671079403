//! Ends what lets somebody in.

use domain::caller::Through;
use domain::event::Event;
use domain::id::SessionId;
use domain::principal::PrincipalId;

use super::{Act, Refusal};

/// Ends everything that lets a person or a service in, and what they have offered to others.
pub(super) fn let_out(act: &mut Act<'_, '_>, id: &PrincipalId) -> Result<(), Refusal> {
    end_sessions(act, id, None)?;
    for token in act.reading().api_tokens(Some(id))? {
        act.writing.remove_api_token(&token.id)?;
        act.writing.append(None, Event::TokenRevoked { id: token.id, owner: id.clone() })?;
    }
    for invitation in act.reading().invitations(Some(id))? {
        act.writing.remove_invitation(&invitation.id)?;
        act.writing.append(None, Event::InvitationWithdrawn { id: invitation.id })?;
    }
    Ok(act.writing.remove_admin_link(id)?)
}

/// Ends every session of a person but `kept`.
pub(super) fn end_sessions(
    act: &mut Act<'_, '_>,
    person: &PrincipalId,
    kept: Option<&SessionId>,
) -> Result<(), Refusal> {
    let sessions = act.reading().sessions_of(person)?;
    let (mut count, now) = (0, act.writing.now());
    for session in sessions.iter().filter(|session| Some(&session.id) != kept) {
        act.writing.remove_session(&session.id)?;
        count += u32::from(session.is_open(now));
    }
    if count > 0 {
        act.writing.append(None, Event::SessionsEnded { person: person.clone(), count })?;
    }
    Ok(())
}

/// The session that somebody comes through.
pub(super) fn own_session(through: &Through) -> Option<&SessionId> {
    match through {
        Through::Session { id, .. } => Some(id),
        _ => None,
    }
}
