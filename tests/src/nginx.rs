//! The proxy of the README: a real nginx with the very lines that are recommended there.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};

use crate::program::{free_address, until};
use crate::server::Server;

/// The name that the README uses.
const NAME: &str = "models.example";

/// An nginx in front of a server.
pub struct Nginx {
    folder: tempfile::TempDir,
    child: Option<Child>,
    /// The address at which nginx answers with TLS; its certificate is for `localhost`.
    pub https: SocketAddr,
    /// The address at which nginx answers without TLS.
    pub http: SocketAddr,
}

impl Nginx {
    /// One that is not started yet.
    ///
    /// # Errors
    /// No certificate is to be had.
    pub fn prepare() -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("changeover-nginx-").tempdir()?;
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        fs::write(folder.path().join("certificate.pem"), made.cert.pem())?;
        fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem())?;
        Ok(Self { folder, child: None, https: free_address(), http: free_address() })
    }

    /// The certificate, to be trusted by who asks.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// The options of `serve` that the README recommends, for this address.
    ///
    /// # Errors
    /// The README has none.
    pub fn options(&self) -> anyhow::Result<Vec<String>> {
        let readme = readme()?;
        let line = readme.lines().find(|line| line.starts_with("changeover serve --public-url"));
        let line = line.context("the README says how to start the server behind a proxy")?;
        let words = line.split_whitespace().skip(2);
        Ok(words.map(|word| word.replace(NAME, &format!("localhost:{}", self.https.port()))).collect())
    }

    /// Starts it in front of `server`.
    ///
    /// # Errors
    /// There is no nginx, or it does not take the README's lines.
    pub async fn start(&mut self, server: &Server) -> anyhow::Result<()> {
        let readme = readme()?;
        let (_, rest) = readme.split_once("```nginx\n").context("the README has a recipe for nginx")?;
        let (recipe, _) = rest.split_once("```").context("the recipe has an end")?;
        let place = |name: &str| self.folder.path().join(name).display().to_string();
        let (certificate, key) = (place("certificate.pem"), place("key.pem"));
        let listen = format!("listen {};\n    listen {} ssl;", self.http, self.https);
        let mut recipe = recipe.to_owned();
        for (before, after) in [
            ("listen 443 ssl;", listen.as_str()),
            ("/etc/ssl/models.example.pem", certificate.as_str()),
            ("/etc/ssl/models.example.key", key.as_str()),
            ("127.0.0.1:7070", &server.listen.to_string()),
            ("127.0.0.1:7080", &server.gateway.to_string()),
        ] {
            ensure!(recipe.contains(before), "the recipe says nothing of {before}");
            recipe = recipe.replace(before, after);
        }
        let own: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {};\n", place(name)))
            .concat();
        let whole = format!(
            "daemon off;\nmaster_process off;\npid {};\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{own}{recipe}}}\n",
            place("pid")
        );
        fs::write(self.folder.path().join("nginx.conf"), whole)?;
        self.start_again().await
    }

    /// Starts it with what it had before.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let log = fs::File::create(self.folder.path().join("log"))?;
        let usual = Path::new("/usr/sbin/nginx");
        let mut command = Command::new(if usual.is_file() { usual } else { Path::new("nginx") });
        command.arg("-p").arg(self.folder.path()).arg("-c").arg(self.folder.path().join("nginx.conf"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().context("nginx cannot be started; `cargo xtask setup` installs it")?;
        let child = self.child.insert(child);
        until("nginx answering", async || {
            if let Some(status) = child.try_wait()? {
                let said = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                anyhow::bail!("nginx ended by itself ({status}): {said}");
            }
            Ok(tokio::net::TcpStream::connect(self.http).await.ok().map(drop))
        })
        .await
    }

    /// Ends it at once; connections through it break.
    ///
    /// # Errors
    /// It cannot be ended.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

fn readme() -> anyhow::Result<String> {
    Ok(fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md"))?)
}
