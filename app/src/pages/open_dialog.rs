//! Draws the dialog that is open.

use leptos::prelude::*;

use super::dialogs::{AskedDialog, Dialogs, Open};
use super::palette::PaletteDialog;
use super::parts;
use super::shortcuts::ShortcutsDialog;
use crate::components::{Modal, use_close};

/// Draws the open dialog.
#[component]
pub(crate) fn OpenDialog() -> impl IntoView {
    let dialogs = Dialogs::here();
    let draw = move |open: Open| {
        dialogs.draft(&open).provide();
        match open {
            // At hand at once.
            Open::Palette => view! { <PaletteDialog/> }.into_any(),
            Open::Shortcuts => view! { <ShortcutsDialog/> }.into_any(),
            open => parts::open_dialog(open),
        }
    };
    move || match dialogs.now() {
        AskedDialog::Nothing => ().into_any(),
        AskedDialog::Dialog(open) => draw(open),
        AskedDialog::Missing(why) => view! { <MissingDialog why=why/> }.into_any(),
    }
}

/// Says why the address leads to no dialog.
#[component]
fn MissingDialog(why: String) -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Modal title="This cannot be opened".to_owned() name="missing" on_close=move || dialogs.closed()>
            <div class="content"><p>{why}</p></div>
            <Leave/>
        </Modal>
    }
}

#[component]
fn Leave() -> impl IntoView {
    let close = use_close();
    view! {
        <footer>
            <button type="submit" class="button primary" data-test="leave" on:click=move |_| close.run()>"Close"</button>
        </footer>
    }
}
