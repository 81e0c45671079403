//! Every screen and dialog, with good and bad news on it, as it is seen by people and by axe-core.

use anyhow::ensure;
use serde_json::json;
use tests::clients::Clients;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::looks::Eye;

/// Closes a menu or a dialog.
const ESCAPE: &str = "\u{E00C}";
/// Opens the palette.
const CONTROL_K: &str = "\u{E009}k\u{E000}";
/// A name as long as names get, with its 63 characters.
const LONG: &str = "a-name-that-is-exactly-as-long-as-the-names-of-deployments-get0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_screen_fits_and_can_be_read() -> anyhow::Result<()> {
    let server = Server::start().await?;
    in_browser("screens", async |browser| {
        let mut eye = Eye::new(browser)?;
        let at = |path: &str| format!("http://{}{path}", server.listen);
        browser.go(&at("/")).await?;
        browser.see("[data-test=sign-in]").await?;
        eye.look("sign-in").await?;
        browser.sign_in(&server).await?;
        browser.see("[data-test=deploy-first]").await?;
        eye.look("deployments-empty").await?;

        fill(&server).await?;
        browser.see("[data-test=deployment][data-name=iris] [data-status=running]").await?;
        browser.read("[data-test=deployment][data-name=idle]", "v2 available").await?;
        eye.look("deployments").await?;
        browser.click("[data-test=deployment][data-name=iris] [data-test=menu]").await?;
        browser.see("[data-test=action-update]").await?;
        eye.look("deployments-menu").await?;
        browser.press(ESCAPE).await?;

        browser.go(&at("/deployments/iris")).await?;
        browser.see("[data-test=outcome]").await?;
        browser.see("[data-test=receipt]").await?;
        browser.see("[data-test=revision]").await?;
        eye.look("deployment").await?;
        for (tab, part) in [
            ("metrics", "[data-test=gauges] [data-test=chart]"),
            ("configurations", "table, .card"),
            ("rollouts", "[data-test=rollout-entry]"),
            ("logs", "[data-test=logs]"),
            ("settings", "[data-test=settings-tab] [data-test=confirm]"),
        ] {
            browser.click(&format!("[data-test=tab-{tab}]")).await?;
            browser.see(&format!("main {part}")).await?;
            if tab == "rollouts" {
                browser.click("[data-test=rollout-entry] .fold").await?;
                browser.see("[data-test=rollout-entry] [data-test=receipt]").await?;
            }
            eye.look(&format!("deployment-{tab}")).await?;
        }
        dialogs(browser, &mut eye, &at("/deployments/iris")).await?;
        people(browser, &mut eye, &at).await?;
        browser.go(&at("/deployments/dead")).await?;
        browser.see("[data-test=go-back]").await?;
        eye.look("deployment-dead").await?;
        browser.go(&at("/deployments/idle")).await?;
        browser.see("[data-test=outcome-activate]").await?;
        eye.look("deployment-deactivated").await?;

        browser.go(&at("/models")).await?;
        browser.see("[data-test=model]").await?;
        eye.look("models").await?;
        browser.click("[data-test=register]").await?;
        browser.see("[data-test=dialog-register] [data-test=confirm]").await?;
        browser.click("[data-test=dialog-register] [data-test=declare] summary").await?;
        eye.look("register").await?;
        browser.choose("[data-test=dialog-register] [data-test=kind]", "custom").await?;
        browser.see("[data-test=dialog-register] [data-test=command]").await?;
        eye.look("register-custom").await?;
        browser.choose("[data-test=dialog-register] [data-test=kind]", "external").await?;
        browser.see("[data-test=dialog-register] [data-test=url]").await?;
        eye.look("register-external").await?;

        browser.go(&at("/history")).await?;
        browser.click("[data-test=entry] .entry").await?;
        browser.click("[data-test=verify]").await?;
        browser.read("[data-test=verification]", "History is intact").await?;
        eye.look("history").await?;
        browser.click("[data-test=show-all]").await?;
        browser.see("[data-test=entry][data-kind=step_taken]").await?;
        eye.look("history-everything").await?;

        browser.go(&at("/nowhere")).await?;
        browser.see("[data-test=empty]").await?;
        eye.look("nowhere").await?;
        eye.closes()
    })
    .await
}

async fn dialogs(browser: &Browser, eye: &mut Eye<'_>, deployment: &str) -> anyhow::Result<()> {
    browser.go(deployment).await?;
    browser.click("[data-test=update]").await?;
    browser.click("[data-test=configuration]:not([aria-disabled=true])").await?;
    browser.see("[data-test=rehearsal]").await?;
    browser.see("[data-test=known-bad]").await?;
    eye.look("update").await?;
    browser.click("[data-test=new-from-copy]").await?;
    browser.choose("[data-test=copy-form] [data-test=scaling]", "automatic").await?;
    browser.see("[data-test=copy-form] [data-test=max_replicas]").await?;
    eye.look("update-copy").await?;

    browser.go(deployment).await?;
    browser.click("[data-test=revision][data-number='1'] [data-test=roll-back-to]").await?;
    browser.see("[data-test=dialog-roll-back] [data-test=confirm]").await?;
    eye.look("roll-back").await?;

    browser.go(deployment).await?;
    browser.click("[data-test=menu]").await?;
    browser.click("[data-test=action-delete]").await?;
    browser.see("[data-test=dialog-delete]").await?;
    eye.look("delete").await?;

    browser.go(deployment).await?;
    browser.click(".heading [data-test=menu]").await?;
    browser.click("[data-test=action-deactivate]").await?;
    browser.see("[data-test=dialog-deactivate] [data-test=confirm]").await?;
    eye.look("deactivate").await?;
    browser.go(deployment).await?;
    browser.click(".heading [data-test=menu]").await?;
    browser.click("[data-test=action-settings]").await?;
    browser.see("[data-test=settings-tab] [data-test=confirm]").await?;
    browser.go(deployment).await?;
    browser.click("[data-test=revision][data-number='1'] [data-test=menu]").await?;
    browser.see("[data-test=action-quarantine]").await?;
    eye.look("revision-menu").await?;
    browser.click("[data-test=revision][data-number='1'] [data-test=action-quarantine]").await?;
    browser.see("[data-test=dialog-quarantine]").await?;
    eye.look("quarantine").await?;

    browser.go(deployment).await?;
    browser.see("[data-test=update]").await?;
    browser.press(CONTROL_K).await?;
    browser.see("[data-test=palette-input]").await?;
    eye.look("palette").await?;

    browser.click("body").await.ok();
    browser.go(deployment).await?;
    browser.click("[data-test=nav-deployments]").await?;
    browser.click("[data-test=deploy]").await?;
    browser.see("[data-test=dialog-deploy] [data-test=confirm]").await?;
    eye.look("deploy").await
}

/// One that was replaced and then refused a broken model, one that never ran, and one that nobody uses.
async fn fill(server: &Server) -> anyhow::Result<()> {
    for file in ["iris-v1.onnx", "iris-v2.onnx", "iris-v3-unknown-operator.onnx"] {
        server.register("iris", file).await?;
    }
    let strategy = json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 2});
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 3})).await?;
    let clients = Clients::start(server, 1)?;
    for (model, phase) in [("iris@2", "completed"), ("iris@3", "reverted")] {
        let request = json!({"set": {"models": [model]}, "strategy": strategy, "reason": "accuracy", "note": "The new sensors need it", "accept_warnings": true});
        server.post("/deployments/iris/rollouts", &request).await?;
        let rollout = server.until_over("iris").await?;
        ensure!(rollout["phase"] == phase, "{rollout:#}");
    }
    let count = clients.stop().await?;
    ensure!(count.failures.is_empty(), "requests failed: {:#?}", count.failures);

    let configuration = json!({"models": ["iris@3"], "replicas": 2});
    let broken = json!({"name": LONG, "importance": "critical", "configuration": configuration, "strategy": strategy});
    server.post("/deployments", &broken).await?;
    server.until_over(LONG).await?;
    let autoscaling = json!({"min_replicas": 1, "max_replicas": 4});
    let about = json!({"name": "idle", "description": "Nobody asks it", "tags": {"team": "flowers"}, "properties": {"owner": "ada"},
        "configuration": {"models": ["iris@1"], "autoscaling": autoscaling}});
    server.post("/deployments", &about).await?;
    server.until_over("idle").await?;
    server.post("/deployments/idle/deactivate", &json!({"note": "Summer"})).await?;
    server.deploy("dead", json!({"name": "first", "models": ["iris@1"], "replicas": 1})).await?;
    let update =
        json!({"set": {"models": ["iris@3"]}, "strategy": strategy, "on_failure": "dead", "accept_warnings": true});
    server.post("/deployments/dead/rollouts", &update).await?;
    server.until_over("dead").await.map(drop)
}

/// The screens of people, as whoever works alone sees them.
async fn people(browser: &Browser, eye: &mut Eye<'_>, at: &impl Fn(&str) -> String) -> anyhow::Result<()> {
    for (path, part, screen) in [
        ("/approvals", "[data-test=section-all] [data-test=empty]", "approvals-empty"),
        ("/approvals?for=me", "[data-test=section-waits-for-me]", "approvals-for-me"),
        ("/people", "[data-test=empty]", "policies-empty"),
        ("/people?dialog=policy", "[data-test=slot-choice]", "policy-new"),
        ("/people?tab=people", "[data-test=person]", "people"),
        ("/people?tab=groups", "[data-test=empty]", "groups-empty"),
        ("/people?tab=services", "[data-test=empty]", "services-empty"),
        ("/people?tab=people&dialog=invite", "[data-test=dialog-invite] [data-test=own-name]", "invite"),
        ("/freezes", "[data-test=empty]", "freezes-empty"),
        ("/freezes?dialog=new", "[data-test=dialog-freeze]", "freeze-new"),
        ("/settings?show=all", "[data-test=setting]", "server-settings"),
        ("/me", "[data-test=sessions]", "me"),
        ("/me?dialog=token", "[data-test=dialog-token]", "token-new"),
        ("/deployments/iris?tab=access", "[data-test=grant]", "deployment-access"),
    ] {
        browser.go(&at(path)).await?;
        browser.see(part).await?;
        eye.look(screen).await?;
    }
    Ok(())
}
