//! `kill -9` of a real server at any moment, with real processes left behind.
//!
//! One deployment lives through rollout after rollout. In each, the server is killed as soon as its n-th
//! entry is in the journal, for every n that such a rollout has; then it is started again.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Stdio};

use anyhow::{Context as _, ensure};
use domain::event::Event;
use domain::replica::{Handle, Intent, Observed, ReplicaRecord};
use rustix::process::Signal;
use serde_json::json;
use tests::processes::{ReplicaProcess, signal, words_of};
use tests::program::{clean, program, until};
use tests::server::Server;

use crate::feed::Feed;
use crate::scene::{self, LeftBehind};
use crate::story::{Outcome, Processes, REPLICAS, Story, words};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_is_finished() -> anyhow::Result<()> {
    at_every_entry("update").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_is_finished() -> anyhow::Result<()> {
    at_every_entry("rollback").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relaunch_is_finished() -> anyhow::Result<()> {
    at_every_entry("relaunch").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_superseding_update_is_finished() -> anyhow::Result<()> {
    at_every_entry("supersede").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_update_is_reverted() -> anyhow::Result<()> {
    // They mostly wait for the deadline to pass.
    tokio::try_join!(at_every_entry("broken update"), at_every_entry("revert"), at_every_entry("stopped update"))?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_config_is_delivered() -> anyhow::Result<()> {
    at_every_entry("new user_config").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scaling_is_finished() -> anyhow::Result<()> {
    at_every_entry("scaling").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deactivation_and_an_activation_are_finished() -> anyhow::Result<()> {
    at_every_entry("deactivation and activation").await
}

async fn at_every_entry(name: &str) -> anyhow::Result<()> {
    let story = Story::of(name);
    let mut server = scene::open().await?;
    scene::prepare(&server, &story).await?;
    let mut last_words = BTreeSet::new();
    let mut points = 0;
    for n in 1.. {
        let after = story.entries(n);
        let killed = killed_in(&story, &mut server, n).await;
        match killed.with_context(|| format!("{name}, round {n}, killed after {after} entries"))? {
            Some(last) => last_words.insert(words(&last)),
            None if story.is_over_after(n) => break,
            None => continue,
        };
        points += 1;
        if after >= story.most {
            break;
        }
    }
    println!("killed when the last entry was: {last_words:?}");
    // What is over almost at once has gone on a little by the time the signal arrives.
    ensure!(points < 12 || last_words.len() >= 4, "the kills all fell into the same moments: {last_words:?}");
    scene::tried(name, points)
}

/// The server is killed while a replica has been sent its new `user_config` and has not said whether it took it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_config_on_its_way_is_given_again() -> anyhow::Result<()> {
    let story = Story::of("new user_config");
    let mut server = scene::open().await?;
    let before = server.replicas()?;
    for n in 1..=2 * REPLICAS as u32 {
        let frozen = &before[(n / 2) as usize % REPLICAS];
        let mut feed = Feed::open(&server, scene::last_seq(&server).await?).await?;
        signal(frozen.pid, Signal::STOP);
        scene::begin(&server, &story, n).await?;
        let about_it = |event: &Event| match event {
            Event::ReplicaChanged { replica } => replica.id.as_str() == frozen.id && replica.delivery.is_some(),
            _ => false,
        };
        while !about_it(&feed.next().await?) {}
        server.kill()?;
        // What was sent to it reaches it now, and nobody is there to be told.
        signal(frozen.pid, Signal::CONT);
        server.start_again().await?;
        let running = scene::until_as_meant(&server, &(story.outcome)(n)).await?;
        ensure!(running == before, "{before:?} became {running:?}");
    }
    scene::tried("a user_config on its way", 2 * REPLICAS as u32)
}

/// One rollout with a kill in it; the last entry of the killed server, none when the rollout was over before.
async fn killed_in(story: &Story, server: &mut Server, n: u32) -> anyhow::Result<Option<Event>> {
    let before = server.replicas()?;
    let mut feed = Feed::open(server, scene::last_seq(server).await?).await?;
    scene::begin(server, story, n).await?;
    let reached = feed.reach(story, story.entries(n)).await?;
    server.kill()?;
    drop(feed);

    let left = scene::left_behind(server)?;
    let orphans = server.replicas()?;
    let kept = kept(&left, &orphans)?;
    for (record, _) in &kept {
        scene::answers_itself(record).await?;
    }
    server.start_again().await?;
    let outcome = (story.outcome)(n);
    let running = scene::until_as_meant(server, &outcome).await?;
    went_on(&kept, &running, &outcome, server, &left).await?;
    if outcome.processes == Processes::All {
        ensure!(running == before, "{before:?} became {running:?}");
    }
    Ok(reached.then_some(left.last))
}

/// The replicas that were ready when the server was killed, with their processes: these must still be there.
fn kept<'a>(
    left: &'a LeftBehind,
    orphans: &'a [ReplicaProcess],
) -> anyhow::Result<Vec<(&'a ReplicaRecord, &'a ReplicaProcess)>> {
    let ready = left.replicas.iter().filter(|record| record.intent == Intent::Run && record.observed.is_ready());
    ready
        .map(|record| {
            let process = record.handle.as_ref().and_then(Handle::process);
            let pid = process.context("a ready replica has no process")?.pid;
            let orphan = orphans.iter().find(|orphan| orphan.pid == pid);
            Ok((record, orphan.with_context(|| format!("{} died with its server", record.id))?))
        })
        .collect()
}

/// Replicas that were ready were taken over, not replaced: their process stayed the same for as long as they were
/// meant to serve, and those that are wanted in the end still run.
async fn went_on(
    kept: &[(&ReplicaRecord, &ReplicaProcess)],
    running: &[ReplicaProcess],
    outcome: &Outcome,
    server: &Server,
    left: &LeftBehind,
) -> anyhow::Result<()> {
    for event in scene::entries_after(server, left.last_seq).await? {
        let Event::ReplicaChanged { replica } = &event else { continue };
        let Some((before, _)) = kept.iter().find(|(record, _)| record.id == replica.id) else { continue };
        let is_lost = matches!(replica.observed, Observed::Exited { .. } | Observed::Absent | Observed::Unknown);
        let serves = replica.intent == Intent::Run;
        ensure!(!serves || !is_lost && replica.handle == before.handle, "{before:?} became {replica:?}");
    }
    let revision = server.get("/deployments/iris").await?["revision"].as_u64();
    let wanted: Vec<_> = kept
        .iter()
        .filter(|(record, orphan)| match outcome.processes {
            Processes::OfRevision => Some(u64::from(record.revision.0)) == revision,
            Processes::OfModel | Processes::OfModelButOne | Processes::All => orphan.model == outcome.model,
        })
        .map(|(_, orphan)| *orphan)
        .collect();
    let still = wanted.iter().filter(|orphan| running.contains(orphan)).count();
    let given_up = usize::from(outcome.processes == Processes::OfModelButOne);
    ensure!(
        still + given_up >= wanted.len().min(outcome.replicas),
        "{wanted:?} were ready and wanted, and {running:?} run"
    );
    Ok(())
}

#[tokio::test]
async fn strays_are_ended_and_the_dead_are_replaced() -> anyhow::Result<()> {
    let mut server = scene::open().await?;
    server.kill()?;
    let [kept, dead] = server.replicas()?.try_into().ok().context("there are not two replicas")?;
    // One that no journal knows, as after a database was taken back to an older copy.
    let mut stray = twin(&kept, "r-stray")?;
    until("the stray", async || Ok((server.replicas()?.len() == REPLICAS + 1).then_some(()))).await?;
    signal(dead.pid, Signal::KILL);

    server.start_again().await?;
    let running = until("exactly the wanted replicas", async || scene::settled(&server, REPLICAS).await).await?;
    stray.kill()?;
    stray.wait()?;
    ensure!(running.contains(&kept), "{kept:?} was replaced: {running:?}");
    ensure!(running.iter().all(|replica| replica.pid != dead.pid && replica.id != "r-stray"), "{running:?}");
    let (_, answer) = server.infer("iris", "/v2/models/iris/infer", &scene::flower()).await?;
    ensure!(answer.body["outputs"][0]["data"] == json!(["setosa"]), "{answer:?}");
    Ok(())
}

/// Starts another process like this one, under another id.
fn twin(replica: &ReplicaProcess, id: &str) -> anyhow::Result<Child> {
    let line = fs::read_to_string(format!("/proc/{}/cmdline", replica.pid))?.replace(&replica.id, id);
    let words: Vec<_> = line.split_terminator('\0').skip(1).collect();
    let mut command = clean(&program());
    command
        .args(words)
        .stdin(File::open(words_of(replica.pid))?)
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(command.spawn()?)
}
