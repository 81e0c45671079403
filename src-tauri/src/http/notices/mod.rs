//! Notices: what somebody is told of, and what they want to be told of.

use domain::notice::NoticePreferences;
use domain::wire::{NoticesView, ReadNotices};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Door;
use crate::api::{Answer, ApiFor};
use crate::commands::{self, Refusal};
use crate::http::requests::{JsonBody, QueryParams, WithoutQuery};

/// Most notices of a page.
const MOST: u32 = 200;

pub(super) fn routes() -> OpenApiRouter<Door> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read)).routes(routes!(preferences, change_preferences))
}

/// The notices that are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// Those alone that were not read yet.
    unread: bool,
    /// Those before this one.
    before: Option<u64>,
    /// Most notices of the answer, 1 to 200.
    #[param(minimum = 1, maximum = 200)]
    limit: u32,
}

impl Default for Asked {
    fn default() -> Self {
        Self { unread: false, before: None, limit: 50 }
    }
}

/// List your notices, newest first.
#[utoipa::path(get, path = "/notices", tag = "notices", params(Asked), responses((status = 200, body = NoticesView)))]
async fn list(api: ApiFor, QueryParams(asked): QueryParams<Asked>) -> Result<Answer, Refusal> {
    if !(1..=MOST).contains(&asked.limit) {
        return Err(Refusal::invalid("limit", format!("limit: 1 to {MOST}.")));
    }
    api.read(move |views| Answer::done(&commands::notices(&views.moment(), asked.unread, asked.before, asked.limit)?))
        .await
}

/// Mark notices of yours as read.
#[utoipa::path(post, path = "/notices/read", tag = "notices", request_body = ReadNotices,
    responses((status = 200, body = NoticesView)))]
async fn read(api: ApiFor, JsonBody { body, key }: JsonBody<ReadNotices>) -> Result<Answer, Refusal> {
    api.write(key, move |_, act| {
        commands::read_notices(act, &body)?;
        Answer::done(&commands::notices(&act.moment(), false, None, 1)?)
    })
    .await
}

/// What you do not want to be told of.
#[utoipa::path(get, path = "/notices/preferences", tag = "notices",
    responses((status = 200, body = NoticePreferences)))]
async fn preferences(api: ApiFor, _: WithoutQuery) -> Result<Answer, Refusal> {
    api.read(|views| Answer::done(&commands::notice_preferences(&views.moment())?)).await
}

/// Change what you do not want to be told of.
#[utoipa::path(put, path = "/notices/preferences", tag = "notices", request_body = NoticePreferences,
    responses((status = 200, body = NoticePreferences)))]
async fn change_preferences(
    api: ApiFor,
    JsonBody { body, key }: JsonBody<NoticePreferences>,
) -> Result<Answer, Refusal> {
    api.write(key, move |_, act| {
        commands::change_notice_preferences(act, &body)?;
        Answer::done(&commands::notice_preferences(&act.moment())?)
    })
    .await
}
