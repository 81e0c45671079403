//! Keeps lines about requests: the request log, and collected predictions (AZ-3).
//!
//! Flow: a request that has ended goes through a bounded channel to one thread, which writes a line of JSON to the
//! end of a file for each deployment and kind (`files`). A file that has grown is moved aside, and the one moved
//! aside before is dropped.
//!
//! Guarantees: no request waits for a record. What does not fit into the channel, or cannot be written, is counted,
//! and the next line of the deployment says how many were lost before it. Memory and disk are bounded: the channel
//! by [`RecordSettings::queue`] and [`RecordSettings::queue_bytes`], files by their largest sizes, twice.
//! A gateway that is stopped writes what waits; one that is killed loses it, a few milliseconds' worth.
//!
//! Errors: a file that cannot be written is said in the program's log, once until it can be again.

mod back;
mod ended;
mod files;
mod lines;
mod settings;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use domain::id::DeploymentId;
use jiff::Timestamp;

use super::route::RecordKind;
use crate::clock::Clock;
pub(super) use back::back;
pub(super) use ended::{Ended, Passed};
pub(super) use files::{after, newest};
pub use settings::RecordSettings;

pub(super) enum Message {
    Ended(Box<Ended>),
    /// The deployment is gone, and its records are to go.
    Forget(DeploymentId),
}

/// The request path's end of the channel.
#[derive(Clone)]
pub(super) struct Recorder {
    sender: SyncSender<Message>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
    body_bytes: usize,
    clock: Clock,
}

/// The other end, on a thread of its own.
pub(super) struct Writer {
    receiver: Receiver<Message>,
    waiting: Arc<AtomicUsize>,
    files: files::Files,
}

pub(super) fn channel(settings: &RecordSettings, clock: Clock) -> (Recorder, Writer) {
    let (sender, receiver) = sync_channel(settings.queue);
    let waiting = Arc::new(AtomicUsize::new(0));
    let recorder = Recorder {
        sender,
        waiting: waiting.clone(),
        most_waiting: settings.queue_bytes,
        body_bytes: settings.body_bytes,
        clock,
    };
    (recorder, Writer { receiver, waiting, files: files::Files::new(settings) })
}

impl Recorder {
    pub(super) fn body_bytes(&self) -> usize {
        self.body_bytes
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Keeps a record, or counts it as lost; never waits.
    pub(super) fn keep(&self, mut ended: Box<Ended>) {
        let weight = ended.weight();
        if weight > 0 && self.waiting.fetch_add(weight, Relaxed) + weight > self.most_waiting {
            self.waiting.fetch_sub(weight, Relaxed);
            ended.deployment.lost(RecordKind::Predictions).fetch_add(1, Relaxed);
            // A line in the request log weighs nothing.
            ended.drop_prediction();
            if !ended.keeps.requests {
                return;
            }
        }
        if let Err(refused) = self.sender.try_send(Message::Ended(ended)) {
            let (std::sync::mpsc::TrySendError::Full(message) | std::sync::mpsc::TrySendError::Disconnected(message)) =
                refused;
            if let Message::Ended(ended) = message {
                self.waiting.fetch_sub(ended.weight(), Relaxed);
                for kind in ended.kinds() {
                    ended.deployment.lost(kind).fetch_add(1, Relaxed);
                }
            }
        }
    }

    /// Removes what is kept of a deployment. May wait for the writer.
    pub(super) fn forget(&self, id: &DeploymentId) {
        // A writer that has ended keeps nothing any more.
        let _ = self.sender.send(Message::Forget(id.clone()));
    }
}

impl Writer {
    /// Writes until every [`Recorder`] is gone.
    pub(super) fn run(mut self) {
        while let Ok(message) = self.receiver.recv() {
            self.take(message);
            // What has come meanwhile is written with it.
            while let Ok(message) = self.receiver.try_recv() {
                self.take(message);
            }
            self.files.flush();
        }
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Ended(ended) => {
                self.waiting.fetch_sub(ended.weight(), Relaxed);
                self.files.add(*ended);
            }
            Message::Forget(id) => self.files.forget(&id),
        }
    }
}
