//! Somebody in a hurry, with the keyboard alone: finds the deployment that crashes, reads why, takes it back, and on the
//! way deactivates and activates another one.

use anyhow::ensure;
use serde_json::json;
use tests::server::Server;

use crate::faults::in_browser;
use crate::keyboard::{DOWN, ENTER, ESCAPE, Keyboard, SPACE, UP};

const LINE: &str = "[data-test=attention][data-name=page]";
const MENU: &str = ".heading [data-test=menu]";
const DEACTIVATE: &str = "[data-test=dialog-deactivate]";
const ACTIVATE: &str = "[data-test=dialog-activate]";
const PALETTE: &str = "[data-test=palette-input]";
/// Control with K, which opens the palette.
const CONTROL_K: &str = "\u{E009}k";
/// The page itself, which has the focus when it is another one.
const PAGE: &str = "main";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_mends_what_crashes_by_keyboard_alone() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 2})).await?;
    let program = json!(["python3", "-m", "http.server", "{port}", "--bind", "127.0.0.1"]);
    let serving = json!({"runtime": "command", "command": program, "routes": {"health": "/"}, "replicas": 3});
    server.deploy("page", serving).await?;
    let crashing = "import time; time.sleep(0.3); raise SystemExit('no such file')";
    let strategy = json!({"max_surge": 0, "max_unavailable": 1, "start_failures": 1_000});
    let update =
        json!({"set": {"command": ["python3", "-c", crashing]}, "strategy": strategy, "accept_warnings": true});
    server.post("/deployments/page/rollouts", &update).await?;
    in_browser("operator-by-keyboard", async |browser| {
        let bo = Keyboard { browser };
        signs_in(&server, &bo).await?;
        reads_the_cause(&bo).await?;
        stops_and_returns(&bo).await?;
        let rollout = server.until_over("page").await?;
        ensure!(rollout["phase"] == "cancelled", "{rollout:#}");
        goes_on_by_the_palette(&bo).await?;
        thinks_better_of_it(&bo).await?;
        deactivates(&bo).await?;
        activates(&bo).await?;
        let errors = browser.console_errors().await?;
        ensure!(errors.is_empty(), "the console holds errors: {errors:#?}");
        Ok(())
    })
    .await
}

async fn signs_in(server: &Server, bo: &Keyboard<'_>) -> anyhow::Result<()> {
    bo.browser.go(&format!("http://{}/sign-in", server.listen)).await?;
    bo.write("[data-test=token]", &server.token()?).await?;
    bo.press(ENTER).await?;
    bo.browser.read("[data-test=count-attention]", "1").await?;
    bo.is_kept("the sign-in").await.map(drop)
}

async fn reads_the_cause(bo: &Keyboard<'_>) -> anyhow::Result<()> {
    bo.browser.read(LINE, "crashes after").await?;
    bo.enter(&format!("{LINE} a.name")).await?;
    bo.comes_to(PAGE).await?;
    bo.browser.read("[data-test=outcome]", "crashes").await?;
    let said = bo.browser.read("[data-test=outcome]", "no such file").await?;
    ensure!(said.contains("2 of 3 replicas answer"), "the banner says {said:?}");
    Ok(())
}

/// By the button of the banner, at once.
async fn stops_and_returns(bo: &Keyboard<'_>) -> anyhow::Result<()> {
    bo.enter("[data-test=outcome] [data-test=return]").await?;
    bo.browser.see("[data-test=rollout]:not(.live) [data-phase=cancelled]").await?;
    ensure!(bo.browser.count("dialog[open]").await? == 0, "something was asked first");
    bo.browser.read("[data-test=rollout]", "returned to revision 1").await?;
    bo.browser.see(".heading [data-status=running]").await?;
    bo.browser.see_no_more("[data-test=outcome]").await?;
    bo.is_kept("the banner has gone").await.map(drop)
}

async fn goes_on_by_the_palette(bo: &Keyboard<'_>) -> anyhow::Result<()> {
    let before = "[data-test=tab-overview]";
    bo.tab_to(before).await?;
    // Closed again, it leaves the focus where it was.
    opens_the_palette(bo).await?;
    bo.press(ESCAPE).await?;
    bo.browser.see_no_more(PALETTE).await?;
    bo.comes_to(before).await?;

    opens_the_palette(bo).await?;
    bo.press("iris").await?;
    bo.browser.read("#palette-lines li[aria-selected=true]", "iris").await?;
    bo.press(DOWN).await?;
    bo.browser.see("#palette-lines #palette-1[aria-selected=true]").await?;
    bo.press(UP).await?;
    bo.browser.read("#palette-lines #palette-0[aria-selected=true]", "iris").await?;
    bo.press(ENTER).await?;
    bo.browser.read(".heading h1", "iris").await?;
    bo.comes_to(PAGE).await
}

async fn opens_the_palette(bo: &Keyboard<'_>) -> anyhow::Result<()> {
    bo.press(CONTROL_K).await?;
    bo.comes_to(PALETTE).await
}

/// Chooses an action of the menu with an arrow.
async fn chooses(bo: &Keyboard<'_>, arrow: &str, action: &str) -> anyhow::Result<()> {
    bo.enter(MENU).await?;
    bo.walk(arrow, action).await?;
    bo.press(ENTER).await
}

/// Leaves the menu, and the dialog, with Escape.
async fn thinks_better_of_it(bo: &Keyboard<'_>) -> anyhow::Result<()> {
    bo.enter(MENU).await?;
    bo.walk(DOWN, "[data-test=action-deactivate]").await?;
    bo.press(ESCAPE).await?;
    bo.browser.see_no_more("[data-test=action-deactivate]").await?;
    bo.comes_to(MENU).await?;

    chooses(bo, DOWN, "[data-test=action-deactivate]").await?;
    bo.browser.read(&format!("{DEACTIVATE}[open]"), "answers 503").await?;
    bo.is_kept("the dialog has opened").await?;
    bo.press(ESCAPE).await?;
    bo.browser.see_no_more(DEACTIVATE).await?;
    bo.comes_to(MENU).await?;
    bo.browser.see(".heading [data-status=running]").await.map(drop)
}

async fn deactivates(bo: &Keyboard<'_>) -> anyhow::Result<()> {
    chooses(bo, UP, "[data-test=action-deactivate]").await?;
    bo.browser.see(&format!("{DEACTIVATE}[open]")).await?;
    bo.write(&format!("{DEACTIVATE} [data-test=operate-note]"), "Nobody asks").await?;
    bo.enter(&format!("{DEACTIVATE} [data-test=confirm]")).await?;
    bo.browser.see_no_more(DEACTIVATE).await?;
    bo.comes_to(MENU).await?;
    bo.browser.see(".heading [data-status=stopped]").await?;
    bo.browser.read("[data-test=outcome]", "This deployment is deactivated").await?;
    bo.comes_to(MENU).await
}

async fn activates(bo: &Keyboard<'_>) -> anyhow::Result<()> {
    chooses(bo, DOWN, "[data-test=action-activate]").await?;
    bo.browser.see(&format!("{ACTIVATE}[open]")).await?;
    bo.is_kept("the dialog has opened").await?;
    bo.tab_to(&format!("{ACTIVATE} [data-test=confirm]")).await?;
    bo.press(SPACE).await?;
    bo.browser.see_no_more(ACTIVATE).await?;
    bo.browser.see(".heading [data-status=running]").await?;
    bo.browser.see_no_more("[data-test=outcome]").await?;
    bo.comes_to(MENU).await
}
