//! The orders that deployments are listed in.

use domain::deployment::{Importance, Status};
use domain::ledger::Deployment;

use super::list::wrong_cursor;
use crate::commands::Refusal;

#[derive(Clone, Copy)]
enum Field {
    Name,
    Status,
    Importance,
    CreatedAt,
    LastOperation,
}

#[derive(Clone, Copy)]
pub(super) struct Order {
    field: Field,
    reversed: bool,
}

/// The place of a deployment in an order. Names are unique, so no two places are equal, and a page that is asked
/// for later begins where the one before ended, whatever came or went in between.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    key: i64,
    name: String,
}

impl Order {
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let (reversed, word) = text.strip_prefix('-').map_or((false, text), |word| (true, word));
        let field = match word {
            "name" => Field::Name,
            "status" => Field::Status,
            "importance" => Field::Importance,
            "created_at" => Field::CreatedAt,
            "last_operation" => Field::LastOperation,
            _ => {
                return Err(Refusal::invalid(
                    "sort",
                    "Sort by name, status, importance, created_at or last_operation, or by one of them with - before it.",
                ));
            }
        };
        Ok(Self { field, reversed })
    }

    pub(super) fn place(self, row: &Deployment) -> Place {
        let key = match self.field {
            Field::Name => 0,
            // What needs somebody comes first.
            Field::Status => match row.status {
                Status::Dead => 0,
                Status::Unknown => 1,
                Status::Pending => 2,
                Status::Stopping => 3,
                Status::Running => 4,
                Status::Stopped => 5,
            },
            Field::Importance => match row.terms.importance {
                Importance::Critical => 0,
                Importance::High => 1,
                Importance::Moderate => 2,
                Importance::Low => 3,
            },
            Field::CreatedAt => row.created_at.as_microsecond(),
            Field::LastOperation => row.last_operation.at.as_microsecond(),
        };
        Place { key, name: row.name.to_string() }
    }

    pub(super) fn compare(self, a: &Place, b: &Place) -> std::cmp::Ordering {
        if self.reversed { b.cmp(a) } else { a.cmp(b) }
    }
}

impl Place {
    pub(super) fn read(cursor: &str) -> Result<Self, Refusal> {
        let (key, name) = cursor.split_once('.').ok_or_else(wrong_cursor)?;
        Ok(Self { key: key.parse().map_err(|_| wrong_cursor())?, name: name.to_owned() })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.key, self.name)
    }
}
