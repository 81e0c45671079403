//! Requests go where the least is in flight.

use std::num::NonZeroU32;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::kit::*;
use crate::gateway::{Gateway, Route, Settings};

#[tokio::test]
async fn requests_in_flight_are_spread_evenly() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replicas = ["a", "b", "c"].map(|id| Replica::held(id, 1, &gate));
    gateway.publish(&iris(), route(&replicas.each_ref()));
    let asking: Vec<_> = (0..9).map(|_| tokio::spawn(client().get(url(&gateway, "iris")).send())).collect();
    until("all run", || replicas.iter().map(Replica::requests).sum::<usize>() == 9).await;
    // Two workers may choose at the same moment.
    for replica in &replicas {
        assert!((2..=4).contains(&replica.requests()), "{}", replica.requests());
    }
    gate.add_permits(9);
    for asking in asking {
        assert_eq!(asking.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn a_busy_replica_is_left_alone() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let (busy, free) = (Replica::held("busy", 1, &gate), Replica::quick("free", 1));
    gateway.publish(&iris(), route(&[&busy]));
    let asking = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs", || busy.requests() == 1).await;
    gateway.publish(&iris(), route(&[&busy, &free]));
    for _ in 0..20 {
        assert_eq!(client().get(url(&gateway, "iris")).send().await.unwrap().text().await.unwrap(), "free");
    }
    gate.add_permits(1);
    assert_eq!(asking.await.unwrap().unwrap().text().await.unwrap(), "busy");
}

#[tokio::test]
async fn idle_replicas_take_turns_so_that_shares_are_those_of_replicas() {
    let gateway = Gateway::start(Settings { threads: 1, ..settings() }).unwrap();
    let (old, new) = (["a", "b", "c"].map(|id| Replica::quick(id, 1)), Replica::quick("d", 2));
    gateway.publish(&iris(), route(&[&old[0], &old[1], &old[2], &new]));
    let client = client();
    for _ in 0..400 {
        client.get(url(&gateway, "iris")).send().await.unwrap().bytes().await.unwrap();
    }
    let tally = gateway.tally(&iris());
    assert_eq!(tally.by_revision[&old[0].entry.revision].answered, 300);
    assert_eq!(tally.by_revision[&new.entry.revision].answered, 100);
}

#[tokio::test]
async fn no_replica_gets_more_at_once_than_allowed() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replicas = ["a", "b"].map(|id| Replica::held(id, 1, &gate));
    let limit = NonZeroU32::new(2).unwrap();
    gateway.publish(&iris(), Route { max_concurrent_requests: limit, ..route(&replicas.each_ref()) });
    let asking: Vec<_> = (0..10).map(|_| tokio::spawn(client().get(url(&gateway, "iris")).send())).collect();
    until("the others wait", || waiting(&gateway) == 6).await;
    until("all places are taken", || replicas.iter().all(|replica| replica.requests() == 2)).await;
    gate.add_permits(10);
    for asking in asking {
        assert_eq!(asking.await.unwrap().unwrap().status(), 200);
    }
}
