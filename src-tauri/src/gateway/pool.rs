//! One worker's idle connections to replicas. Never shared, so never locked.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

use super::deployment::Endpoint;
use super::link::ReplicaLink;

/// Idle connections by endpoint; the one used last is used first.
#[derive(Default)]
pub(super) struct Pool(HashMap<u64, Idle>);

struct Idle {
    endpoint: Arc<Endpoint>,
    links: Vec<ReplicaLink>,
}

impl Pool {
    /// The connection used last.
    pub(super) fn take(&mut self, endpoint: &Endpoint) -> Option<ReplicaLink> {
        self.0.get_mut(&endpoint.serial)?.links.pop()
    }

    /// Keeps a connection, unless the endpoint has left the route or `limit` are kept already.
    pub(super) fn put(&mut self, endpoint: &Arc<Endpoint>, link: ReplicaLink, limit: usize) {
        if endpoint.retired.load(Relaxed) {
            return;
        }
        let idle = self.0.entry(endpoint.serial).or_insert_with(|| Idle { endpoint: endpoint.clone(), links: vec![] });
        if idle.links.len() < limit {
            idle.links.push(link);
        }
    }

    /// Closes what has been idle for longer than `longest`, and all of endpoints that have left the route.
    pub(super) fn sweep(&mut self, now: Instant, longest: Duration) {
        self.0.retain(|_, idle| {
            idle.links.retain(|link| link.idle_for(now) < longest);
            !idle.endpoint.retired.load(Relaxed) && !idle.links.is_empty()
        });
    }
}
