//! The export of what is shown.

use domain::wire::ExportForm;
use jiff::Timestamp;
use leptos::prelude::*;

use super::filter::HistoryFilter;
use crate::api;
use crate::components::{Glyph, Icon};

/// A button that opens to the two forms.
#[component]
pub(super) fn Export(filter: Memo<HistoryFilter>) -> impl IntoView {
    let open = RwSignal::new(false);
    let whole = move || filter.with(|filter| filter.everything() && filter.count() == 0 && filter.q.is_empty());
    let link = move |form: ExportForm, name: &'static str, text: &'static str| {
        let address =
            move || filter.with(|filter| api::history::export(&filter.query(Timestamp::now()), filter.engine(), form));
        view! { <a class="button" href=address download="" rel="external" data-test=name>{text}</a> }
    };
    view! {
        <button
            type="button"
            class="button"
            data-test="export"
            aria-expanded=move || open.get().to_string()
            aria-controls="history-export"
            on:click=move |_| open.update(|open| *open = !*open)
        >
            <Glyph icon=Icon::Download/>"Export"
        </button>
        <div id="history-export" class="quiet-box history-export" hidden=move || !open.get()>
            {link(ExportForm::Lines, "export-lines", "JSON lines")}
            {link(ExportForm::Table, "export-table", "CSV")}
            <span class="small second">
                {move || match whole() {
                    true => "The whole history, oldest first. JSON lines can be verified without a server.",
                    false => "What these filters choose, oldest first, with the head. A part cannot be verified alone: for that, export everything without filters.",
                }}
            </span>
        </div>
    }
}
