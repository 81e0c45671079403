//! Removes an earlier revision (VX-8).

use domain::id::RevisionNumber;
use domain::ledger::Deployment;
use domain::wire::DeploymentView;

use crate::api::{Answer, ApiFor, Effect};
use crate::commands::{self, Act, GateOutcome, Refusal};
use crate::http::requests::{IfMatch, PathParams, WithoutQuery};

/// Remove an earlier revision, so that nobody can go back to it any more. Its history and its configuration stay.
/// Answers the deployment, whose `ETag` `If-Match` names.
#[utoipa::path(delete, path = "/deployments/{d}/revisions/{n}", tag = "revisions",
    responses((status = 200, body = DeploymentView)))]
pub(super) async fn remove(
    api: ApiFor,
    PathParams((d, number)): PathParams<(String, RevisionNumber)>,
    _: WithoutQuery,
    if_match: IfMatch,
) -> Result<Answer, Refusal> {
    let remove = move |act: &mut Act<'_, '_>, row: &Deployment| {
        commands::remove_revision(act, row, number).map(|()| GateOutcome::Done)
    };
    api.change(None, Effect::Done, (d, if_match.expected()), remove).await
}
