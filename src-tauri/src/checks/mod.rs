//! Tries candidates: starts a scratch replica beside the deployment, sends it a sample request, and records what that
//! showed (DR-3: loads and answers a sample request).
//!
//! # Flow
//!
//! A committed `CheckStarted` wakes the task. It takes the open checks oldest first, one at a time: a scratch replica is
//! started through the target, is awaited, is asked, and is stopped and forgotten with all that was kept of it; then the
//! check ends with what it showed and the report that follows from it.
//!
//! # Guarantees
//!
//! - The deployment is not touched. A scratch replica belongs to a deployment id that no deployment has, so it is never
//!   routed to, planned for or counted.
//! - A scratch replica holds no room on the machine: no replica waits for a check. When a replica takes the room that it
//!   had, it is ended, and nothing was tried.
//! - A check that was under way when the server ended is taken again at the next start; what is left of its replica is a
//!   stray then, which the target ends when it takes over the others.
//! - A check of a deployment that is being deleted is given up, and nothing is recorded of it.
//!
//! # Errors
//!
//! When the store refuses, the check is taken again after a pause; the reason is logged.

mod ask;
mod attempt;
mod sample;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use domain::compat::{CheckStep, Report, Trial};
use domain::configuration::Configuration;
use domain::deployment::TargetStatus;
use domain::event::Event;
use domain::id::{Actor, DeploymentId, Digest, ReplicaId};
use domain::replica::Observed;
use tokio::runtime::Handle;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::peer::Peer;
use crate::store::{Reading, Store, StoreError};
use crate::targets::{Order, Target, TargetError, Targets};
pub use ask::{Answer, Question, over_the_wire};
use attempt::Begun;
use domain::ledger::Check;
use domain::ledger::Deployment;

/// How long the task rests after the store has refused.
const REST: Duration = Duration::from_secs(10);
/// How long a scratch replica that was told to end is waited for.
const ENDING: Duration = Duration::from_secs(60);
/// Begins the deployment ids of scratch replicas.
const SCRATCH: &str = "check-";

/// Why a check could not be finished.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no report to be had.
    #[error("the report cannot be made: {0}")]
    Report(Box<dyn std::error::Error + Send + Sync>),
    /// Something that was taken for impossible.
    #[error("the check broke off: this is a defect of the program")]
    Broken,
}

/// Makes the report on a candidate of a deployment out of what a scratch replica showed.
pub type MakeReport =
    dyn Fn(&Reading<'_>, &Deployment, &Configuration, &Trial) -> Result<Report, CheckError> + Send + Sync;
/// Sends a scratch replica one request; a sentence when there is no answer.
pub type Ask = dyn Fn(Peer, Question) -> Pin<Box<dyn Future<Output = Result<Answer, String>> + Send>> + Send + Sync;

/// What it is made of.
pub struct Parts {
    /// Where checks are kept.
    pub store: Arc<Store>,
    /// Where scratch replicas run.
    pub targets: Arc<Targets>,
    /// On whose behalf it acts.
    pub actor: Actor,
    /// What time it is.
    pub clock: Clock,
    /// Makes the id of a replica that nobody had before.
    pub new_replica: Box<dyn Fn() -> ReplicaId + Send + Sync>,
    /// The folder of the package whose artifact has this digest, once a replica has unpacked it.
    pub package_path: Box<dyn Fn(&Digest) -> PathBuf + Send + Sync>,
    /// Makes the report.
    pub report: Box<MakeReport>,
    /// Sends a request; [`over_the_wire`] outside tests.
    pub ask: Box<Ask>,
}

/// Why a scratch replica is not to run any more.
enum Disturbed {
    /// Its deployment is to be deleted.
    Gone,
    /// A replica of a deployment has taken the room that it had.
    Crowded,
}

/// Tries candidates until it is told to end.
#[derive(Clone)]
pub struct Checks(Arc<Parts>);

/// The deployment id of a check's scratch replica.
fn scratch(check: &Check) -> Result<DeploymentId, CheckError> {
    format!("{SCRATCH}{}", check.id).parse().map_err(|_| CheckError::Broken)
}

impl Checks {
    /// Puts it together; nothing happens yet.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Takes open checks as they come. A scratch replica that runs when it is told to end is left to the target, which is
    /// taken down next.
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
    fn next(&self) -> Result<Option<Check>, CheckError> {
        self.0.store.read(|reading| {
            for check in reading.open_checks()? {
                if stays(reading, &check.deployment)?.is_some() {
                    return Ok(Some(check));
                }
            }
            Ok(None)
        })
    }

    async fn take(&self, check: Check) -> Result<(), CheckError> {
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
        check: &Check,
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

    /// Records where a check stands, unless it is over.
    fn moved(&self, check: &Check, step: CheckStep) -> Result<(), CheckError> {
        let Parts { store, actor, clock, .. } = self.0.as_ref();
        store.write(actor, clock.now(), |writing| {
            if writing.reading().check(&check.id)?.is_some_and(|row| row.step < step) {
                writing.append(Some(&check.deployment), Event::CheckMoved { id: check.id.clone(), step })?;
            }
            Ok(())
        })
    }

    /// Ends a check, unless its deployment is gone.
    fn end(&self, check: &Check, trial: Trial) -> Result<(), CheckError> {
        let Parts { store, actor, clock, report, .. } = self.0.as_ref();
        store.write(actor, clock.now(), |writing| {
            let Some(row) = stays(&writing.reading(), &check.deployment)? else { return Ok(()) };
            if writing.reading().check(&check.id)?.is_none_or(|row| row.step == CheckStep::Ended) {
                return Ok(());
            }
            let report = report(&writing.reading(), &row, &check.configuration, &trial)?;
            let ended = Event::CheckEnded { id: check.id.clone(), trial, report };
            writing.append(Some(&check.deployment), ended)?;
            Ok(())
        })
    }

    /// Does what blocks on a thread that may be blocked.
    async fn blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<R, CheckError> + Send + 'static,
    ) -> Result<R, CheckError> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || work(&this)).await.unwrap_or(Err(CheckError::Broken))
    }
}

/// Has the target carry out an order on a thread that may be blocked.
async fn ordered(target: &Arc<dyn Target>, order: Order) -> Result<(), TargetError> {
    let target = target.clone();
    let done = tokio::task::spawn_blocking(move || Handle::current().block_on(target.act(order))).await;
    done.unwrap_or_else(|error| Err(TargetError::NotDone(format!("the order broke off: {error}"))))
}

/// Ends the scratch replica, and lets go of it and of all that was kept of it. What cannot be done now is done at the next
/// start, when what is left of it is a stray.
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

/// A deployment that is not being deleted.
fn stays(reading: &Reading<'_>, deployment: &DeploymentId) -> Result<Option<Deployment>, StoreError> {
    let row = reading.deployment(deployment)?;
    Ok(row.filter(|row| row.target_status != TargetStatus::Deleted))
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
