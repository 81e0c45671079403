//! The words about what becomes of a change request.

use super::said::Said;
use crate::change_request::{ApplyWord, RequestEvent, ReviewVerdict, WaitingFor};
use crate::event::{Entry, Event};
use crate::id::RequestId;

/// The words about an entry of a change request, of which the title says what is asked for.
pub(super) fn of_request(entry: &Entry, actor: &str, (id, title): (&RequestId, &str)) -> Option<Said> {
    let path = format!("/approvals/{id}");
    let (subject, happened, why, next) = match &entry.event {
        Event::ChangeAsked { .. } => (
            format!("To review: {title}"),
            format!("{actor} asks for a change: {title}."),
            None,
            Some("Open it, read what would change, and approve it or ask for changes."),
        ),
        Event::ChangeEdited { edited, .. } => (
            format!("To review anew: {title}"),
            format!("{actor} asks anew: {title}. It is version {} now, and approvals begin anew.", edited.number),
            None,
            Some("Open it, read what would change, and approve it or ask for changes."),
        ),
        Event::ChangeReviewed { review, .. } => {
            let (subject, did) = match review.verdict {
                ReviewVerdict::Approved => ("approved", "approved"),
                ReviewVerdict::ChangesRequested => ("changes requested", "asks for changes of"),
                ReviewVerdict::Comment => ("a comment", "commented on"),
            };
            (format!("{title}: {subject}"), format!("{actor} {did} it."), review.comment.clone(), None)
        }
        Event::ReviewWithdrawn { .. } => {
            (format!("{title}: a review was taken back"), format!("{actor} took their review of it back."), None, None)
        }
        Event::ChangeMoved { event, waiting_for, moved, ended, .. } => {
            let problem = ended.as_ref().and_then(|end| end.problem.clone());
            match event {
                Some(event) => moved_request(*event, title, moved, problem)?,
                None => {
                    let thing = match (*waiting_for)? {
                        WaitingFor::Freeze => "the end of a freeze",
                        WaitingFor::Operation => "the end of another operation on the deployment",
                        WaitingFor::Check => "its check, which runs again",
                    };
                    let happened = format!("The change is approved, and waits for {thing}.");
                    (
                        format!("{title}: it waits"),
                        happened,
                        None,
                        Some("The change begins by itself. Nothing has to be done."),
                    )
                }
            }
        }
        _ => return None,
    };
    Some(Said::new(subject, happened, why, next, path))
}

type Words = (String, String, Option<String>, Option<&'static str>);

fn moved_request(event: RequestEvent, title: &str, moved: &[String], problem: Option<String>) -> Option<Words> {
    Some(match event {
        RequestEvent::PoliciesMet(ApplyWord::At) => (
            format!("{title}: scheduled"),
            "The change has what it needs, and begins at its time.".to_owned(),
            None,
            None,
        ),
        RequestEvent::PoliciesMet(_) => {
            (format!("{title}: approved"), "The change is approved.".to_owned(), None, None)
        }
        RequestEvent::PoliciesUnmet => (
            format!("{title}: it needs approvals again"),
            "The request has lost its approval.".to_owned(),
            Some("A policy got stricter, or an approval counts no more.".to_owned()),
            None,
        ),
        RequestEvent::BaseMoved => (
            format!("{title}: the deployment has changed"),
            "The request does not fit the deployment any more.".to_owned(),
            (!moved.is_empty()).then(|| format!("Since it was asked for, this has changed: {}.", moved.join(", "))),
            Some("Open it and rebase it, or cancel it."),
        ),
        RequestEvent::Applied => (format!("{title}: it has begun"), "The change has begun.".to_owned(), None, None),
        RequestEvent::Failed => (
            format!("{title}: it could not begin"),
            "The change could not begin, and nothing was changed.".to_owned(),
            problem,
            Some("Open it, read why, and ask again."),
        ),
        RequestEvent::Cancelled => (
            format!("{title}: cancelled"),
            "The request was cancelled, and nothing was changed.".to_owned(),
            problem,
            None,
        ),
        RequestEvent::Expired => (
            format!("{title}: its time is over"),
            "The change was not started in its time, and nothing was changed.".to_owned(),
            problem,
            Some("Ask again if the change is still wanted."),
        ),
        RequestEvent::DeploymentDeleted => (
            format!("{title}: the deployment is gone"),
            "The deployment was deleted, and the change ended with it.".to_owned(),
            None,
            None,
        ),
        RequestEvent::Edited | RequestEvent::ChangesRequested | RequestEvent::ChangesWithdrawn => return None,
    })
}
