//! Asks for a check.

use domain::wire::{CheckView, StartCheck};

use crate::api::{Answer, ApiFor, Resource};
use crate::commands::{self, Expected, Refusal};
use crate::http::requests::{JsonBody, PathParams};

/// Try a candidate in a scratch replica beside the deployment, which is not touched. A check of the same code that has
/// not ended is answered instead of a second one.
#[utoipa::path(post, path = "/deployments/{d}/checks", tag = "checks", request_body = StartCheck,
    responses((status = 202, body = CheckView)))]
pub(super) async fn start(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    JsonBody { body, key }: JsonBody<StartCheck>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.on(&d, &Expected::default())?;
        let check = commands::start_check(act, &row, &body)?;
        let resource = Resource::Check(row.name.clone(), check.id.clone());
        Ok(Answer::accepted(resource, &api.views(act).check(&row, check)?)?.hashed())
    })
    .await
}
