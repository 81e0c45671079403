//! Lets people in no more, and in again; and erases those who are not let in.

use domain::wire::PersonView;

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams, WithoutBody};

/// Let a person in no more: their sessions, API tokens and invitations end. The last administrator who can sign in stays.
#[utoipa::path(post, path = "/people/{id}/disable", tag = "people", responses((status = 200, body = PersonView)))]
pub(super) async fn disable(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    _: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    api.let_out(move |act, ways| {
        let id = commands::disable_person(act, &id, ways)?;
        Answer::done(&commands::person(&act.moment(), &id)?)
    })
    .await
}

/// Let a person in again who was disabled.
#[utoipa::path(post, path = "/people/{id}/enable", tag = "people", responses((status = 200, body = PersonView)))]
pub(super) async fn enable(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    _: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    api.let_out(move |act, _| {
        let id = commands::enable_person(act, &id)?;
        Answer::done(&commands::person(&act.moment(), &id)?)
    })
    .await
}

/// Erase a person who is disabled: their name, address and password are gone for good, and the history keeps their id.
#[utoipa::path(post, path = "/people/{id}/erase", tag = "people", responses((status = 200, body = PersonView)))]
pub(super) async fn erase(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    _: JsonBody<WithoutBody>,
) -> Result<Answer, Refusal> {
    api.let_out(move |act, _| {
        let id = commands::erase_person(act, &id)?;
        Answer::done(&commands::person(&act.moment(), &id)?)
    })
    .await
}
