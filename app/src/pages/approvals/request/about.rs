//! Beside a request: the policies and how far each is met, the base, the versions, the hash, and the end by itself.

use domain::change_request::{ApplyMode, ReviewVerdict};
use domain::wire::{ChangeRequestView, PolicyProgress, RequestBase, ReviewView};
use leptos::prelude::*;

use super::between::CompareLink;
use super::subject::RequestSubject;
use crate::api::href;
use crate::components::{Ago, CopyButton, Glyph, Icon};
use crate::pages::named::{Named, NamedList};
use crate::state::state;
use crate::words::requests as words;
use crate::words::{count, own_zone, times, zones};

/// The quiet column.
#[component]
pub(super) fn About() -> impl IntoView {
    let RequestSubject { view, .. } = expect_context();
    move || {
        view.get().map(|view| {
            let policies = view.policies.iter().map(|policy| standing(&view, policy)).collect_view();
            let none = view.policies.is_empty() && view.ended.is_none();
            view! {
                <aside class="quiet-panel" aria-label="About this request">
                    {policies}
                    {none.then(|| view! {
                        <section>
                            <div class="quiet-head"><h2>"Approvals"</h2></div>
                            <p class="prose second">"No policy asks for an approval. The change waits for its time."</p>
                        </section>
                    })}
                    {base(&view)}
                    {versions(&view)}
                    <Approved hash=view.plan_hash.clone()/>
                    <Unanswered view=view/>
                </aside>
            }
        })
    }
}

/// One policy with everybody who has approved, and who still can.
fn standing(view: &ChangeRequestView, policy: &PolicyProgress) -> AnyView {
    let state = state();
    let subject: RequestSubject = expect_context();
    let (given, needed) = (policy.given.len(), policy.needed);
    let approvals: Vec<_> = policy
        .given
        .iter()
        .map(|id| {
            let at = view.reviews.iter().rev().find(|review| review.author == *id && review.counts).map(|r| r.at);
            (id.clone(), at)
        })
        .collect();
    let blocked: Vec<_> = policy.blocked_by.clone();
    let (me, others): (Vec<_>, Vec<_>) = policy.can_still.iter().cloned().partition(|id| state.is_me(id));
    let void = |review: &&ReviewView| review.is_void && review.verdict == ReviewVerdict::Approved && !review.withdrawn;
    let voided: Vec<_> =
        view.reviews.iter().filter(void).map(|review| (review.author.clone(), review.version)).collect();
    let mine = |ids: &[domain::principal::PrincipalId]| ids.iter().any(|id| state.is_me(id));
    let take_back = (mine(&policy.given) || mine(&policy.blocked_by)) && view.ended.is_none();
    view! {
        <section data-test="policy">
            <div class="quiet-head">
                <h2>{policy.name.clone()}</h2>
                <b class=if policy.met { "good" } else { "warning" } data-test="policy-count">{format!("{given} of {needed}")}</b>
            </div>
            <ol class="people-list">
                {approvals.into_iter().map(|(id, at)| view! {
                    <li><span class="good"><Glyph icon=Icon::Check/></span><span><Named id=id/></span>
                        <span class="sub">{at.map(|at| view! { <Ago at=at now=state.now()/> })}</span></li>
                }).collect_view()}
                {blocked.into_iter().map(|id| view! {
                    <li class="warning"><Glyph icon=Icon::Warning/><span><Named id=id/></span><span class="sub">"wants changes"</span></li>
                }).collect_view()}
                {(!me.is_empty()).then(|| view! {
                    <li class="now"><span class="state waits"></span><span>"You can review"</span><span></span></li>
                })}
                {(!others.is_empty()).then(|| view! {
                    <li><span class="state off"></span><span class="off"><NamedList ids=others/></span><span class="sub">"can"{(!policy.given.is_empty()).then_some(" too")}</span></li>
                })}
                {voided.into_iter().map(|(id, version)| view! {
                    <li class="void"><Glyph icon=Icon::Minus/><del><Named id=id/></del><span class="sub">{format!("void, version {version}")}</span></li>
                }).collect_view()}
            </ol>
            {(!policy.met && policy.can_still.is_empty() && view.ended.is_none()).then(|| view! {
                <p class="prose warning">"Nobody is left who could approve this change."</p>
            })}
            {take_back.then(|| view! {
                <button type="button" class="button small quiet start" data-test="take-back" disabled=move || subject.pending.get() on:click=move |_| subject.withdraw()>
                    "Take my verdict back"
                </button>
            })}
        </section>
    }
    .into_any()
}

/// The deployment as it was when the change was asked for, and as it is now where that differs.
fn base(view: &ChangeRequestView) -> AnyView {
    let Some(base) = view.base.clone() else { return ().into_any() };
    let now = view.base_now.clone().filter(|_| view.ended.is_none());
    let revision = |base: &RequestBase| base.revision.map_or("none".to_owned(), |number| number.to_string());
    let fact = |of: &dyn Fn(&RequestBase) -> String| {
        let was = of(&base);
        match now.as_ref().map(of).filter(|now| *now != was) {
            Some(now) => format!("{was}, now {now}"),
            None => was,
        }
    };
    let facts = [
        ("revision", fact(&revision)),
        ("content", fact(&|base| words::short_hash(&base.content_hash))),
        ("importance", fact(&|base| base.importance.to_string())),
    ];
    view! {
        <section data-test="base">
            <div class="quiet-head"><h2>"Base"</h2><a href=href(&format!("/deployments/{}", view.deployment_name))>"Open"</a></div>
            <dl class="quiet-facts">
                {facts.map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect_view()}
                {(!view.models_before.is_empty()).then(|| view! { <dt>"model"</dt><dd>{crate::words::models(&view.models_before)}</dd> })}
                <dt>"asked at"</dt><dd>{times::exact(view.asked_at)}</dd>
            </dl>
        </section>
    }
    .into_any()
}

fn versions(view: &ChangeRequestView) -> AnyView {
    let state = state();
    let lines = view.versions.iter().rev().map(|version| {
        let approvals = view
            .reviews
            .iter()
            .filter(|review| review.version == version.number && review.verdict == ReviewVerdict::Approved)
            .filter(|review| !review.withdrawn)
            .count();
        let about = match (version.number == view.version, approvals) {
            (true, _) => "current".to_owned(),
            (false, 0) => String::new(),
            (false, some) => format!("{}, void", count(some, "approval", "approvals")),
        };
        view! { <li><b>{version.number}</b><span class="second"><Ago at=version.at now=state.now()/></span><span class="sub">{about}</span></li> }
    });
    let lines = lines.collect_view();
    let numbers = view.versions.iter().map(|version| version.number).collect();
    view! {
        <section>
            <div class="quiet-head"><h2>"Versions"</h2><CompareLink versions=numbers/></div>
            <ol class="version-list">{lines}</ol>
        </section>
    }
    .into_any()
}

#[component]
fn Approved(hash: String) -> impl IntoView {
    let short = words::short_hash(&hash);
    let title = hash.clone();
    view! {
        <section>
            <div class="quiet-head"><h2>"What is approved"</h2><CopyButton text=hash describes="Copy the hash of the plan"/></div>
            <p class="prose second">
                "The plan with hash "<code title=title data-test="plan-hash">{short}</code>", and nothing else. It is computed again when it starts."
            </p>
        </section>
    }
}

#[component]
fn Unanswered(view: std::sync::Arc<ChangeRequestView>) -> impl IntoView {
    let now = state().now();
    if view.ended.is_some() {
        return ().into_any();
    }
    let expires = view.expires_at;
    let last = match &view.apply {
        ApplyMode::At(time) => Some(time.not_after),
        ApplyMode::WhenApproved | ApplyMode::ByHand => None,
    };
    let text = move || match (expires, last) {
        (Some(at), _) => format!("Cancelled {}. A time-out never approves.", zones::within(at, now.get())),
        (None, Some(at)) => {
            format!("The request ends without a change when it could not start by {}.", own_zone::moment(at))
        }
        (None, None) => "The request stays open until somebody answers or cancels it.".to_owned(),
    };
    view! {
        <section>
            <div class="quiet-head"><h2>"If nobody answers"</h2></div>
            <p class="prose second">{text}</p>
        </section>
    }
    .into_any()
}
