//! Autoscaling: looks at what the gateway counts, and changes the number of replicas (RAY-7).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::autoscaling::Trend;
use domain::event::Event;
use domain::id::DeploymentId;
use domain::resources::{Claim, room};
use jiff::{SignedDuration, Timestamp};

use super::view::View;
use super::{Core, EngineError};
use crate::targets::Target;

/// What came of a look.
pub(super) enum Scaled {
    /// The number has changed.
    Changed,
    /// It stays; when to look again.
    As(Option<Timestamp>),
}

/// What the looks at each deployment have agreed on, and when the next is due. Forgotten with the process, so that
/// a server that was killed waits out a delay again.
#[derive(Default)]
pub(super) struct Trends(Mutex<HashMap<DeploymentId, (Trend, Timestamp)>>);

impl<T: Target> Core<T> {
    /// Takes a look if one is due, and records a change with the numbers that it was decided by.
    pub(super) fn scale(&self, view: &View, now: Timestamp) -> Result<Scaled, EngineError> {
        let id = &view.deployment.id;
        let mut trends = self.trends.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((configuration, settings)) = view.autoscaling() else {
            trends.remove(id);
            return Ok(Scaled::As(None));
        };
        let (trend, due) = trends.entry(id.clone()).or_insert((Trend::default(), now));
        if now < *due {
            return Ok(Scaled::As(Some(*due)));
        }
        *due = now + SignedDuration::from_secs(settings.refresh_seconds.into());
        let due = *due;
        let demand = self.routing.demand(id);
        let requests = demand.in_flight + demand.waiting;
        let current = configuration.desired(view.deployment.scale);
        let wanted = settings.wanted(requests, configuration.max_concurrent_requests);
        let Some(to) = trend.look(&settings, current, wanted, now) else { return Ok(Scaled::As(Some(due))) };
        drop(trends);
        let mut reason = format!(
            "in flight {}, waiting {}: wants {wanted}, each busy with {} % of {} at a time",
            demand.in_flight, demand.waiting, settings.target_percent, configuration.max_concurrent_requests
        );
        let mut reachable = to;
        if to > current {
            let each = Claim::from(&configuration.resources);
            let used = self.store.read(|reading| reading.claims())?;
            let used = used.into_iter().fold(Claim::default(), |sum, held| sum.plus(held.claim));
            reachable = to.min(current + room(&self.target.machine().capacity, used, each));
            if reachable < to {
                reason.push_str(", and the machine has room for no more");
            }
        }
        if reachable == current {
            return Ok(Scaled::As(Some(due)));
        }
        let (in_flight, waiting) = (demand.in_flight, demand.waiting);
        self.record(id, now, [Event::Scaled { from: current, to: reachable, in_flight, waiting, reason }])?;
        Ok(Scaled::Changed)
    }
}
