//! What people have said of a request, in order, with the approvals that a later version made void.

use domain::change_request::ReviewVerdict;
use domain::principal::PrincipalId;
use domain::wire::{ChangeRequestView, ReviewView};
use jiff::Timestamp;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::subject::RequestSubject;
use crate::components::Ago;
use crate::pages::drawn::lost_connection;
use crate::pages::in_address::{parameter, parameter_setter};
use crate::pages::named::Named;
use crate::state::state;
use crate::words::requests::joined;

/// The id of the field for words, by which the buttons find it.
const REPLY: &str = "reply";

/// Leads to the field for words.
pub(super) fn focus_reply() {
    let reply = document().get_element_by_id(REPLY).and_then(|reply| reply.dyn_into::<HtmlElement>().ok());
    if let Some(reply) = reply {
        reply.scroll_into_view();
        let _ = reply.focus();
    }
}

/// One line of the discussion.
#[derive(Clone)]
struct Said {
    at: Timestamp,
    author: PrincipalId,
    what: String,
    tone: &'static str,
    /// What this made of the approvals before it.
    besides: Option<String>,
    words: Option<String>,
}

/// The discussion, and the field for one's own words.
#[component]
pub(super) fn Discussion() -> impl IntoView {
    let state = state();
    let subject: RequestSubject = expect_context();
    let (saying, say) = (parameter("say"), parameter_setter("say"));
    let view = subject.view;
    let said = Memo::new(move |_| view.with(|view| view.as_deref().map(said).unwrap_or_default().len()));
    let live = Memo::new(move |_| view.with(|view| view.as_ref().is_some_and(|view| view.ended.is_none())));
    let wants_changes = Memo::new(move |_| saying.get() == "changes");
    let empty = move || subject.comment.with(|comment| comment.trim().is_empty());
    let off = move || subject.pending.get() || empty() || lost_connection().is_some();
    // Once the words have been taken, nothing is being said any more.
    Effect::new(move |before: Option<bool>| {
        let now = empty();
        if before == Some(false)
            && now
            && wants_changes.get_untracked()
            && !subject.failure.with_untracked(Option::is_some)
        {
            say.run(String::new());
        }
        now
    });
    view! {
        <section class="panel" data-test="discussion">
            <header class="panel-head"><h2>"Discussion"</h2><span class="sub">{move || said.get()}</span></header>
            <div class="panel-body">
                <ol class="comments">
                    {move || view.with(|view| view.as_deref().map(self::said).unwrap_or_default()).into_iter().map(|said| {
                        let letter = state.name_of(&said.author).chars().next().map(|letter| letter.to_uppercase().to_string());
                        view! {
                            <li class="comment">
                                <span class="avatar" aria-hidden="true">{letter}</span>
                                <div>
                                    <span class="small">
                                        <b><Named id=said.author/></b>" "
                                        <span class=said.tone>{said.what}</span>
                                        {said.besides.map(|besides| view! { <span class="warning">{format!(". {besides}")}</span> })}
                                        <span class="off">" · "<Ago at=said.at now=state.now()/></span>
                                    </span>
                                    {said.words.map(|words| view! { <p class="prose">{words}</p> })}
                                </div>
                            </li>
                        }
                    }).collect_view()}
                </ol>
                <Show when=move || live.get()>
                    <div class="reply field">
                        <label for=REPLY class:visually-hidden=move || !wants_changes.get()>
                            {move || if wants_changes.get() { "What has to change?" } else { "Comment" }}
                        </label>
                        <textarea
                            id=REPLY
                            rows="2"
                            data-test="comment"
                            placeholder="Comment, or say what has to change"
                            prop:value=move || subject.comment.get()
                            on:input:target=move |event| subject.comment.set(event.target().value())
                        ></textarea>
                        <span class="buttons">
                            <Show when=move || wants_changes.get()>
                                <span class="sub grow">"Changes that are requested keep it from starting until you take them back, or it is edited."</span>
                                <button type="button" class="button quiet" on:click=move |_| say.run(String::new())>"Not now"</button>
                                <button type="button" class="button primary" data-test="send-changes" disabled=off on:click=move |_| subject.review(ReviewVerdict::ChangesRequested)>
                                    "Request changes"
                                </button>
                            </Show>
                            <Show when=move || !wants_changes.get()>
                                <button type="button" class="button" data-test="send-comment" disabled=off on:click=move |_| subject.review(ReviewVerdict::Comment)>
                                    "Comment"
                                </button>
                            </Show>
                        </span>
                    </div>
                </Show>
            </div>
        </section>
    }
}

/// Versions and reviews in one order.
fn said(view: &ChangeRequestView) -> Vec<Said> {
    let versions = view.versions.iter().map(|version| Said {
        at: version.at,
        author: version.author.clone(),
        what: match version.number {
            1 => "asked, version 1".to_owned(),
            number => edited(view, number),
        },
        tone: "",
        besides: voided(view, version.number),
        words: version.note.clone(),
    });
    let reviews = view.reviews.iter().map(|review| Said {
        at: review.at,
        author: review.author.clone(),
        what: verdict(review),
        tone: match review.verdict {
            _ if review.withdrawn => "off",
            ReviewVerdict::Approved => "good",
            ReviewVerdict::ChangesRequested => "warning",
            ReviewVerdict::Comment => "",
        },
        besides: None,
        words: review.comment.clone(),
    });
    let mut all: Vec<_> = versions.chain(reviews).collect();
    all.sort_by_key(|said| said.at);
    all
}

/// What somebody changed when they wrote a version after the first.
fn edited(view: &ChangeRequestView, number: u32) -> String {
    let plan = |number| {
        let version = view.versions.iter().find(|version| version.number == number);
        version.and_then(|version| version.plan.as_deref())
    };
    let (Some(before), Some(after)) = (plan(number - 1), plan(number)) else {
        return format!("edited, version {number}");
    };
    let fields = before.edits(after);
    if fields.is_empty() {
        return format!("rebased, version {number}");
    }
    format!("edited: {}, version {number}", joined(&fields, "and"))
}

fn verdict(review: &ReviewView) -> String {
    let what = match review.verdict {
        ReviewVerdict::Approved => format!("approved version {}", review.version),
        ReviewVerdict::ChangesRequested => format!("requested changes of version {}", review.version),
        ReviewVerdict::Comment => "commented".to_owned(),
    };
    if review.withdrawn { format!("{what}, and took it back") } else { what }
}

/// What an edit made of the approvals of the version before.
fn voided(view: &ChangeRequestView, number: u32) -> Option<String> {
    let before = number.checked_sub(1).filter(|before| *before > 0)?;
    let approved = |review: &&ReviewView| {
        review.version == before && review.verdict == ReviewVerdict::Approved && !review.withdrawn
    };
    match view.reviews.iter().filter(approved).count() {
        0 => None,
        1 => Some(format!("The approval of version {before} is void")),
        many => Some(format!("The {many} approvals of version {before} are void")),
    }
}
