//! The real program in its window, driven from outside as a browser is, or left alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};
use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::processes;
use tests::program::{PATIENCE, clean, free_address, until};

use super::display::Display;

/// The program under test: `CHANGEOVER_DESKTOP_BIN`, else the one built beside this test.
pub(crate) fn program() -> anyhow::Result<PathBuf> {
    if let Some(given) = std::env::var_os("CHANGEOVER_DESKTOP_BIN").filter(|value| !value.is_empty()) {
        return Ok(given.into());
    }
    let test = std::env::current_exe()?;
    let built = test.parent().and_then(Path::parent).context("a test lies in a folder")?.join("changeover-desktop");
    ensure!(built.is_file(), "the program is built first: cargo build --package changeover-desktop");
    Ok(built)
}

/// A data directory, and the program that uses it. Whatever still runs in the end is ended.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("changeover-").tempdir()?;
        fs::create_dir(folder.path().join("data"))?;
        Ok(Self { folder })
    }

    pub(crate) fn data(&self) -> PathBuf {
        // As the server names it to its replicas.
        self.folder.path().canonicalize().unwrap_or_else(|_| self.folder.path().to_owned()).join("data")
    }

    /// Arguments that let it run beside every other one.
    pub(crate) fn arguments(&self) -> [String; 4] {
        ["--data".into(), self.data().display().to_string(), "--gateway".into(), "127.0.0.1:0".into()]
    }

    /// A program that draws on `display` and keeps nothing outside this place.
    pub(crate) fn command(&self, program: &Path, display: &Display) -> Command {
        let mut command = clean(program);
        command.env("DISPLAY", &display.name).env_remove("WAYLAND_DISPLAY");
        command.env("WEBKIT_DISABLE_COMPOSITING_MODE", "1").env("NO_AT_BRIDGE", "1").env("GSETTINGS_BACKEND", "memory");
        command.env("HOME", self.folder.path()).env_remove("XDG_CACHE_HOME").env_remove("XDG_DATA_HOME");
        command.env("XDG_RUNTIME_DIR", self.folder.path());
        command
    }

    /// The program's process, once it has the data directory.
    pub(crate) async fn pid(&self) -> anyhow::Result<u32> {
        let lock = self.data().join("lock");
        until("the program taking its data directory", async || {
            Ok(fs::read_to_string(&lock).ok().and_then(|pid| pid.trim().parse().ok()))
        })
        .await
    }

    /// Waits until the process has ended.
    pub(crate) async fn ended(&self, pid: u32) -> anyhow::Result<()> {
        until("the program's end", async || Ok((!runs(pid)).then_some(()))).await
    }
}

/// True when the process is there and has not ended; one that nobody has asked for its status yet has.
fn runs(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

impl Drop for Place {
    fn drop(&mut self) {
        let holder = fs::read_to_string(self.data().join("lock")).ok().and_then(|pid| pid.trim().parse::<u32>().ok());
        let is_ours = |pid: &u32| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&*self.data().to_string_lossy())
        };
        let replicas = processes::replicas_of(&self.data()).unwrap_or_default().into_iter().map(|replica| replica.pid);
        holder.filter(is_ours).into_iter().chain(replicas).for_each(|pid| processes::signal(pid, Signal::KILL));
    }
}

/// A window that is driven through WebDriver.
pub(crate) struct Driven {
    driver: Child,
    /// The page in it.
    pub(crate) page: Client,
}

impl Driven {
    pub(crate) async fn open(place: &Place, display: &Display) -> anyhow::Result<Self> {
        let address = free_address();
        let mut command = place.command(Path::new("WebKitWebDriver"), display);
        command.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.arg(format!("--port={}", address.port())).stdin(Stdio::null());
        let driver = super::started(&mut command)?;
        let program = program()?;
        let options = json!({"binary": program, "args": place.arguments()});
        let capabilities = Capabilities::from_iter([("webkitgtk:browserOptions".to_owned(), options)]);
        // Until there is a page this one ends the driver when something goes wrong.
        let mut starting = Starting(Some(driver));
        until("the WebDriver answering", async || Ok(tokio::net::TcpStream::connect(address).await.ok())).await?;
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let page = builder.capabilities(capabilities).connect(&format!("http://{address}")).await;
        let page = page.context("WebKitWebDriver did not get the window")?;
        let driver = starting.0.take().context("the driver was started")?;
        Ok(Self { driver, page })
    }

    /// An element, as soon as it is there.
    pub(crate) async fn find(&self, css: &str) -> anyhow::Result<Element> {
        let found = self.page.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        found.with_context(|| format!("the page shows no {css}"))
    }

    /// Clicks on what has this name for tests, as soon as that can be.
    pub(crate) async fn click(&self, name: &str) -> anyhow::Result<()> {
        let button = self.find(&format!("[data-test={name}]:not(:disabled)")).await?;
        button.click().await.with_context(|| format!("{name} cannot be clicked"))
    }

    /// Confirms a dialog, which must then go away.
    pub(crate) async fn confirm(&self, dialog: &str) -> anyhow::Result<()> {
        self.find(&format!("[data-test={dialog}] [data-test=confirm]:not(:disabled)")).await?.click().await?;
        self.find(&format!("body:not(:has([data-test={dialog}]))")).await?;
        Ok(())
    }

    /// Asks the API as the page does; status and body.
    pub(crate) async fn fetch(&self, method: &str, url: &str, body: Value) -> anyhow::Result<(u64, String)> {
        const ASK: &str = "const [method, url, body, done] = arguments;
            fetch(url, { method, body, headers: body === null ? {} : { 'content-type': 'application/json' } })
                .then(async answer => done([answer.status, await answer.text()]), failed => done([0, String(failed)]));";
        let body = if body.is_null() { body } else { body.to_string().into() };
        let answer = self.page.execute_async(ASK, vec![method.into(), url.into(), body]).await?;
        Ok(serde_json::from_value(answer)?)
    }

    /// Reads from the API as the page does.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let (status, body) = self.fetch("GET", path, Value::Null).await?;
        ensure!(status == 200, "{path} answered {status}: {body}");
        Ok(serde_json::from_str(&body)?)
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        end(&mut self.driver);
    }
}

struct Starting(Option<Child>);

impl Drop for Starting {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(end);
    }
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
