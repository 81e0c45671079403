//! The form of a freeze: what it holds, and when, with its next occurrences as they come out.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::deployment::Importance;
use domain::freeze::{Freezable, FreezeScope, FreezeTerms, FreezeTimes, Weekday};
use domain::id::{DeploymentId, FreezeId, UseCaseId};
use domain::local_time;
use domain::wire::{DeploymentView, FreezeView};
use jiff::Timestamp;
use leptos::prelude::*;
use serde_json::{Value, json};

use super::list::short;
use crate::api;
use crate::components::{Area, Choice, DialogFooter, Field, Modal, Ticks};
use crate::pages::kept_draft::KeptDraft;
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;
use crate::words::{civil, count, own_zone};

/// Occurrences that are told before a freeze is saved.
const MOST_TOLD: usize = 4;
/// Seconds for which they are looked for.
const AHEAD: i64 = 400 * 86_400;

/// Makes a freeze, or changes one.
#[component]
pub(super) fn FreezeDialog(
    freeze: Option<FreezeView>,
    /// It is to hold everything at once.
    switch: bool,
    on_close: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let title = match &freeze {
        Some(view) => format!("Edit {}", view.freeze.terms.name),
        None if switch => "Hold everything now?".to_owned(),
        None => "New freeze".to_owned(),
    };
    let form = match &freeze {
        Some(view) => format!("freeze {}", view.freeze.id),
        None => format!("freeze {}", if switch { "switch" } else { "new" }),
    };
    let closed = KeptDraft::of_dialog(&form, on_close);
    view! {
        <Modal title=title class="middle" name="freeze" on_close=closed>
            <Form freeze=freeze switch=switch/>
        </Modal>
    }
}

/// The inputs as they are written.
#[derive(Clone, Copy)]
struct FreezeDraft {
    name: RwSignal<String>,
    reason: RwSignal<String>,
    scope: RwSignal<String>,
    levels: RwSignal<BTreeSet<Importance>>,
    deployments: RwSignal<BTreeSet<DeploymentId>>,
    use_cases: RwSignal<BTreeSet<UseCaseId>>,
    times: RwSignal<String>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    until: RwSignal<String>,
    days: RwSignal<BTreeSet<Weekday>>,
    later: RwSignal<String>,
    zone: RwSignal<String>,
}

impl FreezeDraft {
    fn of(terms: Option<&FreezeTerms>, switch: bool) -> Self {
        let text = |value: &str| RwSignal::new(value.to_owned());
        let own = own_zone::name();
        let (mut levels, mut deployments, mut use_cases) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let scope = match terms.map(|terms| &terms.scope) {
            Some(FreezeScope::Importance(given)) => {
                levels.clone_from(given);
                "importance"
            }
            Some(FreezeScope::Deployments(given)) => {
                deployments.clone_from(given);
                "deployments"
            }
            Some(FreezeScope::UseCases(given)) => {
                use_cases.clone_from(given);
                "use_cases"
            }
            _ => "all",
        };
        let when = terms.map(|terms| &terms.when);
        let written = when.and_then(|when| serde_json::to_value(when).ok()).unwrap_or_default();
        let part = |pointer: &str| written.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (times, from, to, zone) = match when {
            Some(FreezeTimes::Once { zone, .. }) => ("once", part("/once/from"), part("/once/to"), zone.clone()),
            Some(FreezeTimes::Weekly { zone, .. }) => {
                ("weekly", part("/weekly/from"), part("/weekly/to"), zone.clone())
            }
            Some(FreezeTimes::Switch { .. }) => ("switch", String::new(), String::new(), own),
            None => (if switch { "switch" } else { "once" }, String::new(), String::new(), own),
        };
        // Inputs for times know no seconds that are zero.
        let minutes = |text: String| {
            text.strip_suffix(":00").filter(|t| t.matches(':').count() > 0).map_or(text.clone(), str::to_owned)
        };
        let (days, later) = match when {
            Some(FreezeTimes::Weekly { days, days_later, .. }) => (days.clone(), days_later.to_string()),
            _ => (BTreeSet::new(), "0".to_owned()),
        };
        Self {
            name: text(terms.map_or(if switch { "Switch" } else { "" }, |terms| &terms.name)),
            reason: text(terms.map_or("", |terms| &terms.reason)),
            scope: text(scope),
            levels: RwSignal::new(levels),
            deployments: RwSignal::new(deployments),
            use_cases: RwSignal::new(use_cases),
            times: text(times),
            from: RwSignal::new(minutes(from)),
            to: RwSignal::new(minutes(to)),
            until: text(""),
            days: RwSignal::new(days),
            later: RwSignal::new(later),
            zone: RwSignal::new(zone),
        }
    }

    /// Keeps what is written into the fields.
    fn keep(self, kept: &KeptDraft) {
        kept.keep_texts([
            ("name", self.name),
            ("reason", self.reason),
            ("scope", self.scope),
            ("times", self.times),
            ("from", self.from),
            ("to", self.to),
            ("until", self.until),
            ("later", self.later),
            ("zone", self.zone),
        ]);
        kept.keep("levels", self.levels);
        kept.keep("deployments", self.deployments);
        kept.keep("use_cases", self.use_cases);
        kept.keep("days", self.days);
    }

    /// The terms, or what is missing or wrong.
    fn read(self) -> Result<FreezeTerms, String> {
        let scope = match self.scope.get().as_str() {
            "importance" => FreezeScope::Importance(self.levels.get()),
            "deployments" => FreezeScope::Deployments(self.deployments.get()),
            "use_cases" => FreezeScope::UseCases(self.use_cases.get()),
            _ => FreezeScope::All,
        };
        let (from, to, zone) = (self.from.get(), self.to.get(), self.zone.get().trim().to_owned());
        let when = match self.times.get().as_str() {
            "switch" => {
                let until = self.until.get();
                let until = match until.trim() {
                    "" => None,
                    local => Some(local_time::resolve(local, Some(&zone)).map_err(|error| error.to_string())?),
                };
                json!({ "switch": { "until": until } })
            }
            "weekly" => {
                let later: u8 = self.later.get().parse().unwrap_or(0);
                json!({ "weekly": { "days": self.days.get(), "from": from, "to": to, "days_later": later, "zone": zone } })
            }
            _ => json!({ "once": { "from": from, "to": to, "zone": zone } }),
        };
        let when: FreezeTimes =
            serde_json::from_value(when).map_err(|_| "Choose when the freeze begins and ends.".to_owned())?;
        let terms = FreezeTerms {
            name: self.name.get().trim().to_owned(),
            reason: self.reason.get().trim().to_owned(),
            scope,
            when,
        };
        terms.check().map_err(|error| error.to_string())?;
        Ok(terms)
    }
}

#[component]
fn Form(freeze: Option<FreezeView>, switch: bool) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let draft = FreezeDraft::of(freeze.as_ref().map(|view| &view.freeze.terms), switch);
    if let Some(kept) = KeptDraft::here() {
        draft.keep(&kept);
    }
    let id: Option<FreezeId> = freeze.map(|view| view.freeze.id);
    let read = Memo::new(move |_| draft.read());
    let blocked = Signal::derive(move || match read.get() {
        _ if draft.name.with(|name| name.trim().is_empty()) => Some("Write a name.".to_owned()),
        Ok(_) => None,
        Err(problem) => Some(problem),
    });
    let touched = Memo::new(move |_| {
        let Ok(terms) = read.get() else { return Vec::new() };
        let deployments = state.deployments();
        let is_held = |view: &&Arc<DeploymentView>| {
            let (importance, use_cases) = (view.importance, view.use_case_ids());
            terms.scope.holds(Freezable { deployment: Some(&view.id), importance, use_cases: &use_cases })
        };
        let held = deployments.iter().filter(is_held);
        held.map(|view| view.name.to_string()).collect::<Vec<_>>()
    });
    let holds = move || {
        touched.with(|names| match names.len() {
            0 => "The freeze would hold none of the deployments that exist now.".to_owned(),
            1..=5 => format!("The freeze would hold {}.", crate::words::requests::joined(names, "and")),
            many => format!("The freeze would hold {}.", count(many, "deployment", "deployments")),
        })
    };
    let is = move |kind: &'static str| move || draft.times.get() == kind;
    let is_there = id.is_some();
    let label = move || match (is_there, draft.times.get() == "switch") {
        (true, _) => "Save".to_owned(),
        (false, true) => format!("Hold {} now", touched.with(|names| count(names.len(), "deployment", "deployments"))),
        (false, false) => "Create freeze".to_owned(),
    };
    let label = StoredValue::new_local(label);
    let saved = id;
    let save = move || {
        let (saved, Ok(terms)) = (saved.clone(), read.get_untracked()) else { return };
        submission.send(async move {
            api::freezes::save(saved.as_ref(), &terms).await?;
            state.reread_around();
            Ok(())
        });
    };
    let scopes = [
        ("all", "everything"),
        ("importance", "an importance"),
        ("use_cases", "what belongs to a use case"),
        ("deployments", "deployments that are named"),
    ];
    let kinds = [("once", "once"), ("weekly", "every week"), ("switch", "now, as a switch")];
    let options = |all: &[(&str, &str)]| {
        all.iter().map(|(value, text)| ((*value).to_owned(), (*text).to_owned())).collect::<Vec<_>>()
    };
    let laters = (0..7)
        .map(|days: u8| {
            let text = match days {
                0 => "the same day".to_owned(),
                1 => "the day after".to_owned(),
                days => format!("{days} days later"),
            };
            (days.to_string(), text)
        })
        .collect::<Vec<_>>();
    let laters = StoredValue::new(laters);
    view! {
        <div class="content">
            <div class="form">
                <Field label="Name" name="freeze-name" value=draft.name class="wide" placeholder="Quarter end"/>
            </div>
            <Area label="Reason" name="freeze-reason" value=draft.reason rows=2 hint="People whose change is held read this."/>
            <div class="form">
                <Choice label="What the freeze holds" name="freeze-scope" options=options(&scopes) value=draft.scope on_choose=move |value| draft.scope.set(value)/>
                <Show when=move || draft.scope.get() == "importance">
                    <Ticks label="Importance" all=Importance::ALL.map(|one| (one, one.to_string())).to_vec() chosen=draft.levels/>
                </Show>
            </div>
            <Show when=move || draft.scope.get() == "deployments">
                <Ticks label="Deployments" all=Signal::derive(move || state.deployment_names()) chosen=draft.deployments/>
            </Show>
            <Show when=move || draft.scope.get() == "use_cases">
                {move || if state.use_case_names().is_empty() {
                    view! { <p class="sub">"There is no use case yet."</p> }.into_any()
                } else {
                    view! { <Ticks label="Use cases" all=Signal::derive(move || state.use_case_names()) chosen=draft.use_cases/> }.into_any()
                }}
            </Show>
            <div class="form">
                <Choice label="When" name="freeze-times" options=options(&kinds) value=draft.times on_choose=move |value| {
                    draft.from.set(String::new());
                    draft.to.set(String::new());
                    draft.times.set(value);
                }/>
                <Show when=is("once")>
                    <Field label="From" name="freeze-from" value=draft.from kind="datetime-local"/>
                    <Field label="To" name="freeze-to" value=draft.to kind="datetime-local"/>
                </Show>
                <Show when=is("weekly")>
                    <Ticks label="Begins on" all=Weekday::ALL.map(|day| (day, short(day).to_owned())).to_vec() chosen=draft.days/>
                    <Field label="From" name="freeze-from" value=draft.from kind="time"/>
                    <Field label="To" name="freeze-to" value=draft.to kind="time"/>
                    <Choice label="Ends" name="freeze-later" options=laters.get_value() value=draft.later on_choose=move |value| draft.later.set(value)/>
                </Show>
                <Show when=is("switch")>
                    <Field label="Until (may stay empty)" name="freeze-until" value=draft.until kind="datetime-local"/>
                </Show>
                <Field label="Time zone" name="freeze-zone" value=draft.zone class="short"/>
            </div>
            <p class="sub" role="status" data-test="freeze-holds">{holds}</p>
            <Coming read=read/>
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter
            label=Signal::derive(move || label.with_value(|label| label()))
            danger=Signal::derive(move || draft.times.get() == "switch")
            blocked=blocked
            pending=submission.pending
            confirm=save
        />
    }
}

/// The next occurrences, and what changes of the clocks do to them. The same rule that the server goes by tells them.
#[component]
fn Coming(read: Memo<Result<FreezeTerms, String>>) -> impl IntoView {
    let now = state().now().get_untracked();
    move || {
        let terms = read.get().ok()?;
        let zone = match &terms.when {
            FreezeTimes::Switch { .. } => return None,
            FreezeTimes::Once { zone, .. } | FreezeTimes::Weekly { zone, .. } => zone.clone(),
        };
        let until = Timestamp::from_second(now.as_second() + AHEAD).unwrap_or(Timestamp::MAX);
        let coming = terms.when.occurrences(now, until);
        let lines: Vec<_> = coming
            .iter()
            .take(MOST_TOLD)
            .map(|preview| {
                let note = preview.note();
                let warns = note.is_some();
                let text = format!("{} to {}", civil::moment(preview.from), civil::moment(preview.to));
                view! { <li class:warning=warns>{text}{note.map(|note| format!(". {note}"))}</li> }
            })
            .collect();
        Some(view! {
            <section class="coming" data-test="coming">
                <h3 class="section-title">"Next" <span class="sub">{format!("in {zone}")}</span></h3>
                {if lines.is_empty() {
                    view! { <p class="sub">"From now on the freeze never holds."</p> }.into_any()
                } else {
                    view! { <ol class="sub">{lines}</ol> }.into_any()
                }}
            </section>
        })
    }
}
