//! Every client that is refused is told so, whatever it was about to send, and a kept connection goes on.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use anyhow::ensure;
use serde_json::json;
use tests::server::Server;

use crate::plain::{Client, Request};

/// Clients that ask at the same time.
const CLIENTS: usize = 4;

/// A refusal, and who gives it.
struct Case {
    name: &'static str,
    address: SocketAddr,
    path: &'static str,
    /// The outcomes that are right.
    statuses: &'static [&'static str],
}

/// The outcomes of requests: statuses and errors, with the number of each.
type Count = BTreeMap<String, usize>;

/// Requests of a case, as many as `CHANGEOVER_REFUSED` says for the smallest.
fn requests() -> usize {
    std::env::var("CHANGEOVER_REFUSED").ok().and_then(|given| given.parse().ok()).unwrap_or(400)
}

/// Has `clients` ask `times` in all.
fn count(case: &Case, body: &[u8], piece: usize, chunked: bool, times: usize) -> Count {
    let mut counts = Count::new();
    std::thread::scope(|scope| {
        let asking = |_| {
            scope.spawn(|| {
                let (mut client, mut counts) = (Client::new(case.address), Count::new());
                for _ in 0..times.div_ceil(CLIENTS) {
                    let request = Request { path: case.path, headers: "", body, piece, chunked };
                    let told = match client.ask(&request) {
                        Ok((status, _)) => status.to_string(),
                        Err(error) => error.kind().to_string(),
                    };
                    *counts.entry(told).or_default() += 1;
                }
                counts
            })
        };
        let threads: Vec<_> = (0..CLIENTS).map(asking).collect();
        for thread in threads {
            for (told, times) in thread.join().expect("a client panicked") {
                *counts.entry(told).or_default() += times;
            }
        }
    });
    counts
}

#[tokio::test]
async fn every_refused_client_is_told_and_no_kept_connection_breaks() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "max_concurrent_requests": 8})).await?;
    server.deploy("closed", json!({"models": ["iris@1"], "auth": "key"})).await?;
    let (gateway, api) = (server.gateway, server.listen);
    let case = |name, address, path, statuses| Case { name, address, path, statuses };
    let cases = [
        case("unknown deployment", gateway, "/nobody/v2/models/iris/infer", &["404"]),
        case("no key", gateway, "/closed/v2/models/iris/infer", &["401"]),
        // What is longer than the gateway passes on is refused by whoever sees it first.
        case("a replica's own refusal", gateway, "/iris/v2/models/nobody/infer", &["404", "413"]),
        case("no token for the API", api, "/api/v1/models", &["401"]),
        case("no route of the API", api, "/healthz", &["405"]),
    ];
    let counted = tokio::task::spawn_blocking(move || {
        let mut broken = Vec::new();
        for case in &cases {
            for (length, share) in [(13, 1), (200, 1), (50_000, 8), (3 << 20, 100), (70 << 20, 5_000)] {
                let body = vec![b'x'; length];
                for (piece, chunked) in [(length, false), (length.div_ceil(7), false), (length.div_ceil(7), true)] {
                    let times = (requests() / share).max(CLIENTS);
                    let counts = count(case, &body, piece, chunked, times);
                    let how = if chunked { "chunks" } else { "bytes" };
                    println!("{}: {length} bytes in {how} of {piece}: {counts:?}", case.name);
                    if counts.keys().any(|told| !case.statuses.contains(&told.as_str())) {
                        broken.push(format!("{}: {length} in {how} of {piece}: {counts:?}", case.name));
                    }
                }
            }
        }
        broken
    })
    .await?;
    ensure!(counted.is_empty(), "{counted:#?}");
    Ok(())
}
