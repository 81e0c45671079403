//! A client of the public HTTP API: JSON in, JSON out, problems as sentences.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// The longest wait for a deployment to run.
const PATIENCE: Duration = Duration::from_secs(120);

/// A signed-in client.
#[derive(Clone)]
pub(crate) struct Api {
    http: Client,
    base: String,
    token: String,
}

impl Api {
    pub(super) fn new(server: SocketAddr, token: &str) -> Result<Self> {
        // The token goes through no proxy.
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { http, base: format!("http://{server}/api/v1"), token: token.to_owned() })
    }

    /// Reads a resource.
    pub(crate) async fn get(&self, path: &str) -> Result<Value> {
        answer(path, self.request(Method::GET, path)).await
    }

    /// Sends a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        answer(path, self.request(Method::POST, path).json(body)).await
    }

    /// Registers a model file as the next version of `name`.
    pub(crate) async fn register(&self, name: &str, file: &Path) -> Result<Value> {
        let bytes = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let file_name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let form = reqwest::multipart::Form::new()
            .part("file", reqwest::multipart::Part::bytes(bytes).file_name(file_name))
            .text("meta", json!({"name": name}).to_string());
        answer("/models", self.request(Method::POST, "/models").multipart(form)).await
    }

    /// Starts a rollout and gives its number.
    pub(crate) async fn roll_out(&self, deployment: &str, body: &Value) -> Result<u64> {
        let path = format!("/deployments/{deployment}/rollouts");
        self.post(&path, body).await?;
        let list = self.get(&path).await?;
        let numbers = list["items"].as_array().into_iter().flatten().filter_map(|rollout| rollout["number"].as_u64());
        numbers.max().with_context(|| format!("{path} lists no rollout after one was started: {list}"))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }
}

async fn answer(path: &str, request: RequestBuilder) -> Result<Value> {
    let response: Response = request.send().await.with_context(|| format!("the API did not answer for {path}"))?;
    let status = response.status();
    let text = response.text().await?;
    if !status.is_success() {
        bail!("the API refused {path}: {}", problem(status.as_u16(), &text));
    }
    serde_json::from_str(&text).with_context(|| format!("the API's answer for {path} is not JSON: {text}"))
}

fn problem(status: u16, text: &str) -> String {
    let body: Value = serde_json::from_str(text).unwrap_or_default();
    match (body["code"].as_str(), body["detail"].as_str()) {
        (Some(code), Some(detail)) => format!("{status} {code}: {detail}"),
        _ => format!("{status} {text}"),
    }
}

/// True when a rollout is over, for good or ill.
pub(crate) fn ended(phase: &str) -> bool {
    ["completed", "reverted", "revert_failed", "superseded", "cancelled"].contains(&phase)
}

/// Waits until a deployment runs with every replica ready, and gives its last reading.
pub(crate) async fn wait_until_running(api: &Api, deployment: &str) -> Result<Value> {
    let start = Instant::now();
    loop {
        let read = api.get(&format!("/deployments/{deployment}?include=replicas")).await?;
        let replicas = &read["replicas"];
        if read["status"] == "running" && replicas["ready"] == replicas["desired"] {
            return Ok(read);
        }
        if read["status"] == "dead" {
            bail!("the deployment {deployment} is dead: {}", read["error"]);
        }
        if start.elapsed() > PATIENCE {
            bail!("the deployment {deployment} does not run after {} s: {read}", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_by_its_code_and_detail() {
        let text = r#"{"status":409,"code":"operation_in_progress","detail":"An update is in progress."}"#;
        assert_eq!(problem(409, text), "409 operation_in_progress: An update is in progress.");
        assert_eq!(problem(502, "bad"), "502 bad");
    }
}
