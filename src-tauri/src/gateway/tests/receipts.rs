//! A receipt says what the clients on the other side have counted, whatever kind of requests they send (CO-5).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use domain::receipt::Receipt;
use http::Response;
use tokio::sync::RwLock;

use super::kit::*;
use crate::gateway::{CallerSecret, Credential, Demand, Gateway, Route, receipt_between};

/// Answered and failed, by the revision that the answer names.
type Counted = BTreeMap<u32, (u64, u64)>;

#[derive(Default)]
struct Clients {
    counted: Mutex<Counted>,
    /// Requests that are in no receipt: refused for want of a key, or hung up on.
    nowhere: AtomicU64,
    rounds: AtomicU64,
    /// Every request holds it for reading; who wants to compare, for writing.
    road: RwLock<()>,
    over: AtomicBool,
}

/// Answers plainly, piece by piece, without an end, or with an error, as its path says.
fn versatile(id: &str, revision: u32) -> Replica {
    Replica::new(id, revision, |request| {
        let path = request.uri().path().to_owned();
        Box::pin(async move {
            let piece = || Ok::<_, std::io::Error>("piece ");
            match path.as_str() {
                "/stream" => {
                    Response::new(Body::from_stream(futures_util::stream::iter((0..20).map(move |_| piece()))))
                }
                "/endless" => {
                    Response::new(Body::from_stream(futures_util::stream::unfold((), move |()| async move {
                        tokio::task::yield_now().await;
                        Some((piece(), ()))
                    })))
                }
                "/error" => Response::builder().status(500).body(Body::from("sorry")).unwrap(),
                _ => Response::new(Body::from("plain")),
            }
        })
    })
}

impl Clients {
    async fn ask(&self, client: &reqwest::Client, address: &str, kind: &str) {
        let request = client.get(format!("{address}/{kind}"));
        let key = if kind == "stranger" { "wrong" } else { "key" };
        let mut answer = request.bearer_auth(key).send().await.unwrap();
        let revision = answer.headers().get("x-changeover-revision").map(|value| value.to_str().unwrap().to_owned());
        if kind == "stranger" {
            assert_eq!((answer.status().as_u16(), revision), (401, None));
            answer.bytes().await.unwrap();
            self.nowhere.fetch_add(1, SeqCst);
            return;
        }
        if kind == "endless" {
            assert!(answer.chunk().await.unwrap().is_some());
            drop(answer);
            self.nowhere.fetch_add(1, SeqCst);
            return;
        }
        let failed = answer.status().is_server_error();
        let body = answer.text().await.unwrap();
        assert_eq!(
            body.len(),
            match kind {
                "stream" => 120,
                _ => 5,
            }
        );
        let mut counted = self.counted.lock().unwrap();
        let (answered, failures) = counted.entry(revision.unwrap().parse().unwrap()).or_default();
        *(if failed { failures } else { answered }) += 1;
    }

    /// Asks in turn for everything there is, on its own connections.
    async fn go_on(&self, address: &str, first: usize) {
        let client = client();
        for kind in ["plain", "stream", "error", "endless", "stranger"].into_iter().cycle().skip(first) {
            if self.over.load(SeqCst) {
                return;
            }
            let _road = self.road.read().await;
            self.ask(&client, address, kind).await;
            self.rounds.fetch_add(1, SeqCst);
        }
    }

    async fn further(&self, requests: u64) {
        let goal = self.rounds.load(SeqCst) + requests;
        until("further requests", || self.rounds.load(SeqCst) >= goal).await;
    }

    /// Both counts at a moment in which nothing is under way.
    async fn compare(&self, gateway: &Gateway) -> (Receipt, Counted) {
        let _road = self.road.write().await;
        until("nothing is under way", || gateway.demand(&iris()) == Demand::default()).await;
        (gateway.tally(&iris()), self.counted.lock().unwrap().clone())
    }
}

fn added(before: &Counted, after: &Counted) -> Counted {
    let less = |revision: &u32| before.get(revision).copied().unwrap_or_default();
    let added = after.iter().map(|(revision, (answered, failed))| {
        let (answered_before, failed_before) = less(revision);
        (*revision, (answered - answered_before, failed - failed_before))
    });
    added.filter(|(_, counts)| *counts != (0, 0)).collect()
}

fn told(receipt: &Receipt) -> Counted {
    let counts = receipt.by_revision.iter().map(|(revision, counts)| (revision.0, (counts.answered, counts.failed)));
    counts.filter(|(_, counts)| *counts != (0, 0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_of_rollouts_in_a_row_are_what_the_clients_counted() {
    let gateway = gateway();
    let publish = |replicas: &[&Replica]| {
        let credential = Credential::Keys([CallerSecret::new("key"), CallerSecret::new("other")]);
        gateway.publish(&iris(), Route { credential, ..route(replicas) });
    };
    let mut running: Vec<_> = (0..3).map(|at| versatile(&format!("r1-{at}"), 1)).collect();
    publish(&running.iter().collect::<Vec<_>>());
    let clients = Arc::new(Clients::default());
    let address = url(&gateway, "iris");
    let tasks: Vec<_> = (0..6)
        .map(|first| {
            let (clients, address) = (clients.clone(), address.clone());
            tokio::spawn(async move { clients.go_on(&address, first).await })
        })
        .collect();
    let mut drained = gateway.drained();
    let (mut receipts, mut retried) = (Vec::new(), 0);
    for revision in 2..=5 {
        clients.further(50).await;
        let (before, counted_before) = clients.compare(&gateway).await;
        gateway.clear_longest_drain(&iris());
        for at in 0..3 {
            // One that is gone before anybody has noticed: what was meant for it is asked of another.
            let lost = Replica::unreachable(&format!("lost-{revision}-{at}"), revision);
            let all: Vec<_> = running.iter().chain([&lost]).collect();
            publish(&all);
            clients.further(40).await;
            running.push(versatile(&format!("r{revision}-{at}"), revision));
            let old = running.remove(0);
            publish(&running.iter().collect::<Vec<_>>());
            while gateway.in_flight(&iris(), old.id()) > 0 {
                soon(drained.recv()).await.unwrap();
            }
            clients.further(40).await;
        }
        let (after, counted) = clients.compare(&gateway).await;
        let receipt = receipt_between(&before, &after);
        assert_eq!(told(&receipt), added(&counted_before, &counted), "rollout to {revision}");
        let (answered, failed) = told(&receipt).values().fold((0, 0), |(a, f), counts| (a + counts.0, f + counts.1));
        assert_eq!((receipt.total.answered, receipt.total.failed), (answered, failed), "nothing that no replica saw");
        assert!(receipt.total.drained <= answered + failed);
        retried += receipt.total.retried;
        receipts.push(receipt);
    }
    clients.over.store(true, SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    let (whole, counted) = clients.compare(&gateway).await;
    assert_eq!(told(&whole), counted);
    assert!(retried > 0, "nobody was asked in place of one that was gone");
    assert_eq!(whole.total.retried, retried, "and none outside of the rollouts");
    let everything = whole.total.answered + whole.total.failed + clients.nowhere.load(SeqCst);
    assert_eq!(everything, clients.rounds.load(SeqCst), "each request once, or nowhere");
}
