//! Lists a deployment's rollouts.

use domain::id::RolloutNumber;
use domain::wire::{Page, RolloutView};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::Answer;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, QueryParams, limit};

/// The rollouts that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The most items of a page: 1 to 100; by default 20.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,9}$")]
    cursor: Option<RolloutNumber>,
}

/// List a deployment's rollouts, newest first, with steps and receipts.
#[utoipa::path(get, path = "/deployments/{d}/rollouts", tag = "rollouts", params(Wanted),
    responses((status = 200, body = Page<RolloutView>)))]
pub(super) async fn list(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    QueryParams(wanted): QueryParams<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 20, 100)?;
    api.read(move |views| Answer::done(&views.rollouts(&d, wanted.cursor, limit)?)).await
}
