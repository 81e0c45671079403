//! The rounds of a rollout, read like a plan: those that are finished, the present one open, those to come.

use jiff::Timestamp;
use leptos::html;
use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::words::times;

/// How far a line of the plan has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Progressed {
    /// It is finished.
    Done,
    /// It was not finished.
    BrokeOff,
    /// It goes on.
    Now,
    /// It goes on, and fails.
    Failing,
    /// Something that somebody did to the whole.
    Told,
    /// It has not begun.
    Planned,
}

impl Progressed {
    fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::BrokeOff => "bad broke-off",
            Self::Now => "now",
            Self::Failing => "now bad",
            Self::Told => "told",
            Self::Planned => "planned",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::BrokeOff => "broke-off",
            Self::Now => "now",
            Self::Failing => "failing",
            Self::Told => "told",
            Self::Planned => "planned",
        }
    }

    fn is_open(self) -> bool {
        matches!(self, Self::Now | Self::Failing)
    }
}

/// A step of an open round.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TimelineStep {
    /// Its sentence.
    pub(crate) text: String,
    /// When.
    pub(crate) at: Timestamp,
    /// What it sums up; it unfolds.
    pub(crate) folded: Vec<String>,
}

/// A line of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TimelineLine {
    /// What it is about.
    pub(crate) title: String,
    /// Its length, or an estimate of it.
    pub(crate) beside: String,
    /// When it began.
    pub(crate) at: Option<Timestamp>,
    /// How far it has come.
    pub(crate) progressed: Progressed,
    /// The steps of an open one.
    pub(crate) steps: Vec<TimelineStep>,
}

/// The lines. It follows the present one until the person scrolls.
#[component]
pub(crate) fn Timeline(#[prop(into)] lines: Signal<Vec<TimelineLine>>) -> impl IntoView {
    let pane = NodeRef::<html::Div>::new();
    let follows = StoredValue::new(true);
    let unfolded = RwSignal::new(false);
    // It may come when the list is gone already.
    let taken = move || {
        let _ = follows.try_set_value(false);
    };
    Effect::new(move |_| {
        lines.track();
        if follows.get_value() {
            request_animation_frame(move || {
                let Some(pane) = pane.try_get_untracked().flatten() else { return };
                let Ok(Some(now)) = pane.query_selector(".round.now") else { return };
                let by = now.get_bounding_client_rect().top() - pane.get_bounding_client_rect().top();
                pane.set_scroll_top(pane.scroll_top() + by as i32 - pane.client_height() / 3);
            });
        }
    });
    let numbered = move || lines.get().into_iter().enumerate().collect::<Vec<_>>();
    view! {
        <div
            node_ref=pane
            class="live-steps"
            data-test="steps"
            tabindex="0"
            role="region"
            aria-label="Rounds"
            on:wheel=move |_| taken()
            on:touchmove=move |_| taken()
            on:pointerdown=move |_| taken()
            on:keydown=move |_| taken()
        >
            <ol class="timeline">
                <For each=numbered key=Clone::clone let((_, line))>
                    {draw(line, unfolded)}
                </For>
            </ol>
        </div>
    }
}

fn draw(line: TimelineLine, unfolded: RwSignal<bool>) -> impl IntoView {
    let TimelineLine { title, beside, at, progressed, steps } = line;
    let point = match progressed {
        Progressed::Done => view! { <Glyph icon=Icon::Check/> }.into_any(),
        Progressed::BrokeOff => view! { <Glyph icon=Icon::Close/> }.into_any(),
        _ => view! { <span class="point" aria-hidden="true"></span> }.into_any(),
    };
    let open = progressed.is_open() && !steps.is_empty();
    view! {
        <li
            class=format!("round {}", progressed.class())
            data-test="round"
            data-state=progressed.word()
            aria-current=progressed.is_open().then_some("step")
        >
            {point}
            <h3>{title}" "<span>{beside}</span></h3>
            {at.map(|at| view! { <time datetime=at.to_string() title=times::exact(at)>{times::clock(at)}</time> })}
            {open.then(|| view! { <ol class="round-steps">{steps.into_iter().map(|step| draw_step(step, unfolded)).collect_view()}</ol> })}
        </li>
    }
}

fn draw_step(step: TimelineStep, unfolded: RwSignal<bool>) -> impl IntoView {
    let TimelineStep { text, at, folded } = step;
    let sentence = if folded.is_empty() {
        view! { <span>{text}</span> }.into_any()
    } else {
        let folded = StoredValue::new(folded);
        view! {
            <span class="folded">
                <button
                    type="button"
                    class="unfold"
                    data-test="restarts"
                    aria-expanded=move || unfolded.get().to_string()
                    on:click=move |_| unfolded.update(|unfolded| *unfolded = !*unfolded)
                >
                    {text}" "<Glyph icon=Icon::Chevron/>
                </button>
                {move || unfolded.get().then(|| view! {
                    <ul>{folded.get_value().into_iter().map(|one| view! { <li>{one}</li> }).collect_view()}</ul>
                })}
            </span>
        }
        .into_any()
    };
    view! { <li data-test="step">{sentence}<time datetime=at.to_string() title=times::exact(at)>{times::clock(at)}</time></li> }
}
