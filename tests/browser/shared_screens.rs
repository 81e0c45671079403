//! The screens of people who work together, with something on each, as they are seen by people and by axe-core.

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::faults::in_browsers;
use crate::looks::Eye;
use crate::team::Team;

const UPDATE: &str = "[data-test=dialog-update]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_screen_of_people_is_clean() -> anyhow::Result<()> {
    let team = Team::start().await?;
    team.policy(1).await?;
    in_browsers("shared-screens", ["ada", "bob"], async |[ada, bob]| {
        let mut eye = Eye::new(bob)?;
        entrances(&team, bob, &mut eye).await?;
        requests(&team, bob, &mut eye).await?;
        eye.closes()?;

        let mut eye = Eye::new(ada)?;
        ada.sign_in(&team.server).await?;
        asking(&team, ada, &mut eye).await?;
        keeping(&team, ada, &mut eye).await?;
        eye.closes()
    })
    .await
}

/// Signing in with a password, and joining.
async fn entrances(team: &Team, bob: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    bob.go(&team.at("/sign-in?with=password")).await?;
    bob.see("[data-test=password]").await?;
    eye.look("sign-in-password").await?;
    bob.go(&team.invite("Dee").await?).await?;
    bob.read("[data-test=join]", "Ada has invited you").await?;
    bob.write("[data-test=join-password]", "short").await?;
    eye.look("join").await?;
    team.sign_in(bob, "Bob").await
}

/// One that is open, one that was applied, one that is stale, and the list of them.
async fn requests(team: &Team, bob: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    let first = ask(team, json!({"models": ["iris@2"]}), "when_approved").await?;
    bob.go(&team.at(&first)).await?;
    bob.see("[data-test=rehearsal-panel]").await?;
    bob.click("[data-test=request-changes]").await?;
    bob.see("[data-test=send-changes]").await?;
    eye.look("request-open").await?;
    bob.click("[data-test=approve]").await?;
    bob.see("[data-test=ended]").await?;
    team.server.until_over("iris").await?;
    eye.look("request-applied").await?;

    let second = ask(team, json!({"replicas": 3}), "by_hand").await?;
    bob.go(&team.at(&second)).await?;
    bob.click("[data-test=approve]").await?;
    bob.read("[data-test=request-state]", "Approved").await?;
    eye.look("request-approved").await?;
    team.send(Method::PATCH, "/deployments/iris", &json!({"importance": "critical"})).await?;
    bob.see("[data-test=stale-request]").await?;
    eye.look("request-stale").await?;
    ask(team, json!({"models": ["iris@1"]}), "when_approved").await?;
    bob.go(&team.at("/approvals")).await?;
    bob.see("[data-test=section-waits-for-me] [data-test=request]").await?;
    bob.see("[data-test=section-all] [data-test=request]").await?;
    eye.look("approvals").await
}

/// Asks for a change; the path of its page.
async fn ask(team: &Team, set: Value, apply: &str) -> anyhow::Result<String> {
    let update = json!({"set": set, "apply": apply, "accept_warnings": true, "reason": "accuracy",
        "note": "The new sensors need it. Tried on the records of October, where it was right more often."});
    let asked = team.server.post("/deployments/iris/rollouts", &update).await?;
    Ok(format!("/approvals/{}", asked["id"].as_str().context("no id")?))
}

/// The dialog in which Ada asks, and what the deployment then says.
async fn asking(team: &Team, ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    let freeze = json!({"name": "Weekends", "reason": "Nobody is there", "scope": "all",
        "when": {"weekly": {"days": ["saturday"], "from": "00:00", "to": "23:30", "days_later": 1, "zone": "America/New_York"}}});
    team.server.post("/freezes", &freeze).await?;
    let freeze =
        json!({"name": "Quarter end", "reason": "The books are being closed", "scope": "all", "when": {"switch": {}}});
    team.server.post("/freezes", &freeze).await?;
    ada.go(&team.at("/deployments/iris")).await?;
    ada.see("[data-test=open-request]").await?;
    ada.see("[data-test=freeze-banner]").await?;
    ada.click("[data-test=update]").await?;
    ada.click(&format!("{UPDATE} [data-test=configuration]:not([aria-disabled=true])")).await?;
    ada.read(&format!("{UPDATE} [data-test=confirm]"), "Ask for approval").await?;
    ada.click(&format!("{UPDATE} [data-test=when-at]")).await?;
    ada.click(&format!("{UPDATE} [data-test=break-glass]")).await?;
    ada.see(&format!("{UPDATE} [data-test=break-glass-banner]")).await?;
    eye.look("update-override").await?;
    ada.click(&format!("{UPDATE} [data-test=break-glass]")).await?;
    ada.click(&format!("{UPDATE} [data-test=when-soon]")).await?;
    ada.see(&format!("{UPDATE} [data-test=asks]")).await?;
    eye.look("update-approval").await?;
    ada.go(&team.at("/deployments/iris?tab=access")).await?;
    ada.see("[data-test=grant]").await?;
    eye.look("access").await
}

/// What only who keeps the server has: people, policies, freezes; and oneself.
async fn keeping(team: &Team, ada: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    let nobody = team.server.post("/groups", &json!({"name": "Model owners of the night shift"})).await?;
    let policy = json!({"name": "Night shift", "actions": ["delete", "settings"], "importance": "above_moderate",
        "reviewers": [nobody["id"]], "approvals": 2});
    team.server.post("/policies", &policy).await?;
    let service = team.server.post("/services", &json!({"name": "pipeline"})).await?;
    let token = json!({"name": "nightly", "scopes": ["read", "deploy"], "owner": service["id"]});
    team.server.post("/tokens", &token).await?;
    for (path, part, screen) in [
        ("/people", "[data-test=policy-sentence], [data-test=policy]", "policies"),
        ("/people?tab=people", "[data-test=person]", "people-several"),
        ("/people?tab=groups", "[data-test=group]", "groups"),
        ("/people?tab=services", "[data-test=service]", "services"),
        ("/people?tab=invitations", "[data-test=invitation]", "invitations"),
        ("/freezes", "[data-test=calendar]", "freezes"),
        ("/freezes?span=quarter&zone=mine", "[data-test=calendar]", "freezes-quarter"),
        ("/me", "[data-test=session]", "me-several"),
    ] {
        ada.go(&team.at(path)).await?;
        ada.see(part).await?;
        eye.look(screen).await?;
    }
    Ok(())
}
