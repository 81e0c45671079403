//! The rules that must hold at every moment, and in the end.

use std::collections::BTreeSet;

use anyhow::{Context as _, ensure};
use domain::deployment::TargetStatus;
use domain::replica::Intent;
use domain::rollout::Phase;
use tests::stage::Stage;

/// The beginning of every script. Every rollout inherits this strategy.
pub(crate) const BEGIN: &str = "register iris
register iris
register iris
behave iris@1 ready 100ms
deploy iris iris@1 replicas=3 max_surge=1 max_unavailable=1 progress_deadline_seconds=4
until-over iris
";

const REPLICAS: usize = 3;
const SURGE: usize = 1;
const UNAVAILABLE: usize = 1;

/// The end of every script: everything works, and nobody interferes.
pub(crate) const HEAL: &str = "uncut
machine
behave iris@1 ready 0s
behave iris@2 ready 0s
behave iris@3 ready 0s
demand iris 0 0
busy-none iris
resume iris
";

/// The rules that are checked at every tick.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Watch {
    /// No request reaches a replica that is not ready, or that is on its way out.
    Routes,
    /// The same, and the limits of the strategy.
    Limits,
}

impl Watch {
    pub(crate) fn check(self, stage: &Stage) -> anyhow::Result<()> {
        if stage.target.is_dead() {
            return Ok(());
        }
        let row = stage.deployment("iris")?;
        let routed: BTreeSet<_> = stage.routing.routed(&row.id).into_iter().map(|replica| replica.id).collect();
        for record in stage.replicas("iris")? {
            let leaves = !matches!(record.intent, Intent::Run);
            ensure!(!(leaves && routed.contains(&record.id)), "{} leaves and gets requests", record.id);
        }
        for id in &routed {
            ensure!(stage.target.has_been_ready(id), "{id} gets requests and has not been ready");
        }
        if matches!(self, Self::Limits) {
            let running = stage.target.running().len();
            ensure!(running <= REPLICAS + SURGE, "{running} processes run, {} are allowed", REPLICAS + SURGE);
            let (routed, floor) = (routed.len(), REPLICAS - UNAVAILABLE);
            ensure!(routed >= floor, "{routed} replicas get requests, the floor is {floor}");
        }
        Ok(())
    }
}

/// In the end: nothing is in progress, every wanted replica is there and is what it says it is, and no other one runs.
/// `names` are those of all deployments.
pub(crate) fn as_meant(stage: &Stage, names: &[&str]) -> anyhow::Result<()> {
    let mut recorded = BTreeSet::new();
    for name in names {
        let row = stage.deployment(name)?;
        let rollout = stage.rollout(name)?;
        ensure!(row.rollout.is_none(), "{name}: rollout {} is still {:?}", rollout.number, rollout.phase);
        recorded.extend(stage.replicas(name)?.into_iter().map(|record| record.id));
    }
    let running: BTreeSet<_> = stage.target.running().into_iter().collect();
    ensure!(recorded == running, "recorded are {recorded:?}, and running {running:?}");
    names.iter().try_for_each(|name| has_what_is_wanted(stage, name).context((*name).to_owned()))
}

fn has_what_is_wanted(stage: &Stage, name: &str) -> anyhow::Result<()> {
    let (row, rollout, records) = (stage.deployment(name)?, stage.rollout(name)?, stage.replicas(name)?);
    if row.left_as_failed {
        ensure!(rollout.phase == Phase::Failed, "it is held although its rollout is {:?}", rollout.phase);
        return Ok(());
    }
    let Some(revision) = row.intended.filter(|_| row.target_status == TargetStatus::Running) else {
        ensure!(records.is_empty(), "nothing is wanted, and {records:?} run");
        return Ok(());
    };
    if rollout.phase == Phase::Completed {
        ensure!(revision == rollout.to_revision, "completed, and revision {revision} is meant");
    }
    let configuration = stage.configuration(name, revision)?;
    let desired = configuration.desired(row.scale);
    ensure!(records.len() as u32 == desired, "{} replicas, {desired} are wanted", records.len());
    for record in &records {
        ensure!(record.observed.is_ready(), "{} is {:?}", record.id, record.observed);
        let is_kept = row.survivors_of == Some(record.revision);
        ensure!(is_kept || record.revision == revision, "{} is of revision {}", record.id, record.revision);
        let own = stage.configuration(name, record.revision)?;
        let has = stage.target.user_config(&record.id);
        ensure!(has.as_ref() == Some(&own.user_config), "{} has {has:?}, not {}", record.id, own.user_config);
        ensure!(stage.target.model(&record.id) == own.models.first().cloned(), "{} runs another model", record.id);
    }
    Ok(())
}
