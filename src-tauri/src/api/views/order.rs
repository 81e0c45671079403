//! The orders that deployments are listed in.

use domain::deployment::{Importance, Status};
use domain::ledger::Deployment;
use jiff::Timestamp;

use super::list::wrong_cursor;
use crate::commands::Refusal;

#[derive(Clone, Copy)]
enum SortField {
    Name,
    Status,
    Importance,
    CreatedAt,
    LastOperation,
}

#[derive(Clone, Copy)]
pub(super) struct DeploymentOrder {
    field: SortField,
    reversed: bool,
}

/// The key of a deployment in an order. Names are unique, so no two keys are equal, and a page that is asked
/// for later begins where the one before ended, whatever came or went in between.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SortKey {
    key: i64,
    name: String,
}

impl DeploymentOrder {
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let (reversed, word) = text.strip_prefix('-').map_or((false, text), |word| (true, word));
        let field = match word {
            "name" => SortField::Name,
            "status" => SortField::Status,
            "importance" => SortField::Importance,
            "created_at" => SortField::CreatedAt,
            "last_operation" => SortField::LastOperation,
            _ => {
                return Err(Refusal::invalid(
                    "sort",
                    "Sort by name, status, importance, created_at or last_operation, or by one of them with - before it.",
                ));
            }
        };
        Ok(Self { field, reversed })
    }

    /// True for the order of names, from A to Z.
    pub(super) fn is_by_name(self) -> bool {
        matches!(self, Self { field: SortField::Name, reversed: false })
    }

    /// The key of a deployment. Where its values are hidden it is made of what is shown in their place: neither the order
    /// nor a cursor tells them.
    pub(super) fn key(self, row: &Deployment, is_hidden: bool) -> SortKey {
        let importance = if is_hidden { Importance::default() } else { row.terms.importance };
        let time = |time: Timestamp| if is_hidden { 0 } else { time.as_microsecond() };
        let key = match self.field {
            SortField::Name => 0,
            // What needs somebody comes first.
            SortField::Status => match row.status {
                Status::Dead => 0,
                Status::Unknown => 1,
                Status::Pending => 2,
                Status::Stopping => 3,
                Status::Running => 4,
                Status::Stopped => 5,
            },
            SortField::Importance => match importance {
                Importance::Critical => 0,
                Importance::High => 1,
                Importance::Moderate => 2,
                Importance::Low => 3,
            },
            SortField::CreatedAt => time(row.created_at),
            SortField::LastOperation => time(row.last_operation.at),
        };
        SortKey { key, name: row.name.to_string() }
    }

    pub(super) fn compare(self, a: &SortKey, b: &SortKey) -> std::cmp::Ordering {
        if self.reversed { b.cmp(a) } else { a.cmp(b) }
    }
}

impl SortKey {
    /// The name of the deployment.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn read(cursor: &str) -> Result<Self, Refusal> {
        let (key, name) = cursor.split_once('.').ok_or_else(wrong_cursor)?;
        Ok(Self { key: key.parse().map_err(|_| wrong_cursor())?, name: name.to_owned() })
    }
}

impl std::fmt::Display for SortKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.key, self.name)
    }
}
