//! Entries of the engine in the journal, each set in one transaction.

use domain::event::Event;
use domain::id::DeploymentId;
use domain::ledger::{Ledger, Rollout};
use domain::plan::Skip;
use jiff::{SignedDuration, Timestamp};

use super::core::Core;
use super::error::EngineError;
use crate::store::Reading;

/// No entry for so long means that nobody may have been there.
const AWAY: SignedDuration = SignedDuration::from_secs(1);

impl Core {
    /// Lets the time in which no server ran, as far as is known, count for no rollout: nobody has looked whether its
    /// replicas became ready.
    pub(super) fn attend(&self) -> Result<(), EngineError> {
        let now = self.skips.start(&self.clock);
        let last = self.store.read(|reading| reading.newest_at())?;
        match last.filter(|last| now.duration_since(*last) >= AWAY) {
            Some(since) => self.leave_out(Skip { since, until: now }),
            None => Ok(()),
        }
    }

    /// The time for a pass, and the spans that count for nothing that happened before them. Whoever judges a rollout by
    /// this time finds the same spans in the journal.
    pub(super) fn now_without_skips(&self) -> Result<(Timestamp, Vec<Skip>), EngineError> {
        self.skips.now(&self.clock, |skip| {
            self.leave_out(skip)?;
            self.autoscaler.forget_all();
            Ok(())
        })
    }

    /// Lets a span of time count for no rollout: for all of them or, where that fails, for none.
    fn leave_out(&self, Skip { since, until }: Skip) -> Result<(), EngineError> {
        self.store.write(&self.actor, until, |writing| {
            for row in writing.reading().readable_deployments()? {
                let Some(number) = row.rollout else { continue };
                let rollout = writing.reading().rollout(&row.id, number)?;
                // One that was started since then has lost nothing.
                let is_judged = |rollout: Rollout| rollout.clock_runs() && rollout.marks.started_at <= since;
                if rollout.is_some_and(is_judged) {
                    writing.append(Some(&row.id), Event::RolloutUnattended { number, since })?;
                }
            }
            Ok(())
        })
    }

    /// Records what was seen or what has come of a step: it holds whatever is wanted by now.
    pub(super) fn record(
        &self,
        id: &DeploymentId,
        now: Timestamp,
        events: impl IntoIterator<Item = Event>,
    ) -> Result<(), EngineError> {
        let events: Vec<Event> = events.into_iter().collect();
        if events.is_empty() {
            return Ok(());
        }
        self.record_by(id, now, |_| Ok(events))
    }

    /// Records what was decided on `view`.
    ///
    /// # Errors
    /// [`EngineError::Overtaken`]: somebody has asked for something else since `view` was read; nothing is recorded.
    pub(super) fn decide(
        &self,
        view: &Ledger,
        now: Timestamp,
        events: impl IntoIterator<Item = Event>,
    ) -> Result<(), EngineError> {
        let events: Vec<Event> = events.into_iter().collect();
        self.decide_by(view, now, |_| Ok(events))
    }

    /// The same of what `decide` makes of the tables, as the same transaction sees them.
    pub(super) fn decide_by(
        &self,
        view: &Ledger,
        now: Timestamp,
        decide: impl FnOnce(&Reading<'_>) -> Result<Vec<Event>, EngineError>,
    ) -> Result<(), EngineError> {
        let id = &view.deployment.id;
        self.record_by(id, now, |reading| {
            // Everything that changes what is meant counts the generation.
            let stands = reading.deployment(id)?.is_some_and(|row| row.generation == view.deployment.generation);
            // What was judged before the machine slept is judged again.
            let slept = self.clock.skips().last().is_some_and(|skip| skip.until > now);
            if stands && !slept { decide(reading) } else { Err(EngineError::Overtaken) }
        })
    }

    /// Records what `decide` makes of the tables, as the same transaction sees them.
    pub(super) fn record_by(
        &self,
        id: &DeploymentId,
        now: Timestamp,
        decide: impl FnOnce(&Reading<'_>) -> Result<Vec<Event>, EngineError>,
    ) -> Result<(), EngineError> {
        let events = self.store.write(&self.actor, now, |writing| {
            let events = decide(&writing.reading())?;
            for event in &events {
                writing.append(Some(id), event.clone())?;
            }
            Ok::<_, EngineError>(events)
        })?;
        // An observation alone is an entry that a replica which comes and goes does not have each time.
        let counts = events.iter().all(|event| matches!(event, Event::ReplicaChanged { .. }));
        // Whoever has looked before this was written has noted what is seen by then, and not by the rows from now on.
        let _turn = (!counts).then(|| self.turns.of(id));
        for event in &events {
            match event {
                Event::ReplicaChanged { replica } => self.unrecorded.recorded(replica, counts),
                Event::ReplicaForgotten { id } => self.unrecorded.forget(id),
                _ => {}
            }
        }
        Ok(())
    }
}
