//! The page `/gallery`: it shows every component in an interface that is built with it, and is in no other.

use tests::server::Server;

use crate::faults::in_browser;
use crate::looks::Eye;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gallery_is_clean_where_it_is_built_and_nowhere_else() -> anyhow::Result<()> {
    let server = Server::start().await?;
    in_browser("gallery", async |browser| {
        browser.sign_in(&server).await?;
        browser.go(&format!("http://{}/gallery", server.listen)).await?;
        // Set by whoever has built the interface with `cargo xtask web --gallery`.
        if std::env::var_os("CHANGEOVER_GALLERY").is_none_or(|value| value != "1") {
            return browser.read("[data-test=empty]", "There is nothing at this address").await.map(drop);
        }
        browser.see("[data-test=gallery-shelf] [data-test=chart]").await?;
        let mut eye = Eye::new(browser)?;
        eye.look("gallery").await?;
        for dialog in ["usual", "blocked", "destroying"] {
            browser.click(&format!("[data-test=gallery-{dialog}]")).await?;
            browser.see("[data-test=dialog-gallery] [data-test=confirm]").await?;
            eye.look(&format!("gallery-{dialog}")).await?;
            browser.click("[data-test=dialog-gallery] .close").await?;
            browser.see_no_more("[data-test=dialog-gallery]").await?;
        }
        eye.closes()
    })
    .await
}
