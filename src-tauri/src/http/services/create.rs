//! Makes a service.

use domain::wire::{ServiceForm, ServiceView};

use crate::api::{Answer, ApiFor, Effect};
use crate::commands::{self, Refusal};
use crate::http::requests::JsonBody;

/// Make a service: a program that has API tokens only.
#[utoipa::path(post, path = "/services", tag = "people", request_body = ServiceForm,
    responses((status = 201, body = ServiceView)))]
pub(super) async fn create(api: ApiFor, JsonBody { body, key }: JsonBody<ServiceForm>) -> Result<Answer, Refusal> {
    api.write(key, move |_, act| Answer::new(Effect::Created, &commands::create_service(act, &body)?)).await
}
