//! A part of the history as a table of comma-separated values, in which no cell is a formula.

use std::borrow::Cow;

use bytes::Bytes;
use domain::chain::Link;
use domain::wire::HistoryEntry;

/// The titles of the columns.
const TITLES: [&str; 9] = ["entry", "time", "by", "deployment", "kind", "what", "actor", "deployment_id", "hash"];

/// A line of the table.
pub(super) type TableRow = [String; TITLES.len()];

/// The row of an entry.
pub(super) fn row(entry: &HistoryEntry, by: &str, deployment: &str) -> TableRow {
    let id = entry.deployment.as_ref().map(ToString::to_string).unwrap_or_default();
    [
        entry.seq.to_string(),
        entry.at.to_string(),
        by.to_owned(),
        deployment.to_owned(),
        entry.kind.to_string(),
        entry.summary.clone(),
        entry.actor.to_string(),
        id,
        entry.hash.clone(),
    ]
}

/// The last row: it says what the table is a part of.
pub(super) fn end(entries: u64, head: &Link) -> TableRow {
    let what = format!(
        "{entries} of the entries up to {}, the newest. A table cannot be verified: export the whole history for that.",
        head.seq
    );
    let mut row = TableRow::default();
    row[4] = "end".to_owned();
    row[5] = what;
    row[8].clone_from(&head.hash);
    row
}

/// The rows as text, the first time with the titles above them.
///
/// # Errors
/// The table cannot be written.
pub(super) fn written(titles: bool, rows: impl Iterator<Item = TableRow>) -> Result<Bytes, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    if titles {
        table.write_record(TITLES)?;
    }
    for row in rows {
        table.write_record(row.iter().map(|cell| harmless(cell).into_owned()))?;
    }
    let bytes = table.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(bytes.into())
}

/// The text in a form that a spreadsheet takes for nothing but text: what would begin a formula is put behind an apostrophe.
pub(super) fn harmless(cell: &str) -> Cow<'_, str> {
    let begins = |text: &str| text.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if cell.starts_with(['\t', '\r', '\n']) || begins(cell.trim_start()) {
        return Cow::Owned(format!("'{cell}"));
    }
    Cow::Borrowed(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (cell, written) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("\t=1", "'\t=1"),
            ("\rx", "'\rx"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("a=1", "a=1"),
            ("", ""),
            ("Started rollout 1", "Started rollout 1"),
        ] {
            assert_eq!(harmless(cell), written, "{cell:?}");
        }
    }

    #[test]
    fn cells_are_quoted_where_they_need_it() {
        let mut row = TableRow::default();
        row[5] = "=a,\"b\"\nc".to_owned();
        let text = written(true, [row].into_iter()).unwrap();
        let text = String::from_utf8(text.to_vec()).unwrap();
        assert_eq!(text, "entry,time,by,deployment,kind,what,actor,deployment_id,hash\n,,,,,\"'=a,\"\"b\"\"\nc\",,,\n");
    }
}
