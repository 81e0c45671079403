//! Autoscaling: looks at what the gateway counts, and changes the number of replicas (RAY-7).
//!
//! Flow: a pass leaves behind what a look goes by. From then on the engine's loop looks every `refresh_seconds`
//! ([`Core::sample`]). Only a look that asks for another number asks for a pass, and that decides, on the rows.
//!
//! Guarantees: a sample reads memory alone, so that a thousand quiet deployments cost next to nothing. What it goes
//! by may have changed since the pass: so it changes no number itself, it only keeps what was asked for the pass.

use domain::autoscaling::Recommendation;
use domain::configuration::{Autoscaling, Configuration};
use domain::event::Event;
use domain::id::DeploymentId;
use domain::ledger::Ledger;
use domain::resources::{Claim, room};
use jiff::Timestamp;

use super::autoscaler::{Sampled, Watch};
use super::core::Core;
use super::error::EngineError;
use crate::gateway::Demand;

impl Core {
    /// Takes a look if one is due, without touching the store.
    pub(super) fn sample(&self, id: &DeploymentId, now: Timestamp) -> Sampled {
        let mut watches = self.autoscaler.watches();
        let Some(watch) = watches.get_mut(id) else { return Sampled::Over };
        if now < watch.due {
            return Sampled::At(watch.due);
        }
        let mut trend = watch.trend.clone();
        let load = self.routing.load(id);
        if trend.look(&watch.settings, watch.max_concurrent_requests, watch.current, load, now).1.is_some() {
            watch.asked = Some(load);
            return Sampled::Pass;
        }
        watch.trend = trend;
        watch.due = watch.next_look(now);
        Sampled::At(watch.due)
    }

    /// Takes a look if one is due, and records a change with the numbers that it was decided by; true when there is one.
    /// A change that could not be recorded is looked for again, by the same load.
    pub(super) fn scale(&self, view: &Ledger, now: Timestamp) -> Result<bool, EngineError> {
        let id = &view.deployment.id;
        let mut watches = self.autoscaler.watches();
        let Some((configuration, settings)) = view.autoscaling() else {
            watches.remove(id);
            return Ok(false);
        };
        let max_concurrent_requests = configuration.max_concurrent_requests;
        let current = configuration.desired(view.deployment.scale);
        let (trend, due, asked) =
            watches.remove(id).map_or_else(Default::default, |watch| (watch.trend, watch.due, watch.asked));
        let mut before = Watch { settings, max_concurrent_requests, current, trend, due, asked };
        if now < before.due {
            watches.insert(id.clone(), before);
            return Ok(false);
        }
        let load = *before.asked.get_or_insert_with(|| self.routing.load(id));
        let mut watch = Watch { due: before.next_look(now), asked: None, ..before.clone() };
        let (seen, to) = watch.trend.look(&settings, max_concurrent_requests, current, load, now);
        watches.insert(id.clone(), watch);
        drop(watches);
        let Some(to) = to else { return Ok(false) };
        self.scale_to(view, (configuration, settings), to, seen, now).inspect_err(|_| {
            self.autoscaler.watches().insert(id.clone(), before);
        })
    }

    /// Records the number of replicas that a look recommends, as far as the machine has room for them.
    fn scale_to(
        &self,
        view: &Ledger,
        (configuration, settings): (&Configuration, Autoscaling),
        to: u32,
        seen: Recommendation,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let id = &view.deployment.id;
        let current = configuration.desired(view.deployment.scale);
        let mut reason = format!(
            "{} at a time, at most {}, {} refused: wants {}, each busy with {} % of {} at a time",
            seen.load.average_milli as f64 / 1_000.0,
            seen.load.peak,
            seen.load.refused,
            seen.wanted,
            settings.target_percent,
            configuration.max_concurrent_requests,
        );
        let mut reachable = to;
        if to > current {
            let each = Claim::from(&configuration.resources);
            let target = &view.deployment.target;
            let used = self.store.read(|reading| reading.claims(target))?;
            let used = used.into_iter().fold(Claim::default(), |sum, held| sum.plus(held.place.claim));
            let capacity = self.targets.of(target).room().machine().capacity;
            reachable = to.min(current + room(&capacity, used, each));
            if reachable < to {
                reason.push_str(", and the machine has room for no more");
            }
        }
        if reachable == current {
            return Ok(false);
        }
        let Demand { in_flight, waiting } = self.routing.demand(id);
        self.decide(view, now, [Event::Scaled { from: current, to: reachable, in_flight, waiting, reason }])?;
        Ok(true)
    }
}
