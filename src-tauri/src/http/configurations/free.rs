//! Makes and lists configurations that belong to no deployment yet.

use domain::access::ServerAction;
use domain::configuration::Configuration;
use domain::wire::{ConfigurationView, Page};

use super::list::{Wanted, matching};
use crate::api::{Answer, ApiFor, Resource};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, QueryParams};

/// Make a configuration before there is a deployment for it. Every deployment may be given it, by its id; it never changes,
/// and stays when a deployment is deleted.
#[utoipa::path(post, path = "/configurations", tag = "configurations", request_body = Configuration,
    responses((status = 201, body = ConfigurationView)))]
pub(super) async fn create(api: ApiFor, JsonBody { body, key }: JsonBody<Configuration>) -> Result<Answer, Refusal> {
    api.write(key, move |api, act| {
        let now = api.views(act).now();
        act.moment().allow(ServerAction::CreateDeployment, now)?;
        let made = commands::create_configuration(act, None, body)?;
        let view = api.views(act).configuration(None, made)?;
        Ok(Answer::created(Resource::Configuration(view.id.clone()), &view)?.hashed())
    })
    .await
}

/// List the configurations that were made without a deployment, newest first.
#[utoipa::path(get, path = "/configurations", tag = "configurations", params(Wanted),
    responses((status = 200, body = Page<ConfigurationView>)))]
pub(super) async fn list(api: ApiFor, QueryParams(wanted): QueryParams<Wanted>) -> Result<Answer, Refusal> {
    let wanted = matching(wanted)?;
    api.read(move |views| Answer::done(&views.free_configurations(&wanted)?)).await
}
