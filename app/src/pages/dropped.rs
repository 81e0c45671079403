//! What is dropped on a page: the file that *Register* begins with, and the dialog that takes what is dropped meanwhile.

use std::rc::Rc;

use leptos::prelude::*;
use web_sys::File;

/// A file that may be the one of a model, or the sentence that says why what was dropped is none.
pub(crate) type DroppedFile = Result<File, String>;

type TakeFile = Rc<dyn Fn(DroppedFile)>;

/// What is dropped, to be had by every page.
#[derive(Clone, Copy)]
pub(crate) struct Dropped {
    /// The file for the dialog that opens for it.
    waiting: StoredValue<Option<DroppedFile>, LocalStorage>,
    /// Of the dialog that is open and asks for a file.
    taker: StoredValue<Option<TakeFile>, LocalStorage>,
    /// Files are held over the page.
    held: RwSignal<Option<HeldFiles>>,
}

/// What becomes of files that are held over the page, once they are let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeldFiles {
    /// *Register* opens with the file.
    Registers,
    /// The dialog that is open takes the file.
    Chooses,
    /// The dialog that is open has no use for it.
    Nothing,
    /// There are several, of which none is taken.
    TooMany,
}

impl Dropped {
    /// Makes it available to every page.
    pub(crate) fn provide() {
        provide_context(Self {
            waiting: StoredValue::new_local(None),
            taker: StoredValue::new_local(None),
            held: RwSignal::new(None),
        });
    }

    /// The one of this page.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Keeps a file for the dialog that opens for it.
    pub(super) fn wait(self, file: DroppedFile) {
        self.waiting.set_value(Some(file));
    }

    /// The file that the dialog opens for, once.
    pub(crate) fn take(self) -> Option<DroppedFile> {
        self.waiting.try_update_value(Option::take).flatten()
    }

    /// Gives whatever is dropped to the caller, for as long as that is drawn.
    pub(crate) fn taken_by(self, take: impl Fn(DroppedFile) + 'static) {
        self.taker.set_value(Some(Rc::new(take)));
        on_cleanup(move || self.taker.set_value(None));
    }

    /// Whoever takes what is dropped.
    pub(super) fn taker(self) -> Option<TakeFile> {
        self.taker.get_value()
    }

    /// What becomes of the files that are held over the page.
    pub(super) fn held(self) -> Option<HeldFiles> {
        self.held.get()
    }

    /// Takes note of files that are held over the page, or are no longer.
    pub(super) fn hold(self, held: Option<HeldFiles>) {
        if self.held.get_untracked() != held {
            self.held.set(held);
        }
    }
}
