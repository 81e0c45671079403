//! What a rollout would do, without anything happening (CO-1, CO-2).

use domain::canonical;
use domain::configuration::Configuration;
use domain::diff;
use domain::id::RevisionNumber;
use domain::rehearsal::{self, Rehearse};
use domain::strategy::Strategy;
use domain::wire::RehearseView;
use serde_json::json;

use super::create_configuration::in_use;
use super::{Refusal, Selection};
use crate::store::Reading;
use crate::store::tables::deployments::DeploymentRow;

/// What a replica is taken to need until it is ready, and to finish its requests, in milliseconds.
const STARTUP_MS: u32 = 500;
const DRAIN_MS: u32 = 50;

/// Plays the rollout of `selection` against the configuration in use.
///
/// # Errors
/// Those of [`Selection::resolve`] and of the strategy.
pub fn rehearse(
    reading: &Reading<'_>,
    row: &DeploymentRow,
    selection: &Selection,
    strategy: &Strategy,
) -> Result<RehearseView, Refusal> {
    strategy.check()?;
    let current = in_use(reading, row)?.configuration;
    let candidate = selection.resolve(reading, row)?;
    let runs = row.good.is_some();
    let question = Rehearse {
        current: if runs { current.replicas.get() } else { 0 },
        desired: candidate.replicas.get(),
        alike: runs && current.code_hash() == candidate.code_hash(),
        strategy: *strategy,
        startup_ms: STARTUP_MS,
        drain_ms: DRAIN_MS,
    };
    Ok(RehearseView {
        unchanged: row.intended.is_some() && current.content_hash() == candidate.content_hash(),
        diff: diff::between(&current, &candidate),
        plan: rehearsal::rehearse(&question),
        plan_hash: plan_hash(&candidate, row.good, strategy),
        compatibility: None,
        configuration: candidate,
    })
}

/// Hash of what is rolled out, from where, and how.
pub(super) fn plan_hash(configuration: &Configuration, from: Option<RevisionNumber>, strategy: &Strategy) -> String {
    canonical::hash(&json!({
        "configuration": configuration.content_hash(),
        "from_revision": from,
        "strategy": strategy,
    }))
}
