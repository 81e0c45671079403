//! Taking replicas off the route.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use axum::body::Body;
use domain::id::RevisionNumber;
use http::Response;
use tokio::sync::Semaphore;

use super::kit::*;

#[tokio::test]
async fn an_idle_replica_is_drained_at_once() {
    let gateway = gateway();
    let (old, new) = (Replica::quick("old", 1), Replica::quick("new", 2));
    let mut listener = gateway.drained();
    gateway.publish(&iris(), route(&[&old]));
    gateway.publish(&iris(), route(&[&new]));
    drained(&mut listener).await;
    assert_eq!(gateway.in_flight(&iris(), old.id()), 0);
    assert_eq!((total(&gateway).drained, total(&gateway).longest_drain_ms), (0, 0));
}

#[tokio::test]
async fn a_replica_may_come_back_while_it_drains() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), route(&[&replica]));
    let first = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs", || replica.requests() == 1).await;
    gateway.publish(&iris(), route(&[]));
    assert_eq!(gateway.in_flight(&iris(), replica.id()), 1);
    gateway.publish(&iris(), route(&[&replica]));
    let second = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs too", || replica.requests() == 2).await;
    assert_eq!(gateway.in_flight(&iris(), replica.id()), 2, "both count");
    gate.add_permits(2);
    for asking in [first, second] {
        assert_eq!(asking.await.unwrap().unwrap().status(), 200);
    }
    let counts = total(&gateway);
    assert_eq!((counts.answered, counts.failed, counts.drained), (2, 0, 1));
}

#[tokio::test]
async fn a_new_label_or_address_takes_new_connections() {
    let gateway = gateway();
    let mut replica = Replica::quick("a", 1);
    let client = client();
    let revision = async || {
        let answer = client.get(url(&gateway, "iris")).send().await.unwrap();
        let revision = answer.headers()["x-changeover-revision"].to_str().unwrap().to_owned();
        answer.bytes().await.unwrap();
        revision
    };
    gateway.publish(&iris(), route(&[&replica]));
    assert_eq!((revision().await, revision().await), ("1".into(), "1".into()));
    assert_eq!(replica.connections(), 1);
    replica.entry.revision = RevisionNumber(2);
    gateway.publish(&iris(), route(&[&replica]));
    assert_eq!((revision().await, revision().await), ("2".into(), "2".into()));
    assert_eq!(replica.connections(), 2);
    let tally = gateway.tally(&iris());
    assert_eq!(tally.by_revision.values().map(|counts| counts.answered).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(tally.total.drained, 0, "a new label is no draining");

    let mut restarted = Replica::quick("a", 2);
    std::mem::swap(&mut restarted.entry.address, &mut replica.entry.address);
    gateway.publish(&iris(), route(&[&replica]));
    revision().await;
    assert_eq!(restarted.connections(), 1);
}

#[tokio::test]
async fn publishing_the_same_route_again_changes_nothing() {
    let gateway = gateway();
    let replica = Replica::quick("a", 1);
    let client = client();
    for _ in 0..5 {
        gateway.publish(&iris(), route(&[&replica]));
        client.get(url(&gateway, "iris")).send().await.unwrap().bytes().await.unwrap();
    }
    assert_eq!((replica.requests(), replica.connections()), (5, 1));
}

/// The promise that the engine stops processes on: whatever is in flight, once `publish` has returned
/// and the count reads 0, the replica sees no request any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_reaches_a_replica_after_it_was_drained() {
    let gateway = gateway();
    let stopped = Arc::new(["a", "b"].map(|_| AtomicBool::new(false)));
    let late = Arc::new(AtomicBool::new(false));
    let replicas = [0, 1].map(|at| {
        let (stopped, late) = (stopped.clone(), late.clone());
        Replica::new(["a", "b"][at], 1, move |_| {
            if stopped[at].load(SeqCst) {
                late.store(true, SeqCst);
            }
            Box::pin(async { Response::new(Body::from("ok")) })
        })
    });
    gateway.publish(&iris(), route(&[&replicas[0]]));
    let over = Arc::new(AtomicBool::new(false));
    let load: Vec<_> = (0..8)
        .map(|_| {
            let (over, address) = (over.clone(), url(&gateway, "iris"));
            tokio::spawn(async move {
                let client = client();
                let mut answered = 0;
                while !over.load(SeqCst) {
                    let answer = client.post(&address).body("x").send().await.unwrap();
                    assert_eq!(answer.status(), 200);
                    answer.bytes().await.unwrap();
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    let mut listener = gateway.drained();
    for turn in 0..300 {
        let (from, to) = (turn % 2, (turn + 1) % 2);
        stopped[to].store(false, SeqCst);
        gateway.publish(&iris(), route(&[&replicas[to]]));
        while gateway.in_flight(&iris(), replicas[from].id()) > 0 {
            drained(&mut listener).await;
        }
        stopped[from].store(true, SeqCst);
        let seen = replicas[to].requests();
        until("the other one is asked", || replicas[to].requests() > seen).await;
        while listener.try_recv().is_ok() {}
    }
    over.store(true, SeqCst);
    let mut answered = 0;
    for load in load {
        answered += load.await.unwrap();
    }
    assert!(!late.load(SeqCst), "a request reached a replica after it was drained");
    let counts = total(&gateway);
    assert_eq!((counts.answered, counts.failed), (answered, 0));
}
