//! The API on behalf of one caller: off the async threads, bounded, and each write at most once for its key.

use std::sync::Arc;

use domain::caller::Caller;
use domain::id::RequestId;
use domain::ledger::Deployment;
use domain::wire::{ErrorCode, PageFault};
use tokio::sync::OwnedSemaphorePermit;

use super::Api;
use super::answer::{Answer, Effect, Resource};
use super::kept::IdempotencyKey;
use super::views::{Include, Views};
use crate::commands::{Act, Expected, GateOutcome, Moment, Refusal, settle};
use crate::store::{Reading, Writing};

/// The API on behalf of one caller. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ApiFor {
    pub(crate) api: Arc<Api>,
    pub(crate) caller: Caller,
}

impl ApiFor {
    /// Runs `work`, which may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let own = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&own)).await;
        done.unwrap_or_else(|error| Err(Refusal::fault("a request was not finished", &error)))
    }

    /// Reads the store at one moment.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Views<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let _turn = self.api.reads.acquire().await.map_err(|error| Refusal::fault("reads have ended", &error))?;
        self.blocking(move |own| own.api.store.read(|reading| read(&own.views(*reading)))).await
    }

    /// Runs `write` in one transaction, which also keeps its answer under the caller's key: so a repeat finds either
    /// nothing done or the answer, whenever the server is killed. Of two at the same time the second waits for the
    /// first's transaction. Only final answers are kept ([`is_final`]).
    pub(crate) async fn write(
        &self,
        key: Option<IdempotencyKey>,
        write: impl FnOnce(&Api, &mut Act<'_, '_>) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        self.blocking(move |own| {
            let Some(key) = key else {
                return own.transaction(|writing| write(&own.api, &mut own.act(writing)));
            };
            let done = own.once(&key, |writing| write(&own.api, &mut own.act(writing)));
            match done {
                // What was written before the refusal is gone with its transaction, so this needs one of its own.
                Err(refusal) if is_final(refusal.code) => own.once(&key, |_| Answer::refused(&refusal)),
                done => done,
            }
        })
        .await
    }

    /// Runs `command` on a deployment, and answers how the deployment is after it, or the request that it was made into.
    pub(crate) async fn change(
        &self,
        key: Option<IdempotencyKey>,
        outcome: Effect,
        (name_or_id, expected): (String, Expected),
        command: impl FnOnce(&mut Act<'_, '_>, &Deployment) -> Result<GateOutcome, Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        self.write(key, move |api, act| {
            let row = act.on(&name_or_id, &expected)?;
            if let GateOutcome::Asked(id) = command(act, &row)? {
                return api.asked(act, &id);
            }
            let view = api.views(act).deployment(row.id.as_str(), Include::default())?;
            let answer = match outcome {
                Effect::Accepted => Answer::accepted(Resource::Deployment(view.name.clone()), &view)?,
                outcome => Answer::new(outcome, &view)?,
            };
            Ok(answer.at(view.generation))
        })
        .await
    }

    /// Like [`ApiFor::read`] for a question whose answer is kept under its key all the same.
    pub(crate) async fn ask(
        &self,
        key: Option<IdempotencyKey>,
        read: impl FnOnce(&Views<'_>) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        match key {
            Some(_) => self.write(key, move |api, act| read(&api.views(act))).await,
            None => self.read(read).await,
        }
    }

    /// A place for an answer without an end; it is free again when dropped.
    pub(crate) fn stream(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.api.streams).try_acquire_owned().map_err(|_| {
            Refusal::new(
                ErrorCode::TooManyStreams,
                format!(
                    "{} clients listen to events or follow logs already, the limit. Close one, or try again later.",
                    self.api.bounds.streams
                ),
            )
        })
    }

    /// Logs what a page says of its own fault.
    ///
    /// # Errors
    /// `invalid_field` for one that says too much.
    pub(crate) fn page_fault(&self, fault: &PageFault) -> Result<(), Refusal> {
        self.api.faults.log(&self.caller.actor, fault, self.api.clock.now())
    }

    /// Lets what comes next use the room on the disk that is set aside: it makes room.
    pub(crate) fn makes_room(&self) {
        self.api.store.make_room();
    }

    pub(super) fn transaction<T>(
        &self,
        write: impl FnOnce(&mut Writing<'_>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.api.store.write(&self.caller.actor, self.api.clock.now(), write)
    }

    fn once(
        &self,
        key: &IdempotencyKey,
        write: impl FnOnce(&mut Writing<'_>) -> Result<Answer, Refusal>,
    ) -> Result<Answer, Refusal> {
        self.transaction(|writing| {
            if let Some(answer) = key.answered(&self.caller, &writing.reading())? {
                return Ok(answer);
            }
            let answer = write(writing)?;
            key.keep(&self.caller, writing, &answer)?;
            Ok(answer)
        })
    }

    pub(super) fn act<'a, 'tx>(&'a self, writing: &'a mut Writing<'tx>) -> Act<'a, 'tx> {
        Act::new(writing, &self.caller, self.api.live.as_ref())
    }

    fn views<'a>(&'a self, reading: Reading<'a>) -> Views<'a> {
        let moment = Moment { reading, caller: &self.caller, machines: self.api.live.as_ref() };
        Views { api: &self.api, moment }
    }
}

/// True for a refusal that says something of the request itself, and not of the server, nor of who asks and how: the same
/// request may be answered otherwise once somebody has signed in again, or was given a role.
fn is_final(code: ErrorCode) -> bool {
    !matches!(code.status(), 401 | 403 | 404 | 429 | 500..)
}

impl Api {
    /// The answer to a change that was asked for: the request.
    pub(crate) fn asked(&self, act: &mut Act<'_, '_>, id: &RequestId) -> Result<Answer, Refusal> {
        // It starts at once when nothing keeps it from starting, or it is told what it waits for.
        settle(act, id)?;
        Answer::accepted(Resource::Request(id.clone()), &self.views(act).change_request(id)?)
    }

    /// The views of everything as `act` has changed it.
    pub(crate) fn views<'a>(&'a self, act: &'a Act<'_, '_>) -> Views<'a> {
        Views { api: self, moment: act.moment() }
    }
}
