//! One pass over one deployment: load, look, route, judge the rollout, plan, take the first step.
//!
//! Guarantees: a pass takes at most one step, and every step is safe to repeat, so that a pass may be cut
//! off anywhere and the next one goes on. What is about to be touched is recorded as *unknown* first. A decision is
//! recorded only while the deployment is still meant as it was when the pass read it, compared in the transaction that
//! records it.
//!
//! Errors: a failed pass changes nothing that was not recorded; it is tried again later ([`super::retry`]).

use domain::deployment::TargetStatus;
use domain::event::Event;
use domain::id::DeploymentId;
use domain::ledger::{Ledger, Rollout};
use domain::plan::{self, Decision, Scene, Step};
use domain::rollout::{self, Due, Phase, RolloutEvent};
use domain::step_kind::StepKind;
use jiff::{SignedDuration, Timestamp};

use super::core::Core;
use super::error::EngineError;
use super::next_pass::NextPass;
use super::slots::Slot;
use crate::targets::Order;

/// The pause between two looks at whether the machine has room again.
const ROOM_LOOK: SignedDuration = SignedDuration::from_secs(1);

impl Core {
    pub(super) fn pass(&self, id: &DeploymentId, slot: Slot) -> Result<NextPass, EngineError> {
        match self.reconcile(id, slot) {
            Err(EngineError::Overtaken) => Ok(NextPass::Now),
            other => other,
        }
    }

    fn reconcile(&self, id: &DeploymentId, slot: Slot) -> Result<NextPass, EngineError> {
        // Where that cannot be recorded, who is seen to be gone gets no request all the same.
        let (now, skips) = self.now_without_skips().inspect_err(|_| drop(self.see(id)))?;
        let turn = self.turns.of(id);
        let Some(mut view) = self.store.read(|reading| reading.at_work(id))? else {
            // What is kept of its requests goes with it, so not because a row cannot be found.
            if self.store.read(|reading| reading.was_deleted(id))? {
                self.routing.forget(id);
            }
            self.autoscaler.forget(id);
            return Ok(NextPass::WhenSomethingChanges);
        };
        let (sighted, unseen) = match self.look(&mut view, now) {
            Ok(sighted) => (sighted, None),
            Err(unseen) => (Default::default(), Some(unseen)),
        };
        // Before anything is recorded: who is seen to be gone gets no request, whether or not it can be written.
        self.route(&view, &sighted.fresh)?;
        drop(turn);
        if let Some(next) = self.note_sight(&view, unseen, now)? {
            return Ok(next);
        }
        let recorded = self.record(id, now, sighted.changed);
        for replica in &sighted.fresh {
            self.unrecorded.settle(replica);
        }
        if !sighted.fresh.is_empty() {
            // Looks again: they may have gone while it was written.
            self.see(id)?;
        }
        recorded?;
        if let Some(expires_at) = view.deployment.expires_at
            && now >= expires_at
            && view.deployment.target_status != TargetStatus::Deleted
        {
            self.expire(&view, now)?;
            return Ok(NextPass::Now);
        }
        let expires_at = view.deployment.expires_at.filter(|at| *at > now);
        if self.scale(&view, now)? {
            return Ok(NextPass::Now);
        }
        let traits = self.targets.of(&view.deployment.target).traits();
        let mut scene = view.scene(traits, |replica| self.routing.in_flight(id, replica)).without(&skips);
        let mut decision = plan::next(&scene, now);
        if let Decision::Do { step: Step::Start { revision }, .. } = decision
            && !self.has_room(&view, revision)?
        {
            scene.room = 0;
            decision = plan::next(&scene, now);
        }
        let Some(deadline) = self.judge(&view, &scene, now)? else { return Ok(NextPass::Now) };
        // Others may make room at any time, without anybody telling.
        let for_room = (scene.room == 0).then(|| now + ROOM_LOOK);
        match decision {
            Decision::Do { step, reason } => {
                self.take(&view, step, reason, slot, now)?;
                Ok(NextPass::Now)
            }
            Decision::Wait { until, reason } => {
                let stands = plan::progress(&scene, now).stands;
                self.note_wait(&view, reason, stands, now)?;
                if self.note_life(&view, now)? {
                    return Ok(NextPass::Now);
                }
                let for_stop = self.stop_again(&view, now)?;
                Ok(NextPass::earliest([until, deadline, expires_at, for_room, for_stop, sighted.rest]))
            }
            Decision::Settled => {
                if self.settle(&view, now)? || self.note_life(&view, now)? {
                    return Ok(NextPass::Now);
                }
                let for_stop = self.stop_again(&view, now)?;
                Ok(NextPass::earliest([deadline, expires_at, for_stop, sighted.rest]))
            }
        }
    }

    /// Lets happen to the rollout what is due; `None` when something did, else when its deadline is.
    fn judge(&self, view: &Ledger, scene: &Scene, now: Timestamp) -> Result<Option<Option<Timestamp>>, EngineError> {
        let id = &view.deployment.id;
        if view.rollout().is_none() && !self.receipts.is_open(id) {
            return Ok(Some(None));
        }
        let routing = self.routing.as_ref();
        let tally = routing.tally(id);
        let current = view.rollout().map(|rollout| rollout.number);
        if let Some((number, receipt)) = self.receipts.close_superseded(&tally, id, current) {
            self.record(id, now, [Event::ReceiptClosed { number, receipt }])?;
        }
        let Some(rollout) = view.rollout() else { return Ok(Some(None)) };
        let receipt = self.receipts.receipt(routing, &tally, id, rollout);
        let progress = plan::progress(scene, now);
        let on_failure = view.failure_mode(rollout);
        match rollout::due(rollout.phase, rollout.marks, &rollout.change.strategy, on_failure, progress, now) {
            Due::Nothing(deadline) => Ok(Some(deadline)),
            Due::Progress(available) => {
                let number = rollout.number;
                self.decide(view, now, [Event::RolloutProgressed { number, available, receipt }])?;
                Ok(None)
            }
            Due::Event(event) => {
                let phase = rollout::next(rollout.phase, event)?;
                let (problem, blameless) = match event {
                    RolloutEvent::Fail(cause) | RolloutEvent::Stop(cause) | RolloutEvent::Die(cause) => (
                        Some(view.why_failed(rollout, scene, cause)),
                        rollout::is_blameless(cause, &rollout.change.strategy, progress, now),
                    ),
                    _ => (None, false),
                };
                let number = rollout.number;
                let status = view.status_after(rollout, event, phase, problem.as_deref());
                let moved = Event::RolloutMoved { number, event, phase, problem, receipt, blameless };
                self.decide(view, now, std::iter::once(moved).chain(status))?;
                if !phase.is_active() {
                    self.receipts.close(id);
                }
                Ok(None)
            }
        }
    }

    /// Records what the ledger says once nothing is left to do; true when that changed something.
    fn settle(&self, view: &Ledger, now: Timestamp) -> Result<bool, EngineError> {
        let id = &view.deployment.id;
        let Some(event) = view.settled() else { return Ok(false) };
        let is_gone = matches!(event, Event::DeploymentDeleted { .. });
        self.decide(view, now, [event])?;
        if is_gone {
            // Whoever has looked before publishes before, whoever looks from now on finds no row.
            let _turn = self.turns.of(id);
            self.routing.forget(id);
            if let Err(error) = self.order(view, Order::Clear(id.clone())) {
                tracing::warn!(deployment = %id, %error, "what is kept of a deleted deployment cannot be removed");
            }
        }
        Ok(true)
    }

    /// Deletes a deployment whose time to live is over, as a person would: a rollout in progress ends superseded.
    fn expire(&self, view: &Ledger, now: Timestamp) -> Result<(), EngineError> {
        let event = RolloutEvent::Supersede;
        let superseded = |rollout: &Rollout| {
            let (number, receipt) = (rollout.number, rollout.receipt.clone());
            let phase = rollout::next(rollout.phase, event)?;
            Ok(Event::RolloutMoved { number, event, phase, problem: None, receipt, blameless: false })
        };
        let superseded = view.rollout().map(superseded).transpose().map_err(EngineError::NotPossible)?;
        let note = Some("its time to live is over".to_owned());
        self.decide(view, now, superseded.into_iter().chain([Event::DeleteRequested { note }]))
    }

    /// Says of a dead deployment that answers again that it is not dead; true when it was.
    fn note_life(&self, view: &Ledger, now: Timestamp) -> Result<bool, EngineError> {
        let Some(event) = view.revived() else { return Ok(false) };
        self.decide(view, now, [event])?;
        Ok(true)
    }

    /// Enters what is waited for in the steps, once for each thing.
    fn note_wait(&self, view: &Ledger, reason: String, stands: bool, now: Timestamp) -> Result<(), EngineError> {
        let Some(rollout) = view.rollout().filter(|rollout| rollout.phase != Phase::Paused) else {
            return Ok(());
        };
        let refusing = view.replicas.iter().find(|record| record.delivery.is_some_and(|delivery| delivery.failed > 0));
        let reason = match refusing.and_then(|record| record.problem.as_ref()) {
            Some(problem) => format!("{reason}: {problem}"),
            None => reason,
        };
        let id = &view.deployment.id;
        let steps = self.store.read(|reading| reading.steps(id, rollout.number))?;
        // Replicas that come and go change what is waited for to and fro: each is told once until something is done.
        let mut waits = steps.iter().rev().take_while(|step| step.kind.is(StepKind::Wait));
        if waits.any(|wait| wait.reason == reason) && stands == rollout.marks.stands_since.is_some() {
            return Ok(());
        }
        let (rollout, step) = (Some(rollout.number), StepKind::Wait.into());
        let wait = Event::StepTaken { rollout, step, replica: None, reason, stands };
        self.decide(view, now, [wait])
    }
}
