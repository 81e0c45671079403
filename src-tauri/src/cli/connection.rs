//! The address of the server, and the token that it is asked with.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use domain::proof::{NONCE, Proof, ProofKey};
use http::HeaderValue;
use reqwest::Url;

use super::error::CliError;
use crate::config::DataDir;

/// Options that every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Asking the server (or CHANGEOVER_SERVER, _TOKEN, _CA_FILE, _DATA)")]
pub(super) struct Globals {
    /// Print what the API answered, unchanged
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Address of the API [default: the running local server]
    #[arg(long, value_name = "URL", env = "CHANGEOVER_SERVER", global = true, hide_env = true, hide_env_values = true)]
    pub(super) server: Option<String>,
    /// Token for it [default: the running local server's]
    #[arg(
        long,
        value_name = "TOKEN",
        env = "CHANGEOVER_TOKEN",
        global = true,
        hide_env = true,
        hide_env_values = true
    )]
    pub(super) token: Option<Token>,
    /// PEM file with the certificates that https trusts [default: the machine's]
    #[arg(long, value_name = "PATH", env = "CHANGEOVER_CA_FILE", global = true, hide_env = true)]
    pub(super) ca_file: Option<PathBuf>,
    /// Its data directory [default: ~/.local/share/changeover]
    #[arg(long, value_name = "DIR", env = "CHANGEOVER_DATA", global = true, hide_env = true)]
    pub(super) data: Option<PathBuf>,
}

/// A secret: it is never shown, not even by `{:?}`.
#[derive(Clone)]
pub(super) struct Token(String);

impl FromStr for Token {
    type Err = std::convert::Infallible;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    fn header(&self) -> Result<HeaderValue, CliError> {
        let mut value = HeaderValue::try_from(format!("Bearer {}", self.0)).map_err(|_| {
            CliError::Usage(
                "the token holds characters that no token has; look at --token or CHANGEOVER_TOKEN".to_owned(),
            )
        })?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// A server and the header that it is asked with.
#[derive(Clone, Debug)]
pub(super) struct Endpoint {
    /// Base URL, without `/api/v1`.
    pub(super) server: Url,
    /// `Authorization`; none when no token is known, and then the server says that one is needed.
    pub(super) authorization: Option<HeaderValue>,
    /// The condition for sending the token; none where a person has named the server and the token.
    pub(super) ours: Option<Ours>,
}

/// The server that a data directory's files name: somebody else may answer at that address by now.
#[derive(Clone, Debug)]
pub(super) struct Ours {
    /// Its data directory.
    data: DataDir,
    /// The key of its proof.
    key: ProofKey,
}

impl Endpoint {
    /// A sentence when the token would go over a network unencrypted.
    pub(super) fn warning(&self) -> Option<String> {
        let host = self.server.host_str()?;
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        let here =
            host == "localhost" || address.is_ok_and(|address| address.is_loopback() || address.is_unspecified());
        let open = self.server.scheme() == "http" && !here && self.authorization.is_some();
        open.then(|| format!("warning: the token goes to {host} unencrypted; use https://, or a tunnel (ssh -L)"))
    }
}

impl Ours {
    /// A nonce to send to it.
    ///
    /// # Errors
    /// No server holds the data directory.
    pub(super) fn challenge(&self) -> Result<[u8; NONCE], CliError> {
        if !self.data.is_held()? {
            return Err(CliError::no_server(format!(
                "no server is running with the data directory {}: the one that answered there has ended",
                self.data.path().display()
            )));
        }
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| CliError::Local {
            what: "no random number is to be had",
            source: std::io::Error::other(error),
        })?;
        Ok(nonce)
    }

    /// Takes its answer.
    ///
    /// # Errors
    /// It does not prove that this is the server.
    pub(super) fn accept(&self, server: &Url, nonce: &[u8; NONCE], proof: Option<Proof>) -> Result<(), CliError> {
        let port = server.port_or_known_default().unwrap_or_default();
        if proof.is_some_and(|proof| self.key.proves(port, nonce, &proof)) {
            return Ok(());
        }
        Err(CliError::NoServer(format!(
            "what answers at {} could not prove that it is the server of {}, so the token was not sent. \
             If an older version runs there, restart it with this one",
            server.as_str().trim_end_matches('/'),
            self.data.path().display()
        )))
    }
}

impl Globals {
    /// The named server, else the one that runs with the data directory.
    ///
    /// The local token is only ever sent to the local server, and no token to whatever answers in its place.
    pub(super) fn find(&self) -> Result<Endpoint, CliError> {
        let data = DataDir::resolve(self.data.as_deref());
        let named = self.server.as_deref().filter(|server| !server.is_empty());
        let token = self.token.as_ref().filter(|token| !token.0.is_empty());
        let (server, local) = match named {
            Some(named) => {
                let server = url(named)?;
                let running = data.as_ref().ok().and_then(|data| data.running_server().ok().flatten());
                let local = running.and_then(|running| url(&running.api).ok()) == Some(server.clone());
                (server, local)
            }
            None => {
                let data = data.as_ref().map_err(|error| CliError::NoServer(error.to_string()))?;
                let running = data.running_server()?.ok_or_else(|| {
                    CliError::no_server(format!(
                        "no server is running with the data directory {}",
                        data.path().display()
                    ))
                })?;
                (url(&running.api)?, true)
            }
        };
        let own = match &data {
            Ok(data) if local => data.read_token()?.map(Token),
            _ => None,
        };
        // Who names server and token means that address, whatever answers there.
        let ours = match (&data, own.as_ref().or(token), named.is_some() && token.is_some()) {
            (Ok(data), Some(key), false) if local => Some(Ours { data: data.clone(), key: ProofKey::of(&key.0) }),
            _ => None,
        };
        let authorization = token.or(own.as_ref()).map(Token::header).transpose()?;
        Ok(Endpoint { server, authorization, ours })
    }
}

fn url(text: &str) -> Result<Url, CliError> {
    let usage = |problem| Err(CliError::Usage(format!("--server: {problem}")));
    let Ok(url) = Url::parse(text) else {
        return usage("this is not a URL; write for example http://127.0.0.1:7070 or https://models.example");
    };
    // The text is not repeated: people put passwords into URLs.
    if !url.username().is_empty() || url.password().is_some() {
        return usage("a URL with a name or password is not taken; use --token");
    }
    match url.scheme() {
        "http" | "https" => Ok(url),
        _ => usage("the URL must begin with http:// or https://"),
    }
}
