//! Autoscaling: looks at what the gateway counts, and changes the number of replicas (RAY-7).
//!
//! Flow: a pass leaves behind what a look goes by. From then on the engine's loop looks every `refresh_seconds`
//! ([`Core::glance`]). Only a look that asks for another number asks for a pass, and that decides, on the rows.
//!
//! Guarantees: a glance reads memory alone, so that a thousand quiet deployments cost next to nothing. What it goes
//! by may have changed since the pass: so it changes no number itself, it only keeps what was asked for the pass.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::autoscaling::{Load, Trend};
use domain::configuration::Autoscaling;
use domain::event::Event;
use domain::id::DeploymentId;
use domain::ledger::Ledger;
use domain::resources::{Claim, room};
use jiff::{SignedDuration, Timestamp};

use super::{Core, EngineError};

/// What came of a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glance {
    /// Autoscaling does not apply any more.
    Over,
    /// The number stays; when to look again.
    At(Timestamp),
    /// It may have to change: a pass is due.
    Pass,
}

/// What a look goes by, what the looks have agreed on, and when the next one is due.
struct Watch {
    settings: Autoscaling,
    max_concurrent_requests: u32,
    current: u32,
    trend: Trend,
    due: Timestamp,
    /// What was asked until the glance that asked for a pass: the look is the same one.
    asked: Option<Load>,
}

/// One for each deployment with autoscaling. Forgotten with the process, so that a server that was killed waits out a
/// delay again.
#[derive(Default)]
pub(super) struct Trends(Mutex<HashMap<DeploymentId, Watch>>);

impl Trends {
    fn watches(&self) -> MutexGuard<'_, HashMap<DeploymentId, Watch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn forget(&self, id: &DeploymentId) {
        self.watches().remove(id);
    }

    /// When the next look is due.
    pub(super) fn due(&self, id: &DeploymentId) -> Option<Timestamp> {
        self.watches().get(id).map(|watch| watch.due)
    }
}

impl Watch {
    fn next_look(&self, now: Timestamp) -> Timestamp {
        now + SignedDuration::from_secs(self.settings.refresh_seconds.into())
    }
}

impl Core {
    /// Takes a look if one is due, without touching the store.
    pub(super) fn glance(&self, id: &DeploymentId, now: Timestamp) -> Glance {
        let mut watches = self.trends.watches();
        let Some(watch) = watches.get_mut(id) else { return Glance::Over };
        if now < watch.due {
            return Glance::At(watch.due);
        }
        let mut trend = watch.trend.clone();
        let load = self.routing.load(id);
        if trend.look(&watch.settings, watch.max_concurrent_requests, watch.current, load, now).1.is_some() {
            watch.asked = Some(load);
            return Glance::Pass;
        }
        watch.trend = trend;
        watch.due = watch.next_look(now);
        Glance::At(watch.due)
    }

    /// Takes a look if one is due, and records a change with the numbers that it was decided by; true when there is one.
    pub(super) fn scale(&self, view: &Ledger, now: Timestamp) -> Result<bool, EngineError> {
        let id = &view.deployment.id;
        let mut watches = self.trends.watches();
        let Some((configuration, settings)) = view.autoscaling() else {
            watches.remove(id);
            return Ok(false);
        };
        let max_concurrent_requests = configuration.max_concurrent_requests;
        let current = configuration.desired(view.deployment.scale);
        let (trend, due, asked) =
            watches.remove(id).map_or_else(Default::default, |watch| (watch.trend, watch.due, watch.asked));
        let mut watch = Watch { settings, max_concurrent_requests, current, trend, due, asked: None };
        let mut look = (domain::autoscaling::Look::default(), None);
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
        self.record(id, now, [Event::Scaled { from: current, to: reachable, in_flight, waiting, reason }])?;
        Ok(true)
    }
}
