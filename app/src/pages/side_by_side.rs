//! Two registered versions side by side, read when they are asked for.

use std::sync::Arc;

use domain::compat::align;
use domain::id::ModelRef;
use domain::model::RegisteredModel;
use leptos::prelude::*;

use super::query_answer::QueryAnswer;
use crate::api;
use crate::components::SignatureComparison;
use crate::state::Query;
use crate::words;

/// The signatures of both, aligned.
#[component]
pub(crate) fn SideBySide(current: ModelRef, candidate: ModelRef) -> impl IntoView {
    let (old, new) = (current.clone(), candidate.clone());
    let query = Query::once(move || {
        let (old, new) = (old.clone(), new.clone());
        async move {
            let current = api::models::version(&old).await?.model;
            Ok((current, api::models::version(&new).await?.model))
        }
    });
    let draw = move |both: Arc<(RegisteredModel, RegisteredModel)>| {
        let parts = align(&both.0, &both.1);
        let (current, candidate) =
            (words::models(std::slice::from_ref(&current)), words::models(std::slice::from_ref(&candidate)));
        view! { <SignatureComparison parts=parts current=current candidate=candidate/> }.into_any()
    };
    view! { <QueryAnswer query=query lines=8 draw=draw/> }
}
