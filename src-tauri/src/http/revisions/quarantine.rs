//! Marks a revision as known to be bad, and takes the mark back (CO-6).

use domain::id::RevisionNumber;
use domain::wire::{QuarantineNote, RevisionView};

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::{self, Refusal};
use crate::http::requests::{IfMatch, JsonBody, PathParams};

/// Mark a revision as known to be bad: an automatic revert skips it, and it comes back only with a written
/// override. `If-Match` names the deployment's `ETag`.
#[utoipa::path(post, path = "/deployments/{d}/revisions/{n}/quarantine", tag = "revisions",
    request_body = QuarantineNote, responses((status = 200, body = RevisionView)))]
pub(super) async fn quarantine(
    api: ApiFor,
    PathParams((d, number)): PathParams<(String, RevisionNumber)>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<QuarantineNote>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &if_match.expected())?;
        commands::quarantine(act, &row, number, &body.note)?;
        Ok(Answer::done(&api.views(act).revision_of(&row, number)?)?.hashed())
    })
    .await
}

/// Take the mark back. `If-Match` names the deployment's `ETag`.
#[utoipa::path(delete, path = "/deployments/{d}/revisions/{n}/quarantine", tag = "revisions",
    request_body = QuarantineNote, responses((status = 200, body = RevisionView)))]
pub(super) async fn lift(
    api: ApiFor,
    PathParams((d, number)): PathParams<(String, RevisionNumber)>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<QuarantineNote>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &if_match.expected())?;
        commands::lift_quarantine(act, &row, number, &body.note)?;
        Ok(Answer::done(&api.views(act).revision_of(&row, number)?)?.hashed())
    })
    .await
}
