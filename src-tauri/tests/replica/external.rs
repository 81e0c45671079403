//! External models: watched over http and https, and predictions are sent on to them.

use std::sync::Arc;

use hyper::StatusCode;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::host::{Replica, Start, in_time};

/// A replica that watches `url`, every second.
fn watching(url: &str) -> Start {
    let start =
        Start::new().args(["--runtime", "external", "--kind", "external", "--url", url, "--period-seconds", "1"]);
    let socket = start.folder.path().join("socket");
    start.arg("--socket").arg(socket)
}

/// Answers one request for the health route with this status.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, status: &str) {
    let mut head = vec![0; 4096];
    let length = stream.read(&mut head).await.unwrap();
    assert!(head[..length].starts_with(b"GET /v2/health/ready "), "{:?}", String::from_utf8_lossy(&head));
    let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

async fn ready(replica: &Replica) {
    in_time(async {
        while replica.get("control", "/ready").await.0 != StatusCode::OK {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_external_model_is_watched_and_predictions_are_sent_on() {
    let elsewhere = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/v2/health/ready", elsewhere.local_addr().unwrap());
    let mut replica = watching(&url).spawn();
    replica.says("watches").await;
    let answers = async |status: &str| answer(elsewhere.accept().await.unwrap().0, status).await;
    answers("503 Service Unavailable").await;
    replica.says("answers 503").await;
    let (status, said) = replica.get("control", "/ready").await;
    assert!(status == StatusCode::SERVICE_UNAVAILABLE && said["reason"].as_str().unwrap().contains("503"), "{said}");
    // A model that wants a credential is there all the same.
    answers("401 Unauthorized").await;
    ready(&replica).await;
    let (status, problem) = replica.infer_text("{}").await;
    assert_eq!((status, &problem["url"]), (StatusCode::MISDIRECTED_REQUEST, &json!(url)));
    assert_eq!((&problem["code"], &problem["error"]), (&json!("answers_elsewhere"), &problem["detail"]));
    assert!(problem["error"].as_str().unwrap().contains(&url), "{problem}");
    drop(elsewhere);
    let said = replica.says("does not answer").await;
    assert!(said.contains("refused"), "{said}");
}

#[tokio::test]
async fn over_https_only_a_server_with_a_trusted_certificate_is_there() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let elsewhere = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://localhost:{}/v2/health/ready", elsewhere.local_addr().unwrap().port());

    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, made.cert.pem()).unwrap();
    let mut start = watching(&url);
    start.command.env("SSL_CERT_FILE", &trusted).env_remove("SSL_CERT_DIR");
    let replica = start.spawn();
    answer(acceptor.accept(elsewhere.accept().await.unwrap().0).await.unwrap(), "200 OK").await;
    ready(&replica).await;
    drop(replica);

    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&trusted, other.cert.pem()).unwrap();
    let mut start = watching(&url);
    start.command.env("SSL_CERT_FILE", &trusted).env_remove("SSL_CERT_DIR");
    let mut replica = start.spawn();
    let refused = acceptor.accept(elsewhere.accept().await.unwrap().0).await.err();
    assert!(refused.is_some(), "it speaks to a server that nobody vouches for");
    let said = replica.says("does not answer").await;
    assert!(said.contains("certificate"), "{said}");
}
