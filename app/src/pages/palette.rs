//! Every action and every deployment, one word away.

use domain::action::Action;
use domain::id::DeploymentId;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::actions::{beginning, offered, why_not};
use super::dialogs::{Dialogs, Open};
use super::theme::{Theme, ThemeChoice};
use crate::api::href;
use crate::components::{CloseModal, Modal, use_close};
use crate::state::{State, state};
use crate::words;

/// Lines that are shown.
const MOST: usize = 12;

/// The command of a line.
#[derive(Clone, Debug, PartialEq)]
enum Command {
    Go(String),
    Show(Open),
    Draw(Theme),
}

#[derive(Clone, Debug, PartialEq)]
struct Line {
    text: String,
    beside: String,
    command: Command,
}

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
    let navigate = StoredValue::new_local(use_navigate());
    let search = RwSignal::new(String::new());
    let chosen = RwSignal::new(0_usize);
    let found = Memo::new(move |_| found(state, &search.get()));
    Effect::new(move |_| {
        search.track();
        chosen.set(0);
    });
    let themes = ThemeChoice::here();
    let take = move |line: Line, close: CloseModal| {
        match line.command {
            Command::Go(path) => {
                let options = NavigateOptions { resolve: false, ..Default::default() };
                navigate.with_value(|go| go(&href(&path), options));
            }
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
                aria-label="Find a deployment or an action"
                aria-expanded="true"
                aria-controls="palette-lines"
                aria-activedescendant=move || format!("palette-{}", chosen.get())
                placeholder="A deployment or an action…"
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
                            <span>{shown.text}</span>
                            <span class="sub">{shown.beside}</span>
                        </li>
                    }
                }).collect_view()}
            </ul>
            {move || found.with(Vec::is_empty).then(|| view! { <p class="sub">"No deployment or action matches."</p> })}
        </div>
    }
}

/// Lines in which every word occurs; those that begin with the first word come first.
fn found(state: State, search: &str) -> Vec<Line> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let fits = |text: &str| {
        let text = text.to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    let line =
        |text: &str, beside: &str, command: Command| Line { text: text.to_owned(), beside: beside.to_owned(), command };
    let mut lines = vec![
        line("Deployments", "screen", Command::Go("/".to_owned())),
        line("Models", "screen", Command::Go("/models".to_owned())),
        line("Use cases", "screen", Command::Go("/use-cases".to_owned())),
        line("Approvals", "screen", Command::Go("/approvals".to_owned())),
        line("History", "screen", Command::Go("/history".to_owned())),
        line("People and policies", "screen", Command::Go("/people".to_owned())),
        line("Freezes", "screen", Command::Go("/freezes".to_owned())),
        line("Notifications", "screen", Command::Go("/notifications".to_owned())),
        line("You: sessions, tokens, password", "screen", Command::Go("/me".to_owned())),
        line("Deploy a model…", "action", Command::Show(Open::Deploy(None))),
        line("Register a model…", "action", Command::Show(Open::Register(None))),
        line("Keyboard shortcuts", "help", Command::Show(Open::Shortcuts)),
        line("Appearance: light", "action", Command::Draw(Theme::Light)),
        line("Appearance: dark", "action", Command::Draw(Theme::Dark)),
        line("Appearance: as the system", "action", Command::Draw(Theme::System)),
    ];
    for view in state.use_cases() {
        lines.push(line(&view.name, "use case", Command::Go(format!("/use-cases/{}", view.id))));
    }
    for view in state.deployments() {
        let about = |id: &DeploymentId| id.clone();
        let name = &view.name;
        let (status, _) = words::of_deployment(&view);
        lines.push(line(name.as_str(), status, Command::Go(format!("/deployments/{name}"))));
        if words.is_empty() {
            continue;
        }
        if why_not(&view, Action::Update).is_none() {
            lines.push(line(&format!("Update {name}…"), "action", Command::Show(Open::Update(about(&view.id), None))));
        }
        if why_not(&view, Action::RollBack).is_none() {
            lines.push(line(
                &format!("Roll back {name}…"),
                "action",
                Command::Show(Open::RollBack(about(&view.id), None)),
            ));
        }
        for (label, _, operation) in offered(&view) {
            if why_not(&view, beginning(operation)).is_none() {
                let text = format!("{} {name}…", label.trim_end_matches('…'));
                lines.push(line(&text, "action", Command::Show(Open::Operate(about(&view.id), operation))));
            }
        }
        if why_not(&view, Action::LinkUseCases).is_none() {
            let open = Command::Show(Open::LinkUseCases(about(&view.id)));
            lines.push(line(&format!("Link {name} to a use case…"), "action", open));
        }
        lines.push(line(
            &format!("Settings of {name}"),
            "screen",
            Command::Go(format!("/deployments/{name}?tab=settings")),
        ));
        lines.push(line(
            &format!("Requests of {name}"),
            "screen",
            Command::Go(format!("/deployments/{name}?tab=requests")),
        ));
        lines.push(line(&format!("Try {name}"), "screen", Command::Go(format!("/deployments/{name}?tab=try"))));
        if let Some(title) = &view.application {
            lines.push(line(title, "application", Command::Go(format!("/apps/{name}"))));
        }
        lines.push(line(&format!("Logs of {name}"), "screen", Command::Go(format!("/deployments/{name}?tab=logs"))));
        if why_not(&view, Action::ClearStatistics).is_none() {
            let open = Command::Show(Open::ClearStatistics(about(&view.id)));
            lines.push(line(&format!("Clear statistics of {name}…"), "action", open));
        }
        if why_not(&view, Action::Delete).is_none() {
            lines.push(line(&format!("Delete {name}…"), "action", Command::Show(Open::Delete(about(&view.id)))));
        }
    }
    lines.retain(|line| fits(&line.text));
    if let Some(first) = words.first() {
        lines.sort_by_key(|line| !line.text.to_lowercase().starts_with(first.as_str()));
    }
    lines.truncate(MOST);
    lines
}
