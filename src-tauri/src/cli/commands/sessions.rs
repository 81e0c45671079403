//! `changeover sessions`: one's own sessions in browsers.

use std::io;

use clap::{Args, Subcommand};
use domain::wire::{Page, SessionView};

use super::people::said;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::table::Table;
use crate::cli::text::{self, printable};

/// `sessions`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Sessions {
    #[command(subcommand)]
    what: Option<What>,
}

/// Commands on sessions; without one they are listed.
#[derive(Debug, Subcommand)]
enum What {
    /// End one of them: its browser has to sign in again
    End {
        /// The id of the session
        id: String,
    },
    /// End all of them
    EndAll,
}

impl Sessions {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self.what {
            None => {
                let answer = context.client.get(&["sessions"], &[]).await?;
                context.answer(&answer, |io, page| list(io, &page))
            }
            Some(What::End { id }) => {
                let answer = context.client.delete(&["sessions", &id]).await?;
                said(context, &answer, &format!("The session {} has ended.", printable(&id)))
            }
            Some(What::EndAll) => {
                let answer = context.client.delete(&["sessions"]).await?;
                said(context, &answer, "All of your sessions have ended.")
            }
        }
    }
}

fn list(io: &mut Io, page: &Page<SessionView>) -> io::Result<()> {
    let mut table = Table::new(["ID", "SIGNED IN", "WITH", "LAST SEEN", "UNTIL", "BROWSER"]);
    for session in &page.items {
        table.row([
            session.id.to_string(),
            text::minute(session.created_at, &io.zone),
            session.with.title().to_owned(),
            text::minute(session.last_seen, &io.zone),
            text::minute(session.expires_at, &io.zone),
            text::short(&printable(session.user_agent.as_deref().unwrap_or("-")), 40),
        ]);
    }
    if table.is_empty() {
        return io.line("No browser is signed in as you.");
    }
    table.show(io, 0)
}
