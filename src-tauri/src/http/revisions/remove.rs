//! Removes an earlier revision (VX-8).

use std::sync::Arc;

use axum::extract::State;
use domain::id::RevisionNumber;
use domain::wire::DeploymentView;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, IfMatch, Once, WithoutQuery};
use crate::http::serving::Serving;
use crate::http::views;

/// Remove an earlier revision, so that nobody can go back to it any more. Its history and its configuration stay.
/// Answers the deployment, whose `ETag` `If-Match` names.
#[utoipa::path(delete, path = "/deployments/{d}/revisions/{n}", tag = "revisions",
    responses((status = 200, body = DeploymentView)))]
pub(super) async fn remove(
    State(serving): State<Arc<Serving>>,
    At((d, number)): At<(String, RevisionNumber)>,
    _: WithoutQuery,
    if_match: IfMatch,
) -> Result<Answer, Refusal> {
    serving
        .write(Once::never_kept(), move |api, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            commands::remove_revision(writing, &row, number, if_match.expected(&row)?)?;
            let row = commands::find(&writing.reading(), row.id.as_str())?;
            let view = views::deployment(api, &writing.reading(), row, &views::Include::default())?;
            Ok(Answer::ok(&view)?.at(view.generation))
        })
        .await
}
