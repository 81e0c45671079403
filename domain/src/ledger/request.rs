//! Change requests as the journal has made them, and what an entry does to them.

use crate::change_request::RequestEvent;
use crate::event::{Entry, Event};
use crate::id::RequestId;
use crate::principal::PrincipalId;
use crate::requested::Requested;

/// The request that `event` is about, if it is about one.
pub fn request_of(event: &Event) -> Option<&RequestId> {
    match event {
        Event::ChangeAsked { request } => Some(&request.id),
        Event::ChangeEdited { id, .. }
        | Event::ChangeReviewed { id, .. }
        | Event::ReviewWithdrawn { id }
        | Event::ChangeMoved { id, .. } => Some(id),
        _ => None,
    }
}

/// The request that `entry`, which is about it, makes of what it was before. What a command has refused to enter does not
/// come here; an entry that cannot be entered all the same changes nothing.
pub fn request_after(before: Option<Requested>, entry: &Entry) -> Option<Requested> {
    if let Event::ChangeAsked { request } = &entry.event {
        return Some(request.as_ref().clone());
    }
    let mut request = before?;
    match &entry.event {
        Event::ChangeEdited { edited, mode, expires_at, .. } => {
            let version = edited.as_ref().clone();
            if request.edit(version.author, version.at, version.plan_hash, version.content).is_ok() {
                let _ = request.advance(RequestEvent::Edited);
                (request.mode, request.expires_at) = (mode.clone(), *expires_at);
            }
        }
        Event::ChangeReviewed { review, .. } => drop(request.review(review.clone())),
        Event::ReviewWithdrawn { .. } => drop(request.withdraw(&PrincipalId::of(&entry.actor))),
        Event::ChangeMoved { state, waiting_for, ended, .. } => {
            (request.state, request.waiting_for) = (*state, *waiting_for);
            request.ended.clone_from(ended);
        }
        _ => {}
    }
    Some(request)
}
