//! The common parts of lists: the part that is wanted, a page of it, and the cursor for the rest.

use domain::wire::Page;

use crate::commands::Refusal;

/// The part of a list that is wanted: what matches `q`, after `cursor`, at most `limit`.
#[derive(Clone, Debug)]
pub(crate) struct Matching {
    /// A part of a name, in lower case.
    pub(crate) q: String,
    /// The cursor that the page before ended with.
    pub(crate) cursor: Option<String>,
    /// The most items on the page.
    pub(crate) limit: u32,
}

/// The first `limit` of what follows the cursor, and the cursor for the rest.
pub(super) fn page<T>(rest: impl IntoIterator<Item = T>, limit: u32, cursor: impl FnOnce(&T) -> String) -> Page<T> {
    let mut rest = rest.into_iter();
    let items: Vec<T> = rest.by_ref().take(limit as usize).collect();
    let more = rest.next().is_some();
    let next_cursor = items.last().filter(|_| more).map(cursor);
    Page { items, next_cursor }
}

/// The same page with each row as it is shown.
pub(super) fn shown<T, V>(rows: Page<T>, show: impl FnMut(T) -> Result<V, Refusal>) -> Result<Page<V>, Refusal> {
    let items = rows.items.into_iter().map(show).collect::<Result<_, _>>()?;
    Ok(Page { items, next_cursor: rows.next_cursor })
}

/// A cursor that no answer gave.
pub(crate) fn wrong_cursor() -> Refusal {
    Refusal::invalid("cursor", "This cursor was not given by this list. Leave it out to begin at the beginning.")
}
