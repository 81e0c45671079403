//! The dialog that is open, as the address says it: opening is a step in the browser's history, closing takes it back.
//!
//! # Flow
//! Somebody opens a dialog → its parameters are written into the address → the address is read, and the dialog drawn. A
//! reload, a link and the browser's own buttons do the same without the first step.

mod address;
mod open;

use leptos::prelude::*;

use self::address::{KEYS, NoDialog, Parameters};
pub(crate) use self::open::{Open, UpdateTo};
use super::in_address::DialogPlace;
use super::kept_draft::KeptDraft;
use crate::state::{Listing, State, state};

/// Frames of the screen in which the browser goes back from a dialog.
const CLOSING_FRAMES: u32 = 30;

/// The dialog that the address asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum AskedDialog {
    /// None, or one of the page's own; or what it is about has not been read yet.
    Nothing,
    /// This one.
    Dialog(Open),
    /// One that cannot be shown, with the reason in a sentence.
    Missing(String),
}

/// Opens and closes dialogs.
#[derive(Clone, Copy)]
pub(crate) struct Dialogs {
    place: DialogPlace,
    shown: Memo<AskedDialog>,
    state: State,
}

impl Dialogs {
    /// Makes it available to every page.
    pub(crate) fn provide() {
        let (place, state) = (DialogPlace::here(), state());
        let asked = Memo::new(move |_| {
            let given = |key: &'static str| Some((key, place.parameter(key)?));
            KEYS.into_iter().filter_map(given).collect::<Parameters>()
        });
        // What is open stays as it is, also while what it is about goes: until the address says something else.
        let kept = Memo::new(move |before: Option<&(Parameters, AskedDialog)>| {
            let asked = asked.get();
            match before {
                Some(before @ (for_it, AskedDialog::Dialog(_))) if *for_it == asked => before.clone(),
                _ => {
                    let shown = shown(&asked, state);
                    (asked, shown)
                }
            }
        });
        provide_context(Self { place, shown: Memo::new(move |_| kept.get().1), state });
    }

    /// The one of this page.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Opens a dialog, unless another is open.
    pub(crate) fn open(self, dialog: Open) {
        self.open_within(dialog, CLOSING_FRAMES);
    }

    /// The one before may be closed already, and the browser still on its way back from it.
    fn open_within(self, dialog: Open, frames: u32) {
        let is_drawn = || document().query_selector("dialog[open]").ok().flatten().is_some();
        if !self.place.is_open() {
            self.show(&dialog, false);
        } else if frames > 0 && !is_drawn() {
            request_animation_frame(move || self.open_within(dialog, frames - 1));
        }
    }

    /// Opens a dialog in place of the one that has just closed.
    pub(crate) fn replace(self, dialog: Open) {
        self.show(&dialog, true);
    }

    fn show(self, dialog: &Open, in_place: bool) {
        let name = |id: &_| self.state.deployment_now(id).map(|view| view.name.to_string());
        if let Some(parameters) = dialog.written(name) {
            self.place.open(&KEYS, parameters, in_place);
        }
    }

    /// The one that is open.
    pub(crate) fn now(self) -> AskedDialog {
        self.shown.get()
    }

    /// Takes the dialog that has closed out of the address, and forgets what was written in it.
    pub(crate) fn closed(self) {
        self.forget();
        self.place.close(&KEYS);
    }

    /// Goes on from the open dialog to a page, which takes its place in the browser's history.
    pub(crate) fn go(self, page: &str) {
        self.forget();
        self.place.go(page);
    }

    fn forget(self) {
        if let Some(AskedDialog::Dialog(open)) = self.shown.try_get_untracked() {
            self.draft(&open).forget();
        }
    }

    /// Where what somebody writes in a dialog is kept while it is open.
    pub(crate) fn draft(self, open: &Open) -> KeptDraft {
        // By id: a later deployment may have the same name.
        let written = open.written(|id| Some(id.to_string())).unwrap_or_default();
        let words: Vec<_> = written.into_iter().map(|(_, value)| value).collect();
        KeptDraft::of(self.state, &words.join(" "))
    }
}

fn shown(asked: &Parameters, state: State) -> AskedDialog {
    let given = |key: &str| asked.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
    match Open::read(given, |name| state.id_of(name)) {
        Ok(None) => AskedDialog::Nothing,
        Ok(Some(open)) => AskedDialog::Dialog(open),
        Err(NoDialog::Unknown(name)) if state.listing() == Listing::Ready => AskedDialog::Missing(format!(
            "There is no deployment {name} that you see. It may have been deleted, or be shared with other people only."
        )),
        Err(NoDialog::Unknown(_)) => AskedDialog::Nothing,
        Err(NoDialog::Unreadable) => AskedDialog::Missing(
            "This link to a dialog is not complete, or is of another version. Open the dialog from its page."
                .to_owned(),
        ),
    }
}
