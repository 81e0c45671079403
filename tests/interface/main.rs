//! `cargo xtask bench interface`: the start page of a server with few deployments and of one with many, beside a page of plain
//! JavaScript that draws the same list.
//!
//! # Flow
//! Every page is fetched through one small proxy, which also serves the plain page, so that all go the same way. A script that
//! runs before any page notes when the first row is drawn. Each round measures every page once, so that all see the same machine.

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, HOST, ORIGIN, TRANSFER_ENCODING};
use axum::response::{Html, Response};
use axum::routing::get;
use serde_json::json;
use tests::program::until;

use self::browser::Browser;

#[path = "../browser/browser.rs"]
#[allow(dead_code, reason = "a measurement does less with it than the plays")]
mod browser;

/// Rounds, of which the middle one by size counts.
const ROUNDS: usize = 5;
/// Frames of one look at scrolling.
const FRAMES: u32 = 300;
/// Milliseconds of a frame that a person sees stutter: two frames at 60 a second.
const SLOW_FRAME: u32 = 34;
/// Milliseconds of latency, and bytes a second, of a slow network.
const SLOW: (u32, u32) = (300, 200_000);

/// Notes when the first row of a list is on the screen.
const WATCH: &str = "
    const watch = new MutationObserver(() => {
        if (document.querySelector('[data-test=deployment]') === null) return;
        watch.disconnect();
        requestAnimationFrame(() => setTimeout(() => { window.firstRow = performance.now(); }));
    });
    watch.observe(document, { childList: true, subtree: true });";

/// The plain page: the same request, the same columns, no framework.
const PLAIN: &str = r#"<!doctype html><meta charset="utf-8"><title>plain</title><h1>Deployments</h1><table></table><script type="module">
    const answer = await fetch('/api/v1/deployments?include=replicas&limit=200');
    const { items } = await answer.json();
    const table = document.querySelector('table');
    for (const one of items) {
        const row = table.insertRow();
        row.dataset.test = 'deployment';
        const written = [one.name, one.importance, one.condition?.state ?? one.status, one.models.join(', '),
            `${one.replicas.ready} of ${one.replicas.desired}`, one.traffic?.rate ?? '', one.last_operation.at];
        for (const text of written) row.insertCell().textContent = text;
    }
</script>"#;

/// Where requests are passed on to.
#[derive(Clone)]
struct Behind {
    origin: String,
    client: reqwest::Client,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let browser = Browser::open().await?;
    // Names of their own, so that each keeps its cookie.
    let few = fronted(&browser, "CHANGEOVER_BENCH_FEW", "127.0.0.1").await?;
    let many = fronted(&browser, "CHANGEOVER_BENCH_MANY", "localhost").await?;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": WATCH })).await?;
    let pages = [format!("{few}/plain"), format!("{few}/"), format!("{many}/plain"), format!("{many}/")];
    let mut taken = pages.each_ref().map(|_| Vec::new());
    // The first round fills the browser's cache, as it is for whoever opens the page every day.
    for round in 0..=ROUNDS {
        for (page, taken) in pages.iter().zip(&mut taken) {
            let time = first_row(&browser, page).await?;
            if round > 0 {
                taken.push(time);
            }
        }
    }
    let [plain_few, ours_few, plain_many, ours_many] = taken.map(middle);
    println!("first row, few deployments       {ours_few:6.0} ms   plain JavaScript {plain_few:6.0} ms");
    println!("first row, many deployments      {ours_many:6.0} ms   plain JavaScript {plain_many:6.0} ms");
    println!("  many against few               {:6.2}      aim 1.5", ours_many / ours_few);
    println!("  many against plain JavaScript  {:6.2}      aim 1.3", ours_many / plain_many);
    println!("every row there                  {:6.0} ms", whole_list(&browser).await?);
    println!("request to drawn row             {:6.0} ms", changed(&browser, &many).await?);
    println!("frames over {SLOW_FRAME} ms of {FRAMES}, scrolling {:5.0}", slow_frames(&browser).await?);
    println!("key to result in search          {:6.0} ms", searched(&browser).await?);
    println!("bytes in the first minute        {:6.0} kB", first_minute(&browser, &many).await? / 1e3);
    let (picture, row) = slowly(&browser, &few).await?;
    println!(
        "at {} kB/s and {} ms, nothing cached: first picture {picture:.0} ms, first row {row:.0} ms",
        SLOW.1 / 1000,
        SLOW.0
    );
    Ok(())
}

/// Puts a proxy in front of the server whose sign-in link stands in a variable, signs in there, and gives the proxy's root.
async fn fronted(browser: &Browser, variable: &str, host: &str) -> anyhow::Result<String> {
    let link = std::env::var(variable)
        .with_context(|| format!("{variable} is not set: `cargo xtask bench interface` does"))?;
    let (origin, token) = link.split_once("/sign-in#").context("a sign-in link without a token")?;
    let behind = Behind { origin: origin.to_owned(), client: reqwest::Client::builder().no_proxy().build()? };
    let router = Router::new().route("/plain", get(plain)).fallback(passed_on).with_state(behind);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let root = format!("http://{host}:{}", listener.local_addr()?.port());
    tokio::spawn(async move { axum::serve(listener, router).await });
    browser.go(&format!("{root}/sign-in#{token}")).await?;
    browser.see("[data-test=deployment]").await?;
    Ok(root)
}

async fn plain() -> Html<&'static str> {
    Html(PLAIN)
}

async fn passed_on(State(behind): State<Behind>, request: Request) -> Result<Response, StatusCode> {
    let unreachable = |error: reqwest::Error| {
        eprintln!("a request was not passed on: {error}");
        StatusCode::BAD_GATEWAY
    };
    let (parts, body) = request.into_parts();
    let url = format!("{}{}", behind.origin, parts.uri);
    let mut headers = parts.headers;
    headers.remove(HOST);
    if headers.contains_key(ORIGIN) {
        headers.insert(ORIGIN, behind.origin.parse().map_err(|_| StatusCode::BAD_GATEWAY)?);
    }
    let asked = behind.client.request(parts.method, url).headers(headers);
    let answer = asked.body(reqwest::Body::wrap_stream(body.into_data_stream())).send().await.map_err(unreachable)?;
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(name, _)| ![CONNECTION, TRANSFER_ENCODING].contains(name)) {
        response = response.header(name, value);
    }
    response.body(Body::from_stream(answer.bytes_stream())).map_err(|_| StatusCode::BAD_GATEWAY)
}

/// Milliseconds from the beginning of the navigation to the first row on the screen.
async fn first_row(browser: &Browser, page: &str) -> anyhow::Result<f64> {
    browser.go(page).await?;
    let drawn =
        until("the first row", async || Ok(browser.ask("return window.firstRow ?? null").await?.as_f64())).await?;
    Ok(drawn)
}

/// Milliseconds until the list of the page that is open had all that there is.
async fn whole_list(browser: &Browser) -> anyhow::Result<f64> {
    let script = "
        const lists = performance.getEntriesByType('resource').filter((one) => one.name.includes('/deployments?include'));
        return lists.length > 1 ? Math.max(...lists.map((one) => one.responseEnd)) : null";
    until("the rest of the list", async || Ok(browser.ask(script).await?.as_f64())).await
}

/// Milliseconds from a change being sent to the row that shows it.
async fn changed(browser: &Browser, root: &str) -> anyhow::Result<f64> {
    // In this order the row stays where it is.
    browser.go(&format!("{root}/?sort=name")).await?;
    browser.see("[data-test=deployment]").await?;
    whole_list(browser).await?;
    let mut times = Vec::new();
    for importance in ["critical", "low", "critical", "low", "high"] {
        let script = format!(
            "const done = arguments[arguments.length - 1];
            const row = document.querySelector('[data-test=deployment]');
            const name = row.querySelector('.row-link').textContent.trim();
            const begun = performance.now();
            const drawn = () => {{
                const now = [...document.querySelectorAll('[data-test=deployment]')].find((one) => one.textContent.includes(name));
                if (now?.querySelector('.importance.{importance}')) done(performance.now() - begun);
                else requestAnimationFrame(drawn);
            }};
            fetch('/api/v1/deployments/' + name, {{
                method: 'PATCH', headers: {{ 'content-type': 'application/json' }}, body: '{{\"importance\":\"{importance}\"}}',
            }}).then((answer) => answer.ok || done(answer.status + ' for ' + name));
            drawn();"
        );
        let time = browser.ask_and_wait(&script).await?;
        times.push(time.as_f64().with_context(|| format!("the change was answered {time}"))?);
    }
    Ok(middle(times))
}

/// The frames of [`FRAMES`] that took longer than [`SLOW_FRAME`] while the page was scrolled.
async fn slow_frames(browser: &Browser) -> anyhow::Result<f64> {
    let script = format!(
        "const done = arguments[arguments.length - 1];
        let [frames, slow, before] = [0, 0, performance.now()];
        const frame = (now) => {{
            if (frames > 0 && now - before > {SLOW_FRAME}) slow++;
            before = now;
            scrollBy(0, 120);
            if (frames++ < {FRAMES}) requestAnimationFrame(frame); else {{ scrollTo(0, 0); done(slow); }}
        }};
        requestAnimationFrame(frame);"
    );
    browser.ask_and_wait(&script).await?.as_f64().context("no frame was drawn")
}

/// Milliseconds from a key in the search to the list that fits it.
async fn searched(browser: &Browser) -> anyhow::Result<f64> {
    let script = "
        const done = arguments[arguments.length - 1];
        const field = document.querySelector('main input[type=search]');
        const begun = performance.now();
        field.value = '-77';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        const drawn = () => {
            const rows = [...document.querySelectorAll('[data-test=deployment]')];
            if (rows.length > 0 && rows.every((one) => one.textContent.includes('-77'))) done(performance.now() - begun);
            else requestAnimationFrame(drawn);
        };
        drawn();";
    browser.ask_and_wait(script).await?.as_f64().context("nothing was found")
}

/// Bytes that a page fetches in its first minute, without what is on its way on streams that have not ended.
async fn first_minute(browser: &Browser, root: &str) -> anyhow::Result<f64> {
    browser.devtools("Network.clearBrowserCache", json!({})).await?;
    browser.go(&format!("{root}/")).await?;
    let script = "
        if (performance.now() < 60_000) return null;
        const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
        return all.reduce((sum, one) => sum + one.transferSize, 0)";
    until("a minute of the page", async || Ok(browser.ask(script).await?.as_f64())).await
}

/// Milliseconds to the first picture and to the first row on a slow network with nothing in the cache.
async fn slowly(browser: &Browser, root: &str) -> anyhow::Result<(f64, f64)> {
    let (latency, rate) = SLOW;
    let conditions =
        json!({"offline": false, "latency": latency, "downloadThroughput": rate, "uploadThroughput": rate});
    browser.devtools("Network.clearBrowserCache", json!({})).await?;
    browser.devtools("Network.enable", json!({})).await?;
    browser.devtools("Network.emulateNetworkConditions", conditions).await?;
    let row = first_row(browser, &format!("{root}/")).await?;
    let script = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null";
    let picture = browser.ask(script).await?.as_f64().context("nothing was painted")?;
    browser.slow_down(0).await?;
    Ok((picture, row))
}

/// The middle one by size.
fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
