//! Every dialog but those that must be at hand at once.

use leptos::prelude::*;

use super::application::{ApplicationDialog, DeleteApplicationDialog};
use super::approvals::CancelRequestDialog;
use super::confirm::{
    CancelDialog, ClearStatisticsDialog, DeleteDialog, OperateDialog, QuarantineDialog, RemoveDialog,
    RevokeTokensDialog, RollBackDialog, RotateKeyDialog,
};
use super::deploy::DeployDialog;
use super::dialogs::{Open, UpdateTo};
use super::models::{DeleteModelDialog, RegisterDialog};
use super::update::UpdateDialog;
use super::use_cases::LinkDialog;

/// A dialog and what it is about.
#[component]
pub(super) fn Dialog(open: Open) -> impl IntoView {
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
        Open::LinkUseCases(id) => view! { <LinkDialog id=id/> }.into_any(),
        Open::Application(id) => view! { <ApplicationDialog id=id/> }.into_any(),
        Open::DeleteApplication(id) => view! { <DeleteApplicationDialog id=id/> }.into_any(),
        Open::Quarantine(id, number) => view! { <QuarantineDialog id=id number=number/> }.into_any(),
        Open::Remove(id, number) => view! { <RemoveDialog id=id number=number/> }.into_any(),
        Open::RotateKey(id, key) => view! { <RotateKeyDialog id=id which=key/> }.into_any(),
        Open::RevokeTokens(id) => view! { <RevokeTokensDialog id=id/> }.into_any(),
        Open::ClearStatistics(id) => view! { <ClearStatisticsDialog id=id/> }.into_any(),
        Open::Delete(id) => view! { <DeleteDialog id=id/> }.into_any(),
        Open::Deploy(model) => view! { <DeployDialog model=model/> }.into_any(),
        Open::Register(name) => view! { <RegisterDialog name=name/> }.into_any(),
        Open::DeleteModel(model) => view! { <DeleteModelDialog model=model/> }.into_any(),
        Open::Palette | Open::Shortcuts => ().into_any(),
    }
}
