//! Faults of pages.

use axum::http::StatusCode;
use domain::wire::PageFault;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::JsonBody;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(tell))
}

/// Tell of a page of the interface whose program has broken off; it goes to the server's log. Pages do so by themselves.
#[utoipa::path(post, path = "/faults", tag = "session", request_body = PageFault, responses((status = 204)))]
async fn tell(api: ApiFor, JsonBody { body, .. }: JsonBody<PageFault>) -> Result<StatusCode, Refusal> {
    api.page_fault(&body)?;
    Ok(StatusCode::NO_CONTENT)
}
