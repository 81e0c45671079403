//! Every page, every action, every deployment and model, one word away.

mod lines;
mod recent;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use self::lines::{Command, Line, general, of_deployment, of_model, of_request, ranked};
use self::recent::{recent, remember};
use super::dialogs::{Dialogs, Open};
use super::model_address::address;
use super::theme::ThemeChoice;
use crate::api;
use crate::api::models::ModelInBrief;
use crate::api::requests::{RequestInBrief, Wanted};
use crate::components::{CloseModal, Modal, use_close};
use crate::state::{Query, State, state};

/// Lines that are shown.
const MOST: usize = 12;
/// Requests that are read for it.
const MOST_REQUESTS: u32 = 50;

/// The dialog that `Ctrl K` opens.
#[component]
pub(crate) fn PaletteDialog() -> impl IntoView {
    let dialogs = Dialogs::here();
    let next = RwSignal::new(None::<Open>);
    let closed = move || match next.get_untracked() {
        Some(open) => dialogs.replace(open),
        None => dialogs.closed(),
    };
    view! {
        <Modal title="Find".to_owned() class="palette" name="palette" on_close=closed>
            <Lines next=next/>
        </Modal>
    }
}

#[component]
fn Lines(next: RwSignal<Option<Open>>) -> impl IntoView {
    let state = state();
    let close = use_close();
    let dialogs = Dialogs::here();
    let models = Query::once(api::models::in_brief);
    let requests = Query::once(|| api::requests::in_brief(&Wanted::All, MOST_REQUESTS));
    let search = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| {
        let (models, requests) = (models.value(), requests.value());
        let models = models.as_deref().map(Vec::as_slice).unwrap_or_default();
        let requests = requests.as_deref().map(|page| page.items.as_slice()).unwrap_or_default();
        search.with(|search| found(state, models, requests, search))
    });
    Effect::new(move |_| {
        search.track();
        chosen.set(0);
    });
    let themes = ThemeChoice::here();
    let take = move |line: Line, close: CloseModal| {
        remember(state, &line.text);
        match line.command {
            Command::Go(path) => return dialogs.go(&path),
            Command::Show(open) => next.set(Some(open)),
            Command::Draw(theme) => themes.choose(theme),
        }
        close.run();
    };
    let key = move |event: KeyboardEvent| {
        let count = found.with_untracked(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.update(|chosen| *chosen = (*chosen + 1) % count),
            "ArrowUp" if count > 0 => chosen.update(|chosen| *chosen = (*chosen + count - 1) % count),
            "Enter" => {
                if let Some(line) = found.with_untracked(|found| found.get(chosen.get_untracked()).cloned()) {
                    take(line, close);
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="content">
            <input
                type="text"
                class="palette-input"
                role="combobox"
                autofocus
                aria-label="Find a page, a deployment, a model or an action"
                aria-expanded="true"
                aria-controls="palette-lines"
                aria-activedescendant=move || format!("palette-{}", chosen.get())
                placeholder="A page, a deployment, a model or an action…"
                autocomplete="off"
                data-test="palette-input"
                prop:value=move || search.get()
                on:input:target=move |event| search.set(event.target().value())
                on:keydown=key
            />
            <ul id="palette-lines" role="listbox" aria-label="Results">
                {move || found.get().into_iter().enumerate().map(|(i, line)| {
                    let shown = line.clone();
                    view! {
                        <li
                            id=format!("palette-{i}")
                            role="option"
                            aria-selected=move || (chosen.get() == i).to_string()
                            on:click=move |_| take(line.clone(), close)
                        >
                            <bdi>{shown.text}</bdi>
                            <span class="sub">{shown.beside}</span>
                        </li>
                    }
                }).collect_view()}
            </ul>
            {move || found.with(Vec::is_empty).then(|| view! { <p class="sub">"No page, action, deployment or model matches."</p> })}
        </div>
    }
}

/// What the palette finds.
fn found(state: State, models: &[ModelInBrief], requests: &[RequestInBrief], search: &str) -> Vec<Line> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let recent = recent(state);
    // With nothing searched for, names are enough; the actions that were taken of late are found all the same.
    let alone = |name: &str| words.is_empty() && !recent.iter().any(|text| text.contains(name));
    let mut lines = general(state);
    for view in state.deployments() {
        lines.extend(of_deployment(&view, alone(view.name.as_str())));
    }
    for view in models {
        lines.extend(of_model(view, alone(view.name.as_str()), address));
    }
    lines.extend(requests.iter().flat_map(of_request));
    ranked(lines, search, &recent, MOST)
}
