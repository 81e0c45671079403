//! Policies: which changes need whose approval.

use domain::id::PolicyId;
use domain::policy::PolicyTerms;
use domain::wire::{MatchPolicies, Matched, Page, PolicyView};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor, Resource};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams, WithoutQuery};

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(r#match)).routes(routes!(show, change, delete))
}

/// List policies.
#[utoipa::path(get, path = "/policies", tag = "policies", responses((status = 200, body = Page<PolicyView>)))]
async fn list(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::done(&Page { items: views.policies()?, next_cursor: None })).await
}

/// One policy.
#[utoipa::path(get, path = "/policies/{id}", tag = "policies", responses((status = 200, body = PolicyView)))]
async fn show(api: ApiFor, PathParams(id): PathParams<PolicyId>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(move |views| Ok(Answer::done(&views.policy(&id)?)?.hashed())).await
}

/// Make a policy. Open requests are judged anew.
#[utoipa::path(post, path = "/policies", tag = "policies", request_body = PolicyTerms,
    responses((status = 201, body = PolicyView)))]
async fn create(api: ApiFor, JsonBody { body, key }: JsonBody<PolicyTerms>) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let id = commands::create_policy(act, body)?;
        Answer::created(Resource::Policy(id.clone()), &api.views(act).policy(&id)?)
    })
    .await
}

/// Change a policy. Open requests are judged anew.
#[utoipa::path(put, path = "/policies/{id}", tag = "policies", request_body = PolicyTerms,
    responses((status = 200, body = PolicyView)))]
async fn change(
    api: ApiFor,
    PathParams(id): PathParams<PolicyId>,
    JsonBody { body, key }: JsonBody<PolicyTerms>,
) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        commands::change_policy(act, &id, body)?;
        Answer::done(&api.views(act).policy(&id)?)
    })
    .await
}

/// Delete a policy. Open requests are judged anew.
#[utoipa::path(delete, path = "/policies/{id}", tag = "policies", responses((status = 200, body = PolicyView)))]
async fn delete(api: ApiFor, PathParams(id): PathParams<PolicyId>, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.write(None, move |api, act| {
        let answer = Answer::done(&api.views(act).policy(&id)?)?;
        commands::delete_policy(act, &id)?;
        Ok(answer)
    })
    .await
}

/// Tell which policies and freezes the caller would meet with an action, and why the others do not apply.
#[utoipa::path(post, path = "/policies/match", tag = "policies", request_body = MatchPolicies,
    responses((status = 200, body = Matched)))]
async fn r#match(api: ApiFor, JsonBody { body, key }: JsonBody<MatchPolicies>) -> Result<Answer, Refusal> {
    api.ask(key, move |views| Answer::done(&views.matched(&body)?)).await
}
