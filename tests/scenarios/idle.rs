//! Autoscaling costs nothing while nothing is asked: no pass is made, however long it lasts.

use std::time::Duration;

use anyhow::ensure;
use changeover::gateway::Demand;
use serde_json::json;
use tests::stage::Stage;

#[tokio::test(start_paused = true)]
async fn autoscaling_makes_a_pass_only_when_another_number_is_asked_for() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    stage.operator.register("iris")?;
    let autoscaling = json!({"min_replicas": 2, "max_replicas": 4, "up_delay_seconds": 3});
    stage.operator.deploy("iris", json!({"models": ["iris@1"], "autoscaling": autoscaling}), json!({}))?;
    stage.until_over("iris").await?;
    stage.pass_time(Duration::from_secs(5)).await;

    let id = stage.deployment("iris")?.id;
    let asked = |in_flight| stage.routing.asked(&id, Demand { in_flight, waiting: 0 });
    let passes = stage.routing.publications();
    for in_flight in [0, 1, 3, 0] {
        asked(in_flight);
        stage.pass_time(Duration::from_secs(2)).await;
    }
    stage.pass_time(Duration::from_secs(60)).await;
    ensure!(
        stage.routing.publications() == passes,
        "{} passes over an idle deployment",
        stage.routing.publications() - passes
    );

    asked(3);
    stage.until("four replicas", |stage| Ok(stage.target.running().len() == 4)).await
}
