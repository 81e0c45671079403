//! Lists deployments: filtered, sorted, a page at a time.

use std::sync::Arc;

use axum::extract::State;
use domain::deployment::{Importance, Status};
use domain::wire::{DeploymentView, Page};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::Refusal;
use crate::http::answer::Answer;
use crate::http::requests::{Asked, Many, limit, page, wrong_cursor};
use crate::http::serving::Serving;
use crate::http::views::{self, Include};
use domain::ledger::Deployment;

/// Which deployments are wanted, and in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// A part of the name.
    q: Option<String>,
    /// One or more of `pending running dead stopping stopped unknown`, with commas.
    #[param(value_type = Option<String>, pattern = "^((pending|running|dead|stopping|stopped|unknown)?(,|$))*$")]
    status: Many<Status>,
    /// One or more of `critical high moderate low`, with commas.
    #[param(value_type = Option<String>, pattern = "^((critical|high|moderate|low)?(,|$))*$")]
    importance: Many<Importance>,
    /// `name`, `status`, `importance`, `created_at` or `last_operation`; with `-` before it, the other way round.
    #[param(pattern = "^-?(name|status|importance|created_at|last_operation)$")]
    sort: Option<String>,
    /// How many at most: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(pattern = r"^-?[0-9]{1,18}\.")]
    cursor: Option<String>,
    /// `replicas`, `revisions`, or both with a comma.
    #[param(value_type = Option<String>, pattern = "^((replicas|revisions)?(,|$))*$")]
    include: Include,
}

/// List deployments.
#[utoipa::path(get, path = "/deployments", tag = "deployments", params(Wanted), responses((status = 200, body = Page<DeploymentView>)))]
pub(super) async fn list(State(serving): State<Arc<Serving>>, Asked(wanted): Asked<Wanted>) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    let order = Order::read(wanted.sort.as_deref().unwrap_or("name"))?;
    let after = wanted.cursor.as_deref().map(Place::read).transpose()?;
    let q = wanted.q.unwrap_or_default().to_lowercase();
    serving
        .read(move |api, reading| {
            let rows = reading.readable_deployments()?.into_iter().filter(|row| {
                row.name.as_str().contains(&q)
                    && wanted.status.allows(&row.status)
                    && wanted.importance.allows(&row.terms.importance)
            });
            let mut rows: Vec<_> = rows.map(|row| (order.place(&row), row)).collect();
            rows.sort_by(|(a, _), (b, _)| order.compare(a, b));
            let rest = rows
                .into_iter()
                .filter(|(place, _)| after.as_ref().is_none_or(|after| order.compare(place, after).is_gt()));
            let rows = page(rest, limit, |(place, _)| place.to_string());
            let views = rows.items.into_iter().map(|(_, row)| views::deployment(api, reading, row, &wanted.include));
            Answer::ok(&Page { items: views.collect::<Result<Vec<_>, _>>()?, next_cursor: rows.next_cursor })
        })
        .await
}

#[derive(Clone, Copy)]
enum Field {
    Name,
    Status,
    Importance,
    CreatedAt,
    LastOperation,
}

#[derive(Clone, Copy)]
struct Order {
    field: Field,
    reversed: bool,
}

/// Where a deployment stands in an order. Names are unique, so no two places are equal, and a page that is asked
/// for later begins where the one before ended, whatever came or went in between.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    key: i64,
    name: String,
}

impl Order {
    fn read(text: &str) -> Result<Self, Refusal> {
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

    fn place(self, row: &Deployment) -> Place {
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

    fn compare(self, a: &Place, b: &Place) -> std::cmp::Ordering {
        if self.reversed { b.cmp(a) } else { a.cmp(b) }
    }
}

impl Place {
    fn read(cursor: &str) -> Result<Self, Refusal> {
        let (key, name) = cursor.split_once('.').ok_or_else(wrong_cursor)?;
        Ok(Self { key: key.parse().map_err(|_| wrong_cursor())?, name: name.to_owned() })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.key, self.name)
    }
}
