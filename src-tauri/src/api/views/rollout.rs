//! A rollout as it is shown.

use domain::configuration::Configuration;
use domain::id::{RevisionNumber, RolloutNumber};
use domain::ledger::{Deployment, Rollout, RolloutStep};
use domain::picture::{Drawing, DrawnRollout};
use domain::plan::Progress;
use domain::rehearsal::{DRAIN_MS, Running, STARTUP_MS};
use domain::rollout::{Due, RolloutKind, due};
use domain::wire::{Approval, ErrorCode, Page, RolloutView, StepView};
use jiff::Timestamp;

use super::Views;
use super::list::{page, shown};
use crate::commands::Refusal;
use crate::store::tables::steps::SHOWN;

impl Views<'_> {
    /// A rollout with its steps, and the gateway's count up to now.
    fn rollout(&self, deployment: &Deployment, row: Rollout) -> Result<RolloutView, Refusal> {
        let (id, active) = (&deployment.id, row.phase.is_active());
        let (steps, picture) = if active {
            let steps = self.moment.reading.all_steps(id, row.number)?;
            let drawn = self.drawn(deployment, &row, &steps)?;
            let rounds = drawn.as_ref().map_or_else(|| vec![None; steps.len()], |drawn| drawn.rounds_of.clone());
            let hidden = steps.len().saturating_sub(SHOWN as usize);
            let shown = steps.into_iter().zip(rounds).skip(hidden).map(|(taken, round)| step(taken, round)).collect();
            (shown, drawn.map(|drawn| drawn.picture))
        } else {
            let steps = self.moment.reading.steps(id, row.number)?;
            (steps.into_iter().map(|taken| step(taken, None)).collect(), None)
        };
        Ok(RolloutView {
            steps,
            picture,
            deadline_at: deadline(&row),
            receipt: if active { self.api.live.receipt(id, row.number, &row.receipt) } else { row.receipt },
            number: row.number,
            from_revision: row.change.from_revision,
            to_revision: row.to_revision,
            phase: row.phase.word(),
            strategy: row.change.strategy,
            on_failure: row.change.on_failure,
            kind: row.change.kind,
            rolled_back_to: row.change.rolled_back_to,
            quarantine_override: row.change.quarantine_override,
            reason: row.change.reason,
            note: row.change.note,
            actor: row.actor,
            started_at: row.started_at,
            ended_at: row.ended_at,
            error: row.error,
            plan_hash: row.plan_hash,
            approval: row.warrant.approval.map(|approved| Approval {
                request: approved.request,
                version: approved.version,
                approvers: approved.approvers,
            }),
            break_glass: row.warrant.break_glass,
            compatibility: row.change.compatibility,
        })
    }

    /// The picture of a rollout in progress.
    fn drawn(
        &self,
        deployment: &Deployment,
        row: &Rollout,
        steps: &[RolloutStep],
    ) -> Result<Option<DrawnRollout>, Refusal> {
        let (reading, live) = (&self.moment.reading, &self.api.live);
        let Some(mut ledger) = reading.at_work(&deployment.id)? else { return Ok(None) };
        let Some(to) = self.configuration_given(deployment, row.to_revision)? else { return Ok(None) };
        let from =
            row.change.from_revision.map(|from| self.configuration_given(deployment, from)).transpose()?.flatten();
        ledger.replicas = live.seen(ledger.replicas);
        let traits = self.moment.traits(deployment);
        let is_there = deployment.intended == Some(row.to_revision);
        let stays = row.change.kind != RolloutKind::Relaunch
            && from.is_some_and(|from| Running::between(&from, &to, traits) != Running::Replaced);
        let tried = reading.latest_check(&deployment.id, &to)?.and_then(|check| check.trial?.startup_ms);
        let startup_ms = tried.and_then(|ms| u32::try_from(ms).ok()).unwrap_or(STARTUP_MS);
        let drawing = Drawing {
            steps,
            replicas: &ledger.replicas,
            desired: to.desired(if is_there { deployment.scale } else { row.change.scale }),
            stays,
            scene: ledger.scene(traits, |replica| live.in_flight(&deployment.id, replica)),
            now: self.now(),
            usual_ms: (startup_ms, DRAIN_MS),
        };
        Ok(Some(drawing.draw()))
    }

    /// The configuration of a revision.
    fn configuration_given(&self, row: &Deployment, number: RevisionNumber) -> Result<Option<Configuration>, Refusal> {
        let reading = &self.moment.reading;
        let revision = reading.revision(&row.id, number)?;
        let found = revision.map(|revision| reading.configuration(&revision.configuration)).transpose()?.flatten();
        Ok(found.map(|found| found.configuration))
    }

    /// One of the rollouts of `row`.
    pub(crate) fn rollout_of(&self, row: &Deployment, number: RolloutNumber) -> Result<RolloutView, Refusal> {
        let found = self.moment.reading.rollout(&row.id, number)?;
        let found =
            found.ok_or_else(|| Refusal::new(ErrorCode::NotFound, format!("{} has no rollout {number}.", row.name)))?;
        self.rollout(row, found)
    }

    /// A deployment's rollouts before `cursor`, newest first, with steps and receipts.
    pub(crate) fn rollouts(
        &self,
        name_or_id: &str,
        cursor: Option<RolloutNumber>,
        limit: u32,
    ) -> Result<Page<RolloutView>, Refusal> {
        let row = self.moment.find(name_or_id)?;
        let rows = self.moment.reading.rollouts(&row.id, cursor, limit + 1)?;
        shown(page(rows, limit, |found| found.number.to_string()), |found| self.rollout(&row, found))
    }
}

fn step(step: RolloutStep, round: Option<u32>) -> StepView {
    let RolloutStep { kind, reason, at, replica } = step;
    StepView { kind, reason, at, replica, round }
}

/// When the rollout fails if no further replica becomes available: the engine's own rule, asked before any deadline.
pub(super) fn deadline(row: &Rollout) -> Option<Timestamp> {
    let (available, stands) = (row.marks.best, row.marks.stands_since.is_some());
    let progress = Progress { available, stands, ..Progress::default() };
    match due(row.phase, row.marks, &row.change.strategy, row.change.on_failure, progress, Timestamp::MIN) {
        Due::Nothing(at) => at,
        Due::Event(_) | Due::Progress(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::change::Change;
    use domain::deployment::OnFailure;
    use domain::id::{RevisionNumber, RolloutNumber};
    use domain::receipt::Receipt;
    use domain::rollout::RolloutKind;
    use domain::rollout::{Cause, Marks, Phase};
    use domain::strategy::Strategy;

    use super::*;

    #[test]
    fn the_deadline_shown_is_the_one_that_the_engine_goes_by() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let strategy = |total_deadline_seconds| Strategy {
            progress_deadline_seconds: 600,
            total_deadline_seconds,
            ..Strategy::default()
        };
        let row = |phase, total_deadline_seconds| Rollout {
            number: RolloutNumber(1),
            to_revision: RevisionNumber(1),
            change: Change {
                kind: RolloutKind::Update,
                configuration: "c1".parse().unwrap(),
                from_revision: None,
                strategy: strategy(total_deadline_seconds),
                on_failure: OnFailure::Revert,
                scale: None,
                reason: None,
                note: None,
                rolled_back_to: None,
                quarantine_override: None,
                accept_warnings: false,
                compatibility: None,
            },
            plan_hash: String::new(),
            warrant: Default::default(),
            phase,
            marks: Marks { progress_at: at(1_500), best: 2, ..Marks::new(at(1_000)) },
            paused_at: None,
            actor: "somebody".parse().unwrap(),
            started_at: at(1_000),
            ended_at: None,
            error: None,
            receipt: Receipt::default(),
        };
        assert_eq!(deadline(&row(Phase::Rolling, None)), Some(at(2_100)));
        assert_eq!(deadline(&row(Phase::Rolling, Some(900))), Some(at(1_900)));
        assert_eq!(deadline(&row(Phase::Reverting(Cause::ProgressDeadline), Some(900))), Some(at(2_100)));
        let stands = row(Phase::Rolling, Some(900));
        assert_eq!(deadline(&Rollout { marks: stands.marks.standing(at(1_600)), ..stands }), None);
        for phase in [Phase::Pending, Phase::Paused, Phase::Completed, Phase::RevertFailed] {
            assert_eq!(deadline(&row(phase, Some(900))), None, "{phase:?}");
        }
    }
}
