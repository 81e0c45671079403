//! The counts are those that the clients see.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use axum::body::Body;
use domain::id::RevisionNumber;
use domain::metrics::{Gauge, RequestSum};
use http::Response;

use super::kit::*;
use crate::gateway::{Gateway, Route, Settings, receipt_between};

#[tokio::test]
async fn answers_count_by_status_and_revision() {
    let (seconds, mut closed) = tokio::sync::mpsc::channel(100);
    let gateway = Gateway::start(Settings { seconds: Some(seconds), ..settings() }).unwrap();
    let replica = Replica::new("a", 3, |request| {
        let status: u16 = request.uri().path()[1..].parse().unwrap();
        Box::pin(async move { Response::builder().status(status).body(Body::from("text")).unwrap() })
    });
    gateway.publish(&iris(), route(&[&replica]));
    let client = client();
    for status in [200, 201, 302, 400, 404, 499, 500, 503] {
        let answer = client.get(url(&gateway, &format!("iris/{status}"))).send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["x-changeover-revision"], "3", "the replica's own answer");
    }
    let tally = gateway.tally(&iris());
    assert_eq!((tally.total.answered, tally.total.failed), (6, 2));
    assert_eq!(tally.by_revision, BTreeMap::from([(replica.entry.revision, tally.total)]));
    until("the second is over", || gateway.traffic(&iris()).spark.iter().sum::<u64>() == 8).await;
    assert_eq!(gateway.traffic(&iris()).error_share, Some(0.25));
    let mut told = RequestSum::default();
    while let Ok(second) = closed.try_recv() {
        for (id, revision, sum) in second.requests {
            assert_eq!((id, revision), (iris(), Some(RevisionNumber(3))));
            told.add(&sum);
        }
    }
    assert_eq!((told.durations.requests(), told.failed), (8, 2));
    let durations = gateway.durations(&iris());
    assert_eq!(
        durations.iter().map(|(revision, counts)| (*revision, counts.requests())).collect::<Vec<_>>(),
        [(Some(RevisionNumber(3)), 8)]
    );
}

/// What is in flight when it is stopped is counted, and so are failures that no replica saw.
#[tokio::test]
async fn what_is_seen_is_told_where_it_changes_and_nothing_is_lost_at_the_end() {
    let (seconds, mut closed) = tokio::sync::mpsc::channel(100);
    let gateway = Gateway::start(Settings { seconds: Some(seconds), ..settings() }).unwrap();
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), route(&[&replica]));
    let client = client();
    assert_eq!(client.get(url(&gateway, "iris")).send().await.unwrap().status(), 200);
    gateway.publish(&iris(), Route { max_queue: Duration::ZERO, ..route(&[]) });
    assert_eq!(client.get(url(&gateway, "iris")).send().await.unwrap().status(), 503);
    drop(client);
    assert_eq!(gateway.stop(Duration::from_secs(20)).await, 0);
    gateway.close_second();
    let (mut told, mut gauges, mut ends) = (BTreeMap::new(), Vec::new(), Vec::new());
    while let Ok(second) = closed.try_recv() {
        ends.push(second.at);
        second.requests.iter().for_each(|(_, revision, sum)| {
            told.entry(*revision).or_insert_with(RequestSum::default).add(sum);
        });
        gauges.extend(second.gauges);
    }
    let told: Vec<_> =
        told.into_iter().map(|(revision, sum)| (revision, sum.durations.requests(), sum.failed)).collect();
    assert_eq!(told, [(None, 1, 1), (Some(RevisionNumber(1)), 1, 0)]);
    assert_eq!(gauges.last(), Some(&(iris(), Gauge { ready: 0, waiting: 0 })));
    assert!(gauges.len() <= 2, "only what changed: {gauges:?}");
    assert!(ends.is_sorted());
    assert_eq!(gateway.durations(&iris()).len(), 2);
}

#[tokio::test]
async fn seconds_that_nobody_takes_are_lost_and_what_is_seen_is_told_again() {
    let (seconds, mut closed) = tokio::sync::mpsc::channel(1);
    let gateway = Gateway::start(Settings { seconds: Some(seconds), ..settings() }).unwrap();
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), route(&[&replica]));
    gateway.close_second();
    gateway.close_second();
    let _ = closed.try_recv();
    gateway.close_second();
    let second = soon(closed.recv()).await.unwrap();
    assert_eq!(second.gauges, [(iris(), Gauge { ready: 1, waiting: 0 })]);
}

#[tokio::test]
async fn a_deployment_that_is_withdrawn_takes_no_requests_any_more() {
    let (seconds, mut closed) = tokio::sync::mpsc::channel(100);
    let gateway = Gateway::start(Settings { seconds: Some(seconds), ..settings() }).unwrap();
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), route(&[&replica]));
    gateway.close_second();
    gateway.withdraw(&iris());
    gateway.close_second();
    gateway.close_second();
    let mut told = Vec::new();
    while let Ok(second) = closed.try_recv() {
        told.extend(second.gauges.into_iter().map(|(_, gauge)| gauge.ready));
    }
    assert_eq!(told, [1, 0]);
}

/// Five replicas are exchanged one by one, three times over, under load: not one request fails, and
/// the count is exact.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollout_under_load_fails_no_request_and_is_counted_exactly() {
    const REQUESTS: usize = 20_000;
    let gateway = gateway();
    let publish = |replicas: &[Replica]| {
        let route = route(&replicas.iter().collect::<Vec<_>>());
        gateway.publish(&iris(), Route { max_concurrent_requests: NonZeroU32::MIN, ..route });
    };
    let mut running: Vec<_> = (0..5).map(|at| Replica::quick(&format!("r1-{at}"), 1)).collect();
    publish(&running);
    let before = gateway.tally(&iris());
    let sent = Arc::new(AtomicUsize::new(0));
    let rolled = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let (sent, rolled, address) = (sent.clone(), rolled.clone(), url(&gateway, "iris/v2"));
            tokio::spawn(async move {
                let client = client();
                let mut seen: BTreeMap<u32, u64> = BTreeMap::new();
                while sent.fetch_add(1, SeqCst) < REQUESTS || !rolled.load(SeqCst) {
                    let answer = client.post(&address).body("{}").send().await.unwrap();
                    assert_eq!(answer.status(), 200);
                    let revision = answer.headers()["x-changeover-revision"].to_str().unwrap().parse().unwrap();
                    let replica = answer.headers()["x-changeover-replica"].clone();
                    assert_eq!(answer.bytes().await.unwrap(), replica.as_bytes());
                    *seen.entry(revision).or_default() += 1;
                }
                seen
            })
        })
        .collect();
    let mut listener = gateway.drained();
    for revision in 2..=4 {
        for at in 0..5 {
            let target = REQUESTS * ((revision - 2) * 5 + at) / 18;
            until("there was traffic", || sent.load(SeqCst) > target).await;
            // Surge, then drain, then stop: as the engine does.
            running.push(Replica::quick(&format!("r{revision}-{at}"), revision as u32));
            publish(&running);
            let old = running.remove(0);
            publish(&running);
            while gateway.in_flight(&iris(), old.id()) > 0 {
                drained(&mut listener).await;
            }
            drop(old);
        }
    }
    rolled.store(true, SeqCst);
    let mut seen: BTreeMap<u32, u64> = BTreeMap::new();
    for client in clients {
        for (revision, count) in client.await.unwrap() {
            *seen.entry(revision).or_default() += count;
        }
    }
    let receipt = receipt_between(&before, &gateway.tally(&iris()));
    let answered: BTreeMap<u32, u64> =
        receipt.by_revision.iter().map(|(revision, counts)| (revision.0, counts.answered)).collect();
    assert_eq!(answered, seen);
    assert_eq!(receipt.total.answered, seen.values().sum::<u64>());
    assert!(receipt.total.answered >= REQUESTS as u64);
    assert_eq!((receipt.total.failed, receipt.total.retried), (0, 0));
    assert!(seen.contains_key(&4));
    gateway.clear_longest_drain(&iris());
    assert_eq!(total(&gateway).longest_drain_ms, 0);
}
