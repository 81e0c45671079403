//! Changes a service.

use domain::wire::{ServiceChange, ServiceView};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams};

/// Change a service, or let it in no more: its API tokens are revoked then.
#[utoipa::path(patch, path = "/services/{id}", tag = "people", request_body = ServiceChange,
    responses((status = 200, body = ServiceView)))]
pub(super) async fn change(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    JsonBody { body, .. }: JsonBody<ServiceChange>,
) -> Result<Answer, Refusal> {
    api.let_out(move |act, _| Answer::done(&commands::change_service(act, &id, &body)?)).await
}
