//! A place at a replica is for work: who sends slowly keeps nobody from being answered.

use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::ensure;
use serde_json::json;
use tests::clients::flower;
use tests::server::Server;

use crate::plain::{Client, Request, connect, read};

const INFER: &str = "/iris/v2/models/iris/infer";

/// The number of other clients that ask meanwhile.
fn others() -> usize {
    if std::env::var_os("CHANGEOVER_REFUSED").is_some() { 61 } else { 20 }
}

/// A client that sends one byte of a body and then nothing.
fn stall(gateway: SocketAddr, framing: &str, first: &str) -> anyhow::Result<TcpStream> {
    let mut socket = connect(gateway)?;
    socket.write_all(format!("POST {INFER} HTTP/1.1\r\nhost: x\r\n{framing}\r\n\r\n{first}").as_bytes())?;
    Ok(socket)
}

/// The number of other clients that were answered.
fn answered(gateway: SocketAddr) -> usize {
    let body = flower();
    let ask = |_: &usize| {
        let request = Request { path: INFER, headers: "", body: &body, piece: body.len(), chunked: false };
        Client::new(gateway).ask(&request).is_ok_and(|(status, _)| status == 200)
    };
    (0..others()).filter(ask).count()
}

#[tokio::test]
async fn who_sends_slowly_holds_no_place() -> anyhow::Result<()> {
    let server = Server::start().await?;
    server.register("iris", "iris-v1.onnx").await?;
    server.deploy("iris", json!({"models": ["iris@1"], "max_concurrent_requests": 2, "max_queue_ms": 100})).await?;
    let gateway = server.gateway;
    tokio::task::spawn_blocking(move || {
        for (name, framing, first) in [
            ("short bodies", "content-length: 100", "{"),
            ("bodies in chunks", "transfer-encoding: chunked", "1\r\n{\r\n"),
        ] {
            let _held = [stall(gateway, framing, first)?, stall(gateway, framing, first)?];
            let (good, all) = (answered(gateway), others());
            println!("beside two that send one byte of {name}: {good} of {all} answered");
            ensure!(good == all, "{name}: {good} of {all}");
        }
        // A long one is passed on as it comes; its place is given back when it does not come.
        let held = [stall(gateway, "content-length: 3000000", "{")?, stall(gateway, "content-length: 3000000", "{")?];
        for socket in held {
            let (status, _, answer) = read(&mut BufReader::new(socket))?;
            ensure!(status == 408 && answer.contains("request_timeout"), "{status} {answer}");
        }
        let good = answered(gateway);
        ensure!(good == others(), "after long ones: {good}");
        Ok(())
    })
    .await?
}
