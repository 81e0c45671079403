//! Deleting a version of a model.

use domain::id::ModelRef;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::components::{Field, Modal, use_close};
use crate::pages::confirm::{Answers, Refused};
use crate::pages::dialogs::Dialogs;
use crate::state::state;
use crate::words;

/// Asks for the name of what is to be deleted.
#[component]
pub(crate) fn DeleteModelDialog(model: ModelRef) -> impl IntoView {
    let dialogs = Dialogs::here();
    let title = format!("Delete {}?", words::models(std::slice::from_ref(&model)));
    view! {
        <Modal title=title name="delete-model" on_close=move || dialogs.closed()>
            <Question model=model/>
        </Modal>
    }
}

#[component]
fn Question(model: ModelRef) -> impl IntoView {
    let state = state();
    let close = use_close();
    let typed = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let failure = RwSignal::new(None::<Failure>);
    let name = model.to_string();
    let says = format!("Delete {}", words::models(std::slice::from_ref(&model)));
    let expected = name.clone();
    let blocked =
        Signal::derive(move || (typed.get().trim() != expected).then(|| format!("Type {expected} to delete it.")));
    let confirm = move || {
        let model = model.clone();
        pending.set(true);
        failure.set(None);
        spawn_local(async move {
            match api::models::delete(&model).await {
                Ok(()) => close.run(),
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            pending.try_set(false);
        });
    };
    view! {
        <div class="content">
            <p>"Its file is removed, and nothing can be rolled out with it any more. Its number is not used again, and the history keeps that it was there."</p>
            <Field label="Name and version" name="delete-name" value=typed placeholder="as it is written below"/>
            <Refused failure=failure/>
        </div>
        <Answers says=says danger=true blocked=blocked pending=pending confirm=confirm/>
    }
}
