//! The views of the list that somebody has named: opened, saved, renamed, deleted, shared by their links.

use domain::page_preferences::{DeploymentsPage, SavedView};
use leptos::prelude::*;

use super::arranged::{Arranged, Hidden, PageEdit, same};
use crate::api::{Failure, href};
use crate::components::{Chip, CopyButton, Glyph, Icon};
use crate::pages::query_answer::Refused;

/// The chip with the views.
#[component]
pub(super) fn ViewsChip(
    /// What is kept of the person.
    #[prop(into)]
    page: Signal<DeploymentsPage>,
    /// What is shown now.
    #[prop(into)]
    now: Signal<Arranged>,
    /// Changes what is kept.
    edit: Callback<PageEdit>,
    /// The reason why it could not be changed.
    failure: RwSignal<Option<Failure>>,
) -> impl IntoView {
    let own = Memo::new(move |_| page.with(|page| page.hidden.clone()));
    let active = Memo::new(move |_| {
        let own = own.get();
        page.with(|page| page.views.iter().find(|view| is_now(view, &now.get(), &own)).map(|view| view.name.clone()))
    });
    view! {
        <Chip
            label="View"
            name="views"
            text=Signal::derive(move || active.get().unwrap_or_else(|| "Views".to_owned()))
            chosen=Signal::derive(|| false)
            on_clear=|| ()
            panel=move |close| view! { <Panel page=page now=now active=active edit=edit failure=failure close=close/> }
        />
    }
}

fn is_now(view: &SavedView, now: &Arranged, own: &Hidden) -> bool {
    Arranged::of_query(&view.query, own).written() == now.written()
}

#[component]
fn Panel(
    page: Signal<DeploymentsPage>,
    now: Signal<Arranged>,
    active: Memo<Option<String>>,
    edit: Callback<PageEdit>,
    failure: RwSignal<Option<Failure>>,
    close: Callback<()>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let renaming = RwSignal::new(None::<String>);
    let taken = move || page.with(|page| page.views.iter().any(|view| same(&view.name, &name.get())));
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let called = name.with_untracked(|name| name.trim().to_owned());
        if !called.is_empty() {
            edit.run(PageEdit::Save(SavedView { name: called, query: now.with_untracked(Arranged::written) }));
            name.set(String::new());
        }
    };
    let line = move |view: SavedView| {
        let address = href(&format!("/?{}", view.query));
        let link = StoredValue::new(format!("{}{address}", window().location().origin().unwrap_or_default()));
        let called = StoredValue::new(view.name.clone());
        let is_active = move || active.with(|active| active.as_deref() == Some(called.get_value().as_str()));
        let is_renamed = move || renaming.with(|one| one.as_deref() == Some(called.get_value().as_str()));
        view! {
            <li class="view-line" data-test="view" data-name=view.name.clone()>
                <Show
                    when=is_renamed
                    fallback=move || view! {
                        <a
                            class="menu-item"
                            href=address.clone()
                            data-noscroll=""
                            data-test="open-view"
                            aria-current=move || is_active().then_some("true")
                            on:click=move |_| close.run(())
                        >
                            <bdi>{called.get_value()}</bdi>
                        </a>
                        <CopyButton text=link.get_value() label="Copy the link"/>
                        <button type="button" class="button quiet small" data-test="rename-view" on:click=move |_| renaming.set(Some(called.get_value()))>"Rename"</button>
                        <button
                            type="button"
                            class="button quiet square small"
                            aria-label=move || format!("Delete the view {}", called.get_value())
                            data-test="delete-view"
                            on:click=move |_| edit.run(PageEdit::Remove(called.get_value()))
                        >
                            <Glyph icon=Icon::Close/>
                        </button>
                    }
                >
                    <Rename before=called.get_value() page=page edit=edit done=Callback::new(move |()| renaming.set(None))/>
                </Show>
            </li>
        }
    };
    view! {
        <div class="choices views">
            <ul class="choices-list">
                <For each=move || page.get().views key=|view| (view.name.clone(), view.query.clone()) let:view>{line(view)}</For>
            </ul>
            {move || page.with(|page| page.views.is_empty()).then(|| view! {
                <p class="sub">"A view is a name for the filters, the order and the columns that are shown now."</p>
            })}
            <form class="view-form" on:submit=save>
                <input
                    type="text"
                    aria-label="Name of the view"
                    placeholder="Name for what is shown now"
                    maxlength="120"
                    autocomplete="off"
                    data-test="view-name"
                    prop:value=move || name.get()
                    on:input:target=move |event| name.set(event.target().value())
                />
                <button type="submit" class="button small" data-test="save-view" disabled=move || name.with(|name| name.trim().is_empty())>
                    {move || if taken() { "Replace" } else { "Save" }}
                </button>
            </form>
            <Refused failure=failure/>
        </div>
    }
}

#[component]
fn Rename(
    before: String,
    page: Signal<DeploymentsPage>,
    edit: Callback<PageEdit>,
    done: Callback<()>,
) -> impl IntoView {
    let name = RwSignal::new(before.clone());
    let before = StoredValue::new(before);
    let blocked = move || {
        let (name, before) = (name.get(), before.get_value());
        let taken = page.with(|page| page.views.iter().any(|view| view.name != before && same(&view.name, &name)));
        name.trim().is_empty() || taken
    };
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if !untrack(blocked) {
            let to = name.with_untracked(|name| name.trim().to_owned());
            edit.run(PageEdit::Rename(before.get_value(), to));
            done.run(());
        }
    };
    view! {
        <form class="view-form" on:submit=send>
            <input
                type="text"
                aria-label="New name"
                maxlength="120"
                autocomplete="off"
                data-test="view-new-name"
                prop:value=move || name.get()
                on:input:target=move |event| name.set(event.target().value())
            />
            <button type="submit" class="button small" data-test="save-name" disabled=blocked>"Rename"</button>
            <button type="button" class="button quiet small" on:click=move |_| done.run(())>"Keep"</button>
        </form>
    }
}
