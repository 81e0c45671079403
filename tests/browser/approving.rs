//! One person asks for an update and another approves it, by clicking only, each in a browser of their own.

use anyhow::ensure;

use crate::faults::in_browsers;
use crate::replacing::{seen, watch};
use crate::team::{Team, ask_for, ensure_never_reloaded, never_reloaded, open_what_waits};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_asks_and_another_approves_by_clicking() -> anyhow::Result<()> {
    let team = Team::start().await?;
    team.policy(1).await?;
    in_browsers("approving", ["ada", "bob"], async |[ada, bob]| {
        ada.sign_in(&team.server).await?;
        never_reloaded(ada).await?;
        ask_for(ada, "second", "It is right more often").await?;
        ada.read("[data-test=why-not]", "somebody else reviews it").await?;
        ensure!(!ada.see("[data-test=approve]").await?.is_enabled().await?, "whoever asked can approve");
        ensure!(ada.count("[data-test=waits-for-me]").await? == 0, "one's own request waits for oneself");
        ada.click("[data-test=nav-models]").await?;
        ada.see("[data-test=model]").await?;

        team.sign_in(bob, "Bob").await?;
        never_reloaded(bob).await?;
        for screen in ["models", "history", "freezes", "deployments"] {
            bob.click(&format!("[data-test=nav-{screen}]")).await?;
            bob.read("[data-test=waits-for-me]", "1").await?;
        }
        open_what_waits(bob).await?;
        let changes = bob.read("[data-test=what-changes]", "It is right more often").await?;
        ensure!(changes.contains("iris@1") && changes.contains("iris@2"), "what changes is {changes:?}");
        bob.read("[data-test=policy-count]", "0 of 1").await?;
        bob.see("[data-test=rehearsal-panel] [data-test=rehearsal]").await?;
        bob.see("[data-test=report-panel]").await?;
        let shown = bob.attribute("[data-test=plan-hash]", "title").await?;
        bob.click("[data-test=approve]").await?;
        bob.read("[data-test=ended]", "The change was approved and started").await?;
        bob.see_no_more("[data-test=waits-for-me]").await?;

        // She is somewhere else, and hears of it there.
        watch(ada).await?;
        ada.read("[data-test=heard]", "Bob approved it, and it was started").await?;
        ada.click("[data-test=heard] [data-test=heard-rollout]").await?;
        ada.read("[data-test=rollout]", "iris v1 → v2").await?;
        ada.see("[data-test=rollout] [data-phase=completed]").await?;
        seen(ada, &["rolling", "completed"]).await?;
        ada.read("[data-test=revision][data-number='2']", "in use").await?;
        ada.see_no_more("[data-test=heard]").await?;

        let (request, rollout) = (team.newest().await?, team.server.until_over("iris").await?);
        ensure!(rollout["plan_hash"].as_str() == shown.as_deref(), "{shown:?} was shown, and started is {rollout:#}");
        ensure!(rollout["approval"]["request"] == request["id"], "{rollout:#}");
        ensure!(request["reviews"].as_array().is_some_and(|reviews| reviews.len() == 1), "{request:#}");
        ensure_never_reloaded(ada).await?;
        ensure_never_reloaded(bob).await
    })
    .await
}
