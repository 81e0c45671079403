//! The replica program itself, on a real socket: each fault does what it says, and without one there is none.

use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::Response;
use rustix::process::Signal;
use serde_json::{Value, json};
use tests::processes;
use tests::program::{free_address, until};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Long enough that what never comes would have come.
const NEVER: Duration = Duration::from_millis(400);

/// The program at work; it ends when this is dropped.
struct Program {
    child: Child,
    url: String,
    http: reqwest::Client,
    began: Instant,
}

impl Program {
    fn start(faults: &[&str]) -> anyhow::Result<Self> {
        let address = free_address();
        let mut command = Command::new(env!("CARGO_BIN_EXE_faulty-replica"));
        command.args(["--port", &address.port().to_string()]);
        command.args(faults.iter().flat_map(|fault| ["--fault", fault]));
        command.env("CHANGEOVER_USER_CONFIG", r#"{"threshold": 0.5}"#);
        let began = Instant::now();
        let child = command.stdin(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { child, url: format!("http://{address}"), http, began })
    }

    /// Started, and seen to listen.
    async fn listening(faults: &[&str]) -> anyhow::Result<Self> {
        let program = Self::start(faults)?;
        until("a listener", async || Ok(program.connects().await.then_some(()))).await?;
        Ok(program)
    }

    async fn connects(&self) -> bool {
        tokio::net::TcpStream::connect(self.url.trim_start_matches("http://")).await.is_ok()
    }

    async fn get(&self, path: &str) -> reqwest::Result<Response> {
        self.http.get(format!("{}{path}", self.url)).send().await
    }

    async fn post(&self, path: &str, body: &'static str) -> reqwest::Result<Response> {
        self.http.post(format!("{}{path}", self.url)).body(body).send().await
    }

    async fn health(&self) -> anyhow::Result<u16> {
        Ok(self.get("/v2/health/ready").await?.status().as_u16())
    }

    async fn until_health(&self, status: u16) -> anyhow::Result<()> {
        let what = format!("its health route answering {status}");
        until(&what, async || Ok((self.health().await? == status).then_some(()))).await
    }

    async fn predict(&self) -> anyhow::Result<Value> {
        let answer = self.post("/v2/models/iris/infer", "{}").await?;
        ensure!(answer.status() == 200, "{answer:?}");
        Ok(answer.json().await?)
    }

    fn signal(&self, signal: Signal) {
        self.child.id().into_iter().for_each(|pid| processes::signal(pid, signal));
    }

    async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        until("its end", async || Ok(self.child.try_wait()?)).await
    }

    /// The next line that it writes to its standard error.
    async fn says(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        BufReader::new(self.child.stderr.as_mut().context("it is silent")?).read_line(&mut line).await?;
        Ok(line)
    }
}

#[tokio::test]
async fn a_healthy_one_answers_everything() -> anyhow::Result<()> {
    let program = Program::listening(&[]).await?;
    ensure!(program.health().await? == 200);
    let answer = program.predict().await?;
    ensure!(answer["outputs"][0]["data"] == json!(["setosa"]), "{answer}");
    ensure!(answer["user_config"] == json!({"threshold": 0.5}), "{answer}");

    let refused = program.post("/reconfigure", "{threshold").await?;
    ensure!(refused.status() == 400 && refused.text().await?.contains("not JSON"));
    ensure!(program.predict().await?["user_config"] == json!({"threshold": 0.5}), "a refusal changed something");
    ensure!(program.post("/reconfigure", r#"{"threshold": 0.9}"#).await?.status() == 200);
    let after = program.predict().await?;
    ensure!(after["user_config"] == json!({"threshold": 0.9}) && after["pid"] == answer["pid"], "{after}");

    let tokens = program.get("/stream?tokens=3&every=1").await?.text().await?;
    ensure!(tokens == "data: token 0\n\ndata: token 1\n\ndata: token 2\n\ndata: [DONE]\n\n", "{tokens}");
    Ok(())
}

#[tokio::test]
async fn told_to_end_it_finishes_its_streams() -> anyhow::Result<()> {
    let mut program = Program::listening(&[]).await?;
    let mut stream = program.get("/stream?tokens=20&every=20").await?;
    let mut text = stream.chunk().await?.context("no token")?.to_vec();
    program.signal(Signal::TERM);
    until("a closed door", async || Ok((!program.connects().await).then_some(()))).await?;
    while let Some(chunk) = stream.chunk().await? {
        text.extend_from_slice(&chunk);
    }
    let text = String::from_utf8(text)?;
    ensure!(text.matches("token").count() == 20 && text.ends_with("[DONE]\n\n"), "{text}");
    let status = program.ended().await?;
    ensure!(status.success(), "{status}");
    Ok(())
}

#[tokio::test]
async fn start_slowly() -> anyhow::Result<()> {
    let program = Program::listening(&["start-slowly=300ms"]).await?;
    let after = program.began.elapsed();
    ensure!(after >= Duration::from_millis(300), "it listened after {after:?}");
    ensure!(program.health().await? == 200);

    let mut starting = Program::start(&["start-slowly=600s"])?;
    starting.says().await?;
    starting.signal(Signal::TERM);
    let status = starting.ended().await?;
    ensure!(status.success(), "{status}");
    Ok(())
}

#[tokio::test]
async fn crash_at_start() -> anyhow::Result<()> {
    let mut program = Program::start(&["crash-at-start"])?;
    let said = program.says().await?;
    ensure!(said.contains("told to crash at its start"), "{said}");
    let status = program.ended().await?;
    ensure!(status.code() == Some(1), "{status}");
    Ok(())
}

#[tokio::test]
async fn crash_after() -> anyhow::Result<()> {
    let mut program = Program::listening(&["crash-after=2"]).await?;
    for _ in 0..5 {
        ensure!(program.health().await? == 200);
    }
    program.predict().await?;
    program.predict().await?;
    ensure!(program.predict().await.is_err(), "a third prediction was answered");
    let status = program.ended().await?;
    ensure!(status.code() == Some(3), "{status}");
    Ok(())
}

#[tokio::test]
async fn health_500() -> anyhow::Result<()> {
    let program = Program::listening(&["health-500"]).await?;
    ensure!(program.health().await? == 500);
    program.predict().await?;
    let later = Program::listening(&["health-500=1s"]).await?;
    ensure!(later.health().await? == 200 || later.began.elapsed() >= Duration::from_secs(1));
    later.until_health(500).await?;
    ensure!(later.began.elapsed() >= Duration::from_secs(1));
    Ok(())
}

#[tokio::test]
async fn flap() -> anyhow::Result<()> {
    let program = Program::listening(&["flap=100ms"]).await?;
    for status in [200, 503, 200, 503] {
        program.until_health(status).await?;
    }
    program.predict().await?;
    Ok(())
}

#[tokio::test]
async fn hang() -> anyhow::Result<()> {
    let mut program = Program::listening(&["hang"]).await?;
    ensure!(tokio::time::timeout(NEVER, program.health()).await.is_err(), "its health route answered");
    ensure!(tokio::time::timeout(NEVER, program.predict()).await.is_err(), "a prediction was answered");
    ensure!(program.connects().await && program.child.try_wait()?.is_none());

    let later = Program::listening(&["hang=1s"]).await?;
    ensure!(later.health().await? == 200 || later.began.elapsed() >= Duration::from_secs(1));
    let hung = async || Ok(tokio::time::timeout(NEVER, later.health()).await.is_err().then_some(()));
    until("silence", hung).await?;
    ensure!(later.began.elapsed() >= Duration::from_secs(1));
    Ok(())
}

#[tokio::test]
async fn leak() -> anyhow::Result<()> {
    let program = Program::listening(&["leak=20"]).await?;
    let pid = program.child.id().context("it has ended")?;
    until("60 MB", async || {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next());
        Ok((kilobytes.context("no size")?.parse::<u64>()? > 60 * 1024).then_some(()))
    })
    .await?;
    program.predict().await?;
    Ok(())
}

#[tokio::test]
async fn ignore_sigterm() -> anyhow::Result<()> {
    let mut program = Program::listening(&["ignore-sigterm"]).await?;
    program.signal(Signal::TERM);
    let said = program.says().await?;
    ensure!(said.contains("does not"), "{said}");
    program.predict().await?;
    ensure!(program.child.try_wait()?.is_none());
    Ok(())
}

#[tokio::test]
async fn answer_slowly() -> anyhow::Result<()> {
    let program = Program::listening(&["answer-slowly=200ms"]).await?;
    let began = Instant::now();
    program.predict().await?;
    ensure!(began.elapsed() >= Duration::from_millis(200));
    Ok(())
}

#[tokio::test]
async fn half_answer() -> anyhow::Result<()> {
    let program = Program::listening(&["half-answer"]).await?;
    let mut answer = program.post("/v2/models/iris/infer", "{}").await?;
    let promised = answer.content_length().context("nothing was promised")?;
    let mut came = 0;
    let broken = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => came += chunk.len() as u64,
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    ensure!(broken && came * 2 == promised, "{came} of {promised} bytes came, broken off: {broken}");
    ensure!(program.health().await? == 200, "the program itself goes on");
    Ok(())
}

#[tokio::test]
async fn two_faults_at_once() -> anyhow::Result<()> {
    let program = Program::listening(&["health-500", "ignore-sigterm"]).await?;
    program.signal(Signal::TERM);
    program.until_health(500).await
}

#[tokio::test]
async fn what_it_does_not_know_is_refused() -> anyhow::Result<()> {
    let mut program = Program::start(&["explode"])?;
    let said = program.says().await?;
    ensure!(said.contains("no fault explode"), "{said}");
    ensure!(program.ended().await?.code() == Some(2));
    for (fault, status) in [("explode", 2), ("hang=2s", 0)] {
        let mut check = Command::new(env!("CARGO_BIN_EXE_faulty-replica"));
        let said = check.args(["--check", "--fault", fault]).output().await?;
        ensure!(said.status.code() == Some(status), "{said:?}");
    }
    Ok(())
}
