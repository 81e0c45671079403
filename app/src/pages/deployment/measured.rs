//! What was measured of a deployment, as every chart of its page looks at it.

use std::sync::Arc;

use domain::id::RevisionNumber;
use domain::rollout::PhaseWord;
use domain::wire::{MetricsView, RevisionView, RolloutView};
use jiff::Timestamp;
use leptos::prelude::*;

use super::subject::Subject;
use crate::api::{self, href};
use crate::components::{
    Drawing, Gathered, RevisionLabels, RolloutBand, bucket_length, errors, latency, ready_replicas, requests,
    waiting_requests,
};
use crate::pages::in_address::{parameter, parameter_setter};
use crate::state::{Query, state};

/// Milliseconds between two thoughts about whether to ask again.
const THINK_MS: u32 = 1_000;
/// The fewest and the most seconds between two questions.
const PAUSE: (i64, i64) = (2, 60);
/// Seconds after an entry about the deployment until what it clears is cleared.
const CLEARED_AFTER: i64 = 3;
/// The newest rollouts; as many are marked.
pub(super) const MARKED: u32 = 100;

/// How far back a chart looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeShown {
    /// In the address.
    pub(super) key: &'static str,
    /// In seconds.
    pub(super) seconds: u32,
    /// On its button.
    pub(super) label: &'static str,
    /// After *in the last*.
    pub(super) last: &'static str,
}

/// Every one that can be chosen.
pub(super) const TIMES: [TimeShown; 7] = [
    TimeShown { key: "1m", seconds: 60, label: "1 min", last: "minute" },
    TimeShown { key: "15m", seconds: 900, label: "15 min", last: "15 minutes" },
    TimeShown { key: "1h", seconds: 3_600, label: "1 h", last: "hour" },
    TimeShown { key: "24h", seconds: 86_400, label: "24 h", last: "24 hours" },
    TimeShown { key: "7d", seconds: 604_800, label: "7 days", last: "7 days" },
    TimeShown { key: "31d", seconds: 2_678_400, label: "31 days", last: "31 days" },
    TimeShown { key: "1y", seconds: 31_536_000, label: "1 year", last: "year" },
];
/// While a rollout is in progress, unless somebody has chosen another.
const WHILE_ROLLING: TimeShown = TIMES[0];

/// What is drawn of the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChartKind {
    /// Their number.
    Requests,
    /// How long they took.
    Latency,
    /// The share that failed.
    Errors,
}

impl ChartKind {
    /// Every one, in the order of their buttons.
    pub(super) const ALL: [Self; 3] = [Self::Requests, Self::Latency, Self::Errors];

    /// In the address, and on its button.
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Requests => ("requests", "Requests"),
            Self::Latency => ("latency", "Latency"),
            Self::Errors => ("errors", "Errors"),
        }
    }

    fn draw(self, gathered: &Gathered, labels: &RevisionLabels) -> Drawing {
        match self {
            Self::Requests => requests(gathered, labels),
            Self::Latency => latency(gathered, labels),
            Self::Errors => errors(gathered, labels),
        }
    }
}

/// An answer of the server, with the time that it is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Answered {
    /// How far back it looks.
    pub(super) time: TimeShown,
    /// The answer.
    pub(super) view: MetricsView,
}

/// What was measured, and what of it is drawn. Kind and time stand in the address.
#[derive(Clone, Copy)]
pub(super) struct Measured {
    /// The server's answers.
    pub(super) query: Query<Answered>,
    /// Its newest rollouts.
    pub(super) rollouts: Query<Vec<RolloutView>>,
    /// What is drawn.
    pub(super) kind: Memo<ChartKind>,
    /// How far back the charts look.
    pub(super) time: Memo<TimeShown>,
    /// The moment that somebody looks at.
    pub(super) looked: RwSignal<Option<i64>>,
    gathered: Memo<Option<Arc<Gathered>>>,
    labels: Memo<RevisionLabels>,
}

impl Measured {
    /// Measures as long as the caller is drawn. One of `times` can be chosen; until then it is `usual`.
    pub(super) fn here(subject: Subject, times: &'static [TimeShown], usual: TimeShown) -> Self {
        let (kind, time) = (parameter("chart"), parameter("window"));
        let kind = Memo::new(move |_| {
            let called = kind.with(|word| ChartKind::ALL.into_iter().find(|kind| kind.words().0 == word.as_str()));
            called.unwrap_or(ChartKind::Requests)
        });
        let rolls =
            Memo::new(move |_| subject.view.with(|view| view.as_ref().is_some_and(|view| view.rollout.is_some())));
        let time = Memo::new(move |_| {
            let chosen = time.with(|key| times.iter().find(|time| time.key == key.as_str()).copied());
            chosen.unwrap_or(if rolls.get() { WHILE_ROLLING } else { usual })
        });
        let (asked, again) = (StoredValue::new(0), StoredValue::new(i64::MAX));
        let state = state();
        Effect::new(move |before: Option<()>| {
            state.touches(&subject.id());
            if before.is_some() {
                again.set_value(Timestamp::now().as_second() + CLEARED_AFTER);
            }
        });
        let query = Query::whenever(
            move || time.track(),
            move || {
                let time = time.get_untracked();
                asked.set_value(Timestamp::now().as_second());
                again.set_value(i64::MAX);
                async move {
                    let view = api::deployments::metrics(&subject.name(), time.seconds, true).await?;
                    Ok(Answered { time, view })
                }
            },
        );
        query.ask_every(THINK_MS, move || {
            let step = query.value_now().map_or(1, |answered| answered.view.step);
            let pause = bucket_length(step, time.get_untracked().seconds).clamp(PAUSE.0, PAUSE.1);
            let now = Timestamp::now().as_second();
            now - asked.get_value() >= pause || now >= again.get_value()
        });
        let newest = Memo::new(move |_| subject.newest().map(|rollout| (rollout.number, rollout.phase)));
        let rollouts = Query::whenever(
            move || newest.get(),
            move || async move { api::rollouts::list(&subject.name(), MARKED).await },
        );
        let gathered = Memo::new(move |_| {
            query.value().map(|answered| Arc::new(Gathered::of(&answered.view, answered.time.seconds)))
        });
        let labels = Memo::new(move |_| {
            subject.view.with(|view| {
                let revisions = view.as_ref().and_then(|view| view.revision_list.as_deref()).unwrap_or_default();
                labels(revisions)
            })
        });
        Self { query, rollouts, kind, time, looked: RwSignal::new(None), gathered, labels }
    }

    /// Chooses what is drawn, and for how far back.
    pub(super) fn choosers(self) -> (Callback<String>, Callback<String>) {
        (parameter_setter("chart"), parameter_setter("window"))
    }

    fn drawn(self, draw: impl Fn(&Gathered) -> Drawing + Send + Sync + 'static) -> Memo<Drawing> {
        Memo::new(move |_| self.gathered.with(|gathered| gathered.as_deref().map(&draw)).unwrap_or_default())
    }

    /// The chart of the kind that is chosen.
    pub(super) fn main_drawing(self) -> Memo<Drawing> {
        self.drawn(move |gathered| self.labels.with(|labels| self.kind.get().draw(gathered, labels)))
    }

    /// The charts of replicas and of waiting requests.
    pub(super) fn gauge_drawings(self) -> [Memo<Drawing>; 2] {
        [self.drawn(ready_replicas), self.drawn(waiting_requests)]
    }

    /// The rollouts as charts mark them.
    pub(super) fn bands(self, subject: Subject) -> Memo<Vec<RolloutBand>> {
        Memo::new(move |_| {
            let rollouts = self.rollouts.value();
            let name = subject.name();
            subject.view.with(|view| {
                let revisions = view.as_ref().and_then(|view| view.revision_list.as_deref()).unwrap_or_default();
                let band = |rollout: &RolloutView| RolloutBand {
                    from: rollout.started_at.as_second(),
                    to: rollout.ended_at.map(Timestamp::as_second),
                    name: rollout_name(rollout, revisions),
                    href: href(&format!("/deployments/{name}?tab=rollouts&rollout={}", rollout.number)),
                    failed: went_back(rollout.phase),
                };
                rollouts.iter().flat_map(|rollouts| rollouts.iter()).map(band).collect()
            })
        })
    }

    /// What there was to count in the time that is drawn.
    pub(super) fn gathered(self) -> Option<Arc<Gathered>> {
        self.gathered.get()
    }
}

/// What revisions are called, where their model's version is known.
fn labels(revisions: &[RevisionView]) -> RevisionLabels {
    let label = |revision: &RevisionView| match revision.models.as_slice() {
        [model] => format!("v{} (revision {})", model.version, revision.number),
        _ => format!("revision {}", revision.number),
    };
    revisions.iter().map(|revision| (revision.number, label(revision))).collect()
}

/// *v1 → v3* where it leads from one version of a model to another, else its number.
fn rollout_name(rollout: &RolloutView, revisions: &[RevisionView]) -> String {
    let model = |number: RevisionNumber| {
        let revision = revisions.iter().find(|revision| revision.number == number)?;
        if let [model] = revision.models.as_slice() { Some(model.clone()) } else { None }
    };
    match (rollout.from_revision.and_then(model), model(rollout.to_revision)) {
        (Some(from), Some(to)) if from.name == to.name && from.version != to.version => {
            format!("v{} → v{}", from.version, to.version)
        }
        _ => format!("Rollout {}", rollout.number),
    }
}

/// True when a rollout failed, or goes or went back.
fn went_back(phase: PhaseWord) -> bool {
    match phase {
        PhaseWord::Reverting
        | PhaseWord::Reverted
        | PhaseWord::RevertFailed
        | PhaseWord::Failed
        | PhaseWord::Cancelled => true,
        PhaseWord::Pending | PhaseWord::Rolling | PhaseWord::Paused | PhaseWord::Completed | PhaseWord::Superseded => {
            false
        }
    }
}
