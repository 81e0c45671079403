//! The desktop window: the interface in a web view, answered by the API's router in this very process.
//!
//! # Flow
//!
//! The view loads `changeover://localhost/`. Whatever it asks for under that scheme goes through `bridge` into the
//! router, and the answer goes back; no port is opened. The window system has the main thread, everything else runs
//! on the server's own runtime.
//!
//! # Guarantees
//!
//! - The view shows nothing but `changeover://localhost`: other addresses and new windows are not opened.
//! - The page can call nothing of the window system: there are no commands, and no capability is granted.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use axum::Router;
use changeover::boot::WindowPage;
use tauri::webview::NewWindowResponse;
use tauri::{App, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder};
use tokio::runtime::Handle;

use crate::bridge::{self, HOST};

/// Scheme of the page's address.
const SCHEME: &str = "changeover";

/// The reason why there is no window.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShellError {
    /// There is no display for the window.
    #[error(
        "the window cannot be opened: no display is there. Start it in a desktop session, or use `changeover serve` and a browser"
    )]
    NoDisplay,
    /// The window system or the web view refused.
    #[error("the window cannot be opened: {0}")]
    Window(#[from] tauri::Error),
}

/// Shows the page in a window until somebody closes it, or its end comes. To be called on the main thread, and once.
///
/// # Errors
/// [`ShellError`]; there was no window then.
pub(crate) fn run(page: WindowPage) -> Result<(), ShellError> {
    let WindowPage { router, kept, runtime, end } = page;
    // Without a display the window system does not answer with an error, it panics.
    let app =
        catch_unwind(AssertUnwindSafe(|| build(router, runtime.clone()))).map_err(|_| ShellError::NoDisplay)??;
    let window = open(&app, kept)?;
    runtime.spawn(async move {
        end.await;
        // It fails when it is closed already.
        let _ = window.close();
    });
    app.run_return(|_, _| {});
    Ok(())
}

fn build(router: Router, runtime: Handle) -> tauri::Result<App> {
    tauri::async_runtime::set(runtime.clone());
    tauri::Builder::new()
        .register_asynchronous_uri_scheme_protocol(SCHEME, move |_, request, responder| {
            let router = router.clone();
            runtime.spawn(async move { responder.respond(bridge::answer(router, request).await.map(Vec::from)) });
        })
        .build(tauri::generate_context!())
}

fn open(app: &App, kept: PathBuf) -> tauri::Result<WebviewWindow> {
    let start = Url::parse(&format!("{SCHEME}://{HOST}/")).map_err(tauri::Error::InvalidUrl)?;
    WebviewWindowBuilder::new(app, "main", WebviewUrl::CustomProtocol(start))
        .title("Changeover")
        .inner_size(1280.0, 800.0)
        .min_inner_size(360.0, 480.0)
        .data_directory(kept)
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        // The page itself takes the model files that are dropped on it.
        .disable_drag_drop_handler()
        .build()
}

fn is_ours(url: &Url) -> bool {
    url.scheme() == SCHEME && url.host_str() == Some(HOST) && url.port().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_pages_own_address_is_followed() {
        let ours = |url: &str| is_ours(&Url::parse(url).unwrap());
        assert!(ours("changeover://localhost/") && ours("changeover://localhost/deployments/iris?tab=logs#end"));
        for foreign in [
            "https://localhost/",
            "http://127.0.0.1:7080/iris",
            "changeover://elsewhere/",
            "changeover://localhost.example/",
            "changeover://localhost:80/",
            "file:///etc/passwd",
            "about:blank",
            "data:text/html,x",
            "javascript:1",
        ] {
            assert!(!ours(foreign), "{foreign}");
        }
    }
}
