//! The versions of the model in use that came after it and that no configuration binds yet, ready to be chosen.

use domain::id::{ModelName, ModelRef};
use domain::model::{RegisteredModel, Tried};
use domain::wire::ConfigurationView;
use leptos::prelude::*;

use super::draft::Draft;
use crate::api;
use crate::components::Tag;
use crate::pages::configuration_list::step_option;
use crate::pages::dialogs::UpdateTo;
use crate::state::{Query, state};
use crate::words::{self, Tone, times};

/// As many are offered; the page of the model has the others.
const MOST: usize = 20;

/// The list; it is there only when there are such versions.
#[component]
pub(super) fn NewVersions(draft: Draft, list: Signal<Vec<ConfigurationView>>) -> impl IntoView {
    let state = state();
    let used: Memo<Vec<ModelRef>> = Memo::new(move |_| {
        draft.current.with(|now| now.as_ref().map(|now| now.configuration.models.clone()).unwrap_or_default())
    });
    let known = Query::when(
        move || {
            state.models_changed();
            !used.with(Vec::is_empty)
        },
        move || {
            let names: Vec<ModelName> =
                used.with_untracked(|used| used.iter().map(|model| model.name.clone()).collect());
            async move {
                let mut all = Vec::new();
                for name in names {
                    all.extend(api::models::read(&name).await?.versions.into_iter().map(|version| version.model));
                }
                Ok(all)
            }
        },
    );
    let found = Memo::new(move |_| {
        let known = known.value();
        let known = known.as_deref().map(Vec::as_slice).unwrap_or_default();
        list.with(|list| used.with(|used| unbound(known, used, list)))
    });
    view! {
        <Show when=move || !found.with(Vec::is_empty)>
            <h3 class="pick-title" id="new-versions">"New versions"</h3>
            <div class="options" role="listbox" aria-labelledby="new-versions" on:keydown=step_option>
                <For each=move || found.get() key=|model| (model.name.clone(), model.version) let:model>
                    <Version draft=draft model=model/>
                </For>
            </div>
        </Show>
    }
}

/// Those of `known` that came after the ones that are `used` and that no configuration of `list` binds, newest first.
fn unbound(known: &[RegisteredModel], used: &[ModelRef], list: &[ConfigurationView]) -> Vec<RegisteredModel> {
    let is_later =
        |model: &&RegisteredModel| used.iter().any(|one| one.name == model.name && one.version < model.version);
    let is_bound = |model: &RegisteredModel| {
        let reference = model.reference();
        list.iter().any(|one| one.configuration.models.contains(&reference))
    };
    let mut found: Vec<_> = known.iter().filter(is_later).filter(|model| !is_bound(model)).cloned().collect();
    found.sort_by(|a, b| a.name.cmp(&b.name).then(b.version.cmp(&a.version)));
    found.truncate(MOST);
    found
}

#[component]
fn Version(draft: Draft, model: RegisteredModel) -> impl IntoView {
    let state = state();
    let reference = model.reference();
    let to = UpdateTo::Version(reference.clone());
    let (mine, chosen) = (to.clone(), draft.chosen);
    let selected = Memo::new(move |_| chosen.with(|chosen| chosen.as_ref() == Some(&mine)));
    let problem = match model.loads {
        Some(Tried::Failed { problem }) => Some(problem),
        _ => None,
    };
    let at = model.registered_at;
    view! {
        <button
            type="button"
            role="option"
            class="option"
            data-test="new-version"
            data-version=reference.to_string()
            aria-selected=move || selected.get().to_string()
            class:selected=selected
            on:click=move |_| chosen.set(Some(to.clone()))
        >
            <span class="option-name">
                <b>{words::models(std::slice::from_ref(&reference))}</b>
                {problem.map(|problem| view! { <Tag tone=Tone::Bad word="cannot be loaded" title=problem/> })}
            </span>
            <span class="sub" title=times::exact(at)>"registered "{move || times::day(at, state.now().get())}</span>
        </button>
    }
}
