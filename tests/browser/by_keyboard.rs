//! One person asks for an update and another approves it, with the keyboard alone. The focus is always seen, and what
//! goes away does not take it along.

use anyhow::ensure;

use crate::faults::in_browsers;
use crate::keyboard::{DOWN, ENTER, ESCAPE, Keyboard, SPACE, TAB};
use crate::team::{PASSWORD, Team, email};

const UPDATE: &str = "[data-test=dialog-update]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_asks_and_another_approves_by_keyboard_alone() -> anyhow::Result<()> {
    let team = Team::start().await?;
    team.policy(1).await?;
    in_browsers("by-keyboard", ["ada", "bob"], async |[ada, bob]| {
        let (ada, bob) = (Keyboard { browser: ada }, Keyboard { browser: bob });
        asks(&team, &ada).await?;
        changes_their_mind(&ada).await?;
        signs_in(&team, &bob).await?;
        approves(&bob).await?;
        ada.browser.read("[data-test=ended]", "The change was approved and started").await?;
        ada.is_kept("the approval").await?;
        let rollout = team.server.until_over("iris").await?;
        ensure!(rollout["phase"] == "completed", "{rollout:#}");
        Ok(())
    })
    .await
}

async fn asks(team: &Team, ada: &Keyboard<'_>) -> anyhow::Result<()> {
    ada.browser.go(&team.at("/sign-in")).await?;
    ada.write("[data-test=token]", &team.server.token()?).await?;
    ada.press(ENTER).await?;
    ada.browser.see(".navigation").await?;
    ada.tab_to("[data-test=deployment][data-name=iris] a.row-link").await?;
    ada.press(ENTER).await?;
    ada.tab_to("[data-test=update]").await?;
    ada.press(ENTER).await?;

    ada.browser.see(&format!("{UPDATE} [data-test=configuration]")).await?;
    ada.is_kept("the dialog has opened").await?;
    ada.tab_to(&format!("{UPDATE} .pick input")).await?;
    let second = format!("{UPDATE} [data-test=configuration][data-name=second]");
    ada.walk(DOWN, &second).await?;
    ada.press(SPACE).await?;
    ada.browser.see(&format!("{second}[aria-selected=true]")).await?;
    ada.tab_to(&format!("{UPDATE} [data-test=reason]")).await?;
    ada.press(DOWN).await?;
    ada.write(&format!("{UPDATE} [data-test=note]"), "By keyboard").await?;
    ada.browser.read(&format!("{UPDATE} [data-test=confirm]"), "Ask for approval").await?;
    ada.tab_to(&format!("{UPDATE} [data-test=confirm]")).await?;
    ada.press(SPACE).await?;
    ada.browser.see_no_more(UPDATE).await?;
    ada.browser.read("[data-test=what-changes]", "By keyboard").await?;
    ada.is_kept("the dialog has closed").await.map(drop)
}

/// Opens the dialog that ends the request, and leaves it again.
async fn changes_their_mind(ada: &Keyboard<'_>) -> anyhow::Result<()> {
    let (menu, cancel) = (".request-buttons [data-test=menu]", "[data-test=cancel-request]");
    ada.tab_to(menu).await?;
    ada.press(ENTER).await?;
    ada.walk(DOWN, cancel).await?;
    ada.press(ENTER).await?;
    let dialog = "[data-test=dialog-cancel-request]";
    ada.browser.see(dialog).await?;
    ada.is_kept("the dialog has opened").await?;
    ada.press(ESCAPE).await?;
    ada.browser.see_no_more(dialog).await?;
    ada.comes_to(menu).await
}

async fn signs_in(team: &Team, bob: &Keyboard<'_>) -> anyhow::Result<()> {
    bob.browser.go(&team.at("/sign-in")).await?;
    bob.tab_to("[data-test=sign-in-otherwise]").await?;
    bob.press(ENTER).await?;
    bob.browser.see("[data-test=email]").await?;
    bob.is_kept("another form").await?;
    bob.back_to("[data-test=email]").await?;
    bob.press(&email("Bob")).await?;
    bob.press(TAB).await?;
    ensure!(bob.is_at("[data-test=password]").await?, "the password does not follow the address");
    bob.press(PASSWORD).await?;
    bob.press(ENTER).await?;
    bob.browser.read("[data-test=waits-for-me]", "1").await?;
    bob.is_kept("the sign-in").await.map(drop)
}

async fn approves(bob: &Keyboard<'_>) -> anyhow::Result<()> {
    bob.back_to("[data-test=nav-approvals]").await?;
    bob.press(ENTER).await?;
    bob.tab_to("[data-test=section-waits-for-me] [data-test=request] .act a").await?;
    bob.press(ENTER).await?;

    // Words are begun and given up again.
    bob.tab_to("[data-test=request-changes]").await?;
    bob.press(SPACE).await?;
    bob.comes_to("[data-test=comment]").await?;
    bob.tab_to("[data-test=discussion] .reply .quiet").await?;
    bob.press(ENTER).await?;
    bob.browser.see_no_more("[data-test=send-changes]").await?;
    bob.is_kept("the words were given up").await?;

    bob.back_to("[data-test=approve]").await?;
    bob.press(ENTER).await?;
    bob.browser.read("[data-test=ended]", "The change was approved and started").await?;
    bob.is_kept("the approval").await?;
    // On from there.
    bob.tab_to("[data-test=ended] a").await
}
