//! Draws the dialog that is open.

use leptos::prelude::*;

use super::application::{ApplicationDialog, DeleteApplicationDialog};
use super::approvals::CancelRequestDialog;
use super::confirm::{CancelDialog, DeleteDialog, OperateDialog, QuarantineDialog, RemoveDialog, RollBackDialog};
use super::deploy::DeployDialog;
use super::dialogs::{Dialogs, Open, UpdateTo};
use super::models::{DeleteModelDialog, RegisterDialog};
use super::palette::PaletteDialog;
use super::settings::SettingsDialog;
use super::shortcuts::ShortcutsDialog;
use super::update::UpdateDialog;
use super::use_cases::LinkDialog;

/// Draws the open dialog.
#[component]
pub(crate) fn OpenDialog() -> impl IntoView {
    let dialogs = Dialogs::here();
    move || {
        dialogs.now().map(|open| match open {
            Open::Update(id, chosen) => view! { <UpdateDialog id=id chosen=chosen edits=None/> }.into_any(),
            Open::EditRequest(id, request, chosen) => {
                let chosen = chosen.map(UpdateTo::Configuration);
                view! { <UpdateDialog id=id chosen=chosen edits=Some(request)/> }.into_any()
            }
            Open::CancelRequest(id, title) => view! { <CancelRequestDialog id=id title=title/> }.into_any(),
            Open::RollBack(id, to) => view! { <RollBackDialog id=id to=to/> }.into_any(),
            Open::Cancel(id, number) => view! { <CancelDialog id=id number=number/> }.into_any(),
            Open::Operate(id, operation) => view! { <OperateDialog id=id operation=operation/> }.into_any(),
            Open::Settings(id) => view! { <SettingsDialog id=id/> }.into_any(),
            Open::LinkUseCases(id) => view! { <LinkDialog id=id/> }.into_any(),
            Open::Application(id) => view! { <ApplicationDialog id=id/> }.into_any(),
            Open::DeleteApplication(id) => view! { <DeleteApplicationDialog id=id/> }.into_any(),
            Open::Quarantine(id, number) => view! { <QuarantineDialog id=id number=number/> }.into_any(),
            Open::Remove(id, number) => view! { <RemoveDialog id=id number=number/> }.into_any(),
            Open::Delete(id) => view! { <DeleteDialog id=id/> }.into_any(),
            Open::Deploy(model) => view! { <DeployDialog model=model/> }.into_any(),
            Open::Register(name) => view! { <RegisterDialog name=name/> }.into_any(),
            Open::DeleteModel(model) => view! { <DeleteModelDialog model=model/> }.into_any(),
            Open::Palette => view! { <PaletteDialog/> }.into_any(),
            Open::Shortcuts => view! { <ShortcutsDialog/> }.into_any(),
        })
    }
}
