//! Making a use case, changing what is said of it, and deleting it.

use domain::use_case::UseCaseTerms;
use domain::wire::{UseCaseChange, UseCaseView};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::api::{self, href};
use crate::components::{Area, DialogFooter, Field, Modal};
use crate::pages::kept_draft::KeptDraft;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;

/// Makes a use case, or changes one.
#[component]
pub(super) fn UseCaseDialog(view: Option<UseCaseView>, on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let title = match &view {
        Some(view) => format!("Edit {}", view.name),
        None => "New use case".to_owned(),
    };
    let form = view.as_ref().map_or_else(|| "use case new".to_owned(), |view| format!("use case {}", view.id));
    let closed = KeptDraft::of_dialog(&form, on_close);
    view! {
        <Modal title=title name="use-case" on_close=closed>
            <Form view=view/>
        </Modal>
    }
}

#[component]
fn Form(view: Option<UseCaseView>) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let text = |of: fn(&UseCaseView) -> &String| RwSignal::new(view.as_ref().map(of).cloned().unwrap_or_default());
    let (name, description) = (text(|view| &view.name), text(|view| &view.description));
    if let Some(kept) = KeptDraft::here() {
        kept.keep_texts([("name", name), ("description", description)]);
    }
    let terms =
        move || UseCaseTerms { name: name.get().trim().to_owned(), description: description.get().trim().to_owned() };
    let blocked = Signal::derive(move || match terms() {
        terms if terms.name.is_empty() => Some("Write a name.".to_owned()),
        terms => terms.check().err().map(|error| error.to_string()),
    });
    let id = view.map(|view| view.id);
    let label = if id.is_some() { "Save" } else { "Create use case" };
    let save = move || {
        let (id, terms) = (id.clone(), untrack(terms));
        submission.send(async move {
            match id {
                Some(id) => {
                    let change = UseCaseChange { name: Some(terms.name), description: Some(terms.description) };
                    api::use_cases::change(&id, &change).await?;
                }
                None => drop(api::use_cases::create(&terms).await?),
            }
            state.reread_around();
            Ok(())
        });
    };
    view! {
        <div class="content">
            <Field label="Name" name="use-case-name" value=name placeholder="Fraud detection"/>
            <Area label="Description" name="use-case-description" value=description rows=3/>
            <p class="sub">"Others see it once a deployment that they may open is linked to it."</p>
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label=label.to_owned() blocked=blocked pending=submission.pending confirm=save/>
    }
}

/// Deletes a use case.
#[component]
pub(super) fn DeleteUseCaseDialog(view: UseCaseView, on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    view! {
        <Modal title=format!("Delete {}?", view.name) name="delete-use-case" on_close=on_close>
            <Question view=view/>
        </Modal>
    }
}

#[component]
fn Question(view: UseCaseView) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let navigate = StoredValue::new_local(use_navigate());
    let label = format!("Delete {}", view.name);
    let id = view.id;
    let confirm = move || {
        let id = id.clone();
        submission.send(async move {
            api::use_cases::delete(&id).await?;
            state.reread_around();
            let options = NavigateOptions { resolve: false, replace: true, ..Default::default() };
            navigate.with_value(|go| go(&href("/use-cases"), options));
            Ok(())
        });
    };
    view! {
        <div class="content">
            <p>"Its deployments stay as they are, and are linked to it no more. Its history stays."</p>
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label=label leave="Keep the use case" danger=true blocked=Signal::derive(|| None::<String>) pending=submission.pending confirm=confirm/>
    }
}
