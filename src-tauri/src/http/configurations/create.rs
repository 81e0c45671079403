//! Makes a configuration: from scratch, or from a copy with changes.

use domain::action::Action;
use domain::configuration::Configuration;
use domain::id::ConfigurationId;
use domain::wire::ConfigurationView;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::api::{Answer, ApiFor, Resource};
use crate::commands::{self, Expected, Refusal, Selection};
use crate::http::requests::{JsonBody, PathParams, json};

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
    api: ApiFor,
    PathParams(d): PathParams<String>,
    JsonBody { body, key }: JsonBody<Map<String, Value>>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &Expected::default())?;
        act.permit(&row, Action::CreateConfiguration)?;
        let configuration = if body.contains_key("from") || body.contains_key("set") {
            let FromCopy { from, set } = json::from_value(Value::Object(body))?;
            Selection { from, set }.resolve(&act.reading(), &row)?
        } else {
            json::from_value::<Configuration>(Value::Object(body))?
        };
        let made = commands::create_configuration(act, Some(&row), configuration)?;
        let view = api.views(act).configuration(Some(&row), made)?;
        Ok(Answer::created(Resource::ConfigurationOf(row.name, view.id.clone()), &view)?.hashed())
    })
    .await
}
