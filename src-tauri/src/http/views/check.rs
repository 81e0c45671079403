//! A check as it is shown.

use domain::resources::Machine;
use domain::wire::CheckView;

use crate::commands::{self, Refusal};
use crate::store::Reading;
use domain::ledger::Check;
use domain::ledger::Deployment;

/// A check; until it has ended, its report is what the files say.
pub(in crate::http) fn check(
    reading: &Reading<'_>,
    row: &Deployment,
    machine: &Machine,
    check: Check,
) -> Result<CheckView, Refusal> {
    let report = match check.report {
        Some(report) => report,
        None => commands::check_report(reading, row, machine, &check.configuration, None)?,
    };
    Ok(CheckView {
        id: check.id,
        configuration: check.configuration,
        step: check.step,
        actor: check.actor,
        started_at: check.started_at,
        ended_at: check.ended_at,
        trial: check.trial,
        report,
    })
}
