//! A real identity provider, started on loopback, and the way there and back without a browser.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, Url};
use serde_json::{Value, json};

use crate::program::{PATIENCE, free_address, until};
use crate::server::Answer;

/// The name under which the provider knows the server under test.
pub const CLIENT: &str = "changeover";
/// The secret that it has there.
pub const SECRET: &str = "a secret that two know";

/// oidc-provider in a process of its own, which ends with it.
pub struct IdentityProvider {
    folder: tempfile::TempDir,
    port: u16,
    redirects: Vec<String>,
    child: Option<Child>,
}

impl IdentityProvider {
    /// One that is not started yet, and sends people back to servers at these addresses.
    ///
    /// # Errors
    /// There is no folder to be had.
    pub fn prepare(servers: &[String]) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("changeover-identity-").tempdir()?;
        let redirects = servers.iter().map(|base| format!("{base}/api/v1/session/oidc/callback")).collect();
        let provider = Self { folder, port: free_address().port(), redirects, child: None };
        provider.say(&json!({}))?;
        Ok(provider)
    }

    /// Its address. The name of the host is another one than that of the server under test, so browsers take the two for
    /// different sites.
    pub fn issuer(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Says this of its accounts from now on: for each name, the claims beside it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn say(&self, accounts: &Value) -> anyhow::Result<()> {
        let (path, new) = (self.accounts(), self.folder.path().join("new"));
        fs::write(&new, accounts.to_string())?;
        Ok(fs::rename(new, path)?)
    }

    fn accounts(&self) -> PathBuf {
        self.folder.path().join("accounts.json")
    }

    /// Starts it, at the same address again.
    ///
    /// # Errors
    /// There is no Node.js, or it does not start.
    pub async fn start(&mut self) -> anyhow::Result<()> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let module = here.join("../target/setup/front-end-tools/node_modules/oidc-provider/lib/index.js");
        ensure!(module.is_file(), "oidc-provider is not there: run `cargo xtask setup`");
        let log = fs::File::create(self.folder.path().join("log"))?;
        let mut command = Command::new("node");
        command.arg(here.join("identity/provider.mjs")).arg(module).arg(self.port.to_string()).arg(self.accounts());
        command.args(&self.redirects).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let child =
            self.child.insert(command.spawn().context("there is no Node.js: `cargo xtask setup` says how to get it")?);
        let described = format!("http://localhost:{}/.well-known/openid-configuration", self.port);
        until("the identity provider answering", async || {
            if let Some(status) = child.try_wait()? {
                let said = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                anyhow::bail!("the identity provider ended by itself ({status}): {said}");
            }
            let answer = plain()?.get(&described).send().await;
            Ok(answer.ok().filter(|answer| answer.status().is_success()).map(drop))
        })
        .await
    }

    /// Ends it at once.
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

    /// The table `[oidc]` for it, with these lines besides; written into a data directory.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn configure(&self, data: &Path, lines: &str) -> anyhow::Result<()> {
        configure(data, &self.issuer(), lines)
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Writes settings with the identity provider `issuer` into a data directory.
///
/// # Errors
/// They cannot be written.
pub fn configure(data: &Path, issuer: &str, lines: &str) -> anyhow::Result<()> {
    fs::write(data.join("secret"), SECRET)?;
    let table = format!(
        "[oidc]\nname = \"Example\"\nissuer = \"{issuer}\"\nclient_id = \"{CLIENT}\"\nclient_secret_file = \"secret\"\n{lines}\n"
    );
    Ok(fs::write(data.join("changeover.toml"), table)?)
}

/// A client that follows nothing by itself.
fn plain() -> anyhow::Result<Client> {
    Ok(Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE).build()?)
}

/// A browser as far as cookies and redirects go: it keeps cookies for each host and port.
pub struct Traveller {
    client: Client,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
    /// The address of the server under test.
    base: String,
    /// Forms that were filled in at the provider.
    forms: u32,
}

impl Traveller {
    /// One that knows nothing yet, before the server at `base`.
    ///
    /// # Errors
    /// There is no client to be had.
    pub fn new(base: &str) -> anyhow::Result<Self> {
        Ok(Self { client: plain()?, cookies: BTreeMap::new(), base: base.to_owned(), forms: 0 })
    }

    /// A request to anywhere, with the cookies that belong there.
    async fn send(
        &mut self,
        method: Method,
        url: &Url,
        form: Option<&[(&str, &str)]>,
        body: Option<&Value>,
    ) -> anyhow::Result<Response> {
        let place = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or_default());
        let mut request = self.client.request(method, url.clone());
        if let Some(form) = form {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let known = self.cookies.entry(place).or_default();
        let shown: Vec<_> = known.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !shown.is_empty() {
            request = request.header("cookie", shown.join("; "));
        }
        let response = request.send().await?;
        for cookie in response.headers().get_all("set-cookie") {
            let (name, value) =
                cookie.to_str()?.split(';').next().unwrap_or_default().split_once('=').context("a cookie")?;
            match value {
                "" => drop(known.remove(name)),
                value => drop(known.insert(name.to_owned(), value.to_owned())),
            }
        }
        Ok(response)
    }

    /// A request to the API of the server under test.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn api(&mut self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Answer> {
        let url = Url::parse(&format!("{}/api/v1{path}", self.base))?;
        let response = self.send(method, &url, None, body).await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) })
    }

    /// Sets out for an errand: the address at the provider to which the server sends the browser.
    ///
    /// # Errors
    /// It is refused.
    pub async fn sets_out(&mut self, errand: Value) -> anyhow::Result<Url> {
        let started = self.api(Method::POST, "/session/oidc/start", Some(&errand)).await?;
        ensure!(started.status == 200, "{started:?}");
        Ok(Url::parse(started.body["location"].as_str().context("no location")?)?)
    }

    /// Signs in at the provider as `account`, and comes to the address to which it sends the browser back.
    ///
    /// # Errors
    /// It does not send it back.
    pub async fn signs_in_there(&mut self, from: &Url, account: &str) -> anyhow::Result<Url> {
        let mut at = from.clone();
        let (mut method, mut form) = (Method::GET, None);
        for _ in 0..20 {
            if at.as_str().starts_with(&self.base) {
                return Ok(at);
            }
            let response = self.send(method, &at, form.as_deref(), None).await?;
            if let Some(next) = response.headers().get("location") {
                at = at.join(next.to_str()?)?;
                (method, form) = (Method::GET, None);
                continue;
            }
            let (status, page) = (response.status(), response.text().await?);
            ensure!(page.contains("name=\"login\""), "{at} is no form to sign in ({status}): {page}");
            self.forms += 1;
            (method, form) = (Method::POST, Some(vec![("prompt", "login"), ("login", account), ("password", "any")]));
        }
        anyhow::bail!("the provider sends the browser in circles, at last to {at}")
    }

    /// What the server's page gets that the browser comes back to: it follows the way as the page does.
    ///
    /// # Errors
    /// It leads nowhere.
    pub async fn returns(&mut self, back: &Url) -> anyhow::Result<Value> {
        let response = self.send(Method::GET, back, None, None).await?;
        let location = response.headers().get("location").context("no way on")?.to_str()?;
        let (page, given) = location.split_once('#').context("nothing behind the #")?;
        ensure!(page == format!("{}/signed-in", self.base), "the way leads on to {page}");
        let given = url::form_urlencoded::parse(given.as_bytes());
        Ok(given
            .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
            .collect::<serde_json::Map<_, _>>()
            .into())
    }

    /// Finishes the way with what the page got.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn finishes(&mut self, given: &Value) -> anyhow::Result<Answer> {
        self.api(Method::POST, "/session/oidc/callback", Some(given)).await
    }

    /// The whole way, as `account`.
    ///
    /// # Errors
    /// It breaks off before its end.
    pub async fn visits(&mut self, errand: Value, account: &str) -> anyhow::Result<Answer> {
        let there = self.sets_out(errand).await?;
        let back = self.signs_in_there(&there, account).await?;
        let given = self.returns(&back).await?;
        self.finishes(&given).await
    }

    /// The number of times that the provider asked who they are.
    pub fn forms(&self) -> u32 {
        self.forms
    }

    /// Who the server takes them for.
    ///
    /// # Errors
    /// The server does not answer.
    pub async fn session(&mut self) -> anyhow::Result<Answer> {
        self.api(Method::GET, "/session", None).await
    }

    /// Forgets every cookie of the provider, as another browser would not have them.
    pub fn forgets_provider(&mut self) {
        let own = self.base.rsplit('/').next().unwrap_or_default().to_owned();
        self.cookies.retain(|place, _| *place == own);
    }
}
