//! The bar of several rows, and what became of what was done with them.

use leptos::prelude::*;

use super::choosing::{Choosing, ChosenRows};
use super::several::Several;
use super::several_run::{RunLine, RunProgress, SeveralRun};
use crate::api::href;
use crate::components::{Glyph, Icon};
use crate::pages::drawn::lost_connection;
use crate::pages::in_address::dialog_setter;
use crate::state::state;
use crate::words::numbers;

/// Names that the bar tells.
const NAMED: usize = 4;

/// The bar; it is there only while rows are chosen.
#[component]
pub(super) fn SeveralBar() -> impl IntoView {
    let state = state();
    let (choosing, run) = (Choosing::here(), SeveralRun::here());
    let open = dialog_setter();
    let chosen = Memo::new(move |_| choosing.now());
    let number = Memo::new(move |_| chosen.with(Vec::len));
    let all = Memo::new(move |_| choosing.rows.with(Vec::len));
    let views = move || chosen.with(|ids| ids.iter().filter_map(|id| state.deployment(id)).collect::<Vec<_>>());
    let names = move || {
        let names = chosen.with(|ids| {
            let known = ids.iter().take(NAMED).filter_map(|id| state.deployment(id));
            known.map(|view| view.name.to_string()).collect::<Vec<_>>()
        });
        match number.get().saturating_sub(NAMED) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    };
    let button = move |what: Several| {
        // The reason is told where it can be done with none of them; else the dialog tells it of each.
        let why = Memo::new(move |_| {
            if let Some(lost) = lost_connection() {
                return Some(lost);
            }
            if run.goes_on() {
                return Some("Something is being done with several deployments already.".to_owned());
            }
            let views = views();
            let reasons: Vec<_> = views.iter().map(|view| what.why_not(view)).collect();
            if reasons.iter().any(Option::is_none) { None } else { reasons.into_iter().flatten().next() }
        });
        view! {
            <button
                type="button"
                class="button small"
                data-test=format!("several-{}", what.word())
                disabled=move || why.with(Option::is_some)
                title=move || why.get()
                on:click=move |_| open.run(format!("several {}", what.word()))
            >
                {what.label()}
            </button>
        }
    };
    view! {
        <Show when=move || { number.get() > 0 }>
            <section class="bulk" aria-label="Chosen deployments" data-test="several">
                <b role="status">{move || format!("{} of {} chosen", numbers::whole(number.get() as u64), numbers::whole(all.get() as u64))}</b>
                <span class="sub cut">{names}</span>
                <span class="grow"></span>
                {Several::ALL.map(button).collect_view()}
                <Show when=move || number.get() < all.get()>
                    <button type="button" class="button small quiet" data-test="choose-all" on:click=move |_| {
                        choosing.rows.with_untracked(|rows| choosing.chosen.update(|chosen| chosen.all(rows)));
                    }>
                        {move || format!("Choose all {}", numbers::whole(all.get() as u64))}
                    </button>
                </Show>
                <button type="button" class="button small quiet" data-test="choose-none" on:click=move |_| choosing.chosen.update(ChosenRows::clear)>
                    "Clear"
                </button>
            </section>
        </Show>
    }
}

/// How far it is with each, and why not.
#[component]
pub(super) fn SeveralProgress() -> impl IntoView {
    let run = SeveralRun::here();
    let lines = Memo::new(move |_| run.lines());
    let told = move || {
        let what = run.what()?;
        let of = |wanted: fn(&RunProgress) -> bool| {
            lines.with(|lines| lines.iter().filter(|line| wanted(&line.progress)).count())
        };
        let (all, done) = (lines.with(Vec::len), of(|progress| *progress == RunProgress::Done));
        let (refused, left) =
            (of(|progress| matches!(progress, RunProgress::Refused(_))), of(|progress| *progress == RunProgress::Left));
        let mut text = format!("{}: {done} of {all} done", what.going_on());
        if refused > 0 {
            text += &format!(", {refused} refused");
        }
        if left > 0 {
            text += &format!(", {left} left as they were");
        }
        Some(text)
    };
    let over = Memo::new(move |_| {
        lines.with(|lines| {
            let ended =
                lines.iter().filter(|line| !matches!(line.progress, RunProgress::Waits | RunProgress::Sent)).count();
            (ended, lines.len())
        })
    });
    view! {
        <Show when=move || run.what().is_some()>
            <section class="panel several-run" data-test="several-run">
                <header class="panel-head">
                    <h2 role="status" data-test="several-told">{told}</h2>
                    <span class="grow"></span>
                    <Show
                        when=move || run.goes_on()
                        fallback=move || view! {
                            <button type="button" class="button small quiet" data-test="several-close" on:click=move |_| run.close()>"Close"</button>
                        }
                    >
                        <button type="button" class="button small" data-test="several-halt" on:click=move |_| run.halt()>"Stop after this one"</button>
                    </Show>
                </header>
                <Show when=move || run.goes_on()>
                    <progress max=move || over.get().1.to_string() value=move || over.get().0.to_string() aria-label="Done"></progress>
                </Show>
                <ul class="several-lines">
                    {move || lines.get().into_iter().map(|line| view! { <Line line=line/> }).collect_view()}
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Line(line: RunLine) -> impl IntoView {
    let (icon, tone, text) = match line.progress {
        RunProgress::Waits => (Icon::Clock, "off", "waits".to_owned()),
        RunProgress::Sent => (Icon::Swap, "moving", "on its way…".to_owned()),
        RunProgress::Done => (Icon::Check, "good", "done".to_owned()),
        RunProgress::Left => (Icon::Minus, "off", "left as it was".to_owned()),
        RunProgress::Refused(why) => (Icon::Warning, "warning", why),
    };
    let name = line.name.to_string();
    view! {
        <li data-test="several-line" data-name=name.clone()>
            <span class=tone><Glyph icon=icon/></span>
            <a class="name" href=href(&format!("/deployments/{name}"))><bdi>{name.clone()}</bdi></a>
            <span class="sub">{text}</span>
        </li>
    }
}
