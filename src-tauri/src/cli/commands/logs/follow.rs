//! Follows an answer without an end, across breaks of the connection.
//!
//! Guarantee: no line is left out and none is shown twice. The server tells after each chunk of lines where they end;
//! lines are shown once that has come, and after a break it is asked for what was written since. Errors: the server
//! stays away; it refuses.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use domain::wire::{ErrorCode, ReadOn};
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::cli::client::Query;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::io::Io;

/// Most bytes that are kept until the server has told where they end.
const MOST_BYTES: usize = 256 << 20;
/// Longest silence; the server gives a sign of life every 15 seconds.
const SILENCE: Duration = Duration::from_secs(60);

/// Shows one line of output.
pub(super) type Show<T> = fn(&mut Io, &T) -> io::Result<()>;

/// Shows one line as it came.
pub(super) type ShowLine = Box<dyn Fn(&mut Io, &[u8]) -> Result<(), CliError>>;

/// Shows lines by what they say.
pub(super) fn shown_by<T: DeserializeOwned + 'static>(show: Show<T>) -> ShowLine {
    Box::new(move |io, line| Ok(show(io, &serde_json::from_slice(line)?)?))
}

/// The position up to which lines were shown.
#[derive(Default)]
struct Shown {
    /// The end of the lines that were shown.
    cursor: Option<String>,
    /// The server has sent something over this connection.
    heard: bool,
}

/// Shows lines until the deployment is gone.
pub(super) async fn lines(
    context: &mut Context,
    path: &[&str],
    query: Query<'_>,
    show: &ShowLine,
) -> Result<(), CliError> {
    let mut shown = Shown::default();
    let (mut away, mut said) = (Instant::now(), false);
    loop {
        let since = shown.cursor.clone().map(|cursor| ("since", cursor));
        let query: Vec<_> = query.iter().cloned().chain(since).collect();
        shown.heard = false;
        let broke = match piece(context, path, &query, show, &mut shown).await {
            Ok(()) if shown.cursor.is_none() => return Ok(()),
            // It ended in good order: the deployment is gone, or the server ends.
            Ok(()) => CliError::NoServer("the server has ended".to_owned()),
            Err(CliError::Refused { problem, .. }) if shown.cursor.is_some() && problem.code == ErrorCode::NotFound => {
                return Ok(());
            }
            // Nothing was followed yet.
            Err(error) if shown.cursor.is_none() || !error.is_passing() => return Err(error),
            Err(error) => error,
        };
        if shown.heard {
            (away, said) = (Instant::now(), false);
        } else if !said {
            context.io.note("The connection to the server broke; trying again, from the last line shown.")?;
            said = true;
        }
        if away.elapsed() >= context.pace.patience {
            return Err(broke.lasting());
        }
        tokio::time::sleep(context.pace.poll).await;
        context.client.find_again();
    }
}

/// Shows lines until the connection ends.
async fn piece(
    context: &mut Context,
    path: &[&str],
    query: Query<'_>,
    show: &ShowLine,
    shown: &mut Shown,
) -> Result<(), CliError> {
    let mut stream = context.client.stream(path, query).await?;
    let (mut rest, mut searched): (Vec<u8>, usize) = (Vec::new(), 0);
    loop {
        let next = tokio::time::timeout(SILENCE, stream.next()).await;
        let silent = || Err(CliError::Broken(format!("it was silent for {} seconds", SILENCE.as_secs())));
        let Some(bytes) = next.unwrap_or_else(|_| silent())? else {
            // Where the end was told before, what came since is read again.
            return if shown.cursor.is_some() { Ok(()) } else { present(context, &rest, show) };
        };
        shown.heard = true;
        append(&mut rest, &bytes)?;
        while let Some(length) = rest[searched..].iter().position(|byte| *byte == b'\n') {
            let end = searched + length;
            if let Ok(ReadOn { next_cursor, lost }) = serde_json::from_slice(&rest[searched..end]) {
                if lost {
                    context.io.note("Lines before these were not kept until they could be read.")?;
                }
                present(context, &rest[..searched], show)?;
                rest.drain(..=end);
                (searched, shown.cursor) = (0, Some(next_cursor));
            } else {
                searched = end + 1;
            }
        }
    }
}

fn append(rest: &mut Vec<u8>, bytes: &Bytes) -> Result<(), CliError> {
    if rest.len() + bytes.len() > MOST_BYTES {
        return Err(CliError::Failed(format!("the server sent {} MiB of lines without a cursor", MOST_BYTES >> 20)));
    }
    rest.extend_from_slice(bytes);
    Ok(())
}

/// Shows whole lines; an empty one is a sign of life.
fn present(context: &mut Context, lines: &[u8], show: &ShowLine) -> Result<(), CliError> {
    for line in lines.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        match context.json {
            true => context.io.raw(&[line, b"\n"].concat())?,
            false => show(&mut context.io, line)?,
        }
    }
    Ok(context.io.flush()?)
}
