//! What the request changes, its rehearsal, and the compatibility report.

use domain::diff::Impact;
use domain::wire::ChangeRequestView;
use leptos::prelude::*;

use super::subject::RequestSubject;
use super::value_changes::ValueChanges;
use crate::components::{Banner, CompatibilityReport, DifferenceTable, RehearsalPicture, VerdictBadge};
use crate::words::{self, Tone, numbers};

/// The differences, or the values that change without a rollout.
#[component]
pub(super) fn WhatChanges() -> impl IntoView {
    let RequestSubject { view, .. } = expect_context();
    move || {
        view.get().map(|view| {
            let note = view.note.clone();
            let reason = view.reason.map(|reason| words::sentence(words::reason(reason)));
            view! {
                <section class="panel" data-test="what-changes">
                    <header class="panel-head"><h2>"What changes"</h2><span class="sub">{effect(&view)}</span></header>
                    <div class="panel-body">
                        {changes(&view)}
                        {(note.is_some() || reason.is_some()).then(|| view! {
                            <p class="prose reason"><b>{reason}</b>{note.map(|note| format!(" {note}"))}</p>
                        })}
                    </div>
                </section>
            }
        })
    }
}

fn effect(view: &ChangeRequestView) -> String {
    let Some(rehearsal) = &view.rehearsal else { return String::new() };
    let costs = rehearsal.diff.iter().map(|difference| difference.impact).max().unwrap_or(Impact::NothingRestarts);
    let effect = match costs {
        Impact::NothingRestarts => "No running replica is restarted.",
        Impact::ReconfiguredInPlace => "Running replicas are reconfigured, none restarts.",
        Impact::RollingRestart => "Every replica is replaced.",
        Impact::VisibleToClients => "Clients must be told of the change.",
    };
    format!("{effect} {}.", words::count(rehearsal.diff.len(), "field differs", "fields differ"))
}

fn changes(view: &ChangeRequestView) -> AnyView {
    if let Some(rehearsal) = &view.rehearsal
        && !rehearsal.diff.is_empty()
    {
        return view! { <DifferenceTable differences=rehearsal.diff.clone()/> }.into_any();
    }
    if !view.values.is_empty() {
        let values = view.values.iter().map(|(field, change)| (field.replace('_', " "), change.clone()));
        return view! { <ValueChanges changes=values.collect()/> }.into_any();
    }
    match (view.models_before.as_slice(), view.models.as_slice()) {
        ([], []) => view! { <p class="prose">{format!("{}.", view.title)}</p> }.into_any(),
        (before, after) => {
            let (before, after) = (words::models(before), words::models(after));
            view! {
                <table class="differences"><tbody><tr>
                    <th scope="row">"model"</th>
                    <td class="was"><del>{before}</del></td>
                    <td class="becomes">{after}</td>
                </tr></tbody></table>
            }
            .into_any()
        }
    }
}

/// The rollout, played to the end as it would go now.
#[component]
pub(super) fn Rehearsed() -> impl IntoView {
    let RequestSubject { view, .. } = expect_context();
    move || {
        let view = view.get()?;
        let rehearsed = view.rehearsal.clone()?;
        let desired = rehearsed.configuration.desired(None);
        let facts = format!(
            "about {} · at most {} · never below {} of {desired} replicas",
            numbers::millis(rehearsed.plan.duration_ms as f64),
            words::count(rehearsed.plan.highest_total as usize, "replica", "replicas"),
            rehearsed.plan.lowest_available.min(desired),
        );
        let warnings: Vec<_> = rehearsed.plan.warnings.clone();
        let no_room = rehearsed.no_room.clone();
        Some(view! {
            <section class="panel" data-test="rehearsal-panel">
                <header class="panel-head"><h2>"Rehearsal"</h2><span class="sub">{facts}</span></header>
                <div class="panel-body stack">
                    {no_room.map(|why| view! { <Banner tone=Tone::Bad title="No room on the machine"><p>{why}</p></Banner> })}
                    {warnings.into_iter().map(|why| view! {
                        <Banner tone=Tone::Warning title="Before it starts"><p>{why}</p></Banner>
                    }).collect_view()}
                    <RehearsalPicture rehearsal=rehearsed.plan desired=desired/>
                </div>
            </section>
        })
    }
}

/// May the candidate replace what is in use?
#[component]
pub(super) fn Reported() -> impl IntoView {
    let RequestSubject { view, .. } = expect_context();
    move || {
        let view = view.get()?;
        let report = view.rehearsal.as_ref()?.compatibility.clone()?;
        Some(view! {
            <section class="panel" data-test="report-panel">
                <header class="panel-head">
                    <h2>"Report"</h2>
                    <VerdictBadge verdict=report.verdict unloaded=report.loading_is_open()/>
                    <span class="sub">{words::compat::counts(&report)}</span>
                </header>
                <div class="panel-body"><CompatibilityReport report=report bare=true/></div>
            </section>
        })
    }
}
