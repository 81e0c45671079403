//! The schedule: what people asked for is carried out at its time, or as soon as nothing keeps it from starting.
//!
//! # Flow
//!
//! After each entry that may move a change request, at the edges of freezes, at the times that requests name and after the
//! machine has slept, every request concerned is judged in one transaction ([`crate::commands::settle_all`]). Nothing else happens here: what a
//! request comes to is decided there, so that a person who approves and a clock that strikes do the same.
//!
//! # Guarantees
//!
//! - Nothing is remembered that the tables do not hold: a server that was killed does at its next start what is due then.
//! - While nobody has asked for anything, nothing is written and no transaction waits.

use std::sync::Arc;
use std::time::Duration;

use domain::caller::Caller;
use domain::change_request::wakes_at;
use domain::event::EventKind;
use domain::id::{Actor, DeploymentId};
use jiff::Timestamp;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::commands::{Act, Machines, Refusal, settle_all};
use crate::events::Recorded;
use crate::store::{Reading, Store};

#[cfg(test)]
mod tests;

/// The pause after a failure of the store, and the longest wait for a time.
const REST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);

/// The parts that the schedule works with.
pub struct Schedule {
    /// The database.
    pub store: Arc<Store>,
    /// The targets, as far as commands depend on them.
    pub machines: Arc<dyn Machines>,
    /// The clock.
    pub clock: Clock,
    /// The actor of what nobody does but the server.
    pub actor: Actor,
}

/// The requests that may have moved.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Concerned {
    All,
    Of(Vec<DeploymentId>),
    Nobody,
}

impl Schedule {
    /// Works until `end`.
    pub async fn run(self, end: CancellationToken) {
        let own = Arc::new(self);
        let mut committed = own.store.events().subscribe();
        let mut concerned = Concerned::All;
        loop {
            let skipped = own.clock.read().skipped;
            let judging = own.clone();
            let done = tokio::task::spawn_blocking(move || judging.judge(&concerned)).await;
            let wait = match done {
                Ok(Ok(wakes_at)) => own.until(wakes_at),
                Ok(Err(refusal)) => {
                    tracing::warn!(%refusal, "what was asked for could not be judged, which is tried again");
                    REST
                }
                Err(error) => {
                    tracing::error!(%error, "judging what was asked for broke off");
                    REST
                }
            };
            concerned = tokio::select! {
                () = end.cancelled() => return,
                () = tokio::time::sleep(wait) => Concerned::All,
                () = own.clock.skipped_beyond(skipped) => Concerned::All,
                event = next(&mut committed) => event,
            };
            // What came together is judged together.
            while let Ok(recorded) = committed.try_recv() {
                concerned = concerned.and(of(&recorded));
            }
        }
    }

    /// Judges those that are concerned; the next time at which the clock may say something.
    fn judge(&self, concerned: &Concerned) -> Result<Option<Timestamp>, Refusal> {
        let waits = self.store.read(|reading| Ok::<_, Refusal>(reading.live_request_counts(None)?.0 > 0))?;
        if !waits {
            return Ok(None);
        }
        let caller = Caller::new(self.actor.clone());
        let now = self.clock.now();
        self.store.write(&self.actor, now, |writing| {
            let mut act = Act::new(writing, &caller, self.machines.as_ref());
            match concerned {
                Concerned::All => settle_all(&mut act, None),
                Concerned::Of(deployments) => deployments.iter().try_for_each(|id| settle_all(&mut act, Some(id))),
                Concerned::Nobody => Ok(()),
            }
        })?;
        self.store.read(|reading| next_time(reading, now))
    }

    fn until(&self, time: Option<Timestamp>) -> Duration {
        let wait = time.map(|time| time.duration_since(self.clock.now()));
        let wait = wait.map(|wait| Duration::try_from(wait).unwrap_or(Duration::ZERO));
        wait.unwrap_or(LONGEST).min(LONGEST)
    }
}

/// The first time after `now` at which a request may move by itself: its own times, an approval that ages, the edge of a
/// freeze.
fn next_time(reading: &Reading<'_>, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
    let requests = reading.live_requests()?;
    let own = requests.iter().filter_map(|request| wakes_at(request, now));
    let policies = reading.policies()?;
    let reviewed = requests.iter().flat_map(|request| &request.reviews);
    let ages =
        reviewed.flat_map(|review| policies.iter().map(|policy| policy.terms.approval_valid_for.after(review.at)));
    let freezes = reading.freezes()?;
    let edges = freezes.iter().filter_map(|freeze| freeze.terms.when.next_edge(now));
    Ok(own.chain(ages).chain(edges).filter(|time| *time > now).min())
}

async fn next(committed: &mut tokio::sync::broadcast::Receiver<Arc<Recorded>>) -> Concerned {
    loop {
        match committed.recv().await {
            Ok(recorded) => match of(&recorded) {
                Concerned::Nobody => {}
                concerned => return concerned,
            },
            Err(RecvError::Lagged(_)) => return Concerned::All,
            // The store is gone, and so is the server.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Concerned {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Nobody, one) | (one, Self::Nobody) => one,
            (Self::Of(mut some), Self::Of(more)) => {
                some.extend(more);
                some.sort();
                some.dedup();
                Self::Of(some)
            }
        }
    }
}

/// The requests that an entry may move.
fn of(recorded: &Recorded) -> Concerned {
    let entry = &recorded.entry;
    let may_move = match entry.event.kind() {
        EventKind::RolloutStarted
        | EventKind::RolloutMoved
        | EventKind::StatusChanged
        | EventKind::CheckEnded
        | EventKind::DeploymentChanged
        | EventKind::Deactivated
        | EventKind::RevisionQuarantined
        | EventKind::QuarantineLifted
        | EventKind::RevisionRemoved
        | EventKind::DeleteRequested
        | EventKind::DeploymentDeleted
        | EventKind::AccessChanged
        | EventKind::UseCaseLinked
        | EventKind::UseCaseUnlinked
        | EventKind::ChangeAsked
        | EventKind::ChangeEdited
        | EventKind::ChangeReviewed
        | EventKind::ReviewWithdrawn
        | EventKind::ChangeMoved => true,
        EventKind::MemberAdded
        | EventKind::MemberChanged
        | EventKind::GroupChanged
        | EventKind::GroupDeleted
        | EventKind::PolicyChanged
        | EventKind::PolicyDeleted
        | EventKind::FreezeChanged
        | EventKind::FreezeDeleted
        | EventKind::ModelDeleted => return Concerned::All,
        _ => false,
    };
    match &entry.deployment {
        Some(id) if may_move => Concerned::Of(vec![id.clone()]),
        None if may_move => Concerned::All,
        _ => Concerned::Nobody,
    }
}
