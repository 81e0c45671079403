//! `changeover history`: what happened; whether the journal is as it was written; all of it.

use std::io;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::id::DeploymentId;
use domain::wire::{HistoryEntry, Page, Verification};

use super::{transcript, use_cases};
use crate::cli::args::Paging;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::Names;
use crate::cli::show::more;
use crate::cli::table::Table;
use crate::cli::text::{self, printable};

/// `history`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct History {
    /// Only this deployment, by name or id
    name: Option<DeploymentId>,
    /// Only deployments that are linked to this use case now, by name or id
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    use_case: Option<String>,
    #[command(flatten)]
    paging: Paging,
    #[command(subcommand)]
    whole: Option<Whole>,
}

/// Commands on the whole history.
#[derive(Debug, Subcommand)]
enum Whole {
    /// Check that no entry was changed or removed; exit status 1 if one was
    ///
    /// The server also compares every table with the history. With --file an export or an archive is checked, and no
    /// server is asked.
    Verify {
        /// A file that `history export` or `archive` wrote
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Print every entry, one JSON object per line
    Export,
}

impl History {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self.whole {
            Some(Whole::Verify { file: Some(file) }) => transcript::verify(&mut context.io, &file),
            Some(Whole::Verify { file: None }) => verify(context).await,
            Some(Whole::Export) => export(context).await,
            None => {
                let mut pairs = self.paging.query();
                pairs.extend(self.name.map(|name| ("deployment", name.into())));
                if let Some(use_case) = &self.use_case {
                    pairs.push(("use_case", use_cases::find(context, use_case).await?.into()));
                }
                let answer = context.client.get(&["history"], &pairs).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, page: Page<HistoryEntry>| list(io, &names, &page))
            }
        }
    }
}

fn list(io: &mut Io, names: &Names, page: &Page<HistoryEntry>) -> io::Result<()> {
    if page.items.is_empty() {
        return io.line("Nothing has happened yet.");
    }
    let mut table = Table::new(["SEQ", "TIME", "BY", "WHAT"]);
    for entry in &page.items {
        table.row([
            entry.seq.to_string(),
            text::time(entry.at, &io.zone),
            names.of_actor(&entry.actor),
            printable(&entry.summary).into_owned(),
        ]);
    }
    table.show(io, 0)?;
    more(io, page.next_cursor.as_deref())
}

async fn verify(context: &mut Context) -> Result<(), CliError> {
    let answer = context.client.get(&["history", "verify"], &[]).await?;
    let found: Verification = answer.read()?;
    let entries = text::count(found.entries, "entry").replace("entrys", "entries");
    if found.intact {
        return context.answer(&answer, |io, found: Verification| {
            io.line(format!("The history is intact: {entries}, each as it was written."))?;
            if let Some(last) = found.archived {
                io.line(format!("The entries up to {last} are in an archive; this is what follows them."))?;
            }
            found.head.map_or(Ok(()), |head| io.line(io.faint(&format!("head {head}"))))
        });
    }
    if context.json {
        context.io.raw(&answer.body)?;
    }
    let first = found.first_broken.map_or_else(String::new, |seq| format!(" at entry {seq}"));
    let problem = found.problem.unwrap_or_else(|| "it is not as it was written".to_owned());
    Err(CliError::Failed(format!("the history is broken{first}: {problem}")))
}

async fn export(context: &mut Context) -> Result<(), CliError> {
    let mut stream = context.client.stream(&["history", "export"], &[]).await?;
    while let Some(bytes) = stream.next().await? {
        context.io.raw(&bytes)?;
    }
    Ok(())
}
