//! Somebody new at an empty server, with the keyboard alone: registers a model, deploys it, tries it, updates it, sees an
//! update fail, reads why, goes back, and finds all of it in the history.

use anyhow::ensure;
use tests::server::{Server, model_file};

use crate::faults::in_browser;
use crate::keyboard::{DOWN, ENTER, Keyboard, SPACE};

const REGISTER: &str = "[data-test=dialog-register]";
const DEPLOY: &str = "[data-test=dialog-deploy]";
const UPDATE: &str = "[data-test=dialog-update]";
const BACK: &str = "[data-test=dialog-roll-back]";
const ENDED: &str = "[data-test=rollout]:not(.live) [data-phase=completed]";
const OVERVIEW: &str = "[data-test=tab-overview]";
/// The page itself, which has the focus when it is another one.
const PAGE: &str = "main";
/// A flower of the first species, with a number as some people write it.
const FLOWER: [(&str, &str); 4] =
    [("sepal_length", "5.1"), ("sepal_width", "3.5"), ("petal_length", "1.4"), ("petal_width", "0,2")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newcomer_goes_from_nothing_to_a_rollback_by_keyboard_alone() -> anyhow::Result<()> {
    let server = Server::start().await?;
    in_browser("newcomer-by-keyboard", async |browser| {
        let eve = Keyboard { browser };
        signs_in(&server, &eve).await?;
        registers_the_first(&eve).await?;
        deploys(&eve).await?;
        tries(&eve).await?;
        registers_the_second(&eve).await?;
        updates(&eve).await?;
        registers_what_cannot_load(&eve).await?;
        updates_to_what_cannot_load(&eve).await?;
        reads_why(&eve).await?;
        goes_back(&eve).await?;
        looks_back(&eve).await?;
        let errors = browser.console_errors().await?;
        ensure!(errors.is_empty(), "the console holds errors: {errors:#?}");
        Ok(())
    })
    .await
}

/// Goes to another page by its link in the navigation.
async fn goes_to(eve: &Keyboard<'_>, link: &str) -> anyhow::Result<()> {
    eve.back_to(link).await?;
    eve.press(ENTER).await?;
    eve.comes_to(PAGE).await
}

async fn opens_the_deployment(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    goes_to(eve, "[data-test=nav-deployments]").await?;
    eve.enter("[data-test=deployment][data-name=iris] a.row-link").await?;
    eve.comes_to(PAGE).await
}

async fn signs_in(server: &Server, eve: &Keyboard<'_>) -> anyhow::Result<()> {
    eve.browser.go(&format!("http://{}/sign-in", server.listen)).await?;
    eve.write("[data-test=token]", &server.token()?).await?;
    eve.press(ENTER).await?;
    eve.browser.see("[data-test=deploy-first]").await?;
    eve.is_kept("the sign-in").await.map(drop)
}

/// Chooses a file in the dialog that has just opened. The system's own dialog for files cannot be driven.
async fn chooses(eve: &Keyboard<'_>, file: &str) -> anyhow::Result<()> {
    eve.browser.see(&format!("{REGISTER}[open]")).await?;
    eve.is_kept("the dialog has opened").await?;
    let input = format!("{REGISTER} [data-test=file]");
    eve.tab_to(&input).await?;
    eve.browser.choose_file(&input, &model_file(file)).await?;
    eve.browser.read(&format!("{REGISTER} .drop-zone"), file).await?;
    eve.comes_to(&input).await
}

/// From the empty list. The name of the file proposes that of the model.
async fn registers_the_first(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    goes_to(eve, "[data-test=nav-models]").await?;
    eve.enter("[data-test=register]").await?;
    chooses(eve, "iris-v1.onnx").await?;
    eve.browser.holds(&format!("{REGISTER} [data-test=model-name]"), "iris").await?;
    eve.write(&format!("{REGISTER} [data-test=description]"), "The first one").await?;
    // Enter in a field does what the button does.
    eve.press(ENTER).await?;
    eve.browser.see_no_more(REGISTER).await?;
    eve.browser.read("[data-test=model-version][data-version='1']", "not used").await?;
    eve.comes_to(PAGE).await
}

async fn deploys(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    eve.enter("[data-test=deploy-version]").await?;
    eve.browser.see(&format!("{DEPLOY}[open]")).await?;
    eve.is_kept("the dialog has opened").await?;
    eve.browser.holds(&format!("{DEPLOY} [data-test=name]"), "iris").await?;
    eve.rewrite(&format!("{DEPLOY} [data-test=replicas]"), "2").await?;
    eve.tab_to(&format!("{DEPLOY} [data-test=confirm]")).await?;
    eve.press(SPACE).await?;
    eve.browser.see_no_more(DEPLOY).await?;
    eve.comes_to(PAGE).await?;
    eve.browser.see(".heading [data-status=running]").await.map(drop)
}

fn field(name: &str) -> String {
    format!("[data-test=try-field][data-name={name}]")
}

async fn tries(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    eve.enter("[data-test=try]").await?;
    eve.browser.see("[data-test=try-form]").await?;
    eve.comes_to("[data-test=try]").await?;
    for (name, text) in FLOWER {
        eve.write(&field(name), text).await?;
    }
    // The field that is wrong has the focus, wherever the form is sent from.
    eve.tab_to("[data-test=predict]").await?;
    eve.press(SPACE).await?;
    eve.browser.read("[data-test=try-faults]", "One field").await?;
    eve.comes_to(&field("petal_width")).await?;
    eve.rewrite(&field("petal_width"), "0.2").await?;
    eve.tab_to("[data-test=predict]").await?;
    eve.press(SPACE).await?;
    eve.browser.read("[data-test=answer-table] tbody tr:first-child td", "setosa").await?;
    // It was switched off while the request was on its way.
    eve.comes_to("[data-test=predict]").await?;
    eve.enter("[data-test=raw-answer] summary").await?;
    eve.browser.read("[data-test=raw-answer] code", "setosa").await?;
    eve.comes_to("[data-test=raw-answer] summary").await
}

/// From the page of the model, which stays.
async fn registers_the_second(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    goes_to(eve, "[data-test=nav-models]").await?;
    eve.enter("[data-test=model][data-name=iris] a.row-link").await?;
    eve.comes_to(PAGE).await?;
    eve.enter("[data-test=register-version]").await?;
    chooses(eve, "iris-v2.onnx").await?;
    eve.browser.read(&format!("{REGISTER} [data-test=becomes]"), "this becomes v2").await?;
    eve.enter(&format!("{REGISTER} [data-test=confirm]")).await?;
    eve.browser.see_no_more(REGISTER).await?;
    eve.browser.read("[data-test=model-version][data-version='2']", "not used").await?;
    eve.comes_to("[data-test=register-version]").await
}

async fn updates(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    opens_the_deployment(eve).await?;
    eve.enter("[data-test=update]").await?;
    eve.browser.see(&format!("{UPDATE} [data-test=new-version][data-version='iris@2'][aria-selected=true]")).await?;
    eve.browser.see(&format!("{UPDATE} [data-test=configuration]")).await?;
    eve.is_kept("the dialog has opened").await?;
    eve.browser.read(&format!("{UPDATE} [data-test=confirm]"), "Update to iris v2").await?;
    eve.tab_to(&format!("{UPDATE} [data-test=preset-own]")).await?;
    eve.press(SPACE).await?;
    // Slow enough that it can be watched.
    eve.rewrite(&format!("{UPDATE} [data-test=min_ready_seconds]"), "2").await?;
    eve.enter(&format!("{UPDATE} [data-test=confirm]")).await?;
    eve.browser.see_no_more(UPDATE).await?;
    eve.comes_to("[data-test=update]").await?;
    eve.browser.read("[data-test=rollout].live", "iris v1 → v2").await?;
    eve.browser.see(ENDED).await?;
    eve.browser.read("[data-test=rollout]", "iris v1 → v2, done after").await?;
    eve.comes_to("[data-test=update]").await
}

/// Under a name that is written in place of the one that is proposed.
async fn registers_what_cannot_load(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    goes_to(eve, "[data-test=nav-models]").await?;
    eve.enter("[data-test=register]").await?;
    chooses(eve, "iris-v3-unknown-operator.onnx").await?;
    eve.rewrite(&format!("{REGISTER} [data-test=model-name]"), "iris").await?;
    eve.browser.read(&format!("{REGISTER} [data-test=becomes]"), "this becomes v3").await?;
    eve.press(ENTER).await?;
    eve.browser.see_no_more(REGISTER).await?;
    eve.browser.read("[data-test=model-version][data-version='3']", "not used").await?;
    eve.comes_to(PAGE).await
}

/// A version that did not load when it was registered is not advertised, and can be chosen all the same.
async fn updates_to_what_cannot_load(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    opens_the_deployment(eve).await?;
    eve.enter("[data-test=update]").await?;
    eve.browser.see(&format!("{UPDATE} [data-test=configuration]")).await?;
    let third = format!("{UPDATE} [data-test=new-version][data-version='iris@3']");
    eve.browser.see(&third).await?;
    eve.tab_to(&third).await?;
    eve.press(SPACE).await?;
    eve.browser.see(&format!("{third}[aria-selected=true]")).await?;
    eve.is_kept("the dialog has opened").await?;
    eve.tab_to(&format!("{UPDATE} [data-test=preset-own]")).await?;
    eve.press(SPACE).await?;
    eve.rewrite(&format!("{UPDATE} [data-test=progress_deadline_seconds]"), "2").await?;
    eve.tab_to(&format!("{UPDATE} [data-test=accept_warnings]")).await?;
    eve.press(SPACE).await?;
    eve.enter(&format!("{UPDATE} [data-test=confirm]")).await?;
    eve.browser.see_no_more(UPDATE).await?;
    eve.is_kept("the dialog has closed").await?;
    eve.browser.read("[data-test=outcome]", "Update to iris v3 failed. Back on iris v2.").await?;
    eve.is_kept("the update has failed").await.map(drop)
}

/// In the log of the replica, and in the rollout.
async fn reads_why(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    eve.tab_to("[data-test=outcome-log]").await?;
    eve.press(ENTER).await?;
    eve.browser.read("[data-test=log-ended]", "revision 3 ended").await?;
    eve.browser.read("[data-test=logs]", "NoSuchOperator").await?;
    eve.is_kept("the log has come").await?;
    returns_to_the_overview(eve).await?;

    eve.enter("[data-test=outcome-details]").await?;
    eve.browser.read("[data-test=rollout-entry][data-number='3'] .fold-body .bad", "NoSuchOperator").await?;
    eve.is_kept("the rollouts have come").await?;
    returns_to_the_overview(eve).await
}

async fn returns_to_the_overview(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    eve.back_to(OVERVIEW).await?;
    eve.press(ENTER).await?;
    eve.browser.see("[data-test=outcome]").await?;
    eve.comes_to(OVERVIEW).await
}

async fn goes_back(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    let to_first = "[data-test=revision][data-number='1'] [data-test=roll-back-to]";
    eve.enter(to_first).await?;
    eve.browser.read(&format!("{BACK}[open]"), "revision 1").await?;
    eve.is_kept("the dialog has opened").await?;
    eve.tab_to(&format!("{BACK} [data-test=roll-back-reason]")).await?;
    eve.press(DOWN).await?;
    eve.write(&format!("{BACK} [data-test=roll-back-note]"), "By keyboard").await?;
    eve.press(ENTER).await?;
    eve.browser.see_no_more(BACK).await?;
    eve.browser.read("[data-test=rollout]", "iris v2 → v1, done after").await?;
    let fourth = eve.browser.read("[data-test=revision][data-number='4']", "in use").await?;
    ensure!(fourth.contains("iris v1"), "revision 4 says {fourth:?}");
    eve.comes_to(to_first).await
}

async fn looks_back(eve: &Keyboard<'_>) -> anyhow::Result<()> {
    goes_to(eve, "[data-test=nav-history]").await?;
    for (rollout, title) in [
        (4, "Roll iris back to revision 1"),
        (3, "Update iris v2 → v3"),
        (2, "Update iris v1 → v2"),
        (1, "Deploy iris"),
    ] {
        eve.browser.read(&format!("[data-test=group][data-rollout='{rollout}']"), title).await?;
    }
    eve.browser.read("[data-test=group][data-rollout='4']", "By keyboard").await?;
    let registered = eve.browser.count("[data-test=entry][data-kind=model_registered]").await?;
    ensure!(registered == 3, "{registered} registrations are told, not 3");
    let failed = "[data-test=group][data-rollout='3'] [data-kind=rollout_moved]";
    eve.enter(&format!("{failed} button.entry")).await?;
    eve.browser.read(&format!("{failed} .event-body"), "NoSuchOperator").await?;
    eve.comes_to(&format!("{failed} button.entry")).await
}
