//! The choice of columns.

use domain::page_preferences::DeploymentColumn;
use leptos::prelude::*;

use super::arranged::{Hidden, columns};
use super::listing::COLUMNS;
use crate::components::Chip;

/// The chip with a box for each column. What is chosen is told to `choose`.
#[component]
pub(super) fn ColumnsChip(
    /// The columns that are left out now.
    #[prop(into)]
    hidden: Signal<Hidden>,
    /// Told the columns that are to be left out.
    choose: Callback<Hidden>,
) -> impl IntoView {
    let text = Signal::derive(move || match hidden.with(Hidden::len) {
        0 => "Columns".to_owned(),
        out => format!("{} of {} columns", DeploymentColumn::ALL.len() - out, DeploymentColumn::ALL.len()),
    });
    view! {
        <Chip
            label="Columns"
            name="columns"
            text=text
            chosen=Signal::derive(move || hidden.with(|hidden| !hidden.is_empty()))
            on_clear=move || choose.run(Hidden::new())
            panel=move |_| view! {
                <fieldset class="choices" data-shown=move || hidden.with(columns)>
                    <legend class="visually-hidden">"Columns that are shown"</legend>
                    {DeploymentColumn::ALL.map(|column| view! {
                        <label class="check">
                            <input
                                type="checkbox"
                                data-test=format!("column-{column}")
                                prop:checked=move || hidden.with(|hidden| !hidden.contains(&column))
                                on:change:target=move |event| {
                                    let shown = event.target().checked();
                                    let mut hidden = hidden.get_untracked();
                                    if shown { hidden.remove(&column); } else { hidden.insert(column); }
                                    choose.run(hidden);
                                }
                            />
                            {title(column)}
                        </label>
                    }).collect_view()}
                    <p class="sub">"Kept for you, on every device."</p>
                </fieldset>
            }
        />
    }
}

/// The title of a column, as the head of the table says it.
fn title(column: DeploymentColumn) -> &'static str {
    let sorted = COLUMNS.into_iter().find(|one| one.key() == column.as_str());
    sorted.map_or("Replicas", |one| one.title())
}
