//! A place to drop a file on, or to choose one with.

use leptos::html;
use leptos::prelude::*;
use web_sys::{DragEvent, File};

use super::{Glyph, Icon};
use crate::words::numbers;

/// Takes one file.
#[component]
pub(crate) fn DropZone(
    /// What may be dropped, for people.
    label: &'static str,
    /// File name extensions that the chooser offers.
    accept: &'static str,
    /// The file that was chosen.
    #[prop(into)]
    file: Signal<Option<File>, LocalStorage>,
    /// Told which file was chosen.
    on_file: impl Fn(File) + Copy + 'static,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        if let Some(file) = input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0)) {
            on_file(file);
        }
    };
    let dragged = move |event: DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let dropped = move |event: DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(file) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)) {
            on_file(file);
        }
    };
    view! {
        <label
            class="drop-zone"
            class:over=move || over.get()
            on:dragenter=dragged
            on:dragover=dragged
            on:dragleave=move |_| over.set(false)
            on:drop=dropped
        >
            <Glyph icon=Icon::Upload/>
            <span class="drop-zone-text">
                {move || match file.get() {
                    Some(file) => view! {
                        <b>{file.name()}</b>
                        <span class="sub">{numbers::bytes(file.size() as u64)}" · choose another"</span>
                    }.into_any(),
                    None => view! { <b>{label}</b><span class="sub">"or choose one"</span> }.into_any(),
                }}
            </span>
            <input node_ref=input type="file" class="visually-hidden" accept=accept on:change=chosen data-test="file"/>
        </label>
    }
}
