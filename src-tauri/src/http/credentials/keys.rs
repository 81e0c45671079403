//! Shows the two keys of a deployment, and makes one anew.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use domain::id::DeploymentId;
use domain::wire::{ErrorCode, Key, KeysView};
use serde::{Deserialize, Serialize};

use super::private;
use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::problem;
use crate::http::requests::{At, Once, Sent, WithoutBody, WithoutQuery};
use crate::http::serving::Serving;
use crate::store::Writing;

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
            Answer::ok(&commands::regenerate_key(writing, &row, key)?)?.keeping(&Kept { deployment: row.id })
        })
        .await?;
    if answer.replayed && answer.status.is_success() {
        let keys = serving.write(Once::never_kept(), move |_, writing| keys_now(writing, &again, &answer)).await?;
        return Ok(private(keys.replay()));
    }
    Ok(private(answer))
}

/// The stored answer: the keys are not kept twice.
#[derive(Serialize, Deserialize)]
struct Kept {
    deployment: DeploymentId,
}

/// The keys that are accepted now, for a repeat.
fn keys_now(writing: &mut Writing<'_>, d: &str, answer: &Answer) -> Result<Answer, Refusal> {
    let kept: Kept =
        serde_json::from_str(&answer.body).map_err(|error| problem::fault("an answer was kept", &error))?;
    let row = commands::find(&writing.reading(), d)?;
    if row.id != kept.deployment {
        let text = "The deployment whose key was made anew with this Idempotency-Key has been deleted. Send a new key to make one of this deployment anew.";
        return Err(Refusal::new(ErrorCode::PreconditionFailed, text));
    }
    Answer::ok(&commands::keys(writing, &row)?)
}
