//! Clients of the API that have shown nothing yet take little memory, and no open file that inference needs.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::json;
use tests::clients::flower;
use tests::server::Server;

use crate::plain::{Client, Request, connect};

fn infer(client: &mut Client) -> std::io::Result<(u16, String)> {
    let (path, body) = ("/iris/v2/models/iris/infer", flower());
    client.ask(&Request { path, headers: "", body: &body, piece: body.len(), chunked: false })
}

fn silent(address: SocketAddr, many: usize) -> Vec<TcpStream> {
    (0..many).filter_map(|_| connect(address).ok()).collect()
}

/// Clients that ask at the same time where few files may be open.
const CLIENTS: usize = 6;

/// The number of clients that are answered each time.
fn at_once(gateway: SocketAddr) -> usize {
    let asking = || {
        let mut client = Client::new(gateway);
        (0..5).all(|_| infer(&mut client).is_ok_and(|(status, _)| status == 200))
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(asking)).collect();
        clients.into_iter().filter_map(|client| client.join().ok()).filter(|good| *good).count()
    })
}

#[tokio::test]
async fn where_few_files_may_be_open_inference_keeps_those_it_needs() -> anyhow::Result<()> {
    let mut server = Server::prepare(&[])?.started_by(&["sh", "-c", "ulimit -n 64; exec \"$0\" \"$@\""]);
    server.start_again().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "max_concurrent_requests": 8})).await?;
    let (gateway, api) = (server.gateway, server.listen);
    tokio::task::spawn_blocking(move || {
        let mut kept = Client::new(gateway);
        infer(&mut kept)?;
        let of_the_api = silent(api, 60);
        let good = at_once(gateway);
        println!("beside {} silent connections to the API: {good} of {CLIENTS} clients answered", of_the_api.len());
        ensure!(good == CLIENTS, "beside silent connections to the API: {good} of {CLIENTS}");
        let of_the_gateway = silent(gateway, 60);
        let (status, answer) = infer(&mut kept)?;
        println!("beside {} silent connections to the gateway too: {status}", of_the_gateway.len());
        ensure!(status == 200, "{answer}");
        Ok(())
    })
    .await?
}

/// Memory of the server, in MB.
fn memory(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("VmRSS")).context("no VmRSS")?;
    let kib: u64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kib >> 10)
}

#[tokio::test]
async fn who_has_shown_no_token_takes_little_memory() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let (api, pid) = (server.listen, server.pid().context("it runs")?);
    tokio::task::spawn_blocking(move || {
        let before = memory(pid)?;
        let body = vec![b'x'; 1_000_000];
        let mut open = Vec::new();
        for _ in 0..300 {
            let mut socket = connect(api)?;
            socket.set_write_timeout(Some(Duration::from_secs(2)))?;
            let head = "POST /api/v1/session HTTP/1.1\r\nhost: HOST\r\ncontent-type: application/json\r\n";
            let head = head.replace("HOST", &api.to_string());
            // It may be refused meanwhile.
            let _ = socket.write_all(format!("{head}content-length: 1048570\r\n\r\n").as_bytes());
            let _ = socket.write_all(&body);
            open.push(socket);
        }
        let after = memory(pid)?;
        println!("{} unfinished bodies without a token: {before} MB, then {after} MB", open.len());
        ensure!(after < before + 100, "{before} MB, then {after} MB");
        Ok(())
    })
    .await?
}

#[tokio::test]
async fn uploads_that_trickle_let_the_next_one_through() -> anyhow::Result<()> {
    let server = Server::start().await?;
    let token = server.token()?;
    let head = "POST /api/v1/models HTTP/1.1\r\nhost: HOST\r\nauthorization: Bearer TOKEN\r\n\
                content-type: multipart/form-data; boundary=b\r\ncontent-length: 1000000\r\n\r\n";
    let head = head.replace("HOST", &server.listen.to_string()).replace("TOKEN", &token);
    let mut open = Vec::new();
    for _ in 0..4 {
        let mut socket = connect(server.listen)?;
        socket.write_all(format!("{head}--b\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nx").as_bytes())?;
        open.push(socket);
    }
    let trickling = tokio::task::spawn_blocking(move || {
        while open.iter_mut().all(|socket| socket.write_all(b"x").is_ok()) {
            std::thread::sleep(Duration::from_secs(1)); // The pace of those who trickle; nobody waits for it.
        }
    });
    let began = Instant::now();
    server.register("iris", "iris-v1.onnx").await?;
    println!("beside four uploads that trickle the next one took {} ms", began.elapsed().as_millis());
    drop(server);
    trickling.await?;
    Ok(())
}
