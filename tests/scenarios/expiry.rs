//! A deployment whose time to live is over goes, whatever is in progress, and nobody is kept busy meanwhile.

use std::time::Duration;

use anyhow::ensure;
use domain::deployment::TargetStatus;
use domain::rollout::{Phase, RolloutEvent};
use serde_json::json;
use tests::stage::Stage;

#[tokio::test(start_paused = true)]
async fn a_paused_rollout_does_not_outlive_its_deployment() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    stage.operator.register("iris")?;
    stage.operator.register("iris")?;
    stage.operator.create(json!({"name": "iris", "configuration": {"models": ["iris@1"]}, "ttl": "1m"}))?;
    stage.until_over("iris").await?;
    let id = stage.deployment("iris")?.id;
    stage.routing.busy(&id, &stage.target.running()[0], 1);
    stage.operator.update("iris", json!({"set": {"models": ["iris@2"]}}))?;
    stage.operator.move_rollout("iris", RolloutEvent::Pause)?;
    stage.pass_time(Duration::from_secs(62)).await;
    let deployment = stage.deployment("iris")?;
    ensure!(deployment.target_status == TargetStatus::Deleted, "{:?}", deployment.target_status);
    ensure!(stage.rollout("iris")?.phase == Phase::Superseded);
    // It finishes its request.
    let passes = stage.routing.publications();
    stage.pass_time(Duration::from_secs(10)).await;
    let passes = stage.routing.publications() - passes;
    ensure!(passes < 10 && stage.deployment("iris").is_ok(), "{passes} passes while one request is waited for");
    stage.routing.busy(&id, &stage.target.running()[0], 0);
    stage.until("its end", |stage| Ok(stage.store.read(|reading| reading.deployments())?.is_empty())).await
}
