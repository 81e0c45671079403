//! Shows what is kept of a deployment's requests.

use domain::metrics::Grain;
use domain::wire::MetricsView;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams};

const DEFAULT: u32 = 300;

/// The time to look back, and what is told apart.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Seconds back from now: 1 to 31,622,400 (366 days); by default 300. Points are of a second for up to an hour, of a
    /// minute for up to three days, and of an hour beyond.
    #[param(minimum = 1, maximum = 31_622_400)]
    window: Option<u32>,
    /// `revision`: a point for each revision; by default one for all together.
    #[param(inline)]
    by: Option<By>,
}

/// What points are told apart by.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    Revision,
}

/// Read what is kept of a deployment's requests: points of a second, a minute or an hour, oldest first.
#[utoipa::path(get, path = "/deployments/{d}/metrics", tag = "metrics", params(Wanted), responses((status = 200, body = MetricsView)))]
pub(super) async fn show(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    let (window, longest) = (wanted.window.unwrap_or(DEFAULT), Grain::LONGEST_WINDOW);
    if !(1..=longest).contains(&window) {
        return Err(Refusal::invalid("window", format!("window={window} is out of range: 1 to {longest} seconds.")));
    }
    let by_revision = matches!(wanted.by, Some(By::Revision));
    api.read(move |views| Answer::done(&views.metrics(&d, window, by_revision)?)).await
}
