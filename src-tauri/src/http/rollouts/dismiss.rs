//! Dismisses the failure of a rollout.

use domain::id::RolloutNumber;
use domain::wire::DeploymentView;

use crate::api::{Answer, ApiFor, Include};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams, WithoutBody};

/// Dismiss the failure of the newest rollout: whoever asks is not shown it as news any more. Nobody else is concerned.
#[utoipa::path(post, path = "/deployments/{d}/rollouts/{n}/dismiss", tag = "rollouts", responses((status = 200, body = DeploymentView)))]
pub(super) async fn dismiss(
    api: ApiFor,
    PathParams((d, number)): PathParams<(String, RolloutNumber)>,
    JsonBody { key, .. }: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let row = act.moment().find(&d)?;
        commands::dismiss_failure(act, &row, number)?;
        Answer::done(&api.views(act).deployment(&d, Include::default())?)
    })
    .await
}
