//! The rows that are chosen, to do something with several at once.

use std::collections::BTreeSet;

use domain::id::DeploymentId;
use leptos::prelude::*;

/// Chosen rows, also such as are not shown just now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ChosenRows {
    ids: BTreeSet<DeploymentId>,
    /// The row from which a range is chosen.
    last: Option<DeploymentId>,
}

impl ChosenRows {
    /// True for one of them.
    pub(super) fn has(&self, id: &DeploymentId) -> bool {
        self.ids.contains(id)
    }

    /// Chooses a row, or lets go of it.
    pub(super) fn toggle(&mut self, id: DeploymentId) {
        if !self.ids.remove(&id) {
            self.ids.insert(id.clone());
        }
        self.last = Some(id);
    }

    /// Chooses all rows from the one before to this one; this one alone where there is none before.
    pub(super) fn up_to(&mut self, id: DeploymentId, rows: &[DeploymentId]) {
        let place = |of: &DeploymentId| rows.iter().position(|row| row == of);
        let range = self.last.as_ref().and_then(place).zip(place(&id));
        match range {
            Some((one, other)) => self.ids.extend(rows[one.min(other)..=one.max(other)].iter().cloned()),
            None => {
                self.ids.insert(id.clone());
            }
        }
        self.last = Some(id);
    }

    /// Chooses all of these.
    pub(super) fn all(&mut self, rows: &[DeploymentId]) {
        self.ids.extend(rows.iter().cloned());
    }

    /// Lets go of all.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Those that are chosen of these rows, in their order: what is not shown is not meant.
    pub(super) fn of(&self, rows: &[DeploymentId]) -> Vec<DeploymentId> {
        rows.iter().filter(|id| self.has(id)).cloned().collect()
    }
}

/// The choice of a page.
#[derive(Clone, Copy)]
pub(super) struct Choosing {
    /// The rows that are chosen.
    pub(super) chosen: RwSignal<ChosenRows>,
    /// The rows that are shown.
    pub(super) rows: Signal<Vec<DeploymentId>>,
}

impl Choosing {
    /// Makes it available to the rows.
    pub(super) fn provide(rows: Signal<Vec<DeploymentId>>) -> Self {
        let this = Self { chosen: RwSignal::new(ChosenRows::default()), rows };
        provide_context(this);
        this
    }

    /// That of the page around the caller.
    pub(super) fn here() -> Self {
        expect_context()
    }

    /// Those of the shown rows that are chosen.
    pub(super) fn now(self) -> Vec<DeploymentId> {
        self.rows.with(|rows| self.chosen.with(|chosen| chosen.of(rows)))
    }

    /// Chooses a row or lets go of it; with a range, all from the row before to it.
    pub(super) fn choose(self, id: &DeploymentId, range: bool) {
        let id = id.clone();
        self.rows.with_untracked(|rows| {
            self.chosen.update(|chosen| if range { chosen.up_to(id, rows) } else { chosen.toggle(id) });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &str) -> Vec<DeploymentId> {
        names.chars().map(|name| format!("d{name}").parse().unwrap()).collect()
    }

    #[test]
    fn rows_are_chosen_one_by_one_in_ranges_and_all() {
        let rows = ids("abcde");
        let [a, b, d] = ["a", "b", "d"].map(|name| ids(name).remove(0));
        let mut chosen = ChosenRows::default();
        chosen.up_to(b.clone(), &rows);
        assert_eq!(chosen.of(&rows), ids("b"), "a range without a begin is one row");
        chosen.up_to(d.clone(), &rows);
        assert_eq!(chosen.of(&rows), ids("bcd"));
        chosen.up_to(a, &rows);
        assert_eq!(chosen.of(&rows), ids("abcd"), "upwards too");
        chosen.toggle(b);
        assert_eq!(chosen.of(&rows), ids("acd"));
        // What a filter hides is not meant, and is chosen again when it comes back.
        assert_eq!(chosen.of(&ids("dxe")), ids("d"));
        assert_eq!(chosen.of(&rows), ids("acd"));
        chosen.all(&rows);
        assert_eq!(chosen.of(&rows), rows);
        chosen.clear();
        assert_eq!(chosen, ChosenRows::default());
        chosen.toggle(d.clone());
        // The begin of the range is gone from the list.
        chosen.up_to(ids("e").remove(0), &ids("abe"));
        assert_eq!(chosen.of(&rows), ids("de"));
    }
}
