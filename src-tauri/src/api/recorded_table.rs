//! What is kept of requests as a table of comma-separated values, in which no cell is a formula.

use bytes::Bytes;
use domain::wire::{Content, PredictionLine, RequestLine};

use super::export_table::harmless;

/// The titles of the columns.
const TITLES: [&str; 14] = [
    "time",
    "method",
    "path",
    "status",
    "ms",
    "bytes_in",
    "bytes_out",
    "revision",
    "replica",
    "outcome",
    "code",
    "lost",
    "input",
    "output",
];

/// The table, with a last row that says how many there are, and whether these are all.
///
/// # Errors
/// The table cannot be written.
pub(super) fn written(found: &[(RequestLine, String)], whole: bool) -> Result<Bytes, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(TITLES)?;
    for (request, line) in found {
        table.write_record(row(request, line).iter().map(|cell| harmless(cell).into_owned()))?;
    }
    let mut end: [String; TITLES.len()] = Default::default();
    end[0] = "end".to_owned();
    end[1] = match whole {
        true => format!("{} records: all that fit", found.len()),
        false => format!("{} records: the newest that fit; there are more", found.len()),
    };
    table.write_record(end)?;
    let bytes = table.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(bytes.into())
}

fn row(request: &RequestLine, line: &str) -> [String; TITLES.len()] {
    let number = |number: Option<u16>| number.map(|number| number.to_string()).unwrap_or_default();
    // The line of a request has no bodies.
    let (input, output) = match serde_json::from_str::<PredictionLine>(line) {
        Ok(prediction) => (content(prediction.input.content), content(prediction.output.content)),
        Err(_) => Default::default(),
    };
    [
        request.at.to_string(),
        request.method.clone(),
        request.path.clone(),
        number(request.status),
        request.ms.to_string(),
        request.bytes_in.to_string(),
        request.bytes_out.to_string(),
        request.revision.map(|revision| revision.to_string()).unwrap_or_default(),
        request.replica.as_ref().map(ToString::to_string).unwrap_or_default(),
        request.outcome.to_string(),
        request.code.clone().unwrap_or_default(),
        request.lost.to_string(),
        input,
        output,
    ]
}

fn content(content: Content) -> String {
    match content {
        Content::Json(value) => value.to_string(),
        Content::Text(text) | Content::Base64(text) => text,
    }
}
