//! A filter chip whose value is one of many, found by typing a part of its name.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::chip::Chip;

/// Choices that are shown at a time: more are found by typing.
const SHOWN: usize = 50;

/// One of many.
#[component]
pub(crate) fn ChipChoice(
    /// The subject, as *Deployment*.
    label: &'static str,
    /// The text of the chip while nothing is chosen, as *Any deployment*.
    any: &'static str,
    /// Names it in tests.
    name: &'static str,
    /// Values with what is shown for them.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// The chosen value; empty for none.
    #[prop(into)]
    value: Signal<String>,
    /// Told the value that was chosen, or an empty one.
    #[prop(into)]
    on_choose: Callback<String>,
) -> impl IntoView {
    let text = Signal::derive(move || {
        let value = value.get();
        if value.is_empty() {
            return any.to_owned();
        }
        options.with(|all| all.iter().find(|(one, _)| *one == value).map(|(_, text)| text.clone())).unwrap_or(value)
    });
    view! {
        <Chip
            label=label
            name=name
            text=text
            chosen=Signal::derive(move || value.with(|value| !value.is_empty()))
            on_clear=move || on_choose.run(String::new())
            panel=move |close| view! {
                <Choices label=label name=name options=options value=value on_choose=on_choose close=close/>
            }
        />
    }
}

#[component]
fn Choices(
    label: &'static str,
    name: &'static str,
    options: Signal<Vec<(String, String)>>,
    value: Signal<String>,
    on_choose: Callback<String>,
    close: Callback<()>,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let panel = NodeRef::<html::Div>::new();
    let found = Memo::new(move |_| {
        let words = typed.get().to_lowercase();
        options.with(|all| {
            let fitting = all.iter().filter(|(_, text)| text.to_lowercase().contains(words.trim()));
            let fitting: Vec<_> = fitting.cloned().collect();
            (fitting.iter().take(SHOWN).cloned().collect::<Vec<_>>(), fitting.len().saturating_sub(SHOWN))
        })
    });
    let choose = move |value: String| {
        close.run(());
        on_choose.run(value);
    };
    let key = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            "Enter" if typing(&event) => {
                event.prevent_default();
                if let Some((first, _)) = found.with_untracked(|(shown, _)| shown.first().cloned()) {
                    choose(first);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        if let Some(panel) = panel.get_untracked() {
            step(&panel, by);
        }
    };
    view! {
        <div node_ref=panel class="choices" on:keydown=key>
            <input
                type="search"
                class="choices-search"
                data-test=format!("{name}-search")
                aria-label=format!("Find: {}", label.to_lowercase())
                placeholder="Type to find"
                autocomplete="off"
                prop:value=move || typed.get()
                on:input:target=move |event| typed.set(event.target().value())
            />
            <ul class="choices-list">
                <For each=move || found.get().0 key=|(value, _)| value.clone() let((one, text))>
                    {
                        let (mine, chosen) = (one.clone(), one.clone());
                        view! {
                            <li>
                                <button
                                    type="button"
                                    class="menu-item"
                                    data-test=format!("{name}-choice")
                                    data-value=one
                                    aria-current=move || value.with(|value| *value == mine).then_some("true")
                                    on:click=move |_| choose(chosen.clone())
                                >
                                    {text}
                                </button>
                            </li>
                        }
                    }
                </For>
            </ul>
            <p class="sub" role="status">
                {move || match found.with(|(shown, more)| (shown.is_empty(), *more)) {
                    (true, _) => "Nothing has this name.".to_owned(),
                    (false, 0) => String::new(),
                    (false, more) => format!("And {more} more: type a part of the name."),
                }}
            </p>
        </div>
    }
}

fn typing(event: &KeyboardEvent) -> bool {
    event.target().is_some_and(|target| target.has_type::<web_sys::HtmlInputElement>())
}

/// Moves the focus from the search to the choices and among them.
fn step(panel: &HtmlElement, by: i32) {
    let Ok(all) = panel.query_selector_all("input, button") else { return };
    let count = i32::try_from(all.length()).unwrap_or(0);
    let active = document().active_element();
    let element = |at: i32| all.item(u32::try_from(at).unwrap_or(0)).and_then(|one| one.dyn_into::<HtmlElement>().ok());
    let current = (0..count).find(|at| element(*at).map(web_sys::Element::from) == active).unwrap_or(0);
    if let Some(next) = element((current + by).clamp(0, count.saturating_sub(1))) {
        let _ = next.focus();
    }
}
