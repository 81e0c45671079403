//! `changeover keys` and `changeover token`: what callers of an inference URL have to show.

use clap::Args;
use domain::id::DeploymentId;
use domain::wire::{IssueToken, Key, KeysView, TokenView};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::text;

/// `keys`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Keys {
    /// The deployment, by name or id
    name: DeploymentId,
    /// Make a key anew; the one before is refused from then on
    #[arg(long, value_name = "KEY", value_parser = text::from_word::<Key>, help = "Make a key anew: primary or secondary")]
    regenerate: Option<Key>,
}

impl Keys {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let keys = ["deployments", self.name.as_str(), "keys"];
        let answer = match self.regenerate {
            None => context.client.get(&keys, &[]).await?,
            Some(key) => {
                let key = match key {
                    Key::Primary => "primary",
                    Key::Secondary => "secondary",
                };
                context.client.post(&[&keys[..], &[key, "regenerate"]].concat(), &serde_json::json!({})).await?
            }
        };
        context.answer(&answer, |io, view: KeysView| {
            io.line(format!("primary    {}", text::printable(&view.primary)))?;
            io.line(format!("secondary  {}", text::printable(&view.secondary)))
        })
    }
}

/// `token`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Token {
    /// The deployment, by name or id
    name: DeploymentId,
    /// The time that it is accepted, as 10m, 24h or 7d [default: 1h]
    #[arg(long, value_name = "TIME")]
    ttl: Option<String>,
    /// Make no token, and revoke all that were made until now
    #[arg(long, conflicts_with = "ttl")]
    revoke: bool,
}

impl Token {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let tokens = ["deployments", self.name.as_str(), "tokens"];
        if self.revoke {
            let answer = context.client.delete(&tokens).await?;
            return if context.json {
                Ok(context.io.raw(&answer.body)?)
            } else {
                Ok(context.io.line(format!("No token of {} that was made until now is accepted.", self.name))?)
            };
        }
        let answer = context.client.post(&tokens, &IssueToken { ttl: self.ttl }).await?;
        // Alone on its line, so that a script can take it.
        context.answer(&answer, |io, view: TokenView| io.line(text::printable(&view.token)))
    }
}
