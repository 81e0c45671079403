//! Lists what happened.

use domain::id::{Seq, UseCaseId};
use domain::wire::{HistoryEntry, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{Answer, ApiFor, HistoryAbout};
use crate::commands::Refusal;
use crate::http::requests::{QueryParams, limit};

/// The entries that are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Only those about this deployment: its name, or its id, which also finds one that is gone.
    deployment: Option<String>,
    /// Only those about deployments that are linked to this use case now: its id.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9-]{1,64}$")]
    use_case: Option<UseCaseId>,
    /// Only those of this kind, as in `rollout_started`.
    kind: Option<String>,
    /// The most items of a page: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,18}$")]
    cursor: Option<Seq>,
}

/// List what happened, newest first.
#[utoipa::path(get, path = "/history", tag = "history", params(Wanted), responses((status = 200, body = Page<HistoryEntry>)))]
pub(super) async fn list(api: ApiFor, QueryParams(wanted): QueryParams<Wanted>) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    api.read(move |views| {
        let about = HistoryAbout { deployment: wanted.deployment, use_case: wanted.use_case, kind: wanted.kind };
        Answer::done(&views.history(about, wanted.cursor, limit)?)
    })
    .await
}
