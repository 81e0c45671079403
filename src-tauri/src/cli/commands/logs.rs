//! `changeover logs`: what the replicas wrote, and what they go on writing.

use std::io;

use clap::Args;
use domain::id::{DeploymentId, ReplicaId};
use domain::wire::{LogLine, Page};

use super::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::text::printable;

/// Longest line that is put together from the stream.
const MOST_BYTES: usize = 1 << 20;

/// `logs`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Logs {
    /// The deployment, by name or id
    name: DeploymentId,
    /// Only this replica
    #[arg(long, value_name = "ID")]
    replica: Option<ReplicaId>,
    /// Most lines to begin with
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Go on with what is written from now on; Ctrl-C ends it
    #[arg(long, short)]
    follow: bool,
}

impl Logs {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let path = ["deployments", self.name.as_str(), "logs"];
        let mut query: Vec<(&'static str, String)> = Vec::new();
        query.extend(self.replica.map(|replica| ("replica", replica.into())));
        query.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        if !self.follow {
            let answer = context.client.get(&path, &query).await?;
            return context
                .answer(&answer, |io, page: Page<LogLine>| page.items.iter().try_for_each(|line| show(io, line)));
        }
        query.push(("follow", "true".to_owned()));
        follow(context, &path, &query).await
    }
}

async fn follow(context: &mut Context, path: &[&str], query: &[(&'static str, String)]) -> Result<(), CliError> {
    let mut stream = context.client.stream(path, query).await?;
    let mut rest: Vec<u8> = Vec::new();
    while let Some(bytes) = stream.next().await? {
        if context.json {
            context.io.raw(&bytes)?;
            continue;
        }
        rest.extend_from_slice(&bytes);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            if !line.trim_ascii().is_empty() {
                show(&mut context.io, &serde_json::from_slice(&line)?)?;
            }
        }
        if rest.len() > MOST_BYTES {
            return Err(CliError::Failed("the server sent a log line of more than 1 MiB".to_owned()));
        }
        context.io.flush()?;
    }
    Ok(())
}

fn show(io: &mut Io, line: &LogLine) -> io::Result<()> {
    let replica = io.faint(line.replica.as_str());
    io.line(format!("{replica}  {}", printable(&line.line)))
}
