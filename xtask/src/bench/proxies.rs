//! nginx and HAProxy in front of one replica: one worker each, connections kept on both sides, no logs.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::live::Address;

const PATIENCE: Duration = Duration::from_secs(10);
const MEND: &str = "Install the Debian packages nginx-light and haproxy.";

/// A running proxy; it ends when dropped.
pub(super) struct Proxy {
    child: Child,
    address: SocketAddr,
}

impl Proxy {
    /// Starts nginx in front of `replica`, keeping its files in `folder`.
    pub(super) fn nginx(folder: &Path, replica: &Address) -> Result<Self> {
        let address = free_address()?;
        let config = folder.join("nginx.conf");
        fs::write(&config, nginx_config(folder, address, replica, rustix::process::getuid().is_root()))?;
        let mut nginx = Command::new("nginx");
        nginx.arg("-p").arg(folder).arg("-c").arg(&config).arg("-e").arg(folder.join("nginx.log"));
        Self::start(nginx, address)
    }

    /// Starts HAProxy in front of `replica`, keeping its files in `folder`.
    pub(super) fn haproxy(folder: &Path, replica: &Address) -> Result<Self> {
        let address = free_address()?;
        let config = folder.join("haproxy.cfg");
        fs::write(&config, haproxy_config(address, replica))?;
        let mut haproxy = Command::new("haproxy");
        haproxy.args(["-q", "-db", "-f"]).arg(&config);
        Self::start(haproxy, address)
    }

    /// The address that the proxy listens on.
    pub(super) fn address(&self) -> Address {
        Address::Tcp(self.address)
    }

    fn start(mut command: Command, address: SocketAddr) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        // Debian keeps both where only root looks for programs.
        let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin";
        command.env("PATH", path).stdin(Stdio::null());
        let child = command.spawn().with_context(|| format!("{name} cannot be started. {MEND}"))?;
        let mut proxy = Self { child, address };
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(address).is_err() {
            if let Some(status) = proxy.child.try_wait()? {
                bail!("{name} ended by itself ({status})");
            }
            if Instant::now() > end {
                bail!("{name} does not listen after {} s", PATIENCE.as_secs());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(proxy)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Asked, not killed: nginx has to end its worker.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port on this machine")?;
    Ok(listener.local_addr()?)
}

fn nginx_config(folder: &Path, listen: SocketAddr, replica: &Address, root: bool) -> String {
    let folder = folder.display();
    let server = match replica {
        Address::Tcp(address) => address.to_string(),
        Address::Unix(path) => format!("unix:{}", path.display()),
    };
    // Only root may choose, and the replica's socket belongs to who started it.
    let user = if root { "user root;" } else { "" };
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("  {kind}_temp_path {folder}/nginx-{kind};\n"))
        .collect();
    format!(
        "{user}\nworker_processes 1;\ndaemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/nginx.log error;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n  access_log off;\n{temporary}\
         \x20 upstream replica {{ server {server}; keepalive 64; keepalive_requests 100000000; }}\n\
         \x20 server {{\n    listen {listen};\n    keepalive_requests 100000000;\n\
         \x20   location / {{ proxy_pass http://replica; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}\n  }}\n}}\n"
    )
}

fn haproxy_config(listen: SocketAddr, replica: &Address) -> String {
    let server = match replica {
        Address::Tcp(address) => address.to_string(),
        Address::Unix(path) => format!("unix@{}", path.display()),
    };
    format!(
        "global\n  nbthread 1\n  maxconn 1024\n\
         defaults\n  mode http\n  option http-keep-alive\n  http-reuse always\n\
         \x20 timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n\
         frontend measured\n  bind {listen}\n  default_backend replica\n\
         backend replica\n  server replica {server}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_given_the_replica_and_one_worker() {
        let listen = "127.0.0.1:4000".parse().unwrap();
        let nginx = nginx_config(Path::new("bench"), listen, &Address::Unix("replica.sock".into()), false);
        assert!(nginx.contains("server unix:replica.sock;") && nginx.contains("worker_processes 1;"), "{nginx}");
        assert!(!nginx.contains("user root"), "{nginx}");
        let haproxy = haproxy_config(listen, &Address::Tcp("127.0.0.1:5000".parse().unwrap()));
        assert!(haproxy.contains("server replica 127.0.0.1:5000") && haproxy.contains("nbthread 1"), "{haproxy}");
    }
}
