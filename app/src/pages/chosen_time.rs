//! The time at which something is to start: a local time with its zone, and which instant it is where the clocks change
//! over it.

use domain::local_time::{self, Ambiguity, LocalTimeError};
use domain::wire::{Apply, ApplyAt};
use jiff::Timestamp;
use leptos::prelude::*;

use super::kept_draft::KeptDraft;
use crate::components::{Banner, Field};
use crate::words::{Tone, own_zone, zones};

/// A time that is being chosen.
#[derive(Clone, Copy)]
pub(crate) struct ChosenTime {
    /// The local time.
    pub(crate) local: RwSignal<String>,
    /// The zone of the local time.
    pub(crate) zone: RwSignal<String>,
    /// One of the two instants of a local time that is ambiguous.
    pub(crate) exact: RwSignal<Option<Timestamp>>,
}

impl ChosenTime {
    /// None yet, in the zone of whoever looks.
    pub(crate) fn new() -> Self {
        Self { local: RwSignal::new(String::new()), zone: RwSignal::new(own_zone::name()), exact: RwSignal::new(None) }
    }

    /// Keeps what is written into its fields.
    pub(crate) fn keep(self, kept: &KeptDraft) {
        kept.keep("apply_at", self.local);
        kept.keep("apply_zone", self.zone);
        kept.keep("apply_exact", self.exact);
    }

    /// What it comes to.
    pub(crate) fn instant(self) -> Result<Timestamp, LocalTimeError> {
        if let Some(exact) = self.exact.get() {
            return Ok(exact);
        }
        let (local, zone) = (self.local.get(), self.zone.get());
        local_time::resolve(local.trim(), Some(zone.trim()))
    }

    /// The reason why it cannot be sent; `None` when it can.
    pub(crate) fn blocked(self, now: Timestamp) -> Option<String> {
        match self.instant() {
            Ok(at) if at <= now => Some("This time has passed.".to_owned()),
            Ok(_) => None,
            Err(LocalTimeError::Ambiguous { .. }) => Some("Choose which of the two times is meant.".to_owned()),
            Err(LocalTimeError::UnknownZone(error)) => Some(format!("{error}.")),
            Err(_) => Some("Choose a day and a time.".to_owned()),
        }
    }

    /// The text of the button that sends it, as in *Schedule for Sun 6 Dec, 22:00 (Europe/Berlin)*; of a time that comes
    /// twice, which one it is.
    pub(crate) fn label(self) -> String {
        let name = self.zone.get();
        let Ok(at) = self.instant() else { return "Schedule".to_owned() };
        let zone = zones::named(&name);
        let offset = self.exact.get().map(|at| format!(", UTC{}", zone.to_offset(at))).unwrap_or_default();
        format!("Schedule for {} ({name}{offset})", zones::moment(at, &zone))
    }

    /// As it is asked of the server. `not_after` is the last instant at which it may start, where that was chosen before.
    pub(crate) fn asked(self, not_after: Option<Timestamp>) -> Apply {
        let at = match self.exact.get() {
            Some(exact) => exact.to_string(),
            None => self.local.get().trim().to_owned(),
        };
        let not_after = not_after.map(|last| last.to_string());
        Apply::At(ApplyAt { at, zone: Some(self.zone.get().trim().to_owned()), not_after })
    }
}

/// What happens to what cannot start at its time.
pub(crate) const LATER: &str =
    "It may start up to an hour later, if something keeps it from starting; then it expires.";

/// A local time with its zone, and both instants where the clocks change over it.
#[component]
pub(crate) fn TimeFields(
    /// The time.
    choice: ChosenTime,
) -> impl IntoView {
    // Another time is another choice.
    Effect::new(move |before: Option<(String, String)>| {
        let now = (choice.local.get(), choice.zone.get());
        if before.is_some_and(|before| before != now) {
            choice.exact.set(None);
        }
        now
    });
    let wrong_zone = Signal::derive(move || match choice.instant() {
        Err(LocalTimeError::UnknownZone(_)) => Some("such as Europe/Berlin".to_owned()),
        _ => None,
    });
    let ambiguous = Memo::new(move |_| match choice.instant() {
        Err(LocalTimeError::Ambiguous { ambiguity, first, second, .. }) => Some((ambiguity, first, second)),
        _ => None,
    });
    let mine = move || {
        let at = choice.instant().ok()?;
        (own_zone::name() != choice.zone.get()).then(|| format!("{} for you", own_zone::moment(at)))
    };
    let button = move |at: Timestamp, name: &'static str| {
        let zone = zones::named(&choice.zone.get_untracked());
        let offset = zone.to_offset(at);
        view! {
            <button type="button" class="button" data-test=name on:click=move |_| choice.exact.set(Some(at))>
                {format!("{} (UTC{offset})", zones::moment(at, &zone))}
            </button>
        }
    };
    view! {
        <Field label="Day and time" name="apply-at" value=choice.local kind="datetime-local" class="moment-field"/>
        <Field label="Time zone" name="apply-zone" value=choice.zone error=wrong_zone class="short zone-field"/>
        {move || mine().map(|mine| view! { <span class="sub mine">{mine}</span> })}
        {move || ambiguous.get().map(|(ambiguity, first, second)| {
            let title = match ambiguity {
                Ambiguity::Twice => "The clocks go back over this time: it comes twice",
                Ambiguity::Never => "The clocks go forward over this time: it never comes",
            };
            view! {
                <Banner tone=Tone::Warning title=title name="ambiguous-time">
                    <p>"Choose the time that is meant."</p>
                    <div class="actions">{button(first, "first-instant")}{button(second, "second-instant")}</div>
                </Banner>
            }
        })}
    }
}
