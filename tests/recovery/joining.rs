//! Killed while somebody accepts an invitation: there is all of a person and the link is used up, or nothing of them
//! and the link still lets them in.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use changeover::store::Store;
use domain::event::Event;
use reqwest::Method;
use serde_json::{Value, json};
use tests::server::{Server, answer};
use tokio::time::Instant;

use crate::feed::Feed;
use crate::log::{Log, torn};
use crate::moments::{Moment, TRIES, Thing, spread};
use crate::scene;
use crate::team::{Newcomer, accepting, email, invite, password};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_all_of_a_person_or_nothing_of_them() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    let group = server.post("/groups", &json!({"name": "Risk"})).await?["id"].clone();
    let joins = |event: &Event| matches!(event, Event::MemberAdded { .. });
    let mut thing = Thing { begins: Instant::now(), takes: Duration::MAX, is_first: joins };
    for n in 0..TRIES {
        let secret = invite(&server, &[&group]).await?;
        thing.begins = Instant::now();
        Newcomer::join(accepting(&server, &secret, &format!("early{n}"))).await?;
        thing.takes = thing.takes.min(thing.begins.elapsed());
    }
    let moments = spread(10, &[1, 2, 3]);
    let mut before = 0;
    for (n, moment) in moments.iter().copied().enumerate() {
        let name = format!("guest{n}");
        let joined = killed_at(moment, thing, &mut server, &name, &group).await;
        before += usize::from(!joined.with_context(|| format!("killed at {moment:?}"))?);
    }
    let points = moments.len();
    println!("it takes {:?}; killed {before} times before they were there, of {points}", thing.takes);
    ensure!(before > 0 && before < points, "killed {before} times before they were there, of {points}");
    scene::tried("accepting an invitation", points as u32)
}

/// One acceptance with a kill in it; true when it had its effect.
async fn killed_at(
    moment: Moment,
    thing: Thing,
    server: &mut Server,
    name: &str,
    group: &Value,
) -> anyhow::Result<bool> {
    let secret = invite(server, &[group]).await?;
    let mut feed = Feed::open(server, scene::last_seq(server).await?).await?;
    let thing = Thing { begins: Instant::now(), ..thing };
    let accepted = tokio::spawn(answer(accepting(server, &secret, name)));
    moment.reached(thing, &mut feed).await?;
    server.kill()?;
    let told = accepted.await?;
    server.start_again().await?;
    let joined = is_there(server, name, group).await?;
    if let Ok(answer) = told {
        ensure!(answer.status == 200 && joined, "{answer:?} was told, and they are there: {joined}");
    }
    if joined {
        let again = answer(accepting(server, &secret, &format!("{name}-again"))).await?;
        ensure!(again.status == 410 && again.body["code"] == "invitation_used", "{again:?}");
    } else {
        Newcomer::join(accepting(server, &secret, name)).await?;
        ensure!(is_there(server, name, group).await?, "the link let nobody in");
    }
    let sign_in = json!({"email": email(name), "password": password(name)});
    let signed_in = answer(server.request_as(None, Method::POST, "/session").json(&sign_in)).await?;
    ensure!(signed_in.status == 200, "{signed_in:?}");
    let verified = server.command(&["history", "verify"]).await?;
    ensure!(verified.status == Some(0), "{verified:?}");
    Ok(joined)
}

/// True when somebody of this name is there, with all that belongs to them; false when nothing of them is.
async fn is_there(server: &Server, name: &str, group: &Value) -> anyhow::Result<bool> {
    let list = async |path: &str| {
        let page = server.get(path).await?;
        page["items"].as_array().cloned().with_context(|| format!("{path} lists nothing"))
    };
    let people = list("/people").await?;
    let person = people.iter().find(|person| person["email"] == email(name));
    let groups = list("/groups").await?;
    let members = groups.iter().find(|one| one["id"] == *group).and_then(|one| one["members"].as_array());
    let members = members.context("the group is gone")?;
    let invited = list("/invitations").await?.len();
    match person {
        Some(person) => {
            let is_whole = members.contains(&person["id"]) && person["has_password"] == true && invited == 0;
            ensure!(is_whole, "{person:#} with {members:?} and {invited} invitations");
        }
        // Everybody else but the person at the machine is a member.
        None => ensure!(members.len() + 1 == people.len() && invited == 1, "{people:?}, {members:?}, {invited}"),
    }
    Ok(person.is_some())
}

/// Wherever the log ends that a killed server leaves, there is a person or an invitation, and never half of one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_written_last_nobody_is_left_half_there() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    let group = server.post("/groups", &json!({"name": "Risk"})).await?["id"].clone();
    let secret = invite(&server, &[&group]).await?;
    Newcomer::join(accepting(&server, &secret, "bob")).await?;
    server.kill()?;
    let log = Log::read(&server.data())?;
    let database = fs::read(server.data().join("changeover.db"))?;
    let (mut points, mut last, mut changes) = (0, None, Vec::new());
    for frame in log.frames.iter().rev() {
        let torn = torn(&database, &log.bytes[..frame.end])?;
        let stands = standing(&torn.store).with_context(|| format!("torn after {} bytes", frame.end))?;
        points += 1;
        if last != Some(stands) {
            changes.push(stands);
        }
        last = Some(stands);
        if stands == Standing::Nobody {
            break;
        }
    }
    ensure!(changes == [Standing::Joined, Standing::Invited, Standing::Nobody], "{changes:?}");
    scene::tried("places where the log is torn beside an invitation", points)
}

/// The standing of the only person who was ever invited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Nobody,
    Invited,
    Joined,
}

/// What a store holds of them, which must be whole.
fn standing(store: &Store) -> anyhow::Result<Standing> {
    let verified = store.read(|reading| reading.verify_history())?;
    ensure!(verified.intact, "{verified:?}");
    store.read(|reading| {
        let invited = reading.invitations(None)?.len();
        let profile = reading.profile_with_email(&email("bob"))?;
        let directory = reading.directory()?;
        let others = directory.members.len() - 1;
        let members: usize = directory.groups.values().map(|group| group.members.len()).sum();
        let passwords = reading.with_password()?.len();
        let sessions = reading.sessions()?.len();
        match (invited, profile, others, members, passwords, sessions) {
            (0, None, 0, 0, 0, 0) => Ok(Standing::Nobody),
            (1, None, 0, 0, 0, 0) => Ok(Standing::Invited),
            (0, Some(profile), 1, 1, 1, 1) if directory.members.contains_key(&profile.id) => Ok(Standing::Joined),
            half => bail!("half of somebody is there: {half:?}"),
        }
    })
}
