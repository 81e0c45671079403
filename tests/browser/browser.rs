//! Chromium behind chromedriver, steered as a person would: by looking, clicking and typing.
//!
//! Guarantees: every step waits until the page allows it, for at most [`PATIENCE`](tests::program::PATIENCE). When it
//! goes out of scope, also while a test panics, chromedriver and Chromium are ended.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail, ensure};
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus, WebDriver};
use fantoccini::{Client, ClientBuilder, Locator};
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::processes;
use tests::program::{free_address, until};
use tests::server::Server;

const MISSING: &str = "The browser tests need chromium and chromedriver: `cargo xtask test` installs them, \
     or install the Debian packages chromium and chromium-driver";

/// Replaces what is written in a field: Ctrl A, let go, then what follows.
const SELECT_ALL: &str = "\u{E009}a\u{E000}";
/// Shift and Control: held while the keys after them are pressed.
const HELD: [char; 2] = ['\u{E008}', '\u{E009}'];

/// One window of a browser that knows nothing yet.
pub(crate) struct Browser {
    client: Client,
    session: String,
    driver: Driver,
}

/// chromedriver, and the folder of the Chromium that it started.
struct Driver {
    child: Child,
    address: SocketAddr,
    profile: tempfile::TempDir,
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Chromium outlives a driver that is ended; its own processes end with the one that has the folder.
        let folder = self.profile.path().as_os_str().as_encoded_bytes();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            if line.windows(folder.len()).any(|part| part == folder) {
                processes::signal(pid, Signal::KILL);
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Driver {
    fn start() -> anyhow::Result<Self> {
        let profile = tempfile::Builder::new().prefix("changeover-browser-").tempdir()?;
        let address = free_address();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={}", address.port())).current_dir(profile.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Ok(Self { child: command.spawn().context(MISSING)?, address, profile })
    }
}

impl Browser {
    /// Opens one.
    pub(crate) async fn open() -> anyhow::Result<Self> {
        let mut driver = Driver::start()?;
        let chromium = format!("--user-data-dir={}", driver.profile.path().join("profile").display());
        let mut flags = vec![
            "--headless",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--window-size=1600,1000",
            &chromium,
        ];
        if rustix::process::geteuid().is_root() {
            flags.push("--no-sandbox");
        }
        let mut wanted = fantoccini::wd::Capabilities::new();
        wanted.insert("goog:chromeOptions".to_owned(), json!({"args": flags}));
        // That of the proxy is signed by nobody.
        wanted.insert("acceptInsecureCerts".to_owned(), json!(true));
        wanted.insert("goog:loggingPrefs".to_owned(), json!({"browser": "ALL"}));
        let url = format!("http://{}", driver.address);
        let ready = format!("{url}/status");
        until("chromedriver becoming ready", async || {
            if let Some(status) = driver.child.try_wait()? {
                bail!("chromedriver ended by itself ({status}). {MISSING}");
            }
            Ok(reqwest::get(&ready).await.ok().map(drop))
        })
        .await?;
        let client = ClientBuilder::new(fantoccini_connector()).capabilities(wanted).connect(&url).await;
        let client = client.with_context(|| format!("Chromium does not start. {MISSING}"))?;
        let session = client.session_id().await?.context("the browser has no session")?;
        Ok(Self { client, session, driver })
    }

    /// Opens the sign-in link that `serve` prints, and waits for the deployments.
    pub(crate) async fn sign_in(&self, server: &Server) -> anyhow::Result<()> {
        self.go(&format!("http://{}/sign-in#{}", server.listen, server.token()?)).await?;
        self.see(".navigation").await?;
        Ok(())
    }

    /// Writes an address into the address bar.
    pub(crate) async fn go(&self, url: &str) -> anyhow::Result<()> {
        self.client.goto(url).await?;
        let title = self.client.execute("return document.querySelector('h1')?.textContent ?? ''", vec![]).await?;
        ensure!(
            title != "The interface is not built",
            "the server under test was built without the interface: run `cargo xtask web`, then build it again"
        );
        Ok(())
    }

    /// The URL in the address bar.
    pub(crate) async fn address(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.to_string())
    }

    /// Waits until something can be seen.
    pub(crate) async fn see(&self, css: &str) -> anyhow::Result<Element> {
        until(&format!("{css} being seen"), async || {
            for element in self.client.find_all(Locator::Css(css)).await? {
                if settled(element.is_displayed().await)? == Some(true) {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await
        .with_context(|| format!("looking for {css}"))
    }

    /// Waits until something is gone.
    pub(crate) async fn see_no_more(&self, css: &str) -> anyhow::Result<()> {
        let gone = async || Ok(self.client.find_all(Locator::Css(css)).await?.is_empty().then_some(()));
        until(&format!("{css} going away"), gone).await
    }

    /// Waits until something says this; everything that it says.
    pub(crate) async fn read(&self, css: &str, words: &str) -> anyhow::Result<String> {
        let mut last = String::new();
        let what = format!("{css} saying {words:?}");
        let found = until(&what, async || {
            last = self.text(css).await?;
            Ok(last.contains(words).then_some(()))
        });
        let found = found.await;
        found.with_context(|| format!("at last it said {last:?}"))?;
        Ok(last)
    }

    /// Waits until a field holds this.
    pub(crate) async fn holds(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let script = format!("return document.querySelector({css:?})?.value");
        let held = async || Ok((self.ask(&script).await? == text).then_some(()));
        until(&format!("{css} holding {text:?}"), held).await
    }

    /// The text of an element now.
    pub(crate) async fn text(&self, css: &str) -> anyhow::Result<String> {
        until(&format!("{css} being there"), async || match self.client.find(Locator::Css(css)).await {
            Ok(element) => settled(element.text().await),
            missing => Ok(settled(missing)?.map(|_| String::new())),
        })
        .await
    }

    /// The number of elements that are there.
    pub(crate) async fn count(&self, css: &str) -> anyhow::Result<usize> {
        Ok(self.client.find_all(Locator::Css(css)).await?.len())
    }

    /// An attribute of an element that is there.
    pub(crate) async fn attribute(&self, css: &str, name: &str) -> anyhow::Result<Option<String>> {
        Ok(self.client.find(Locator::Css(css)).await?.attr(name).await?)
    }

    /// Clicks as soon as it can be clicked.
    pub(crate) async fn click(&self, css: &str) -> anyhow::Result<()> {
        until(&format!("{css} taking a click"), async || {
            let element = self.see(css).await?;
            if settled(element.is_enabled().await)? == Some(true) { settled(element.click().await) } else { Ok(None) }
        })
        .await
    }

    /// Writes into a field in place of what is in it.
    pub(crate) async fn write(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let typed = format!("{SELECT_ALL}{text}");
        until(&format!("{css} taking {text:?}"), async || {
            let element = self.see(css).await?;
            settled(element.send_keys(&typed).await)
        })
        .await
    }

    /// Presses keys in a field that has parts of its own, such as a time.
    pub(crate) async fn type_into(&self, css: &str, keys: &str) -> anyhow::Result<()> {
        Ok(self.see(css).await?.send_keys(keys).await?)
    }

    /// Chooses one of several.
    pub(crate) async fn choose(&self, css: &str, value: &str) -> anyhow::Result<()> {
        self.see(&format!("{css} option[value={value:?}]")).await?;
        until(&format!("{css} taking {value:?}"), async || {
            let element = self.see(css).await?;
            settled(element.select_by_value(value).await)
        })
        .await
    }

    /// Chooses a file.
    pub(crate) async fn choose_file(&self, css: &str, file: &Path) -> anyhow::Result<()> {
        let path = file.to_str().context("a path that is not text")?;
        until(&format!("{css} taking a file"), async || match self.client.find(Locator::Css(css)).await {
            Ok(element) => settled(element.send_keys(path).await),
            missing => Ok(settled(missing)?.map(drop)),
        })
        .await
    }

    /// Presses keys in what has the focus.
    pub(crate) async fn press(&self, keys: &str) -> anyhow::Result<()> {
        Ok(self.client.active_element().await?.send_keys(keys).await?)
    }

    /// Strikes keys one after another, wherever the focus is, as a keyboard does: nothing is given the focus for it.
    pub(crate) async fn strike(&self, keys: &str) -> anyhow::Result<()> {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for key in keys.chars() {
            actions = actions.then(KeyAction::Down { value: key });
            if !HELD.contains(&key) {
                actions = actions.then(KeyAction::Up { value: key });
            }
        }
        for key in HELD.into_iter().filter(|key| keys.contains(*key)) {
            actions = actions.then(KeyAction::Up { value: key });
        }
        Ok(self.client.perform_actions(actions).await?)
    }

    /// Asks the page something; it changes nothing.
    pub(crate) async fn ask(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, vec![]).await?)
    }

    /// Asks the page something that takes a while.
    pub(crate) async fn ask_and_wait(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute_async(script, vec![]).await?)
    }

    /// Goes on in the tab that the page has opened; the one before.
    pub(crate) async fn in_other_tab(&self) -> anyhow::Result<fantoccini::wd::WindowHandle> {
        let before = self.client.window().await?;
        let other = until("another tab", async || {
            Ok(self.client.windows().await?.into_iter().find(|window| *window != before))
        });
        self.client.switch_to_window(other.await?).await?;
        Ok(before)
    }

    /// Goes on in a tab from before.
    pub(crate) async fn back_to(&self, tab: fantoccini::wd::WindowHandle) -> anyhow::Result<()> {
        Ok(self.client.switch_to_window(tab).await?)
    }

    /// Forgets the cookies of another site.
    pub(crate) async fn forget_elsewhere(&self, origin: &str) -> anyhow::Result<()> {
        self.devtools("Storage.clearDataForOrigin", json!({"origin": origin, "storageTypes": "cookies"})).await
    }

    /// A picture of what is shown.
    pub(crate) async fn picture(&self) -> anyhow::Result<Vec<u8>> {
        Ok(self.client.screenshot().await?)
    }

    /// Sends a command of the Chrome DevTools protocol.
    pub(crate) async fn devtools(&self, command: &str, parameters: Value) -> anyhow::Result<()> {
        self.driver_command("goog/cdp/execute", &json!({"cmd": command, "params": parameters})).await.map(drop)
    }

    /// Makes every answer come so many milliseconds later; with 0, as fast as it does.
    pub(crate) async fn slow_down(&self, milliseconds: u32) -> anyhow::Result<()> {
        let no_limit = -1;
        let conditions = json!({"offline": false, "latency": milliseconds, "downloadThroughput": no_limit, "uploadThroughput": no_limit});
        self.devtools("Network.enable", json!({})).await?;
        self.devtools("Network.emulateNetworkConditions", conditions).await
    }

    /// The lines that the page wrote to the console since this was last asked.
    pub(crate) async fn console(&self) -> anyhow::Result<Vec<String>> {
        Ok(self.console_lines().await?.into_iter().map(|(_, line)| line).collect())
    }

    /// Those of them that are errors. That the server refuses something is none, that it fails is one.
    pub(crate) async fn console_errors(&self) -> anyhow::Result<Vec<String>> {
        let lines = self.console_lines().await?.into_iter();
        let errors = lines.filter(|(level, line)| {
            level == "SEVERE" && (!line.contains("Failed to load resource") || line.contains("status of 5"))
        });
        Ok(errors.map(|(_, line)| line).collect())
    }

    /// The lines of the console, each with its level.
    async fn console_lines(&self) -> anyhow::Result<Vec<(String, String)>> {
        let answer = self.driver_command("se/log", &json!({"type": "browser"})).await?;
        let lines = answer["value"].as_array().context("the console is no list")?;
        let text = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        Ok(lines.iter().map(|line| (text(line, "level"), text(line, "message"))).collect())
    }

    async fn driver_command(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = format!("http://{}/session/{}/{path}", self.driver.address, self.session);
        let answer = reqwest::Client::new().post(url).json(body).send().await?;
        let status = answer.status();
        let answer: Value = answer.json().await?;
        ensure!(status.is_success(), "{path}: {answer:#}");
        Ok(answer)
    }
}

/// The outcome of a command. An element may be drawn anew between finding it and using it: then there is none yet, and
/// the command is tried again.
fn settled<T>(outcome: Result<T, CmdError>) -> anyhow::Result<Option<T>> {
    use ErrorStatus::{ElementClickIntercepted, ElementNotInteractable, NoSuchElement, StaleElementReference};
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(CmdError::Standard(WebDriver {
            error: ElementClickIntercepted | ElementNotInteractable | NoSuchElement | StaleElementReference,
            ..
        })) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Plain TCP: chromedriver is on this machine.
fn fantoccini_connector() -> hyper_util::client::legacy::connect::HttpConnector {
    hyper_util::client::legacy::connect::HttpConnector::new()
}
