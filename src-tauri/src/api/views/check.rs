//! A check as it is shown.

use domain::id::CheckId;
use domain::ledger::{CandidateCheck, Deployment};
use domain::wire::{CheckView, ErrorCode, Page};

use super::Views;
use super::list::{page, shown};
use crate::commands::{self, Refusal};

/// Checks of a deployment that are kept.
const KEPT: u32 = 200;

impl Views<'_> {
    /// A check; until it has ended, its report is what the files say.
    pub(crate) fn check(&self, row: &Deployment, check: CandidateCheck) -> Result<CheckView, Refusal> {
        let report = match check.report {
            Some(report) => report,
            None => commands::check_report(self.moment, row, &check.configuration, None)?,
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

    /// One of a deployment's checks.
    pub(crate) fn check_called(&self, name_or_id: &str, id: &CheckId) -> Result<CheckView, Refusal> {
        let row = self.moment.find(name_or_id)?;
        let check = self.moment.reading.check(id)?.filter(|check| check.deployment == row.id).ok_or_else(|| {
            Refusal::new(
                ErrorCode::NotFound,
                format!("{} has no check {id}. GET /api/v1/deployments/{}/checks lists its own.", row.name, row.name),
            )
        })?;
        self.check(&row, check)
    }

    /// The newest checks of a deployment before `cursor`, newest first.
    pub(crate) fn checks(
        &self,
        name_or_id: &str,
        cursor: Option<&CheckId>,
        limit: u32,
    ) -> Result<Page<CheckView>, Refusal> {
        let row = self.moment.find(name_or_id)?;
        let older = |check: &CandidateCheck| cursor.is_none_or(|cursor| check.id < *cursor);
        let rows = self.moment.reading.checks(&row.id, KEPT)?.into_iter().filter(older);
        shown(page(rows, limit, |row| row.id.to_string()), |check| self.check(&row, check))
    }
}
