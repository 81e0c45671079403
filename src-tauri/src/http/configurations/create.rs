//! Makes a configuration: from scratch, or from a copy with changes.

use std::sync::Arc;

use axum::extract::State;
use domain::configuration::Configuration;
use domain::id::ConfigurationId;
use domain::wire::ConfigurationView;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::commands::{self, Refusal, Selection};
use crate::http::answer::Answer;
use crate::http::requests::{At, Sent, json};
use crate::http::serving::Serving;
use crate::http::views;

/// A copy of a configuration with changes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FromCopy {
    /// The one to copy; `null`: the one in use.
    #[serde(default)]
    from: Option<ConfigurationId>,
    /// Fields to change (JSON merge patch).
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    set: Option<Value>,
}

/// A whole configuration, or a copy with changes.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes the body; which of the two it is, its fields tell")]
pub(super) enum NewConfiguration {
    /// As a whole.
    Whole(Box<Configuration>),
    /// From a copy.
    FromCopy(FromCopy),
}

/// Make a configuration. It is not used before a rollout leads to it, and it never changes.
#[utoipa::path(post, path = "/deployments/{d}/configurations", tag = "configurations", request_body = NewConfiguration,
    responses((status = 201, body = ConfigurationView)))]
pub(super) async fn create(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Sent { body, once }: Sent<Map<String, Value>>,
) -> Result<Answer, Refusal> {
    serving
        .write(once, move |_, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            let configuration = if body.contains_key("from") || body.contains_key("set") {
                let FromCopy { from, set } = json::from_value(Value::Object(body))?;
                Selection { from, set }.resolve(&writing.reading(), &row)?
            } else {
                json::from_value::<Configuration>(Value::Object(body))?
            };
            let made = commands::create_configuration(writing, &row, configuration)?;
            let uses = views::ConfigurationUse::of(&writing.reading(), &row)?;
            let view = views::configuration(&uses, made);
            let location = format!("/api/v1/deployments/{}/configurations/{}", row.name, view.id);
            Ok(Answer::created(location, &view)?.hashed())
        })
        .await
}
