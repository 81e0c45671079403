//! Registering a model file.

use domain::id::ModelName;
use domain::wire::RegisterModel;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::api::{self, Failure};
use crate::components::{DropZone, Field, Modal, use_close};
use crate::pages::dialogs::Dialogs;
use crate::pages::shared::Trouble;
use crate::state::state;

/// The dialog.
#[component]
pub(crate) fn RegisterDialog() -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Modal title="Register a model".to_owned() name="register" on_close=move || dialogs.closed()>
            <Form/>
        </Modal>
    }
}

#[component]
fn Form() -> impl IntoView {
    let state = state();
    let close = use_close();
    let file = RwSignal::new_local(None::<File>);
    let (name, description) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let progress = RwSignal::new(None::<f64>);
    let failure = RwSignal::new(None::<Failure>);
    let name_read = Memo::new(move |_| name.get().trim().parse::<ModelName>().map_err(|error| error.to_string()));
    let name_error = Signal::derive(move || name_read.get().err().filter(|_| !name.with(String::is_empty)));
    let blocked = Memo::new(move |_| match (file.with(Option::is_some), name_read.get()) {
        (false, _) => Some("Drop an ONNX file, or choose one.".to_owned()),
        (true, Err(error)) => Some(if name.with(String::is_empty) { "Give it a name.".to_owned() } else { error }),
        (true, Ok(_)) => None,
    });
    let chosen = move |picked: File| {
        if name.with_untracked(String::is_empty) {
            name.set(name_of_file(&picked.name()));
        }
        file.set(Some(picked));
    };
    let go = move |_| {
        let (Some(file), Ok(name)) = (file.get_untracked(), name_read.get_untracked()) else { return };
        let description = description.get_untracked().trim().to_owned();
        let meta = RegisterModel { description, ..RegisterModel::of(name) };
        progress.set(Some(0.0));
        failure.set(None);
        spawn_local(async move {
            match api::models::register(&file, &meta, move |share| {
                progress.try_set(Some(share));
            })
            .await
            {
                Ok(_) => close.run(),
                Err(refused) => {
                    failure.try_set(Some(state.noting(refused)));
                }
            }
            progress.try_set(None);
        });
    };
    view! {
        <div class="content">
            <DropZone label="Drop an ONNX file here" accept=".onnx" file=file on_file=chosen/>
            <Field label="Name" name="model-name" value=name error=name_error hint="Under a name that exists it becomes the next version. Running deployments are not touched."/>
            <Field label="Description" name="description" value=description placeholder="What is better about it?"/>
            {move || progress.get().map(|share| view! { <progress max="1" value=share.to_string() aria-label="Sending the file"></progress> })}
            {move || failure.get().map(|failure| view! { <Trouble failure=failure/> })}
        </div>
        <footer>
            <span class="sub why" role="status">{blocked}</span>
            <button type="button" class="button" on:click=move |_| close.run()>"Cancel"</button>
            <button
                type="button"
                class="button primary"
                data-test="confirm"
                disabled=move || progress.get().is_some() || blocked.with(Option::is_some)
                on:click=go
            >
                {move || if progress.get().is_some() { "Registering…" } else { "Register" }}
            </button>
        </footer>
    }
}

/// A model's name from the name of its file: without ending and version, in characters that names may have.
pub(crate) fn name_of_file(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_lowercase();
    let text: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let text = text.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    // A version counts by itself: iris-v2 is the next version of iris.
    let unversioned = text
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .strip_suffix('v')
        .and_then(|rest| rest.strip_suffix(['-', '_', '.']))
        .filter(|rest| !rest.is_empty() && text.ends_with(|c: char| c.is_ascii_digit()));
    unversioned.unwrap_or(text).chars().take(63).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_becomes_a_valid_name() {
        for (file, name) in
            [("Iris Model.onnx", "iris-model"), ("fraud_v2.onnx", "fraud"), ("iris-v.onnx", "iris-v"), ("_x.onnx", "x")]
        {
            assert_eq!(name_of_file(file), name);
            assert!(name.parse::<ModelName>().is_ok());
        }
    }
}
