//! The registry, as people see it: a file is dropped on whatever page is open and becomes a version, two versions are ticked
//! to be compared, a deployment is given a newer one from the list, and its own page tells which models it had in use.

use anyhow::ensure;
use serde_json::{Value, json};
use tests::program::until;
use tests::server::{Server, model_file};

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::keyboard::{DOWN, ENTER, ESCAPE};
use crate::looks::Eye;

const REGISTER: &str = "[data-test=dialog-register]";
const HELD: &str = "[data-test=held-over]";
const TITLE: &str = "[data-test=compare] h2";
const MODEL: &str = "[data-test=model][data-name=iris]";
/// Opens the palette.
const CONTROL_K: &str = "\u{E009}k\u{E000}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_file_becomes_a_version_that_is_compared_and_rolled_out() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"name": "first", "models": ["iris@1"], "replicas": 1})).await?;
    in_browser("models", async |browser| {
        let mut eye = Eye::new(browser)?;
        browser.sign_in(&server).await?;
        browser.see("[data-test=deployment][data-name=iris] [data-status=running]").await?;
        held_over(browser, &mut eye).await?;
        refused(browser, &mut eye).await?;
        registered(browser, &mut eye).await?;
        compared(browser, &server).await?;
        updated(browser, &server, &mut eye).await?;
        told(browser, &server, &mut eye).await?;
        eye.closes()
    })
    .await
}

/// Files as they are dragged from a folder: each with its name and bytes.
fn dragged(files: &[(&str, Vec<u8>)]) -> String {
    let added = files
        .iter()
        .map(|(name, bytes)| format!("data.items.add(new File([new Uint8Array({})], {}));", json!(bytes), json!(name)));
    let added: String = added.collect();
    format!(
        "const data = new DataTransfer(); {added}
         const at = document.querySelector('main h1') ?? document.body;
         const tell = (kind) => at.dispatchEvent(new DragEvent(kind, {{dataTransfer: data, bubbles: true, cancelable: true}}));"
    )
}

/// Lets files go over the title of the page. The browser must not open them in its place.
async fn drop_on_page(browser: &Browser, files: &[(&str, Vec<u8>)]) -> anyhow::Result<()> {
    let script = format!("{} tell('dragover'); return tell('drop');", dragged(files));
    let opens = browser.ask(&script).await?;
    ensure!(opens == Value::Bool(false), "the browser opens what is dropped: {opens}");
    Ok(())
}

async fn held_over(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    let one = [("iris-2026-12.onnx", vec![8, 8])];
    browser.ask(&format!("{} tell('dragenter'); tell('dragover');", dragged(&one))).await?;
    browser.read(HELD, "Drop to register").await?;
    eye.look("models-drop").await?;
    browser.ask(&format!("{} tell('dragleave');", dragged(&one))).await?;
    is_hidden(browser).await?;
    // A dialog that has no use for a file keeps it from everything behind.
    browser.press(CONTROL_K).await?;
    browser.see("[data-test=palette-input]").await?;
    browser.ask(&format!("{} tell('dragover');", dragged(&one))).await?;
    browser.read(HELD, "Close the dialog first").await?;
    drop_on_page(browser, &one).await?;
    is_hidden(browser).await?;
    ensure!(browser.count(REGISTER).await? == 0, "a second dialog was opened");
    browser.strike(ESCAPE).await?;
    browser.see_no_more("[data-test=palette-input]").await
}

async fn is_hidden(browser: &Browser) -> anyhow::Result<()> {
    let script = format!("return document.querySelector({HELD:?}).matches(':popover-open')");
    until("nothing being held over the page", async || Ok((browser.ask(&script).await? == false).then_some(()))).await
}

/// What cannot be a model is answered with a sentence.
async fn refused(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    let problem = format!("{REGISTER} [data-test=file-problem]");
    drop_on_page(browser, &[("a.onnx", vec![8]), ("b.onnx", vec![8])]).await?;
    browser.read(&problem, "2 files were dropped").await?;
    for (name, bytes, why) in [("forest.pkl", vec![1], "can run code"), ("empty.onnx", vec![], "is empty")] {
        drop_on_page(browser, &[(name, bytes)]).await?;
        browser.read(&problem, why).await?;
    }
    eye.look("register-refused").await
}

/// The dialog that is open takes the file, proposes the model, and says what it becomes.
async fn registered(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    drop_on_page(browser, &[("iris-2026-12.onnx", std::fs::read(model_file("iris-v2.onnx"))?)]).await?;
    browser.read(&format!("{REGISTER} .drop-zone"), "iris-2026-12.onnx").await?;
    browser.holds(&format!("{REGISTER} [data-test=model-name]"), "iris").await?;
    browser.read(&format!("{REGISTER} [data-test=detected]"), "Detected: ONNX").await?;
    browser.read(&format!("{REGISTER} [data-test=becomes]"), "this becomes v2").await?;
    ensure!(browser.text(&format!("{REGISTER} [data-test=file-problem]")).await?.is_empty(), "an old problem is left");
    eye.look("register-dropped").await?;
    browser.write(&format!("{REGISTER} [data-test=model-name]"), "rose").await?;
    browser.read(&format!("{REGISTER} [data-test=becomes]"), "rose is a new model").await?;
    browser.write(&format!("{REGISTER} [data-test=model-name]"), "iris").await?;
    browser.click(&format!("{REGISTER} [data-test=confirm]")).await?;
    browser.see_no_more(REGISTER).await?;
    browser.read("[data-test=model-version][data-version='2']", "not used").await?;
    browser.read("[data-test=updates]", "v2 available").await.map(drop)
}

async fn compared(browser: &Browser, server: &Server) -> anyhow::Result<()> {
    browser.read(TITLE, "Can iris v2 replace iris v1?").await?;
    server.register("iris", "iris-v3-unknown-operator.onnx").await?;
    browser.read(TITLE, "Can iris v3 replace iris v2?").await?;
    browser.click("[data-test=model-version][data-version='1'] [data-test=tick]").await?;
    browser.read(TITLE, "Can iris v3 replace iris v1?").await?;
    browser.see("[data-test=report]").await?;
    browser.see("[data-test=comparison] [data-mark=equal]").await?;
    browser.click("[data-test=fields-Differences]").await?;
    browser.see_no_more("[data-test=comparison] [data-mark=equal]").await?;
    let address = browser.address().await?;
    for part in ["current=iris", "candidate=iris", "fields=differences"] {
        ensure!(address.contains(part), "it cannot be shared: {address}");
    }
    browser.go(&address).await?;
    browser.read(TITLE, "Can iris v3 replace iris v1?").await?;
    browser.see("[data-test=comparison] [data-mark=changed]").await?;
    ensure!(browser.count("[data-test=comparison] [data-mark=equal]").await? == 0, "the choice of fields is lost");
    let ticked = "return document.querySelectorAll('[data-test=tick]:checked').length";
    ensure!(browser.ask(ticked).await? == 2, "two are compared");
    // One that is ticked no longer is compared no longer.
    browser.click("[data-test=model-version][data-version='1'] [data-test=tick]").await?;
    browser.read(TITLE, "Choose two versions").await?;
    // What was looked at on the way leaves no trace.
    browser.click("[data-test=nav-models]").await?;
    browser.see(MODEL).await?;
    browser.ask("history.back()").await?;
    browser.read(TITLE, "Choose two versions").await.map(drop)
}

async fn updated(browser: &Browser, server: &Server, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    browser.click("[data-test=nav-models]").await?;
    // Found by keys alone.
    browser.see(MODEL).await?;
    browser.strike("/sepal nothing").await?;
    browser.read("[data-test=empty]", "No model matches “sepal nothing”").await?;
    browser.write("input[aria-label='Search models']", "iris").await?;
    browser.see(MODEL).await?;
    browser.strike(DOWN).await?;
    browser.strike(ENTER).await?;
    browser.see("[data-test=about-version]").await?;
    browser.click("[data-test=nav-models]").await?;

    browser.click("[data-test=show-outdated]").await?;
    browser.read(MODEL, "iris v1").await?;
    eye.look("models-outdated").await?;
    browser.read(&format!("{MODEL} [data-test=update-to]"), "v2 available").await?;
    browser.click(&format!("{MODEL} [data-test=update-to]")).await?;
    browser.see("[data-test=dialog-update] [data-test=new-version][data-version='iris@2'][aria-selected=true]").await?;
    browser.click("[data-test=dialog-update] [data-test=confirm]").await?;
    browser.see_no_more("[data-test=dialog-update]").await?;
    server.until_over("iris").await?;
    browser.read("[data-test=empty]", "No model under “Update available”").await?;
    browser.click("[data-test=show-all]").await?;
    browser.read(MODEL, "iris v2").await.map(drop)
}

/// Which models a deployment had, who replaced them, and that it still has one while it is deactivated.
async fn told(browser: &Browser, server: &Server, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    server.post("/deployments/iris/deactivate", &json!({"note": "Nobody asks."})).await?;
    browser.read(MODEL, "not running").await?;
    browser.read(MODEL, "iris, stopped").await?;
    browser.click("[data-test=show-unused]").await?;
    browser.read("[data-test=empty]", "No model under “Not used”").await?;

    browser.go(&format!("http://{}/deployments/iris?tab=rollouts", server.listen)).await?;
    let period = |model: &str| format!("[data-test=model-period][data-model='{model}'][data-now=false]");
    browser.read(&period("iris@2"), "“Nobody asks.”").await?;
    browser.read(&period("iris@1"), "deployed with iris v1").await?;
    browser.read(&period("iris@1"), "updated to iris v2").await?;
    eye.look("model-history").await
}
