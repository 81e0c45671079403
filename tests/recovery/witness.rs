//! Clients that note who answered each request and when, and the journal's word on whether that replica was ready.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use domain::event::{Entry, Event};
use domain::id::{ReplicaId, RevisionNumber};
use domain::replica::{Intent, Observed};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{HeaderMap, Request, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tests::server::Server;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::scene;

/// Pause of a client between two requests.
const PACE: Duration = Duration::from_millis(10);

/// A good answer.
#[derive(Debug)]
pub(crate) struct Answer {
    began: Timestamp,
    ended: Timestamp,
    replica: ReplicaId,
    revision: RevisionNumber,
}

/// The answers that the clients have seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) answers: Vec<Answer>,
    /// Other answers.
    pub(crate) refusals: Vec<(StatusCode, String)>,
    /// Requests without an answer.
    pub(crate) lost: Vec<String>,
}

/// The clients at work; they end when this is dropped.
pub(crate) struct Witnesses {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

struct Shared {
    gateway: SocketAddr,
    seen: Mutex<Seen>,
    stop: AtomicBool,
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Connection = SendRequest<Full<Bytes>>;

impl Witnesses {
    /// Lets so many clients ask the deployment `iris`, each again and again.
    pub(crate) fn start(server: &Server, clients: usize) -> Self {
        let shared = Arc::new(Shared { gateway: server.gateway, seen: Mutex::default(), stop: AtomicBool::new(false) });
        let mut tasks = JoinSet::new();
        for _ in 0..clients {
            tasks.spawn(client(shared.clone()));
        }
        Self { shared, tasks }
    }

    /// The troubles since this was last asked.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let mut seen = self.shared.seen();
        let refusals: Vec<_> = seen.refusals.drain(..).map(|(status, text)| format!("{status}: {text}")).collect();
        seen.lost.drain(..).chain(refusals).collect()
    }

    /// Lets them finish the requests at hand.
    pub(crate) async fn stop(mut self) -> anyhow::Result<Seen> {
        self.shared.stop.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended?;
        }
        Ok(std::mem::take(&mut *self.shared.seen()))
    }
}

async fn client(shared: Arc<Shared>) {
    let mut connection = None;
    while !shared.stop.load(Ordering::Relaxed) {
        let began = Timestamp::now();
        match ask(shared.gateway, &mut connection).await {
            Ok((StatusCode::OK, headers, text)) => match answer(began, &headers) {
                Some(answer) => shared.seen().answers.push(answer),
                None => shared.seen().lost.push(format!("nobody says that it answered {text}")),
            },
            Ok((status, _, text)) => shared.seen().refusals.push((status, text)),
            Err(error) => {
                shared.seen().lost.push(format!("{error:#}"));
                connection = None;
            }
        }
        tokio::time::sleep(PACE).await;
    }
}

/// One request, never sent a second time.
async fn ask(
    gateway: SocketAddr,
    connection: &mut Option<Connection>,
) -> anyhow::Result<(StatusCode, HeaderMap, String)> {
    let sender = match connection {
        Some(sender) => sender,
        None => {
            let stream = TcpStream::connect(gateway).await?;
            stream.set_nodelay(true)?;
            let (sender, driver) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(driver);
            connection.insert(sender)
        }
    };
    sender.ready().await.context("the connection was closed")?;
    let request = Request::post(format!("/iris{}", scene::PREDICT)).header("host", gateway.to_string());
    let request = request.header("content-type", "application/json");
    let request = request.body(Full::new(Bytes::from(scene::flower().to_string())))?;
    let (head, body) = sender.send_request(request).await.context("no answer")?.into_parts();
    let body = body.collect().await.context("the answer broke off")?.to_bytes();
    Ok((head.status, head.headers, String::from_utf8_lossy(&body).into_owned()))
}

fn answer(began: Timestamp, headers: &HeaderMap) -> Option<Answer> {
    let text = |name| headers.get(name)?.to_str().ok();
    let replica = text("x-changeover-replica")?.parse().ok()?;
    let revision = RevisionNumber(text("x-changeover-revision")?.parse().ok()?);
    Some(Answer { began, ended: Timestamp::now(), replica, revision })
}

/// The journal's word on a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// The replica was ready, and meant to serve.
    Ready,
    /// A process was started for the replica.
    Started,
}

/// Every answer came from a replica that the journal calls ready: before the request began or, for one that had to
/// wait, before the answer came. And it was counted to a revision that the replica had been given by then.
///
/// That a replica is ready is entered before the gateway hears of it. How it ends is left out: who is gone does not
/// answer.
pub(crate) fn check(answers: &[Answer], journal: &[Entry]) -> anyhow::Result<()> {
    ensure!(answers.len() > 100, "only {} answers came", answers.len());
    let mut words: BTreeMap<&ReplicaId, Vec<(Timestamp, Word)>> = BTreeMap::new();
    let mut revisions: BTreeMap<(&ReplicaId, RevisionNumber), Timestamp> = BTreeMap::new();
    for entry in journal {
        let Event::ReplicaChanged { replica } = &entry.event else { continue };
        revisions.entry((&replica.id, replica.revision)).or_insert(entry.at);
        let word = match (replica.intent, replica.observed) {
            (Intent::Run, Observed::Ready { .. }) => Word::Ready,
            (_, Observed::Unknown | Observed::Starting { .. }) => Word::Started,
            _ => continue,
        };
        words.entry(&replica.id).or_default().push((entry.at, word));
    }
    for answer in answers {
        let words =
            words.get(&answer.replica).with_context(|| format!("the journal knows no such replica: {answer:?}"))?;
        let at_first = words.iter().rfind(|(at, _)| *at <= answer.began);
        let later = words.iter().filter(|(at, _)| *at > answer.began && *at <= answer.ended);
        let was_ready = at_first.into_iter().chain(later).any(|(_, word)| *word == Word::Ready);
        ensure!(was_ready, "it was not ready: {answer:?}, and the journal says {words:?}");
        let given = revisions.get(&(&answer.replica, answer.revision));
        ensure!(given.is_some_and(|at| *at <= answer.ended), "it was never given that revision: {answer:?}");
    }
    Ok(())
}
