//! Two models side by side, with what differs marked. Long lists show what differs and fold what is equal.

use domain::compat::{AlignedPart, AlignedRow, Cell, Mark};
use leptos::prelude::*;

use crate::words::compat as words;
use crate::words::{count, numbers};

/// Equal rows of a part that are shown before the rest is folded.
const EQUAL: usize = 16;
/// Rows that differ that are shown at once, and that each click adds.
const DIFFERING: usize = 200;

/// A table with a row for everything that either has.
#[component]
pub(crate) fn SignatureComparison(
    /// The rows, as [`domain::compat::align`] makes them.
    parts: Vec<AlignedPart>,
    /// Names the side in use.
    #[prop(into)]
    current: String,
    /// Names the candidate's side.
    #[prop(into)]
    candidate: String,
) -> impl IntoView {
    let (old, new) = (current.clone(), candidate.clone());
    let parts = parts.into_iter().map(|part| view! { <Part part=part current=old.clone() candidate=new.clone()/> });
    view! {
        <table class="aligned" data-test="comparison">
            <thead>
                <tr>
                    <th scope="col"><span class="visually-hidden">"Name"</span></th>
                    <th scope="col">{current}</th>
                    <th scope="col">{candidate}</th>
                    <th scope="col"><span class="visually-hidden">"Difference"</span></th>
                </tr>
            </thead>
            {parts.collect_view()}
        </table>
    }
}

#[component]
fn Part(part: AlignedPart, current: String, candidate: String) -> impl IntoView {
    let more = RwSignal::new(0);
    let differing = part.rows.iter().filter(|row| row.mark != Mark::Equal).count();
    let rows = StoredValue::new(part.rows);
    let shown = Memo::new(move |_| rows.with_value(|rows| shown(rows, more.get())));
    let folded = Memo::new(move |_| rows.with_value(|rows| folded(rows, &shown.get())));
    let sides = StoredValue::new((current, candidate));
    let draw =
        move |at: usize| rows.with_value(|rows| rows.get(at).cloned()).map(|row| view! { <Row row=row sides=sides/> });
    view! {
        <tbody data-test="part" data-part=part.title>
            <tr class="part">
                <th scope="rowgroup" colspan="4">{part.title}" "<span class="sub">{words::differences(differing)}</span></th>
            </tr>
            <For each=move || shown.get() key=|at| *at let:at>{draw(at)}</For>
            {move || folded.get().map(|text| view! {
                <tr class="folded">
                    <td colspan="4">
                        <button type="button" class="button quiet small" data-test="unfold" on:click=move |_| more.update(|more| *more += 1)>{text}</button>
                    </td>
                </tr>
            })}
        </tbody>
    }
}

/// Places of the rows that are shown after `more` clicks: what differs, and the first of what is equal.
fn shown(rows: &[AlignedRow], more: usize) -> Vec<usize> {
    let (mut equal, mut differing) = (EQUAL + more * DIFFERING, DIFFERING * (more + 1));
    // Nothing is folded for the sake of one or two.
    if rows.len() <= EQUAL + 2 {
        equal = rows.len();
    }
    let mut left = |row: &AlignedRow| {
        let left = if row.mark == Mark::Equal { &mut equal } else { &mut differing };
        let fits = *left > 0;
        *left = left.saturating_sub(1);
        fits
    };
    rows.iter().enumerate().filter(|(_, row)| left(row)).map(|(at, _)| at).collect()
}

/// The number of hidden rows in words, as in *and 988 equal ones*.
fn folded(rows: &[AlignedRow], shown: &[usize]) -> Option<String> {
    let mut visible = shown.iter().copied().peekable();
    let (mut equal, mut differing) = (0_usize, 0_usize);
    for (at, row) in rows.iter().enumerate() {
        if visible.next_if_eq(&at).is_none() {
            if row.mark == Mark::Equal { equal += 1 } else { differing += 1 }
        }
    }
    let parts = [
        (differing > 0).then(|| format!("{} that differ", numbers::whole(differing as u64))),
        (equal > 0).then(|| count(equal, "equal one", "equal ones")),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("and {}", parts.join(", ")))
}

#[component]
fn Row(row: AlignedRow, sides: StoredValue<(String, String)>) -> impl IntoView {
    let (sign, word) = words::mark(row.mark);
    let class = if row.mark == Mark::Equal { "equal" } else { "differs" };
    let name = if row.name.is_empty() { "(no name)".to_owned() } else { row.name.clone() };
    // Where one side does not say, the gap is no absence.
    let gap = if row.mark == Mark::Unknown { "not stated" } else { "–" };
    let (current, candidate) = sides.get_value();
    view! {
        <tr class=class data-test="aligned" data-name=row.name data-mark=word>
            <th scope="row"><code>{name}</code></th>
            <td data-side=current><Side cell=row.current gap=gap/></td>
            <td data-side=candidate><Side cell=row.candidate gap=gap/></td>
            <td class="mark"><span aria-hidden="true">{sign}</span>" "<span class="mark-word">{word}</span></td>
        </tr>
    }
}

#[component]
fn Side(cell: Option<Cell>, gap: &'static str) -> impl IntoView {
    match cell {
        None => view! { <span class="gap">{gap}</span> }.into_any(),
        Some(cell) => view! {
            <span>
                {cell.place.map(|place| view! { <span class="place" title="Position, counted from 0">{format!("#{place} ")}</span> })}
                <code>{cell.text}</code>
                {cell.declared.then(|| view! { <super::DeclaredTag/> })}
            </span>
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(mark: Mark) -> AlignedRow {
        AlignedRow { name: String::new(), current: None, candidate: None, mark }
    }

    #[test]
    fn what_differs_is_shown_and_equal_rows_are_folded_with_their_number() {
        let mut rows: Vec<_> = (0..1_000).map(|_| row(Mark::Equal)).collect();
        rows[900].mark = Mark::Changed;
        let first = shown(&rows, 0);
        assert_eq!((first.len(), first.last()), (EQUAL + 1, Some(&900)));
        assert_eq!(folded(&rows, &first).as_deref(), Some("and 983 equal ones"));
        assert_eq!(shown(&rows, 5).len(), 1_000);
        assert_eq!(folded(&rows, &shown(&rows, 5)), None);
    }

    #[test]
    fn a_short_list_is_shown_whole() {
        let rows: Vec<_> = (0..EQUAL + 2).map(|_| row(Mark::Equal)).collect();
        assert_eq!(shown(&rows, 0).len(), rows.len());
        let many: Vec<_> = (0..DIFFERING + 3).map(|_| row(Mark::Added)).collect();
        assert_eq!(folded(&many, &shown(&many, 0)).as_deref(), Some("and 3 that differ"));
    }
}
