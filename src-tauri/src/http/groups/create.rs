//! Makes a group.

use domain::wire::{GroupForm, GroupView};

use crate::api::{Answer, ApiFor, Effect};
use crate::commands::{self, Refusal};
use crate::http::requests::JsonBody;

/// Make a group of people and services, which can be named as they can.
#[utoipa::path(post, path = "/groups", tag = "people", request_body = GroupForm, responses((status = 201, body = GroupView)))]
pub(super) async fn create(api: ApiFor, JsonBody { body, key }: JsonBody<GroupForm>) -> Result<Answer, Refusal> {
    api.write(key, move |_, act| Answer::new(Effect::Created, &commands::create_group(act, &body)?)).await
}
