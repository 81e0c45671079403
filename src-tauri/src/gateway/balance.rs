//! Chooses the replica for a request: the one with the least in flight that has a place free.

use std::sync::Arc;

use super::deployment::{Deployment, Endpoint, Permit, RouteLimits};

/// The outcome of the choice of a replica.
pub(super) enum Choice {
    /// A place was taken.
    Taken(Permit, RouteLimits),
    /// There are replicas, but none has a place free.
    Busy(RouteLimits),
    /// A publication is half done; it takes microseconds: look again.
    Changing,
    /// There is no replica.
    NothingReady(RouteLimits),
    /// Every replica is one of those to avoid.
    AllAvoided(RouteLimits),
    /// The deployment is switched off.
    Deactivated,
    /// The deployment is gone.
    Withdrawn,
}

/// Takes a place at the replica with the least in flight. Equal ones take turns, by `turn`. Those
/// that could not be connected to lately are asked only when there are no others; those in `avoid` never.
pub(super) fn choose(deployment: &Arc<Deployment>, avoid: &[Arc<Endpoint>], turn: usize) -> Choice {
    let mut snapshot = deployment.snapshot.load();
    loop {
        let Some(limits) = snapshot.route else { return Choice::Withdrawn };
        if !limits.active {
            return Choice::Deactivated;
        }
        if snapshot.endpoints.is_empty() {
            return Choice::NothingReady(limits);
        }
        let allowed = |endpoint: &Arc<Endpoint>| !avoid.iter().any(|avoided| Arc::ptr_eq(avoided, endpoint));
        let warm = |endpoint: &Arc<Endpoint>| !deployment.is_cooling(endpoint);
        let count = snapshot.endpoints.len();
        let in_turn =
            || (0..count).map(|at| &snapshot.endpoints[(at + turn) % count]).filter(|endpoint| allowed(endpoint));
        let any_warm = in_turn().any(warm);
        if !any_warm && in_turn().next().is_none() {
            return Choice::AllAvoided(limits);
        }
        let mut stale = false;
        let mut least: Option<(u32, &Arc<Endpoint>)> = None;
        for endpoint in in_turn().filter(|endpoint| !any_warm || warm(endpoint)) {
            match endpoint.replica.gate.load(endpoint.epoch) {
                None => stale = true,
                Some(in_flight) if in_flight >= limits.max_concurrent_requests => {}
                Some(in_flight) if least.is_some_and(|(fewest, _)| fewest <= in_flight) => {}
                Some(in_flight) => least = Some((in_flight, endpoint)),
            }
        }
        if let Some((_, endpoint)) = least {
            if endpoint.replica.gate.enter(endpoint.epoch, limits.max_concurrent_requests).is_ok() {
                let permit = Permit { deployment: deployment.clone(), endpoint: endpoint.clone() };
                return Choice::Taken(permit, limits);
            }
            // Another request was faster, or the route has changed: look again.
            snapshot = deployment.snapshot.load();
            continue;
        }
        if stale {
            let now = deployment.snapshot.load();
            if Arc::ptr_eq(&now, &snapshot) {
                return Choice::Changing;
            }
            snapshot = now;
            continue;
        }
        return Choice::Busy(limits);
    }
}
