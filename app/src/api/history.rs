//! The history: its entries, searched and told by rollout, and the verification of its hash chain.

use domain::id::{DeploymentId, Seq};
use domain::wire::{EngineSteps, ExportForm, HistoryEntry, HistoryGroup, HistoryPage, Verification};
use jiff::Timestamp;

use super::{Failure, escape};

/// The entries that are asked for; what is empty says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HistoryQuery {
    /// Words to search for.
    pub(crate) q: String,
    /// A deployment's name or id.
    pub(crate) deployment: String,
    /// The id of a use case.
    pub(crate) use_case: String,
    /// The kind.
    pub(crate) kind: String,
    /// Whoever did it, as entries name them.
    pub(crate) by: String,
    /// The time from which on they are.
    pub(crate) from: Option<Timestamp>,
    /// The time before which they are.
    pub(crate) to: Option<Timestamp>,
}

impl HistoryQuery {
    /// The parameters, each behind an `&`.
    fn parameters(&self) -> String {
        let Self { q, deployment, use_case, kind, by, from, to } = self;
        let time = |at: &Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let (from, to) = (time(from), time(to));
        let all = [
            ("q", q.trim()),
            ("deployment", deployment),
            ("use_case", use_case),
            ("kind", kind),
            ("by", by),
            ("from", &from),
            ("to", &to),
        ];
        let given = all.into_iter().filter(|(_, value)| !value.is_empty());
        given.map(|(key, value)| format!("&{key}={}", escape(value))).collect()
    }
}

fn at(cursor: Option<&str>) -> String {
    cursor.map(|cursor| format!("&cursor={}", escape(cursor))).unwrap_or_default()
}

/// A page of every entry, newest first.
pub(crate) async fn page(
    query: &HistoryQuery,
    cursor: Option<&str>,
    limit: u32,
) -> Result<HistoryPage<HistoryEntry>, Failure> {
    super::get(&format!("/history?limit={limit}{}{}", query.parameters(), at(cursor))).await
}

/// A page of what people did and what came of it, rollout by rollout, newest first.
pub(crate) async fn groups(
    query: &HistoryQuery,
    cursor: Option<&str>,
    limit: u32,
) -> Result<HistoryPage<HistoryGroup>, Failure> {
    super::get(&format!("/history/groups?limit={limit}{}{}", query.parameters(), at(cursor))).await
}

/// The steps of the engine from `first` on and before `cursor`, newest first.
pub(crate) async fn steps(
    deployment: &DeploymentId,
    first: Seq,
    cursor: &str,
    limit: u32,
) -> Result<HistoryPage<HistoryEntry>, Failure> {
    let (only, after) = (EngineSteps::Only, first.0.saturating_sub(1));
    super::get(&format!(
        "/history?deployment={deployment}&engine={only}&after={after}&limit={limit}{}",
        at(Some(cursor))
    ))
    .await
}

/// The address of an export of what is asked for.
pub(crate) fn export(query: &HistoryQuery, engine: EngineSteps, form: ExportForm) -> String {
    // Nothing but the bare address gives the whole history in the form that can be verified.
    let form = if form == ExportForm::default() { String::new() } else { format!("&format={form}") };
    let engine = if engine == EngineSteps::default() { String::new() } else { format!("&engine={engine}") };
    let parameters = format!("{form}{engine}{}", query.parameters());
    let parameters = parameters.strip_prefix('&').map(|rest| format!("?{rest}")).unwrap_or_default();
    format!("{}/history/export{parameters}", super::base())
}

/// The number of the newest entry, 0 without one.
pub(crate) async fn head() -> Result<Seq, Failure> {
    let newest = page(&HistoryQuery::default(), None, 1).await?;
    // Whoever sees little may have none among the entries that were looked at, and then it lies before those.
    let before = newest.next_cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(Seq(0));
    Ok(newest.items.first().map_or(before, |entry| entry.seq))
}

/// Checks the whole chain (CO-8).
pub(crate) async fn verify() -> Result<Verification, Failure> {
    super::get("/history/verify").await
}
