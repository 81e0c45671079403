//! Shows the last seconds of a deployment's requests.

use domain::wire::MetricsPoint;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams};

const LONGEST: u32 = 3_600;

/// The length of time to look back.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Seconds back from now: 1 to 3,600; by default 300.
    #[param(minimum = 1, maximum = 3600)]
    window: Option<u32>,
}

/// A deployment's requests, second by second.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Metrics {
    /// One point for each second that had requests, oldest first.
    items: Vec<MetricsPoint>,
}

/// Read the last seconds of a deployment's requests, oldest first.
#[utoipa::path(get, path = "/deployments/{d}/metrics", tag = "metrics", params(Wanted), responses((status = 200, body = Metrics)))]
pub(super) async fn show(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    let window = wanted.window.unwrap_or(300);
    if !(1..=LONGEST).contains(&window) {
        return Err(Refusal::invalid("window", format!("window={window} is out of range: 1 to {LONGEST} seconds.")));
    }
    api.read(move |views| Answer::done(&Metrics { items: views.metrics(&d, window)? })).await
}
