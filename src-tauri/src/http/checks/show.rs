//! Shows a check.

use domain::id::CheckId;
use domain::wire::CheckView;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, WithoutQuery};

/// Read a check: where it stands, and its report.
#[utoipa::path(get, path = "/deployments/{d}/checks/{id}", tag = "checks", responses((status = 200, body = CheckView)))]
pub(super) async fn show(
    api: ApiFor,
    PathParams((d, id)): PathParams<(String, CheckId)>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.check_called(&d, &id)?)?.hashed())).await
}
