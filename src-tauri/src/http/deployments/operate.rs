//! Deactivates, activates and relaunches a deployment (DR-12).

use std::sync::Arc;

use axum::extract::State;
use domain::strategy::StrategyChange;
use domain::wire::{DeploymentView, Operate};
use utoipa::ToSchema;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{At, IfMatch, Once, Sent};
use crate::http::serving::Serving;
use crate::http::{Api, views};
use crate::store::Writing;
use domain::ledger::Deployment;

/// What a deactivation takes of [`Operate`]: it replaces nothing, so it has no strategy.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body, which is read as an Operate")]
struct Deactivate {
    /// Why, at most 2,000 characters.
    #[schema(max_length = 2000)]
    note: Option<String>,
}

/// Take a deployment's replicas away until it is activated again. Its URL answers 503 meanwhile.
#[utoipa::path(post, path = "/deployments/{d}/deactivate", tag = "deployments", request_body = Deactivate,
    responses((status = 202, body = DeploymentView)))]
pub(super) async fn deactivate(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    if_match: IfMatch,
    Sent { body, once }: Sent<Operate>,
) -> Result<Answer, Refusal> {
    if body.strategy != StrategyChange::default() {
        // Nothing is replaced, so it would be overlooked.
        return Err(Refusal::invalid("strategy", "strategy: a deactivation replaces no replica; leave it out."));
    }
    if body.accept_warnings {
        return Err(Refusal::invalid(
            "accept_warnings",
            "accept_warnings: a deactivation has no warnings to accept; leave it out.",
        ));
    }
    // What it writes to the disk ends with it.
    serving.api.store.make_room();
    accepted(&serving, d, once, move |_, writing, row| {
        let expected = if_match.expected(row)?;
        commands::deactivate(writing, row, body.note, expected)
    })
    .await
}

/// Bring back the replicas of a deactivated deployment, at the same URL.
#[utoipa::path(post, path = "/deployments/{d}/activate", tag = "deployments", request_body = Operate,
    responses((status = 202, body = DeploymentView)))]
pub(super) async fn activate(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    if_match: IfMatch,
    Sent { body, once }: Sent<Operate>,
) -> Result<Answer, Refusal> {
    accepted(&serving, d, once, move |api, writing, row| {
        let expected = if_match.expected(row)?;
        commands::activate(writing, row, &body, &api.live.machine(&row.target), expected).map(drop)
    })
    .await
}

/// Replace every replica by one like it, as the strategy says.
#[utoipa::path(post, path = "/deployments/{d}/relaunch", tag = "deployments", request_body = Operate,
    responses((status = 202, body = DeploymentView)))]
pub(super) async fn relaunch(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    if_match: IfMatch,
    Sent { body, once }: Sent<Operate>,
) -> Result<Answer, Refusal> {
    accepted(&serving, d, once, move |api, writing, row| {
        let expected = if_match.expected(row)?;
        commands::relaunch(writing, row, &body, &api.live.machine(&row.target), expected).map(drop)
    })
    .await
}

/// The deployment after an operation was begun on it.
async fn accepted(
    serving: &Arc<Serving>,
    d: String,
    once: Once,
    begin: impl FnOnce(&Api, &mut Writing<'_>, &Deployment) -> Result<(), Refusal> + Send + 'static,
) -> Result<Answer, Refusal> {
    serving
        .write(once, move |api, writing| {
            let row = commands::find(&writing.reading(), &d)?;
            begin(api, writing, &row)?;
            let row = commands::find(&writing.reading(), row.id.as_str())?;
            let view = views::deployment(api, &writing.reading(), row, &views::Include::default())?;
            Ok(Answer::accepted(format!("/api/v1/deployments/{}", view.name), &view)?.at(view.generation))
        })
        .await
}
