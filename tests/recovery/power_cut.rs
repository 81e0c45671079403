//! A power cut: what was written last is torn off, in the middle of a page if need be. What is left is a moment
//! of before, and the next server goes on from there.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, ensure};
use domain::id::Seq;
use domain::replica::{Handle, Intent};
use rustix::process::Signal;
use serde_json::json;
use tests::processes::signal;
use tests::program::until;
use tests::script::tables;
use tests::server::Server;

use crate::feed::Feed;
use crate::log::{self, Log, torn};
use crate::scene;
use crate::story::{Processes, Story};

/// A story up to so many entries of its first rollout, and the log that the killed server leaves.
async fn killed_after(server: &mut Server, story: &Story, entries: u32) -> anyhow::Result<Log> {
    let mut feed = Feed::open(server, scene::last_seq(server).await?).await?;
    scene::begin(server, story, 1).await?;
    ensure!(feed.reach(story, entries).await?, "the rollout was over before");
    server.kill()?;
    Log::read(&server.data())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_the_log_is_torn_a_moment_of_before_is_left() -> anyhow::Result<()> {
    let mut server = scene::open().await?;
    let log = killed_after(&mut server, &Story::of("update"), 14).await?;
    let database = fs::read(server.data().join("changeover.db"))?;
    let hashes: Vec<_> = {
        let whole = torn(&database, &log.bytes)?;
        let written = whole.store.read(|reading| reading.entries_after(Seq(0), u32::MAX))?;
        written.into_iter().map(|written| written.hash).collect()
    };
    let places = log.places();
    let mut last = 0;
    let mut known = BTreeMap::new();
    for place in &places {
        let entries = check(&database, &log.bytes[..*place], &hashes, &mut known)
            .with_context(|| format!("torn after {place} of {} bytes", log.bytes.len()))?;
        let was_whole = log.commits().contains(place);
        ensure!(entries >= last, "torn after {place} bytes it has {entries} entries, and {last} with less");
        ensure!(entries == last || was_whole, "{place} is in the middle of a transaction and gives {entries} entries");
        last = entries;
    }
    ensure!(last == hashes.len(), "the whole log gives {last} of {} entries", hashes.len());
    // The disk wrote the end before the middle.
    for frame in log.frames.iter().step_by(5) {
        let mut holey = log.bytes.clone();
        holey[(frame.begin + frame.end) / 2..frame.end].fill(0x5a);
        let entries = check(&database, &holey, &hashes, &mut known);
        let entries = entries.with_context(|| format!("with a hole after {} bytes", frame.begin))?;
        let before = check(&database, &log.bytes[..frame.begin], &hashes, &mut known)?;
        ensure!(entries == before, "with a hole after {} bytes it has {entries} entries", frame.begin);
    }
    println!("{} entries in {} transactions, {} frames", last, log.commits().len(), log.frames.len());
    scene::tried("places where the log is torn", (places.len() + log.frames.len().div_ceil(5)) as u32)
}

/// It opens, it is a beginning of the whole journal, and its tables are those that this beginning gives; the number of
/// its entries. `known` holds the tables of moments that were folded already.
fn check(database: &[u8], log: &[u8], hashes: &[String], known: &mut BTreeMap<usize, String>) -> anyhow::Result<usize> {
    let torn = torn(database, log)?;
    let verified = torn.store.read(|reading| reading.verify_history())?;
    ensure!(verified.intact, "{verified:?}");
    let entries = usize::try_from(verified.entries)?;
    let head = entries.checked_sub(1).and_then(|last| hashes.get(last));
    ensure!(verified.head.as_ref() == head, "entry {entries} is another one than before: {verified:?}");
    let rows = tables(&torn.store)?;
    if let Some(known) = known.get(&entries) {
        ensure!(*known == rows, "the same {entries} entries stand beside other tables");
        return Ok(entries);
    }
    torn.store.rebuild()?;
    ensure!(tables(&torn.store)? == rows, "{entries} entries, folded from the start, do not give the tables");
    known.insert(entries, rows);
    Ok(entries)
}

/// The part of the log that the power cut took.
#[derive(Clone, Copy, Debug)]
enum Lost {
    /// Half of the page that was written last.
    HalfAPage,
    /// The last transactions, this number of them.
    Transactions(usize),
    /// Everything since before the rollout.
    Rollout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Replicas {
    /// The replicas run on, as when somebody takes the database back to an older copy.
    Run,
    /// The replicas have ended, as in a real power cut.
    Gone,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_goes_on_from_what_is_left() -> anyhow::Result<()> {
    let cases = [
        ("update", 16, Lost::HalfAPage, Replicas::Gone),
        ("update", 12, Lost::Transactions(4), Replicas::Run),
        ("update", 22, Lost::Rollout, Replicas::Run),
        ("update", 20, Lost::Rollout, Replicas::Gone),
    ];
    all(&cases).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_does_one_that_was_doing_something_else() -> anyhow::Result<()> {
    let cases = [
        ("relaunch", 16, Lost::Transactions(6), Replicas::Run),
        ("new user_config", 4, Lost::Rollout, Replicas::Run),
        ("new user_config", 4, Lost::Transactions(2), Replicas::Run),
        ("scaling", 7, Lost::Transactions(3), Replicas::Gone),
        ("deactivation and activation", 6, Lost::Rollout, Replicas::Run),
        ("broken update", 5, Lost::Transactions(2), Replicas::Run),
    ];
    all(&cases).await
}

async fn all(cases: &[(&str, u32, Lost, Replicas)]) -> anyhow::Result<()> {
    for case @ (name, entries, lost, replicas) in cases {
        one(&Story::of(name), *entries, *lost, *replicas).await.with_context(|| format!("{case:?}"))?;
    }
    scene::tried("power cuts of a server", cases.len() as u32)
}

/// The journal knows an earlier process of a replica that was started again since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_was_started_again_is_taken_over() -> anyhow::Result<()> {
    let mut server = scene::open().await?;
    let written = Log::read(&server.data())?.commits().len();
    let first = server.replicas()?.swap_remove(0);
    signal(first.pid, Signal::KILL);
    let again = async || {
        let running = scene::settled(&server, 2).await?;
        Ok(running.filter(|running| !running.contains(&first)))
    };
    let before = until("another process", again).await?;
    server.kill()?;
    let log = Log::read(&server.data())?;
    log::write(&server.data(), &log.bytes[..log.commits()[written - 1]])?;
    server.start_again().await?;
    let running = scene::until_as_meant(&server, &(Story::of("update").outcome)(2)).await?;
    ensure!(running == before, "{before:?} became {running:?}");
    scene::tried("a replica that was started again", 1)
}

async fn one(story: &Story, entries: u32, lost: Lost, replicas: Replicas) -> anyhow::Result<()> {
    let mut server = scene::open().await?;
    let before = scene::last_seq(&server).await?;
    let log = killed_after(&mut server, story, entries).await?;
    let commits = log.commits();
    let end = match lost {
        Lost::HalfAPage => commits[commits.len() - 1] - 1_000,
        Lost::Transactions(so_many) => commits[commits.len() - 1 - so_many],
        Lost::Rollout => {
            let database = fs::read(server.data().join("changeover.db"))?;
            let is_before = |end: &usize| {
                let torn = torn(&database, &log.bytes[..*end])?;
                anyhow::Ok(torn.store.read(|reading| reading.last_seq())?.0 <= before)
            };
            let mut left = commits.iter().copied().rev();
            left.find_map(|end| is_before(&end).map(|is| is.then_some(end)).transpose()).context("no such moment")??
        }
    };
    log::write(&server.data(), &log.bytes[..end])?;
    let left = scene::left_behind(&server)?;
    if replicas == Replicas::Gone {
        server.replicas()?.iter().for_each(|replica| signal(replica.pid, Signal::KILL));
        until("the replicas' end", async || Ok(server.replicas()?.is_empty().then_some(()))).await?;
    }
    let orphans = server.replicas()?;

    server.start_again().await?;
    let outcome = match lost {
        // As before it: that is what the second request takes back to.
        Lost::Rollout => (Story::of("new user_config").outcome)(2),
        _ => (story.outcome)(1),
    };
    let running = scene::until_as_meant(&server, &outcome).await?;
    let ready = left.replicas.iter().filter(|record| record.intent == Intent::Run && record.observed.is_ready());
    for record in ready {
        let same =
            |pid: u32| record.handle.as_ref().and_then(Handle::process).is_some_and(|process| process.pid == pid);
        let orphan = orphans.iter().find(|orphan| same(orphan.pid) && orphan.model == outcome.model);
        if let Some(orphan) = orphan.filter(|_| outcome.processes != Processes::OfRevision) {
            ensure!(running.contains(orphan), "{orphan:?} was ready and wanted, and was replaced: {running:?}");
        }
    }
    // And it can be rolled out again.
    server.post("/deployments/iris/rollouts", &json!({"set": {"models": ["iris@2"], "replicas": 2}})).await?;
    let label = outcome.label;
    let next = (Story::of("update").outcome)(1);
    scene::until_as_meant(&server, &crate::story::Outcome { label, ..next }).await?;
    Ok(())
}
