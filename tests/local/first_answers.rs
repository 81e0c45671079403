//! Ready means that a replica answers: the fate of a program whose health route says more than is true.

use std::time::Duration;

use anyhow::ensure;
use serde_json::{Value, json};
use tests::program::until;
use tests::server::Server;

/// Says that it is well at once. Predictions are answered with the status in its second argument until the file in the
/// third is there, and well from then on.
const PROGRAM: &str = r#"
import http.server, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(200, b"{}")
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        if os.path.exists(sys.argv[3]):
            self.answer(200, b"{}")
        else:
            self.answer(int(sys.argv[2]), b'{"error": "the model is not loaded"}')
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

fn configuration(server: &Server, status: u16, loaded: &str, sample: Value) -> Value {
    let loaded = server.folder().join(loaded);
    json!({
        "runtime": "command",
        "command": ["python3", "-c", PROGRAM, "{port}", status.to_string(), loaded],
        "routes": {"predict": "/score"},
        "sample_request": sample,
        "max_concurrent_requests": 4,
    })
}

fn load(server: &Server, file: &str) -> anyhow::Result<()> {
    Ok(std::fs::write(server.folder().join(file), "")?)
}

/// Requests from now on, until it is dropped or asked how many were answered how.
struct Callers(tokio::task::JoinHandle<Vec<u16>>, tokio::sync::oneshot::Sender<()>);

impl Callers {
    fn of(server: &Server, name: &str) -> Self {
        let url = format!("http://{}/{name}/score", server.gateway);
        let (end, mut ended) = tokio::sync::oneshot::channel();
        let asking = async move {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let mut statuses = Vec::new();
            while ended.try_recv().is_err() {
                let answer = client.post(&url).body("{}").send().await;
                statuses.push(answer.map_or(0, |answer| answer.status().as_u16()));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            statuses
        };
        Self(tokio::spawn(asking), end)
    }

    async fn end(self) -> anyhow::Result<Vec<u16>> {
        let _ = self.1.send(());
        Ok(self.0.await?)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_gets_traffic_once_it_answers_and_not_when_it_says_that_it_is_well() -> anyhow::Result<()> {
    let server = Server::start().await?;
    load(&server, "one")?;
    let body = json!({"body": {"x": 1}});
    server.deploy("model", configuration(&server, 503, "one", body.clone())).await?;
    let callers = Callers::of(&server, "model");
    // The file of the second revision is not there yet.
    let strategy = json!({"max_surge": 1, "max_unavailable": 0});
    let changes =
        json!({"set": {"command": configuration(&server, 503, "two", body)["command"]}, "strategy": strategy});
    server.post("/deployments/model/rollouts", &changes).await?;
    until("the second revision being asked", async || {
        let replicas = server.get("/deployments/model?include=replicas").await?;
        let list = replicas["replica_list"].as_array().cloned().unwrap_or_default();
        let said = list.iter().any(|replica| replica["doing"].to_string().contains("status 503: {\\\"error"));
        Ok((said && list.iter().any(|replica| replica["state"] == "starting")).then_some(()))
    })
    .await?;
    load(&server, "two")?;
    let over = server.until_over("model").await?;
    ensure!(over["phase"] == "completed", "{over:#}");
    let statuses = callers.end().await?;
    let bad = statuses.iter().filter(|status| **status != 200).count();
    ensure!(bad == 0 && statuses.len() > 10, "{bad} of {} requests were not answered well", statuses.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_whose_first_answers_all_fail_is_taken_out() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let mut configuration = configuration(&server, 500, "later", json!("none"));
    configuration["liveness"] = json!({"period_seconds": 1});
    server.deploy("model", configuration).await?;
    let pids = || Ok::<_, anyhow::Error>(server.replicas()?.iter().map(|replica| replica.pid).collect::<Vec<_>>());
    let before = pids()?;
    let callers = Callers::of(&server, "model");
    until("the replica being taken out", async || {
        let history = server.get("/history?deployment=model&limit=50").await?;
        Ok(history.to_string().contains("its first 5 answers all failed").then_some(()))
    })
    .await?;
    let statuses = callers.end().await?;
    ensure!(statuses.iter().filter(|status| **status == 500).count() >= 5, "{statuses:?}");
    let (_, answer) = server.infer("model", "/score", &json!({})).await?;
    ensure!(answer.status == 503, "it gets no requests: {answer:?}");
    // It is left alone, so that its program can load its model.
    load(&server, "later")?;
    until("its return", async || {
        let deployment = server.get("/deployments/model").await?;
        Ok((deployment["replicas"]["ready"] == 1).then_some(()))
    })
    .await?;
    ensure!(pids()? == before, "the same process as before");
    let (_, answer) = server.infer("model", "/score", &json!({})).await?;
    ensure!(answer.status == 200, "{answer:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_callers_own_mistakes_take_nobody_out() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.deploy("model", configuration(&server, 422, "never", json!("none"))).await?;
    for _ in 0..20 {
        let (_, answer) = server.infer("model", "/score", &json!({})).await?;
        ensure!(answer.status == 422, "{answer:?}");
    }
    let deployment = server.get("/deployments/model").await?;
    ensure!(deployment["replicas"]["ready"] == 1, "{deployment:#}");
    Ok(())
}
