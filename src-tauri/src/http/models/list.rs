//! Lists models.

use std::sync::Arc;

use axum::extract::State;
use domain::id::{ModelName, TargetName};
use domain::wire::{ModelView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::Refusal;
use crate::http::answer::Answer;
use crate::http::requests::{Asked, limit, page};
use crate::http::serving::Serving;
use crate::http::views;

/// Which models are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A part of the name.
    q: Option<String>,
    /// How many at most: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Newest versions of each model that a list shows, besides those in use.
const NEWEST: u32 = 20;

/// List models by name, each with its newest 20 versions and those in use, newest first.
#[utoipa::path(get, path = "/models", tag = "models", params(Wanted), responses((status = 200, body = Page<ModelView>)))]
pub(super) async fn list(State(serving): State<Arc<Serving>>, Asked(wanted): Asked<Wanted>) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    let q = wanted.q.unwrap_or_default().to_lowercase();
    let after = wanted.cursor.unwrap_or_default();
    serving
        .read(move |api, reading| {
            let users = views::Users::of(reading, &api.live.machine(&TargetName::default()))?;
            let names = page(reading.model_names(&q, &after, limit + 1)?, limit, ModelName::to_string);
            let mut items = Vec::with_capacity(names.items.len());
            for name in names.items {
                let mut versions = reading.model_versions(&name, None, NEWEST)?;
                let shown = versions.last().map(|oldest| oldest.version);
                let mut used: Vec<_> =
                    users.versions_of(&name).filter(|used| Some(used.version) < shown).cloned().collect();
                used.sort_by_key(|used| std::cmp::Reverse(used.version));
                for used in used {
                    versions.extend(reading.model(&used)?);
                }
                items.extend(views::model(&users, reading, name, versions)?);
            }
            Answer::ok(&Page { items, next_cursor: names.next_cursor })
        })
        .await
}
