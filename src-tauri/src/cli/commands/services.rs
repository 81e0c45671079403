//! `changeover services`: programs that have API tokens only.

use std::io;

use clap::{Args, Subcommand};
use domain::principal::PrincipalKind;
use domain::wire::{ApiTokenView, Page, ServerRole, ServiceChange, ServiceForm, ServiceView};

use super::tokens;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::{self, Names};
use crate::cli::table::Table;
use crate::cli::text::{self, printable};

/// `services`.
#[derive(Args, Debug)]
#[command(after_help = "`changeover tokens make NAME --owner SERVICE --scope SCOPE` makes an API token for one.")]
pub(in crate::cli) struct Services {
    #[command(subcommand)]
    what: Option<What>,
}

/// Commands on services; without one they are listed.
#[derive(Debug, Subcommand)]
enum What {
    /// Make a service
    Create {
        /// Its name
        name: String,
        /// viewer, editor or admin [default: viewer]
        #[arg(long, value_name = "ROLE", value_parser = text::from_word::<ServerRole>)]
        role: Option<ServerRole>,
    },
    /// Give a service another name
    Rename {
        /// The service, by name or id
        service: String,
        /// Its name from now on
        name: String,
    },
    /// Give a service another role on the server
    Role {
        /// The service, by name or id
        service: String,
        /// viewer, editor or admin
        #[arg(value_parser = text::from_word::<ServerRole>)]
        role: ServerRole,
    },
    /// The API tokens of a service
    Tokens {
        /// The service, by name or id
        service: String,
    },
    /// Let a service in no more; its API tokens are revoked for good
    Disable {
        /// The service, by name or id
        service: String,
    },
    /// Let a service in again, by new API tokens
    Enable {
        /// The service, by name or id
        service: String,
    },
}

impl Services {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let nothing = ServiceChange::default();
        match self.what {
            None => {
                let answer = context.client.get(&["services"], &[]).await?;
                context.answer(&answer, |io, page| list(io, &page))
            }
            Some(What::Create { name, role }) => {
                let form = ServiceForm { name, role: role.unwrap_or_default() };
                let answer = context.client.post(&["services"], &form).await?;
                context.answer(&answer, |io, view: ServiceView| {
                    let name = printable(&view.name);
                    io.line(format!("Made service {} ({name}), which is {} here.", view.id, view.role))
                })
            }
            Some(What::Rename { service, name }) => {
                change(context, &service, &ServiceChange { name: Some(name), ..nothing }, |view| {
                    format!("Service {} is called {} now.", view.id, printable(&view.name))
                })
                .await
            }
            Some(What::Role { service, role }) => {
                change(context, &service, &ServiceChange { role: Some(role), ..nothing }, |view| {
                    format!("{} is {} now.", printable(&view.name), view.role)
                })
                .await
            }
            Some(What::Tokens { service }) => own_tokens(context, &service).await,
            Some(What::Disable { service }) => {
                change(context, &service, &ServiceChange { disabled: Some(true), ..nothing }, |view| {
                    format!("{} is let in no more, and its API tokens are revoked.", printable(&view.name))
                })
                .await
            }
            Some(What::Enable { service }) => {
                change(context, &service, &ServiceChange { disabled: Some(false), ..nothing }, |view| {
                    format!("{} is let in again, by API tokens that are made from now on.", printable(&view.name))
                })
                .await
            }
        }
    }
}

async fn change(
    context: &mut Context,
    service: &str,
    change: &ServiceChange,
    done: impl FnOnce(&ServiceView) -> String,
) -> Result<(), CliError> {
    let id = names::find_one(context, PrincipalKind::Service, service).await?;
    let answer = context.client.patch(&["services", id.as_str()], change).await?;
    context.answer(&answer, |io, view: ServiceView| io.line(done(&view)))
}

async fn own_tokens(context: &mut Context, service: &str) -> Result<(), CliError> {
    let id = names::find_one(context, PrincipalKind::Service, service).await?;
    let mut page: Page<ApiTokenView> = context.client.get(&["tokens"], &[]).await?.read()?;
    page.items.retain(|token| token.owner == id);
    if context.json {
        return Ok(context.io.raw(&serde_json::to_vec(&page)?)?);
    }
    if page.items.is_empty() {
        let make = format!("`changeover tokens make NAME --owner {id} --scope read` makes one.");
        return Ok(context.io.line(format!("It has no API token. {make}"))?);
    }
    let names = Names::to_show(context).await;
    Ok(tokens::list(&mut context.io, &names, page)?)
}

fn list(io: &mut Io, page: &Page<ServiceView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "NAME", "ROLE", "SINCE"]);
    for service in &page.items {
        let role = if service.disabled { format!("{} (disabled)", service.role) } else { service.role.to_string() };
        let since = service.since.map_or_else(|| "-".to_owned(), |at| text::minute(at, &io.zone));
        table.row([service.id.to_string(), printable(&service.name).into_owned(), role, since]);
    }
    if table.is_empty() {
        return io.line("There is no service. `changeover services create NAME` makes one.");
    }
    table.show(io, 0)
}
