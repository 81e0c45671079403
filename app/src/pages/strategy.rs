//! The fields of a strategy, which the update dialog and the settings share.

use domain::strategy::{Amount, Strategy, StrategyError};
use leptos::prelude::*;

use super::kept_draft::KeptDraft;
use crate::components::Field;

/// The inputs as signals, and the strategy that they make.
#[derive(Clone, Copy)]
pub(crate) struct StrategyDraft {
    surge: RwSignal<String>,
    unavailable: RwSignal<String>,
    min_ready: RwSignal<String>,
    progress: RwSignal<String>,
    total: RwSignal<String>,
    failures: RwSignal<String>,
    /// The strategy, or the error in one of the fields.
    pub(crate) read: Memo<Result<Strategy, FieldError>>,
}

/// A field that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldError {
    /// Its name.
    pub(crate) field: &'static str,
    /// The reason.
    pub(crate) why: String,
}

impl StrategyDraft {
    /// Begins with a strategy.
    pub(crate) fn of(strategy: Strategy) -> Self {
        let [surge, unavailable, min_ready, progress, total, failures] = texts(strategy).map(RwSignal::new);
        let read = Memo::new(move |_| {
            let strategy = Strategy {
                max_surge: match surge.get().trim() {
                    "" => None,
                    text => Some(amount("max_surge", text)?),
                },
                max_unavailable: amount("max_unavailable", &unavailable.get())?,
                min_ready_seconds: seconds("min_ready_seconds", &min_ready.get())?,
                progress_deadline_seconds: seconds("progress_deadline_seconds", &progress.get())?,
                total_deadline_seconds: match total.get().trim() {
                    "" => None,
                    text => Some(seconds("total_deadline_seconds", text)?),
                },
                start_failures: count("start_failures", &failures.get())?,
            };
            match strategy.check() {
                Ok(()) => Ok(strategy),
                Err(error @ StrategyError::OutOfRange { field, .. }) => {
                    Err(FieldError { field, why: error.to_string() })
                }
                Err(error) => Err(FieldError { field: "max_unavailable", why: error.to_string() }),
            }
        });
        Self { surge, unavailable, min_ready, progress, total, failures, read }
    }

    /// Writes another strategy into the fields.
    pub(crate) fn set(self, strategy: Strategy) {
        let fields = [self.surge, self.unavailable, self.min_ready, self.progress, self.total, self.failures];
        fields.into_iter().zip(texts(strategy)).for_each(|(field, text)| field.set(text));
    }

    /// Keeps what is written into the fields.
    pub(crate) fn keep(self, kept: &KeptDraft) {
        kept.keep("max_surge", self.surge);
        kept.keep("max_unavailable", self.unavailable);
        kept.keep("min_ready_seconds", self.min_ready);
        kept.keep("progress_deadline_seconds", self.progress);
        kept.keep("total_deadline_seconds", self.total);
        kept.keep("start_failures", self.failures);
    }

    /// Writes other limits into the fields.
    pub(crate) fn set_limits(self, surge: Amount, unavailable: Amount) {
        self.surge.set(surge.to_string());
        self.unavailable.set(unavailable.to_string());
    }

    /// True while the limits are these.
    pub(crate) fn has_limits(self, surge: Option<Amount>, unavailable: Amount) -> bool {
        self.read
            .with(|read| read.as_ref().is_ok_and(|now| now.max_surge == surge && now.max_unavailable == unavailable))
    }

    /// The error, with the name of its field before it.
    pub(crate) fn problem(self) -> Option<String> {
        self.read.get().err().map(|wrong| format!("{}: {}", wrong.field, wrong.why))
    }

    fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.read
                .with(|read| read.as_ref().err().filter(|wrong| wrong.field == field).map(|wrong| wrong.why.clone()))
        })
    }
}

/// What its fields show of a strategy, in their order.
fn texts(strategy: Strategy) -> [String; 6] {
    let seconds = |seconds: u32| seconds.to_string();
    [
        strategy.max_surge.map(|amount| amount.to_string()).unwrap_or_default(),
        strategy.max_unavailable.to_string(),
        seconds(strategy.min_ready_seconds),
        seconds(strategy.progress_deadline_seconds),
        strategy.total_deadline_seconds.map(seconds).unwrap_or_default(),
        strategy.start_failures.to_string(),
    ]
}

fn amount(field: &'static str, text: &str) -> Result<Amount, FieldError> {
    text.trim()
        .parse()
        .map_err(|_| FieldError { field, why: "Write a count such as 1, or a share such as 25%".to_owned() })
}

fn seconds(field: &'static str, text: &str) -> Result<u32, FieldError> {
    let number = text.trim().trim_end_matches('s').trim();
    number.parse().map_err(|_| FieldError { field, why: "Write a number of seconds".to_owned() })
}

fn count(field: &'static str, text: &str) -> Result<u32, FieldError> {
    text.trim().parse().map_err(|_| FieldError { field, why: "Write a whole number".to_owned() })
}

/// The fields, in a row where there is room.
#[component]
pub(crate) fn StrategyFields(draft: StrategyDraft) -> impl IntoView {
    let wrong = move |field| draft.wrong(field);
    view! {
        <Field label="Surge" name="max_surge" value=draft.surge error=wrong("max_surge") class="tiny" placeholder="automatic"/>
        <Field label="Unavailable" name="max_unavailable" value=draft.unavailable error=wrong("max_unavailable") class="tiny"/>
        <Field label="Ready for at least (s)" name="min_ready_seconds" value=draft.min_ready error=wrong("min_ready_seconds") class="short" inputmode="numeric"/>
        <Field label="Progress deadline (s)" name="progress_deadline_seconds" value=draft.progress error=wrong("progress_deadline_seconds") class="short" inputmode="numeric"/>
        <Field label="Total deadline (s)" name="total_deadline_seconds" value=draft.total error=wrong("total_deadline_seconds") class="short" inputmode="numeric" placeholder="none"/>
        <Field label="Failed starts in a row" name="start_failures" value=draft.failures error=wrong("start_failures") class="short" inputmode="numeric"/>
    }
}
