//! A model is deployed, replaced, rolled back and replaced by a broken one, by clicking and typing only, while
//! clients ask the gateway; and the page outlives its server.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::clients::Clients;
use tests::program::until;
use tests::server::{Server, model_file};

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::looks::keep_for_readme;

const UPDATE: &str = "[data-test=dialog-update]";
const DEPLOYMENT: &str = "[data-test=deployment][data-name=iris]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_is_replaced_by_clicking() -> anyhow::Result<()> {
    let mut server = Server::start().await?;
    in_browser("replacing", async |browser| {
        browser.sign_in(&server).await?;
        // A page that is loaded anew has forgotten this.
        browser.ask("window.neverReloaded = true").await?;
        deploy(browser, &server).await?;
        register(browser, "iris-v2.onnx", 2).await?;
        browser.click("[data-test=nav-deployments]").await?;
        browser.read(DEPLOYMENT, "v2 available").await?;

        let clients = Clients::start(&server, 1)?;
        browser.click(&format!("{DEPLOYMENT} a.row-link")).await?;
        update(browser, &server).await?;
        roll_back(browser).await?;
        register(browser, "iris-v3-unknown-operator.onnx", 3).await?;
        update_to_what_is_broken(browser, &server).await?;
        // The start page does not say that all is well.
        browser.click("[data-test=nav-deployments]").await?;
        browser.read(DEPLOYMENT, "Update failed").await?;
        browser.read("[data-test=count-attention]", "1").await?;
        browser.read("[data-test=attention][data-name=iris]", "update to iris v3 failed").await?;
        keep_for_readme(browser, "deployments").await?;
        browser.click("[data-test=count-attention]").await?;
        browser.read(DEPLOYMENT, "iris").await?;
        // Whoever has seen it takes it out of the way.
        browser.click("[data-test=attention][data-name=iris] [data-test=remedy]").await?;
        browser.see_no_more("[data-test=needs-attention]").await?;
        browser.read("[data-test=count-attention]", "0").await?;
        browser.click("[data-test=count-all]").await?;
        browser.read("[data-test=calm]", "Nothing is wrong").await?;
        browser.read(DEPLOYMENT, "Running").await?;
        let count = clients.stop().await?;
        ensure!(count.failures.is_empty(), "requests failed: {:#?}", count.failures);
        ensure!(count.by_revision.keys().eq(&[1, 2, 3]), "answered by {:?}", count.by_revision);

        history(browser).await?;
        lose_the_server(browser, &mut server).await?;
        ensure!(browser.ask("return window.neverReloaded").await? == true, "the page was loaded anew on the way");
        Ok(())
    })
    .await
}

/// From a file, with three replicas.
async fn deploy(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    let file = server.folder().join("iris.onnx");
    std::fs::copy(model_file("iris-v1.onnx"), &file)?;
    browser.click("[data-test=deploy-first]").await?;
    browser.choose_file("[data-test=dialog-deploy] [data-test=file]", &file).await?;
    browser.read("[data-test=dialog-deploy] .drop-zone", "iris.onnx").await?;
    browser.write("[data-test=dialog-deploy] [data-test=name]", "iris").await?;
    browser.write("[data-test=dialog-deploy] [data-test=replicas]", "3").await?;
    browser.click("[data-test=dialog-deploy] [data-test=confirm]").await?;
    browser.see_no_more("[data-test=dialog-deploy]").await?;
    browser.click("[data-test=nav-deployments]").await?;
    browser.see(&format!("{DEPLOYMENT} [data-status=running]")).await?;
    browser.read(DEPLOYMENT, "3 of 3").await?;
    Ok(())
}

/// Registers a file as the next version of `iris`.
async fn register(browser: &Browser, file: &str, version: u32) -> anyhow::Result<()> {
    browser.click("[data-test=nav-models]").await?;
    browser.click("[data-test=register]").await?;
    browser.choose_file("[data-test=dialog-register] [data-test=file]", &model_file(file)).await?;
    browser.read("[data-test=dialog-register] .drop-zone", file).await?;
    browser.write("[data-test=dialog-register] [data-test=model-name]", "iris").await?;
    browser.click("[data-test=dialog-register] [data-test=confirm]").await?;
    browser.see_no_more("[data-test=dialog-register]").await?;
    browser.read(&format!("[data-test=model-version][data-version='{version}']"), "not used").await.map(drop)
}

/// Makes a configuration with another model from a copy of the chosen one, in the update dialog.
async fn copy_with(browser: &Browser, model: &str, name: &str) -> anyhow::Result<()> {
    browser.click(&format!("{UPDATE} [data-test=new-from-copy]")).await?;
    let form = "[data-test=copy-form]";
    browser.choose(&format!("{form} [data-test=configuration-model]"), model).await?;
    browser.write(&format!("{form} [data-test=configuration-name]"), name).await?;
    browser.click(&format!("{form} [data-test=create-configuration]")).await?;
    browser.see_no_more(form).await?;
    browser.see(&format!("{UPDATE} [data-test=configuration][data-name={name}][aria-selected=true]")).await?;
    Ok(())
}

async fn update(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    browser.click("[data-test=update]").await?;
    let in_use = format!("{UPDATE} [data-test=configuration][aria-disabled=true]");
    browser.read(&in_use, "in use").await?;
    browser.click(&in_use).await?;
    ensure!(browser.attribute(&in_use, "aria-selected").await?.as_deref() == Some("false"), "the one in use is chosen");
    let confirm = format!("{UPDATE} [data-test=confirm]");
    // The newest version is chosen already, and what the plan does stands beside the button.
    browser.see(&format!("{UPDATE} [data-test=new-version][data-version='iris@2'][aria-selected=true]")).await?;
    browser.read(&confirm, "Update to iris v2").await?;
    browser.read(&format!("{UPDATE} [data-test=worst]"), "No replica will be missing").await?;
    browser.click(&format!("{UPDATE} [data-test=preset-fast]")).await?;
    browser.read(&format!("{UPDATE} [data-test=worst]"), "1 of 3 replicas is missing").await?;
    browser.click(&format!("{UPDATE} [data-test=use-safe]")).await?;
    browser.read(&format!("{UPDATE} [data-test=worst]"), "No replica will be missing").await?;

    copy_with(browser, "iris@2", "second").await?;
    browser.click(&format!("{UPDATE} [data-test=preset-own]")).await?;
    let models =
        browser.read(&format!("{UPDATE} [data-test=difference][data-field=models]"), "rolling restart").await?;
    ensure!(models.contains("iris@1") && models.contains("iris@2"), "the difference says {models:?}");

    let drawn = "return document.querySelector('[data-test=rehearsal] .moments').innerHTML";
    let mut pictures = Vec::new();
    for surge in ["3", "1"] {
        browser.write(&format!("{UPDATE} [data-test=max_surge]"), surge).await?;
        let chosen =
            browser.attribute(&format!("{UPDATE} [data-test=configuration][aria-selected=true]"), "data-id").await?;
        let question =
            json!({"configuration": chosen, "strategy": {"max_surge": surge.parse::<u32>()?, "max_unavailable": 0}});
        let plan = server.post("/deployments/iris/rehearse", &question).await?["plan"].clone();
        let (most, least) = (&plan["highest_total"], &plan["lowest_available"]);
        let said = browser.read("[data-test=rehearsal-facts]", &format!("at most {most} replicas")).await?;
        ensure!(said.contains(&format!("never below {least} of 3")), "{said:?}, but the server says {plan:#}");
        let columns = browser.count("[data-test=rehearsal] .moment").await?;
        let moments = plan["frames"].as_array().context("no frames")?.len();
        ensure!(columns == moments, "{columns} moments are drawn, but the server says {plan:#}");
        pictures.push(browser.ask(drawn).await?);
    }
    ensure!(pictures[0] != pictures[1], "the picture does not follow the surge");

    browser.choose(&format!("{UPDATE} [data-test=reason]"), "accuracy").await?;
    browser.write(&format!("{UPDATE} [data-test=note]"), "It is right more often").await?;
    // Slow enough that every moment can be seen.
    browser.write(&format!("{UPDATE} [data-test=min_ready_seconds]"), "1").await?;
    keep_for_readme(browser, "update").await?;
    watch(browser).await?;
    browser.click(&confirm).await?;
    browser.see_no_more(UPDATE).await?;
    browser.read("[data-test=rollout]", "iris v1 → v2").await?;
    browser.see("[data-test=rollout] [data-phase=completed]").await?;
    seen(browser, &["rolling", "completed"]).await?;

    browser.read("[data-test=receipt-failed]", "0").await?;
    let rollout = server.until_over("iris").await?;
    ensure!(rollout["reason"] == "accuracy" && rollout["note"] == "It is right more often", "{rollout:#}");
    ensure!(rollout["receipt"]["failed"] == 0 && rollout["receipt"]["answered"] != 0, "{:#}", rollout["receipt"]);
    Ok(())
}

/// Writes down how the live picture of the rollout changes.
pub(crate) async fn watch(browser: &Browser) -> anyhow::Result<()> {
    let script = "
        window.seen = [];
        const look = () => {
            const card = document.querySelector('[data-test=rollout]');
            const phase = card?.querySelector('[data-phase]')?.dataset.phase;
            const rounds = card?.querySelectorAll('[data-test=round]:not([data-state=planned])').length;
            const title = card?.querySelector('h2, .rollout-fold > b')?.textContent;
            const replicas = [...card?.querySelectorAll('[data-test=replica]') ?? []].map((one) => one.title).join();
            const now = JSON.stringify({title, phase, rounds, replicas});
            if (JSON.stringify(window.seen.at(-1)) !== now) window.seen.push(JSON.parse(now));
        };
        window.watcher?.disconnect();
        window.watcher = new MutationObserver(look);
        window.watcher.observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});";
    browser.ask(script).await.map(drop)
}

/// Holds what was written down against the phases that must have come, in order, with rounds beginning one by one.
pub(crate) async fn seen(browser: &Browser, phases: &[&str]) -> anyhow::Result<()> {
    let seen = browser.ask("window.watcher.disconnect(); return window.seen").await?;
    let moments = seen.as_array().context("nothing was seen")?;
    let newest = &moments.last().context("nothing was seen")?["title"];
    let moments: Vec<&Value> = moments.iter().filter(|moment| moment["title"] == *newest).collect();
    let mut came = moments.iter().map(|moment| &moment["phase"]);
    ensure!(phases.iter().all(|phase| came.any(|came| came == phase)), "the phases {phases:?} did not come: {seen:#}");
    // Once it is over it is one folded line.
    let mut rounds: Vec<u64> = moments.iter().filter_map(|moment| moment["rounds"].as_u64()).collect();
    rounds.retain(|rounds| *rounds > 0);
    ensure!(rounds.is_sorted(), "rounds went away: {seen:#}");
    rounds.dedup();
    ensure!(rounds.len() > 1, "rounds did not begin one by one: {seen:#}");
    let mut replicas: Vec<&str> = moments.iter().filter_map(|moment| moment["replicas"].as_str()).collect();
    replicas.dedup();
    ensure!(replicas.len() > 3, "the squares did not move: {seen:#}");
    Ok(())
}

async fn roll_back(browser: &Browser) -> anyhow::Result<()> {
    browser.click("[data-test=revision][data-number='1'] [data-test=roll-back-to]").await?;
    browser.read("[data-test=dialog-roll-back]", "Roll back iris?").await?;
    browser.read("[data-test=dialog-roll-back]", "revision 1").await?;
    browser.click("[data-test=dialog-roll-back] [data-test=confirm]").await?;
    browser.see_no_more("[data-test=dialog-roll-back]").await?;
    let third = browser.read("[data-test=revision][data-number='3']", "in use").await?;
    ensure!(third.contains("iris v1"), "revision 3 says {third:?}");
    browser.read("[data-test=rollout]", "iris v2 → v1").await?;
    browser.see("[data-test=rollout] [data-phase=completed]").await?;
    browser.read("[data-test=receipt-failed]", "0").await?;
    Ok(())
}

async fn update_to_what_is_broken(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    browser.click("[data-test=nav-deployments]").await?;
    browser.click(&format!("{DEPLOYMENT} a.row-link")).await?;
    browser.click("[data-test=update]").await?;
    copy_with(browser, "iris@3", "third").await?;
    browser.click(&format!("{UPDATE} [data-test=accept_warnings]")).await?;
    browser.click(&format!("{UPDATE} [data-test=preset-own]")).await?;
    browser.write(&format!("{UPDATE} [data-test=progress_deadline_seconds]"), "2").await?;
    browser.click(&format!("{UPDATE} [data-test=confirm]")).await?;
    browser.see_no_more(UPDATE).await?;
    let said = browser.read("[data-test=outcome]", "Update to iris v3 failed. Back on iris v1.").await?;
    let rollout = server.until_over("iris").await?;
    let why = rollout["error"].as_str().context("no reason")?;
    ensure!(said.contains(why) && said.contains("runs revision 3 again"), "the banner says {said:?}, not {why:?}");
    browser.read("[data-test=receipt-failed]", "0").await?;
    browser.read("[data-test=revision][data-number='4']", "known bad").await?;
    keep_for_readme(browser, "failed").await?;
    browser.read("[data-test=revision][data-number='3']", "in use").await?;
    Ok(())
}

async fn history(browser: &Browser) -> anyhow::Result<()> {
    browser.click("[data-test=nav-history]").await?;
    browser.see("[data-test=entry]").await?;
    keep_for_readme(browser, "history").await?;
    let newest = browser.count("[data-test=entry]").await?;
    ensure!(newest > 10, "only {newest} entries");
    browser.click("[data-test=verify]").await?;
    browser.read("[data-test=verification]", "History is intact").await?;
    Ok(())
}

async fn lose_the_server(browser: &Browser, server: &mut Server) -> anyhow::Result<()> {
    server.kill()?;
    browser.read("[data-test=stale]", "Connection lost").await?;
    server.start_again().await?;
    browser.see_no_more("[data-test=stale]").await?;
    // It does not only look alive: what happens now arrives.
    server.register("another", "iris-v2.onnx").await?;
    until("the new entry", async || Ok(browser.text(".history").await?.contains("another").then_some(()))).await?;
    browser.click("[data-test=nav-deployments]").await?;
    browser.see(&format!("{DEPLOYMENT} [data-status=running]")).await?;
    Ok(())
}
