//! Bodies are passed on as they come.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use http::Response;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Mutex, mpsc};

use super::kit::*;
use crate::gateway::{Gateway, Settings};

/// A replica whose one answer is a stream of what is sent to the channel.
fn events(id: &str) -> (Replica, mpsc::Sender<&'static str>) {
    let (tell, events) = mpsc::channel(1);
    let events = Arc::new(Mutex::new(events));
    let replica = Replica::new(id, 1, move |_| {
        let events = events.clone();
        Box::pin(async move {
            let events = events.lock_owned().await;
            let stream = futures_util::stream::unfold(events, |mut events| async move {
                let event = events.recv().await?;
                Some((Ok::<_, Infallible>(event), events))
            });
            Response::builder().header("content-type", "text/event-stream").body(Body::from_stream(stream)).unwrap()
        })
    });
    (replica, tell)
}

#[tokio::test]
async fn a_request_that_is_too_long_to_be_held_reaches_the_replica_piece_by_piece() {
    let gateway = Gateway::start(Settings { held_body_bytes: 3, ..settings() }).unwrap();
    let (tell, mut told) = mpsc::unbounded_channel();
    let replica = Replica::new("a", 1, move |request| {
        let tell = tell.clone();
        Box::pin(async move {
            let mut body = request.into_body();
            while let Some(Ok(frame)) = body.frame().await {
                tell.send(frame.into_data().unwrap()).unwrap();
            }
            Response::new(Body::from("done"))
        })
    });
    gateway.publish(&iris(), route(&[&replica]));
    let (pieces, sent) = mpsc::unbounded_channel::<&'static str>();
    let stream = futures_util::stream::unfold(sent, |mut sent| async move {
        let piece = sent.recv().await?;
        Some((Ok::<_, Infallible>(piece), sent))
    });
    let body = reqwest::Body::wrap_stream(stream);
    let asking = tokio::spawn(client().post(url(&gateway, "iris")).body(body).send());
    for piece in ["one", "two", "three"] {
        pieces.send(piece).unwrap();
        assert_eq!(soon(told.recv()).await.unwrap(), piece);
    }
    assert!(!asking.is_finished());
    drop(pieces);
    assert_eq!(asking.await.unwrap().unwrap().text().await.unwrap(), "done");
}

#[tokio::test]
async fn events_arrive_one_by_one_and_outlive_the_replicas_place_in_the_route() {
    let gateway = gateway();
    let (old, tell) = events("old");
    let new = Replica::quick("new", 2);
    gateway.publish(&iris(), route(&[&old]));
    let mut listener = gateway.drained();
    let mut stream = client().get(url(&gateway, "iris")).send().await.unwrap().bytes_stream();
    tell.send("data: 1\n\n").await.unwrap();
    assert_eq!(soon(stream.next()).await.unwrap().unwrap(), "data: 1\n\n");

    gateway.publish(&iris(), route(&[&new]));
    assert_eq!(gateway.in_flight(&iris(), old.id()), 1);
    assert_eq!(client().get(url(&gateway, "iris")).send().await.unwrap().text().await.unwrap(), "new");
    tell.send("data: 2\n\n").await.unwrap();
    assert_eq!(soon(stream.next()).await.unwrap().unwrap(), "data: 2\n\n");
    assert!(listener.try_recv().is_err(), "it still drains");

    drop(tell);
    assert!(soon(stream.next()).await.is_none());
    drained(&mut listener).await;
    assert_eq!(gateway.in_flight(&iris(), old.id()), 0);
    let tally = gateway.tally(&iris());
    assert_eq!(tally.total.drained, 1);
    assert_eq!(tally.by_revision[&old.entry.revision].answered, 1);
    assert_eq!((old.requests(), total(&gateway).failed), (1, 0));
}

#[tokio::test]
async fn a_client_that_hangs_up_frees_the_replica_and_counts_as_nothing() {
    let gateway = gateway();
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let held = Replica::held("held", 1, &gate);
    gateway.publish(&iris(), route(&[&held]));
    let asking = tokio::spawn(client().get(url(&gateway, "iris")).send());
    until("it runs", || held.requests() == 1).await;
    asking.abort();
    until("its place is given back", || gateway.in_flight(&iris(), held.id()) == 0).await;
    until("the replica is told", || held.seen.in_flight.load(SeqCst) == 0).await;

    let (streaming, tell) = events("streaming");
    gateway.publish(&iris(), route(&[&streaming]));
    let mut stream = client().get(url(&gateway, "iris")).send().await.unwrap().bytes_stream();
    tell.send("data: 1\n\n").await.unwrap();
    soon(stream.next()).await.unwrap().unwrap();
    drop(stream);
    until("its place is given back", || gateway.in_flight(&iris(), streaming.id()) == 0).await;
    assert_eq!((total(&gateway).answered, total(&gateway).failed), (0, 0));
}

#[tokio::test]
async fn an_answer_that_the_replica_breaks_off_is_cut_and_failed() {
    let gateway = gateway();
    for framing in ["content-length: 9\r\n\r\nhalf", "transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"] {
        let replica = Replica::bytes(&format!("a{}", framing.len()), 1, move |mut socket, _| async move {
            let _ = socket.read(&mut [0; 4096]).await;
            let _ = socket.write_all(format!("HTTP/1.1 200 OK\r\n{framing}").as_bytes()).await;
        });
        gateway.publish(&iris(), route(&[&replica]));
        let before = total(&gateway);
        let answer = client().get(url(&gateway, "iris")).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(answer.bytes().await.is_err(), "a cut answer must not look complete");
        assert_eq!((total(&gateway).failed, total(&gateway).answered), (before.failed + 1, before.answered));
        assert_eq!(total(&gateway).cut, before.cut + 1, "told from one that failed");
    }
}

#[tokio::test]
async fn an_answer_that_stands_still_is_cut_and_failed() {
    let gateway = Gateway::start(Settings { stall_timeout: Duration::from_millis(50), ..settings() }).unwrap();
    let (replica, tell) = events("a");
    gateway.publish(&iris(), route(&[&replica]));
    let answer = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert!(soon(answer.bytes()).await.is_err());
    assert_eq!((total(&gateway).failed, gateway.in_flight(&iris(), replica.id())), (1, 0));
    drop(tell);
}

#[tokio::test]
async fn a_large_body_passes_both_ways() {
    let gateway = gateway();
    let replica =
        Replica::new("a", 1, |request| Box::pin(async move { Response::new(Body::new(request.into_body())) }));
    gateway.publish(&iris(), route(&[&replica]));
    let body: Vec<u8> = (0..20_000_000u32).map(|at| (at % 251) as u8).collect();
    let answer = client().post(url(&gateway, "iris")).body(body.clone()).send().await.unwrap();
    assert!(answer.bytes().await.unwrap() == body);
    assert_eq!(total(&gateway).answered, 1);
}
