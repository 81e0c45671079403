//! Edits, rebases, applies and cancels a change request.

use domain::id::RequestId;
use domain::wire::{ChangeRequestView, EditRequest};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Act, Refusal};
use crate::http::requests::{JsonBody, PathParams, WithoutBody};

async fn change(
    api: ApiFor,
    key: Option<crate::api::IdempotencyKey>,
    id: RequestId,
    work: impl FnOnce(&mut Act<'_, '_>, &RequestId) -> Result<(), Refusal> + Send + 'static,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        work(act, &id)?;
        Answer::done(&api.views(act).change_request(&id)?)
    })
    .await
}

/// Edit a change request: it gets another version, of which nobody has approved anything.
#[utoipa::path(patch, path = "/change-requests/{id}", tag = "change requests", request_body = EditRequest,
    responses((status = 200, body = ChangeRequestView)))]
pub(super) async fn edit(
    api: ApiFor,
    PathParams(id): PathParams<RequestId>,
    JsonBody { body, key }: JsonBody<EditRequest>,
) -> Result<Answer, Refusal> {
    change(api, key, id, move |act, id| commands::edit_request(act, id, &body)).await
}

/// Ask for the same anew, on what there is now: another version, of which nobody has approved anything.
#[utoipa::path(post, path = "/change-requests/{id}/rebase", tag = "change requests",
    responses((status = 200, body = ChangeRequestView)))]
pub(super) async fn rebase(
    api: ApiFor,
    PathParams(id): PathParams<RequestId>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    change(api, key, id, commands::rebase_request).await
}

/// Apply an approved change request now.
#[utoipa::path(post, path = "/change-requests/{id}/apply", tag = "change requests",
    responses((status = 200, body = ChangeRequestView)))]
pub(super) async fn apply(
    api: ApiFor,
    PathParams(id): PathParams<RequestId>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    change(api, key, id, commands::apply_request).await
}

/// Cancel a change request.
#[utoipa::path(post, path = "/change-requests/{id}/cancel", tag = "change requests",
    responses((status = 200, body = ChangeRequestView)))]
pub(super) async fn cancel(
    api: ApiFor,
    PathParams(id): PathParams<RequestId>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    change(api, key, id, commands::cancel_request).await
}
