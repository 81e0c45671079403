//! Signing in at a real identity provider, by clicking.

use anyhow::{Context as _, ensure};
use serde_json::json;
use tests::identity::IdentityProvider;
use tests::nginx::Nginx;
use tests::server::Server;

use crate::browser::Browser;
use crate::faults::in_browser;
use crate::looks::Eye;

const SETTINGS: &str = "scopes = [\"profile\", \"email\", \"groups\"]\ngroups_claim = \"groups\"\nadmin_group = \"chiefs\"\n\
     allowed_groups = [\"ml\"]\ncreate = \"allowed\"";
const SIGN_IN: &str = "[data-test=provider-sign_in]";

/// A server, and a provider that does not run yet and sends people back to `base`.
async fn prepared(server: &mut Server, base: &str) -> anyhow::Result<IdentityProvider> {
    let provider = IdentityProvider::prepare(&[base.to_owned()])?;
    provider.say(&json!({
        "ada": {"name": "Ada", "email": "ada@example.org", "email_verified": true, "groups": ["ml", "chiefs"], "ago": 20},
        "bob": {"name": "Bob", "groups": ["ml"]},
        "eve": {"name": "Eve", "groups": []},
    }))?;
    provider.configure(&server.data(), SETTINGS)?;
    server.start_again().await?;
    Ok(provider)
}

/// Writes into the provider's form who one is.
async fn says(browser: &Browser, account: &str) -> anyhow::Result<()> {
    browser.write("input[name=login]", account).await?;
    browser.write("input[name=password]", "any").await?;
    browser.click("form button[type=submit]").await
}

/// Looks at the screen as it is now, at two sizes, light and dark.
async fn look(browser: &Browser, name: &str) -> anyhow::Result<()> {
    let mut eye = Eye::new(browser)?;
    eye.look(&format!("single-sign-on-{name}")).await?;
    eye.closes()?;
    browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_at_the_provider_and_shows_there_again_who_they_are() -> anyhow::Result<()> {
    let mut server = Server::prepare(&[])?;
    let base = format!("http://{}", server.listen);
    let mut provider = prepared(&mut server, &base).await?;
    in_browser("single-sign-on", async |browser| {
        // It is away, and says so; it comes, and nothing else needs to be done.
        browser.go(&base).await?;
        browser.read(".sign-in", "Sign in with Example").await?;
        browser.click(SIGN_IN).await?;
        browser.read("[data-test=failure]", "Example, which signs people in here, does not answer").await?;
        look(browser, "away").await?;
        provider.start().await?;
        // Somebody who is not let in.
        browser.click(SIGN_IN).await?;
        says(browser, "eve").await?;
        browser.read("[data-test=failure]", "belongs to no group that is let in here").await?;
        let address = browser.address().await?;
        ensure!(address == format!("{base}/sign-in"), "what the provider gave stays in the address: {address}");
        look(browser, "refused").await?;
        Ok(())
    })
    .await?;
    in_browser("single-sign-on-ada", async |browser| {
        browser.go(&base).await?;
        browser.click(SIGN_IN).await?;
        says(browser, "ada").await?;
        browser.see(".navigation").await?;
        ensure!(browser.address().await? == format!("{base}/"), "{}", browser.address().await?);
        let traces = browser.ask("return document.cookie + JSON.stringify(localStorage)").await?;
        ensure!(traces == "{}", "the page knows {traces}");
        browser.click("[data-test=nav-me]").await?;
        browser.read("[data-test=provider-about]", "Your account at Example lets you in here").await?;
        look(browser, "me").await?;

        // She signed in there 20 minutes ago, so that the page of administrators wants to know again who she is. In another
        // tab she is asked, and here it goes on by itself.
        browser.go(&format!("{base}/people?tab=groups")).await?;
        browser.read("[data-test=dialog-sign-in-again]", "Sign in with Example again").await?;
        look(browser, "again").await?;
        browser.click("[data-test=provider-again]").await?;
        let first = browser.in_other_tab().await?;
        says(browser, "ada").await?;
        browser.back_to(first).await?;
        browser.see_no_more("[data-test=dialog-sign-in-again]").await?;
        browser.click("[data-test=new-group]").await?;
        browser.write("[data-test=group-name]", "Risk").await?;
        browser.write("[data-test=provider-group]", "risk").await?;
        look(browser, "group").await?;
        browser.click("[data-test=dialog-group] [data-test=confirm]").await?;
        browser.read("[data-test=group]", "has the members of risk at Example").await?;
        look(browser, "groups").await?;

        // Signing out, and there too.
        browser.click("[data-test=sign-out]").await?;
        browser.see("[data-test=leave-provider]").await?;
        look(browser, "signed-out").await?;
        // The provider still knows her, and asks nothing; she comes back to the page that she wanted.
        browser.go(&format!("{base}/models?q=iris")).await?;
        browser.click(SIGN_IN).await?;
        browser.see(".navigation").await?;
        ensure!(browser.address().await? == format!("{base}/models?q=iris"), "{}", browser.address().await?);
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_accepted_with_an_account_and_a_password_gets_one_besides() -> anyhow::Result<()> {
    let mut server = Server::prepare(&[])?;
    let base = format!("http://{}", server.listen);
    let mut provider = prepared(&mut server, &base).await?;
    provider.start().await?;
    let form = json!({"name": "Eve", "role": "editor", "own_name": "Lou", "own_email": "lou@example.org"});
    let link = server.post("/invitations", &form).await?["link"].as_str().context("no link")?.to_owned();
    in_browser("single-sign-on-join", async |browser| {
        browser.go(&link).await?;
        browser.read("[data-test=join]", "Join with Example").await?;
        look(browser, "join").await?;
        browser.click("[data-test=provider-join]").await?;
        says(browser, "eve").await?;
        browser.see(".navigation").await?;
        browser.click("[data-test=nav-me]").await?;
        browser.read("[data-test=provider-about]", "lets you in here").await?;
        Ok(())
    })
    .await?;
    in_browser("single-sign-on-link", async |browser| {
        browser.sign_in(&server).await?;
        browser.click("[data-test=nav-me]").await?;
        browser.click("[data-test=provider-link]").await?;
        says(browser, "bob").await?;
        browser.read("[data-test=provider-about]", "Your account at Example lets you in here").await?;
        ensure!(browser.address().await? == format!("{base}/me"), "{}", browser.address().await?);
        browser.click("[data-test=unlink]").await?;
        browser.see("[data-test=provider-link]").await?;
        // Eve's account lets Eve in, and stays hers; the page says so, and nobody is signed out by it.
        browser.go("about:blank").await?;
        browser.forget_elsewhere("http://localhost").await?;
        browser.go(&format!("{base}/me")).await?;
        browser.click("[data-test=provider-link]").await?;
        says(browser, "eve").await?;
        browser.read("[data-test=failure]", "This account lets somebody in here already").await?;
        browser.read("h1", "Lou").await?;
        look(browser, "taken").await?;
        browser.click("[data-test=nav-models]").await?;
        browser.see_no_more("[data-test=failure]").await
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_works_under_a_path_behind_a_proxy_with_tls() -> anyhow::Result<()> {
    let mut nginx = Nginx::prepare()?;
    let options = nginx.options()?;
    let mut server = Server::prepare(&options.iter().map(String::as_str).collect::<Vec<_>>())?;
    let root = format!("https://localhost:{}/ops", nginx.https.port());
    let mut provider = prepared(&mut server, &root).await?;
    provider.start().await?;
    nginx.start(&server).await?;
    in_browser("single-sign-on-under-a-path", async |browser| {
        browser.go(&format!("{root}/")).await?;
        browser.click(SIGN_IN).await?;
        says(browser, "bob").await?;
        browser.see(".navigation").await?;
        ensure!(browser.address().await? == format!("{root}/"), "{}", browser.address().await?);
        browser.click("[data-test=nav-me]").await?;
        browser.read("h1", "Bob").await?;
        Ok(())
    })
    .await
}
