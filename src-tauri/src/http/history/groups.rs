//! Lists what people did and what came of it, rollout by rollout.

use domain::id::{Actor, Seq, UseCaseId};
use domain::wire::{EngineSteps, HistoryGroup, HistoryPage};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{Answer, ApiFor, HistoryAbout};
use crate::commands::Refusal;
use crate::http::requests::{QueryParams, limit};

/// The groups that are asked for: those with an entry that fits all of it.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedGroups {
    /// Words, in any case, that are all found: in the sentence, the kind, the reason, the name of the deployment (also of one
    /// that is gone) or that of who did it.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only those about this deployment: its name, or its id, which also finds one that is gone.
    deployment: Option<String>,
    /// Only those about deployments that are linked to this use case now: its id.
    #[param(value_type = Option<String>, pattern = "^[A-Za-z0-9-]{1,64}$")]
    use_case: Option<UseCaseId>,
    /// Only those of this kind, as in `rollout_started`.
    kind: Option<String>,
    /// Only what this person, service or program did: as in `actor`.
    #[param(value_type = Option<String>)]
    by: Option<Actor>,
    /// Only those from this time on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only those before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// The most groups of a page: 1 to 200; by default 50.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,18}$")]
    cursor: Option<Seq>,
}

/// List what people did and what came of it, newest first: a rollout is one item, however many entries and pages lie
/// between its start and its end; its steps of the engine are only counted.
#[utoipa::path(get, path = "/history/groups", tag = "history", params(WantedGroups), responses((status = 200, body = HistoryPage<HistoryGroup>)))]
pub(super) async fn groups(api: ApiFor, QueryParams(wanted): QueryParams<WantedGroups>) -> Result<Answer, Refusal> {
    let WantedGroups { q, deployment, use_case, kind, by, from, to, limit: most, cursor } = wanted;
    let most = limit(most, 50, 200)?;
    let engine = EngineSteps::Hidden;
    let about = HistoryAbout { deployment, use_case, kind, q, by, from, to, after: None, engine };
    api.read(move |views| Answer::done(&views.history_groups(about, cursor, most)?)).await
}
