//! The interface under a path of another host name, as the README recommends: behind nginx, with TLS.

use std::fs;

use anyhow::ensure;
use serde_json::json;
use tests::nginx::Nginx;
use tests::server::Server;

use crate::faults::{in_browser, pictures};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_works_under_a_path() -> anyhow::Result<()> {
    let mut nginx = Nginx::prepare()?;
    let options = nginx.options()?;
    let server = Server::start_with(&options.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    nginx.start(&server).await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"]})).await?;
    let root = format!("https://localhost:{}/ops", nginx.https.port());
    in_browser("under-a-path", async |browser| {
        browser.go(&format!("{root}/sign-in#{}", server.token()?)).await?;
        browser.see(".row-link").await?;
        let is_at = async |path: &str| {
            let address = browser.address().await?;
            ensure!(address == format!("{root}{path}"), "the page is at {address} and not at {path}");
            anyhow::Ok(())
        };
        is_at("/").await?;
        fs::create_dir_all(pictures())?;
        fs::write(pictures().join("under-a-path.png"), browser.picture().await?)?;
        // Links, and what the page does by itself.
        browser.click(".row-link").await?;
        browser.see("[data-test=tab-logs]").await?;
        is_at("/deployments/iris").await?;
        browser.click("[data-test=tab-logs]").await?;
        is_at("/deployments/iris?tab=logs").await?;
        browser.click("[data-test=nav-models]").await?;
        browser.see(".row-link").await?;
        is_at("/models").await?;
        // An address of its own, written into the bar.
        browser.go(&format!("{root}/deployments/iris?tab=rollouts")).await?;
        browser.see("[data-test=tab-rollouts]").await?;
        fs::write(pictures().join("under-a-path-deep.png"), browser.picture().await?)?;
        // What happens is heard of: the event stream goes under the path too.
        browser.click("[data-test=nav-deployments]").await?;
        browser.see(".row-link").await?;
        server.post("/deployments/iris/deactivate", &json!({})).await?;
        browser.read("main", "topped").await?;
        // The cookie is for this path alone, and goes when signing out.
        browser.click("[data-test=sign-out]").await?;
        browser.see("[data-test=sign-in]").await?;
        browser.go(&format!("{root}/models")).await?;
        browser.see("[data-test=sign-in]").await?;
        Ok(())
    })
    .await
}
