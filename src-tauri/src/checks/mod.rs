//! Tries candidates: starts a scratch replica beside the deployment, sends it a sample request, and records what that
//! showed (DR-3: loads and answers a sample request).
//!
//! # Flow
//!
//! A committed `CheckStarted` wakes the task. It takes the open checks oldest first, one at a time: a scratch replica
//! is started through the target, is awaited, is asked, and is stopped and forgotten with all that was kept of it; then
//! the check ends with what it showed and the report that follows from it.
//!
//! # Guarantees
//!
//! - The deployment is not touched. A scratch replica belongs to a deployment id that no deployment has, so it is never
//!   routed to, planned for or counted.
//! - A scratch replica holds no room on the machine: no replica waits for a check. When a replica takes the room that
//!   it
//!   had, it is ended, and nothing was tried.
//! - A check that was under way when the server ended is taken again at the next start; what is left of its replica is
//!   a
//!   stray then, which the target ends when it takes over the others.
//! - A check of a deployment that is being deleted is given up, and nothing is recorded of it.
//!
//! # Errors
//!
//! When the store refuses, the check is taken again after a pause; the reason is logged.

mod ask;
mod attempt;
mod parts;
mod sample;

use std::sync::Arc;
use std::time::Duration;

use domain::event::Event;
use domain::id::{DeploymentId, ReplicaId};
use domain::ledger::CandidateCheck;
use domain::replica::Observed;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::targets::{Order, Target, TargetError};
pub use ask::{ScratchAnswer, ScratchRequest, over_the_wire};
use attempt::Begun;
pub use parts::{Ask, CheckError, Checks, MakeReport, Parts};
use parts::{ordered, stays};

/// The pause of the task after the store has refused.
const REST: Duration = Duration::from_secs(10);
/// The time that a scratch replica which was told to end is waited for.
const ENDING: Duration = Duration::from_secs(60);
/// Begins the deployment ids of scratch replicas.
const SCRATCH: &str = "check-";

/// The reasons why a scratch replica is not to run any more.
enum Disturbed {
    /// Its deployment is to be deleted.
    Gone,
    /// A replica of a deployment has taken the room that it had.
    Crowded,
}

/// The deployment id of a check's scratch replica.
fn scratch(check: &CandidateCheck) -> Result<DeploymentId, CheckError> {
    format!("{SCRATCH}{}", check.id).parse().map_err(|_| CheckError::Broken)
}

impl Checks {
    /// Takes open checks as they come. A scratch replica that runs when it is told to end is left to the target, which
    /// is taken down next.
    pub async fn run(self, end: CancellationToken) {
        let mut committed = self.0.store.events().subscribe();
        loop {
            let open = self.blocking(Self::next).await;
            let outcome = tokio::select! {
                () = end.cancelled() => return,
                outcome = async {
                    match open? {
                        Some(check) => self.take(check).await,
                        None => {
                            asked(&mut committed).await;
                            Ok(())
                        }
                    }
                } => outcome,
            };
            if let Err(error) = outcome {
                tracing::warn!(%error, "a check of a candidate failed and is tried again");
                tokio::select! {
                    () = end.cancelled() => return,
                    () = tokio::time::sleep(REST) => {}
                }
            }
        }
    }

    /// The oldest open check of a deployment that is meant to stay.
    fn next(&self) -> Result<Option<CandidateCheck>, CheckError> {
        self.0.store.read(|reading| {
            for check in reading.open_checks()? {
                if stays(reading, &check.deployment)?.is_some() {
                    return Ok(Some(check));
                }
            }
            Ok(None)
        })
    }

    async fn take(&self, check: CandidateCheck) -> Result<(), CheckError> {
        let (replica, deployment) = ((self.0.new_replica)(), scratch(&check)?);
        // Listened to from before it is looked whether the deployment stays.
        let committed = self.0.store.events().subscribe();
        let id = check.deployment.clone();
        let row = self.blocking(move |this| Ok(this.0.store.read(|reading| stays(reading, &id))?)).await?;
        let Some(row) = row else { return Ok(()) };
        let target = self.0.targets.of(&row.target);
        let outcome = match self.start(&check, &target, &deployment, &replica).await {
            Ok(Begun::Runs(scratch)) => tokio::select! {
                biased;
                end = self.disturbed(committed, &check, target.as_ref()) => Ok(match end {
                    Disturbed::Gone => None,
                    Disturbed::Crowded => Some(attempt::no_room()),
                }),
                trial = self.attempt(&check, target.as_ref(), scratch) => trial.map(Some),
            },
            Ok(Begun::Over(trial)) => Ok(Some(trial)),
            Ok(Begun::Gone) => Ok(None),
            Err(error) => Err(error),
        };
        clear_up(&target, &deployment, &replica).await;
        let Some(trial) = outcome? else { return Ok(()) };
        self.blocking(move |this| this.end(&check, trial)).await
    }

    /// Returns when the scratch replica is not to run any more.
    async fn disturbed(
        &self,
        mut committed: tokio::sync::broadcast::Receiver<Arc<crate::events::Recorded>>,
        check: &CandidateCheck,
        target: &dyn Target,
    ) -> Disturbed {
        let mine = Some(&check.deployment);
        loop {
            let row = check.clone();
            let capacity = target.room().machine().capacity;
            let look = move |this: &Self| {
                this.0.store.read(|reading| {
                    let Some(deployment) = stays(reading, &row.deployment)? else {
                        return Ok(Some(Disturbed::Gone));
                    };
                    let has_room = attempt::has_room(reading, &deployment.target, &capacity, &row.configuration)?;
                    Ok((!has_room).then_some(Disturbed::Crowded))
                })
            };
            match self.blocking(look).await {
                Ok(Some(disturbed)) => return disturbed,
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "it cannot be seen whether a scratch replica may go on");
                }
            }
            loop {
                match committed.recv().await {
                    Ok(recorded) => match &recorded.entry.event {
                        Event::DeleteRequested { .. } | Event::DeploymentDeleted { .. }
                            if recorded.entry.deployment.as_ref() == mine =>
                        {
                            break;
                        }
                        // A place is taken when a replica is recorded as *unknown*.
                        Event::ReplicaChanged { replica } if replica.observed == Observed::Unknown => break,
                        _ => {}
                    },
                    Err(RecvError::Lagged(_)) => break,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        }
    }
}

/// Ends the scratch replica, and lets go of it and of all that was kept of it. What cannot be done now is done at the
/// next start, when what is left of it is a stray.
async fn clear_up(target: &Arc<dyn Target>, deployment: &DeploymentId, replica: &ReplicaId) {
    let told = |done: Result<(), TargetError>| {
        if let Err(error) = done {
            tracing::warn!(%replica, %error, "a scratch replica cannot be cleared away; that is done at the next start");
        }
    };
    let mut changes = target.changes();
    told(ordered(target, Order::Stop(replica.clone())).await);
    let ended = async {
        while target.observe(replica).is_ok_and(|seen| seen.observed.may_exist()) {
            if let Err(RecvError::Closed) = changes.recv().await {
                break;
            }
        }
    };
    if tokio::time::timeout(ENDING, ended).await.is_err() {
        tracing::warn!(%replica, "a scratch replica does not end; it is ended at the next start");
    }
    told(ordered(target, Order::Forget(replica.clone())).await);
    told(ordered(target, Order::Clear(deployment.clone())).await);
}

/// Returns when a check may have been asked for.
async fn asked(committed: &mut tokio::sync::broadcast::Receiver<Arc<crate::events::Recorded>>) {
    loop {
        match committed.recv().await {
            Ok(recorded) if matches!(recorded.entry.event, Event::CheckStarted { .. }) => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
