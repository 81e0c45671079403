//! A real server: the program itself as a child process, on free ports, with a fresh data directory.
//!
//! Guarantees: when it goes out of scope, also while a test panics, the server and every replica of its
//! data directory are ended, and what the server wrote is shown with the test's output.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};

use anyhow::{Context as _, bail, ensure};
use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::processes::{self, ReplicaProcess};
use crate::program::LOOK;
pub use crate::program::{PATIENCE, Said, clean, free_address, program, run, until};

/// A server and its data directory.
pub struct Server {
    folder: tempfile::TempDir,
    options: Vec<String>,
    /// Words before the program: what starts it.
    wrapper: Vec<String>,
    child: Option<Child>,
    visible: Option<PathBuf>,
    /// Address of the API; the same after a restart.
    pub listen: SocketAddr,
    /// Address of the gateway; the same after a restart.
    pub gateway: SocketAddr,
    http: reqwest::Client,
}

/// An answer of the API.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body; text that is not JSON is a string.
    pub body: Value,
}

/// A model file of `tests/models`.
pub fn model_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(name)
}

impl Server {
    /// Starts one.
    ///
    /// # Errors
    /// It ends by itself or does not become ready.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts one with more options of `serve`.
    ///
    /// # Errors
    /// It ends by itself or does not become ready.
    pub async fn start_with(options: &[&str]) -> anyhow::Result<Self> {
        let mut server = Self::prepare(options)?;
        server.start_again().await?;
        Ok(server)
    }

    /// One that is not started yet.
    ///
    /// # Errors
    /// There is no folder to be had.
    pub fn prepare(options: &[&str]) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("changeover-").tempdir()?;
        fs::create_dir(folder.path().join("data"))?;
        Ok(Self {
            folder,
            options: options.iter().map(|&option| option.to_owned()).collect(),
            wrapper: Vec::new(),
            child: None,
            visible: None,
            listen: free_address(),
            gateway: free_address(),
            http: reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?,
        })
    }

    /// Has the program started by another one, which must become it.
    #[must_use]
    pub fn started_by(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Starts it on the same data directory and addresses.
    ///
    /// # Errors
    /// It ends by itself or does not become ready.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let output = File::options().create(true).append(true).open(self.output())?;
        let words = self.wrapper.iter().map(PathBuf::from).chain([program()]).collect::<Vec<_>>();
        let mut command = clean(&words[0]);
        command
            .args(&words[1..])
            .arg("serve")
            .arg("--data")
            .arg(self.data())
            .args(["--listen", &self.listen.to_string(), "--gateway", &self.gateway.to_string()])
            .args(["--orphan-seconds", "120"])
            .args(&self.options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output);
        self.child = Some(command.spawn().with_context(|| format!("{} cannot be started", words[0].display()))?);
        until("the server becoming ready", async || {
            let ready = self.http.get(format!("http://{}/readyz", self.listen)).send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(Some(()));
            }
            match self.child.as_mut().map(Child::try_wait).transpose()?.flatten() {
                Some(status) => bail!("the server ended by itself: {status}"),
                None => Ok(None),
            }
        })
        .await
    }

    /// Ends it at once, as `kill -9` does; its replicas stay.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the server does not run")?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Errors
    /// It does not run, or does not end.
    pub async fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        let mut child = self.child.take().context("the server does not run")?;
        processes::signal(child.id(), Signal::TERM);
        until("the server's end", async || Ok(child.try_wait()?)).await
    }

    /// Its process; none when it does not run.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Its data directory.
    pub fn data(&self) -> PathBuf {
        // As the server names it to its replicas.
        self.folder.path().canonicalize().unwrap_or_else(|_| self.folder.path().to_owned()).join("data")
    }

    /// Says where its data directory is for this process, when it is on a disk of its own.
    pub fn visible_at(&mut self, path: PathBuf) {
        self.visible = Some(path);
    }

    /// The path of the data directory as this process sees it.
    pub fn visible(&self) -> PathBuf {
        self.visible.clone().unwrap_or_else(|| self.data())
    }

    /// A folder for files of the test, removed with the server.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its token.
    ///
    /// # Errors
    /// It wrote none.
    pub fn token(&self) -> anyhow::Result<String> {
        Ok(fs::read_to_string(self.visible().join("token"))?.trim().to_owned())
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// The processes of its replicas, whether it knows them or not.
    ///
    /// # Errors
    /// The system does not list processes.
    pub fn replicas(&self) -> anyhow::Result<Vec<ReplicaProcess>> {
        processes::replicas_of(&self.data())
    }

    /// A request to the API, with the token.
    ///
    /// # Errors
    /// There is no token.
    pub fn request(&self, method: Method, path: &str) -> anyhow::Result<reqwest::RequestBuilder> {
        let url = format!("http://{}/api/v1{path}", self.listen);
        Ok(self.http.request(method, url).bearer_auth(self.token()?))
    }

    /// A request to the API without the token: of whoever has this session, or of nobody.
    pub fn request_as(&self, cookie: Option<&str>, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("http://{}/api/v1{path}", self.listen));
        match cookie {
            Some(cookie) => request.header("cookie", cookie),
            None => request,
        }
    }

    /// Reads from the API, which must answer.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        answer(self.request(Method::GET, path)?).await?.accepted(path)
    }

    /// Sends JSON to the API, which must take it.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        answer(self.request(Method::POST, path)?.json(body)).await?.accepted(path)
    }

    /// Registers the next version of a model from a file of `tests/models`.
    ///
    /// # Errors
    /// It is refused.
    pub async fn register(&self, name: &str, file: &str) -> anyhow::Result<()> {
        let part = reqwest::multipart::Part::bytes(fs::read(model_file(file))?).file_name(file.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part).text("meta", json!({"name": name}).to_string());
        answer(self.request(Method::POST, "/models")?.multipart(form)).await?.accepted("/models")?;
        Ok(())
    }

    /// Makes a deployment and waits until it runs.
    ///
    /// # Errors
    /// It is refused, or its first rollout ends in another way than `completed`.
    pub async fn deploy(&self, name: &str, configuration: Value) -> anyhow::Result<()> {
        self.post("/deployments", &json!({"name": name, "configuration": configuration})).await?;
        let first = self.until_over(name).await?;
        ensure!(first["phase"] == "completed", "{first:#}");
        Ok(())
    }

    /// Waits until no rollout of the deployment is in progress; the newest one.
    ///
    /// # Errors
    /// It never ends.
    pub async fn until_over(&self, name: &str) -> anyhow::Result<Value> {
        let deployment = format!("/deployments/{name}");
        until("the rollout's end", async || Ok(self.get(&deployment).await?["rollout"].is_null().then_some(())))
            .await?;
        let rollouts = self.get(&format!("{deployment}/rollouts?limit=1")).await?;
        let newest = &rollouts["items"][0]["number"];
        self.get(&format!("{deployment}/rollouts/{newest}")).await
    }

    /// Sends a body to a deployment's inference URL.
    ///
    /// # Errors
    /// No answer.
    pub async fn infer(&self, name: &str, path: &str, body: &Value) -> anyhow::Result<(Option<u32>, Answer)> {
        let url = format!("http://{}/{name}{path}", self.gateway);
        let response = self.http.post(url).json(body).send().await?;
        let revision = response.headers().get("x-changeover-revision");
        let revision = revision.and_then(|value| value.to_str().ok()?.parse().ok());
        Ok((revision, read(response).await?))
    }

    /// Runs the command line in [`folder`](Self::folder), with this server's data directory.
    ///
    /// # Errors
    /// It cannot be started, or does not end.
    pub async fn command(&self, words: &[&str]) -> anyhow::Result<Said> {
        let mut command = clean(&program());
        command.args(words).env("CHANGEOVER_DATA", self.visible()).current_dir(self.folder());
        run(command).await
    }
}

/// Sends a request and reads the answer.
///
/// # Errors
/// No answer.
pub async fn answer(request: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
    read(request.send().await?).await
}

async fn read(response: reqwest::Response) -> anyhow::Result<Answer> {
    let status = response.status().as_u16();
    let text = response.text().await?;
    Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
}

impl Answer {
    fn accepted(self, path: &str) -> anyhow::Result<Value> {
        ensure!((200..300).contains(&self.status), "{path} answered {}: {}", self.status, self.body);
        Ok(self.body)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
        // One that was just being started shows itself a moment later.
        let mut free_looks = 0;
        while free_looks < 3 {
            let left = self.replicas().unwrap_or_default();
            free_looks = if left.is_empty() { free_looks + 1 } else { 0 };
            left.iter().for_each(|replica| processes::end_replica(replica.pid));
            std::thread::sleep(LOOK);
        }
        let said = fs::read_to_string(self.output()).unwrap_or_default();
        let last: Vec<_> = said.lines().rev().take(40).collect();
        println!("the server's last words:");
        last.iter().rev().for_each(|line| println!("  {line}"));
    }
}
