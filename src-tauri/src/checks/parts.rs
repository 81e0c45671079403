//! The parts of the task, and the records of a check that are written with them.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use domain::compat::{CheckStep, Report, Trial};
use domain::configuration::Configuration;
use domain::deployment::TargetStatus;
use domain::event::Event;
use domain::id::{Actor, DeploymentId, Digest, ReplicaId};
use domain::ledger::{CandidateCheck, Deployment};
use tokio::runtime::Handle;

use super::ask::{ScratchAnswer, ScratchRequest};
use crate::clock::Clock;
use crate::peer::Peer;
use crate::store::{Reading, Store, StoreError};
use crate::targets::{Order, Target, TargetError, Targets};

/// The faults for which a check is not finished.
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
pub type Ask =
    dyn Fn(Peer, ScratchRequest) -> Pin<Box<dyn Future<Output = Result<ScratchAnswer, String>> + Send>> + Send + Sync;

/// The parts of [`Checks`].
pub struct Parts {
    /// The store that keeps checks.
    pub store: Arc<Store>,
    /// The targets that run scratch replicas.
    pub targets: Arc<Targets>,
    /// On whose behalf it acts.
    pub actor: Actor,
    /// The clock.
    pub clock: Clock,
    /// Makes the id of a replica that nobody had before.
    pub new_replica: Box<dyn Fn() -> ReplicaId + Send + Sync>,
    /// The folder of the package whose artifact has this digest, once a replica has unpacked it.
    pub package_path: Box<dyn Fn(&Digest) -> PathBuf + Send + Sync>,
    /// Makes the report.
    pub report: Box<MakeReport>,
    /// Sends a request; [`over_the_wire`](super::over_the_wire) outside tests.
    pub ask: Box<Ask>,
}

/// Tries candidates until it is told to end.
#[derive(Clone)]
pub struct Checks(pub(super) Arc<Parts>);

impl Checks {
    /// Puts it together; nothing happens yet.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Records the step of a check, unless it is over.
    pub(super) fn moved(&self, check: &CandidateCheck, step: CheckStep) -> Result<(), CheckError> {
        let Parts { store, actor, clock, .. } = self.0.as_ref();
        store.write(actor, clock.now(), |writing| {
            if writing.reading().check(&check.id)?.is_some_and(|row| row.step < step) {
                writing.append(Some(&check.deployment), Event::CheckMoved { id: check.id.clone(), step })?;
            }
            Ok(())
        })
    }

    /// Ends a check, unless its deployment is gone.
    pub(super) fn end(&self, check: &CandidateCheck, trial: Trial) -> Result<(), CheckError> {
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

    /// Does blocking work on a thread that may be blocked.
    pub(super) async fn blocking<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<R, CheckError> + Send + 'static,
    ) -> Result<R, CheckError> {
        let this = self.clone();
        tokio::task::spawn_blocking(move || work(&this)).await.unwrap_or(Err(CheckError::Broken))
    }
}

/// Has the target carry out an order on a thread that may be blocked.
pub(super) async fn ordered(target: &Arc<dyn Target>, order: Order) -> Result<(), TargetError> {
    let target = target.clone();
    let done = tokio::task::spawn_blocking(move || Handle::current().block_on(target.act(order))).await;
    done.unwrap_or_else(|error| Err(TargetError::NotDone(format!("the order broke off: {error}"))))
}

/// A deployment that is not being deleted.
pub(super) fn stays(reading: &Reading<'_>, deployment: &DeploymentId) -> Result<Option<Deployment>, StoreError> {
    let row = reading.deployment(deployment)?;
    Ok(row.filter(|row| row.target_status != TargetStatus::Deleted))
}
