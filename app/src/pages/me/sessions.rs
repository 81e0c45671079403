//! One's sessions, each of which can be ended.

use std::sync::Arc;

use domain::wire::SessionView;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{self, Failure};
use crate::components::{Ago, Glyph, Icon};
use crate::pages::drawn::lost_connection;
use crate::pages::query_answer::{QueryAnswer, Refused};
use crate::state::{Query, state};
use crate::words::zones;

/// The card.
#[component]
pub(super) fn SessionsCard() -> impl IntoView {
    let state = state();
    let query = Query::whenever(move || state.people_changed(), api::own::sessions);
    let failure = RwSignal::new(None::<Failure>);
    let others = move || query.value().is_some_and(|all| all.iter().any(|one| !one.is_this));
    let end_others = move |_| {
        failure.set(None);
        spawn_local(async move {
            match api::own::end_other_sessions().await {
                Ok(()) => query.ask(),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
        });
    };
    let draw = move |sessions: Arc<Vec<SessionView>>| {
        if sessions.is_empty() {
            return view! { <p class="sub inside">"You have no session: you came in through this machine."</p> }
                .into_any();
        }
        let lines =
            sessions.iter().cloned().map(|one| view! { <Line one=one query=query failure=failure/> }).collect_view();
        view! { <ul class="row-lines">{lines}</ul> }.into_any()
    };
    view! {
        <section class="panel" data-test="sessions">
            <header class="panel-head">
                <h2>"Sessions"</h2>
                <span class="grow"></span>
                <Show when=others>
                    <button type="button" class="button small" data-test="end-others" disabled=move || lost_connection().is_some() on:click=end_others>"End all others"</button>
                </Show>
            </header>
            <Refused failure=failure/>
            <QueryAnswer query=query lines=3 draw=draw/>
        </section>
    }
}

#[component]
fn Line(one: SessionView, query: Query<Vec<SessionView>>, failure: RwSignal<Option<Failure>>) -> impl IntoView {
    let state = state();
    let now = state.now();
    let id = one.id.clone();
    let end = move |_| {
        let id = id.clone();
        failure.set(None);
        spawn_local(async move {
            match api::own::end_session(&id).await {
                Ok(()) => query.ask(),
                Err(refused) => drop(failure.try_set(Some(state.noting(refused)))),
            }
        });
    };
    let browser = one.user_agent.as_deref().map_or_else(|| "An unknown browser".to_owned(), browser);
    let ends = one.expires_at;
    view! {
        <li class="row-line" data-test="session">
            <Glyph icon=Icon::Person/>
            <span class="what" title=one.user_agent.clone()>
                <b>{browser}</b>{one.is_this.then_some(", this one")}
                <span class="sub second-line">
                    {format!("with {} · seen ", one.with.title())}<Ago at=one.last_seen now=now/>
                    {move || format!(" · ends {} without you", zones::within(ends, now.get()))}
                </span>
            </span>
            {(!one.is_this).then(|| view! {
                <button type="button" class="button small quiet" data-test="end-session" disabled=move || lost_connection().is_some() on:click=end>"End"</button>
            })}
        </li>
    }
}

/// A browser and its system, out of what it calls itself.
fn browser(agent: &str) -> String {
    let among =
        |names: &[(&str, &'static str)]| names.iter().find(|(part, _)| agent.contains(part)).map(|(_, name)| *name);
    // The order matters: most browsers name the others as well.
    let name = among(&[
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = among(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn a_browser_is_known_by_what_it_calls_itself() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0";
        assert_eq!([browser(firefox), browser(edge)], ["Firefox on Linux", "Edge on Windows"]);
        assert_eq!([browser("curl/8.5"), browser("pipeline")], ["curl", "pipeline"]);
    }
}
