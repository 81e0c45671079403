//! `changeover break-glass`: changes that were started although something forbade them, until somebody else has looked.

use std::io;

use clap::Subcommand;
use domain::id::BreakGlassId;
use domain::wire::{BreakGlassView, Page};

use crate::cli::args::Paging;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::Names;
use crate::cli::show::more;
use crate::cli::table::Table;
use crate::cli::text::{self, printable};

/// Commands on uses of break-glass.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum BreakGlass {
    /// List them, newest first
    List {
        /// Only those that nobody has acknowledged
        #[arg(long)]
        open: bool,
        #[command(flatten)]
        paging: Paging,
    },
    /// Acknowledge one that somebody else did
    Acknowledge {
        /// The use of break-glass
        id: BreakGlassId,
    },
}

impl BreakGlass {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Self::List { open, paging } => {
                let mut pairs = paging.query();
                pairs.extend(open.then(|| ("open", "true".to_owned())));
                let answer = context.client.get(&["break-glass"], &pairs).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, page: Page<BreakGlassView>| list(io, &names, &page))
            }
            Self::Acknowledge { id } => {
                let path = ["break-glass", id.as_str(), "acknowledge"];
                let answer = context.client.post(&path, &serde_json::json!({})).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, view: BreakGlassView| {
                    let (action, name) = (view.action, &view.deployment_name);
                    let person = names.of(&view.person);
                    io.line(format!("Acknowledged that {person} overrode what held {name} ({action})."))
                })
            }
        }
    }
}

fn list(io: &mut Io, names: &Names, page: &Page<BreakGlassView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "TIME", "BY", "DEPLOYMENT", "ACTION", "OVERRODE", "ACKNOWLEDGED", "REASON"]);
    for view in &page.items {
        let counts = [(view.policies.len(), "policy", "policies"), (view.freezes.len(), "freeze", "freezes")];
        let overrode = counts.iter().filter(|(count, _, _)| *count > 0);
        let overrode = overrode.map(|(count, one, many)| format!("{count} {}", if *count == 1 { one } else { many }));
        table.row([
            view.id.to_string(),
            text::minute(view.at, &io.zone),
            names.of(&view.person),
            view.deployment_name.to_string(),
            view.action.to_string(),
            text::list(&overrode.collect::<Vec<_>>()),
            view.acknowledged
                .as_ref()
                .map_or_else(|| "not yet".to_owned(), |seen| format!("by {}", names.of(&seen.by))),
            text::short(&printable(&view.reason), 60),
        ]);
    }
    if table.is_empty() {
        return io.line("Nobody has broken the glass.");
    }
    table.show(io, 0)?;
    more(io, page.next_cursor.as_deref())
}
