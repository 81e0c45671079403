//! The numbers of a chart in a table, the newest first.

use leptos::html;
use leptos::prelude::*;

use super::bands::RolloutBand;
use super::drawing::Drawing;
use super::moments::of_bucket;
use super::readout::rollouts_at;

/// What opens the table, and the table.
#[component]
pub(super) fn NumberTable(drawing: Memo<Drawing>, bands: Signal<Vec<RolloutBand>>) -> impl IntoView {
    let fold = NodeRef::<html::Details>::new();
    let open = RwSignal::new(false);
    let toggled = move |_| open.set(fold.get_untracked().is_some_and(|fold| fold.has_attribute("open")));
    let title = Memo::new(move |_| drawing.with(|drawing| drawing.title.clone()));
    view! {
        <details node_ref=fold class="chart-numbers" on:toggle=toggled>
            <summary data-test="show-numbers">"Show numbers"<span class="visually-hidden">{move || format!(": {}", title.get())}</span></summary>
            <Show when=move || open.get()>
                <div class="scroll" tabindex="0" role="region" aria-label=move || format!("Numbers: {}", title.get())>
                    <table data-test="numbers">
                        <caption>{title}</caption>
                        {move || drawing.with(|drawing| bands.with(|bands| head_and_body(drawing, bands)))}
                    </table>
                </div>
            </Show>
        </details>
    }
}

fn head_and_body(drawing: &Drawing, bands: &[RolloutBand]) -> impl IntoView + use<> {
    let wide = drawing.measures.len().to_string();
    let groups =
        drawing.rows.iter().map(|row| view! { <th scope="colgroup" colspan=wide.clone()>{row.label.clone()}</th> });
    let measures = drawing.rows.iter().flat_map(|_| drawing.measures.clone());
    let line = |bucket: usize| {
        let cells = drawing.rows.iter().flat_map(|row| row.cells.get(bucket).cloned().unwrap_or_default());
        let remarks = [rollouts_at(drawing, bands, bucket), drawing.remarks.get(bucket).cloned().flatten()];
        view! {
            <tr>
                <th scope="row">{of_bucket(drawing.buckets, bucket)}</th>
                {cells.map(|cell| view! { <td>{cell}</td> }).collect_view()}
                <td class="remark">{remarks.into_iter().flatten().collect::<Vec<_>>().join("; ")}</td>
            </tr>
        }
    };
    view! {
        <thead>
            <tr><th scope="col" rowspan="2">"Time"</th>{groups.collect_view()}<th scope="col" rowspan="2">"What happened"</th></tr>
            <tr>{measures.map(|measure| view! { <th scope="col">{measure}</th> }).collect_view()}</tr>
        </thead>
        <tbody>{(0..drawing.buckets.count).rev().map(line).collect_view()}</tbody>
    }
}
