//! Where handlers reach the store: off the async threads, bounded, and each write at most once for its key.

use std::sync::Arc;

use domain::wire::ErrorCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::Answer;
use super::requests::Once;
use super::{Api, problem};
use crate::commands::Refusal;
use crate::store::tables::idempotency;
use crate::store::{Reading, Writing};

/// The API with what bounds its use.
pub(super) struct Serving {
    pub(super) api: Api,
    /// One for each model file that may be received now.
    pub(super) uploads: Semaphore,
    /// One for each model file that may be read now.
    pub(super) inspections: Semaphore,
    reads: Semaphore,
    streams: Arc<Semaphore>,
}

impl Serving {
    pub(super) fn new(api: Api) -> Self {
        let limits = api.limits;
        Self {
            api,
            uploads: Semaphore::new(limits.uploads),
            inspections: Semaphore::new(limits.inspections),
            reads: Semaphore::new(limits.reads),
            streams: Arc::new(Semaphore::new(limits.streams)),
        }
    }

    /// Runs `work`, which may block.
    pub(super) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Api) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let serving = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&serving.api)).await;
        done.unwrap_or_else(|error| Err(problem::fault("a request was not finished", &error)))
    }

    /// Reads the store at one moment.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Api, &Reading<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let _turn = self.reads.acquire().await.map_err(|error| problem::fault("reads have ended", &error))?;
        self.blocking(move |api| api.store.read(|reading| read(api, reading))).await
    }

    /// Runs `write` in one transaction, which also keeps its answer under the request's idempotency key: so a
    /// repeat finds either nothing done or the answer, whenever the server is killed. Of two at the same time the
    /// second waits for the first's transaction. Only final answers are kept: not those of a fault of the server.
    pub(super) async fn write(
        self: &Arc<Self>,
        once: Once,
        write: impl FnOnce(&Api, &mut Writing<'_>) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        self.blocking(move |api| {
            let now = api.clock.now();
            let done: Result<Answer, Refusal> = api.store.write(&api.actor, now, |writing| {
                if let Some(answer) = once.answered(&writing.reading())? {
                    return Ok(answer);
                }
                let answer = write(api, writing)?;
                once.keep(writing, &answer)?;
                Ok(answer)
            });
            match done {
                // What was written before the refusal is gone with its transaction, so this needs one of its own.
                Err(refusal) if refusal.code.status() < 500 && once.is_keyed() => {
                    api.store.write(&api.actor, now, |writing| {
                        if let Some(answer) = once.answered(&writing.reading())? {
                            return Ok(answer);
                        }
                        let answer = Answer::refused(&refusal)?;
                        once.keep(writing, &answer)?;
                        Ok(answer)
                    })
                }
                done => done,
            }
        })
        .await
    }

    /// Like [`Serving::write`] for what makes room on the disk: it may use the room that is set aside.
    pub(super) async fn write_to_make_room(
        self: &Arc<Self>,
        once: Once,
        write: impl FnOnce(&Api, &mut Writing<'_>) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        self.api.store.make_room();
        self.write(once, write).await
    }

    /// Like [`Serving::read`] for a `POST` that changes nothing: the answer is kept under its key all the same.
    pub(super) async fn ask(
        self: &Arc<Self>,
        once: Once,
        read: impl FnOnce(&Api, &Reading<'_>) -> Result<Answer, Refusal> + Send + 'static,
    ) -> Result<Answer, Refusal> {
        if once.is_keyed() {
            self.write(once, move |api, writing| read(api, &writing.reading())).await
        } else {
            self.read(read).await
        }
    }

    /// A place for an answer without an end; it is free again when dropped.
    pub(super) fn stream(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        Arc::clone(&self.streams).try_acquire_owned().map_err(|_| {
            Refusal::new(
                ErrorCode::TooManyStreams,
                format!(
                    "{} clients listen to events or follow logs already, the limit. Close one, or try again later.",
                    self.api.limits.streams
                ),
            )
        })
    }
}

impl Once {
    fn answered(&self, reading: &Reading<'_>) -> Result<Option<Answer>, Refusal> {
        let Some(key) = &self.key else { return Ok(None) };
        match reading.answer(key)? {
            None => Ok(None),
            Some(kept) if kept.fingerprint == self.fingerprint => Ok(Some(Answer::again(kept.status, kept.body))),
            Some(_) => Err(Refusal::new(
                ErrorCode::IdempotencyKeyReused,
                "Another request was sent with this Idempotency-Key in the last day. Send a new key with a new request.",
            )),
        }
    }

    fn keep(&self, writing: &mut Writing<'_>, answer: &Answer) -> Result<(), Refusal> {
        let Some(key) = &self.key else { return Ok(()) };
        let body = answer.kept.as_ref().unwrap_or(&answer.body).clone();
        let status = answer.status.as_u16();
        let kept = idempotency::Answer { fingerprint: self.fingerprint.clone(), status, body };
        Ok(writing.keep_answer(key, &kept)?)
    }
}
