//! Signing in: nobody comes in without the token, and the token leaves no trace in the address.

use anyhow::ensure;
use tests::server::Server;

use crate::faults::in_browser;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_link_signs_in_and_a_wrong_token_does_not() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let token = server.token()?;
    in_browser("signing-in", async |browser| {
        browser.sign_in(&server).await?;
        browser.see("[data-test=deploy-first]").await?;
        let address = browser.address().await?;
        ensure!(address == format!("http://{}/", server.listen), "the link leads to {address}");
        let traces = browser.ask("return location.href + document.cookie + history.length + document.title").await?;
        ensure!(!traces.to_string().contains(&token), "the page still knows the token: {traces}");

        browser.click("[data-test=sign-out]").await?;
        browser.write("[data-test=token]", "not-the-token").await?;
        browser.click("[data-test=sign-in] button[type=submit]").await?;
        browser.read("[data-test=failure]", "unauthenticated").await?;
        ensure!(browser.count(".navigation").await? == 0, "a wrong token lets somebody in");

        browser.write("[data-test=token]", &token).await?;
        browser.click("[data-test=sign-in] button[type=submit]").await?;
        browser.see("[data-test=deploy-first]").await?;

        // A wrong link says so too.
        browser.click("[data-test=sign-out]").await?;
        browser.see("[data-test=sign-in]").await?;
        browser.go("about:blank").await?;
        browser.go(&format!("http://{}/sign-in#not-the-token", server.listen)).await?;
        browser.read("[data-test=failure]", "unauthenticated").await?;
        let address = browser.address().await?;
        ensure!(address.ends_with("/sign-in"), "the link leads to {address}");
        Ok(())
    })
    .await
}
