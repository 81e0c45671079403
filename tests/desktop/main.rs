//! The desktop window, as a person meets it: opened, used, closed.

mod display;
mod ports;
mod window;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, io};

use anyhow::{Context as _, anyhow, ensure};
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::processes;
use tests::program::{run, until};
use tests::server::{answer, model_file};

use display::Display;
use window::{Driven, Place, program};

const TITLE: &str = "Changeover";
const MODEL: &str = "iris-v1.onnx";

/// Starts a program that the tests need, or says how to get it.
fn started(command: &mut Command) -> anyhow::Result<Child> {
    command.spawn().map_err(|error| {
        let name = command.get_program().to_string_lossy().into_owned();
        match error.kind() {
            io::ErrorKind::NotFound => {
                anyhow!("{name} is not installed: `cargo xtask test` installs what the tests need")
            }
            _ => anyhow!("{name} cannot be started: {error}"),
        }
    })
}

#[tokio::test]
async fn a_model_is_put_behind_a_url_and_nothing_is_left_when_the_window_is_closed() -> anyhow::Result<()> {
    let (display, place) = (Display::start()?, Place::new()?);
    let window = Driven::open(&place, &display).await?;
    let pid = place.pid().await?;
    ensure!(display.shows(TITLE)?, "no window has the title {TITLE}");
    ensure!(window.page.current_url().await?.as_str() == "changeover://localhost/");

    let shown = show_a_running_model(&window).await;
    keep(&display.picture(TITLE)?, if shown.is_ok() { "desktop.png" } else { "desktop-failed.png" })?;
    shown?;
    let gateway = infers(&window).await?;
    only_the_gateway_listens(pid, gateway)?;
    stays_at_home(&window, gateway).await?;
    is_alone(&place, &display, pid).await?;

    ensure!(processes::replicas_of(&place.data())?.len() == 1, "one replica runs");
    display.close(TITLE)?.context("the window has gone")?;
    place.ended(pid).await?;
    let left = processes::replicas_of(&place.data())?;
    ensure!(left.is_empty(), "still there: {left:?}");
    Ok(())
}

async fn show_a_running_model(window: &Driven) -> anyhow::Result<()> {
    register(window).await?;
    deploy(window).await?;
    window.click("nav-deployments").await?;
    window.find("[data-test=deployment][data-name=iris] [data-status=running]").await?;
    window.find("[data-test=deployment][data-name=iris] [data-test=replica][data-appearance=old]").await?;
    Ok(())
}

/// Chooses a file from the disk in the page, and looks at what arrived.
async fn register(window: &Driven) -> anyhow::Result<()> {
    window.click("nav-models").await?;
    window.click("register").await?;
    let file = model_file(MODEL);
    window.find("[data-test=file]").await?.send_keys(&file.to_string_lossy()).await?;
    let name = window.find("[data-test=model-name]").await?;
    name.clear().await?;
    name.send_keys("iris").await?;
    window.confirm("dialog-register").await?;
    window.find("[data-test=model-version][data-version='1']").await?;
    let model = window.get("/api/v1/models/iris/versions/1").await?;
    let size = fs::metadata(&file)?.len();
    ensure!(model["size"] == json!(size), "{size} bytes were sent: {model:#}");
    Ok(())
}

async fn deploy(window: &Driven) -> anyhow::Result<()> {
    window.click("deploy-version").await?;
    let name = window.find("[data-test=dialog-deploy] [data-test=name]").await?;
    name.clear().await?;
    name.send_keys("iris").await?;
    let replicas = window.find("[data-test=dialog-deploy] [data-test=replicas]").await?;
    replicas.clear().await?;
    replicas.send_keys("1").await?;
    window.confirm("dialog-deploy").await
}

/// The deployment answers at its URL; the gateway's port.
async fn infers(window: &Driven) -> anyhow::Result<u16> {
    let url = window.get("/api/v1/deployments/iris").await?["url"].as_str().context("it has a URL")?.to_owned();
    let ready = answer(reqwest::Client::new().get(format!("{url}/v2/models/iris"))).await?;
    ensure!(ready.status == 200 && ready.body["name"] == "iris", "{ready:?}");
    reqwest::Url::parse(&url)?.port().context("the gateway has a port")
}

/// Besides the gateway's there is the port by which the WebDriver steers the window; a person's window has none.
fn only_the_gateway_listens(pid: u32, gateway: u16) -> anyhow::Result<()> {
    let surroundings = fs::read(format!("/proc/{pid}/environ"))?;
    let surroundings = String::from_utf8_lossy(&surroundings).into_owned();
    let steered = surroundings.split('\0').find_map(|one| one.strip_prefix("WEBKIT_INSPECTOR_SERVER="));
    let steered = steered.and_then(|address| address.rsplit(':').next()?.parse().ok());
    let expected = BTreeSet::from_iter([gateway].into_iter().chain(steered));
    let found = ports::listened_on(pid)?;
    ensure!(found == expected, "ports {found:?} are open, and {expected:?} should be");
    Ok(())
}

/// Neither a link nor a script leads the window to another page, and another origin gets nothing.
async fn stays_at_home(window: &Driven, gateway: u16) -> anyhow::Result<()> {
    let elsewhere = format!("http://127.0.0.1:{gateway}/iris/v2");
    let opened = window.page.execute("return window.open(arguments[0]) === null", vec![json!(elsewhere)]).await?;
    ensure!(opened == json!(true), "a second window was opened");
    window.page.execute("location.href = arguments[0]", vec![json!(elsewhere)]).await?;
    let (status, _) = window.fetch("GET", &elsewhere, Value::Null).await?;
    ensure!(status == 0, "the page could read another server's answer: {status}");
    let (status, _) = window.fetch("GET", "changeover://elsewhere/api/v1/deployments", Value::Null).await?;
    ensure!(status == 0 || status == 404, "another host is answered: {status}");
    window.get("/api/v1/session").await?;
    ensure!(window.page.current_url().await?.scheme() == "changeover");
    window.find("[data-test=deployment][data-name=iris]").await?;
    Ok(())
}

/// A second window on the same data directory says who has it.
async fn is_alone(place: &Place, display: &Display, pid: u32) -> anyhow::Result<()> {
    let mut second = place.command(&program()?, display);
    second.args(place.arguments());
    let said = run(second).await?;
    ensure!(said.status == Some(1) && said.err.contains(&format!("pid {pid}")), "{said:?}");
    Ok(())
}

/// Keeps a picture of the window with the other ones.
fn keep(picture: &[u8], name: &str) -> anyhow::Result<()> {
    let folder = env::var_os("CHANGEOVER_SCREENSHOTS").filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/screenshots"));
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), picture).context("the picture cannot be kept")
}

#[tokio::test]
async fn a_window_that_nobody_steers_opens_one_port_and_ends_when_it_is_told_to() -> anyhow::Result<()> {
    let (display, place) = (Display::start()?, Place::new()?);
    let mut command = place.command(&program()?, &display);
    command.args(place.arguments()).stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = started(&mut command)?;
    let pid = place.pid().await?;
    until("the window", async || Ok(display.shows(TITLE)?.then_some(()))).await?;
    let ports = ports::listened_on(pid)?;
    let [port] = ports.iter().copied().collect::<Vec<_>>()[..] else { anyhow::bail!("ports {ports:?} are open") };
    let nobody = answer(reqwest::Client::new().get(format!("http://127.0.0.1:{port}/iris"))).await?;
    ensure!(nobody.status == 404 && nobody.body["code"] == "unknown_deployment", "that is not the gateway: {nobody:?}");

    processes::signal(pid, Signal::TERM);
    let status = until("the program's end", async || Ok(child.try_wait()?)).await?;
    ensure!(status.success(), "{status}");
    Ok(())
}

#[tokio::test]
async fn without_a_display_it_says_so_and_what_to_do() -> anyhow::Result<()> {
    let (display, place) = (Display::start()?, Place::new()?);
    let mut command = place.command(&program()?, &display);
    command.args(place.arguments()).env_remove("DISPLAY");
    let said = run(command).await?;
    ensure!(said.status == Some(1) && said.err.contains("changeover serve"), "{said:?}");
    Ok(())
}
