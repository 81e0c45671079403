//! Stub
use leptos::prelude::*;
use domain::id::*;
#[component]
pub(crate) fn RollBackDialog(id: DeploymentId, to: Option<RevisionNumber>) -> impl IntoView {let _=(id,to);}
#[component]
pub(crate) fn CancelDialog(id: DeploymentId, number: RolloutNumber) -> impl IntoView {let _=(id,number);}
#[component]
pub(crate) fn DeleteDialog(id: DeploymentId) -> impl IntoView {let _=id;}
