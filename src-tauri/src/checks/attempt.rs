//! One attempt: a scratch replica from its start to its answer.

use std::sync::Arc;
use std::time::Duration;

use domain::compat::{CheckStep, Trial, answer};
use domain::configuration::{Configuration, Runtime};
use domain::id::{DeploymentId, Generation, ReplicaId, RevisionNumber, TargetName};
use domain::ledger::CandidateCheck;
use domain::model::{RegisteredModel, Tried};
use domain::place::Place;
use domain::replica::{Address, Handle, Observed, Seen};
use domain::resources::{Capacity, Claim};
use domain::target::Room;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use super::ask::ScratchRequest;
use super::parts::{CheckError, Checks, ordered, stays};
use super::sample::{self, ProbeRequest};
use crate::peer::Peer;
use crate::store::{Reading, StoreError};
use crate::targets::{Launch, Order, Target};

/// The time that a scratch replica may take to become ready; its Python environment is built in that time too.
const DEADLINE: Duration = Duration::from_secs(600);
/// The same for a model that runs elsewhere, which only has to answer.
const ELSEWHERE: Duration = Duration::from_secs(30);
/// The time that it may say nothing new, unless it unpacks its package or builds its environment. Others wait for their
/// turn.
const QUIET: Duration = Duration::from_secs(120);
/// The pause between two looks at its progress, which nobody announces.
const LOOK: Duration = Duration::from_secs(1);
/// The wait for the end of a process that answers no more, so that its own words can be told.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The launch that the store's rows ask for, before the start.
enum Prepared {
    Launch(Box<(Launch, Option<RegisteredModel>)>),
    NotPossible(String),
    Gone,
}

/// A scratch replica that was started.
pub(super) struct ScratchReplica {
    launch: Launch,
    model: Option<RegisteredModel>,
    began: Instant,
}

/// The outcome of the start.
pub(super) enum Begun {
    /// The scratch replica runs.
    Runs(Box<ScratchReplica>),
    /// Nothing could be started.
    Over(Trial),
    /// The deployment is gone.
    Gone,
}

fn not_tried(why: &str) -> Tried {
    Tried::NotTried { why: why.to_owned() }
}

const NO_ROOM: &str =
    "the machine has no room for one more replica beside those that run; free something, and check again";

/// A trial for which the machine has no room.
pub(super) fn no_room() -> Trial {
    over(not_tried(NO_ROOM))
}

/// True when a scratch replica has room beside the replicas.
pub(super) fn has_room(
    reading: &Reading<'_>,
    target: &TargetName,
    capacity: &Capacity,
    configuration: &Configuration,
) -> Result<bool, StoreError> {
    let held: Vec<_> = reading.claims(target)?.into_iter().map(|held| held.place).collect();
    // It gets no GPU: it is there for a moment, and whoever has one keeps it.
    let claim = Claim { gpu_milli: 0, ..Claim::from(&configuration.resources) };
    Ok(Place::find(capacity, &held, claim).is_some())
}

/// A trial in which nothing could be started.
fn over(loads: Tried) -> Trial {
    let answers = not_tried("the model was not loaded");
    Trial { loads, answers, memory_bytes: None, startup_ms: None }
}

impl Checks {
    /// Starts a scratch replica of the candidate.
    pub(super) async fn start(
        &self,
        check: &CandidateCheck,
        target: &Arc<dyn Target>,
        deployment: &DeploymentId,
        replica: &ReplicaId,
    ) -> Result<Begun, CheckError> {
        let (row, deployment, id, room) = (check.clone(), deployment.clone(), replica.clone(), target.room());
        let prepared = self.blocking(move |this| {
            this.moved(&row, CheckStep::Starting)?;
            this.prepare(&row, room, &deployment, &id)
        });
        let (launch, model) = match prepared.await? {
            Prepared::Launch(prepared) => *prepared,
            Prepared::NotPossible(why) => return Ok(Begun::Over(over(Tried::NotTried { why }))),
            Prepared::Gone => return Ok(Begun::Gone),
        };
        let began = Instant::now();
        Ok(match ordered(target, Order::Start(Box::new(launch.clone()))).await {
            Ok(()) => Begun::Runs(Box::new(ScratchReplica { launch, model, began })),
            Err(error) => Begun::Over(over(Tried::Failed { problem: error.to_string() })),
        })
    }

    /// The trial of a scratch replica that was started.
    pub(super) async fn attempt(
        &self,
        check: &CandidateCheck,
        target: &dyn Target,
        scratch: Box<ScratchReplica>,
    ) -> Result<Trial, CheckError> {
        let ScratchReplica { launch, model, began } = *scratch;
        let seen = match ready(target, &launch, began).await {
            Ok(seen) => seen,
            Err(problem) => return Ok(over(Tried::Failed { problem })),
        };
        let startup_ms = u64::try_from(began.elapsed().as_millis()).ok();
        let row = check.clone();
        self.blocking(move |this| this.moved(&row, CheckStep::Asking)).await?;
        let answers = match (seen.address.map(|address| (address, seen.handle)), model) {
            (Some(place), Some(model)) => self.answers(target, &launch, model, place).await?,
            _ => not_tried("the candidate binds no model, so nothing says what a request holds"),
        };
        let memory_bytes = target.peak_memory(&launch.replica).await;
        Ok(Trial { loads: Tried::Worked, answers, memory_bytes, startup_ms })
    }

    /// The launch, or the reason why nothing can be started; none when the deployment is gone.
    fn prepare(
        &self,
        check: &CandidateCheck,
        room: Room,
        deployment: &DeploymentId,
        replica: &ReplicaId,
    ) -> Result<Prepared, CheckError> {
        let configuration = check.configuration.clone();
        let machine = room.machine();
        self.0.store.read(|reading| {
            let Some(row) = stays(reading, &check.deployment)? else { return Ok(Prepared::Gone) };
            let model = match configuration.models.first() {
                None => None,
                Some(named) => match reading.model(named)? {
                    Some(model) => Some(model),
                    None => return Ok(Prepared::NotPossible(format!("{named} is not in the registry any more"))),
                },
            };
            if !has_room(reading, &row.target, &machine.capacity, &configuration)? {
                return Ok(Prepared::NotPossible(NO_ROOM.to_owned()));
            }
            let launch = Launch {
                replica: replica.clone(),
                deployment: deployment.clone(),
                name: row.name,
                revision: RevisionNumber(0),
                configuration,
                model: model.clone().map(Into::into),
                gpus: Vec::new(),
                generation: Generation(1),
            };
            Ok(Prepared::Launch(Box::new((launch, model))))
        })
    }

    /// The outcome of a sample request.
    async fn answers(
        &self,
        target: &dyn Target,
        launch: &Launch,
        model: RegisteredModel,
        place: (Address, Option<Handle>),
    ) -> Result<Tried, CheckError> {
        let configuration = launch.configuration.clone();
        if configuration.runtime == Runtime::External {
            return Ok(not_tried("the model runs elsewhere and is only watched"));
        }
        let peer = || Peer::new(place.0.clone(), place.1.clone());
        let patience = Duration::from_millis(configuration.scoring_timeout_ms.into());
        let metadata = match sample::metadata(configuration.runtime, &model) {
            Some(path) => match (self.0.ask)(peer(), ScratchRequest { path, body: None, patience }).await {
                Ok(answer) => Some(answer),
                Err(problem) => return Ok(Tried::Failed { problem }),
            },
            None => None,
        };
        let made = self.blocking(move |this| {
            let package = (this.0.package_path)(&model.digest);
            let sample = sample::make(&configuration, &model, &package, metadata);
            Ok(sample.map(|ProbeRequest { path, body, expects, lenient }| (path, body.to_string(), expects, lenient)))
        });
        let (path, body, expects, lenient) = match made.await? {
            Ok(made) => made,
            Err(why) => return Ok(Tried::NotTried { why }),
        };
        match (self.0.ask)(peer(), ScratchRequest { path, body: Some(body), patience }).await {
            Ok(shown) => self.blocking(move |_| Ok(answer::judge(shown.status, &shown.body, &expects, lenient))).await,
            Err(problem) => Ok(Tried::Failed { problem: last_words(target, &launch.replica).await.unwrap_or(problem) }),
        }
    }
}

/// Waits until the replica is ready; a sentence when it never will be.
async fn ready(target: &dyn Target, launch: &Launch, began: Instant) -> Result<Seen, String> {
    let replica = &launch.replica;
    let whole = if launch.configuration.runtime == Runtime::External { ELSEWHERE } else { DEADLINE };
    let (mut heard, mut said) = (began, None);
    let mut changes = target.changes();
    loop {
        let seen = target.observe(replica).map_err(|unseen| unseen.why)?;
        match seen.observed {
            Observed::Ready { .. } => return Ok(seen),
            Observed::Exited { .. } | Observed::Absent => {
                return Err(seen.problem.unwrap_or_else(|| "its process ended".to_owned()));
            }
            Observed::Starting { .. } | Observed::Unready { .. } | Observed::Unknown => {}
        }
        let now = Instant::now();
        if seen.doing != said || seen.doing.as_ref().is_some_and(|doing| doing.preparing) {
            (heard, said) = (now, seen.doing);
        }
        let end = (began + whole).min(heard + QUIET);
        if now >= end {
            let last = said.map(|doing| doing.what).or(seen.problem);
            let last = last.map_or_else(String::new, |last| format!("; {last}"));
            return Err(if now >= began + whole {
                format!("it was not ready within {} seconds{last}", whole.as_secs())
            } else {
                format!("it is not ready, and nothing new was heard of it for {} seconds{last}", QUIET.as_secs())
            });
        }
        let changed = tokio::time::timeout_at(end.min(now + LOOK), changes.recv()).await;
        if let Ok(Err(RecvError::Closed)) = changed {
            return Err("nobody watches it any more".to_owned());
        }
    }
}

/// The cause of the process's end, if it ended.
async fn last_words(target: &dyn Target, replica: &ReplicaId) -> Option<String> {
    let mut changes = target.changes();
    let ended = async {
        loop {
            let seen = target.observe(replica).ok()?;
            if !seen.observed.may_exist() {
                return seen.problem;
            }
            if let Err(RecvError::Closed) = changes.recv().await {
                return None;
            }
        }
    };
    tokio::time::timeout(LAST_WORDS, ended).await.ok().flatten()
}
