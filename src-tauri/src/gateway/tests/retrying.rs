//! A request is repeated only when the first replica was provably not reached.

use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::kit::*;
use crate::gateway::{Gateway, Route, Settings};

#[tokio::test]
async fn a_replica_that_cannot_be_connected_to_is_passed_over() {
    let gateway = Gateway::start(Settings { cool_down: Duration::from_secs(600), ..settings() }).unwrap();
    let (dead, alive) = (Replica::unreachable("dead", 1), Replica::quick("alive", 2));
    gateway.publish(&iris(), route(&[&dead, &alive]));
    let client = client();
    for _ in 0..10 {
        let answer = client.post(url(&gateway, "iris")).body("x").send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "alive");
    }
    let tally = gateway.tally(&iris());
    assert_eq!((tally.total.answered, tally.total.failed), (10, 0));
    assert_eq!(tally.by_revision[&dead.entry.revision].retried, 1, "tried, then left alone for a while");
    assert_eq!(tally.total.retried, 1);
    assert_eq!(gateway.in_flight(&iris(), dead.id()), 0);
}

#[tokio::test]
async fn replicas_that_cannot_be_connected_to_are_502() {
    let gateway = gateway();
    let dead = ["a", "b"].map(|id| Replica::unreachable(id, 1));
    gateway.publish(&iris(), Route { max_queue: Duration::from_millis(20), ..route(&dead.each_ref()) });
    let answer = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert_eq!(problem(answer).await, (502, "replica_unreachable".into()));
    let tally = gateway.tally(&iris());
    assert_eq!(tally.total.failed, 1);
    assert_eq!(tally.by_revision[&dead[0].entry.revision].failed, 0, "no replica saw it");
}

#[tokio::test]
async fn a_replica_that_is_published_meanwhile_saves_the_request() {
    let gateway = gateway();
    let (dead, alive) = (Replica::unreachable("a", 1), Replica::quick("b", 2));
    gateway.publish(&iris(), route(&[&dead]));
    let asking = tokio::spawn(client().get(url(&gateway, "iris")).send());
    let deployment = gateway.0.known.lock().unwrap()[&iris()].deployment.clone();
    let snapshot = deployment.snapshot.load();
    until("it was tried", || deployment.is_cooling(&snapshot.endpoints[0])).await;
    gateway.publish(&iris(), route(&[&alive]));
    assert_eq!(asking.await.unwrap().unwrap().text().await.unwrap(), "b");
    assert_eq!((total(&gateway).answered, total(&gateway).failed), (1, 0));
}

#[tokio::test]
async fn a_replica_that_reads_and_closes_is_502_and_nobody_else_is_asked() {
    let gateway = gateway();
    let reads_and_closes = |id| {
        Replica::bytes(id, 1, |mut socket, seen| async move {
            if socket.read(&mut [0; 4096]).await.is_ok_and(|length| length > 0) {
                seen.requests.fetch_add(1, SeqCst);
            }
        })
    };
    let replicas = ["a", "b"].map(reads_and_closes);
    gateway.publish(&iris(), route(&replicas.each_ref()));
    for made in 1..=10 {
        let answer = client().post(url(&gateway, "iris")).body("x").send().await.unwrap();
        assert_eq!(problem(answer).await, (502, "replica_broke_off".into()));
        assert_eq!(replicas.iter().map(Replica::requests).sum::<usize>(), made);
    }
    let counts = total(&gateway);
    assert_eq!((counts.answered, counts.failed, counts.retried), (0, 10, 0));
    assert_eq!(gateway.tally(&iris()).by_revision[&replicas[0].entry.revision].failed, 10);
}

#[tokio::test]
async fn a_kept_connection_that_breaks_with_the_request_is_502_too() {
    let gateway = gateway();
    let replica = Replica::bytes("a", 1, |mut socket, seen| async move {
        let mut first = true;
        while socket.read(&mut [0; 4096]).await.is_ok_and(|length| length > 0) {
            seen.requests.fetch_add(1, SeqCst);
            if !std::mem::take(&mut first) {
                return;
            }
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        }
    });
    gateway.publish(&iris(), route(&[&replica]));
    // One client connection, so one worker and one connection to the replica.
    let client = client();
    assert_eq!(client.get(url(&gateway, "iris")).send().await.unwrap().text().await.unwrap(), "ok");
    let answer = client.get(url(&gateway, "iris")).send().await.unwrap();
    assert_eq!(problem(answer).await, (502, "replica_broke_off".into()));
    assert_eq!((replica.requests(), replica.connections()), (2, 1));
}

#[tokio::test]
async fn nonsense_from_a_replica_is_502() {
    let gateway = gateway();
    let replica = Replica::bytes("a", 1, |mut socket, _| async move {
        let _ = socket.read(&mut [0; 4096]).await;
        let _ = socket.write_all(b"SSH-2.0-OpenSSH\r\n\r\n").await;
    });
    gateway.publish(&iris(), route(&[&replica]));
    let answer = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert_eq!(problem(answer).await, (502, "replica_broke_off".into()));
}
