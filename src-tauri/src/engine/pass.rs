//! One pass over one deployment: load, look, route, judge the rollout, plan, take the first step.
//!
//! Guarantees: a pass takes at most one step, and every step is safe to repeat, so that a pass may be cut
//! off anywhere and the next one goes on. What is about to be touched is recorded as *unknown* first.
//!
//! Errors: a failed pass changes nothing that was not recorded; it is tried again later ([`super::retry`]).

use domain::deployment::{OnFailure, Status, TargetStatus};
use domain::event::Event;
use domain::id::{DeploymentId, ReplicaId};
use domain::plan::{self, Decision, Scene, Step};
use domain::replica::{Intent, Observed, ReplicaRecord, Seen};
use domain::rollout::{self, Cause, Due, Phase, RolloutEvent, RolloutKind};
use jiff::{SignedDuration, Timestamp};

use super::slots::Slot;
use super::view::View;
use super::{Core, EngineError};
use crate::targets::Order;
use domain::ledger::Rollout;

/// When to look again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Again,
    At(Timestamp),
    WhenSomethingChanges,
}

/// How often it is looked whether the machine has room again.
const ROOM_LOOK: SignedDuration = SignedDuration::from_secs(1);

/// A replica that has been ready for so long starts with a clean slate when it fails.
const PROVEN: SignedDuration = SignedDuration::from_secs(60);

impl Core {
    pub(super) fn pass(&self, id: &DeploymentId, slot: Slot) -> Result<Look, EngineError> {
        let now = self.clock.now();
        let turn = self.turns.of(id);
        let Some(mut view) = self.store.read(|reading| View::load(reading, id))? else {
            // What is kept of its requests goes with it, so not because a row cannot be found.
            if self.store.read(|reading| reading.was_deleted(id))? {
                self.routing.forget(id);
            }
            self.trends.forget(id);
            return Ok(Look::WhenSomethingChanges);
        };
        let (sighted, unseen) = match self.look(&mut view, now) {
            Ok(sighted) => (sighted, None),
            Err(unseen) => (Default::default(), Some(unseen)),
        };
        // Before anything is recorded: who is seen to be gone gets no request, whether or not it can be written.
        self.route(&view, &sighted.fresh)?;
        drop(turn);
        if let Some(look) = self.note_sight(&view, unseen, now)? {
            return Ok(look);
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
        let for_stop = self.stop_again(&view, now)?;
        if let Some(expires_at) = view.deployment.expires_at
            && now >= expires_at
            && view.deployment.target_status != TargetStatus::Deleted
        {
            self.expire(&view, now)?;
            return Ok(Look::Again);
        }
        let expires_at = view.deployment.expires_at.filter(|at| *at > now);
        if self.scale(&view, now)? {
            return Ok(Look::Again);
        }
        let traits = self.targets.of(&view.deployment.target).traits();
        let mut scene = view.scene(self.routing.as_ref(), traits);
        let mut decision = plan::next(&scene, now);
        if let Decision::Do { step: Step::Start { revision }, .. } = decision
            && !self.has_room(&view, revision)?
        {
            scene.room = 0;
            decision = plan::next(&scene, now);
        }
        let Some(deadline) = self.judge(&view, &scene, now)? else { return Ok(Look::Again) };
        // Others may make room at any time, without anybody telling.
        let for_room = (scene.room == 0).then(|| now + ROOM_LOOK);
        match decision {
            Decision::Do { step, reason } => {
                self.take(&view, step, reason, slot, now)?;
                Ok(Look::Again)
            }
            Decision::Wait { until, reason } => {
                let stands = plan::progress(&scene, now).stands;
                self.note_wait(&view, reason, stands, now)?;
                if self.note_life(&view, now)? {
                    return Ok(Look::Again);
                }
                Ok(earliest([until, deadline, expires_at, for_room, for_stop, sighted.rest]))
            }
            Decision::Settled => {
                if self.settle(&view, now)? || self.note_life(&view, now)? {
                    return Ok(Look::Again);
                }
                Ok(earliest([deadline, expires_at, for_stop, sighted.rest]))
            }
        }
    }

    /// Lets happen to the rollout what is due; `None` when something did, else when its deadline is.
    fn judge(&self, view: &View, scene: &Scene, now: Timestamp) -> Result<Option<Option<Timestamp>>, EngineError> {
        let id = &view.deployment.id;
        if view.rollout.is_none() && !self.books.is_open(id) {
            return Ok(Some(None));
        }
        let routing = self.routing.as_ref();
        let tally = routing.tally(id);
        let current = view.rollout.as_ref().map(|rollout| rollout.number);
        if let Some((number, receipt)) = self.books.close_superseded(&tally, id, current) {
            self.record(id, now, [Event::ReceiptClosed { number, receipt }])?;
        }
        let Some(rollout) = &view.rollout else { return Ok(Some(None)) };
        let receipt = self.books.receipt(routing, &tally, id, rollout);
        let progress = plan::progress(scene, now);
        let on_failure = self.policy(view, rollout)?;
        match rollout::due(rollout.phase, rollout.marks, &rollout.strategy, on_failure, progress, now) {
            Due::Nothing(deadline) => Ok(Some(deadline)),
            Due::Progress(available) => {
                let number = rollout.number;
                self.record(id, now, [Event::RolloutProgressed { number, available, receipt }])?;
                Ok(None)
            }
            Due::Event(event) => {
                let phase = rollout::next(rollout.phase, event)?;
                let (problem, blameless) = match event {
                    RolloutEvent::Fail(cause) | RolloutEvent::Stop(cause) | RolloutEvent::Die(cause) => (
                        Some(self.why(view, scene, cause)),
                        rollout::is_blameless(cause, &rollout.strategy, progress, now),
                    ),
                    _ => (None, false),
                };
                let number = rollout.number;
                let moved = Event::RolloutMoved { number, event, phase, problem: problem.clone(), receipt, blameless };
                let status = ending(view, event, phase, problem);
                self.record(id, now, std::iter::once(moved).chain(status))?;
                if !phase.is_active() {
                    self.books.close(id);
                }
                Ok(None)
            }
        }
    }

    /// What a failure of the rollout does. Where there is nothing left to go back to but something serves, nothing is
    /// undone: that would be an outage (CO-6).
    fn policy(&self, view: &View, rollout: &Rollout) -> Result<OnFailure, EngineError> {
        let id = &view.deployment.id;
        let is_first = rollout.from_revision.is_none();
        let nothing_left =
            || Ok::<_, EngineError>(self.store.read(|reading| reading.good_before(id, rollout.number))?.is_none());
        Ok(match rollout.on_failure {
            OnFailure::Revert if is_first => OnFailure::Revert,
            OnFailure::Revert | OnFailure::Stop if nothing_left()? => OnFailure::Dead,
            policy => policy,
        })
    }

    /// Why a rollout failed, in a sentence with the last thing that went wrong.
    fn why(&self, view: &View, scene: &Scene, cause: Cause) -> String {
        let Some(rollout) = &view.rollout else { return String::new() };
        let strategy = rollout.strategy;
        let goal = scene.goal.as_ref();
        let revision = goal.map_or(rollout.to_revision, |goal| goal.revision);
        let desired = goal.map_or(0, |goal| goal.desired);
        let available = rollout.marks.best;
        let got = format!("did not get further than {available} of {desired} available replicas within");
        let mut text = match cause {
            Cause::TotalDeadline => {
                format!("Revision {revision} {got} {} s in all", strategy.total_deadline_seconds.unwrap_or(0))
            }
            Cause::ProgressDeadline | Cause::Cancelled => {
                format!("Revision {revision} {got} {} s", strategy.progress_deadline_seconds)
            }
            Cause::CannotRun => {
                format!("Revision {revision} cannot run, and would fail in the same way at every further try")
            }
            Cause::StartFailures => {
                format!("Revision {revision} failed to start {} times in a row", strategy.start_failures)
            }
        };
        let of_revision = |record: &&ReplicaRecord| {
            record.revision == revision || record.delivery.is_some_and(|delivery| delivery.revision == revision)
        };
        if let Some(problem) = view.replicas.iter().rev().filter(of_revision).find_map(|record| record.problem.as_ref())
        {
            text.push_str(": ");
            text.push_str(problem);
        }
        if matches!(rollout.phase, Phase::Reverting(_)) {
            let runs: Vec<_> = view
                .replicas
                .iter()
                .map(|record| format!("{} runs revision {} ({})", record.id, record.revision, word(record)))
                .collect();
            text = format!("Going back failed as well and is still being tried. {text}. {}", runs.join(", "));
        }
        text
    }

    /// Sets the status right once nothing is left to do; true when that changed something.
    fn settle(&self, view: &View, now: Timestamp) -> Result<bool, EngineError> {
        let deployment = &view.deployment;
        if deployment.target_status == TargetStatus::Deleted {
            let name = deployment.name.clone();
            self.record(&deployment.id, now, [Event::DeploymentDeleted { name }])?;
            // Whoever has looked before publishes before, whoever looks from now on finds no row.
            let _turn = self.turns.of(&deployment.id);
            self.routing.forget(&deployment.id);
            if let Err(error) = self.order(view, Order::Clear(deployment.id.clone())) {
                tracing::warn!(deployment = %deployment.id, %error, "what is kept of a deleted deployment cannot be removed");
            }
            return Ok(true);
        }
        if deployment.target_status == TargetStatus::Stopped {
            if deployment.status == Status::Stopped {
                return Ok(false);
            }
            self.record(&deployment.id, now, [Event::StatusChanged { status: Status::Stopped, error: None }])?;
            return Ok(true);
        }
        // Replicas that came back although going back had failed.
        let should_run = view.rollout.is_none() && deployment.intended.is_some() && !deployment.held;
        let has_trouble = deployment.error.is_some() && deployment.kept.is_none();
        if should_run && (deployment.status != Status::Running || has_trouble) {
            self.record(&deployment.id, now, [Event::StatusChanged { status: Status::Running, error: None }])?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Deletes a deployment whose time to live is over, as a person would: a rollout in progress ends superseded.
    fn expire(&self, view: &View, now: Timestamp) -> Result<(), EngineError> {
        let event = RolloutEvent::Supersede;
        let superseded = |rollout: &Rollout| {
            let (number, receipt) = (rollout.number, rollout.receipt.clone());
            let phase = rollout::next(rollout.phase, event)?;
            Ok(Event::RolloutMoved { number, event, phase, problem: None, receipt, blameless: false })
        };
        let superseded = view.rollout.as_ref().map(superseded).transpose().map_err(EngineError::NotPossible)?;
        let note = Some("its time to live is over".to_owned());
        self.record(&view.deployment.id, now, superseded.into_iter().chain([Event::DeleteRequested { note }]))
    }

    /// Says of one that answers again that it is not dead, although not all is as it should be; true when it was.
    fn note_life(&self, view: &View, now: Timestamp) -> Result<bool, EngineError> {
        let row = &view.deployment;
        let may_live = view.rollout.is_none() && row.target_status == TargetStatus::Running;
        if row.status != Status::Dead || !may_live || !view.replicas.iter().any(is_asked) {
            return Ok(false);
        }
        let ended = self.store.read(|reading| reading.rollout(&row.id, row.newest_rollout))?;
        let status = Status::after_failure(true, ended.map(|rollout| rollout.on_failure).unwrap_or_default());
        if status == Status::Dead {
            return Ok(false);
        }
        self.record(&row.id, now, [Event::StatusChanged { status, error: row.error.clone() }])?;
        Ok(true)
    }

    /// Enters what is waited for in the steps, once for each thing.
    fn note_wait(&self, view: &View, reason: String, stands: bool, now: Timestamp) -> Result<(), EngineError> {
        let Some(rollout) = view.rollout.as_ref().filter(|rollout| rollout.phase != Phase::Paused) else {
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
        let mut waits = steps.iter().rev().take_while(|step| step.kind == "wait");
        if waits.any(|wait| wait.reason == reason) && stands == rollout.marks.stands_since.is_some() {
            return Ok(());
        }
        let (rollout, step) = (Some(rollout.number), "wait".to_owned());
        let wait = Event::StepTaken { rollout, step, replica: None, reason, stands };
        self.record(id, now, [wait])
    }
}

/// The status that goes with the end of a rollout, and what is wrong.
fn ending(view: &View, event: RolloutEvent, phase: Phase, problem: Option<String>) -> Option<Event> {
    let status = |status, error| Some(Event::StatusChanged { status, error });
    let has_good = view.deployment.intended.is_some();
    let answers = view.replicas.iter().any(is_asked);
    let chosen = view.rollout.as_ref().map(|rollout| rollout.on_failure).unwrap_or_default();
    let after_failure = Status::after_failure(answers, chosen);
    let last = view.deployment.last_running_configuration.as_ref();
    let last = last.map(|id| format!(" Last configuration that ran: {id}.")).unwrap_or_default();
    match phase {
        Phase::Completed => status(Status::Running, None),
        Phase::Reverted | Phase::Cancelled if has_good => status(Status::Running, None),
        Phase::Reverted => {
            let why = view.rollout.as_ref().and_then(|rollout| rollout.error.clone()).unwrap_or_default();
            let what = match view.rollout.as_ref().map(|rollout| rollout.kind) {
                Some(RolloutKind::Activate) => "The deployment could not be activated",
                _ => "The first configuration never ran, and there is no earlier one to go back to",
            };
            status(Status::Dead, Some(format!("{what}: {why}.{last}")))
        }
        Phase::Cancelled => status(
            Status::Dead,
            Some("The first rollout was cancelled, and there is no configuration to go back to".to_owned()),
        ),
        Phase::Failed if matches!(event, RolloutEvent::Stop(_)) => {
            let text = format!(
                "{}. The update stopped: its ready replicas serve on, and lost ones are made up with the last good revision.",
                problem.unwrap_or_default()
            );
            status(Status::Running, Some(text))
        }
        Phase::Failed => {
            status(after_failure, Some(format!("{}. Nothing was undone.{last}", problem.unwrap_or_default())))
        }
        Phase::RevertFailed => status(after_failure, Some(format!("{}.{last}", problem.unwrap_or_default()))),
        _ => None,
    }
}

/// Whether requests go to it.
pub(super) fn is_asked(record: &ReplicaRecord) -> bool {
    record.intent == Intent::Run && record.observed.is_ready()
}

fn word(record: &ReplicaRecord) -> String {
    format!("{:?}", domain::replica::ReplicaState::of(record.intent, record.observed)).to_lowercase()
}

/// The record with what is seen now. A replica that fails counts its failures in a row.
pub(super) fn updated(record: &ReplicaRecord, mut seen: Seen, now: Timestamp) -> ReplicaRecord {
    let mut fresh = record.clone();
    let was = record.observed;
    if seen.observed == Observed::Absent && record.intent == Intent::Run {
        // One that is to serve and is not there has ended; when that was noticed first is what counts.
        seen.observed = match was {
            Observed::Exited { .. } => was,
            _ => Observed::Exited { at: now },
        };
    }
    if was == seen.observed {
        return fresh;
    }
    let failed = |observed| matches!(observed, Observed::Exited { .. } | Observed::Unready { .. });
    if failed(seen.observed) && !failed(was) && record.intent == Intent::Run {
        let proven = matches!(was, Observed::Ready { since } if now.duration_since(since) >= PROVEN);
        fresh.failures = if proven { 0 } else { record.failures + 1 };
    }
    let started = matches!(was, Observed::Starting { .. } | Observed::Unknown);
    if matches!(seen.observed, Observed::Exited { .. }) && started && record.intent == Intent::Run {
        fresh.start_failures += 1;
    }
    fresh.observed = seen.observed;
    fresh.handle = seen.handle.or(fresh.handle);
    fresh.address = seen.address.or(fresh.address);
    fresh.problem = seen.problem.or(fresh.problem);
    fresh.lasting = seen.lasting;
    fresh
}

fn earliest<const N: usize>(times: [Option<Timestamp>; N]) -> Look {
    times.into_iter().flatten().min().map_or(Look::WhenSomethingChanges, Look::At)
}

/// The id of a replica that nobody had before.
pub(super) type NewReplica = dyn Fn() -> ReplicaId + Send + Sync;
