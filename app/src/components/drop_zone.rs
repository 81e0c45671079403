//! A place to drop a file on, or to choose one with.

use leptos::html;
use leptos::prelude::*;
use web_sys::{DragEvent, File};

use super::{Glyph, Icon};
use crate::words::numbers;

/// Takes one file.
#[component]
pub(crate) fn DropZone(
    /// The text that asks for a file.
    label: &'static str,
    /// The file that was chosen.
    #[prop(into)]
    file: Signal<Option<File>, LocalStorage>,
    /// Told which file was chosen.
    on_file: impl Fn(File) + Copy + 'static,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let folder = RwSignal::new(None::<String>);
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        if let Some(file) = input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0)) {
            folder.set(None);
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
        let Some(data) = event.data_transfer() else { return };
        let Some(file) = data.files().and_then(|files| files.get(0)) else { return };
        let entry = data.items().get(0).and_then(|item| item.webkit_get_as_entry().ok().flatten());
        if entry.is_some_and(|entry| entry.is_directory()) {
            return folder.set(Some(file.name()));
        }
        folder.set(None);
        on_file(file);
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
                        <span class="sub">{numbers::bytes(file.size() as u64)}" · choose another file"</span>
                    }.into_any(),
                    None => view! { <b>{label}</b><span class="sub">"or click to choose one"</span> }.into_any(),
                }}
            </span>
            <input node_ref=input type="file" class="visually-hidden" on:change=chosen data-test="file"/>
        </label>
        {move || folder.get().map(|name| view! {
            <p class="bad" role="alert">{format!("{name} is a folder. Pack it first, as with “zip -r {name}.zip {name}”, and drop the archive here.")}</p>
        })}
    }
}
