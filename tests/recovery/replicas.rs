//! `kill -9` of replicas: one of each kind at each moment of a rollout at which there is one, while clients ask.
//!
//! A moment is an entry of the journal with its words. The rollout must end as if nothing had happened, and no client
//! may notice more than that the request which the killed replica was answering broke off.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, ensure};
use domain::event::Event;
use domain::id::{ReplicaId, RevisionNumber};
use domain::replica::{Intent, Observed, ReplicaRecord};
use rustix::process::Signal;
use serde_json::json;
use tests::processes::signal;
use tests::server::Server;

use crate::feed::Feed;
use crate::scene;
use crate::story::{Story, words};
use crate::witness::{self, Witnesses};

const CLIENTS: usize = 2;

/// The part that a replica plays in a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Starting,
    ReadyOld,
    ReadyNew,
    Draining,
}

const KINDS: [Kind; 4] = [Kind::Draining, Kind::ReadyNew, Kind::Starting, Kind::ReadyOld];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_is_finished() -> anyhow::Result<()> {
    at_every_moment("update", false).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_update_is_reverted_and_a_superseding_one_is_finished() -> anyhow::Result<()> {
    // The one mostly waits for its deadline to pass.
    tokio::try_join!(at_every_moment("patient broken update", true), at_every_moment("supersede", false))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_config_is_delivered() -> anyhow::Result<()> {
    at_every_moment("new user_config", true).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scaling_is_finished() -> anyhow::Result<()> {
    at_every_moment("scaling", true).await
}

/// The journal's facts so far.
#[derive(Default)]
struct Known {
    replicas: BTreeMap<ReplicaId, ReplicaRecord>,
    to_revision: Option<RevisionNumber>,
}

impl Known {
    fn learn(&mut self, event: &Event) {
        match event {
            Event::RolloutStarted { to_revision, .. } => self.to_revision = Some(*to_revision),
            Event::ReplicaChanged { replica } => {
                self.replicas.insert(replica.id.clone(), replica.clone());
            }
            Event::ReplicaForgotten { id } => {
                self.replicas.remove(id);
            }
            _ => {}
        }
    }

    fn one(&self, kind: Kind) -> Option<&ReplicaRecord> {
        self.replicas.values().find(|record| {
            let is_new = Some(record.revision) == self.to_revision;
            match (record.intent, record.observed) {
                (Intent::Run, Observed::Starting { .. }) => kind == Kind::Starting,
                (Intent::Run, Observed::Ready { .. }) => kind == if is_new { Kind::ReadyNew } else { Kind::ReadyOld },
                (Intent::Drain { .. }, _) => kind == Kind::Draining,
                _ => false,
            }
        })
    }
}

/// With `afresh` the replicas are replaced before each round: one that keeps being killed is rightly started again
/// ever later.
async fn at_every_moment(name: &str, afresh: bool) -> anyhow::Result<()> {
    let story = Story::of(name);
    let mut server = scene::open().await?;
    let clients = Witnesses::start(&server, CLIENTS);
    let mut known = Known::default();
    let mut tried = BTreeSet::new();
    let mut seen = 0;
    for n in 1.. {
        let before = tried.len();
        seen = killed_in(&story, &server, n, seen, &mut known, &mut tried)
            .await
            .with_context(|| format!("{name}, round {n}, killed {:?}", tried.iter().skip(before)))?;
        let killed = tried.len() > before;
        let troubles = clients.troubles();
        let allowed = if killed { CLIENTS } else { 0 };
        let broke_off = troubles.iter().all(|trouble| trouble.contains("replica_broke_off"));
        ensure!(troubles.len() <= allowed && broke_off, "{name}, round {n}: requests failed: {troubles:#?}");
        if !killed && story.is_over_after(n) {
            break;
        }
        if afresh {
            server.post("/deployments/iris/relaunch", &json!({})).await?;
            server.until_over("iris").await?;
        }
    }
    println!("killed: {tried:#?}");
    let kinds: BTreeSet<_> = tried.iter().map(|(kind, _)| *kind).collect();
    ensure!(tried.len() >= 6 && kinds.len() >= 2, "too little was tried: {tried:?}");
    let answers = clients.stop().await?.answers;
    server.kill()?;
    witness::check(&answers, &scene::journal(&server)?)?;
    println!("{} answers, all by replicas that were ready", answers.len());
    scene::tried(&format!("replicas in {name}"), tried.len() as u32)
}

/// One rollout; a replica is killed in it at the first moment at which that has not been tried. The last entry that was
/// looked at.
async fn killed_in(
    story: &Story,
    server: &Server,
    n: u32,
    seen: u64,
    known: &mut Known,
    tried: &mut BTreeSet<(Kind, String)>,
) -> anyhow::Result<u64> {
    let mut feed = Feed::open(server, seen).await?;
    let before = scene::last_seq(server).await?;
    scene::begin(server, story, n).await?;
    let mut events: Vec<Event> = Vec::new();
    let mut killed = false;
    while !(story.ends)(&events) {
        let event = feed.next().await?;
        known.learn(&event);
        if events.is_empty() && !(feed.seen > before && (story.begins)(&event)) {
            continue;
        }
        let moment = words(&event);
        events.push(event);
        if killed {
            continue;
        }
        let new = KINDS.into_iter().find_map(|kind| {
            let is_new = !tried.contains(&(kind, moment.clone()));
            Some((kind, known.one(kind).filter(|_| is_new)?.handle.as_ref()?.process()?))
        });
        if let Some((kind, process)) = new {
            signal(process.pid, Signal::KILL);
            tried.insert((kind, moment));
            killed = true;
        }
    }
    scene::until_as_meant(server, &(story.outcome)(n)).await?;
    Ok(feed.seen)
}
