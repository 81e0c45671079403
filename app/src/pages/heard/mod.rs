//! What became of what one has asked for or follows, told on whatever page one is.
//!
//! # Flow
//! Somebody else, or the server, does something to a change request → the request is read → when it is one's own, a
//! note says how it stands now. A rollout that one has started, or has looked at, ends → a note says how. Each stays until
//! it is closed or followed; each page that tells all of it has one.

mod note;
mod request;
mod rollout;

use std::collections::HashSet;

use domain::id::{DeploymentId, DeploymentName, RolloutNumber};
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen_futures::spawn_local;

use self::note::Note;
use crate::api::{self, href};
use crate::components::Glyph;
use crate::state::{RolloutNews, State, state};

/// Notes that are shown at a time.
const MOST: usize = 3;

/// The notes, in a corner of the window.
#[component]
pub(crate) fn Heard() -> impl IntoView {
    let state = state();
    let location = use_location();
    let notes = RwSignal::new(Vec::<Note>::new());
    let close = move |page: &str| notes.update(|notes| notes.retain(|note| note.page != page));
    let tell = move |note: Note| {
        notes.try_update(|notes| {
            notes.retain(|known| known.page != note.page);
            notes.push(note);
            notes.drain(..notes.len().saturating_sub(MOST));
        });
    };
    Effect::new(move |_| {
        for news in state.take_request_news() {
            spawn_local(async move {
                let Ok(view) = api::requests::read_in_brief(&news.request).await else { return };
                if untrack(|| state.is_me(&view.author)) {
                    tell(untrack(|| Note::of_request(&view, &news, state)));
                }
            });
        }
    });
    let path = Memo::new(move |_| location.pathname.get());
    follow_rollouts(state, path, tell);
    // The page itself tells it all.
    let elsewhere = Memo::new(move |_| {
        let path = path.get();
        notes.with(|notes| notes.iter().filter(|note| path != href(&note.page)).cloned().collect::<Vec<_>>())
    });
    Effect::new(move |_| {
        let path = path.get();
        if notes.with(|notes| notes.iter().any(|note| path == href(&note.page))) {
            notes.update(|notes| notes.retain(|note| path != href(&note.page)));
        }
    });
    view! {
        <div class="heard" role="status" aria-live="polite">
            {move || elsewhere.get().into_iter().map(|note| {
                let (closed, followed) = (note.page.clone(), note.page.clone());
                let follow = note.follow.map(|(page, words)| view! {
                    " "<a href=href(&page) data-test="heard-rollout" on:click=move |_| close(&followed)>{words}</a>
                });
                view! {
                    <div class="toast" data-test=note.name>
                        <span class=note.tone><Glyph icon=note.icon/></span>
                        <div class="toast-text">
                            <a class="name" href=href(&note.page)><bdi>{note.title}</bdi></a>
                            <span class="sub">{note.text}{follow}</span>
                        </div>
                        <button type="button" class="button quiet square small" aria-label="Close" on:click=move |_| close(&closed)>
                            <Glyph icon=crate::components::Icon::Close/>
                        </button>
                    </div>
                }
            }).collect_view()}
        </div>
    }
}

/// Follows the rollouts that whoever looks at the page has started, and those of the deployments whose pages they open.
fn follow_rollouts(state: State, path: Memo<String>, tell: impl Fn(Note) + Copy + 'static) {
    let followed = StoredValue::new(HashSet::<(DeploymentId, RolloutNumber)>::new());
    Effect::new(move |_| {
        let path = path.get();
        let begin = href("/deployments/");
        let name: Option<DeploymentName> = path.strip_prefix(&begin).and_then(|name| name.parse().ok());
        let looked_at = name.and_then(|name| state.id_of(&name)).and_then(|id| state.deployment(&id));
        if let Some((view, number)) = looked_at.and_then(|view| view.rollout.map(|number| (view, number))) {
            followed.update_value(|followed| {
                followed.insert((view.id.clone(), number));
            });
        }
    });
    Effect::new(move |_| {
        for RolloutNews { deployment, number, is_own } in state.take_rollout_news() {
            let key = (deployment, number);
            if is_own {
                followed.update_value(|followed| {
                    followed.insert(key);
                });
            } else if followed.with_value(|followed| followed.contains(&key)) {
                spawn_local(async move {
                    let Ok(view) = api::deployments::read(key.0.as_str()).await else { return };
                    let Ok(rollout) = api::rollouts::end(&view.name, key.1).await else { return };
                    let known = followed.try_update_value(|followed| followed.remove(&key)) == Some(true);
                    match Note::of_rollout(&view, &rollout) {
                        Some(note) if known => tell(note),
                        // It goes on.
                        None if known => {
                            followed.try_update_value(|followed| followed.insert(key));
                        }
                        _ => {}
                    }
                });
            }
        }
    });
}
