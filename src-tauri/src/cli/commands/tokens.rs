//! `changeover tokens`: API tokens for programs.

use std::collections::BTreeSet;
use std::io;

use clap::{Args, Subcommand};
use domain::id::DeploymentId;
use domain::wire::{ApiTokenForm, ApiTokenView, Page, Scope};
use jiff::tz::TimeZone;

use super::people::said;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::{self, Names};
use crate::cli::table::Table;
use crate::cli::text::{self, printable};

/// `tokens`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Tokens {
    #[command(subcommand)]
    what: Option<What>,
}

/// Commands on API tokens; without one they are listed.
#[derive(Debug, Subcommand)]
enum What {
    /// Make an API token; it is shown once, and sent as --token or CHANGEOVER_TOKEN
    Make {
        /// The name by which you know it again
        name: String,
        /// read, predict, deploy, share or admin; may be repeated
        #[arg(long, value_name = "SCOPE", required = true, value_parser = text::from_word::<Scope>)]
        scope: Vec<Scope>,
        /// Only for this deployment, by name or id; may be repeated
        #[arg(long, value_name = "NAME")]
        deployment: Vec<DeploymentId>,
        /// Days until it ends, at most 365 [default: 90]
        #[arg(long, value_name = "N")]
        days: Option<u32>,
        /// The service that it is for, by name or id [default: you]
        #[arg(long, value_name = "SERVICE")]
        owner: Option<String>,
    },
    /// Revoke an API token
    Revoke {
        /// The id of the token
        id: String,
    },
}

impl Tokens {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self.what {
            None => {
                let answer = context.client.get(&["tokens"], &[]).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, page| list(io, &names, page))
            }
            Some(What::Revoke { id }) => {
                let answer = context.client.delete(&["tokens", &id]).await?;
                said(context, &answer, &format!("The API token {} is revoked.", printable(&id)))
            }
            Some(What::Make { name, scope, deployment, days, owner }) => {
                let owner = match owner {
                    Some(owner) => Some(names::find(context, &owner).await?),
                    None => None,
                };
                let deployments: BTreeSet<DeploymentId> = deployment.into_iter().collect();
                let form = ApiTokenForm {
                    name,
                    scopes: scope.into_iter().collect(),
                    deployments: (!deployments.is_empty()).then_some(deployments),
                    expires_in_days: days,
                    owner,
                };
                let answer = context.client.post(&["tokens"], &form).await?;
                // Alone on its line, so that a script can take it.
                context.answer(&answer, |io, view: ApiTokenView| match view.token {
                    Some(token) => io.line(printable(token.reveal())),
                    None => io.line("The API token was shown when it was made."),
                })
            }
        }
    }
}

/// Shows API tokens.
pub(super) fn list(io: &mut Io, names: &Names, page: Page<ApiTokenView>) -> io::Result<()> {
    if page.items.is_empty() {
        return io.line("There is no API token. `changeover tokens make NAME --scope read` makes one.");
    }
    let zone = TimeZone::system();
    let mut table = Table::new(["ID", "NAME", "OWNER", "SCOPES", "UNTIL", "LAST USED"]);
    for token in &page.items {
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
        table.row([
            token.id.to_string(),
            printable(&token.name).into_owned(),
            names.of(&token.owner),
            scopes.join(", "),
            text::minute(token.expires_at, &zone),
            token.last_used.map_or_else(|| "-".to_owned(), |at| text::minute(at, &zone)),
        ]);
    }
    table.show(io, 0)
}
