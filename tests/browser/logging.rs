//! The logs of replicas: a thousand lines a second are followed and can be read in place, chosen, searched and downloaded; those
//! of a replica that failed are there after everything went back.

use anyhow::ensure;
use serde_json::{Value, json};
use tests::program::until;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::keyboard::ENTER;
use crate::looks::Eye;

/// Writes a thousand lines a second, of which every five-hundredth is an error, and answers its health route.
const LOUD: &str = r#"
import http.server, sys, threading, time
def write():
    n = 0
    while True:
        for _ in range(10):
            print(f"ERROR number {n}" if n % 500 == 499 else f"INFO line {n} of many", flush=True)
            n += 1
        time.sleep(0.01)
threading.Thread(target=write, daemon=True).start()
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

/// Cannot load what it needs.
const BROKEN: &str = "print('INFO loading'); raise FileNotFoundError('there are no weights')";

const PANE: &str = "[data-test=logs]";
/// The text of the first line that is whole in the window.
const TOP: &str = "
    const pane = document.querySelector('[data-test=logs]');
    const edge = pane.getBoundingClientRect().top;
    const rows = [...pane.querySelectorAll('.log-line[data-number]')];
    return rows.find((row) => row.getBoundingClientRect().top >= edge)?.textContent ?? ''";
/// The number of the last line that is drawn.
const LAST: &str = "
    const rows = [...document.querySelectorAll('[data-test=logs] .log-line[data-number]')];
    return Math.max(-1, ...rows.map((row) => Number(row.dataset.number)))";

fn runs(program: &str) -> Value {
    json!(["python3", "-c", program, "{port}"])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_are_followed_read_and_kept() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.deploy("loud", json!({"runtime": "command", "command": runs(LOUD), "replicas": 1})).await?;
    in_browser("logging", async |browser| {
        let mut eye = Eye::new(browser)?;
        browser.sign_in(&server).await?;
        browser.go(&format!("http://{}/deployments/loud?tab=logs", server.listen)).await?;
        follows(browser).await?;
        stays_in_place(browser).await?;
        reads_back(browser).await?;
        chooses(browser).await?;
        searches(browser, &mut eye).await?;
        downloads(browser).await?;
        is_there_after_a_revert(&server, browser, &mut eye).await?;
        eye.closes()
    })
    .await
}

async fn number(browser: &Browser, script: &str) -> anyhow::Result<i64> {
    Ok(browser.ask(script).await?.as_f64().unwrap_or(-1.0) as i64)
}

/// Lines come with time, level and revision, and no more are held than can be.
async fn follows(browser: &Browser) -> anyhow::Result<()> {
    browser.read(PANE, "of many").await?;
    let first = browser.text(&format!("{PANE} .log-line[data-number]")).await?;
    ensure!(first.contains("info") && first.contains("rev 1") && first.contains(':'), "{first}");
    let before = number(browser, LAST).await?;
    until("new lines", async || Ok((number(browser, LAST).await? > before + 1_000).then_some(()))).await?;
    let bound = async || Ok((browser.attribute(PANE, "data-held").await?.as_deref() == Some("10000")).then_some(()));
    until("as many lines as are held", bound).await?;
    ensure!(browser.count(&format!("{PANE} .log-line")).await? < 200, "lines out of sight are drawn");
    ensure!(browser.count("[data-test=log-end]").await? == 0, "the end is in view");
    Ok(())
}

/// What is read does not move while lines come, and the way to the end says how many.
async fn stays_in_place(browser: &Browser) -> anyhow::Result<()> {
    browser.ask(&format!("document.querySelector('{PANE}').scrollTop -= 3000")).await?;
    browser.read("[data-test=log-end]", "new line").await?;
    let read = browser.ask(TOP).await?;
    let waiting = async || {
        let said = browser.text("[data-test=log-end]").await?;
        let digits: String = said.chars().filter(char::is_ascii_digit).collect();
        Ok((digits.parse::<u32>().unwrap_or(0) > 2_000).then_some(()))
    };
    until("two thousand new lines", waiting).await?;
    let now = browser.ask(TOP).await?;
    ensure!(now == read, "{read} was read, and now {now} stands there");
    browser.click("[data-test=log-end]").await?;
    browser.see_no_more("[data-test=log-end]").await?;
    let before = number(browser, LAST).await?;
    until("new lines again", async || Ok((number(browser, LAST).await? > before).then_some(()))).await
}

/// Lines that have left at the top come back, without moving what is read.
async fn reads_back(browser: &Browser) -> anyhow::Result<()> {
    browser.ask(&format!("document.querySelector('{PANE}').scrollTop = 100")).await?;
    let first = "return Number(document.querySelector('[data-test=logs] .log-line[data-number]').dataset.number)";
    let oldest = number(browser, first).await?;
    let read = browser.ask(TOP).await?;
    until("earlier lines", async || {
        let top = number(browser, &format!("return document.querySelector('{PANE}').scrollTop")).await?;
        Ok((top > 1_000).then_some(()))
    })
    .await?;
    let now = browser.ask(TOP).await?;
    ensure!(now == read, "{read} was read, and now {now} stands there");
    browser.ask(&format!("document.querySelector('{PANE}').scrollTop -= 1000")).await?;
    until("lines before them", async || Ok((number(browser, first).await? < oldest).then_some(()))).await?;
    browser.click("[data-test=log-end]").await
}

/// Errors only, as the address says.
async fn chooses(browser: &Browser) -> anyhow::Result<()> {
    browser.choose("[data-test=log-level]", "errors").await?;
    browser.read(PANE, "ERROR number").await?;
    let others = format!("{PANE} .log-line[data-number]:not(.error)");
    until("errors alone", async || Ok((browser.count(&others).await? == 0).then_some(()))).await?;
    ensure!(browser.address().await?.contains("level=errors"), "{}", browser.address().await?);
    browser.go(&browser.address().await?).await?;
    browser.read(PANE, "ERROR number").await?;
    ensure!(browser.count(&others).await? == 0, "the address does not hold the level");
    browser.choose("[data-test=log-level]", "").await?;
    browser.read(PANE, "of many").await.map(drop)
}

/// Hits are marked, and keys lead from one to the next; long lines are broken when that is asked for.
async fn searches(browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    browser.write("input[aria-label='Search these lines']", "error NUMBER").await?;
    browser.read("[data-test=log-hits]", "found").await?;
    browser.press(ENTER).await?;
    browser.read(&format!("{PANE} .log-line.current mark"), "ERROR number").await?;
    let newest = browser.text(&format!("{PANE} .log-line.current")).await?;
    browser.click("[data-test=log-hit-before]").await?;
    until("the hit before", async || {
        let current = browser.text(&format!("{PANE} .log-line.current")).await?;
        Ok((!current.is_empty() && current != newest).then_some(()))
    })
    .await?;
    browser.click("[data-test=log-wrap]").await?;
    browser.see(&format!("{PANE}.wraps")).await?;
    ensure!(browser.address().await?.contains("wrap=1"), "{}", browser.address().await?);
    browser.see(&format!("{PANE} .log-line.current mark")).await?;
    eye.look("logs").await
}

/// The file has everything that the server keeps, not what is held here.
async fn downloads(browser: &Browser) -> anyhow::Result<()> {
    let script = "
        const done = arguments[arguments.length - 1];
        fetch(document.querySelector('[data-test=log-download]').href).then(async (answer) => {
            const lines = (await answer.text()).trim().split('\\n');
            done([answer.headers.get('content-disposition'), lines.findIndex((line) => line.endsWith('line 0 of many')), lines.length]);
        })";
    let found = browser.ask_and_wait(script).await?;
    ensure!(found[0] == "attachment; filename=\"loud.log\"", "{found}");
    ensure!(found[1].as_i64() >= Some(0) && found[2].as_i64() > Some(10_000), "{found}");
    Ok(())
}

async fn is_there_after_a_revert(server: &Server, browser: &Browser, eye: &mut Eye<'_>) -> anyhow::Result<()> {
    let strategy = json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 2});
    let update = json!({"set": {"command": runs(BROKEN)}, "strategy": strategy, "accept_warnings": true});
    server.post("/deployments/loud/rollouts", &update).await?;
    let rollout = server.until_over("loud").await?;
    ensure!(rollout["phase"] == "reverted", "{rollout:#}");
    browser.go(&format!("http://{}/deployments/loud", server.listen)).await?;
    browser.click("[data-test=outcome-log]").await?;
    browser.read(PANE, "there are no weights").await?;
    browser.read("[data-test=log-ended]", "of revision 2 ended").await?;
    let address = browser.address().await?;
    ensure!(address.contains("tab=logs&replica="), "{address}");
    browser.see(&format!("{PANE} .log-line.error")).await?;
    eye.look("logs-of-an-ended-replica").await?;
    // And by its revision, errors alone.
    browser.choose("[data-test=log-replica]", "").await?;
    browser.choose("[data-test=log-revision]", "2").await?;
    browser.read(PANE, "there are no weights").await?;
    browser.choose("[data-test=log-level]", "errors").await?;
    browser.see_no_more(&format!("{PANE} .log-line[data-number]:not(.error)")).await?;
    browser.read(PANE, "FileNotFoundError: there are no weights").await.map(drop)
}
