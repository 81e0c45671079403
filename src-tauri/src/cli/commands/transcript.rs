//! `history verify --file`: follows the chain in an export or an archive, without a server.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use domain::chain::{self, Link};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::error::CliError;
use crate::cli::io::Io;

/// A line about an entry.
#[derive(Deserialize)]
struct Line {
    seq: u64,
    at: String,
    actor: String,
    deployment: Option<String>,
    kind: String,
    event: Box<RawValue>,
    hash: String,
}

/// The last line.
#[derive(Deserialize)]
struct End {
    end: Ends,
}

/// The last line of a part that filters chose.
#[derive(Deserialize)]
struct PartEnd {
    end: PartEnds,
}

#[derive(Deserialize)]
struct PartEnds {
    filtered: bool,
    entries: u64,
}

/// The place before the first line, and that of the last one.
#[derive(Deserialize)]
struct Ends {
    after: Link,
    head: Link,
}

/// Says whether the file holds what was written, from its first line to its last.
pub(super) fn verify(io: &mut Io, path: &Path) -> Result<(), CliError> {
    let broken = |problem: String| CliError::Failed(format!("{} is broken: {problem}", path.display()));
    let unreadable = |source| CliError::Local { what: "the file cannot be read", source };
    // Between its entries others are missing, which is no fault.
    let last = BufReader::new(File::open(path).map_err(unreadable)?).lines().last().transpose().map_err(unreadable)?;
    let part = last.and_then(|line| serde_json::from_str(&line).ok());
    if let Some(PartEnd { end: PartEnds { filtered: true, entries } }) = part {
        return Err(CliError::Failed(format!(
            "{} holds a part of the history, {entries} entries that filters chose, which cannot be verified alone; \
             export the whole history for that",
            path.display()
        )));
    }
    let (mut first, mut place, mut count) = (None::<Line>, None::<Link>, 0_u64);
    for line in BufReader::new(File::open(path).map_err(unreadable)?).lines() {
        let line = line.map_err(unreadable)?;
        if let Ok(End { end: Ends { after, head } }) = serde_json::from_str(&line) {
            // Only now it is known what the first entry follows.
            let begins = first.as_ref().map_or(Ok(after.clone()), |first| follow(&after, first));
            begins.map_err(|error| broken(error.to_string()))?;
            if place.unwrap_or(after) != head {
                return Err(broken(format!("it does not reach its last entry, {}", head.seq)));
            }
            io.line(format!("The history is intact: {count} entries, up to {}, none of them changed.", head.seq))?;
            io.line(io.faint(&format!("head {}", head.hash)))?;
            return Ok(());
        }
        let entry: Line =
            serde_json::from_str(&line).map_err(|error| broken(format!("a line is no entry: {error}")))?;
        let follows = match &place {
            Some(before) => follow(before, &entry).map_err(|error| broken(error.to_string()))?,
            None => Link { seq: domain::id::Seq(entry.seq), hash: entry.hash.clone() },
        };
        place = Some(follows);
        count += 1;
        first.get_or_insert(entry);
    }
    Err(broken("the last line, which says where the file ends, is missing: the file was cut off".to_owned()))
}

fn follow(before: &Link, line: &Line) -> Result<Link, chain::BrokenChain> {
    let written = chain::WrittenEntry {
        seq: line.seq,
        at: &line.at,
        actor: &line.actor,
        deployment: line.deployment.as_deref(),
        kind: &line.kind,
        event: line.event.get(),
        hash: &line.hash,
    };
    chain::follow(before, &written)
}
