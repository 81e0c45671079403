//! The gateway's own answers.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::kit::*;
use crate::gateway::{Gateway, GatewayError, Route, Settings};

#[tokio::test]
async fn an_unknown_name_is_404_and_a_withdrawn_one_too() {
    let gateway = gateway();
    let replica = Replica::quick("a", 1);
    for path in ["", "iris", "iris/v2", "other"] {
        let answer = client().get(url(&gateway, path)).send().await.unwrap();
        assert_eq!(problem(answer).await, (404, "unknown_deployment".into()), "{path}");
    }
    gateway.publish(&iris(), route(&[&replica]));
    assert_eq!(client().get(url(&gateway, "iris")).send().await.unwrap().status(), 200);
    assert_eq!(client().get(url(&gateway, "iris2")).send().await.unwrap().status(), 404);
    gateway.withdraw(&iris());
    assert_eq!(client().get(url(&gateway, "iris")).send().await.unwrap().status(), 404);
    assert_eq!(total(&gateway).answered, 1, "the numbers stay");
    gateway.forget(&iris());
    assert_eq!(total(&gateway).answered, 0);
}

#[tokio::test]
async fn while_routes_are_still_to_come_an_unknown_name_is_asked_to_try_again() {
    let gateway = Gateway::start(Settings { routes_follow: true, ..settings() }).unwrap();
    let replica = Replica::quick("a", 1);
    let answer = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(problem(answer).await, (503, "starting".into()));
    gateway.publish(&iris(), route(&[&replica]));
    assert_eq!(client().get(url(&gateway, "iris")).send().await.unwrap().status(), 200);
    gateway.routes_complete();
    assert_eq!(client().get(url(&gateway, "other")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_renamed_deployment_is_found_under_its_new_name_only() {
    let gateway = gateway();
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), route(&[&replica]));
    gateway.publish(&iris(), Route { name: "rose".parse().unwrap(), ..route(&[&replica]) });
    assert_eq!(client().get(url(&gateway, "iris")).send().await.unwrap().status(), 404);
    assert_eq!(client().get(url(&gateway, "rose")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_deactivated_deployment_is_503_at_once() {
    let gateway = gateway();
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), Route { active: false, ..route(&[&replica]) });
    let answer = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert_eq!(problem(answer).await, (503, "deactivated".into()));
    assert_eq!((replica.requests(), total(&gateway).failed), (0, 1));
}

#[tokio::test]
async fn nothing_ready_is_503_after_the_wait() {
    let gateway = gateway();
    gateway.publish(&iris(), Route { max_queue: Duration::from_millis(20), ..route(&[]) });
    let answer = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert_eq!(problem(answer).await, (503, "nothing_ready".into()));
    let tally = gateway.tally(&iris());
    assert_eq!((tally.total.failed, tally.by_revision.len()), (1, 0), "no replica saw it");
}

#[tokio::test]
async fn a_slow_replica_is_504_and_is_not_asked_again() {
    let gateway = gateway();
    let never = Arc::new(Semaphore::new(0));
    let (slow, other) = (Replica::held("a", 1, &never), Replica::held("b", 1, &never));
    gateway.publish(&iris(), Route { scoring_timeout: Duration::from_millis(400), ..route(&[&slow, &other]) });
    let answer = client().post(url(&gateway, "iris")).body("x").send().await.unwrap();
    assert_eq!(problem(answer).await, (504, "scoring_timeout".into()));
    assert_eq!(slow.requests() + other.requests(), 1);
    assert_eq!(gateway.tally(&iris()).by_revision[&slow.entry.revision].failed, 1);
    assert_eq!(gateway.in_flight(&iris(), slow.id()) + gateway.in_flight(&iris(), other.id()), 0);
    until("the replica is told", || slow.seen.in_flight.load(std::sync::atomic::Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_websocket_is_501_and_an_offer_of_http_2_is_ignored() {
    let gateway = gateway();
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), route(&[&replica]));
    let upgrade = |to: &str| client().get(url(&gateway, "iris")).header("connection", "upgrade").header("upgrade", to);
    let answer = upgrade("websocket").send().await.unwrap();
    assert_eq!(problem(answer).await, (501, "upgrade_not_supported".into()));
    assert_eq!(upgrade("h2c").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_address_in_use_is_told_with_the_address() {
    let first = gateway();
    let taken = first.local_addr();
    match Gateway::start(Settings { listen: taken, ..settings() }) {
        Err(GatewayError::AddressInUse { address }) => assert_eq!(address, taken),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("two listen on {taken}"),
    }
}

#[tokio::test]
async fn stopping_lets_requests_finish_and_takes_no_more() {
    let gateway = gateway();
    let gate = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &gate);
    gateway.publish(&iris(), route(&[&replica]));
    let running = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs", || replica.requests() == 1).await;
    let stopping = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.stop(Duration::from_secs(20)).await }
    });
    let address = gateway.local_addr();
    until("the listener is closed", || std::net::TcpStream::connect(address).is_err()).await;
    assert!(!stopping.is_finished());
    gate.add_permits(1);
    assert_eq!(running.await.unwrap().unwrap().status(), 200);
    assert_eq!(soon(stopping).await.unwrap(), 0, "nothing was cut");
}

#[tokio::test]
async fn stopping_cuts_what_does_not_finish() {
    let gateway = gateway();
    let never = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &never);
    gateway.publish(&iris(), route(&[&replica]));
    let running = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs", || replica.requests() == 1).await;
    assert_eq!(soon(gateway.stop(Duration::from_millis(10))).await, 1, "one was cut");
    assert!(running.await.unwrap().is_err());
    assert_eq!(gateway.in_flight(&iris(), replica.id()), 0);
}

#[tokio::test]
async fn who_is_told_to_stop_again_waits_no_longer() {
    let gateway = gateway();
    let never = Arc::new(Semaphore::new(0));
    let replica = Replica::held("a", 1, &never);
    gateway.publish(&iris(), route(&[&replica]));
    let running = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs", || replica.requests() == 1).await;
    let stopping = tokio::spawn({
        let gateway = gateway.clone();
        async move { gateway.stop(Duration::from_secs(3_600)).await }
    });
    let address = gateway.local_addr();
    until("the listener is closed", || std::net::TcpStream::connect(address).is_err()).await;
    assert_eq!(soon(gateway.stop(Duration::ZERO)).await, 1);
    assert_eq!(soon(stopping).await.unwrap(), 1);
    assert!(running.await.unwrap().is_err());
}
