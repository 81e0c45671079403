//! Every request is in the receipt of one rollout, also of rollouts that take over from one another (CO-5).

use domain::event::Event;
use domain::id::{RolloutNumber, Seq};
use domain::receipt::Receipt;
use serde_json::json;
use tests::stage::Stage;

#[tokio::test(start_paused = true)]
async fn receipts_of_rollouts_that_supersede_one_another_leave_nothing_out() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    stage.operator.register("iris")?;
    stage.operator.register("iris")?;
    stage.operator.register("iris")?;
    stage.operator.deploy("iris", json!({"models": ["iris@1"], "replicas": 3}), json!({}))?;
    stage.until_over("iris").await?;
    stage.routing.under_load();
    let before = stage.routing.answered();

    stage.operator.update("iris", json!({"set": {"models": ["iris@2"]}, "strategy": {"min_ready_seconds": 10}}))?;
    stage
        .until("a first step", |stage| Ok(stage.replicas("iris")?.iter().any(|replica| replica.revision.0 == 2)))
        .await?;
    let first = stage.deployment("iris")?.newest_rollout;
    stage.operator.update("iris", json!({"set": {"models": ["iris@3"]}, "on_top_of": first.0}))?;
    stage.until_over("iris").await?;

    let id = stage.deployment("iris")?.id;
    let receipt = |number: RolloutNumber| -> anyhow::Result<Receipt> {
        Ok(stage.store.read(|reading| reading.rollout(&id, number))?.map(|rollout| rollout.receipt).unwrap_or_default())
    };
    let (superseded, completed) = (receipt(first)?, receipt(first.next())?);
    assert!(superseded.total.answered > 0 && completed.total.answered > 0, "{superseded:?} {completed:?}");
    // The first look opened the first receipt, the last one closed the second, and nothing is between them.
    let counted = stage.routing.answered() - (before + 1);
    assert_eq!(superseded.total.answered + completed.total.answered, counted);
    assert_eq!(superseded.by_revision.values().next(), Some(&superseded.total));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_receipt_of_a_rollout_that_a_deactivation_took_over_from_is_recorded() -> anyhow::Result<()> {
    let stage = Stage::open().await?;
    stage.operator.register("iris")?;
    stage.operator.deploy("iris", json!({"models": ["iris@1"], "replicas": 3}), json!({"min_ready_seconds": 10}))?;
    stage.until("a first replica", |stage| Ok(!stage.replicas("iris")?.is_empty())).await?;
    stage.operator.deactivate("iris")?;
    stage.until("its end", |stage| Ok(stage.replicas("iris")?.is_empty())).await?;
    let entries = stage.entries_after(Seq(0))?;
    let closed = entries.iter().filter(|entry| matches!(entry.event, Event::ReceiptClosed { .. })).count();
    assert_eq!(closed, 1, "once, when it was taken over from");
    Ok(())
}
