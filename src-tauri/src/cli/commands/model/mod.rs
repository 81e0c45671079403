//! `changeover model`: register a version, list, show, delete, download, and the script of a client.

mod client;
mod delete;
mod download;
mod progress;
mod register;
mod send;
mod show;

use std::io;

use clap::Subcommand;
use domain::wire::{ModelView, Page};

use crate::cli::args::Paging;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::show::more;
use crate::cli::table::Table;
use crate::cli::text;

/// Commands of the registry.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Model {
    /// Register a file, a folder or a URL as the next version of NAME
    Register(Box<register::Register>),
    /// List models
    List {
        #[command(flatten)]
        paging: Paging,
        /// Only those whose name holds this
        #[arg(long, short, value_name = "TEXT")]
        query: Option<String>,
    },
    /// Show a model with its versions, or one version as NAME@V
    Show {
        /// The model, or one version of it
        #[arg(value_name = "NAME[@V]")]
        model: String,
    },
    /// Delete a version that no deployment could run
    Delete(delete::Delete),
    /// Get a version's file back
    Download(download::Download),
    /// Write a script that asks for a prediction
    Client(client::Client),
}

impl Model {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::Register(register) => register.run(context).await,
            Self::List { paging, query } => {
                let mut pairs = paging.query();
                pairs.extend(query.map(|text| ("q", text)));
                let answer = context.client.get(&["models"], &pairs).await?;
                context.answer(&answer, list)
            }
            Self::Show { model } => show::show(context, &model).await,
            Self::Delete(delete) => delete.run(context).await,
            Self::Download(download) => download.run(context).await,
            Self::Client(client) => client.run(context).await,
        }
    }
}

fn list(io: &mut Io, page: Page<ModelView>) -> io::Result<()> {
    if page.items.is_empty() {
        return io.line("No models. Register one with `changeover model register NAME PATH`.");
    }
    let mut table = Table::new(["NAME", "LATEST", "KIND", "SIZE", "REGISTERED", "IN USE BY"]);
    for view in &page.items {
        let mut used: Vec<String> = view.versions.iter().flat_map(|v| &v.in_use_by).map(ToString::to_string).collect();
        used.sort();
        used.dedup();
        let latest = view.versions.first().map(|version| &version.model);
        table.row([
            view.name.to_string(),
            format!("@{}", view.latest_version),
            view.kind.to_string(),
            latest.map_or_else(String::new, |model| text::size(model.size)),
            latest.map_or_else(String::new, |model| text::time(model.registered_at, &io.zone)),
            text::list(&used),
        ]);
    }
    table.show(io, 0)?;
    more(io, page.next_cursor.as_deref())
}
