//! Shows a deployment.

use domain::wire::DeploymentView;
use serde::Deserialize;
use utoipa::IntoParams;

use super::lists::{Lists, included};
use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{Many, PathParams, QueryParams};

/// The lists that are to be shown besides.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `replicas`, `revisions`, or both with a comma.
    #[param(value_type = Option<String>)]
    include: Many<Lists>,
}

/// Read a deployment. Its `ETag` is its generation, which writes may name in `If-Match`.
#[utoipa::path(get, path = "/deployments/{d}", tag = "deployments", params(Wanted), responses((status = 200, body = DeploymentView)))]
pub(super) async fn show(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    api.read(move |views| {
        let view = views.deployment(&d, included(&wanted.include))?;
        Ok(Answer::done(&view)?.at(view.generation))
    })
    .await
}
