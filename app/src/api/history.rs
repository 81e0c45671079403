//! The history: its entries, and the verification of its hash chain.

use domain::id::{DeploymentName, Seq};
use domain::wire::{HistoryEntry, Page, Verification};

use super::{Failure, escape};

/// A page of the history, newest first; `use_case` and `kind` are empty for all.
pub(crate) async fn page(
    deployment: Option<&DeploymentName>,
    use_case: &str,
    kind: &str,
    cursor: Option<&str>,
    limit: u32,
) -> Result<Page<HistoryEntry>, Failure> {
    let deployment = deployment.map(|name| format!("&deployment={name}")).unwrap_or_default();
    let use_case = if use_case.is_empty() { String::new() } else { format!("&use_case={}", escape(use_case)) };
    let kind = if kind.is_empty() { String::new() } else { format!("&kind={}", escape(kind)) };
    let cursor = cursor.map(|cursor| format!("&cursor={}", escape(cursor))).unwrap_or_default();
    super::get(&format!("/history?limit={limit}{deployment}{use_case}{kind}{cursor}")).await
}

/// The number of the newest entry, 0 without one.
pub(crate) async fn head() -> Result<Seq, Failure> {
    let newest = page(None, "", "", None, 1).await?;
    Ok(newest.items.first().map_or(Seq(0), |entry| entry.seq))
}

/// Checks the whole chain (CO-8).
pub(crate) async fn verify() -> Result<Verification, Failure> {
    super::get("/history/verify").await
}
