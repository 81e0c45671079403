//! The traces that are kept of a browser in which a test went wrong.

use std::fs;
use std::path::{Path, PathBuf};

use crate::browser::Browser;

/// The folder for pictures: `CHANGEOVER_SCREENSHOTS`, else `target/screenshots`.
pub(crate) fn pictures() -> PathBuf {
    let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots");
    std::env::var_os("CHANGEOVER_SCREENSHOTS").filter(|value| !value.is_empty()).map_or_else(usual, PathBuf::from)
}

/// Runs a test in a new browser. When it fails, the error names a picture of the page and says what the console held;
/// a page whose program broke off fails it as well.
pub(crate) async fn in_browser(
    name: &str,
    test: impl AsyncFnOnce(&Browser) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    in_browsers(name, [name], async |[browser]| test(browser).await).await
}

/// Runs a test with a new browser for each person.
pub(crate) async fn in_browsers<const N: usize>(
    name: &str,
    people: [&str; N],
    test: impl AsyncFnOnce([&Browser; N]) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut browsers = Vec::new();
    for opened in futures_util::future::join_all(people.map(|_| Browser::open())).await {
        browsers.push(opened?);
    }
    let browsers: [Browser; N] = browsers.try_into().map_err(|_| anyhow::anyhow!("a browser is missing"))?;
    let mut outcome = test(browsers.each_ref()).await;
    for (person, browser) in people.iter().zip(&browsers) {
        let console = browser.console().await.unwrap_or_default();
        outcome = match (outcome, broke_off(&console)) {
            (Ok(()), Some(line)) => Err(anyhow::anyhow!("the program of {person}'s page broke off: {line}")),
            (outcome, _) => outcome,
        };
        if let Err(error) = outcome {
            let picture = pictures().join(format!("failed-{name}-{person}.png"));
            fs::create_dir_all(pictures())?;
            if let Ok(drawn) = browser.picture().await {
                fs::write(&picture, drawn)?;
            }
            let address = browser.address().await.unwrap_or_default();
            let seen = format!("{person} of {name} at {address}, see {}; console: {console:#?}", picture.display());
            outcome = Err(error.context(seen));
        }
    }
    outcome
}

/// The line of a console that tells of a page whose program has broken off.
pub(crate) fn broke_off(console: &[String]) -> Option<&String> {
    console.iter().find(|line| line.contains("panicked") || line.contains("RuntimeError"))
}
