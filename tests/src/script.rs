//! Scripts that a person can read: what people and machines do, line by line, and the text of what the
//! engine then does.

mod command;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, bail};
use changeover::gateway::Demand;
use changeover::store::Store;
use changeover::targets::fake::{Behaviour, KillPoint};
use domain::event::{Entry, Event};
use domain::id::Seq;
use domain::resources::Machine;
use domain::target::Traits;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::stage::Stage;
use command::fields;

/// Plays a script to its end; what was said and done.
///
/// # Errors
/// A line that nobody understands, or tables that are not what the journal says.
pub async fn perform(script: &str) -> anyhow::Result<String> {
    perform_on(&mut Stage::open().await?, script).await
}

/// The same on a stage that is open already; what happened there before is not told.
///
/// # Errors
/// As [`perform`].
pub async fn perform_on(stage: &mut Stage, script: &str) -> anyhow::Result<String> {
    let told = play(stage, script).await?;
    holds_together(stage)?;
    Ok(told)
}

/// Plays the lines and leaves it to a later call to see that the tables are what the journal says.
///
/// # Errors
/// A line that nobody understands.
pub async fn play(stage: &mut Stage, script: &str) -> anyhow::Result<String> {
    let mut out = String::new();
    let mut seen = stage.entries_after(Seq(0))?.last().map_or(Seq(0), |entry| entry.seq);
    let begin = stage.now();
    for line in script.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            writeln!(out, "{line}")?;
            continue;
        }
        writeln!(out, "> {line}")?;
        if let Some(said) = act(stage, line).await.with_context(|| line.to_owned())? {
            writeln!(out, "{said}")?;
        }
        if stage.target.is_dead() {
            stage.start_again().await?;
        }
        let entries = stage.entries_after(seen)?;
        for entry in &entries {
            seen = entry.seq;
            if let Some(text) = told(entry) {
                writeln!(out, "{:>8}  {text}", clock(begin, entry.at))?;
            }
        }
    }
    Ok(out)
}

/// Whatever happened, the tables are what the journal says, and what is over is over.
fn holds_together(stage: &Stage) -> anyhow::Result<()> {
    let before = tables(&stage.store)?;
    stage.store.rebuild()?;
    anyhow::ensure!(before == tables(&stage.store)?, "the journal, folded from the start, does not give the rows");
    anyhow::ensure!(stage.store.read(|reading| reading.verify_history())?.intact);
    over_is_over(&stage.entries_after(Seq(0))?)
}

/// No rollout moves after its end.
fn over_is_over(entries: &[Entry]) -> anyhow::Result<()> {
    let mut over = BTreeSet::new();
    for entry in entries {
        let Event::RolloutMoved { number, phase, .. } = &entry.event else { continue };
        let rollout = (&entry.deployment, *number);
        anyhow::ensure!(!over.contains(&rollout), "entry {} moves a rollout that is over", entry.seq);
        if !phase.is_active() {
            over.insert(rollout);
        }
    }
    Ok(())
}

/// Every row that the journal gives back, as text to compare.
pub fn tables(store: &Store) -> anyhow::Result<String> {
    Ok(store.read(|reading| {
        let mut text = String::new();
        for name in reading.model_names("", "", 1_000)? {
            let _ = writeln!(text, "{:#?}", reading.model_versions(&name, None, 1_000)?);
        }
        for row in reading.deployments()? {
            let _ = writeln!(text, "{row:#?}{:#?}{:#?}", reading.configurations(&row.id)?, reading.revisions(&row.id)?);
            let _ = writeln!(text, "{:#?}{:#?}", reading.rollouts(&row.id, None, 1_000)?, reading.replicas(&row.id)?);
            let _ = writeln!(text, "{:#?}", reading.steps(&row.id, row.newest_rollout)?);
        }
        Ok::<_, changeover::store::StoreError>(text)
    })?)
}

fn clock(begin: Timestamp, at: Timestamp) -> String {
    let millis = at.duration_since(begin).as_millis();
    format!("{}.{:02}s", millis / 1000, millis % 1000 / 10)
}

/// The entries that tell the story; the rest repeats them.
fn told(entry: &Entry) -> Option<String> {
    match &entry.event {
        Event::ReplicaChanged { replica } => {
            use domain::replica::{Intent, Observed};
            let state = match (replica.intent, replica.observed) {
                (Intent::Run, Observed::Ready { .. }) => "is ready",
                (Intent::Run, Observed::Exited { .. }) => "has ended by itself",
                (Intent::Run, Observed::Unready { .. }) => "fails its health route",
                _ => return None,
            };
            Some(format!("  {} of revision {} {state}", replica.id, replica.revision))
        }
        Event::ModelRegistered { .. } | Event::ReplicaForgotten { .. } => None,
        event => Some(event.summary()),
    }
}

async fn act(stage: &Stage, line: &str) -> anyhow::Result<Option<String>> {
    let mut words = line.split_whitespace();
    let verb = words.next().unwrap_or_default();
    let words: Vec<&str> = words.collect();
    if let Some(told) = command::perform(&stage.operator, line)? {
        return Ok(told);
    }
    match (verb, words.as_slice()) {
        // meanwhile N COMMAND: it is asked for in the midst of the n-th pass from now, which has read its rows
        ("meanwhile", [n, line @ ..]) => {
            let (operator, line) = (stage.operator.clone(), line.join(" "));
            // A refusal is not told: it has come too early or too late.
            stage.routing.meanwhile(n.parse()?, move || drop(command::perform(&operator, &line)));
            return Ok(None);
        }
        // register NAME
        ("register", [name]) => stage.operator.register(name)?,
        // behave MODEL ready 2s | never-ready | crashes 1s | cannot-run 1s | cannot-start | flaps 2s | sickens 3s | crashes-later 3s
        // | ignores-stop 5s
        ("behave", [model, how @ ..]) => stage.target.behave(model, behaviour(how)?),
        // machine cpu=2 memory_gb=4 gpus=1
        ("machine", words) => {
            let mut machine = Machine::ENDLESS;
            for (field, value) in fields(words)?.0 {
                let amount = value.as_f64().context("an amount")?;
                match field.as_str() {
                    "cpu" => machine.capacity.cpu_milli = (amount * 1_000.0) as u64,
                    "memory_gb" => machine.capacity.memory_mb = (amount * 1_000.0) as u64,
                    "gpus" => machine.capacity.gpus = amount as u32,
                    _ => bail!("a machine has no {field}"),
                }
            }
            stage.target.set_machine(machine);
        }
        // target schedules=2 counts=false in_place=false: what kind of place it is from now on
        ("target", words) => {
            let fields = fields(words)?.0;
            let says = |field: &str| fields.get(field).and_then(Value::as_bool).unwrap_or(true);
            let places = fields.get("schedules").and_then(Value::as_u64);
            let traits = Traits {
                counts_requests: says("counts"),
                schedules: places.is_some(),
                reconfigures_in_place: says("in_place"),
            };
            stage.target.become_kind(traits, places.map_or(usize::MAX, |places| places as usize));
        }
        // unseen WHY…, seen: whether the target can be seen
        ("unseen", why) => stage.target.set_unseen(Some(&why.join(" "))),
        ("seen", []) => stage.target.set_unseen(None),
        // orders fail N | late 3s | prompt
        ("orders", ["fail", count]) => stage.target.fail_orders(count.parse()?),
        ("orders", ["late", time]) => stage.target.answer_late(Some(SignedDuration::try_from(duration(time)?)?)),
        ("orders", ["prompt"]) => stage.target.answer_late(None),
        // preempt ID: the target ends it to give its place to another one
        ("preempt", [id]) => stage.target.preempt(&id.parse()?),
        // demand NAME IN_FLIGHT WAITING
        ("demand", [name, in_flight, waiting]) => {
            let demand = Demand { in_flight: in_flight.parse()?, waiting: waiting.parse()? };
            stage.routing.asked(&stage.deployment(name)?.id, demand);
        }
        // cut N before|after: the server is killed at its n-th call from now, and started again at the end of the line
        ("cut", [call, when]) => stage.target.cut(KillPoint { call: call.parse()?, after: *when == "after" }),
        ("uncut", []) => stage.target.revive(),
        // busy-none NAME: no replica has a request
        ("busy-none", [name]) => {
            for record in stage.replicas(name)? {
                stage.routing.busy(&stage.deployment(name)?.id, &record.id, 0);
            }
        }
        // configs: the user_config of each replica's process
        ("configs", []) => {
            let mut text = String::new();
            for id in stage.target.running() {
                let config = stage.target.user_config(&id).unwrap_or_default();
                write!(text, "{}  {id} has {config}", if text.is_empty() { "" } else { "\n" })?;
            }
            return Ok(Some(text));
        }
        // crash ID, sicken ID
        ("crash", [id]) => stage.target.crash(&id.parse()?),
        ("sicken", [id]) => stage.target.sicken(&id.parse()?),
        // busy NAME ID N
        ("busy", [name, id, n]) => stage.routing.busy(&stage.deployment(name)?.id, &id.parse()?, n.parse()?),
        // wait 5s
        ("wait", [time]) => stage.pass_time(duration(time)?).await,
        // sleep 8h: the machine sleeps for so long
        ("sleep", [time]) => stage.sleep(duration(time)?).await?,
        // until-over NAME
        ("until-over", [name]) => stage.until_over(name).await?,
        // show NAME
        ("show", [name]) => return show(stage, name).map(Some),
        _ => bail!("nobody understands this line"),
    }
    stage.pass_time(Duration::from_millis(50)).await;
    Ok(None)
}

fn show(stage: &Stage, name: &str) -> anyhow::Result<String> {
    let row = stage.deployment(name)?;
    let rollout = stage.rollout(name)?;
    let mut text = format!(
        "{} is {:?}, meant to run revision {}; rollout {} is {:?}",
        row.name,
        row.status,
        row.intended.map_or("none".to_owned(), |n| n.to_string()),
        rollout.number,
        rollout.phase,
    );
    if let Some(error) = row.error {
        write!(text, "\n  error: {error}")?;
    }
    for record in stage.replicas(name)? {
        let state = domain::replica::ReplicaState::of(record.intent, record.observed);
        write!(text, "\n  {} revision {} {state:?}, {} restarts", record.id, record.revision, record.restarts)?;
    }
    for (revision, replicas) in stage.traffic(name)? {
        write!(text, "\n  traffic: revision {revision} on {replicas} replicas")?;
    }
    Ok(text)
}

fn behaviour(words: &[&str]) -> anyhow::Result<Behaviour> {
    let after = |text: &str| anyhow::Ok(SignedDuration::try_from(duration(text)?)?);
    Ok(match words {
        ["ready", time] => Behaviour::Ready(after(time)?),
        ["never-ready"] => Behaviour::NeverReady,
        ["crashes", time] => Behaviour::Crashes(after(time)?),
        ["cannot-run", time] => Behaviour::CannotRun(after(time)?),
        ["cannot-start"] => Behaviour::CannotStart,
        ["flaps", turn] => Behaviour::Flaps(after(turn)?),
        ["sickens", time] => Behaviour::Sickens(after(time)?),
        ["crashes-later", time] => Behaviour::CrashesLater(after(time)?),
        ["ignores-stop", time] => Behaviour::IgnoresStop(after(time)?),
        _ => bail!("nobody behaves like that"),
    })
}

fn duration(text: &str) -> anyhow::Result<Duration> {
    let units = [("ms", 1), ("h", 3_600_000), ("s", 1000)];
    let (number, unit) =
        units.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit))).unwrap_or((text, 1000));
    Ok(Duration::from_millis(number.parse::<u64>()? * unit))
}
