//! Marks a revision as known to be bad, and takes the mark back (CO-6).

use std::sync::Arc;

use axum::extract::State;
use domain::id::RevisionNumber;
use domain::wire::{ErrorCode, QuarantineNote, RevisionView};

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, IfMatch, Sent};
use crate::http::serving::Serving;
use crate::http::views;
use crate::store::Reading;
use domain::ledger::Deployment;

/// Mark a revision as known to be bad: an automatic revert skips it, and it comes back only with a written
/// override. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/revisions/{n}/quarantine", tag = "revisions",
    request_body = QuarantineNote, responses((status = 200, body = RevisionView)))]
pub(super) async fn quarantine(
    State(serving): State<Arc<Serving>>,
    At((d, number)): At<(String, RevisionNumber)>,
    if_match: IfMatch,
    Sent { body, once }: Sent<QuarantineNote>,
) -> Result<Answer, Refusal> {
    serving
        .write(once, move |_, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            commands::quarantine(writing, &row, number, &body.note, if_match.expected(&row)?)?;
            shown(&writing.reading(), &row, number)
        })
        .await
}

/// Take the mark back. `If-Match` names the deployment's `ETag`.
#[utoipa::path(delete, path = "/deployments/{d}/revisions/{n}/quarantine", tag = "revisions",
    request_body = QuarantineNote, responses((status = 200, body = RevisionView)))]
pub(super) async fn lift(
    State(serving): State<Arc<Serving>>,
    At((d, number)): At<(String, RevisionNumber)>,
    if_match: IfMatch,
    Sent { body, once }: Sent<QuarantineNote>,
) -> Result<Answer, Refusal> {
    serving
        .write(once, move |_, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            commands::lift_quarantine(writing, &row, number, &body.note, if_match.expected(&row)?)?;
            shown(&writing.reading(), &row, number)
        })
        .await
}

fn shown(reading: &Reading<'_>, row: &Deployment, number: RevisionNumber) -> Result<Answer, Refusal> {
    let found = reading.revision(&row.id, number)?;
    let found =
        found.ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("{} has no revision {number}.", row.name)))?;
    Ok(Answer::ok(&views::revision(reading, found)?)?.hashed())
}
