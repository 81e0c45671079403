//! Beside the policies: the groups, the people and the invitations, as far as they matter for them.

use domain::principal::PrincipalKind;
use leptos::prelude::*;

use super::around::Around;
use crate::api::href;
use crate::components::{Glyph, Icon};
use crate::state::state;
use crate::words::{count, zones};

/// People that are listed here.
const MOST: usize = 8;

/// The quiet column.
#[component]
pub(super) fn Beside() -> impl IntoView {
    let around: Around = expect_context();
    let state = state();
    let enabled = move |id: &domain::principal::PrincipalId| {
        let people = state.principals();
        people.iter().any(|one| one.id == *id && one.kind == PrincipalKind::Person && !one.disabled)
    };
    let groups = move || {
        let groups = around.groups.value()?;
        let lines = groups
            .iter()
            .map(|group| {
                let able = group.members.iter().filter(|id| enabled(id)).count();
                let (icon, about) = match able {
                    0 => (Icon::Warning, format!("0 of {} enabled", group.members.len())),
                    able => (Icon::People, count(able, "person", "people")),
                };
                view! { <li class:warning={able == 0}><Glyph icon=icon/><span>{group.name.clone()}</span><span class="sub">{about}</span></li> }
            })
            .collect_view();
        Some(if groups.is_empty() {
            view! { <p class="prose second">"No group yet. A policy names groups, so that it need not change when people come and go."</p> }.into_any()
        } else {
            view! { <ol class="people-list">{lines}</ol> }.into_any()
        })
    };
    let people = move || {
        let people = around.people.value()?;
        let lines = people
            .iter()
            .take(MOST)
            .map(|person| {
                let you = if state.is_me(&person.id) { ", you" } else { "" };
                let about =
                    if person.disabled { "disabled".to_owned() } else { format!("{}{you}", person.role) };
                let name = person.name.clone();
                view! {
                    <li class:void=person.disabled>
                        <Glyph icon=Icon::Person/>
                        {if person.disabled { view! { <del dir="auto">{name}</del> }.into_any() } else { view! { <span dir="auto">{name}</span> }.into_any() }}
                        <span class="sub">{about}</span>
                    </li>
                }
            })
            .collect_view();
        Some((people.len(), lines))
    };
    let invitations = move || {
        let invitations = around.invitations.value().filter(|all| !all.is_empty())?;
        let now = state.now();
        let lines = invitations
            .iter()
            .map(|one| {
                let who = one.name.clone().or_else(|| one.email.clone()).unwrap_or_else(|| "Somebody".to_owned());
                let (role, ends) = (one.role, one.expires_at);
                view! { <p class="prose second">{move || format!("{who}, {role}. Ends {}, works once.", zones::within(ends, now.get()))}</p> }
            })
            .collect_view();
        Some(view! {
            <section>
                <div class="quiet-head"><h2>"Open invitations"</h2><a href=href("/people?tab=invitations")>"All"</a></div>
                {lines}
            </section>
        })
    };
    view! {
        <aside class="quiet-panel" aria-label="Groups and people">
            <section><div class="quiet-head"><h2>"Groups"</h2><a href=href("/people?tab=groups")>"All"</a></div>{groups}</section>
            {move || people().map(|(all, lines)| view! {
                <section><div class="quiet-head"><h2>"People"</h2><a href=href("/people?tab=people")>{format!("All {all}")}</a></div><ol class="people-list">{lines}</ol></section>
            })}
            {invitations}
            <section>
                <div class="quiet-head"><h2>"Break-glass"</h2><a href=href("/approvals?for=acknowledge")>"Open ones"</a></div>
                <p class="prose second">"Administrators, and groups that are allowed to, may override a policy or a freeze, with a reason. It stays open until somebody else has acknowledged it."</p>
            </section>
        </aside>
    }
}
