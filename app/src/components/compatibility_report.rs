//! A compatibility report: the verdict on one model replacing another, and every check with both sides.

use domain::compat::{Check, Outcome, Report, Verdict};
use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::words::compat as words;

/// A verdict in words, with a picture. While nobody has seen the model load, it is not said to be compatible.
#[component]
pub(crate) fn VerdictBadge(
    verdict: Verdict,
    /// Nobody has seen the model load.
    #[prop(optional)]
    unloaded: bool,
) -> impl IntoView {
    let is_open = unloaded && verdict == Verdict::Compatible;
    let icon = match verdict {
        Verdict::Compatible if is_open => Icon::Question,
        Verdict::Compatible => Icon::Check,
        Verdict::Warning => Icon::Warning,
        Verdict::NotVerified => Icon::Question,
        Verdict::Incompatible | Verdict::Unreadable => Icon::Stop,
    };
    let (class, title) = match is_open {
        true => ("plain", "Loading is not verified"),
        false => (words::verdict(verdict).class(), verdict.title()),
    };
    view! {
        <span class=format!("verdict {class}") data-test="verdict">
            <Glyph icon=icon/>
            {title}
        </span>
    }
}

/// The verdict and the checks, grouped by their outcome. Passed checks are folded away.
#[component]
pub(crate) fn CompatibilityReport(
    report: Report,
    /// The verdict and the counts stand elsewhere.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let group = |outcome: Outcome| report.with(outcome).cloned().collect::<Vec<_>>();
    let open = [Outcome::Failed, Outcome::Warning, Outcome::NotVerified];
    let groups = open.map(group).into_iter().zip(open).filter(|(checks, _)| !checks.is_empty());
    let passed = group(Outcome::Passed);
    view! {
        <div class="report" data-test="report" data-verdict=words::key(&report.verdict)>
            {(!bare).then(|| view! {
                <p class="report-head">
                    <VerdictBadge verdict=report.verdict unloaded=report.loading_is_open()/>
                    <span class="sub" data-test="report-counts">{words::counts(&report)}</span>
                </p>
            })}
            {words::asks_go_ahead(&report).map(|why| view! { <p data-test="asks-go-ahead">{why}</p> })}
            {groups.map(|(checks, outcome)| view! { <Group checks=checks outcome=outcome/> }).collect_view()}
            {(!passed.is_empty()).then(|| view! {
                <details data-test="passed">
                    <summary>{crate::words::count(passed.len(), "check passed", "checks passed")}</summary>
                    <Group checks=passed outcome=Outcome::Passed/>
                </details>
            })}
        </div>
    }
}

#[component]
fn Group(checks: Vec<Check>, outcome: Outcome) -> impl IntoView {
    let (title, tone) = words::outcome(outcome);
    let icon = match outcome {
        Outcome::Failed => Icon::Stop,
        Outcome::Warning => Icon::Warning,
        Outcome::NotVerified => Icon::Question,
        Outcome::Passed => Icon::Check,
    };
    let lines = checks
        .into_iter()
        .map(|check| {
            view! {
                <li class="check-line" data-test="check" data-check=check.check.to_string() data-outcome=words::key(&outcome)>
                    <span class=tone.class()><Glyph icon=icon/></span>
                    <b>{check.check.title()}</b>
                    <div class="check-text">
                        <p>{check.message}</p>
                        <Sides current=check.current candidate=check.candidate/>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="check-group">
            <p class=format!("group-title {}", tone.class())>{title}</p>
            <ul>{lines}</ul>
        </div>
    }
}

/// Longest side, in characters, that is written out; the sentence has what matters of a longer one.
const LONGEST: usize = 200;

/// The side in use and the candidate's; the sentence is enough where both are the same.
#[component]
fn Sides(current: Option<String>, candidate: Option<String>) -> impl IntoView {
    let side = |side: Option<String>| match side {
        None => view! { <span>"none"</span> }.into_any(),
        Some(text) => {
            let short: String = text.chars().take(LONGEST).collect();
            let short = if short.len() < text.len() { short + "…" } else { short };
            view! { <code>{short}</code> }.into_any()
        }
    };
    (current != candidate).then(|| {
        view! { <p class="sides sub">{side(current)}<span aria-hidden="true">" → "</span><span class="visually-hidden">" becomes "</span>{side(candidate)}</p> }
    })
}
