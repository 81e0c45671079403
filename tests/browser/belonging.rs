//! Use cases, by clicking: one is made, a deployment is linked to it, found by it, held by its policy, and only who may
//! change that takes it out. And a service with tokens of its own.

use anyhow::ensure;
use serde_json::json;

use crate::browser::Browser;
use crate::faults::in_browsers;
use crate::looks::Eye;
use crate::team::{Team, ensure_never_reloaded, never_reloaded};

const NEW: &str = "[data-test=dialog-use-case]";
const LINK: &str = "[data-test=dialog-link]";
const UPDATE: &str = "[data-test=dialog-update]";
const FREEZE: &str = "[data-test=dialog-freeze]";
const TOKEN: &str = "[data-test=dialog-token]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_belongs_together_is_found_and_held_together() -> anyhow::Result<()> {
    let team = Team::start().await?;
    team.server.deploy("wine", json!({"name": "only", "models": ["iris@1"], "replicas": 1})).await?;
    in_browsers("belonging", ["ada", "bob"], async |[ada, bob]| {
        let mut eye = Eye::new(ada)?;
        ada.sign_in(&team.server).await?;
        never_reloaded(ada).await?;
        team.sign_in(bob, "Bob").await?;
        ada.click("[data-test=nav-use-cases]").await?;
        ada.see("[data-test=empty]").await?;
        eye.look("use-cases-empty").await?;

        makes(ada).await?;
        eye.look("use-cases").await?;
        // Nothing of it is Bob's to see until something that he may open belongs to it.
        bob.click("[data-test=nav-use-cases]").await?;
        bob.see("[data-test=empty]").await?;
        links(ada, &mut eye).await?;
        bob.read("[data-test=use-case][data-name='Fraud detection'] [data-test=linked]", "1 deployment").await?;

        finds(ada, &mut eye).await?;
        sets_a_policy(ada, &mut eye).await?;
        is_stopped(ada).await?;
        freezes(ada, &mut eye).await?;
        // What a rule holds is not Bob's to take out, and he is told no such button.
        bob.click("[data-test=use-case][data-name='Fraud detection'] a.row-link").await?;
        bob.see("[data-test=linked-deployment][data-name=iris]").await?;
        ensure!(bob.count("[data-test=unlink]").await? == 0, "a viewer is offered to unlink");
        takes_out(ada, bob, &mut eye).await?;
        serves(ada, &mut eye).await?;
        ensure_never_reloaded(ada).await?;
        eye.closes()
    })
    .await
}

async fn makes(ada: &Browser) -> anyhow::Result<()> {
    ada.click("[data-test=new-use-case]").await?;
    ada.write(&format!("{NEW} [data-test=use-case-name]"), "Fraud detection").await?;
    ada.write(&format!("{NEW} [data-test=use-case-description]"), "Everything that judges a payment").await?;
    ada.click(&format!("{NEW} [data-test=confirm]")).await?;
    ada.see_no_more(NEW).await?;
    ada.read("[data-test=use-case] [data-test=linked]", "none that you may open").await.map(drop)
}

/// From the menu of the deployment.
async fn links(ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.click("[data-test=nav-deployments]").await?;
    ada.click("[data-test=deployment][data-name=iris] [data-test=menu]").await?;
    ada.click("[data-test=action-link]").await?;
    ada.click(&format!("{LINK} .ticks input")).await?;
    eye.look("link").await?;
    ada.click(&format!("{LINK} [data-test=confirm]")).await?;
    ada.see_no_more(LINK).await?;
    ada.click("[data-test=deployment][data-name=iris] a.row-link").await?;
    ada.read("[data-test=use-cases]", "Fraud detection").await?;
    eye.look("deployment-with-use-case").await
}

/// In the list of deployments, by the address alone, and in the history.
async fn finds(ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.click("[data-test=use-cases] a").await?;
    ada.see("[data-test=linked-deployment][data-name=iris]").await?;
    ensure!(ada.count("[data-test=linked-deployment]").await? == 1, "something else belongs to it");
    eye.look("use-case").await?;
    ada.click("[data-test=in-list]").await?;
    ada.read("[data-test=shown]", "1 of 2").await?;
    ensure!(ada.address().await?.contains("use_case="), "the filter is not in the address");
    ada.choose("[data-test=filter-use-case]", "").await?;
    ada.read("[data-test=shown]", "2 of 2").await.map(drop)
}

async fn sets_a_policy(ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.click("[data-test=nav-people]").await?;
    ada.click("[data-test=new-policy]").await?;
    ada.write("[data-test=policy-name]", "Payments").await?;
    ada.click("[data-test=slot-importance]").await?;
    ada.choose("[data-test=policy-importance]", "any").await?;
    ada.read("[data-test=slot-use-cases]", "everywhere").await?;
    ada.click("[data-test=slot-use-cases]").await?;
    ada.click("[data-test=slot-choice] .ticks input").await?;
    ada.read("[data-test=slot-use-cases]", "in Fraud detection").await?;
    ada.click("[data-test=slot-reviewers]").await?;
    ada.click("[data-test=slot-choice] .ticks input").await?;
    eye.look("policy-of-a-use-case").await?;
    ada.click("[data-test=save-policy]").await?;
    ada.read("[data-test=policy] [data-test=sentence]", "in Fraud detection").await.map(drop)
}

/// The update has to be asked for, and that of another deployment not.
async fn is_stopped(ada: &Browser) -> anyhow::Result<()> {
    ada.click("[data-test=nav-deployments]").await?;
    ada.click("[data-test=deployment][data-name=iris] a.row-link").await?;
    ada.click("[data-test=update]").await?;
    ada.click(&format!("{UPDATE} [data-test=configuration][data-name=second]")).await?;
    ada.choose(&format!("{UPDATE} [data-test=reason]"), "accuracy").await?;
    ada.read(&format!("{UPDATE} [data-test=asks]"), "Payments").await?;
    ada.read(&format!("{UPDATE} [data-test=confirm]"), "Ask for approval").await?;
    ada.press("\u{E00C}").await?;
    ada.see_no_more(UPDATE).await
}

async fn freezes(ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.click("[data-test=nav-freezes]").await?;
    ada.click("[data-test=new-freeze]").await?;
    ada.write(&format!("{FREEZE} [data-test=freeze-name]"), "Audit").await?;
    ada.choose(&format!("{FREEZE} [data-test=freeze-scope]"), "use_cases").await?;
    ada.click(&format!("{FREEZE} .ticks input")).await?;
    ada.choose(&format!("{FREEZE} [data-test=freeze-times]"), "switch").await?;
    ada.read("[data-test=freeze-holds]", "The freeze would hold iris.").await?;
    eye.look("freeze-of-a-use-case").await?;
    ada.click(&format!("{FREEZE} [data-test=confirm]")).await?;
    ada.see_no_more(FREEZE).await?;
    ada.click("[data-test=nav-use-cases]").await?;
    ada.read("[data-test=use-case]", "Payments and Audit").await.map(drop)
}

/// Ada, who keeps the rules, may.
async fn takes_out(ada: &Browser, bob: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.click("[data-test=use-case] a.row-link").await?;
    ada.read(".page", "It is subject to the policy Payments and the freeze Audit.").await?;
    ada.click("[data-test=menu]").await?;
    ada.click("[data-test=delete-use-case]").await?;
    ada.click("[data-test=dialog-delete-use-case] [data-test=confirm]").await?;
    ada.read("[data-test=dialog-delete-use-case] [data-test=failure]", "Change or delete that first").await?;
    eye.look("use-case-in-use").await?;
    ada.press("\u{E00C}").await?;
    ada.see_no_more("[data-test=dialog-delete-use-case]").await?;
    ada.click("[data-test=unlink]").await?;
    ada.see("[data-test=empty]").await?;
    bob.read(".page", "There is no such use case").await.map(drop)
}

/// A service is made, a token is made for it and shown once, listed, and revoked.
async fn serves(ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.click("[data-test=nav-people]").await?;
    ada.click("[data-test=tab-services]").await?;
    ada.click("[data-test=new-service]").await?;
    ada.write("[data-test=dialog-service] [data-test=service-name]", "nightly-training").await?;
    ada.click("[data-test=dialog-service] [data-test=confirm]").await?;
    ada.see_no_more("[data-test=dialog-service]").await?;
    ada.read("[data-test=no-token]", "This service has no API token").await?;
    ada.click("[data-test=new-service-token]").await?;
    ada.write(&format!("{TOKEN} [data-test=token-name]"), "build").await?;
    ada.click(&format!("{TOKEN} [data-test=confirm]")).await?;
    let shown = ada.read(&format!("{TOKEN} [data-test=token-text]"), "cot_").await?;
    ada.click(&format!("{TOKEN} footer button")).await?;
    ada.see_no_more(TOKEN).await?;
    let told = ada.read("[data-test=service] [data-test=token]", "never used").await?;
    ensure!(told.contains("build") && told.contains("read") && told.contains("ends"), "{told:?}");
    ensure!(!ada.text(".page").await?.contains(&shown), "the token is shown twice");
    eye.look("service-with-token").await?;
    ada.click("[data-test=service] [data-test=revoke-token]").await?;
    ada.see("[data-test=no-token]").await.map(drop)
}
