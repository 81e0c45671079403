//! Lists a deployment's revisions.

use std::sync::Arc;

use axum::extract::State;
use domain::id::RevisionNumber;
use domain::wire::{Page, RevisionView};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::commands::{self, Refusal};
use crate::http::answer::Answer;
use crate::http::requests::{Asked, At, limit, page};
use crate::http::serving::Serving;
use crate::http::views;

/// Which revisions are wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// How many at most: 1 to 1,000; by default 100.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    #[param(value_type = Option<String>, pattern = "^[0-9]{1,9}$")]
    cursor: Option<RevisionNumber>,
}

/// List a deployment's revisions, newest first, those still being deployed included.
#[utoipa::path(get, path = "/deployments/{d}/revisions", tag = "revisions", params(Wanted),
    responses((status = 200, body = Page<RevisionView>)))]
pub(super) async fn list(
    State(serving): State<Arc<Serving>>,
    At(d): At<String>,
    Asked(wanted): Asked<Wanted>,
) -> Result<Answer, Refusal> {
    let limit = limit(wanted.limit, 100, 1_000)?;
    serving
        .read(move |_, reading| {
            let row = commands::find(reading, &d)?;
            let rows = reading.readable_revisions(&row.id)?.into_iter();
            let rest = rows.filter(|found| wanted.cursor.is_none_or(|cursor| found.number < cursor));
            let rows = page(rest, limit, |found| found.number.to_string());
            let views = rows.items.into_iter().map(|found| views::revision(reading, found));
            Answer::ok(&Page { items: views.collect::<Result<Vec<_>, _>>()?, next_cursor: rows.next_cursor })
        })
        .await
}
