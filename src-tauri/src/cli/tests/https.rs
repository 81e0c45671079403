//! Over TLS: nothing is waited for without an end.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Call, Outcome};

/// A listener, its certificate's key, and a folder with the certificate.
async fn listener() -> (TcpListener, TlsAcceptor, TempDir) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("trusted.pem"), made.cert.pem()).unwrap();
    (TcpListener::bind("127.0.0.1:0").await.unwrap(), TlsAcceptor::from(Arc::new(config)), folder)
}

/// The outcome of the call; once `stalled` is over, time passes for nothing but the call's own limits.
async fn given_up(words: &[&str], listener: &TcpListener, folder: &TempDir, stalled: impl Future) -> Outcome {
    let url = format!("https://{}", listener.local_addr().unwrap());
    let trusted = folder.path().join("trusted.pem");
    let more = ["--server", &url, "--token", "t", "--ca-file", trusted.to_str().unwrap()];
    let call = Call::new(&[words, &more].concat()).run();
    let silence = async {
        let _open = stalled.await;
        tokio::time::pause();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        outcome = tokio::time::timeout(Duration::from_secs(3_600), call) => outcome.unwrap(),
        () = silence => unreachable!("it never ends"),
    }
}

#[tokio::test]
async fn an_answer_that_stops_in_the_middle_is_given_up() {
    let (listener, acceptor, folder) = listener().await;
    let stalled = async {
        let mut stream = acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        stream
    };
    let outcome = given_up(&["status"], &listener, &folder, stalled).await;
    assert!(outcome.status == 1 && outcome.err.contains("did not answer within 60 seconds"), "{outcome:?}");
}

#[tokio::test]
async fn a_handshake_that_is_not_answered_is_given_up() {
    let (listener, _, folder) = listener().await;
    let model = folder.path().join("model.onnx");
    std::fs::write(&model, "x").unwrap();
    let words = ["model", "register", "iris", model.to_str().unwrap()];
    let outcome = given_up(&words, &listener, &folder, async { listener.accept().await.unwrap() }).await;
    assert!(outcome.status == 3 && outcome.err.contains("took too long"), "{outcome:?}");
}
