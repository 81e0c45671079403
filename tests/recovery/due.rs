//! Killed around the time at which a change is due, and down across it: within its time it starts exactly once, and
//! after its last time it expires.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use domain::moment;
use jiff::{SignedDuration, Timestamp};
use tests::program::until;
use tokio::time::Instant;

use crate::feed::Feed;
use crate::moments::{Moment, TRIES, Thing, spread};
use crate::scene;
use crate::team::{Asked, Team, starts};

/// Time to ask and to approve.
const LEAD: SignedDuration = SignedDuration::from_millis(400);
/// Where what is approved too late could not start any more.
const LONG_LEAD: SignedDuration = SignedDuration::from_millis(1_000);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_due_starts_exactly_once_whenever_the_server_is_killed() -> anyhow::Result<()> {
    let mut team = Team::open().await?;
    let takes = undisturbed(&mut team).await?;
    // Also before it is due, with a start that comes after.
    let moments = [vec![Moment::Part(-200), Moment::Part(-20)], spread(8, &[1, 3, 4, 5, 6])].concat();
    let mut before = 0;
    for moment in moments.iter().copied() {
        let (asked, started) = killed_at(moment, takes, None, &mut team).await?;
        team.server.start_again().await?;
        let view = team.until_in(&["applied", "expired"], &asked).await;
        let view = view.with_context(|| format!("killed at {moment:?}"))?;
        ensure!(view["state"] == "applied", "killed at {moment:?}: {view:#}");
        before += usize::from(!started);
    }
    let points = moments.len();
    println!("it takes {takes:?}; killed {before} times before it had started, of {points}");
    ensure!(before > 0 && before < points, "killed {before} times before it had started, of {points}");
    scene::tried("a change that is due", points as u32)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_was_down_for_expires() -> anyhow::Result<()> {
    let mut team = Team::open().await?;
    let takes = undisturbed(&mut team).await?;
    // Enough for a start that is not kept from it.
    let time = SignedDuration::try_from(4 * takes)?.max(SignedDuration::from_millis(500));
    let moments = [vec![Moment::Part(-200)], spread(4, &[2])].concat();
    for moment in moments.iter().copied() {
        let (asked, started) = killed_at(moment, takes, Some(time), &mut team).await?;
        let last = Timestamp::now() + time;
        until("the last time being over", async || Ok((Timestamp::now() > last).then_some(()))).await?;
        team.server.start_again().await?;
        let view = team.until_in(&["applied", "expired"], &asked).await;
        let view = view.with_context(|| format!("killed at {moment:?}"))?;
        ensure!((view["state"] == "applied") == started, "killed at {moment:?}, started: {started}: {view:#}");
        if !started {
            let (problem, not_after) = (&view["ended"]["problem"], &view["apply"]["at"]["not_after"]);
            let last: Timestamp = serde_json::from_value(not_after.clone())?;
            let told = problem.as_str().is_some_and(|problem| problem.contains(&moment::in_words(last)));
            ensure!(told, "it does not say why it expired: {view:#}");
        }
    }
    // And what is asked for now starts.
    undisturbed(&mut team).await?;
    scene::tried("a change that is due with little time", moments.len() as u32)
}

/// The time from when a change is due until its start is known, without a kill.
async fn undisturbed(team: &mut Team) -> anyhow::Result<Duration> {
    let mut shortest = Duration::MAX;
    for _ in 0..TRIES {
        let due = Timestamp::now() + LEAD;
        let asked = team.schedule(due, None).await?;
        let mut feed = Feed::open(&team.server, asked.seq).await?;
        thing(due, Duration::ZERO).seen(&mut feed).await?;
        shortest = shortest.min(Duration::try_from(Timestamp::now().duration_since(due)).unwrap_or_default());
        team.until_in(&["applied"], &asked).await?;
    }
    Ok(shortest)
}

/// A change with so much time to start, and a kill around the time at which it is due. True when it had been started.
async fn killed_at(
    moment: Moment,
    takes: Duration,
    time: Option<SignedDuration>,
    team: &mut Team,
) -> anyhow::Result<(Asked, bool)> {
    let due = Timestamp::now() + if time.is_some() { LONG_LEAD } else { LEAD };
    let asked = team.schedule(due, time.map(|time| due + time)).await?;
    let mut feed = Feed::open(&team.server, asked.seq).await?;
    moment.reached(thing(due, takes), &mut feed).await?;
    team.server.kill()?;
    let entries = scene::journal(&team.server)?.into_iter().filter(|entry| entry.seq.0 > asked.seq);
    let events: Vec<_> = entries.map(|entry| entry.event).collect();
    let started = team.started(&events, &asked)?;
    ensure!(started <= 1, "{started} rollouts were started");
    Ok((asked, started == 1))
}

/// The start of a change that is due then.
fn thing(due: Timestamp, takes: Duration) -> Thing {
    let left = Duration::try_from(due.duration_since(Timestamp::now())).unwrap_or_default();
    Thing { begins: Instant::now() + left, takes, is_first: starts }
}
