//! Where the server is, and with which token it is asked.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use http::HeaderValue;
use reqwest::Url;

use super::error::CliError;
use crate::config::DataDir;

/// What every command takes.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Asking the server (or CHANGEOVER_SERVER, _TOKEN, _DATA)")]
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
}

impl Globals {
    /// The named server, else the one that runs with the data directory.
    ///
    /// The local token is only ever sent to the local server.
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
                    CliError::NoServer(format!(
                        "no server is running with the data directory {}. \
                         Start one with `changeover serve`, or name one with --server URL",
                        data.path().display()
                    ))
                })?;
                (url(&running.api)?, true)
            }
        };
        let authorization = match (token, &data) {
            (Some(token), _) => Some(token.header()?),
            (None, Ok(data)) if local => data.read_token()?.map(|text| Token(text).header()).transpose()?,
            _ => None,
        };
        Ok(Endpoint { server, authorization })
    }
}

fn url(text: &str) -> Result<Url, CliError> {
    let usage = |problem| Err(CliError::Usage(format!("--server: {problem}")));
    let Ok(url) = Url::parse(text) else {
        return usage("this is not a URL; write for example http://127.0.0.1:7070");
    };
    // The text is not repeated: people put passwords into URLs.
    if !url.username().is_empty() || url.password().is_some() {
        return usage("a URL with a name or password is not taken; use --token");
    }
    match url.scheme() {
        "http" => Ok(url),
        "https" => usage("https is not spoken here; use an encrypted tunnel (ssh -L) and http"),
        _ => usage("the URL must begin with http://"),
    }
}
