//! Lists deployments: filtered, sorted, a page at a time.

use domain::deployment::{Importance, Status};
use domain::id::UseCaseId;
use domain::wire::{DeploymentView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use super::lists::{Lists, included};
use crate::api::{Answer, ApiFor, Matching, Sought};
use crate::commands::Refusal;
use crate::http::requests::{Many, QueryParams, limit};

/// The deployments that are asked for, and their order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A part of the name.
    q: Option<String>,
    /// One or more of `pending running dead stopping stopped unknown`, with commas.
    #[param(value_type = Option<String>, pattern = "^((pending|running|dead|stopping|stopped|unknown)?(,|$))*$")]
    status: Many<Status>,
    /// One or more of `critical high moderate low`, with commas.
    #[param(value_type = Option<String>, pattern = "^((critical|high|moderate|low)?(,|$))*$")]
    importance: Many<Importance>,
    /// Only those that are linked to this use case: its id.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9-]{1,64}$")]
    use_case: Option<UseCaseId>,
    /// `name`, `status`, `importance`, `created_at` or `last_operation`; with `-` before it, the other way round.
    #[param(pattern = "^-?(name|status|importance|created_at|last_operation)$")]
    sort: Option<String>,
    /// The most items of a page: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(pattern = r"^-?[0-9]{1,18}\.")]
    cursor: Option<String>,
    /// `replicas`, `revisions`, or both with a comma.
    #[param(value_type = Option<String>, pattern = "^((replicas|revisions)?(,|$))*$")]
    include: Many<Lists>,
}

/// List deployments.
#[utoipa::path(get, path = "/deployments", tag = "deployments", params(Wanted), responses((status = 200, body = Page<DeploymentView>)))]
pub(super) async fn list(api: ApiFor, QueryParams(wanted): QueryParams<Wanted>) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    let matching = Matching { q: wanted.q.unwrap_or_default().to_lowercase(), cursor: wanted.cursor, limit };
    api.read(move |views| {
        let sort = wanted.sort.as_deref().unwrap_or("name");
        let allows = |status, importance| wanted.status.allows(&status) && wanted.importance.allows(&importance);
        let sought = Sought { allows, use_case: wanted.use_case };
        Answer::done(&views.deployments(&matching, sort, &sought, included(&wanted.include))?)
    })
    .await
}
