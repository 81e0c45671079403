//! What people arrange: dialogs that have an address and keep what was written, several rows at once, named views, columns,
//! and rows that stay where they are while somebody is among them.

use anyhow::ensure;
use serde_json::json;
use tests::program::until;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::keyboard::{ENTER, ESCAPE};
use crate::looks::Eye;

const UPDATE: &str = "[data-test=dialog-update]";
const SEVERAL: &str = "[data-test=dialog-several]";
const NAMES: [&str; 3] = ["iris", "lily", "rose"];

fn row(name: &str) -> String {
    format!("[data-test=deployment][data-name={name}]")
}

async fn three(server: &Server) -> anyhow::Result<()> {
    for file in ["iris-v1.onnx", "iris-v2.onnx"] {
        server.register("iris", file).await?;
    }
    for name in NAMES {
        server.deploy(name, json!({"models": ["iris@1"], "replicas": 1})).await?;
    }
    Ok(())
}

async fn until_address(browser: &Browser, what: &str, fits: impl Fn(&str) -> bool) -> anyhow::Result<String> {
    until(what, async || Ok(Some(browser.address().await?).filter(|address| fits(address)))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dialogs_have_addresses_and_keep_what_was_written() -> anyhow::Result<()> {
    let server = Server::start().await?;
    three(&server).await?;
    in_browser("arranging-dialogs", async |browser| {
        browser.sign_in(&server).await?;
        survives(browser).await?;
        back_and_forth(browser).await?;
        nowhere(browser, &server).await?;
        by_enter(browser, &server).await
    })
    .await
}

/// A reload finds the dialog and its draft; closing it forgets both.
async fn survives(browser: &Browser) -> anyhow::Result<()> {
    let note = format!("{UPDATE} [data-test=note]");
    browser.click(&format!("{} a.row-link", row("iris"))).await?;
    browser.click("[data-test=update]").await?;
    let opened =
        until_address(browser, "the dialog in the address", |address| address.contains("dialog=update")).await?;
    ensure!(opened.contains("deployment=iris"), "{opened} does not say of what");
    browser.write(&note, "It is right more often").await?;
    browser.choose(&format!("{UPDATE} [data-test=reason]"), "accuracy").await?;
    browser.go(&opened).await?;
    browser.holds(&note, "It is right more often").await?;
    browser.holds(&format!("{UPDATE} [data-test=reason]"), "accuracy").await?;
    // That of another deployment is another.
    browser.go(&opened.replace("deployment=iris", "deployment=rose")).await?;
    browser.read(UPDATE, "Update rose").await?;
    browser.holds(&note, "").await?;
    browser.go(&opened).await?;
    browser.holds(&note, "It is right more often").await?;
    browser.strike(ESCAPE).await?;
    browser.see_no_more(UPDATE).await?;
    until_address(browser, "the address without the dialog", |address| !address.contains("dialog=")).await?;
    browser.click("[data-test=update]").await?;
    browser.see(&note).await?;
    browser.holds(&note, "").await?;
    browser.strike(ESCAPE).await?;
    browser.see_no_more(UPDATE).await
}

/// The browser's own buttons close it and open it again, and closing it leaves nothing to go back through.
async fn back_and_forth(browser: &Browser) -> anyhow::Result<()> {
    browser.click("[data-test=nav-deployments]").await?;
    browser.click(&format!("{} a.row-link", row("lily"))).await?;
    browser.click("[data-test=update]").await?;
    browser.see(UPDATE).await?;
    browser.ask("history.back()").await?;
    browser.see_no_more(UPDATE).await?;
    ensure!(browser.address().await?.ends_with("/deployments/lily"), "back leads further than out of the dialog");
    browser.ask("history.forward()").await?;
    browser.read(UPDATE, "Update lily").await?;
    browser.click(&format!("{UPDATE} .close")).await?;
    browser.see_no_more(UPDATE).await?;
    until_address(browser, "the page", |address| address.ends_with("/deployments/lily")).await?;
    browser.ask("history.back()").await?;
    browser.see(&row("lily")).await?;
    until_address(browser, "the list", |address| !address.contains("lily")).await.map(drop)
}

/// A link to something that there is not says so.
async fn nowhere(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    let at = |query: &str| format!("http://{}/?{query}", server.listen);
    browser.go(&at("dialog=update&deployment=tulip")).await?;
    browser.read("[data-test=dialog-missing]", "There is no deployment tulip").await?;
    browser.click("[data-test=leave]").await?;
    browser.see_no_more("[data-test=dialog-missing]").await?;
    browser.go(&at("dialog=cancel&deployment=iris")).await?;
    browser.read("[data-test=dialog-missing]", "not complete").await?;
    browser.strike(ESCAPE).await?;
    browser.see_no_more("[data-test=dialog-missing]").await?;
    // What cannot be done now says why not.
    browser.go(&at("dialog=activate&deployment=iris")).await?;
    let confirm = browser.see("[data-test=dialog-activate] [data-test=confirm]").await?;
    ensure!(!confirm.is_enabled().await?, "a deployment that runs can be activated");
    ensure!(!browser.text("[data-test=dialog-activate] [data-test=blocked]").await?.is_empty(), "it does not say why");
    browser.strike(ESCAPE).await?;
    browser.see_no_more("[data-test=dialog-activate]").await
}

/// Enter in a field does what the button does.
async fn by_enter(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    browser.go(&format!("http://{}/?dialog=deactivate&deployment=rose", server.listen)).await?;
    browser.write("[data-test=dialog-deactivate] [data-test=operate-note]", "Nobody asks it").await?;
    browser.press(ENTER).await?;
    browser.see_no_more("[data-test=dialog-deactivate]").await?;
    browser.see(&format!("{} [data-status=stopped]", row("rose"))).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_chosen_viewed_and_left_where_they_are() -> anyhow::Result<()> {
    let server = Server::start().await?;
    three(&server).await?;
    in_browser("arranging-rows", async |browser| {
        let mut eye = Eye::new(browser)?;
        browser.sign_in(&server).await?;
        several(browser, &mut eye).await?;
        columns(browser).await?;
        views(browser, &server, &mut eye).await?;
        stay(browser, &server).await?;
        eye.closes()
    })
    .await
}

async fn several(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    browser.see(&row("rose")).await?;
    browser.ask(&format!("document.querySelector({:?}).focus()", format!("{} a.row-link", row("iris")))).await?;
    browser.strike("x").await?;
    browser.read("[data-test=several]", "1 of 3 chosen").await?;
    browser.click(&format!("{} [data-test=choose-row]", row("lily"))).await?;
    browser.read("[data-test=several]", "2 of 3 chosen").await?;
    browser.click("[data-test=choose-all]").await?;
    browser.read("[data-test=several]", "3 of 3 chosen").await?;
    // One of them is taken out again, and those that run cannot be activated.
    browser.click(&format!("{} [data-test=choose-row]", row("rose"))).await?;
    let activate = browser.see("[data-test=several-activate]").await?;
    ensure!(!activate.is_enabled().await?, "deployments that run can be activated");
    eye.look("several-rows").await?;
    browser.click("[data-test=several-deactivate]").await?;
    browser.read(SEVERAL, "Deactivate 2 deployments").await?;
    let names = browser.text("[data-test=several-can]").await?;
    ensure!(names.contains("iris") && names.contains("lily") && !names.contains("rose"), "it is done with {names}");
    eye.look("several-dialog").await?;
    browser.write(&format!("{SEVERAL} [data-test=several-note]"), "The night").await?;
    browser.click(&format!("{SEVERAL} [data-test=confirm]")).await?;
    browser.read("[data-test=several-told]", "2 of 2 done").await?;
    for name in ["iris", "lily"] {
        browser.see(&format!("{} [data-status=stopped]", row(name))).await?;
    }
    browser.click("[data-test=several-close]").await?;
    browser.see_no_more("[data-test=several-run]").await?;
    // With all three, it says with which it cannot be done.
    browser.click("[data-test=choose-all-rows]").await?;
    browser.click("[data-test=several-activate]").await?;
    browser.read(SEVERAL, "Activate 2 deployments").await?;
    browser.read("[data-test=several-cannot]", "rose").await?;
    browser.click(&format!("{SEVERAL} [data-test=confirm]")).await?;
    browser.read("[data-test=several-told]", "2 of 2 done").await?;
    browser.click("[data-test=several-close]").await?;
    for name in NAMES {
        browser.see(&format!("{} [data-status=running]", row(name))).await?;
    }
    Ok(())
}

async fn columns(browser: &Browser) -> anyhow::Result<()> {
    browser.click("[data-test=columns]").await?;
    browser.click("[data-test=column-errors]").await?;
    browser.see(".deployments[data-hides=errors]").await?;
    browser.press(ESCAPE).await?;
    browser.go(&browser.address().await?).await?;
    browser.see(".deployments[data-hides=errors]").await?;
    browser.click("[data-test=columns-clear]").await?;
    browser.see(".deployments[data-hides='']").await.map(drop)
}

async fn views(browser: &Browser, server: &Server, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    browser.go(&format!("http://{}/?q=iris&sort=-name&columns=status,model", server.listen)).await?;
    browser.click("[data-test=views]").await?;
    browser.write("[data-test=view-name]", "Mine by name").await?;
    browser.click("[data-test=save-view]").await?;
    browser.read("[data-test=open-view]", "Mine by name").await?;
    browser.read("[data-test=views]", "Mine by name").await?;
    eye.look("views").await?;
    browser.press(ESCAPE).await?;
    browser.click("[data-test=nav-deployments]").await?;
    browser.read("[data-test=views]", "Views").await?;
    browser.click("[data-test=views]").await?;
    browser.click("[data-test=open-view]").await?;
    until_address(browser, "the view", |address| address.contains("q=iris") && address.contains("columns=")).await?;
    browser.read("[data-test=views]", "Mine by name").await?;
    browser.click("[data-test=views]").await?;
    browser.click("[data-test=rename-view]").await?;
    browser.write("[data-test=view-new-name]", "By name").await?;
    browser.click("[data-test=save-name]").await?;
    browser.see("[data-test=view][data-name='By name']").await?;
    let kept = server.get("/me/deployments-page").await?;
    ensure!(kept["views"][0]["name"] == "By name", "the server keeps {kept}");
    browser.click("[data-test=delete-view]").await?;
    browser.see_no_more("[data-test=view]").await?;
    browser.press(ESCAPE).await?;
    browser.go(&format!("http://{}/", server.listen)).await?;
    browser.see(&row("rose")).await.map(drop)
}

/// While the pointer is among them, the rows keep their places.
async fn stay(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    let order = "return [...document.querySelectorAll('[data-test=deployment]')].map((row) => row.dataset.name)";
    // The pointer rests on the head.
    browser.click("[data-test=sort-changed]").await?;
    let before = browser.ask(order).await?;
    let last = before[2].as_str().unwrap_or_default().to_owned();
    server.post(&format!("/deployments/{last}/deactivate"), &json!({})).await?;
    browser.see(&format!("{} [data-status=stopped]", row(&last))).await?;
    browser.read("[data-test=sort-again]", "1 row moved: sort again").await?;
    ensure!(browser.ask(order).await? == before, "the rows have changed their places");
    browser.click("[data-test=sort-again]").await?;
    until("the row at its place", async || Ok((browser.ask(order).await?[0] == last.as_str()).then_some(()))).await?;
    browser.see_no_more("[data-test=sort-again]").await
}
