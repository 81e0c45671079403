//! The filters of the recorded requests, which stand in the address, and the files to download.

use domain::wire::ExportForm;
use leptos::prelude::*;

use super::subject::Subject;
use crate::api::{self, records::RecordFilter};
use crate::components::{Choice, Glyph, Icon};
use crate::pages::in_address::{parameter, parameter_setter};

/// Periods to choose from: in the address, in seconds, and in words.
pub(super) const PERIODS: [(&str, i64, &str); 4] = [
    ("15m", 900, "Last 15 minutes"),
    ("1h", 3_600, "Last hour"),
    ("24h", 86_400, "Last 24 hours"),
    ("7d", 604_800, "Last 7 days"),
];

/// The filters.
#[component]
pub(super) fn RecordFilters(
    /// What they come to.
    filter: Signal<RecordFilter>,
    /// A line is kept of each request, and input and output of some.
    both: bool,
    /// New ones appear by themselves.
    follows: RwSignal<bool>,
) -> impl IntoView {
    let subject: Subject = expect_context();
    let (revision, set_revision) = (parameter("revision"), parameter_setter("revision"));
    let (since, set_since) = (parameter("since"), parameter_setter("since"));
    let revisions = Signal::derive(move || {
        let list =
            subject.view.with(|view| view.as_ref().and_then(|view| view.revision_list.clone()).unwrap_or_default());
        let mut options = vec![(String::new(), "All revisions".to_owned())];
        options.extend(list.iter().map(|one| (one.number.to_string(), format!("Revision {}", one.number))));
        let chosen = revision.get();
        if !options.iter().any(|(value, _)| *value == chosen) {
            options.push((chosen.clone(), format!("Revision {chosen}")));
        }
        options
    });
    let mut periods = vec![(String::new(), "All that is kept".to_owned())];
    periods.extend(PERIODS.map(|(key, _, words)| (key.to_owned(), words.to_owned())));
    let link = move |form: ExportForm, name: &'static str, text: &'static str| {
        let address = move || filter.with(|filter| api::records::file(&subject.name(), filter, form));
        view! { <a class="button small" href=address download="" rel="external" data-test=name><Glyph icon=Icon::Download/>{text}</a> }
    };
    view! {
        <div class="filters record-filters">
            <Choice label="Revision" name="record-revision" bare=true options=revisions value=revision on_choose=move |value| set_revision.run(value)/>
            <Choice label="Time" name="record-since" bare=true options=periods value=since on_choose=move |value| set_since.run(value)/>
            <Toggle key="errors" label="Errors only" name="errors-only"/>
            {both.then(|| view! { <Toggle key="kept" label="With input and output" name="kept-only"/> })}
            <span class="grow"></span>
            <label class="check">
                <input type="checkbox" data-test="follow-records" prop:checked=move || follows.get() on:change:target=move |event| follows.set(event.target().checked())/>
                "Follow"
            </label>
            {link(ExportForm::Lines, "records-lines", "JSON lines")}
            {link(ExportForm::Table, "records-table", "CSV")}
        </div>
    }
}

/// A filter that is on or off.
#[component]
fn Toggle(key: &'static str, label: &'static str, name: &'static str) -> impl IntoView {
    let (word, set) = (parameter(key), parameter_setter(key));
    let on = move || word.with(|word| word == "true");
    view! {
        <label class="check">
            <input
                type="checkbox"
                data-test=name
                prop:checked=on
                on:change:target=move |event| set.run(if event.target().checked() { "true".to_owned() } else { String::new() })
            />
            {label}
        </label>
    }
}
