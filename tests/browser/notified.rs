//! People hear of what concerns them on the page, choose what they hear, and administrators set a webhook up by clicking.

use anyhow::{Context as _, ensure};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::faults::in_browsers;
use crate::team::{Team, ensure_never_reloaded, never_reloaded};

/// A receiver of webhooks that takes everything.
async fn receiver() -> anyhow::Result<std::net::SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 16 << 10];
            let _ = stream.read(&mut request).await;
            let _ =
                stream.write_all(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
        }
    });
    Ok(address)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_hear_on_the_page_and_choose_what_they_hear() -> anyhow::Result<()> {
    let mut team = Team::start().await?;
    let receiver = receiver().await?;
    team.server.stop().await?;
    std::fs::write(team.server.data().join("changeover.toml"), format!("webhook_allow = ['{receiver}']\n"))?;
    team.server.start_again().await?;
    team.policy(1).await?;
    in_browsers("notified", ["ada", "bob"], async |[ada, bob]| {
        team.sign_in(bob, "Bob").await?;
        bob.click("[data-test=nav-notifications]").await?;
        // That he has signed in he is told too.
        bob.read("[data-test=notice].unread", "You signed in").await?;
        bob.click("[data-test=read-all]").await?;
        bob.see_no_more("[data-test=unread-notices]").await?;
        never_reloaded(bob).await?;
        // Ada asks; Bob's page hears of it where he is.
        let asked =
            json!({"set": {"models": ["iris@2"]}, "accept_warnings": true, "apply": "when_approved", "note": "better"});
        team.server.post("/deployments/iris/rollouts", &asked).await?;
        bob.see("[data-test=unread-notices]").await?;
        bob.read("[data-test=notice].unread", "To review: Replace iris@1 with iris@2 on iris").await?;
        bob.read("[data-test=notice].unread", "asks for a change").await?;
        bob.click("[data-test=notice].unread a.name").await?;
        bob.see("[data-test=approve]").await?;
        bob.see_no_more("[data-test=unread-notices]").await?;
        bob.click("[data-test=nav-notifications]").await?;
        bob.click("[data-test=only-unread]").await?;
        bob.read("[data-test=empty]", "Nothing unread").await?;

        // He wants no mail of what became of requests; that his review is wanted he is always told.
        bob.click("[data-test=tab-preferences]").await?;
        ensure!(!bob.see("[data-test=email-review_wanted]").await?.is_enabled().await?, "reviews can be switched off");
        bob.click("[data-test=email-request_moved]").await?;
        bob.click("[data-test=tab-mine]").await?;
        bob.see("[data-test=only-all]").await?;
        bob.click("[data-test=tab-preferences]").await?;
        bob.see("[data-test=email-rollout_ended]").await?;
        let on = bob.ask("return document.querySelector('[data-test=email-request_moved]').checked").await?;
        ensure!(on == false, "the choice was not kept: {on}");
        ensure!(bob.count("[data-test=tab-webhooks]").await? == 0, "only administrators see webhooks");
        ensure_never_reloaded(bob).await?;

        ada.sign_in(&team.server).await?;
        ada.go(&team.at("/notifications?show=webhooks")).await?;
        ada.read("[data-test=empty]", "No webhook yet").await?;
        ada.click("[data-test=new-webhook]").await?;
        ada.write("[data-test=webhook-name]", "Chat").await?;
        ada.write("[data-test=webhook-url]", "https://169.254.169.254/latest").await?;
        ada.click("[data-test=dialog-webhook] [data-test=confirm]").await?;
        ada.read("[data-test=dialog-webhook] [data-test=failure]", "only this machine or its network knows").await?;
        ada.write("[data-test=webhook-url]", &format!("http://{receiver}/hook")).await?;
        ada.click("[data-test=dialog-webhook] [data-test=confirm]").await?;
        let secret = ada.read("[data-test=webhook-secret]", "whsec_").await?;
        ada.click("[data-test=webhook-done]").await?;
        ada.read("[data-test=webhook]", "Chat").await?;
        let page = ada.ask("return document.body.textContent").await?;
        ensure!(!page.as_str().context("a text")?.contains(&secret), "the secret is shown once");
        ada.click("[data-test=webhook] [data-test=menu]").await?;
        ada.click("[data-test=test-webhook]").await?;
        ada.read("[data-test=tried]", "The message was accepted").await?;

        bob.click("[data-test=nav-approvals]").await?;
        bob.click("[data-test=section-waits-for-me] [data-test=request] .act a").await?;
        bob.click("[data-test=approve]").await?;
        ada.click("[data-test=tab-deliveries]").await?;
        ada.read("[data-test=delivery]", "by webhook").await?;
        ada.read("[data-test=delivery]", "204").await?;
        ada.click("[data-test=tab-mail]").await?;
        ada.read("[data-test=no-mail]", "No mail is sent").await?;
        ada.click("[data-test=tab-mine]").await?;
        ada.read("ul[aria-label=Notices]", "Replace iris@1 with iris@2 on iris").await.map(drop)
    })
    .await
}
