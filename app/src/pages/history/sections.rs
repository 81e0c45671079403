//! What is told, in cards under the headings of days: a rollout is one card, what stands between two is another.

use domain::id::Seq;
use domain::wire::{HistoryEntry, HistoryGroup};
use jiff::civil::Date;
use leptos::prelude::*;

use super::line::{Line, LineNeeds};
use super::rollout::RolloutCard;
use crate::words::days;

/// A card.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Section {
    /// The day, where it is the first card of it.
    day: Option<Date>,
    card: Card,
}

#[derive(Clone, Debug, PartialEq)]
enum Card {
    Rollout(Box<HistoryGroup>),
    Alone(Vec<HistoryEntry>),
}

impl Section {
    /// What the card is drawn anew for. What moves while a rollout goes on is not in it.
    fn key(&self) -> (Option<Date>, Vec<Seq>) {
        let entries = match &self.card {
            Card::Alone(entries) => entries,
            Card::Rollout(group) => &group.entries,
        };
        (self.day, entries.iter().map(|entry| entry.seq).collect())
    }
}

/// The cards of the groups, in their order.
pub(super) fn sections(groups: &[HistoryGroup], day_of: impl Fn(&HistoryGroup) -> Date) -> Vec<Section> {
    let mut sections = Vec::<Section>::new();
    let mut day_before = None;
    for group in groups {
        let day = day_of(group);
        let new_day = (day_before != Some(day)).then_some(day);
        day_before = Some(day);
        if group.rollout.is_some() {
            sections.push(Section { day: new_day, card: Card::Rollout(Box::new(group.clone())) });
            continue;
        }
        match sections.last_mut() {
            Some(Section { card: Card::Alone(entries), .. }) if new_day.is_none() => {
                entries.extend(group.entries.iter().cloned());
            }
            _ => sections.push(Section { day: new_day, card: Card::Alone(group.entries.clone()) }),
        }
    }
    sections
}

/// The cards.
#[component]
pub(super) fn Sections(sections: Memo<Vec<Section>>, shown: LineNeeds, today: Memo<Date>) -> impl IntoView {
    view! {
        <div class="history" data-test="history">
            <For each=move || sections.get() key=Section::key let(Section { day, card })>
                {day.map(|day| view! { <h2 class="day-head">{move || days::title(day, today.get())}</h2> })}
                {match card {
                    Card::Rollout(group) => view! { <RolloutCard group=*group shown=shown/> }.into_any(),
                    Card::Alone(entries) => view! {
                        <section class="panel history-group" data-test="between">
                            <ol class="events">
                                {entries.into_iter().map(|entry| view! { <Line entry=entry shown=shown/> }).collect_view()}
                            </ol>
                        </section>
                    }.into_any(),
                }}
            </For>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_belongs_to_no_rollout_shares_a_card_until_the_day_or_a_rollout_ends_it() {
        let group = |place: u64, rollout: bool| -> HistoryGroup {
            let entry = json!({"seq": place, "at": "2026-05-01T10:00:00Z", "actor": "ada", "deployment": "d1",
                "kind": "deactivated", "summary": "s", "event": {}, "hash": "h"});
            let receipt = domain::receipt::Receipt::default();
            let told = json!({"number": 1, "kind": "update", "rolled_back_to": null, "from_revision": null,
                "to_revision": 1, "models_before": [], "models": [], "reason": null, "note": null, "request": null,
                "approvers": [], "overridden": false, "phase": "completed", "problem": null, "receipt": receipt,
                "started_at": null, "ended_at": null, "steps": 3, "first": place, "last": place});
            let told = if rollout { told } else { json!(null) };
            let group = json!({"place": place, "at": "2026-05-01T10:00:00Z", "rollout": told, "entries": [entry]});
            serde_json::from_value(group).unwrap()
        };
        let groups =
            [group(9, false), group(8, false), group(7, true), group(6, false), group(5, false), group(4, false)];
        let day_of = |group: &HistoryGroup| date(2026, 5, if group.place.0 >= 6 { 2 } else { 1 });
        let drawn: Vec<_> = sections(&groups, day_of)
            .iter()
            .map(|section| {
                let (day, seqs) = section.key();
                (day.map(|day| day.day()), seqs.into_iter().map(|seq| seq.0).collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(drawn, [(Some(2), vec![9, 8]), (None, vec![7]), (None, vec![6]), (Some(1), vec![5, 4])]);
    }
}
