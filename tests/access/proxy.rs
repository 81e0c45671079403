//! The proxy that the README recommends for other machines: nginx with TLS in front, the interface under a path.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::nginx::Nginx;
use tests::program::{PATIENCE, Said, clean, program, run};
use tests::server::{Server, answer};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::ChildStdout;

/// Answers, and says a number that grows, ten times a second.
const TICKS: &str = r#"
import http.server, sys, threading, time
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    do_POST = do_GET
def tick():
    for n in range(100000):
        print("tick", n, flush=True)
        time.sleep(0.1)
threading.Thread(target=tick, daemon=True).start()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

struct Proxied {
    nginx: Nginx,
    server: Server,
}

impl Proxied {
    async fn start() -> anyhow::Result<Self> {
        let mut nginx = Nginx::prepare()?;
        let options = nginx.options()?;
        let server = Server::start_with(&options.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        nginx.start(&server).await?;
        let configuration = json!({"runtime": "command", "command": ["python3", "-c", TICKS, "{port}"],
            "routes": {"health": "/"}, "request_log": true});
        server.deploy("talk", configuration).await?;
        Ok(Self { nginx, server })
    }

    /// The command line of somebody on another machine: it knows no data directory.
    fn command(&self, words: &[&str]) -> anyhow::Result<std::process::Command> {
        let mut command = clean(&program());
        command.args(words).args(["--server", &format!("https://localhost:{}/ops", self.nginx.https.port())]);
        command.env("CHANGEOVER_TOKEN", self.server.token()?).env("CHANGEOVER_DATA", self.server.folder().join("none"));
        Ok(command)
    }

    async fn says(&self, words: &[&str]) -> anyhow::Result<Said> {
        run(self.command(words)?).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_recipe_of_the_readme_works() -> anyhow::Result<()> {
    let proxied = Proxied::start().await?;
    let certificate = proxied.nginx.certificate().display().to_string();
    let said = proxied.says(&["status", "talk", "--json", "--ca-file", &certificate]).await?;
    ensure!(said.status == Some(0), "{said:?}");
    let view: Value = serde_json::from_str(&said.out)?;
    let port = proxied.nginx.https.port();
    ensure!(view["url"] == format!("https://localhost:{port}/talk"), "the URL that callers use: {}", view["url"]);
    // A certificate that nobody vouches for.
    let said = proxied.says(&["status"]).await?;
    ensure!(said.status == Some(3) && said.err.contains("certificate"), "{said:?}");

    // A page of the interface at its public address may ask, and one of another host is told how it could.
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    let url = |path: &str| format!("http://{}{path}", proxied.nginx.http);
    for (origin, status) in [(format!("https://localhost:{port}"), 200), ("https://other.example".to_owned(), 403)] {
        let request = client.post(url("/ops/api/v1/deployments/talk/rehearse")).bearer_auth(proxied.server.token()?);
        let answer = answer(request.header("origin", origin).json(&json!({"set": {"replicas": 2}}))).await?;
        ensure!(answer.status == status, "{answer:?}");
        let told = answer.body["detail"].as_str().unwrap_or_default();
        ensure!(status == 200 || told.contains("--host-name other.example"), "{answer:?}");
    }
    // The page's addresses stay under the path, from wherever it is loaded.
    for (page, root) in [("/ops/", "./"), ("/ops/deployments/talk", "../")] {
        let text = client.get(url(page)).send().await?.text().await?;
        ensure!(!text.contains("=\"/"), "an address leaves /ops: {text}");
        for address in text.split('"').filter(|part| part.starts_with(root) && part.contains("assets/")) {
            let base = reqwest::Url::parse(&url(page))?;
            let status = client.get(base.join(address)?).send().await?.status();
            ensure!(status == 200, "{page} names {address}, which is {status}");
        }
    }
    let answer = answer(client.post(url("/talk/predict")).json(&json!({}))).await?;
    ensure!(answer.body == "ok", "inference: {answer:?}");
    // Events come as they happen.
    let request = client.get(url("/ops/api/v1/events?after=0")).bearer_auth(proxied.server.token()?);
    let mut events = request.send().await?;
    let first = tokio::time::timeout(Duration::from_secs(10), events.chunk()).await??.context("no event")?;
    ensure!(String::from_utf8_lossy(&first).contains("event: change"), "{first:?}");
    Ok(())
}

/// Tries to sign in with a wrong token, from an address of this machine, and claims to be `claimed`; the status.
async fn try_to_sign_in(base: &str, from: [u8; 4], claimed: &str) -> anyhow::Result<u16> {
    let from = std::net::IpAddr::from(from);
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).local_address(from).build()?;
    let request = client.post(format!("{base}/api/v1/session")).header("x-forwarded-for", claimed);
    Ok(request.json(&json!({"token": "wrong"})).send().await?.status().as_u16())
}

/// Twenty attempts a minute for each source: the address that nginx has seen, and for whoever asks the server itself their
/// own, whatever they claim.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attempts_are_counted_by_the_address_that_a_trusted_proxy_has_seen() -> anyhow::Result<()> {
    let proxied = Proxied::start().await?;
    let (through, past) = (format!("http://{}/ops", proxied.nginx.http), format!("http://{}", proxied.server.listen));
    let (eve, ada, mallory) = ([127, 0, 0, 2], [127, 0, 0, 3], [127, 0, 0, 4]);
    for (base, from) in [(&through, eve), (&past, mallory)] {
        for n in 0..20 {
            let status = try_to_sign_in(base, from, "127.0.0.3").await?;
            ensure!(status == 401, "attempt {n} of {from:?}: {status}");
        }
        for claimed in ["127.0.0.3", "198.51.100.7", "127.0.0.3, 127.0.0.1"] {
            let status = try_to_sign_in(base, from, claimed).await?;
            ensure!(status == 429, "{from:?} came in as {claimed}: {status}");
        }
    }
    // Whom they claimed to be has not tried yet.
    for base in [&through, &past] {
        let status = try_to_sign_in(base, ada, "127.0.0.2").await?;
        ensure!(status == 401, "{base}: {status}");
    }
    Ok(())
}

async fn tick(lines: &mut Lines<BufReader<ChildStdout>>) -> anyhow::Result<u32> {
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.context("no line comes")??;
    let line = line.context("it ended")?;
    Ok(line.rsplit(' ').next().context("a number")?.parse()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn followed_logs_pass_the_proxy_and_go_on_when_it_was_started_again() -> anyhow::Result<()> {
    let mut proxied = Proxied::start().await?;
    let certificate = proxied.nginx.certificate().display().to_string();
    let command = proxied.command(&["logs", "talk", "--follow", "--limit", "1", "--ca-file", &certificate])?;
    let mut command = tokio::process::Command::from(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
    let mut child = command.spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
    let first = tick(&mut lines).await?;
    ensure!(tick(&mut lines).await? == first + 1);
    proxied.nginx.stop()?;
    proxied.nginx.start_again().await?;
    for n in first + 2..first + 40 {
        let next = tick(&mut lines).await?;
        ensure!(next == n, "{next} came where {n} was next");
    }
    // Ctrl-C is told as shells tell it.
    tests::processes::signal(child.id().context("it runs")?, rustix::process::Signal::INT);
    let status = tokio::time::timeout(PATIENCE, child.wait()).await??;
    ensure!(status.code() == Some(130), "{status}");
    Ok(())
}
