//! The recent requests of several deployments in one answer, for whoever looks at a list of them.

use std::collections::BTreeMap;

use domain::id::DeploymentId;
use domain::wire::Traffic;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor, LookedAt};
use crate::commands::Refusal;
use crate::http::requests::{Many, QueryParams};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The deployments that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// At most 200 ids of deployments, with commas. Those that are gone, or not seen, are left out of the answer.
    #[param(value_type = Option<String>, pattern = "^([A-Za-z0-9-]{1,64}(,|$))*$")]
    deployments: Many<DeploymentId>,
    /// The one of them whose replicas are told of too, one by one.
    #[param(value_type = Option<String>)]
    replicas_of: Option<DeploymentId>,
}

/// The recent requests of several deployments.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TrafficList {
    /// By id.
    items: BTreeMap<DeploymentId, Traffic>,
}

/// Read the recent requests of several deployments at once.
#[utoipa::path(get, path = "/traffic", tag = "metrics", params(Wanted), responses((status = 200, body = TrafficList)))]
pub(super) async fn show(api: ApiFor, QueryParams(wanted): QueryParams<Wanted>) -> Result<Answer, Refusal> {
    let looked_at = LookedAt { deployments: wanted.deployments.all(), replicas_of: wanted.replicas_of };
    looked_at.check()?;
    api.read(move |views| Answer::done(&TrafficList { items: views.traffic(&looked_at)? })).await
}
