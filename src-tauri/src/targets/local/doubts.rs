//! Replicas whose first answers all failed, as the gateway tells of them.

use domain::id::ReplicaId;
use tokio::sync::broadcast::{self, error::RecvError};

/// Passes on each replica that is told of, until nobody tells any more. Where some were missed, `all` that are doubted are
/// passed on: each is told of only once.
pub(super) async fn follow(
    mut told: broadcast::Receiver<ReplicaId>,
    all: impl Fn() -> Vec<ReplicaId>,
    doubt: impl Fn(&ReplicaId),
) {
    loop {
        match told.recv().await {
            Ok(replica) => doubt(&replica),
            Err(RecvError::Lagged(_)) => all().iter().for_each(&doubt),
            Err(RecvError::Closed) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    use super::*;

    #[tokio::test]
    async fn what_was_missed_is_asked_for() {
        let ids: Vec<ReplicaId> = ["r-1", "r-2", "r-3"].map(|id| id.parse().unwrap()).into();
        let (sender, receiver) = broadcast::channel(1);
        for id in &ids {
            sender.send(id.clone()).unwrap();
        }
        drop(sender);
        let doubted = RefCell::new(BTreeSet::new());
        follow(receiver, || ids.clone(), |id| doubted.borrow_mut().extend([id.clone()])).await;
        assert_eq!(doubted.into_inner(), ids.into_iter().collect());
    }
}
