//! A replica whose first answers all fail is told of, once.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use axum::body::Body;
use domain::id::{ReplicaId, RevisionNumber};
use http::Response;
use tokio::sync::broadcast::error::TryRecvError;

use super::kit::*;

/// A replica that answers with these statuses in turn, the last one for ever.
fn answering(id: &str, statuses: &'static [u16]) -> Replica {
    let asked = AtomicUsize::new(0);
    Replica::new(id, 1, move |_| {
        let status = statuses[asked.fetch_add(1, SeqCst).min(statuses.len() - 1)];
        Box::pin(async move { Response::builder().status(status).body(Body::empty()).unwrap() })
    })
}

/// After how many requests, of 20, it is told of.
async fn doubted_after(statuses: &'static [u16]) -> Option<usize> {
    let gateway = gateway();
    let mut doubted = gateway.doubted();
    let replica = answering("a", statuses);
    gateway.publish(&iris(), route(&[&replica]));
    let client = client();
    let mut told = Vec::new();
    for made in 1..=20 {
        client.post(url(&gateway, "iris")).body("x").send().await.unwrap();
        match doubted.try_recv() {
            Ok(id) => {
                assert_eq!(id, "a".parse::<ReplicaId>().unwrap());
                told.push(made);
            }
            Err(error) => assert_eq!(error, TryRecvError::Empty),
        }
    }
    assert!(told.len() < 2, "told once: {told:?}");
    assert_eq!(gateway.all_doubted().len(), told.len(), "who has missed it can ask");
    told.first().copied()
}

#[tokio::test]
async fn a_replica_that_counts_to_another_revision_has_given_its_first_answers() {
    let (gateway, client) = (gateway(), client());
    let mut doubted = gateway.doubted();
    let replica = answering("a", &[200, 500]);
    for revision in [1, 2] {
        let mut route = route(&[&replica]);
        route.replicas[0].revision = RevisionNumber(revision);
        gateway.publish(&iris(), route);
        for _ in 0..6 {
            client.post(url(&gateway, "iris")).body("x").send().await.unwrap();
        }
    }
    assert_eq!(doubted.try_recv(), Err(TryRecvError::Empty));
}

#[tokio::test]
async fn five_failures_in_a_row_before_the_first_good_answer_are_told_of() {
    assert_eq!(doubted_after(&[500]).await, Some(5));
    assert_eq!(doubted_after(&[503, 500, 503, 502, 500, 200]).await, Some(5));
    assert_eq!(doubted_after(&[500, 500, 500, 500, 200, 500]).await, None, "proven");
    assert_eq!(doubted_after(&[200, 500]).await, None, "proven at once");
    assert_eq!(doubted_after(&[400]).await, None, "the caller's own mistakes");
    assert_eq!(doubted_after(&[500, 400, 500, 404, 500, 422, 500, 400, 500]).await, Some(9), "say nothing either way");
}
