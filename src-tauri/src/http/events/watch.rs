//! Says which deployments' requests a stream of events is to tell of.

use axum::http::StatusCode;
use domain::id::{DeploymentId, StreamName};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::api::{ApiFor, LookedAt};
use crate::commands::Refusal;
use crate::http::requests::JsonBody;

/// The deployments that somebody looks at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Watch {
    /// The name that their stream was opened under.
    #[schema(value_type = String)]
    stream: StreamName,
    /// At most 200 ids, in place of those before. Those that are gone, or not seen, are told nothing of.
    #[schema(value_type = Vec<String>)]
    deployments: Vec<DeploymentId>,
    /// The one of them whose replicas it is to tell of too, one by one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    replicas_of: Option<DeploymentId>,
}

/// Have your open stream of events tell of the recent requests of these deployments, in place of those before.
#[utoipa::path(put, path = "/events/traffic", tag = "events", request_body = Watch, responses((status = 204)))]
pub(super) async fn watch(api: ApiFor, JsonBody { body, .. }: JsonBody<Watch>) -> Result<StatusCode, Refusal> {
    let looked_at = LookedAt { deployments: body.deployments, replicas_of: body.replicas_of };
    api.watch(body.stream, looked_at)?;
    Ok(StatusCode::NO_CONTENT)
}
