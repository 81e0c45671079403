//! Deployments that want the same last core and the same GPU. A pass is held between its look for room and its record, so
//! that passes of other deployments look in between.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::ensure;
use changeover::engine::{Engine, Parts};
use domain::id::ReplicaId;
use domain::resources::{Capacity, Claim, Machine};
use proptest::prelude::{Just, Strategy as _};
use proptest::{collection, prop_oneof};
use tests::script;
use tests::stage::Stage;
use tokio_util::sync::CancellationToken;

/// The deployments. All of them run when there is room for all.
const NAMES: [&str; 3] = ["ash", "birch", "cedar"];

/// The number of turns of other threads that are enough for them to look, in most cases.
const PATIENCE: u32 = 2_000;

/// Holds a pass that has looked for room and is about to record.
struct Gate {
    /// The number of turns of other threads that each pass waits, in turn, unless another one comes meanwhile.
    patience: Vec<u32>,
    arrived: AtomicU32,
}

impl Gate {
    /// Waits; the id of a replica that nobody had before.
    fn pass(&self) -> ReplicaId {
        let mine = self.arrived.fetch_add(1, Ordering::SeqCst) + 1;
        for _ in 0..self.patience[mine as usize % self.patience.len()] {
            if self.arrived.load(Ordering::SeqCst) > mine {
                break;
            }
            std::thread::yield_now();
        }
        format!("r{mine}").parse().expect("a valid id")
    }
}

/// A stage whose engine goes through such a gate, on a machine with two cores and two GPUs.
async fn stage(patience: Vec<u32>) -> anyhow::Result<Stage> {
    let mut stage = Stage::open().await?;
    stage.stop_engine().await?;
    let gate = Gate { patience, arrived: AtomicU32::default() };
    let engine = Engine::new(Parts {
        store: stage.store.clone(),
        targets: stage.targets(),
        routing: stage.routing.clone(),
        clock: stage.clock.clone(),
        actor: "changeover".parse()?,
        new_replica: Box::new(move || gate.pass()),
    });
    engine.adopt().await?;
    tokio::spawn(engine.run(CancellationToken::new()));
    Ok(stage)
}

/// Nobody has what another one has, and all together have no more than there is.
fn within(stage: &Stage, capacity: &Capacity) -> anyhow::Result<()> {
    let (mut used, mut gpus) = (Claim::default(), vec![0; capacity.gpus as usize]);
    for name in NAMES {
        for record in stage.replicas(name).unwrap_or_default() {
            used = used.plus(record.claim);
            for gpu in record.gpus {
                gpus[gpu as usize] += record.claim.gpu_milli.min(1_000);
            }
        }
    }
    ensure!(used.fits(capacity), "{used:?} is taken of {capacity:?}");
    ensure!(gpus.iter().all(|taken| *taken <= 1_000), "of the GPUs {gpus:?} thousandths are taken");
    Ok(())
}

const MACHINE: Machine =
    Machine { capacity: Capacity { cpu_milli: 2_000, gpus: 2, ..Capacity::ENDLESS }, ..Machine::ENDLESS };

/// A script, and how patient the passes are.
#[derive(Clone, Debug)]
struct Case {
    script: String,
    patience: Vec<u32>,
}

fn name() -> impl proptest::strategy::Strategy<Value = &'static str> {
    (0..NAMES.len()).prop_map(|n| NAMES[n])
}

fn resources() -> impl proptest::strategy::Strategy<Value = String> {
    let cpu = prop_oneof![Just("0.5"), Just("1"), Just("2")];
    let gpu = prop_oneof![Just("0"), Just("0.5"), Just("1"), Just("2")];
    (cpu, gpu).prop_map(|(cpu, gpu)| format!("resources={{\"cpu\":{cpu},\"gpu\":{gpu}}}"))
}

fn line() -> impl proptest::strategy::Strategy<Value = String> {
    prop_oneof![
        3 => name().prop_map(|name| format!("deactivate {name}")),
        3 => name().prop_map(|name| format!("activate {name}")),
        2 => (name(), 1u32..3).prop_map(|(name, model)| format!("update {name} models=iris@{model}")),
        2 => (name(), resources()).prop_map(|(name, resources)| format!("update {name} {resources}")),
        1 => name().prop_map(|name| format!("relaunch {name}")),
        1 => (name(), 1u32..3).prop_map(|(name, n)| format!("update {name} replicas={n}")),
        2 => (1u32..12).prop_map(|replica| format!("crash r{replica}")),
        4 => (1u32..30).prop_map(|n| format!("wait {}ms", n * 100)),
    ]
}

fn case() -> impl proptest::strategy::Strategy<Value = Case> {
    let wanted = collection::vec(resources(), NAMES.len());
    let patience = collection::vec(prop_oneof![Just(0), 1..PATIENCE], 1..8);
    (wanted, collection::vec(line(), 0..16), patience).prop_map(|(wanted, lines, patience)| {
        let begin = NAMES.iter().zip(wanted).map(|(name, resources)| format!("deploy {name} iris@1 {resources}"));
        let script: Vec<_> =
            ["register iris", "register iris"].map(str::to_owned).into_iter().chain(begin).chain(lines).collect();
        Case { script: script.join("\n"), patience }
    })
}

/// Whoever looks when: nobody is given what another one has, and once there is room for all, all run.
#[test]
fn nobody_is_given_the_core_or_the_gpu_of_another() {
    crate::all(case(), play, |case| case.script.clone());
}

async fn play(case: Case) -> anyhow::Result<()> {
    let mut stage = stage(case.patience).await?;
    stage.target.set_machine(MACHINE);
    stage.check_at_every_tick(|stage| within(stage, &MACHINE.capacity));
    script::play(&mut stage, &case.script).await?;
    stage.pass_time(std::time::Duration::from_secs(3)).await;
    stage.violation()?;
    // Nothing has to fit any more.
    stage.check_at_every_tick(|_| Ok(()));
    script::perform_on(&mut stage, "machine").await?;
    crate::settled(&stage, &NAMES).await
}

/// Both have seen the same place before either of them has it.
async fn two_that_have_looked(resources: &str) -> anyhow::Result<Stage> {
    let mut stage = stage(vec![100 * PATIENCE]).await?;
    stage.target.set_machine(MACHINE);
    let deploy = |name| format!("deploy {name} iris@1 resources={resources}");
    let script = format!("register iris\n{}\n{}\nwait 3s", deploy("ash"), deploy("birch"));
    script::perform_on(&mut stage, &script).await?;
    Ok(stage)
}

#[tokio::test(start_paused = true)]
async fn of_two_that_have_looked_for_the_last_core_one_has_it_and_the_other_waits() -> anyhow::Result<()> {
    let mut stage = two_that_have_looked("{\"cpu\":2}").await?;
    within(&stage, &MACHINE.capacity)?;
    let [ash, birch] = ["ash", "birch"].map(|name| stage.replicas(name).map(|records| records.len()));
    let (ash, birch) = (ash?, birch?);
    ensure!(ash + birch == 1, "ash has {ash} replicas, birch {birch}");
    let (has, waits) = if ash == 1 { ("ash", "birch") } else { ("birch", "ash") };
    script::perform_on(&mut stage, &format!("deactivate {has}\nuntil-over {waits}")).await?;
    ensure!(stage.replicas(waits)?.len() == 1, "{waits} waits for a place that is free");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_that_have_looked_for_a_gpu_have_different_ones() -> anyhow::Result<()> {
    let stage = two_that_have_looked("{\"cpu\":1,\"gpu\":1}").await?;
    within(&stage, &MACHINE.capacity)?;
    let mut gpus: Vec<_> =
        stage.replicas("ash")?.into_iter().chain(stage.replicas("birch")?).flat_map(|r| r.gpus).collect();
    gpus.sort_unstable();
    ensure!(gpus == [0, 1], "they have the GPUs {gpus:?}");
    Ok(())
}
