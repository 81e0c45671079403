//! Oneself.

use domain::principal::PrincipalId;
use domain::wire::{OwnChange, PersonView};

use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, WithoutQuery};

/// Read what is known of you.
#[utoipa::path(get, path = "/me", tag = "people", responses((status = 200, body = PersonView)))]
pub(super) async fn show(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    let id = PrincipalId::of(&api.caller.actor);
    api.read(move |views| Answer::done(&commands::person(&views.moment(), &id)?)).await
}

/// Change your name or e-mail address.
#[utoipa::path(patch, path = "/me", tag = "people", request_body = OwnChange, responses((status = 200, body = PersonView)))]
pub(super) async fn change(api: ApiFor, JsonBody { body, .. }: JsonBody<OwnChange>) -> Result<Answer, Refusal> {
    api.write(None, move |_, act| {
        let id = commands::change_own(act, &body)?;
        Answer::done(&commands::person(&act.moment(), &id)?)
    })
    .await
}
