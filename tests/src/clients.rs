//! Clients that ask again and again, each on one connection that it keeps, and count every answer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{bail, ensure};
use bytes::Bytes;
use http::Method;
use serde_json::json;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use tokio::task::JoinSet;

use crate::connection::Connection;
use crate::program::until;
use crate::server::Server;

/// The outcome of the requests so far.
#[derive(Clone, Debug, Default)]
pub struct Count {
    /// Good answers, by the revision that gave them.
    pub by_revision: BTreeMap<u32, u64>,
    /// The reason of each other request's failure; a client without a pace stops at its first.
    pub failures: Vec<String>,
    /// Connections that were made.
    pub connections: u64,
}

/// The body that asks about a flower; a good answer names `setosa`.
pub fn flower() -> Bytes {
    let flower = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2]});
    json!({"inputs": [flower]}).to_string().into()
}

impl Count {
    /// Good answers in all.
    pub fn answered(&self) -> u64 {
        self.by_revision.values().sum()
    }

    /// Good answers of one revision.
    pub fn of(&self, revision: u32) -> u64 {
        self.by_revision.get(&revision).copied().unwrap_or(0)
    }
}

/// The clients at work; they end when this is dropped.
pub struct Clients {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

struct Shared {
    gateway: std::net::SocketAddr,
    path: String,
    body: Bytes,
    /// The pause between two requests; a client that has one goes on after a failure.
    pace: Option<Duration>,
    count: Mutex<Count>,
    /// Every request holds it for reading, a pause for writing.
    road: Arc<RwLock<()>>,
    stop: AtomicBool,
}

impl Clients {
    /// Lets so many clients ask the deployment `iris` about a flower, without a pause.
    pub fn start(server: &Server, clients: usize) -> anyhow::Result<Self> {
        Self::asking(server, "iris", clients, None)
    }

    /// Lets so many clients ask a deployment about a flower, with a pause between two requests. They go on,
    /// on a new connection, when a request fails.
    pub fn steady(server: &Server, name: &str, clients: usize, pace: Duration) -> anyhow::Result<Self> {
        Self::asking(server, name, clients, Some(pace))
    }

    fn asking(server: &Server, name: &str, clients: usize, pace: Option<Duration>) -> anyhow::Result<Self> {
        let shared = Arc::new(Shared {
            gateway: server.gateway,
            path: format!("/{name}/v2/models/iris/infer"),
            pace,
            body: flower(),
            count: Mutex::default(),
            road: Arc::default(),
            stop: AtomicBool::new(false),
        });
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            tasks.spawn(client(shared.clone()));
        }
        Ok(Self { shared, tasks })
    }

    /// The clients' count so far.
    pub fn count(&self) -> Count {
        self.shared.count().clone()
    }

    /// Waits until so many good answers have come. Fails at once when a request has failed.
    pub async fn reach(&self, answers: u64) -> anyhow::Result<()> {
        while self.count().answered() < answers {
            let next = answers.min(self.count().answered() + 100);
            until("further answers", async || {
                let count = self.count();
                match count.failures.first() {
                    Some(failure) => bail!("a request failed after {} answers: {failure}", count.answered()),
                    None => Ok((count.answered() >= next).then_some(())),
                }
            })
            .await?;
        }
        Ok(())
    }

    /// Waits until every request on its way is answered; none is sent while the guard is kept.
    pub async fn pause(&self) -> OwnedRwLockWriteGuard<()> {
        self.shared.road.clone().write_owned().await
    }

    /// Lets them finish the requests at hand; the final count.
    pub async fn stop(mut self) -> anyhow::Result<Count> {
        self.shared.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended?;
        }
        Ok(self.count())
    }
}

impl Shared {
    fn count(&self) -> MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn client(shared: Arc<Shared>) {
    let mut connection = None;
    while !shared.stop.load(Ordering::Relaxed) {
        let road = shared.road.read().await;
        match ask(&shared, &mut connection).await {
            Ok(revision) => *shared.count().by_revision.entry(revision).or_default() += 1,
            Err(error) => {
                shared.count().failures.push(format!("{error:#}"));
                connection = None;
            }
        }
        drop(road);
        match shared.pace {
            Some(pace) => tokio::time::sleep(pace).await,
            None if connection.is_none() => return,
            None => {}
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
    let (revision, text) = connection.ask(Method::POST, &shared.path, shared.body.clone()).await?;
    ensure!(text.contains("setosa"), "answered {text}");
    Ok(revision)
}
