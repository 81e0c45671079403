//! `changeover history`: what happened; whether the journal is as it was written; all of it.

use std::io;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::id::{Actor, DeploymentId};
use domain::wire::{EngineSteps, HistoryEntry, HistoryPage, Verification};

use super::freeze::instant;
use super::{transcript, use_cases};
use crate::cli::args::Paging;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::names::{self, Names};
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
    /// Only entries in which all of these words are found, or in the name of the deployment or of who did it
    #[arg(long, short, value_name = "WORDS")]
    q: Option<String>,
    /// Only what this person or service did, by name or id; `changeover` is the server itself
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
    /// Only entries of this kind, as rollout_started
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Only from this time on, as 2026-05-01T09:00 (your clock) or 2026-05-01T07:00:00Z
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Also steps of the engine (`true`, the default), none of them (`false`), or only them (`only`)
    #[arg(long, value_name = "WHICH")]
    engine: Option<EngineSteps>,
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
                let pairs = self.query(context).await?;
                let searches = pairs.iter().any(|(name, _)| *name != "limit" && *name != "cursor");
                let answer = context.client.get(&["history"], &pairs).await?;
                let names = Names::to_show(context).await;
                context.answer(&answer, |io, page: HistoryPage<HistoryEntry>| list(io, &names, &page, searches))
            }
        }
    }

    async fn query(self, context: &Context) -> Result<Vec<(&'static str, String)>, CliError> {
        let mut pairs = self.paging.query();
        pairs.extend(self.name.map(|name| ("deployment", name.into())));
        if let Some(use_case) = &self.use_case {
            pairs.push(("use_case", use_cases::find(context, use_case).await?.into()));
        }
        if let Some(by) = &self.by {
            pairs.push(("by", actor(context, by).await?));
        }
        for (name, flag, time) in [("from", "--from", &self.from), ("to", "--to", &self.to)] {
            if let Some(time) = time {
                pairs.push((name, instant(context, flag, time)?.to_string()));
            }
        }
        pairs.extend(self.engine.map(|engine| ("engine", engine.to_string())));
        pairs.extend([("q", self.q), ("kind", self.kind)].into_iter().filter_map(|(name, value)| Some((name, value?))));
        Ok(pairs)
    }
}

/// Whoever `typed` means, as an entry names them: the name of exactly one, an id, or the server itself.
async fn actor(context: &Context, typed: &str) -> Result<String, CliError> {
    let server = Actor::server();
    if typed == server.as_str() {
        return Ok(typed.to_owned());
    }
    Ok(names::find(context, typed).await?.to_string())
}

fn list(io: &mut Io, names: &Names, page: &HistoryPage<HistoryEntry>, searches: bool) -> io::Result<()> {
    if page.items.is_empty() {
        io.line(match (page.searched_to, searches) {
            (Some(to), _) => format!("No entry was found back to {}.", text::time(to, &io.zone)),
            (None, true) => "No entry was found.".to_owned(),
            (None, false) => "Nothing has happened yet.".to_owned(),
        })?;
        return more(io, page.next_cursor.as_deref());
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
            io.line(format!("The history is intact: {entries}, none of them changed."))?;
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
    let problem = found.problem.unwrap_or_else(|| "it was changed after it was written".to_owned());
    Err(CliError::Failed(format!("the history is broken{first}: {problem}")))
}

async fn export(context: &mut Context) -> Result<(), CliError> {
    let mut stream = context.client.stream(&["history", "export"], &[]).await?;
    while let Some(bytes) = stream.next().await? {
        context.io.raw(&bytes)?;
    }
    Ok(())
}
