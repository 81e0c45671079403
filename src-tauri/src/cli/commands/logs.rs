//! `changeover logs`: what the replicas wrote, what was kept of requests, and what goes on being written.

mod follow;

use std::io;

use clap::Args;
use domain::id::{DeploymentId, ReplicaId, RevisionNumber};
use domain::wire::{Content, LineLevel, LogLine, LogPage, PredictionLine, RequestLine, RequestOutcome};
use serde::de::DeserializeOwned;

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;
use crate::cli::text::printable;
use crate::cli::wait::Limit;

/// `logs`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Logs {
    /// The deployment, by name or id
    name: DeploymentId,
    /// Only this replica, also when it has ended
    #[arg(long, value_name = "ID")]
    replica: Option<ReplicaId>,
    /// Only lines of this revision, also of replicas that have ended
    #[arg(long, value_name = "N")]
    revision: Option<RevisionNumber>,
    /// Only lines of this level or worse: error, warning, info, debug, trace
    #[arg(long, value_name = "LEVEL")]
    level: Option<LineLevel>,
    /// Most lines to begin with
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// Instead, a line for each request, if the deployment's `request_log` is on
    #[arg(long, conflicts_with_all = ["replica", "revision", "level"])]
    requests: bool,
    /// Instead, the inputs and outputs of predictions, if its `data_collection` is on
    #[arg(long, conflicts_with_all = ["replica", "revision", "level", "requests"])]
    predictions: bool,
    /// Go on with new lines as they are written, also after a break; Ctrl-C ends it
    #[arg(long, short)]
    follow: bool,
    #[command(flatten)]
    timeout: Limit,
}

impl Logs {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let path = ["deployments", self.name.as_str(), "logs"];
        let mut query: Vec<(&'static str, String)> = Vec::new();
        query.extend(self.replica.map(|replica| ("replica", replica.into())));
        query.extend(self.revision.map(|revision| ("revision", revision.to_string())));
        query.extend(self.level.map(|level| ("level", level.to_string())));
        query.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        query.extend(self.requests.then(|| ("requests", "true".to_owned())));
        query.extend(self.predictions.then(|| ("predictions", "true".to_owned())));
        if !self.follow {
            self.timeout.of(false).map_err(|_| CliError::Usage("--timeout ends --follow; give that too".to_owned()))?;
            return match (self.requests, self.predictions) {
                (true, _) => once(context, &path, &query, request).await,
                (_, true) => once(context, &path, &query, prediction).await,
                (_, _) => once(context, &path, &query, show).await,
            };
        }
        query.extend(["follow", "cursors"].map(|word| (word, "true".to_owned())));
        let show = match (self.requests, self.predictions) {
            (true, _) => follow::shown_by(request),
            (_, true) => follow::shown_by(prediction),
            (_, _) => follow::shown_by(show),
        };
        let goes_on = || format!("The deployment {} writes on", self.name);
        self.timeout.keep(goes_on, follow::lines(context, &path, &query, &show)).await
    }
}

async fn once<T: DeserializeOwned>(
    context: &mut Context,
    path: &[&str],
    query: &[(&'static str, String)],
    show: follow::Show<T>,
) -> Result<(), CliError> {
    let answer = context.client.get(path, query).await?;
    context.answer(&answer, |io, page: LogPage<T>| page.items.iter().try_for_each(|line| show(io, line)))
}

fn show(io: &mut Io, line: &LogLine) -> io::Result<()> {
    let at = line.at.map_or_else(|| "—".to_owned(), |at| format!("{at:.3}"));
    let level = line.level.map_or("", LineLevel::as_str);
    let by = match line.revision {
        Some(revision) => format!("revision {revision} {}", line.replica),
        None => line.replica.to_string(),
    };
    let head = io.faint(&format!("{at}  {level:<7}  {by}"));
    io.line(format!("{head}  {}", printable(&line.line)))
}

fn request(io: &mut Io, line: &RequestLine) -> io::Result<()> {
    lost(io, line.lost, "requests")?;
    let at = io.faint(line.at.to_string().as_str());
    let status = line.status.map_or_else(|| "—".to_owned(), |status| status.to_string());
    let by = match (&line.replica, line.revision) {
        (Some(replica), Some(revision)) => format!("revision {revision} {replica}"),
        _ => "no replica".to_owned(),
    };
    let how = match (&line.code, line.outcome) {
        (Some(code), _) => printable(code),
        (None, outcome) => word(outcome).into(),
    };
    io.line(format!(
        "{at}  {status} {how}  {} {}  {} ms  {} → {} bytes  {by}",
        printable(&line.method),
        printable(&line.path),
        line.ms,
        line.bytes_in,
        line.bytes_out
    ))
}

fn word(outcome: RequestOutcome) -> &'static str {
    match outcome {
        RequestOutcome::Answered => "answered",
        RequestOutcome::Failed => "failed",
        RequestOutcome::Cut => "cut",
        RequestOutcome::Refused => "refused",
        RequestOutcome::Left => "client left",
    }
}

fn prediction(io: &mut Io, line: &PredictionLine) -> io::Result<()> {
    lost(io, line.lost, "predictions")?;
    let at = io.faint(line.at.to_string().as_str());
    io.line(format!("{at}  revision {} {}  {}", line.revision, line.replica, printable(&line.path)))?;
    for (side, body) in [("in ", &line.input), ("out", &line.output)] {
        let (begin, more) = match &body.content {
            Content::Json(value) => (value.to_string(), String::new()),
            Content::Text(text) if body.complete => (text.clone(), String::new()),
            Content::Text(text) => (text.clone(), format!(" … of {} bytes", body.bytes)),
            Content::Base64(_) => (String::new(), format!("{} bytes that are no text", body.bytes)),
        };
        io.line(format!("  {side} {}{more}", printable(&begin)))?;
    }
    Ok(())
}

fn lost(io: &mut Io, count: u64, what: &str) -> io::Result<()> {
    if count == 0 { Ok(()) } else { io.line(format!("({count} {what} could not be kept)")) }
}
