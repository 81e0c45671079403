//! Waiting in line.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Response;
use tokio::sync::{Semaphore, mpsc};

use super::kit::*;
use crate::gateway::{Demand, Gateway, Route, Settings};

fn one_at_a_time(replicas: &[&Replica]) -> Route {
    Route { max_concurrent_requests: NonZeroU32::MIN, ..route(replicas) }
}

#[tokio::test]
async fn who_comes_first_is_served_first() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let (tell, mut order) = mpsc::unbounded_channel();
    let replica = Replica::new("a", 1, {
        let gate = gate.clone();
        move |request| {
            let (tell, gate) = (tell.clone(), gate.clone());
            Box::pin(async move {
                tell.send(request.uri().path().to_owned()).unwrap();
                gate.acquire().await.unwrap().forget();
                Response::new(Body::empty())
            })
        }
    });
    gateway.publish(&iris(), one_at_a_time(&[&replica]));
    let mut asking = Vec::new();
    for at in 0..6 {
        asking.push(tokio::spawn(client().get(url(&gateway, &format!("iris/{at}"))).send()));
        until("it runs or waits", || replica.requests() == 1 && waiting(&gateway) == at).await;
    }
    for at in 0..6 {
        assert_eq!(soon(order.recv()).await.unwrap(), format!("/{at}"));
        gate.add_permits(1);
    }
    for asking in asking {
        assert_eq!(asking.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn who_waits_too_long_is_503_and_the_replica_never_sees_it() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), Route { max_queue: Duration::from_millis(30), ..one_at_a_time(&[&replica]) });
    let running = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs", || replica.requests() == 1).await;
    let late = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert_eq!(problem(late).await, (503, "queue_timeout".into()));
    gate.add_permits(1);
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    let tally = gateway.tally(&iris());
    assert_eq!((tally.total.answered, tally.total.failed), (1, 1));
    assert_eq!(tally.by_revision[&replica.entry.revision].failed, 0);
    assert_eq!((replica.requests(), waiting(&gateway)), (1, 0));
}

#[tokio::test]
async fn one_too_many_in_line_is_503_at_once() {
    let gateway = Gateway::start(Settings { max_queue_len: 1, ..settings() }).unwrap();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), one_at_a_time(&[&replica]));
    let running = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs", || replica.requests() == 1).await;
    let second = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("one waits", || waiting(&gateway) == 1).await;
    let third = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert_eq!(problem(third).await, (503, "queue_full".into()));
    gate.add_permits(2);
    for asking in [running, second] {
        assert_eq!(asking.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn the_gap_while_the_only_replica_is_exchanged_is_waited_for() {
    let gateway = gateway();
    let (old, new) = (Replica::quick("old", 1), Replica::quick("new", 2));
    gateway.publish(&iris(), one_at_a_time(&[&old]));
    gateway.publish(&iris(), one_at_a_time(&[]));
    let asking: Vec<_> = (0..5).map(|_| tokio::spawn(client().get(url(&gateway, "iris")).send())).collect();
    until("all wait", || waiting(&gateway) == 5).await;
    gateway.publish(&iris(), one_at_a_time(&[&new]));
    for asking in asking {
        assert_eq!(asking.await.unwrap().unwrap().text().await.unwrap(), "new");
    }
    assert_eq!((old.requests(), total(&gateway).failed), (0, 0));
}

#[tokio::test]
async fn who_waits_when_the_deployment_goes_is_told() {
    let gateway = gateway();
    gateway.publish(&iris(), route(&[]));
    let asking: Vec<_> = (0..3).map(|_| tokio::spawn(client().get(url(&gateway, "iris")).send())).collect();
    until("all wait", || waiting(&gateway) == 3).await;
    gateway.publish(&iris(), Route { active: false, ..route(&[]) });
    for asking in asking {
        assert_eq!(problem(asking.await.unwrap().unwrap()).await, (503, "deactivated".into()));
    }
    gateway.publish(&iris(), route(&[]));
    let asking = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it waits", || waiting(&gateway) == 1).await;
    gateway.withdraw(&iris());
    assert_eq!(problem(asking.await.unwrap().unwrap()).await, (404, "unknown_deployment".into()));
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_the_line() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), one_at_a_time(&[&replica]));
    let running = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs", || replica.requests() == 1).await;
    let gone = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it waits", || waiting(&gateway) == 1).await;
    let next = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("the next waits", || waiting(&gateway) == 2).await;
    gone.abort();
    until("it left", || waiting(&gateway) == 1).await;
    gate.add_permits(2);
    for asking in [running, next] {
        assert_eq!(asking.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(replica.requests(), 2);
}

#[tokio::test]
async fn demand_is_what_runs_and_what_waits() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let (old, new) = (Replica::held("a", 1, &gate), Replica::held("b", 2, &gate));
    assert_eq!(gateway.demand(&iris()), Demand::default(), "unknown");
    gateway.publish(&iris(), one_at_a_time(&[&old]));
    let ask = || tokio::spawn(client().get(url(&gateway, "iris")).send());
    let mut asking = vec![ask()];
    until("it runs", || old.requests() == 1).await;
    assert_eq!(gateway.demand(&iris()), Demand { in_flight: 1, waiting: 0 });
    gateway.publish(&iris(), one_at_a_time(&[&new]));
    asking.extend([ask(), ask(), ask()]);
    until("one runs, two wait", || gateway.demand(&iris()) == Demand { in_flight: 2, waiting: 2 }).await;
    gate.add_permits(4);
    for asking in asking {
        assert_eq!(asking.await.unwrap().unwrap().status(), 200);
    }
    assert_eq!(gateway.demand(&iris()), Demand::default(), "nothing is left");
}
