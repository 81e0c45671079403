//! The rows of the table, which keep their places while the pointer or the focus is among them.

use domain::id::DeploymentId;
use leptos::ev::{FocusEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

use super::listing::Filter;
use super::steady;
use crate::state::{Listing, state};

/// The rows as they are shown, and by what they were sorted last.
#[derive(Clone, Debug, PartialEq)]
struct Placed {
    filter: Filter,
    sorted: u64,
    rows: Vec<DeploymentId>,
}

/// The rows in the order in which they are shown.
#[derive(Clone, Copy)]
pub(super) struct HeldRows {
    pointer: RwSignal<bool>,
    focus: RwSignal<bool>,
    /// Goes up when somebody asks for the rows to be sorted.
    sorted: RwSignal<u64>,
    /// The rows.
    pub(super) rows: Memo<Vec<DeploymentId>>,
    /// The number of rows that would change their place.
    pub(super) moved: Memo<usize>,
}

impl HeldRows {
    /// Those of a list that wants to be in this order. Other filters and another order are what somebody has asked for just
    /// now, so they count at once.
    pub(super) fn of(filter: Memo<Filter>, wanted: Signal<Vec<DeploymentId>>) -> Self {
        let state = state();
        let (pointer, focus, sorted) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(0_u64));
        let placed = Memo::new(move |before: Option<&Placed>| {
            let (filter, sorted) = (filter.get(), sorted.get());
            let held = (pointer.get() || focus.get()) && state.listing() == Listing::Ready;
            let rows = match before.filter(|before| held && before.filter == filter && before.sorted == sorted) {
                Some(before) => wanted.with(|wanted| steady::kept(&before.rows, wanted)),
                None => wanted.get(),
            };
            Placed { filter, sorted, rows }
        });
        let rows = Memo::new(move |_| placed.with(|placed| placed.rows.clone()));
        let moved = Memo::new(move |_| {
            let held = pointer.get() || focus.get();
            if held { rows.with(|rows| wanted.with(|wanted| steady::moved(rows, wanted))) } else { 0 }
        });
        Self { pointer, focus, sorted, rows, moved }
    }

    /// Sorts the rows now.
    pub(super) fn sort(self) {
        self.sorted.update(|count| *count += 1);
    }

    /// The pointer has come into the table. A finger does not stay over what it has touched.
    pub(super) fn entered(self, event: &PointerEvent) {
        self.pointer.set(event.pointer_type() == "mouse");
    }

    /// The pointer has left the table. What had the focus may have gone meanwhile, of which the browser says nothing.
    pub(super) fn left(self, event: &PointerEvent) {
        let table = event.current_target().and_then(|table| table.dyn_into::<Element>().ok());
        let active = document().active_element();
        let inside = table.is_some_and(|table| active.is_some_and(|active| table.contains(Some(&active))));
        self.pointer.set(false);
        self.focus.set(inside);
    }

    /// Something in the table has the focus.
    pub(super) fn focused(self) {
        self.focus.set(true);
    }

    /// Something in the table has lost the focus, perhaps to something else in it.
    pub(super) fn blurred(self, event: &FocusEvent) {
        let table = event.current_target().and_then(|table| table.dyn_into::<Element>().ok());
        let next = event.related_target().and_then(|next| next.dyn_into::<Node>().ok());
        let stays = table.is_some_and(|table| next.is_some_and(|next| table.contains(Some(&next))));
        if !stays {
            self.focus.set(false);
        }
    }
}
