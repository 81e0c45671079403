//! Shows the two keys of a deployment, and makes one anew.

use axum::response::Response;
use domain::wire::{Key, KeysView};

use super::private::private;
use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{JsonBody, PathParams, WithoutBody, WithoutQuery};

/// Read the keys of a deployment whose `auth` is `key`. They are made when they are needed first.
#[utoipa::path(get, path = "/deployments/{d}/keys", tag = "credentials", responses((status = 200, body = KeysView)))]
pub(super) async fn show(api: ApiFor, PathParams(d): PathParams<String>, _: WithoutQuery) -> Result<Response, Refusal> {
    Ok(private(api.keys(d).await?))
}

/// Make a key anew: the one before is no longer accepted, the other one stays.
#[utoipa::path(post, path = "/deployments/{d}/keys/{key}/regenerate", tag = "credentials", responses((status = 200, body = KeysView)))]
pub(super) async fn regenerate(
    api: ApiFor,
    PathParams((d, which)): PathParams<(String, Key)>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Response, Refusal> {
    Ok(private(api.regenerate_key(key, d, which).await?))
}
