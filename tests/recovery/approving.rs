//! Killed between an approval and the start of what was approved: either nobody has approved it and nothing has
//! started, or it has started once, as it was approved.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::json;
use tests::server::answer;
use tokio::time::Instant;

use crate::feed::Feed;
use crate::log::{Log, torn};
use crate::moments::{Moment, TRIES, Thing, spread};
use crate::scene;
use crate::team::{Asked, Team, completes, starts};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_and_the_start_are_there_together_or_not_at_all() -> anyhow::Result<()> {
    let mut team = Team::open().await?;
    let mut thing = Thing { begins: Instant::now(), takes: Duration::MAX, is_first: starts };
    for _ in 0..TRIES {
        let asked = team.ask(json!("when_approved")).await?;
        let mut feed = Feed::open(&team.server, asked.seq).await?;
        thing.begins = Instant::now();
        let (approved, seen) = tokio::join!(team.approve(&asked), thing.seen(&mut feed));
        approved.and(seen)?;
        thing.takes = thing.takes.min(thing.begins.elapsed());
        team.until_in(&["applied"], &asked).await?;
    }
    let moments = spread(10, &[1, 3, 4, 5, 6]);
    let mut before = 0;
    for moment in &moments {
        let started = killed_at(*moment, thing, &mut team).await.with_context(|| format!("killed at {moment:?}"))?;
        before += usize::from(!started);
    }
    let points = moments.len();
    println!("it takes {:?}; killed {before} times before it had started, of {points}", thing.takes);
    ensure!(before > 0 && before < points, "killed {before} times before it had started, of {points}");
    scene::tried("an approval", points as u32)
}

/// One approval with a kill in it; true when it had its effect.
async fn killed_at(moment: Moment, thing: Thing, team: &mut Team) -> anyhow::Result<bool> {
    let asked = team.ask(json!("when_approved")).await?;
    let mut feed = Feed::open(&team.server, asked.seq).await?;
    let thing = Thing { begins: Instant::now(), ..thing };
    let approval = tokio::spawn(answer(team.approval(&asked)));
    moment.reached(thing, &mut feed).await?;
    team.server.kill()?;
    let told = approval.await?;
    team.server.start_again().await?;
    let view = team.until_in(&["open", "applied"], &asked).await?;
    let started = view["state"] == "applied";
    if let Ok(answer) = told {
        ensure!(answer.status == 200 && started, "{answer:?} was told, and then it is {view:#}");
    }
    if !started {
        // It still waits for it.
        team.approve(&asked).await?;
        team.until_in(&["applied"], &asked).await?;
    }
    Ok(started)
}

/// Wherever the log ends that a killed server leaves, what is kept of a request is whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_written_last_no_request_is_left_half_applied() -> anyhow::Result<()> {
    let mut team = Team::open().await?;
    let mut feed = Feed::open(&team.server, scene::last_seq(&team.server).await?).await?;
    let when_approved = team.ask(json!("when_approved")).await?;
    team.approve(&when_approved).await?;
    team.until_in(&["applied"], &when_approved).await?;
    let due = jiff::Timestamp::now() + jiff::SignedDuration::from_millis(500);
    let scheduled = team.schedule(due, None).await?;
    for _ in 0..2 {
        while !completes(&feed.next().await?) {}
    }
    team.server.kill()?;
    let log = Log::read(&team.server.data())?;
    let database = fs::read(team.server.data().join("changeover.db"))?;
    let mut points = 0;
    let mut seen = [Vec::new(), Vec::new()];
    // The first ones come from before the requests.
    for frame in log.frames.iter().rev() {
        let torn = torn(&database, &log.bytes[..frame.end])?;
        for (asked, states) in [&when_approved, &scheduled].into_iter().zip(&mut seen) {
            let state = team.state_in(&torn.store, asked);
            note(states, state.with_context(|| format!("torn after {} bytes", frame.end))?, asked)?;
        }
        points += 1;
        if seen.iter().all(|states| states.last() == Some(&None)) {
            break;
        }
    }
    let states = |words: [Option<&str>; 3]| words.map(|word| word.map(str::to_owned)).to_vec();
    ensure!(seen[0] == states([Some("applied"), Some("open"), None]), "{seen:?}");
    ensure!(seen[1][..3] == states([Some("applied"), Some("scheduled"), Some("open")]), "{seen:?}");
    scene::tried("places where the log is torn beside requests", points)
}

/// Notes a state where it differs from the last one, going backwards.
fn note(states: &mut Vec<Option<String>>, state: Option<String>, asked: &Asked) -> anyhow::Result<()> {
    if states.last() != Some(&state) {
        ensure!(!states.contains(&state), "{} is {state:?} twice: {states:?}", asked.id);
        states.push(state);
    }
    Ok(())
}
