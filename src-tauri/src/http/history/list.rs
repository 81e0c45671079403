//! Lists what happened.

use domain::id::{Actor, Seq, UseCaseId};
use domain::wire::{EngineSteps, HistoryEntry, HistoryPage};
use jiff::Timestamp;
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
    /// Whether steps of the engine are listed: `true`, `false`, or `only`.
    #[param(inline, value_type = Option<EngineSteps>)]
    engine: EngineSteps,
    /// Only those behind this entry: its number.
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,18}$")]
    after: Option<Seq>,
    /// The most items of a page: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before, or the number of any entry: only those before it.
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,18}$")]
    cursor: Option<Seq>,
}

/// List what happened, newest first. One request looks at so many entries and no more: a page may be short, or empty, and
/// go on all the same.
#[utoipa::path(get, path = "/history", tag = "history", params(Wanted), responses((status = 200, body = HistoryPage<HistoryEntry>)))]
pub(super) async fn list(api: ApiFor, QueryParams(wanted): QueryParams<Wanted>) -> Result<Answer, Refusal> {
    let Wanted { q, deployment, use_case, kind, by, from, to, engine, after, limit: most, cursor } = wanted;
    let most = limit(most, 100, 1_000)?;
    let about = HistoryAbout { deployment, use_case, kind, q, by, from, to, after, engine };
    api.read(move |views| Answer::done(&views.history(about, cursor, most)?)).await
}
