//! A connection to the gateway that is kept from one request to the next.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A kept connection.
pub struct Connection {
    gateway: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

impl Connection {
    /// Makes one.
    ///
    /// # Errors
    /// Nobody takes it.
    pub async fn open(gateway: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(gateway).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(driver);
        Ok(Self { gateway, sender })
    }

    /// One request, never sent a second time: the revision that answered it, and the whole answer.
    ///
    /// # Errors
    /// Anything but a whole answer with status 200 and a revision.
    pub async fn ask(&mut self, method: Method, path: &str, body: Bytes) -> anyhow::Result<(u32, String)> {
        self.sender.ready().await.context("the connection was closed")?;
        let request = Request::builder().method(method).uri(path).header("host", self.gateway.to_string());
        let request = request.header("content-type", "application/json").body(Full::new(body))?;
        let (head, body) = self.sender.send_request(request).await.context("no answer")?.into_parts();
        let body = body.collect().await.context("the answer broke off")?.to_bytes();
        let text = String::from_utf8_lossy(&body).into_owned();
        ensure!(head.status == 200, "answered {}: {text}", head.status);
        let revision = head.headers.get("x-changeover-revision").context("no revision")?;
        Ok((revision.to_str()?.parse()?, text))
    }
}
