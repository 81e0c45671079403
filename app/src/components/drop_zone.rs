//! A place that asks for a file: one is dropped, or chosen with the button that it is.

use leptos::html;
use leptos::prelude::*;
use web_sys::File;

use super::{Glyph, Icon};
use crate::words::numbers;

/// Asks for one file. What is dropped is caught by the page, wherever it is let go.
#[component]
pub(crate) fn DropZone(
    /// The text that asks for a file.
    label: &'static str,
    /// The file that was chosen.
    #[prop(into)]
    file: Signal<Option<File>, LocalStorage>,
    /// Why the last one that was chosen or dropped was not taken.
    #[prop(into)]
    problem: Signal<Option<String>>,
    /// Told which file was chosen.
    on_file: impl Fn(File) + Copy + 'static,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let chosen = move |_| {
        if let Some(file) = input.get_untracked().and_then(|input| input.files()).and_then(|files| files.get(0)) {
            on_file(file);
        }
    };
    // The same file can be chosen once more, after it was written anew.
    let opens = move |_| {
        if let Some(input) = input.get_untracked() {
            input.set_value("");
        }
    };
    view! {
        <label class="drop-zone">
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
            <input node_ref=input type="file" class="visually-hidden" on:click=opens on:change=chosen data-test="file"/>
        </label>
        <p class="bad" role="alert" data-test="file-problem" hidden=move || problem.with(Option::is_none)>{problem}</p>
    }
}
