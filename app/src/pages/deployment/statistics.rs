//! The requests of the chosen time added up: by model version, with all of them below.

use std::collections::BTreeMap;

use domain::action::Action;
use domain::id::RevisionNumber;
use domain::metrics::{Histogram, RequestSum};
use domain::wire::{DeploymentView, MetricsTotal};
use leptos::prelude::*;

use super::measured::Measured;
use super::subject::Subject;
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open};
use crate::words::{self, numbers};

/// What answered: a model version, or a revision of which no more is known; or nobody.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answerer {
    Model(String),
    Revision(RevisionNumber),
    NoReplica,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
struct StatisticsRow {
    answerer: Option<Answerer>,
    revisions: Vec<RevisionNumber>,
    sum: RequestSum,
}

/// The totals by what answered, that of the newest revision first, and all of them at the end.
fn rows(totals: &[MetricsTotal], model_of: impl Fn(RevisionNumber) -> Option<String>) -> Vec<StatisticsRow> {
    let mut found: BTreeMap<Answerer, StatisticsRow> = BTreeMap::new();
    let blank = |answerer| StatisticsRow { answerer, revisions: Vec::new(), sum: RequestSum::default() };
    let mut all = blank(None);
    for total in totals {
        let sum =
            RequestSum { durations: Histogram::of_ascending(total.durations.iter().copied()), failed: total.failed };
        let answerer = match total.revision {
            None => Answerer::NoReplica,
            Some(number) => model_of(number).map_or(Answerer::Revision(number), Answerer::Model),
        };
        let row = found.entry(answerer.clone()).or_insert_with(|| blank(Some(answerer)));
        row.revisions.extend(total.revision);
        row.sum.add(&sum);
        all.sum.add(&sum);
    }
    let mut rows: Vec<_> = found.into_values().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.revisions.iter().max().copied()));
    if rows.len() > 1 {
        rows.push(all);
    }
    rows
}

fn model_of(view: &DeploymentView, number: RevisionNumber) -> Option<String> {
    let revision = view.revision_list.iter().flatten().find(|revision| revision.number == number)?;
    (!revision.models.is_empty()).then(|| words::models(&revision.models))
}

/// The table.
#[component]
pub(super) fn StatisticsTable(measured: Measured) -> impl IntoView {
    let subject: Subject = expect_context();
    let dialogs = Dialogs::here();
    let rows = Memo::new(move |_| {
        let answered = measured.query.value()?;
        let lines = subject
            .view
            .with(|view| rows(&answered.view.totals, |number| view.as_deref().and_then(|view| model_of(view, number))));
        Some((answered.time.last, lines))
    });
    let blocked = Memo::new(move |_| subject.view.with(|view| why_not(view.as_deref()?, Action::ClearStatistics)));
    let clear = move |_| {
        if blocked.with_untracked(Option::is_none) {
            dialogs.open(Open::ClearStatistics(subject.id()));
        }
    };
    let body = move || {
        let (last, rows) = rows.get()?;
        Some(match rows.is_empty() {
            true => {
                view! { <p class="sub" data-test="no-statistics">{format!("No request in the last {last}.")}</p> }.into_any()
            }
            false => view! {
                <div class="value-table" tabindex="0" role="region" aria-label="Statistics">
                    <table class="facts" data-test="statistics">
                        <caption class="visually-hidden">{format!("Requests of the last {last} by model version")}</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Model"</th><th scope="col">"Revisions"</th><th scope="col">"Requests"</th>
                                <th scope="col">"Errors"</th><th scope="col">"p50"</th><th scope="col">"p95"</th><th scope="col">"p99"</th>
                            </tr>
                        </thead>
                        <tbody>{rows.into_iter().map(line).collect_view()}</tbody>
                    </table>
                </div>
            }
            .into_any(),
        })
    };
    view! {
        <section class="card">
            <div class="card-head">
                <h2>"Statistics"</h2>
                <span class="sub">{move || rows.get().map(|(last, _)| format!("of the last {last}"))}</span>
                <span class="grow"></span>
                <button
                    type="button"
                    class="button small"
                    data-test="clear-statistics"
                    aria-disabled=move || blocked.with(|blocked| blocked.is_some().then_some("true"))
                    title=move || blocked.get()
                    on:click=clear
                >
                    "Clear statistics…"
                </button>
            </div>
            {body}
        </section>
    }
}

fn line(row: StatisticsRow) -> impl IntoView {
    let name = match row.answerer {
        Some(Answerer::Model(name)) => name,
        Some(Answerer::Revision(number)) => format!("revision {number}"),
        Some(Answerer::NoReplica) => "no replica answered".to_owned(),
        None => "all".to_owned(),
    };
    let revisions = row.revisions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let (requests, failed) = (row.sum.durations.requests(), row.sum.failed);
    let share = if requests > 0 { failed as f64 / requests as f64 } else { 0.0 };
    let took = |share| row.sum.durations.percentile_ms(share).map_or_else(String::new, numbers::millis);
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td>{revisions}</td>
            <td>{numbers::whole(requests)}</td>
            <td>{numbers::whole(failed)}" ("{numbers::share(share)}")"</td>
            <td>{took(0.50)}</td><td>{took(0.95)}</td><td>{took(0.99)}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(revision: u32, bucket: usize, requests: u64, failed: u64) -> MetricsTotal {
        MetricsTotal {
            revision: (revision > 0).then_some(RevisionNumber(revision)),
            requests,
            failed,
            durations: vec![(bucket, requests)],
            ..MetricsTotal::default()
        }
    }

    #[test]
    fn revisions_of_one_model_version_are_one_row_with_percentiles_of_their_own() {
        let totals =
            [total(0, 40, 3, 3), total(1, 60, 90, 1), total(2, 60, 5, 0), total(3, 90, 10, 2), total(4, 70, 1, 0)];
        let name = |number: RevisionNumber| match number.0 {
            1 | 3 => Some("iris v1".to_owned()),
            2 => Some("iris v2".to_owned()),
            _ => None,
        };
        let rows = rows(&totals, name);
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.answerer.clone(), row.revisions.len(), row.sum.durations.requests(), row.sum.failed))
            .collect();
        let model = |name: &str| Some(Answerer::Model(name.to_owned()));
        assert_eq!(
            told,
            [
                (Some(Answerer::Revision(RevisionNumber(4))), 1, 1, 0),
                (model("iris v1"), 2, 100, 3),
                (model("iris v2"), 1, 5, 0),
                (Some(Answerer::NoReplica), 0, 3, 3),
                (None, 0, 109, 6),
            ]
        );
        let one = &rows[1].sum.durations;
        assert!(one.percentile_ms(0.5) < one.percentile_ms(0.95), "the slower revision is in it");
    }

    #[test]
    fn a_single_row_needs_no_sum_and_nothing_has_no_row() {
        assert_eq!(rows(&[total(1, 60, 1, 0)], |_| None).len(), 1);
        assert!(rows(&[], |_| None).is_empty());
    }
}
