//! A replica's output is bounded while it is written, whatever prints it and whatever happens to the server, and goes with
//! its deployment. `CHANGEOVER_OUTPUT_MB` makes the program print as much; the highest size that was seen is printed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::program::until;
use tests::server::{Server, answer};

/// Prints what it is told, then answers; the last line says that it has printed all.
const PROGRAM: &str = r#"
import http.server, os, sys
line = b"x" * 1023 + b"\n"
for _ in range(int(sys.argv[2])):
    os.write(1, line * 1024)
os.write(2, b"all is printed\n")
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

/// The most bytes that the output of a replica may take: two files, and a piece.
const BOUND: u64 = (8 << 20) + (64 << 10);

fn configuration(megabytes: u64) -> Value {
    json!({"runtime": "command", "command": ["python3", "-c", PROGRAM, "{port}", megabytes.to_string()]})
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let each = entries.map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size(&entry.path()),
        Ok(metadata) => metadata.len(),
        Err(_) => 0,
    });
    each.sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn output_is_bounded_while_it_is_written_and_goes_with_its_deployment() -> anyhow::Result<()> {
    let megabytes = std::env::var("CHANGEOVER_OUTPUT_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let mut server = Server::start().await?;
    let logs = server.data().join("logs");
    let body = json!({"name": "loud", "configuration": configuration(megabytes)});
    server.post("/deployments", &body).await?;
    let mut highest = 0;
    let mut killed = false;
    until("the last line of what is printed", async || {
        highest = highest.max(size(&logs));
        // Half of it is printed while there is no server.
        if highest > 1 << 20 && !killed {
            server.kill()?;
            for _ in 0..20 {
                highest = highest.max(size(&logs));
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            server.start_again().await?;
            killed = true;
        }
        let view = server.get("/deployments/loud?include=replicas").await?;
        Ok((view["replicas"]["ready"] == 1).then_some(()))
    })
    .await?;
    println!("{megabytes} MB printed; at most {highest} bytes of output on the disk");
    assert!(killed && highest <= BOUND, "{highest} bytes");
    let lines = server.get("/deployments/loud/logs?limit=10").await?;
    assert!(lines.to_string().contains("all is printed"), "{lines}");

    answer(server.request(Method::DELETE, "/deployments/loud")?).await?;
    until("the end of its output", async || Ok((size(&logs) == 0 && fs::read_dir(&logs)?.count() == 0).then_some(())))
        .await?;
    assert_eq!(fs::read_dir(server.data().join("work"))?.count(), 0);
    Ok(())
}
