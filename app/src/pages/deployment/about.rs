//! The description, tags and properties of the deployment, and the settings that its rollouts inherit.

use domain::action::Action;
use domain::wire::DeploymentView;
use leptos::prelude::*;

use super::subject::Subject;
use crate::api::href;
use crate::components::Tag;
use crate::pages::actions::why_not;
use crate::pages::dialogs::{Dialogs, Open};
use crate::words::{self, Tone, numbers, times};

/// The card.
#[component]
pub(super) fn About() -> impl IntoView {
    let dialogs = Dialogs::here();
    let subject: Subject = expect_context();
    let view = subject.view;
    let open = move |_| {
        if let Some(view) = view.get_untracked() {
            dialogs.open(Open::Settings(view.id.clone()));
        }
    };
    let link = move |_| {
        if let Some(view) = view.get_untracked() {
            dialogs.open(Open::LinkUseCases(view.id.clone()));
        }
    };
    let links = Memo::new(move |_| {
        view.with(|view| view.as_ref().is_some_and(|view| why_not(view, Action::LinkUseCases).is_none()))
    });
    let use_cases =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.use_cases.clone()).unwrap_or_default()));
    let application = Memo::new(move |_| {
        view.with(|view| view.as_ref().and_then(|view| Some((view.name.clone(), view.application.clone()?))))
    });
    let facts = Memo::new(move |_| view.with(|view| view.as_deref().map(facts).unwrap_or_default()));
    let description =
        Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.description.clone()).unwrap_or_default()));
    let tags = Memo::new(move |_| view.with(|view| view.as_ref().map(|view| view.tags.clone()).unwrap_or_default()));
    view! {
        <section class="card" data-test="about">
            <div class="card-head">
                <h2>"About"</h2>
                <span class="grow"></span>
                <Show when=move || links.get()>
                    <button type="button" class="button small" data-test="link" on:click=link>"Use cases…"</button>
                </Show>
                <button type="button" class="button small" data-test="settings" on:click=open>"Settings…"</button>
            </div>
            {move || Some(description.get()).filter(|text| !text.is_empty()).map(|text| view! { <p class="description">{text}</p> })}
            {move || Some(tags.get()).filter(|tags| !tags.is_empty()).map(|tags| view! {
                <p class="tags">
                    {tags.into_iter().map(|(key, value)| view! { <Tag tone=Tone::Plain word=format!("{key}: {value}")/>" " }).collect_view()}
                </p>
            })}
            <table class="facts">
                <tbody>
                    {move || Some(use_cases.get()).filter(|linked| !linked.is_empty()).map(|linked| {
                        let names = linked.into_iter().map(|one| {
                            view! { <a class="linked" href=href(&format!("/use-cases/{}", one.id))>{one.name}</a> }
                        });
                        view! { <tr data-test="use-cases"><th scope="row">"use cases"</th><td>{names.collect_view()}</td></tr> }
                    })}
                    {move || application.get().map(|(name, title)| view! {
                        <tr data-test="application">
                            <th scope="row">"application"</th>
                            <td><a href=href(&format!("/apps/{name}"))>{title}</a></td>
                        </tr>
                    })}
                    {move || facts.get().into_iter().map(|(label, value)| view! {
                        <tr><th scope="row">{label}</th><td>{value}</td></tr>
                    }).collect_view()}
                </tbody>
            </table>
        </section>
    }
}

fn facts(view: &DeploymentView) -> Vec<(String, String)> {
    let strategy = &view.strategy;
    let mut moves = format!("surge {}, unavailable {}", strategy.surge_words(), strategy.max_unavailable);
    if strategy.min_ready_seconds > 0 {
        moves += &format!(", ready for {}", numbers::span(strategy.min_ready_seconds.into()));
    }
    let mut facts = vec![
        ("strategy".to_owned(), moves),
        ("when an update fails".to_owned(), words::on_failure(view.on_failure).to_owned()),
    ];
    let checks = words::compat::check_rules(&view.checks);
    facts.extend(checks.into_iter().map(|(label, words)| (label.to_owned(), words)));
    facts.extend(view.expires_at.map(|at| ("expires".to_owned(), times::exact(at))));
    facts.extend(view.properties.iter().map(|(key, value)| (key.clone(), value.clone())));
    facts
}
