//! Lists models.

use std::sync::Arc;

use axum::extract::State;
use domain::model::RegisteredModel;
use domain::wire::{ModelView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::answer::Answer;
use crate::api::requests::{Asked, limit, page};
use crate::api::serving::Serving;
use crate::api::views;
use crate::commands::Refusal;

/// Which models are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A part of the name.
    q: Option<String>,
    /// How many at most: 1 to 1,000; by default 100.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List models by name, each with its versions, newest first.
#[utoipa::path(get, path = "/models", tag = "models", params(Wanted), responses((status = 200, body = Page<ModelView>)))]
pub(super) async fn list(State(serving): State<Arc<Serving>>, Asked(wanted): Asked<Wanted>) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    let q = wanted.q.unwrap_or_default().to_lowercase();
    serving
        .read(move |_, reading| {
            let users = views::Users::of(reading)?;
            let mut by_name: Vec<Vec<RegisteredModel>> = Vec::new();
            for version in reading.models()? {
                let named = version.name.as_str();
                if !named.contains(&q) || wanted.cursor.as_deref().is_some_and(|cursor| named <= cursor) {
                    continue;
                }
                match by_name.last_mut() {
                    Some(versions) if versions.first().is_some_and(|first| first.name == version.name) => {
                        versions.push(version);
                    }
                    _ => by_name.push(vec![version]),
                }
            }
            let models = by_name.into_iter().filter_map(|versions| {
                let name = versions.first()?.name.clone();
                views::model(&users, name, versions)
            });
            Answer::ok(&page(models, limit, |model| model.name.to_string()))
        })
        .await
}
