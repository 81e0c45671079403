//! Lists models.

use domain::wire::{ModelView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{Answer, ApiFor, Matching};
use crate::commands::Refusal;
use crate::http::requests::{QueryParams, limit};

/// The models that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A part of the name.
    q: Option<String>,
    /// The most items of a page: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List models by name, each with its newest 20 versions and those in use, newest first.
#[utoipa::path(get, path = "/models", tag = "models", params(Wanted), responses((status = 200, body = Page<ModelView>)))]
pub(super) async fn list(api: ApiFor, QueryParams(wanted): QueryParams<Wanted>) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    let wanted = Matching { q: wanted.q.unwrap_or_default().to_lowercase(), cursor: wanted.cursor, limit };
    api.read(move |views| Answer::done(&views.models(&wanted)?)).await
}
