//! Reviews a change request, and takes a verdict back.

use domain::id::RequestId;
use domain::wire::{ChangeRequestView, GiveReview};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams, WithoutQuery};

/// Review a change request. An approval is of the hash that is sent: of any other one it is refused with `plan_changed`.
#[utoipa::path(post, path = "/change-requests/{id}/reviews", tag = "change requests", request_body = GiveReview,
    responses((status = 200, body = ChangeRequestView)))]
pub(super) async fn review(
    api: ApiFor,
    PathParams(id): PathParams<RequestId>,
    JsonBody { body, key }: JsonBody<GiveReview>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        commands::review(act, &id, &body)?;
        Answer::done(&api.views(act).change_request(&id)?)
    })
    .await
}

/// Take one's own last verdict back.
#[utoipa::path(delete, path = "/change-requests/{id}/reviews", tag = "change requests",
    responses((status = 200, body = ChangeRequestView)))]
pub(super) async fn withdraw(
    api: ApiFor,
    PathParams(id): PathParams<RequestId>,
    _: WithoutQuery,
) -> Result<Answer, Refusal> {
    api.write(None, move |api, act| {
        commands::withdraw_review(act, &id)?;
        Answer::done(&api.views(act).change_request(&id)?)
    })
    .await
}
