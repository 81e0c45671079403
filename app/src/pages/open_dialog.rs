//! Draws the dialog that is open.

use leptos::prelude::*;

use super::approvals::CancelRequestDialog;
use super::confirm::{CancelDialog, DeleteDialog, OperateDialog, QuarantineDialog, RemoveDialog, RollBackDialog};
use super::deploy::DeployDialog;
use super::dialogs::{AskedDialog, Dialogs, Open, UpdateTo};
use super::models::{DeleteModelDialog, RegisterDialog};
use super::palette::PaletteDialog;
use super::settings::SettingsDialog;
use super::shortcuts::ShortcutsDialog;
use super::update::UpdateDialog;
use super::use_cases::LinkDialog;
use crate::components::{Modal, use_close};

/// Draws the open dialog.
#[component]
pub(crate) fn OpenDialog() -> impl IntoView {
    let dialogs = Dialogs::here();
    let draw = move |open: Open| {
        dialogs.draft(&open).provide();
        match open {
            Open::Update(id, chosen) => view! { <UpdateDialog id=id chosen=chosen edits=None/> }.into_any(),
            Open::EditRequest(id, request, chosen) => {
                let chosen = chosen.map(UpdateTo::Configuration);
                view! { <UpdateDialog id=id chosen=chosen edits=Some(request)/> }.into_any()
            }
            Open::CancelRequest(id) => view! { <CancelRequestDialog id=id/> }.into_any(),
            Open::RollBack(id, to) => view! { <RollBackDialog id=id to=to/> }.into_any(),
            Open::Cancel(id, number) => view! { <CancelDialog id=id number=number/> }.into_any(),
            Open::Operate(id, operation) => view! { <OperateDialog id=id operation=operation/> }.into_any(),
            Open::Settings(id) => view! { <SettingsDialog id=id/> }.into_any(),
            Open::LinkUseCases(id) => view! { <LinkDialog id=id/> }.into_any(),
            Open::Quarantine(id, number) => view! { <QuarantineDialog id=id number=number/> }.into_any(),
            Open::Remove(id, number) => view! { <RemoveDialog id=id number=number/> }.into_any(),
            Open::Delete(id) => view! { <DeleteDialog id=id/> }.into_any(),
            Open::Deploy(model) => view! { <DeployDialog model=model/> }.into_any(),
            Open::Register(name) => view! { <RegisterDialog name=name/> }.into_any(),
            Open::DeleteModel(model) => view! { <DeleteModelDialog model=model/> }.into_any(),
            Open::Palette => view! { <PaletteDialog/> }.into_any(),
            Open::Shortcuts => view! { <ShortcutsDialog/> }.into_any(),
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
