//! The settings of a deployment at their edges, and the moment from which a new one holds (AZ-3).

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use axum::body::Body;
use http::Response;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;

use super::kit::*;
use crate::gateway::{Demand, Gateway, Route};

fn at_once(replicas: &[&Replica], most: u32) -> Route {
    Route { max_concurrent_requests: NonZeroU32::new(most).unwrap(), ..route(replicas) }
}

fn ask(gateway: &Gateway) -> JoinHandle<reqwest::Result<reqwest::Response>> {
    tokio::spawn(client().get(url(gateway, "iris")).send())
}

async fn until_demand(gateway: &Gateway, in_flight: u32, waiting: u32) {
    let wanted = Demand { in_flight, waiting };
    until("the demand", || gateway.demand(&iris()) == wanted).await;
}

#[tokio::test]
async fn without_a_wait_a_busy_replica_is_503_and_a_free_one_answers() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), Route { max_queue: Duration::ZERO, ..at_once(&[&replica], 1) });
    let running = ask(&gateway);
    until_demand(&gateway, 1, 0).await;
    assert_eq!(problem(ask(&gateway).await.unwrap().unwrap()).await, (503, "queue_timeout".into()));
    gate.add_permits(2);
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    assert_eq!(ask(&gateway).await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn the_wait_is_not_counted_as_scoring() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), Route { scoring_timeout: Duration::from_millis(300), ..at_once(&[&replica], 1) });
    let first = ask(&gateway);
    until_demand(&gateway, 1, 0).await;
    let second = ask(&gateway);
    // The first one's timeout is over before the second one is asked at all.
    assert_eq!(problem(first.await.unwrap().unwrap()).await, (504, "scoring_timeout".into()));
    until("the second is asked", || replica.requests() == 2 && replica.seen.in_flight.load(SeqCst) == 1).await;
    gate.add_permits(1);
    assert_eq!(second.await.unwrap().unwrap().status(), 200);
}

#[tokio::test]
async fn scoring_ends_with_the_head_of_the_answer() {
    let gateway = gateway();
    let (say, heard) = mpsc::channel::<Result<&'static str, std::io::Error>>(4);
    let heard = std::sync::Mutex::new(Some(heard));
    let replica = Replica::new("a", 1, move |_| {
        let said = heard.lock().unwrap().take();
        Box::pin(async move {
            let Some(mut said) = said else { return std::future::pending().await };
            let pieces = futures_util::stream::poll_fn(move |cx| said.poll_recv(cx));
            Response::new(Body::from_stream(pieces))
        })
    });
    gateway.publish(&iris(), Route { scoring_timeout: Duration::from_millis(100), ..route(&[&replica]) });
    say.send(Ok("be")).await.unwrap();
    let mut streaming = ask(&gateway).await.unwrap().unwrap();
    assert_eq!(soon(streaming.chunk()).await.unwrap().unwrap(), "be");
    // Another request that is never answered tells that the time is over.
    assert_eq!(ask(&gateway).await.unwrap().unwrap().status(), 504);
    say.send(Ok("gin")).await.unwrap();
    drop(say);
    assert_eq!(soon(streaming.chunk()).await.unwrap().unwrap(), "gin");
    assert_eq!(soon(streaming.chunk()).await.unwrap(), None);
    assert_eq!(total(&gateway).answered, 1);
}

#[tokio::test]
async fn more_at_once_lets_those_in_line_in_and_fewer_lets_nobody_go() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), at_once(&[&replica], 1));
    let mut asking: Vec<_> = (0..4).map(|_| ask(&gateway)).collect();
    until_demand(&gateway, 1, 3).await;
    gateway.publish(&iris(), at_once(&[&replica], 3));
    until_demand(&gateway, 3, 1).await;
    gateway.publish(&iris(), at_once(&[&replica], 1));
    asking.push(ask(&gateway));
    until_demand(&gateway, 3, 2).await;
    for (in_flight, waiting) in [(2, 2), (1, 2), (1, 1), (1, 0), (0, 0)] {
        gate.add_permits(1);
        until_demand(&gateway, in_flight, waiting).await;
    }
    for asking in asking {
        assert_eq!(asking.await.unwrap().unwrap().status(), 200);
    }
}

#[tokio::test]
async fn who_is_deactivated_finishes_what_runs_and_tells_who_waits() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), at_once(&[&replica], 1));
    let running = ask(&gateway);
    until_demand(&gateway, 1, 0).await;
    let waiting = ask(&gateway);
    until_demand(&gateway, 1, 1).await;
    gateway.publish(&iris(), Route { active: false, ..at_once(&[], 1) });
    assert_eq!(problem(waiting.await.unwrap().unwrap()).await, (503, "deactivated".into()));
    gate.add_permits(1);
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    assert_eq!(problem(ask(&gateway).await.unwrap().unwrap()).await, (503, "deactivated".into()));
    gateway.publish(&iris(), at_once(&[&replica], 1));
    gate.add_permits(1);
    assert_eq!(ask(&gateway).await.unwrap().unwrap().status(), 200, "at the same URL");
}
