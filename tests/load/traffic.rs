//! Clients that ask at a pace, each on one connection that it keeps, and count every answer.
//!
//! With a rate they are an open loop: each request has its moment, whether or not the one before was answered in
//! time; who is late sends at once.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{bail, ensure};
use bytes::Bytes;
use http::Method;
use tests::clients::Count;
use tests::connection::Connection;
use tests::program::until;
use tokio::sync::{RwLock, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

/// The request that is sent, and the rule for a good answer.
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Bytes,
    pub(crate) is_good: fn(&str) -> bool,
}

/// The number of clients, and the rate at which they ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) clients: usize,
    /// Requests a second, of all of them; none: each asks again as soon as it has its answer.
    pub(crate) rate: Option<f64>,
}

impl Pace {
    const QUIET: Self = Self { clients: 0, rate: None };
}

/// Clients at work; they end when this is dropped.
pub(crate) struct Traffic {
    shared: Arc<Shared>,
    pace: watch::Sender<Pace>,
    tasks: JoinSet<()>,
}

struct Shared {
    gateway: SocketAddr,
    question: Question,
    count: Mutex<Count>,
    /// Every request holds it for reading, who waits for the last one's answer for writing.
    road: RwLock<()>,
}

impl Traffic {
    /// At most so many clients, which ask nothing yet.
    pub(crate) fn new(gateway: SocketAddr, question: Question, clients: usize) -> Self {
        let shared = Arc::new(Shared { gateway, question, count: Mutex::default(), road: RwLock::default() });
        let (pace, paces) = watch::channel(Pace::QUIET);
        let mut tasks = JoinSet::new();
        for nth in 0..clients {
            tasks.spawn(client(nth, shared.clone(), paces.clone()));
        }
        Self { shared, pace, tasks }
    }

    /// Goes on at this pace.
    pub(crate) fn drive(&self, pace: Pace) {
        self.pace.send_replace(pace);
    }

    /// Asks nothing more, and waits until everything asked is answered: the count at that moment.
    pub(crate) async fn hold(&self) -> Count {
        self.drive(Pace::QUIET);
        let _clear = self.shared.road.write().await;
        self.count()
    }

    /// The clients' count so far.
    pub(crate) fn count(&self) -> Count {
        self.shared.count().clone()
    }

    /// Waits until so many good answers have come. Fails at once when a request has failed.
    pub(crate) async fn reach(&self, answers: u64) -> anyhow::Result<()> {
        while self.good()? < answers {
            let next = answers.min(self.good()? + 10);
            until("further answers", async || Ok((self.good()? >= next).then_some(()))).await?;
        }
        Ok(())
    }

    /// Good answers so far, as long as there was no other.
    pub(crate) fn good(&self) -> anyhow::Result<u64> {
        let count = self.shared.count();
        match count.failures.first() {
            Some(failure) => bail!("a request failed after {} answers: {failure}", count.answered()),
            None => Ok(count.answered()),
        }
    }

    /// Lets them finish the requests at hand; the final count.
    pub(crate) async fn stop(self) -> anyhow::Result<Count> {
        let Self { shared, pace, mut tasks } = self;
        drop(pace);
        while let Some(ended) = tasks.join_next().await {
            ended?;
        }
        Ok(shared.count().clone())
    }
}

impl Shared {
    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The count between two moments, by revision.
pub(crate) fn between(before: &Count, after: &Count) -> BTreeMap<u32, u64> {
    let own = after.by_revision.iter().map(|(revision, n)| (*revision, n - before.of(*revision)));
    own.filter(|(_, n)| *n > 0).collect()
}

async fn client(nth: usize, shared: Arc<Shared>, mut paces: watch::Receiver<Pace>) {
    let mut connection = None;
    // An error says that all is over.
    while paces.has_changed().is_ok() {
        let pace = *paces.borrow_and_update();
        if nth >= pace.clients {
            let _ = paces.changed().await;
            continue;
        }
        // They take turns.
        let turn = pace.rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(pace.clients as f64 / rate));
        let mut due = Instant::now() + turn.mul_f64(nth as f64 / pace.clients as f64);
        loop {
            tokio::select! {
                biased;
                _ = paces.changed() => break,
                () = sleep_until(due) => {}
            }
            let _road = shared.road.read().await;
            if paces.has_changed().unwrap_or(true) {
                break;
            }
            match ask(&shared, &mut connection).await {
                Ok(revision) => *shared.count().by_revision.entry(revision).or_default() += 1,
                Err(error) => {
                    shared.count().failures.push(format!("{error:#}"));
                    connection = None;
                    sleep(Duration::from_millis(10)).await;
                }
            }
            due = if turn.is_zero() { Instant::now() } else { due + turn };
        }
    }
}

/// One request; the revision that answered it.
async fn ask(shared: &Shared, connection: &mut Option<Connection>) -> anyhow::Result<u32> {
    let connection = match connection {
        Some(connection) => connection,
        None => {
            shared.count().connections += 1;
            connection.insert(Connection::open(shared.gateway).await?)
        }
    };
    let Question { method, path, body, is_good } = &shared.question;
    let (revision, text) = connection.ask(method.clone(), path, body.clone()).await?;
    ensure!(is_good(&text), "answered {text}");
    Ok(revision)
}
