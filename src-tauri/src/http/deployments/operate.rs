//! Deactivates, activates and relaunches a deployment (DR-12).

use domain::ledger::Deployment;
use domain::strategy::StrategyChange;
use domain::wire::{Apply, BreakGlass, DeploymentView, Operate};
use utoipa::ToSchema;

use crate::api::{Answer, ApiFor, Effect};
use crate::commands::{self, Act, GateOutcome, Refusal};
use crate::http::requests::{IfMatch, JsonBody, PathParams};

/// The fields of [`Operate`] that a deactivation takes: it replaces nothing, so it has no strategy.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the body, which is read as an Operate")]
struct Deactivate {
    /// The reason in a person's words, at most 2,000 characters.
    #[schema(max_length = 2000)]
    note: Option<String>,
    /// When it is carried out (DR-5).
    apply: Option<Apply>,
    /// Do it although policies forbid it.
    break_glass: Option<BreakGlass>,
}

/// Take a deployment's replicas away until it is activated again. Its URL answers 503 meanwhile.
#[utoipa::path(post, path = "/deployments/{d}/deactivate", tag = "deployments", request_body = Deactivate,
    responses((status = 202, body = DeploymentView)))]
pub(super) async fn deactivate(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<Operate>,
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
    api.makes_room();
    let deactivate = move |act: &mut Act<'_, '_>, row: &Deployment| commands::deactivate(act, row, body);
    api.change(key, Effect::Accepted, (d, if_match.expected()), deactivate).await
}

/// Bring back the replicas of a deactivated deployment, at the same URL.
#[utoipa::path(post, path = "/deployments/{d}/activate", tag = "deployments", request_body = Operate,
    responses((status = 202, body = DeploymentView)))]
pub(super) async fn activate(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<Operate>,
) -> Result<Answer, Refusal> {
    let activate = move |act: &mut Act<'_, '_>, row: &Deployment| commands::activate(act, row, body);
    api.change(key, Effect::Accepted, (d, if_match.expected()), activate).await
}

/// Replace every replica by one like it, as the strategy says.
#[utoipa::path(post, path = "/deployments/{d}/relaunch", tag = "deployments", request_body = Operate,
    responses((status = 202, body = DeploymentView)))]
pub(super) async fn relaunch(
    api: ApiFor,
    PathParams(d): PathParams<String>,
    if_match: IfMatch,
    JsonBody { body, key }: JsonBody<Operate>,
) -> Result<Answer, Refusal> {
    let relaunch =
        move |act: &mut Act<'_, '_>, row: &Deployment| commands::relaunch(act, row, &body).map(|()| GateOutcome::Done);
    api.change(key, Effect::Accepted, (d, if_match.expected()), relaunch).await
}
