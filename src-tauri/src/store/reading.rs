//! Reading: a view of the tables; what can be read stands beside each table.

use rusqlite::Connection;

/// A view of the tables at one moment.
#[derive(Clone, Copy)]
pub struct Reading<'a>(pub(in crate::store) &'a Connection);
