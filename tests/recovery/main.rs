//! Killed at any moment, the next start finishes or reverts, and never says *done* too early (CO-9).
//!
//! The server is cut off at every single call that it makes to its target, before and after the call has
//! had its effect where it has one; then a new one starts on the same database, with the same processes still running.

mod answers;
mod approving;
mod clocks;
mod due;
mod feed;
mod joining;
mod kills;
mod linking;
mod log;
mod moments;
mod power_cut;
mod replicas;
mod scene;
mod story;
mod team;
mod witness;

use std::time::Duration;

use changeover::targets::fake::{Behaviour, KillPoint};
use domain::deployment::Status;
use domain::id::Seq;
use domain::rollout::{Phase, RolloutEvent};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::stage::Stage;

/// A kind of rollout, and how it must end wherever the server is killed.
struct Story {
    /// The first act, upon three replicas of `iris@1`.
    act: fn(&Stage) -> anyhow::Result<()>,
    /// The second act, half a second later.
    then: fn(&Stage) -> anyhow::Result<()>,
    phase: Phase,
    /// The revision that every replica runs in the end.
    revision: u32,
    replicas: usize,
    /// Fewest replicas that must be routed at any moment, and the most that may run.
    floor: usize,
    ceiling: usize,
}

const CAREFUL: fn() -> Value = || json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 5});

#[tokio::test(start_paused = true)]
async fn an_update_is_finished() {
    let act = |stage: &Stage| {
        stage.operator.update("iris", json!({"set": {"models": ["iris@2"]}, "strategy": CAREFUL()})).map(drop)
    };
    everywhere(&Story { act, then: nothing, phase: Phase::Completed, revision: 2, replicas: 3, floor: 3, ceiling: 4 })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_broken_update_is_reverted() {
    let act = |stage: &Stage| {
        stage.target.behave("iris@2", Behaviour::Crashes(SignedDuration::from_millis(700)));
        let strategy = json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 2});
        stage.operator.update("iris", json!({"set": {"models": ["iris@2"]}, "strategy": strategy})).map(drop)
    };
    everywhere(&Story { act, then: nothing, phase: Phase::Reverted, revision: 1, replicas: 3, floor: 3, ceiling: 4 })
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_update_without_surge_is_finished() {
    let act = |stage: &Stage| {
        stage
            .operator
            .update("iris", json!({"set": {"models": ["iris@2"]}, "strategy": {"max_unavailable": 1}}))
            .map(drop)
    };
    everywhere(&Story { act, then: nothing, phase: Phase::Completed, revision: 2, replicas: 3, floor: 2, ceiling: 3 })
        .await;
}

#[tokio::test(start_paused = true)]
async fn scaling_restarts_nothing() {
    let act = |stage: &Stage| stage.operator.update("iris", json!({"set": {"replicas": 5}})).map(drop);
    everywhere(&Story { act, then: nothing, phase: Phase::Completed, revision: 2, replicas: 5, floor: 3, ceiling: 5 })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_update_goes_back() {
    let act = |stage: &Stage| {
        stage.target.behave("iris@2", Behaviour::NeverReady);
        stage
            .operator
            .update("iris", json!({"set": {"models": ["iris@2"]}, "strategy": {"max_unavailable": 1}}))
            .map(drop)
    };
    let then = |stage: &Stage| stage.operator.move_rollout("iris", RolloutEvent::Cancel);
    everywhere(&Story { act, then, phase: Phase::Cancelled, revision: 1, replicas: 3, floor: 2, ceiling: 3 }).await;
}

#[tokio::test(start_paused = true)]
async fn a_superseding_update_is_finished() {
    let act = |stage: &Stage| {
        stage.target.behave("iris@2", Behaviour::NeverReady);
        stage.operator.update("iris", json!({"set": {"models": ["iris@2"]}, "strategy": CAREFUL()}))?;
        let next = json!({"set": {"models": ["iris@3"]}, "strategy": CAREFUL(), "on_top_of": 2});
        stage.operator.update("iris", next).map(drop)
    };
    everywhere(&Story { act, then: nothing, phase: Phase::Completed, revision: 3, replicas: 3, floor: 3, ceiling: 4 })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_user_config_is_delivered() {
    let act =
        |stage: &Stage| stage.operator.update("iris", json!({"set": {"user_config": {"threshold": 0.3}}})).map(drop);
    everywhere(&Story { act, then: nothing, phase: Phase::Completed, revision: 2, replicas: 3, floor: 3, ceiling: 3 })
        .await;
}

/// Wherever the server is killed, no replica is left with what was taken back.
#[tokio::test(start_paused = true)]
async fn a_user_config_that_is_cancelled_is_taken_back() {
    let act = |stage: &Stage| {
        // With one replica more that takes its time, so that there is something to cancel.
        stage.target.behave("iris@1", Behaviour::NeverReady);
        let request = json!({"set": {"user_config": {"threshold": 0.3}, "replicas": 4}});
        stage.operator.update("iris", request).map(drop)
    };
    let then = |stage: &Stage| stage.operator.move_rollout("iris", RolloutEvent::Cancel);
    everywhere(&Story { act, then, phase: Phase::Cancelled, revision: 1, replicas: 3, floor: 3, ceiling: 4 }).await;
}

#[tokio::test(start_paused = true)]
async fn a_user_config_that_is_refused_goes_back() {
    let act = |stage: &Stage| stage.operator.update("iris", json!({"set": {"user_config": {"refused": 1}}})).map(drop);
    everywhere(&Story { act, then: nothing, phase: Phase::Reverted, revision: 1, replicas: 3, floor: 3, ceiling: 3 })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_user_config_that_is_not_taken_is_brought_by_fresh_replicas() {
    let act = |stage: &Stage| stage.operator.update("iris", json!({"set": {"user_config": {"busy": 1}}})).map(drop);
    everywhere(&Story { act, then: nothing, phase: Phase::Completed, revision: 2, replicas: 3, floor: 3, ceiling: 4 })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_relaunch_is_finished() {
    let act = |stage: &Stage| stage.operator.relaunch("iris", json!({"strategy": CAREFUL()}));
    everywhere(&Story { act, then: nothing, phase: Phase::Completed, revision: 2, replicas: 3, floor: 3, ceiling: 4 })
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_update_that_stops_is_made_up_for() {
    let act = |stage: &Stage| {
        stage.target.behave("iris@2", Behaviour::NeverReady);
        let strategy = json!({"max_unavailable": 1, "progress_deadline_seconds": 3});
        stage
            .operator
            .update("iris", json!({"set": {"models": ["iris@2"]}, "strategy": strategy, "on_failure": "stop"}))
            .map(drop)
    };
    everywhere(&Story { act, then: nothing, phase: Phase::Failed, revision: 1, replicas: 3, floor: 2, ceiling: 3 })
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_activation_is_finished() {
    let act = |stage: &Stage| stage.operator.deactivate("iris");
    let then = |stage: &Stage| stage.operator.activate("iris", json!({}));
    everywhere(&Story { act, then, phase: Phase::Completed, revision: 2, replicas: 3, floor: 0, ceiling: 3 }).await;
}

fn nothing(_: &Stage) -> anyhow::Result<()> {
    Ok(())
}

async fn everywhere(story: &Story) {
    let killed_at = async |cut: KillPoint, last: Option<Moment>| {
        killed_at(story, cut, last).await.unwrap_or_else(|error| panic!("killed at {cut:?}: {error:#}"))
    };
    let (mut points, mut last) = (0, None);
    for call in 1.. {
        let Some(moment) = killed_at(KillPoint { call, after: false }, last).await else { break };
        points += u32::from(last != Some(moment));
        if !moment.looks {
            killed_at(KillPoint { call, after: true }, None).await;
            points += 1;
        }
        last = Some(moment);
    }
    assert!(points > 8, "the story is too short to be killed in: {points} moments");
    scene::tried("calls to the target", points).expect("standard error can be written to");
}

/// The mark by which one kill is told from another: two looks in a row at the same state of affairs are one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moment {
    last_entry: Seq,
    at: Timestamp,
    looks: bool,
}

/// Plays the story with a cut; none when it was over before the cut was reached. Breaks off when the moment is the
/// last one again.
async fn killed_at(story: &Story, cut: KillPoint, last: Option<Moment>) -> anyhow::Result<Option<Moment>> {
    let mut stage = Stage::open().await?;
    for _ in 0..3 {
        stage.operator.register("iris")?;
    }
    stage.operator.deploy("iris", json!({"models": ["iris@1"], "replicas": 3}), json!({}))?;
    stage.until_over("iris").await?;
    for model in ["iris@1", "iris@2", "iris@3"] {
        stage.target.behave(model, Behaviour::Ready(SignedDuration::from_millis(300)));
    }
    stage.target.cut(cut);
    (story.act)(&stage)?;
    let mut begun = stage.rollout("iris")?.number;
    let mut killed = None;
    let later = tokio::time::Instant::now() + Duration::from_millis(500);
    let mut then = Some(story.then);
    let end = tokio::time::Instant::now() + Duration::from_secs(120);
    let is_busy = |stage: &Stage| {
        let row = stage.deployment("iris")?;
        anyhow::Ok(row.rollout.is_some() || row.status == Status::Stopping)
    };
    let mut published = None;
    let mut settled_since = None;
    loop {
        // Every pass publishes; where there was none, nothing is new.
        if published != Some(stage.routing.publications()) {
            published = Some(stage.routing.publications());
            settled_since = (then.is_none() && !is_busy(&stage)?).then(tokio::time::Instant::now);
        }
        // What was decided in the end is carried out too, with kills in it.
        if settled_since.is_some_and(|since| since.elapsed() > Duration::from_secs(1)) && !stage.target.is_dead() {
            break;
        }
        anyhow::ensure!(tokio::time::Instant::now() < end, "it never ends: {:#?}", stage.rollout("iris")?);
        stage.tick().await;
        // What is not possible yet will be.
        if tokio::time::Instant::now() >= later && then.is_some_and(|then| then(&stage).is_ok()) {
            then = None;
            published = None;
            begun = stage.rollout("iris")?.number;
        }
        if stage.target.is_dead() {
            let (last_entry, looks) = (stage.store.read(|reading| reading.last_seq())?, stage.target.was_looking());
            let moment = Moment { last_entry, at: stage.now(), looks };
            killed = Some(moment);
            if looks && last == killed {
                return Ok(killed);
            }
            stage.start_again().await?;
        }
        if published == Some(stage.routing.publications()) {
            continue;
        }
        let running = stage.target.running().len();
        anyhow::ensure!(running <= story.ceiling, "{running} replicas run, {} are allowed", story.ceiling);
        let routed: usize = stage.traffic("iris")?.values().sum();
        anyhow::ensure!(routed >= story.floor, "{routed} replicas get requests, the floor is {}", story.floor);
    }
    let rollout = stage.rollout("iris")?;
    anyhow::ensure!(rollout.number == begun && rollout.phase == story.phase, "{:?}", rollout.phase);
    let traffic = stage.traffic("iris")?;
    anyhow::ensure!(traffic == [(story.revision, story.replicas)].into(), "traffic goes to {traffic:?}");
    anyhow::ensure!(stage.target.running().len() == story.replicas, "strays run: {:?}", stage.target.running());
    for record in stage.replicas("iris")? {
        let meant = stage.configuration("iris", record.revision)?.user_config;
        let has = stage.target.user_config(&record.id);
        anyhow::ensure!(has.as_ref() == Some(&meant), "{} has {has:?} and should have {meant}", record.id);
    }
    anyhow::ensure!(stage.store.read(|reading| reading.verify_history())?.intact, "the history is broken");
    Ok(killed)
}
