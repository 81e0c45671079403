//! One change request.

use domain::id::RequestId;
use domain::wire::ChangeRequestView;

use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::requests::{PathParams, WithoutQuery};

/// One change request, with the difference, the rehearsal and the report as they come out now.
#[utoipa::path(get, path = "/change-requests/{id}", tag = "change requests",
    responses((status = 200, body = ChangeRequestView)))]
pub(super) async fn show(
    api: ApiFor,
    PathParams(id): PathParams<RequestId>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.change_request(&id)?)?.hashed())).await
}
