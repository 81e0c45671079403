//! The journal as text, a line of JSON for each entry and a last line that says where it begins and ends: an export, or
//! an archive of old entries. Whoever has it can check it without a server (`changeover history verify --file`).

use domain::chain::Link;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::StoreError;
use super::tables::journal::Written;

/// An entry, in the form of [`HistoryEntry`](domain::wire::HistoryEntry) with its event as it was written: only that
/// gives its hash.
#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    at: &'a str,
    actor: &'a str,
    deployment: Option<&'a str>,
    kind: &'a str,
    summary: String,
    event: Box<RawValue>,
    hash: &'a str,
}

#[derive(Serialize)]
struct End<'a> {
    end: Ends<'a>,
}

/// The place before the first line, and that of the last one.
#[derive(Serialize)]
struct Ends<'a> {
    after: &'a Link,
    head: &'a Link,
}

/// The last line of a part: no chain leads through it, so nothing of it can be checked alone.
#[derive(Serialize)]
struct PartEnd<'a> {
    end: PartEnds<'a>,
}

#[derive(Serialize)]
struct PartEnds<'a> {
    filtered: bool,
    entries: u64,
    head: &'a Link,
    note: &'a str,
}

/// What the last line of a part says to people.
const PART: &str = "This is a part of the history, chosen by filters. It cannot be verified alone.";

/// The last line of a part of the journal that filters chose: so many entries, and the newest one of the whole.
///
/// # Errors
/// The line cannot be written as text.
pub fn part_end(entries: u64, head: &Link) -> Result<String, StoreError> {
    let end = PartEnd { end: PartEnds { filtered: true, entries, head, note: PART } };
    let text = serde_json::to_string(&end);
    Ok(text.map_err(|error| StoreError::corrupt("journal", error))? + "\n")
}

/// The line of an entry; of a damaged one as much as can be read.
///
/// # Errors
/// The entry cannot be written as text.
pub fn entry(written: &Written) -> Result<String, StoreError> {
    let corrupt = |error: serde_json::Error| StoreError::corrupt("journal", error);
    let summary = match written.read() {
        Ok(recorded) => recorded.entry.event.summary(),
        Err(error) => error.to_string(),
    };
    let event = match RawValue::from_string(written.event.clone()) {
        Ok(event) => event,
        Err(_) => to_raw_value(&written.event).map_err(corrupt)?,
    };
    let link = written.link();
    let line = Line {
        seq: link.seq,
        at: link.at,
        actor: link.actor,
        deployment: link.deployment,
        kind: link.kind,
        summary,
        event,
        hash: link.hash,
    };
    Ok(serde_json::to_string(&line).map_err(corrupt)? + "\n")
}

/// The last line.
///
/// # Errors
/// The line cannot be written as text.
pub fn end(after: &Link, head: &Link) -> Result<String, StoreError> {
    let text = serde_json::to_string(&End { end: Ends { after, head } });
    Ok(text.map_err(|error| StoreError::corrupt("journal", error))? + "\n")
}
