//! `changeover requests`: changes that somebody asked for, or one of them in full.

use std::io;

use clap::{Args, Subcommand};
use domain::id::{DeploymentId, RequestId};
use domain::wire::{ChangeRequestView, Page};

use crate::cli::args::Paging;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::Names;
use crate::cli::show::more;
use crate::cli::show::request::{approvals, page, standing};
use crate::cli::table::Table;
use crate::cli::text::printable;

/// `requests`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Requests {
    /// Only those about this deployment, by name or id
    deployment: Option<DeploymentId>,
    /// Only those that you asked for
    #[arg(long, conflicts_with_all = ["for_me", "all"])]
    mine: bool,
    /// Only those that you can review now
    #[arg(long, conflicts_with_all = ["all", "ended"])]
    for_me: bool,
    /// All that you may see, which is the default
    #[arg(long)]
    all: bool,
    /// Those that have ended, instead of those that have not
    #[arg(long)]
    ended: bool,
    #[command(flatten)]
    paging: Paging,
    #[command(subcommand)]
    one: Option<One>,
}

/// Commands on one request.
#[derive(Debug, Subcommand)]
enum One {
    /// Show one: the change, its approvals, the difference, the rehearsal, its reviews
    Show {
        /// The request
        id: RequestId,
    },
}

impl Requests {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        if let Some(One::Show { id }) = self.one {
            let answer = context.client.get(&["change-requests", id.as_str()], &[]).await?;
            let names = Names::to_show(context).await;
            return context.answer(&answer, |io, view: ChangeRequestView| page(io, &names, &view));
        }
        let whose = match (self.mine, self.for_me) {
            (true, _) => "mine",
            (_, true) => "me",
            _ => "all",
        };
        let state = if self.ended { "ended" } else { "live" };
        let mut pairs = vec![("for", whose.to_owned()), ("state", state.to_owned())];
        pairs.extend(self.deployment.map(|name| ("deployment", name.into())));
        pairs.extend(self.paging.query());
        let answer = context.client.get(&["change-requests"], &pairs).await?;
        let names = Names::to_show(context).await;
        context.answer(&answer, |io, page: Page<ChangeRequestView>| list(io, &names, &page))
    }
}

fn list(io: &mut Io, names: &Names, page: &Page<ChangeRequestView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "CHANGE", "STATE", "APPROVALS", "ASKED BY"]);
    for view in &page.items {
        table.row([
            view.id.to_string(),
            printable(&view.title).into_owned(),
            io.state(&standing(io, names, view)),
            approvals(view),
            names.of(&view.author),
        ]);
    }
    if table.is_empty() {
        return io.line("No change requests.");
    }
    table.show(io, 0)?;
    more(io, page.next_cursor.as_deref())
}
