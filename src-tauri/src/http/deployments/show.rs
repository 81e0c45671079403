//! Shows a deployment.

use std::sync::Arc;

use axum::extract::State;
use domain::wire::DeploymentView;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{Asked, At};
use crate::http::serving::Serving;
use crate::http::views::{self, Include};

/// What is to be shown besides.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// `replicas`, `revisions`, or both with a comma.
    #[param(value_type = Option<String>)]
    include: Include,
}

/// Read a deployment. Its `ETag` is its generation, which writes may name in `If-Match`.
#[utoipa::path(get, path = "/deployments/{d}", tag = "deployments", params(Wanted), responses((status = 200, body = DeploymentView)))]
pub(super) async fn show(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Answer, Refusal> {
    serving
        .read(move |api, reading| {
            let row = commands::find(reading, &d)?;
            let view = views::deployment(api, reading, row, &wanted.include)?;
            Ok(Answer::ok(&view)?.at(view.generation))
        })
        .await
}
