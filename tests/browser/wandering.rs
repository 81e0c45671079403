//! Somebody who clicks at random, faster than the server answers: nothing breaks off, nothing is written to the console
//! as an error, and nothing is changed.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::team::Team;

/// Milliseconds by which answers come later, and clicks at that: a thousand, and some while almost nothing is answered.
const CLICKS: [(u32, u32); 4] = [(0, 400), (30, 350), (300, 250), (3_000, 50)];
/// Clicks of one script. The browser gives a script half a minute.
const PART: u32 = 50;
/// Milliseconds after which a script ends with fewer clicks, so that a slow machine is not kept for long.
const LONGEST: u32 = 4_000;

/// Whatever can be clicked.
const WANTED: &str =
    "a[href], button:not([disabled]), summary, [role=tab], input[type=checkbox], [role=menuitem], [role=option]";
/// What leaves the page, or changes something: every confirmation, and what is done without one. A check of a candidate
/// brings a report, which makes a request stale that was asked for without it.
const NEVER: &str = "[data-test=confirm], .danger, .primary[type=submit], [data-test=sign-out], [download], [target], [rel=external], \
     [data-test=approve], [data-test=apply], [data-test=rebase], [data-test=acknowledge], [data-test=take-back], [data-test=give-role], [data-test=take-role], \
     [data-test=end-session], [data-test=end-others], [data-test=unlink], [data-test=disable-person], \
     [data-test=disable-service], [data-test=unlink-person], [data-test=save-policy], [data-test=save-profile], \
     [data-test=save-password], [data-test=rotate-secret], [data-test=switch], [data-test=send-again], [data-test=pause], [data-test=resume], [data-test=outcome-activate], [data-test=check-in-scratch], a[href*=\"/api/\"]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clicks_break_and_change_nothing() -> anyhow::Result<()> {
    let team = Team::start().await?;
    let update = json!({"set": {"models": ["iris@2"]}, "apply": "when_approved", "accept_warnings": true});
    team.policy(2).await?;
    team.server.post("/deployments/iris/rollouts", &update).await?;
    let before = what_is(&team).await?;
    in_browser("wandering", async |browser| {
        browser.sign_in(&team.server).await?;
        browser.see("[data-test=deployment]").await?;
        for (seed, (latency, clicks)) in (1..).zip(CLICKS) {
            browser.slow_down(latency).await?;
            for part in 0..clicks / PART {
                let seed = seed * 1_000 + part;
                wander(browser, seed).await.with_context(|| format!("seed {seed}, {latency} ms"))?;
            }
        }
        browser.slow_down(0).await?;
        browser.go(&team.at("/")).await?;
        browser.see("[data-test=deployment]").await.map(drop)
    })
    .await?;
    let after = what_is(&team).await?;
    ensure!(before == after, "somebody changed something by wandering: {before:#} became {after:#}");
    Ok(())
}

/// All that a click could have changed of the deployment and its request.
async fn what_is(team: &Team) -> anyhow::Result<Value> {
    let iris = team.server.get("/deployments/iris").await?;
    let request = team.newest().await?;
    Ok(json!({"generation": iris["generation"], "target_status": iris["target_status"], "request": request["state"]}))
}

/// Clicks up to [`PART`] times on whatever can be clicked and changes nothing, and goes back now and then. Between two
/// clicks a few pictures are drawn, or none.
async fn wander(browser: &Browser, seed: u32) -> anyhow::Result<()> {
    let never = format!("{NEVER}, a[href^=\"http://127.0.0.1\"]:not([href^=\"${{location.origin}}\"])");
    let script = format!(
        "const done = arguments[arguments.length - 1];
        let state = {seed};
        const random = (below) => {{
            state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
            return Math.floor(state / 4294967296 * below);
        }};
        const [wanted, never, end] = [`{WANTED}`, `{never}`, performance.now() + {LONGEST}];
        let clicked = 0;
        window.began ??= navigation.currentEntry.index;
        const step = () => {{
            const over = clicked === {PART} || performance.now() > end;
            if (over || document.querySelector('[data-test=broken-off]')) return done(clicked);
            const dialog = [...document.querySelectorAll('dialog[open]')].pop();
            const all = [...(dialog ?? document).querySelectorAll(wanted)];
            const seen = all.filter((one) => !one.matches(never) && one.checkVisibility());
            if (random(12) === 0 && navigation.currentEntry.index > window.began) history.back();
            else if (seen.length > 0) {{ seen[random(seen.length)].click(); clicked++; }}
            after(random(4));
        }};
        const after = (frames) => frames === 0 ? queueMicrotask(() => requestIdleCallback(step, {{timeout: 50}})) : requestAnimationFrame(() => frames === 1 ? step() : after(frames - 1));
        step();"
    );
    let clicked = browser.ask_and_wait(&script).await?;
    let shown: Value = browser.ask("return document.querySelector('[data-test=broken-off]') !== null").await?;
    let errors = browser.console_errors().await?;
    ensure!(errors.is_empty(), "the console holds errors: {errors:#?}");
    ensure!(shown == false, "the page broke off");
    ensure!(clicked.as_u64().is_some_and(|clicked| clicked > 0), "nothing could be clicked");
    Ok(())
}
