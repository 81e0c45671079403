//! The search, the filters and the order of the deployments, kept in the address.

use std::collections::BTreeSet;

use domain::deployment::{Importance, Status};
use leptos::html;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use leptos_router::params::ParamsMap;

use super::choosing::{Choosing, ChosenRows};
use super::held_rows::HeldRows;
use super::listing::{COLUMNS, Filter, SortColumn, tags_of};
use crate::components::{ChipChoice, Choice, SearchBox};
use crate::pages::slash::focus_on_slash;
use crate::state::state;
use crate::words;

/// Search, filters and how many are left. Everything is kept in the address, so that a view can be shared.
#[component]
pub(super) fn Filters(
    filter: Memo<Filter>,
    count: Signal<String>,
    /// What else stands in the row.
    children: Children,
) -> impl IntoView {
    let set = query_setter();
    let search = NodeRef::<html::Input>::new();
    focus_on_slash(search);
    let typed = RwSignal::new(filter.with_untracked(|filter| filter.words.clone()));
    // A link may have changed what is searched for.
    Effect::new(move |_| {
        let words = filter.with(|filter| filter.words.clone());
        if words.trim() != typed.with_untracked(|typed| typed.trim().to_owned()) {
            typed.set(words);
        }
    });
    let any = |what: &str| (String::new(), what.to_owned());
    let known = |status: Status| (status.to_string(), words::status(status).0.to_owned());
    let mut statuses = vec![any("Any status"), ("moving".to_owned(), "moving".to_owned())];
    statuses.extend(
        [Status::Running, Status::Dead, Status::Pending, Status::Stopping, Status::Stopped, Status::Unknown].map(known),
    );
    statuses.push(("attention".to_owned(), "needs attention".to_owned()));
    statuses.push(("outdated".to_owned(), "update available".to_owned()));
    let mut importances = vec![any("Any importance")];
    importances.extend(Importance::ALL.map(|importance| (importance.to_string(), importance.to_string())));
    let sorts: Vec<_> = COLUMNS
        .into_iter()
        .map(|column| (column.key().to_owned(), format!("By {}", column.title().to_lowercase())))
        .collect();
    let state = state();
    let use_cases = Signal::derive(move || {
        let all = (String::new(), "Any use case".to_owned());
        let seen = state.use_case_names().into_iter().map(|(id, name)| (id.to_string(), name));
        let mut all: Vec<_> = std::iter::once(all).chain(seen).collect();
        // One that is gone, or is not seen, still says why nothing is listed.
        if let Some(wanted) = filter.with(|filter| filter.use_case.clone())
            && all.iter().all(|(id, _)| *id != wanted)
        {
            all.push((wanted, "a use case that you do not see".to_owned()));
        }
        all
    });
    let set_use_case = StoredValue::new_local(set.clone());
    let (set_words, set_status, set_importance, set_sort) = (set.clone(), set.clone(), set.clone(), set.clone());
    let set = StoredValue::new_local(set);
    let chosen = move |key: &'static str| Callback::new(move |value: String| set.with_value(|set| set(key, &value)));
    let value = move |read: fn(&Filter) -> &Option<String>| {
        Signal::derive(move || filter.with(|filter| read(filter).clone().unwrap_or_default()))
    };
    let targets = Signal::derive(move || {
        state.targets().into_keys().map(|name| (name.to_string(), name.to_string())).collect::<Vec<_>>()
    });
    let owners = Signal::derive(move || {
        let ids: BTreeSet<_> = state.deployments().iter().map(|view| view.created_by.clone()).collect();
        let mut named: Vec<_> = ids.iter().map(|id| (id.to_string(), state.actor_name(id))).collect();
        named.sort_by(|(_, one), (_, other)| one.cmp(other));
        named
    });
    let tags = Signal::derive(move || {
        let tags: BTreeSet<_> = state.deployments().iter().flat_map(|view| tags_of(view).collect::<Vec<_>>()).collect();
        tags.into_iter().map(|tag| (tag.clone(), tag)).collect::<Vec<_>>()
    });
    // A filter is offered where it can tell one from another, and stays while it is on.
    let offered = Memo::new(move |_| {
        let all = state.deployments();
        let several = all.first().is_some_and(|first| all.iter().any(|view| view.created_by != first.created_by));
        (several, all.iter().any(|view| !view.tags.is_empty()))
    });
    view! {
        <div class="filters" role="search">
            <SearchBox
                label="Search deployments"
                placeholder="Search by name, model, person…"
                typed=typed
                input=search
                key="/"
                on:input=move |_| set_words("q", &typed.get_untracked())
            />
            <Choice
                label="Status"
                name="filter-status"
                bare=true
                options=statuses
                value=Signal::derive(move || filter.with(|filter| filter.status.clone().unwrap_or_default()))
                on_choose=move |value| set_status("status", &value)
            />
            <Choice
                label="Importance"
                name="filter-importance"
                bare=true
                options=importances
                value=Signal::derive(move || filter.with(|filter| filter.importance.clone().unwrap_or_default()))
                on_choose=move |value| set_importance("importance", &value)
            />
            <Show when=move || use_cases.with(|all| all.len() > 1)>
                <Choice
                    label="Use case"
                    name="filter-use-case"
                    bare=true
                    options=use_cases
                    value=Signal::derive(move || filter.with(|filter| filter.use_case.clone().unwrap_or_default()))
                    on_choose=move |value| set_use_case.with_value(|set| set("use_case", &value))
                />
            </Show>
            <Show when=move || targets.with(|all| all.len() > 1) || filter.with(|filter| filter.target.is_some())>
                <ChipChoice label="Target" any="Any target" name="filter-target" options=targets value=value(|filter| &filter.target) on_choose=chosen("target")/>
            </Show>
            <Show when=move || offered.get().0 || filter.with(|filter| filter.owner.is_some())>
                <ChipChoice label="Owner" any="Any owner" name="filter-owner" options=owners value=value(|filter| &filter.owner) on_choose=chosen("owner")/>
            </Show>
            <Show when=move || offered.get().1 || filter.with(|filter| filter.tag.is_some())>
                <ChipChoice label="Tag" any="Any tag" name="filter-tag" options=tags value=value(|filter| &filter.tag) on_choose=chosen("tag")/>
            </Show>
            {children()}
            <div class="only-narrow">
                <Choice
                    label="Order"
                    name="order"
                    bare=true
                    options=sorts
                    value=Signal::derive(move || filter.with(|filter| filter.sort.column.key().to_owned()))
                    on_choose=move |value| set_sort("sort", &value)
                />
            </div>
            <span class="grow"></span>
            <span class="sub" role="status" data-test="shown">{count}</span>
        </div>
    }
}

/// The column titles, by which the list is sorted.
#[component]
pub(super) fn Head(filter: Memo<Filter>, held: HeldRows) -> impl IntoView {
    let set = query_setter();
    let choosing = Choosing::here();
    let counts = Memo::new(move |_| (choosing.now().len(), choosing.rows.with(Vec::len)));
    let choose_all = move |event: leptos::ev::Event| {
        let all = event_target_checked(&event);
        choosing.rows.with_untracked(|rows| {
            choosing.chosen.update(|chosen| if all { chosen.all(rows) } else { ChosenRows::clear(chosen) });
        });
    };
    let cell = move |column: SortColumn| {
        let set = set.clone();
        let sorted = move || filter.with(|filter| (filter.sort.column == column).then_some(filter.sort.descending));
        let aria = move || match sorted() {
            Some(true) => "descending",
            Some(false) => "ascending",
            None => "none",
        };
        let choose = move |_| {
            let next = filter.with_untracked(|filter| filter.sort.toggled(column));
            set("sort", &next.written());
        };
        view! {
            <div role="columnheader" class=format!("cell {}", column.key()) aria-sort=aria>
                <button type="button" class="sort" on:click=choose data-test=format!("sort-{}", column.key())>
                    {column.title()}
                    <span class="direction" aria-hidden="true">
                        {move || match sorted() { Some(true) => "↓", Some(false) => "↑", None => "" }}
                    </span>
                </button>
            </div>
        }
    };
    let plain = |class: &'static str, title: &'static str| {
        view! { <div role="columnheader" class=format!("cell {class}")>{title}</div> }
    };
    view! {
        <div class="table-head" role="rowgroup">
            <div class="table-row" role="row" aria-rowindex="1">
                <div role="columnheader" class="cell choose">
                    <label class="choose-box">
                        <input
                            type="checkbox"
                            aria-label="Choose all that match"
                            data-test="choose-all-rows"
                            prop:checked=move || { let (chosen, all) = counts.get(); chosen > 0 && chosen == all }
                            prop:indeterminate=move || { let (chosen, all) = counts.get(); chosen > 0 && chosen < all }
                            on:change=choose_all
                        />
                    </label>
                </div>
                {cell(SortColumn::Name)}{cell(SortColumn::Status)}{cell(SortColumn::Model)}
                {plain("replicas", "Replicas")}{cell(SortColumn::Requests)}{cell(SortColumn::P95)}
                {cell(SortColumn::Errors)}{cell(SortColumn::Changed)}
                <div role="columnheader" class="cell menu-cell"><span class="visually-hidden">"Actions"</span>
                    <Show when=move || { held.moved.get() > 0 }>
                        <button type="button" class="button small moved" data-test="sort-again" on:click=move |_| held.sort()>
                            {move || format!("{} moved: sort again", words::count(held.moved.get(), "row", "rows"))}
                        </button>
                    </Show>
                </div>
            </div>
        </div>
    }
}

/// Sets one parameter of the address without leaving a trace in the browser's history.
fn query_setter() -> impl Fn(&str, &str) + Clone + 'static {
    let (navigate, location) = (use_navigate(), use_location());
    move |key: &str, value: &str| {
        let mut query: ParamsMap = location.query.get_untracked();
        query.remove(key);
        if !value.is_empty() {
            query.insert(key.to_owned(), value.to_owned());
        }
        let path = location.pathname.get_untracked();
        let options = NavigateOptions { replace: true, scroll: false, resolve: false, ..Default::default() };
        navigate(&format!("{path}{}", query.to_query_string()), options);
    }
}
