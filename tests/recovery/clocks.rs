//! Started with a system's clock that was moved: back, so that it lies before what the journal says, or forward across
//! the time at which a change is due.
//!
//! A server reads the system's clock when it starts, and takes the time of its journal's last entry where that is later.
//! So an entry of a later time is to it what a clock that was set back is.

use anyhow::{Context as _, ensure};
use changeover::events::Events;
use changeover::store::{Store, StoreError};
use domain::event::Event;
use domain::id::Seq;
use domain::principal::PrincipalId;
use jiff::{SignedDuration, Timestamp};
use tests::server::Server;

use crate::scene;
use crate::team::{Asked, Team};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MOMENT: SignedDuration = SignedDuration::from_millis(1_500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_set_back_starts_nothing_early_or_twice() -> anyhow::Result<()> {
    let mut team = Team::open().await?;
    let due = Timestamp::now() + HOUR;
    let asked = team.schedule(due, None).await?;
    team.server.kill()?;
    // Just before it was due, and now the system says that this is an hour away.
    last_entry_at(&team.server, due - MOMENT)?;
    team.server.start_again().await?;
    team.until_in(&["applied"], &asked).await?;
    let started = started_at(&mut team, &asked)?;
    ensure!(started >= due, "it was due at {due} and started at {started}");
    ensure!(started < due + HOUR / 2, "it was due at {due} and started at {started}, long after by the server's clock");

    // Once more before the time at which it was due, by the system's clock.
    team.server.start_again().await?;
    let later = team.schedule(due + 2 * HOUR, None).await?;
    team.server.kill()?;
    team.server.start_again().await?;
    team.until_in(&["applied"], &asked).await.context("after another start")?;
    ensure!(team.view(&later).await?["state"] == "scheduled", "what is due in two hours has moved");
    scene::tried("a clock that was set back", 2)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_was_set_forward_is_as_time_that_the_server_was_down() -> anyhow::Result<()> {
    let mut team = Team::open().await?;
    let now = Timestamp::now();
    let over = team.schedule(now + HOUR, Some(now + 2 * HOUR)).await?;
    team.server.kill()?;
    last_entry_at(&team.server, now + 3 * HOUR)?;
    team.server.start_again().await?;
    team.until_in(&["expired"], &over).await?;

    let due = team.schedule(now + 4 * HOUR, Some(now + 6 * HOUR)).await?;
    team.server.kill()?;
    last_entry_at(&team.server, now + 5 * HOUR)?;
    team.server.start_again().await?;
    team.until_in(&["applied"], &due).await?;
    let started = started_at(&mut team, &due)?;
    ensure!(started >= now + 5 * HOUR && started < now + 6 * HOUR, "it started at {started}");
    scene::tried("a clock that was set forward", 2)
}

/// Lets the last entry of a killed server's journal be of this time.
fn last_entry_at(server: &Server, at: Timestamp) -> anyhow::Result<()> {
    let store = Store::open(&server.data(), Events::default())?;
    let entered = store.write(&PrincipalId::local().actor(), at, |writing| {
        // One that concerns nothing here.
        writing.append(None, Event::PasswordChanged {})?;
        Ok::<_, StoreError>(())
    });
    Ok(entered?)
}

/// The time at which the journal says that a request was started; the server is killed for it.
fn started_at(team: &mut Team, asked: &Asked) -> anyhow::Result<Timestamp> {
    team.server.kill()?;
    let entries = scene::journal(&team.server)?;
    let of_it = |event: &Event| match event {
        Event::RolloutStarted { warrant, .. } => warrant.approval.as_ref().is_some_and(|one| one.request == asked.id),
        _ => false,
    };
    let found = entries.iter().find(|entry| entry.seq > Seq(asked.seq) && of_it(&entry.event));
    Ok(found.context("it was never started")?.at)
}
