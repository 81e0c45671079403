//! Three people and one update: changes are requested, it is edited for a time, approved by two, and starts by itself;
//! the next one is held by a freeze until that is lifted.

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use serde_json::json;

use crate::browser::Browser;
use crate::faults::in_browsers;
use crate::looks::Eye;
use crate::team::{Team, ask_for, ensure_never_reloaded, never_reloaded, open_what_waits};

const UPDATE: &str = "[data-test=dialog-update]";
const FREEZE: &str = "[data-test=dialog-freeze]";
const LIFT: &str = "[data-test=dialog-lift-freeze]";
const DEACTIVATE: &str = "[data-test=dialog-deactivate]";
const STATE: &str = "[data-test=request-state]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_two_approve_starts_at_its_time_and_after_a_freeze() -> anyhow::Result<()> {
    let team = Team::start().await?;
    team.configure("third", json!({"models": ["iris@2"], "replicas": 3})).await?;
    team.policy(2).await?;
    in_browsers("scheduling", ["ada", "bob", "cy"], async |[ada, bob, cy]| {
        let mut eye = Eye::new(ada)?;
        ada.sign_in(&team.server).await?;
        never_reloaded(ada).await?;
        team.sign_in(bob, "Bob").await?;
        team.sign_in(cy, "Cy").await?;

        ask_for(ada, "second", "It is right more often").await?;
        open_what_waits(cy).await?;
        cy.click("[data-test=approve]").await?;
        cy.read("[data-test=policy-count]", "1 of 2").await?;
        requests_changes(bob).await?;
        ada.read("[data-test=discussion]", "Three replicas, please").await?;
        eye.look("request-changes-requested").await?;

        let at = edits(ada).await?;
        // What is shown to them is the new version, and Cy's approval was of the one before.
        for browser in [ada, bob, cy] {
            let policy = browser.read("[data-test=policy]", "void, version 1").await?;
            ensure!(policy.contains("0 of 2"), "an approval of version 1 counts for version 2: {policy:?}");
            browser.read("[data-test=discussion]", "The approval of version 1 is void").await?;
        }
        for browser in [cy, bob] {
            browser.click("[data-test=approve]").await?;
            browser.read("[data-test=policy] .people-list .good", "").await?;
        }
        bob.read(STATE, "Scheduled").await?;
        starts_at_its_time(&team, ada, &mut eye, at).await?;
        bob.read("[data-test=ended]", "The change was approved and started").await?;

        freezes(ada).await?;
        ask_for(ada, "first", "Back, for once").await?;
        for browser in [bob, cy] {
            browser.click("[data-test=nav-models]").await?;
            open_what_waits(browser).await?;
            browser.click("[data-test=approve]").await?;
        }
        ada.read(STATE, "Held by a freeze").await?;
        ada.read("[data-test=held]", "Quarter end").await?;
        eye.look("request-held").await?;
        lifts(ada, &mut eye).await?;
        cy.read("[data-test=ended]", "The change was approved and started").await?;
        let rollout = team.server.until_over("iris").await?;
        ensure!(rollout["number"] == 3 && rollout["phase"] == "completed", "{rollout:#}");
        stops_at_a_time(&team, ada, &mut eye).await?;
        ensure_never_reloaded(ada).await?;
        eye.closes()
    })
    .await
}

/// What is not an update has a time too.
async fn stops_at_a_time(team: &Team, ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.click("[data-test=nav-deployments]").await?;
    ada.click("[data-test=deployment][data-name=iris] a.row-link").await?;
    ada.click(".heading [data-test=menu]").await?;
    ada.click("[data-test=action-deactivate]").await?;
    let confirm = format!("{DEACTIVATE} [data-test=confirm]");
    ada.click(&format!("{DEACTIVATE} [data-test=at-a-time]")).await?;
    ensure!(!ada.see(&confirm).await?.is_enabled().await?, "it is scheduled for no time");
    let at = type_time(ada, &format!("{DEACTIVATE} [data-test=apply-at]")).await?;
    ada.read(&confirm, "Schedule for").await?;
    eye.look("deactivate-at-a-time").await?;
    ada.click(&confirm).await?;
    ada.see_no_more(DEACTIVATE).await?;
    ada.read("[data-test=open-request]", "Deactivate iris").await?;
    let request = team.newest().await?;
    let asked: Timestamp = request["apply"]["at"]["at"].as_str().context("it has no time")?.parse()?;
    ensure!(asked == at && request["state"] == "scheduled", "it was to be at {at}: {request:#}");
    Ok(())
}

/// Nothing is sent before there are words.
async fn requests_changes(bob: &Browser) -> anyhow::Result<()> {
    open_what_waits(bob).await?;
    bob.click("[data-test=request-changes]").await?;
    bob.read("[data-test=discussion] .reply label", "What has to change?").await?;
    ensure!(!bob.see("[data-test=send-changes]").await?.is_enabled().await?, "changes are requested without words");
    bob.write("[data-test=comment]", "Three replicas, please").await?;
    bob.click("[data-test=send-changes]").await?;
    bob.read(STATE, "Changes requested").await?;
    bob.read("[data-test=policy]", "wants changes").await.map(drop)
}

/// Ada asks for three replicas instead, at the next full minute that leaves time to approve it.
async fn edits(ada: &Browser) -> anyhow::Result<Timestamp> {
    ada.click(".request-buttons [data-test=menu]").await?;
    ada.click("[data-test=edit-request]").await?;
    // What was asked for is what is edited.
    ada.see(&format!("{UPDATE} [data-test=configuration][data-name=second][aria-selected=true]")).await?;
    ada.holds(&format!("{UPDATE} [data-test=note]"), "It is right more often").await?;
    ada.click(&format!("{UPDATE} [data-test=configuration][data-name=third]")).await?;
    ada.click(&format!("{UPDATE} [data-test=when-at]")).await?;
    let at = type_time(ada, &format!("{UPDATE} [data-test=apply-at]")).await?;
    ada.read(&format!("{UPDATE} [data-test=confirm]"), "Ask for this instead").await?;
    ada.click(&format!("{UPDATE} [data-test=confirm]")).await?;
    ada.see_no_more(UPDATE).await?;
    ada.read(".request-head", "version 2").await?;
    Ok(at)
}

/// Types a time into a field, in the clock of the browser: the first full minute that is at least 8 s ahead.
async fn type_time(browser: &Browser, css: &str) -> anyhow::Result<Timestamp> {
    let script = "
        const at = new Date(Date.now() + 8000);
        at.setSeconds(0, 0);
        at.setMinutes(at.getMinutes() + 1);
        const two = (number) => String(number).padStart(2, '0');
        const day = two(at.getMonth() + 1) + two(at.getDate()) + at.getFullYear();
        const time = two(at.getHours() % 12 || 12) + two(at.getMinutes()) + (at.getHours() < 12 ? 'AM' : 'PM');
        return [at.getTime(), `${day}\u{E014}${time}`];";
    let answer = browser.ask(script).await?;
    let (at, typed) = (answer[0].as_i64().context("no time")?, answer[1].as_str().context("no keys")?);
    browser.type_into(css, typed).await?;
    let written = browser.ask(&format!("return new Date(document.querySelector({css:?}).value).getTime()")).await?;
    ensure!(written == at, "{typed:?} became {written} and not {at}");
    Ok(Timestamp::from_millisecond(at)?)
}

/// Nobody does anything until it runs; meanwhile the screens that tell of it are looked at.
async fn starts_at_its_time(team: &Team, ada: &Browser, eye: &mut Eye<'_>, at: Timestamp) -> anyhow::Result<()> {
    ada.read(STATE, "Scheduled").await?;
    eye.look("request-scheduled").await?;
    ada.click("[data-test=nav-approvals]").await?;
    ada.read("[data-test=section-mine] [data-test=request]", "starts by itself").await?;
    eye.look("approvals-scheduled").await?;
    ada.click("[data-test=nav-deployments]").await?;
    ada.click("[data-test=deployment][data-name=iris] a.row-link").await?;
    eye.look("deployment-scheduled").await?;
    ada.read("[data-test=rollout]", "iris v1 → v2").await?;
    ada.see("[data-test=rollout] [data-phase=completed]").await?;
    ada.see_no_more("[data-test=open-request]").await?;
    let rollout = team.server.until_over("iris").await?;
    let started: Timestamp = rollout["started_at"].as_str().context("no start")?.parse()?;
    ensure!(started >= at, "it was to start at {at}, and started at {started}");
    let request = team.newest().await?;
    ensure!(request["state"] == "applied" && request["version"] == 2, "{request:#}");
    Ok(())
}

/// A switch that holds everything.
async fn freezes(ada: &Browser) -> anyhow::Result<()> {
    ada.click("[data-test=nav-freezes]").await?;
    ada.click("[data-test=new-freeze]").await?;
    ada.write(&format!("{FREEZE} [data-test=freeze-name]"), "Quarter end").await?;
    ada.write(&format!("{FREEZE} [data-test=freeze-reason]"), "The books are being closed").await?;
    ada.choose(&format!("{FREEZE} [data-test=freeze-times]"), "switch").await?;
    ada.read(&format!("{FREEZE} [data-test=freeze-holds]"), "The freeze would hold iris").await?;
    ada.read(&format!("{FREEZE} [data-test=confirm]"), "Hold 1 deployment now").await?;
    ada.click(&format!("{FREEZE} [data-test=confirm]")).await?;
    ada.see_no_more(FREEZE).await?;
    ada.read("[data-test=held-now]", "Quarter end holds 1 deployment").await.map(drop)
}

async fn lifts(ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    ada.click("[data-test=nav-freezes]").await?;
    ada.read("[data-test=held-now]", "1 change waits for its end").await?;
    eye.look("freezes-held").await?;
    ada.click("[data-test=held-now] [data-test=lift]").await?;
    let said = ada.read(LIFT, "1 change that waits for it starts at once").await?;
    ensure!(said.contains("The freeze holds iris"), "{said:?}");
    eye.look("freeze-lift").await?;
    ada.click(&format!("{LIFT} [data-test=confirm]")).await?;
    ada.see_no_more(LIFT).await?;
    ada.see_no_more("[data-test=held-now]").await?;
    ada.read("[data-test=heard]", "It was started").await.map(drop)
}
