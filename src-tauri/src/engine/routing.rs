//! The operations that the engine needs from the gateway.

use std::num::NonZeroU32;
use std::time::Duration;

use domain::autoscaling::Load;
use domain::configuration::Configuration;
use domain::id::{DeploymentId, DeploymentName, ReplicaId};
use domain::receipt::Receipt;
use tokio::sync::broadcast;

use crate::gateway::{Credential, Demand, Gateway, Route, RouteReplica};

/// The engine's side of the gateway. A fake one lets tests control what is in flight.
pub trait Routing: Send + Sync + 'static {
    /// Requests go to exactly these replicas from now on; one that is missing gets no new request once this returns.
    fn publish(&self, id: &DeploymentId, route: Route);

    /// The name is unknown from now on.
    fn forget(&self, id: &DeploymentId);

    /// Requests that the replica of this deployment is answering.
    fn in_flight(&self, id: &DeploymentId, replica: &ReplicaId) -> u32;

    /// The requests to the deployment at this moment, in flight and waiting.
    fn demand(&self, id: &DeploymentId) -> Demand;

    /// The load of the deployment since this was last called (RAY-7).
    fn load(&self, id: &DeploymentId) -> Load;

    /// The outcomes of requests to the deployment since the gateway started.
    fn tally(&self, id: &DeploymentId) -> Receipt;

    /// Lets the longest drain be measured anew.
    fn clear_longest_drain(&self, id: &DeploymentId);

    /// Announces the deployment of a draining replica that has no request left.
    fn drained(&self) -> broadcast::Receiver<DeploymentId>;
}

/// The route of a deployment whose requests are limited as its configuration says.
pub(super) fn route(
    name: &DeploymentName,
    active: bool,
    credential: Credential,
    limits: &Configuration,
    replicas: Vec<RouteReplica>,
) -> Route {
    Route {
        name: name.clone(),
        active,
        scoring_timeout: Duration::from_millis(limits.scoring_timeout_ms.into()),
        max_queue: Duration::from_millis(limits.max_queue_ms.into()),
        credential,
        request_log: limits.request_log,
        data_collection: limits.data_collection,
        max_concurrent_requests: NonZeroU32::new(limits.max_concurrent_requests).unwrap_or(NonZeroU32::MIN),
        replicas,
    }
}

impl Routing for Gateway {
    fn publish(&self, id: &DeploymentId, route: Route) {
        self.publish(id, route);
    }

    fn forget(&self, id: &DeploymentId) {
        self.forget(id);
    }

    fn in_flight(&self, id: &DeploymentId, replica: &ReplicaId) -> u32 {
        self.in_flight(id, replica)
    }

    fn demand(&self, id: &DeploymentId) -> Demand {
        self.demand(id)
    }

    fn load(&self, id: &DeploymentId) -> Load {
        self.load(id)
    }

    fn tally(&self, id: &DeploymentId) -> Receipt {
        self.tally(id)
    }

    fn clear_longest_drain(&self, id: &DeploymentId) {
        self.clear_longest_drain(id);
    }

    fn drained(&self) -> broadcast::Receiver<DeploymentId> {
        self.drained()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_nobody_set_are_those_of_the_contract() {
        let name: DeploymentName = "iris".parse().unwrap();
        let route = route(&name, true, Credential::None, &Configuration::default(), Vec::new());
        let limits = (route.scoring_timeout, route.max_queue, route.max_concurrent_requests.get());
        assert_eq!(limits, (Duration::from_secs(60), Duration::from_millis(500), 1));
        assert!(route.active && !route.request_log && !route.data_collection);
    }
}
