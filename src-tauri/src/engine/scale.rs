//! Autoscaling: looks at what the gateway counts, and changes the number of replicas (RAY-7).
//!
//! Flow: a pass leaves behind what a look goes by. From then on the engine's loop looks every `refresh_seconds`
//! ([`Core::sample`]). Only a look that asks for another number asks for a pass, and that decides, on the rows.
//!
//! Guarantees: a sample reads memory alone, so that a thousand quiet deployments cost next to nothing. What it goes
//! by may have changed since the pass: so it changes no number itself, it only keeps what was asked for the pass.

use domain::event::Event;
use domain::id::DeploymentId;
use domain::ledger::Ledger;
use domain::resources::{Claim, room};
use jiff::Timestamp;

use super::autoscaler::{Sampled, Watch};
use super::core::Core;
use super::error::EngineError;

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
        let mut watch = Watch { settings, max_concurrent_requests, current, trend, due, asked: None };
        let mut look = (domain::autoscaling::Recommendation::default(), None);
        if now >= watch.due {
            watch.due = watch.next_look(now);
            let load = asked.unwrap_or_else(|| self.routing.load(id));
            look = watch.trend.look(&settings, max_concurrent_requests, current, load, now);
        }
        watches.insert(id.clone(), watch);
        drop(watches);
        let (seen, Some(to)) = look else { return Ok(false) };
        let demand = self.routing.demand(id);
        let mut reason = format!(
            "{} at a time, at most {}, {} refused: wants {}, each busy with {} % of {max_concurrent_requests} at a time",
            seen.load.average_milli as f64 / 1_000.0,
            seen.load.peak,
            seen.load.refused,
            seen.wanted,
            settings.target_percent,
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
        let (in_flight, waiting) = (demand.in_flight, demand.waiting);
        self.decide(view, now, [Event::Scaled { from: current, to: reachable, in_flight, waiting, reason }])?;
        Ok(true)
    }
}
