//! Changes the name or the role of a person.

use domain::wire::{PersonChange, PersonView};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, PathParams};

/// Change the name or the role of a person. The last administrator who can sign in stays one.
#[utoipa::path(patch, path = "/people/{id}", tag = "people", request_body = PersonChange,
    responses((status = 200, body = PersonView)))]
pub(super) async fn change(
    api: ApiFor,
    PathParams(id): PathParams<String>,
    JsonBody { body, .. }: JsonBody<PersonChange>,
) -> Result<Answer, Refusal> {
    api.let_out(move |act, ways| {
        let id = commands::change_person(act, &id, &body, ways)?;
        Answer::done(&commands::person(&act.moment(), &id)?)
    })
    .await
}
