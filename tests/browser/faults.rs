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
    let browser = Browser::open().await?;
    let outcome = test(&browser).await;
    let console = browser.console().await.unwrap_or_default();
    let broke_off = console.iter().find(|line| line.contains("panicked") || line.contains("RuntimeError"));
    let outcome = outcome.and_then(|()| match broke_off {
        Some(line) => Err(anyhow::anyhow!("the page's program broke off: {line}")),
        None => Ok(()),
    });
    let Err(error) = outcome else { return Ok(()) };
    let picture = pictures().join(format!("failed-{name}.png"));
    fs::create_dir_all(pictures())?;
    if let Ok(drawn) = browser.picture().await {
        fs::write(&picture, drawn)?;
    }
    let address = browser.address().await.unwrap_or_default();
    Err(error.context(format!("{name} at {address}, see {}; console: {console:#?}", picture.display())))
}
