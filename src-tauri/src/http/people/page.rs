//! The arrangements of one's own pages.

use domain::page_preferences::DeploymentsPage;

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, WithoutQuery};

/// Read how you have arranged your list of deployments: its columns and the views that you have named.
#[utoipa::path(get, path = "/me/deployments-page", tag = "people", responses((status = 200, body = DeploymentsPage)))]
pub(super) async fn show(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::done(&commands::deployments_page(&views.moment())?)).await
}

/// Arrange your list of deployments. Nobody else sees it.
#[utoipa::path(put, path = "/me/deployments-page", tag = "people", request_body = DeploymentsPage,
    responses((status = 200, body = DeploymentsPage)))]
pub(super) async fn arrange(api: ApiFor, JsonBody { body, key }: JsonBody<DeploymentsPage>) -> Result<Answer, Refusal> {
    api.write(key, move |_, act| {
        commands::arrange_deployments_page(act, &body)?;
        Answer::done(&commands::deployments_page(&act.moment())?)
    })
    .await
}
