//! Starts `changeover serve` on a fresh data directory and ends it when dropped.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::Api;
use crate::paths::Paths;
use crate::setup;

/// The longest time for a start or a stop; after that, something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    child: Child,
    data: PathBuf,
    listen: SocketAddr,
    gateway: SocketAddr,
    output: PathBuf,
    /// From the start of the process to its first answer that it is ready.
    pub(crate) ready_after: Duration,
}

impl Server {
    /// Starts `program` on 7070 and 7080 or, where these are taken, on free ports, keeping its data in
    /// `target/AREA/PORT`, which is emptied first: who kept data there before held the port.
    pub(crate) async fn start(paths: &Paths, program: &Path, area: &str) -> Result<Self> {
        let (listen, gateway) = (free_address(7070)?, free_address(7080)?);
        let folder = paths.target().join(area).join(listen.port().to_string());
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
        }
        let (data, output) = (folder.join("data"), folder.join("server.log"));
        fs::create_dir_all(&data)?;
        let log = fs::File::create(&output)?;
        let start = Instant::now();
        let mut command = Command::new(program);
        command
            .arg("serve")
            .arg("--data")
            .arg(&data)
            .args(["--listen", &listen.to_string(), "--gateway", &gateway.to_string()])
            .env(setup::ONNXRUNTIME, setup::onnxruntime(paths))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let child = command.spawn().with_context(|| format!("{} cannot be started", program.display()))?;
        let mut server = Self { child, data, listen, gateway, output, ready_after: Duration::ZERO };
        server.wait_until_ready(start).await?;
        server.ready_after = start.elapsed();
        Ok(server)
    }

    async fn wait_until_ready(&mut self, start: Instant) -> Result<()> {
        let client = reqwest::Client::new();
        let url = format!("http://{}/readyz", self.listen);
        loop {
            if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended by itself ({status}). It said:\n{}", self.said());
            }
            if start.elapsed() > PATIENCE {
                bail!("the server was not ready after {} s. It said:\n{}", PATIENCE.as_secs(), self.said());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// A client with the token that the server wrote.
    pub(crate) fn api(&self) -> Result<Api> {
        let file = self.data.join("token");
        let token = fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        Api::new(self.listen, token.trim())
    }

    /// The link that signs a browser in: the first one on the interface's address that the server printed.
    pub(crate) fn sign_in_link(&self) -> Result<String> {
        let (said, start) = (self.said(), format!("http://{}/", self.listen));
        let links = said.split(|c: char| c.is_whitespace() || c == '"').filter(|word| word.len() > start.len());
        let link = links.into_iter().find(|word| word.starts_with(&start)).map(str::to_owned);
        link.with_context(|| format!("the server printed no sign-in link. It said:\n{said}"))
    }

    /// The URL of a deployment.
    pub(crate) fn url(&self, deployment: &str) -> String {
        format!("http://{}/{deployment}", self.gateway)
    }

    /// The address that the gateway listens on.
    pub(crate) fn gateway(&self) -> SocketAddr {
        self.gateway
    }

    /// The server's process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The file that the server's output goes to.
    pub(crate) fn output(&self) -> &Path {
        &self.output
    }

    /// Waits for the server to end; it gets an interrupt from the terminal by itself.
    pub(crate) fn wait(&mut self) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.child.try_wait()?.is_none() {
            if Instant::now() > end {
                bail!("the server did not end within {} s of being asked to", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.output).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // Asked first, so that it drains and ends its replicas.
        let asked = kill_process(Pid::from_child(&self.child), Signal::TERM).is_ok();
        if !asked || self.wait().is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A loopback address with this port, or with any free one when it is taken.
fn free_address(port: u16) -> Result<SocketAddr> {
    let at = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|listener| listener.local_addr());
    at(port).or_else(|_| at(0)).context("no free port on this machine")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_avoided() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_ne!(free_address(port).unwrap().port(), port);
    }
}
