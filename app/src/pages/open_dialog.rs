//! Draws the dialog that is open.

use leptos::prelude::*;

use super::dialogs::{Dialogs, Open};
use super::palette::PaletteDialog;
use super::parts::{self, part};
use super::shortcuts::ShortcutsDialog;

/// Draws the open dialog.
#[component]
pub(crate) fn OpenDialog() -> impl IntoView {
    let dialogs = Dialogs::here();
    move || {
        dialogs.now().map(|open| match open {
            // At hand at once.
            Open::Palette => view! { <PaletteDialog/> }.into_any(),
            Open::Shortcuts => view! { <ShortcutsDialog/> }.into_any(),
            open => part(parts::fetch_dialog, move || parts::dialog(open.clone())),
        })
    }
}
