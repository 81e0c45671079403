//! The exact plan of a change, made from what there is at one moment: when it is asked for, and again when it is carried out.

use domain::change::Change;
use domain::configuration::Configuration;
use domain::exact_plan::{ExactPlan, PlanApply, PlanBase, PlanGoal, checks_digest, report_digest};
use domain::id::Digest;
use domain::ledger::Deployment;
use domain::policy::GatedAction;
use domain::requested::{PlanBounds, RequestedChange};
use domain::wire::StartRollout;

use super::create_configuration::in_use;
use super::{Moment, Refusal, rehearse};

impl Moment<'_> {
    /// The plan of `action` on a deployment, which changes nothing yet.
    pub(super) fn plan(&self, row: &Deployment, action: GatedAction, apply: PlanApply) -> Result<ExactPlan, Refusal> {
        let base = PlanBase {
            revision: row.last_good,
            content_hash: in_use(&self.reading, row)?.configuration.content_hash(),
            importance: row.terms.importance,
        };
        Ok(ExactPlan::new(action, Some(row.id.clone()), Some(base), apply))
    }

    /// The plan of a change to `configuration`.
    pub(super) fn plan_of_change(
        &self,
        row: &Deployment,
        action: GatedAction,
        change: &Change,
        configuration: &Configuration,
        apply: PlanApply,
    ) -> Result<ExactPlan, Refusal> {
        Ok(ExactPlan {
            to: Some(self.goal(configuration)?),
            strategy: Some(change.strategy),
            on_failure: Some(change.on_failure),
            reason: change.reason,
            note: change.note.clone(),
            accept_warnings: change.accept_warnings,
            quarantine_override: change.quarantine_override.clone(),
            checks_digest: Some(checks_digest(&row.terms.about.checks)),
            report_digest: change.compatibility.as_ref().map(report_digest),
            ..self.plan(row, action, apply)?
        })
    }

    /// The plan of a deployment's first rollout, which has no base: nothing is in use yet.
    pub(super) fn first_plan(
        &self,
        row: &Deployment,
        change: &Change,
        configuration: &Configuration,
    ) -> Result<ExactPlan, Refusal> {
        Ok(ExactPlan {
            to: Some(self.goal(configuration)?),
            strategy: Some(change.strategy),
            on_failure: Some(change.on_failure),
            ..ExactPlan::new(GatedAction::Create, Some(row.id.clone()), None, PlanApply::now())
        })
    }

    /// The content that a plan rolls out.
    pub(super) fn goal(&self, configuration: &Configuration) -> Result<PlanGoal, Refusal> {
        let mut artifacts: Vec<Digest> = Vec::new();
        for model in &configuration.models {
            artifacts.extend(self.reading.model(model)?.map(|found| found.digest));
        }
        Ok(PlanGoal { content_hash: configuration.content_hash(), code_hash: configuration.code_hash(), artifacts })
    }

    /// The bounds of the rollout that somebody asks for, as it would go now; none where there is nothing to roll out, or no
    /// room for it.
    pub(super) fn bounds(&self, row: &Deployment, asked: &RequestedChange) -> Result<Option<PlanBounds>, Refusal> {
        let Some(request) = rollout_of(asked) else { return Ok(None) };
        let view = rehearse(*self, row, &request)?;
        if view.no_room.is_some() {
            return Ok(None);
        }
        let (lowest_available, highest_total) = (view.plan.lowest_available, view.plan.highest_total);
        Ok(Some(PlanBounds { lowest_available, highest_total }))
    }
}

/// The rollout that somebody asks for, as they would start it; none where nothing is rolled out.
pub fn rollout_of(asked: &RequestedChange) -> Option<StartRollout> {
    let plan = &asked.plan;
    plan.to.as_ref()?;
    Some(StartRollout {
        configuration: Some(asked.configuration.clone()?),
        strategy: plan.strategy.map(Into::into).unwrap_or_default(),
        on_failure: plan.on_failure,
        reason: plan.reason,
        note: plan.note.clone(),
        quarantine_override: plan.quarantine_override.clone(),
        accept_warnings: plan.accept_warnings,
        ..StartRollout::default()
    })
}
