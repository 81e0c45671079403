//! The pages of approvals while the server answers slowly, is away, or answers and is not heard.

use anyhow::{Context as _, ensure};
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::processes;

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::team::{Team, ensure_never_reloaded, never_reloaded, open_what_waits};

const APPROVE: &str = "[data-test=approve]";
const UNREACHABLE: &str = "[data-test=failure][data-code=unreachable]";
/// Milliseconds by which every answer comes later.
const SLOW: u32 = 700;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_approvals_outlive_their_server() -> anyhow::Result<()> {
    let mut team = Team::start().await?;
    team.policy(2).await?;
    ask(&team, "iris@2").await?;
    in_browser("outages", async |bob| {
        team.sign_in(bob, "Bob").await?;
        never_reloaded(bob).await?;
        slowly(bob).await?;
        unheard(&team, bob).await?;
        away(&mut team, bob).await?;
        dies_meanwhile(&mut team, bob).await?;
        ensure_never_reloaded(bob).await
    })
    .await
}

/// Ada asks from elsewhere.
async fn ask(team: &Team, model: &str) -> anyhow::Result<Value> {
    let update = json!({"set": {"models": [model]}, "apply": "when_approved", "accept_warnings": true});
    team.server.post("/deployments/iris/rollouts", &update).await
}

/// Nothing is said before it is known, and nothing is sent twice.
async fn slowly(bob: &Browser) -> anyhow::Result<()> {
    bob.see("[data-test=waits-for-me]").await?;
    bob.slow_down(SLOW).await?;
    let watch = "
        window.saidEmpty = false;
        window.wasWaiting = false;
        new MutationObserver(() => {
            const said = [...document.querySelectorAll('[data-test=empty], [data-test=failure]')];
            window.saidEmpty ||= said.some((one) => one.checkVisibility());
            window.wasWaiting ||= document.querySelector('main .skeleton') !== null;
        }).observe(document.body, {subtree: true, childList: true});";
    bob.ask(watch).await?;
    open_what_waits(bob).await?;
    ensure!(bob.ask("return window.wasWaiting").await? == true, "it did not say that it was reading");
    ensure!(bob.ask("return window.saidEmpty").await? == false, "it said that there was nothing while it was reading");

    bob.write("[data-test=comment]", "I am looking").await?;
    bob.click("[data-test=send-comment]").await?;
    ensure!(!bob.see("[data-test=send-comment]").await?.is_enabled().await?, "a comment can be sent twice");
    bob.read(APPROVE, "Sending…").await?;
    bob.read("[data-test=discussion] .comments", "I am looking").await?;
    bob.slow_down(0).await
}

/// The server does what it is asked for, and its answer is lost.
async fn unheard(team: &Team, bob: &Browser) -> anyhow::Result<()> {
    let script = "
        window.realFetch = window.fetch;
        window.fetch = async (request) => {
            const answer = await window.realFetch(request);
            if (!request.url.endsWith('/reviews')) return answer;
            window.fetch = window.realFetch;
            throw new TypeError('Failed to fetch');
        };";
    bob.ask(script).await?;
    bob.write("[data-test=comment]", "I have looked").await?;
    bob.click("[data-test=send-comment]").await?;
    bob.see(UNREACHABLE).await?;
    bob.holds("[data-test=comment]", "I have looked").await?;
    bob.click("[data-test=send-comment]").await?;
    bob.see_no_more(UNREACHABLE).await?;
    let said = reviews(team, |review| review["comment"] == "I have looked").await?;
    ensure!(said == 1, "it was said {said} times");

    bob.ask(script).await?;
    bob.click(APPROVE).await?;
    bob.see(UNREACHABLE).await?;
    // It shows what became of it, and does not offer it again.
    bob.read("[data-test=policy-count]", "1 of 2").await?;
    ensure!(!bob.see(APPROVE).await?.is_enabled().await?, "it can be approved twice");
    bob.click("[data-test=take-back]").await?;
    bob.read("[data-test=policy-count]", "0 of 2").await?;
    bob.see_no_more(UNREACHABLE).await
}

/// The review reaches nobody.
async fn away(team: &mut Team, bob: &Browser) -> anyhow::Result<()> {
    processes::signal(team.server.pid().context("the server does not run")?, Signal::STOP);
    bob.click(APPROVE).await?;
    bob.read(APPROVE, "Sending…").await?;
    team.server.kill()?;
    bob.see(UNREACHABLE).await?;
    bob.read("[data-test=stale]", "Connection lost").await?;
    let why = bob.read("[data-test=why-not]", "Connection lost").await?;
    ensure!(!bob.see(APPROVE).await?.is_enabled().await?, "it can be approved without a server: {why:?}");
    team.server.start_again().await?;
    bob.see_no_more("[data-test=stale]").await?;
    bob.see(UNREACHABLE).await?;
    bob.read("[data-test=policy-count]", "0 of 2").await?;
    bob.click(APPROVE).await?;
    bob.read("[data-test=policy-count]", "1 of 2").await?;
    bob.see_no_more(UNREACHABLE).await?;
    let given = reviews(team, |review| review["verdict"] == "approved" && review["withdrawn"] == false).await?;
    ensure!(given == 1, "it was approved {given} times");
    Ok(())
}

/// Each page says that it may be old, and hears again what happens once the server is back.
async fn dies_meanwhile(team: &mut Team, bob: &Browser) -> anyhow::Result<()> {
    let request = team.newest().await?;
    let id = request["id"].as_str().context("no id")?.to_owned();
    for screen in ["request", "freezes", "approvals"] {
        if screen != "request" {
            bob.click(&format!("[data-test=nav-{screen}]")).await?;
        }
        let known = match screen {
            "request" => "[data-test=policy-count]",
            "freezes" => "[data-test=empty]",
            _ => "[data-test=section-all] [data-test=request]",
        };
        bob.see(known).await?;
        team.server.kill()?;
        bob.read("[data-test=stale]", "Connection lost. Showing the state of").await?;
        bob.see(".page.drawn.old").await?;
        bob.see(known).await?;
        team.server.start_again().await?;
        bob.see_no_more("[data-test=stale]").await?;
        bob.see_no_more(".page.drawn.old").await?;
        match screen {
            "request" => {
                let comment =
                    json!({"verdict": "comment", "plan_hash": request["plan_hash"], "comment": "Are you there?"});
                team.server.post(&format!("/change-requests/{id}/reviews"), &comment).await?;
                bob.read("[data-test=discussion] .comments", "Are you there?").await?;
            }
            "freezes" => {
                let freeze = json!({"name": "Quarter end", "scope": "all", "when": {"switch": {}}});
                team.server.post("/freezes", &freeze).await?;
                bob.read("[data-test=held-now]", "Quarter end").await?;
            }
            _ => {
                ask(team, "iris@2").await?;
                bob.read("[data-test=waits-for-me]", "1").await?;
                bob.see("[data-test=section-waits-for-me] [data-test=request]").await?;
            }
        }
    }
    Ok(())
}

/// The number of reviews of the newest request that are like this.
async fn reviews(team: &Team, like: impl Fn(&Value) -> bool) -> anyhow::Result<usize> {
    let request = team.newest().await?;
    let reviews = request["reviews"].as_array().context("no reviews")?;
    Ok(reviews.iter().filter(|review| like(review)).count())
}
