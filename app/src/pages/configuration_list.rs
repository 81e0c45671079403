//! A deployment's configurations to choose from, newest first, searchable.

use std::collections::BTreeMap;

use domain::id::ConfigurationId;
use domain::wire::{ConfigurationView, DeploymentView};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::components::{SearchBox, Tag};
use crate::state::state;
use crate::words::{self, Tone, times};

/// Configurations whose revisions are known to be bad, with the reason (CO-6).
pub(crate) fn known_bad(view: &DeploymentView) -> BTreeMap<ConfigurationId, String> {
    let revisions = view.revision_list.iter().flatten();
    revisions
        .filter_map(|revision| Some((revision.configuration.clone(), revision.quarantined.as_ref()?.reason.clone())))
        .collect()
}

/// A list of options. The one in use is marked; unless it is offered, it cannot be chosen (SAP-3).
#[component]
pub(crate) fn ConfigurationList(
    #[prop(into)] configurations: Signal<Vec<ConfigurationView>>,
    #[prop(into)] bad: Signal<BTreeMap<ConfigurationId, String>>,
    #[prop(into)] chosen: Signal<Option<ConfigurationId>>,
    #[prop(into)] on_choose: Callback<ConfigurationId>,
    /// True when the one in use can be chosen too.
    offers_current: bool,
    /// The search takes the focus when it is drawn.
    #[prop(optional)]
    focus: bool,
) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let (field, options) = (NodeRef::<html::Input>::new(), NodeRef::<html::Div>::new());
    Effect::new(move |_| {
        if let Some(field) = field.get().filter(|_| focus) {
            let _ = field.focus();
        }
    });
    let shown = Memo::new(move |_| {
        let words: Vec<String> = search.with(|search| search.split_whitespace().map(str::to_lowercase).collect());
        let mut list = configurations.get();
        list.sort_by_key(|configuration| std::cmp::Reverse(configuration.created_at));
        list.retain(|one| {
            let text = format!("{} {} {}", one.configuration.name, words::models(&one.configuration.models), one.id)
                .to_lowercase();
            words.iter().all(|word| text.contains(word))
        });
        list
    });
    let into_list = move |event: KeyboardEvent| {
        if event.key() == "ArrowDown" {
            event.prevent_default();
            focus_on(options.get_untracked().and_then(|options| options.first_element_child()));
        }
    };
    view! {
        <div class="pick">
            <SearchBox label="Search configurations" placeholder="Search configurations" typed=search input=field on:keydown=into_list/>
            <div node_ref=options class="options" role="listbox" aria-label="Configurations" on:keydown=step_option>
                <For each=move || shown.get() key=|one| (one.id.clone(), one.in_use) let:one>
                    <Choosable configuration=one bad=bad chosen=chosen on_choose=on_choose offers_current=offers_current/>
                </For>
            </div>
            {move || shown.with(Vec::is_empty).then(|| view! { <p class="sub">"No configuration matches."</p> })}
        </div>
    }
}

#[component]
fn Choosable(
    configuration: ConfigurationView,
    bad: Signal<BTreeMap<ConfigurationId, String>>,
    chosen: Signal<Option<ConfigurationId>>,
    on_choose: Callback<ConfigurationId>,
    offers_current: bool,
) -> impl IntoView {
    let state = state();
    let id = configuration.id.clone();
    let (mine, known, named) = (id.clone(), id.clone(), id.to_string());
    let in_use = configuration.in_use;
    let closed = in_use && !offers_current;
    let selected =
        move || chosen.with(|chosen| chosen.as_ref().map_or(in_use && offers_current, |chosen| *chosen == mine));
    let is_selected = selected.clone();
    let at = configuration.created_at;
    let name = configuration.configuration.name.clone();
    let models = words::models(&configuration.configuration.models);
    view! {
        <button
            type="button"
            role="option"
            class="option"
            data-test="configuration"
            data-id=named
            data-name=name.clone()
            aria-selected=move || selected().to_string()
            aria-disabled=closed.then_some("true")
            class:selected=is_selected
            on:click=move |_| if !closed { on_choose.run(id.clone()) }
        >
            <span class="option-name">
                <b><bdi>{name.clone()}</bdi></b>
                {in_use.then(|| view! { <Tag tone=Tone::Moving word="in use"/> })}
                {move || bad.with(|bad| bad.get(&known).cloned()).map(|reason| view! { <Tag tone=Tone::Bad word="known bad" title=reason/> })}
            </span>
            <span class="sub" title=times::exact(at)>{models}" · "{move || times::day(at, state.now().get())}</span>
        </button>
    }
}

/// Moves the focus to the next or the previous option of the same list.
pub(crate) fn step_option(event: KeyboardEvent) {
    let focused = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let neighbour = focused.and_then(|element| match event.key().as_str() {
        "ArrowDown" => element.next_element_sibling(),
        "ArrowUp" => element.previous_element_sibling(),
        _ => None,
    });
    if neighbour.is_some() {
        event.prevent_default();
        focus_on(neighbour);
    }
}

fn focus_on(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}
