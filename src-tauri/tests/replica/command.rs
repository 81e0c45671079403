//! The `command` runtime: any program.

use std::io::{ErrorKind, Seek as _, Write as _};

use hyper::StatusCode;
use rustix::process::Signal;
use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpSocket};

use crate::host::{Start, in_time, model};

/// A replica that runs a shell script; `$0`, `$1`, `$2` are what the placeholders became.
fn shell(port: u16, script: &str) -> Start {
    Start::new()
        .args(["--runtime", "command", "--model", "m@2", "--port", &port.to_string(), "--health-path", "/healthy"])
        .args(["--", "sh", "-c", script, "{port}"])
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

#[tokio::test]
async fn ready_is_what_the_programs_health_route_says() {
    let (program, port) = listener().await;
    let start = shell(port, "exec sleep 60").listens(&program);
    // The test answers in the program's place.
    let answers = tokio::spawn(async move {
        let mut asked = Vec::new();
        for status in ["500 Internal Server Error", "200 OK"] {
            let (mut stream, _) = program.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).await.unwrap();
            asked.push(String::from_utf8_lossy(&head[..length]).lines().next().unwrap_or_default().to_owned());
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        asked
    });
    let mut replica = start.spawn();
    replica.says("started the program").await;
    let (status, answer) = replica.get("control", "/ready").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer["reason"], "the program's health route /healthy answers 500");
    assert_eq!(replica.get("control", "/ready").await, (StatusCode::OK, json!({ "ready": true })));
    assert_eq!(answers.await.unwrap(), ["GET /healthy HTTP/1.1", "GET /healthy HTTP/1.1"]);
}

#[tokio::test]
async fn a_program_that_does_not_listen_yet_is_not_ready() {
    // Taken and never listened on: whoever connects is refused.
    let taken = TcpSocket::new_v4().unwrap();
    taken.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let port = taken.local_addr().unwrap().port();
    let mut replica = shell(port, "exec sleep 600").spawn();
    replica.says("started the program").await;
    let (status, answer) = replica.get("control", "/ready").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer["reason"].as_str().unwrap().contains(&format!("does not listen on port {port} yet")), "{answer}");
}

#[tokio::test]
async fn whoever_took_the_programs_port_is_asked_nothing() {
    let (stranger, port) = listener().await;
    let mut replica = shell(port, "exec sleep 600").args(["x"]).spawn();
    replica.says("started the program").await;
    let (status, answer) = replica.get("control", "/ready").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let expected = format!(
        "the program does not listen on port {port} yet: port {port} is taken by a process that this replica has not started"
    );
    assert_eq!(answer["reason"], expected);
    let stranger = stranger.into_std().unwrap();
    assert_eq!(stranger.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "not even a connection was made");
}

#[tokio::test]
async fn what_is_nobody_elses_business_comes_on_standard_input() {
    let mut sheet = tempfile::tempfile().unwrap();
    for word in ["--user-config={\"key\":\"secret\"}", "--", "sh", "-c", "echo $CHANGEOVER_USER_CONFIG; exec sleep 600"]
    {
        write!(sheet, "{word}\0").unwrap();
    }
    sheet.rewind().unwrap();
    let mut start = Start::new().args(["--runtime", "command", "--port", "4711", "--words-on-standard-input"]);
    start.command.stdin(sheet);
    let mut replica = start.spawn();
    let mut output = BufReader::new(replica.child.stdout.take().unwrap()).lines();
    assert_eq!(in_time(output.next_line()).await.unwrap().as_deref(), Some(r#"{"key":"secret"}"#));
    let line = std::fs::read(format!("/proc/{}/cmdline", replica.pid())).unwrap();
    assert!(!String::from_utf8_lossy(&line).contains("secret"));
}

#[tokio::test]
async fn placeholders_and_environment_reach_the_program() {
    let script = r#"echo "$0|$1|$2|$CHANGEOVER_PORT|$CHANGEOVER_MODEL_NAME|$CHANGEOVER_USER_CONFIG""#;
    let artifact = model("iris-v1.onnx");
    let mut start = Start::new()
        .args(["--runtime", "command", "--port", "4711", "--user-config", "{\"a\":1}"])
        .model(&artifact)
        .args(["--", "sh", "-c", script, "p={port}", "{model}", "{other}"]);
    let output = in_time(start.command.output()).await.unwrap();
    let expected = format!("p=4711|{}|{{other}}|4711|m@2|{{\"a\":1}}\n", artifact.display());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    assert_eq!(output.status.code(), Some(0));

    let start = Start::new()
        .args(["--runtime", "command", "--model", "m@2", "--port", "4711", "--digest", &"0".repeat(64)])
        .arg("--artifact")
        .arg(&artifact)
        .args(["--", "true"]);
    let (status, said) = start.fails().await;
    assert_eq!(status, Some(78));
    assert!(said.contains("has been changed"), "{said}");

    let start = shell(4711, "true").arg("{env}");
    let (status, said) = start.fails().await;
    assert_eq!(
        (status, said.as_str()),
        (Some(78), "changeover replica: the command uses {env}, and environment.python asks for no environment\n")
    );
}

#[tokio::test]
async fn the_end_of_the_program_is_the_end_of_the_replica_with_its_status() {
    for (script, expected) in [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137)] {
        assert_eq!(shell(4711, script).fails().await.0, Some(expected), "{script}");
    }
    let missing =
        Start::new().args(["--runtime", "command", "--model", "m@2", "--port", "1", "--", "/no/such/program"]);
    let (status, said) = missing.fails().await;
    assert_eq!(status, Some(78), "trying again changes nothing");
    assert!(said.contains("the program \"/no/such/program\" cannot be started: No such file"), "{said}");
}

#[tokio::test]
async fn told_to_end_it_asks_the_program_and_then_ends_it() {
    let polite = "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.01; done";
    let stubborn = "trap '' TERM; echo up; while :; do sleep 0.01; done";
    for (script, drain, words) in [(polite, "30", vec!["bye".to_owned()]), (stubborn, "0", vec![])] {
        let start = Start::new()
            .args(["--runtime", "command", "--model", "m@2", "--port", "4711", "--drain-seconds", drain])
            .args(["--", "sh", "-c", script]);
        let mut replica = start.spawn();
        let mut output = BufReader::new(replica.child.stdout.take().unwrap()).lines();
        assert_eq!(in_time(output.next_line()).await.unwrap().as_deref(), Some("up"));
        replica.signal(Signal::TERM);
        let mut said = Vec::new();
        while let Some(line) = in_time(output.next_line()).await.unwrap() {
            said.push(line);
        }
        assert_eq!(said, words);
        assert_eq!(replica.ended().await, Some(0));
    }
}

#[tokio::test]
async fn a_killed_replica_takes_its_program_with_it() {
    let mut replica = shell(4711, "echo up; exec sleep 600").spawn();
    let mut output = BufReader::new(replica.child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).await.unwrap();
    assert_eq!(line, "up\n");
    replica.signal(Signal::KILL);
    // The pipe ends when the last process that holds it has ended.
    let mut rest = String::new();
    in_time(output.read_to_string(&mut rest)).await.unwrap();
    assert_eq!(replica.ended().await, None);
}
