//! Shows the two keys of a deployment, and makes one anew.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use domain::wire::{Key, KeysView};
use serde_json::json;

use super::private;
use crate::api::answer::Answer;
use crate::api::requests::{At, Once, Sent, WithoutBody, WithoutQuery};
use crate::api::serving::Serving;
use crate::commands::{self, Refusal};

/// Read the keys of a deployment whose `auth` is `key`. They are made when they are needed first.
#[utoipa::path(get, path = "/deployments/{d}/keys", tag = "credentials", responses((status = 200, body = KeysView)))]
pub(super) async fn show(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    _: WithoutQuery,
) -> Result<Response, Refusal> {
    let answer = serving
        .write(Once::never_kept(), move |_, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            Answer::ok(&commands::keys(writing, &row)?)
        })
        .await?;
    Ok(private(answer))
}

/// Make a key anew: the one before is no longer accepted, the other one stays.
#[utoipa::path(post, path = "/deployments/{d}/keys/{key}/regenerate", tag = "credentials", responses((status = 200, body = KeysView)))]
pub(super) async fn regenerate(
    State(serving): State<Arc<Serving>>,
    At((d, key)): At<(String, Key)>,
    Sent { once, .. }: Sent<WithoutBody>,
) -> Result<Response, Refusal> {
    let again = d.clone();
    let answer = serving
        .write(once, move |_, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            Answer::ok(&commands::regenerate_key(writing, &row, key)?)?.keeping(&json!({}))
        })
        .await?;
    if answer.replayed && answer.status.is_success() {
        // The keys are not kept twice: a repeat is told those that are accepted now.
        let row = serving.read(move |_, reading| commands::find(reading, &again)).await?;
        let keys =
            serving.write(Once::never_kept(), move |_, writing| Answer::ok(&commands::keys(writing, &row)?)).await?;
        return Ok(private(keys.replay()));
    }
    Ok(private(answer))
}
