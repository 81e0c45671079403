//! The update that is being put together in the dialog, and everything that follows from it.

use std::sync::Arc;

use domain::compat::{Check, Outcome, Report};
use domain::diff::{self, Difference};
use domain::id::ConfigurationId;
use domain::rehearsal::{DRAIN_MS, Rehearsal, Rehearse, Running, STARTUP_MS, rehearse};
use domain::target::Traits;
use domain::wire::{ConfigurationView, DeploymentView, StartRollout};
use leptos::prelude::*;

use super::checked::Checked;
use super::server_preview::ServerPreview;
use crate::pages::strategy::StrategyDraft;
use crate::pages::submission::written;
use crate::state::state;
use crate::words;

/// The inputs of the dialog as signals.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    /// The deployment.
    pub(crate) view: Memo<Option<Arc<DeploymentView>>>,
    /// The chosen configuration.
    pub(crate) chosen: RwSignal<Option<ConfigurationId>>,
    /// The strategy; at first the deployment's.
    pub(crate) strategy: StrategyDraft,
    /// The word of the failure mode; at first the deployment's.
    pub(crate) on_failure: RwSignal<String>,
    /// The reason why content that is known to be bad should come back.
    pub(crate) why_again: RwSignal<String>,
    /// The reason's word, empty without one.
    pub(crate) reason: RwSignal<String>,
    /// A note on the reason.
    pub(crate) note: RwSignal<String>,
    /// The abilities of the deployment's target.
    traits: Memo<Traits>,
    /// The configuration in use.
    pub(crate) current: Memo<Option<ConfigurationView>>,
    /// The chosen configuration in full.
    pub(crate) candidate: Memo<Option<ConfigurationView>>,
    /// The preview of the server.
    pub(crate) preview: ServerPreview,
    /// The differences from the configuration in use: as the server says, which knows what the target can do; until it
    /// has answered, by what the session says of that.
    pub(crate) differences: Memo<Option<Vec<Difference>>>,
    /// Checks of candidates in scratch replicas.
    pub(crate) checked: Checked,
    /// May it replace what is in use?
    pub(crate) report: Memo<Option<Report>>,
    /// Somebody has read the warnings of this candidate.
    pub(crate) accepted: RwSignal<bool>,
}

impl Draft {
    /// A draft for a deployment, with what its rollouts inherit.
    pub(crate) fn new(
        first: &DeploymentView,
        view: Memo<Option<Arc<DeploymentView>>>,
        list: Signal<Vec<ConfigurationView>>,
        preset: Option<ConfigurationId>,
    ) -> Self {
        let chosen = RwSignal::new(preset);
        let strategy = StrategyDraft::of(first.strategy);
        let on_failure = RwSignal::new(first.on_failure.to_string());
        let text = || RwSignal::new(String::new());
        let current = Memo::new(move |_| {
            let id = view.with(|view| view.as_ref().map(|view| view.configuration.clone()))?;
            list.with(|list| list.iter().find(|one| one.id == id).cloned())
        });
        let candidate = Memo::new(move |_| {
            let id = chosen.get()?;
            list.with(|list| list.iter().find(|one| one.id == id).cloned())
        });
        let asked = Memo::new(move |_| {
            Some(StartRollout {
                configuration: Some(chosen.get().filter(|id| current.get().is_none_or(|now| now.id != *id))?),
                strategy: strategy.read.get().ok()?.into(),
                ..StartRollout::default()
            })
        });
        let (state, target) = (state(), first.target.clone());
        let traits = Memo::new(move |_| state.traits(&target));
        let preview = ServerPreview::new(first, view, asked);
        let differences = Memo::new(move |_| {
            let (current, candidate) = (current.get()?, candidate.get()?);
            let here = || diff::between(&current.configuration, &candidate.configuration, traits.get());
            Some(preview.differences(candidate.id.clone()).unwrap_or_else(here))
        });
        let (why_again, reason, note) = (text(), text(), text());
        let checked = Checked::new(first, candidate);
        let report = Memo::new(move |_| preview.compatibility(chosen.get()?));
        let accepted = RwSignal::new(false);
        let warnings = Memo::new(move |_| {
            let warns = |check: &&Check| check.outcome == Outcome::Warning;
            let asks = preview.now().and_then(|preview| preview.rehearsed.needs_go_ahead);
            report.with(|report| {
                let checks = report.as_ref().map(|report| report.checks.iter().filter(warns).cloned().collect());
                (checks, asks)
            })
        });
        // Other warnings have not been read. The memo must be read here: nobody else does, and one that nobody reads
        // hears of nothing.
        Effect::new(move |before: Option<(Option<Vec<Check>>, Option<String>)>| {
            let now = warnings.get();
            if before.is_some_and(|before| before != now) {
                accepted.set(false);
            }
            now
        });
        Self {
            view,
            chosen,
            strategy,
            on_failure,
            why_again,
            reason,
            note,
            traits,
            current,
            candidate,
            preview,
            differences,
            checked,
            report,
            accepted,
        }
    }

    /// True when equal content is in use already (RAY-1).
    pub(crate) fn is_unchanged(self) -> bool {
        match (self.current.get(), self.candidate.get()) {
            (Some(current), Some(candidate)) => {
                current.configuration.content_hash() == candidate.configuration.content_hash()
            }
            _ => false,
        }
    }

    /// The rollout played to the end, with the number of replicas that it ends with: as the server says, which knows
    /// how much surge fits; until it has answered, played here by the engine's own planner (CO-1).
    pub(crate) fn rehearsal(self) -> Option<(Rehearsal, u32)> {
        let strategy = self.strategy.read.get().ok()?;
        let (view, candidate) = (self.view.get()?, self.candidate.get()?);
        let scale = self.current.get().filter(|current| current.configuration.autoscaling.is_some());
        let desired = candidate.configuration.desired(scale.map(|_| view.replicas.desired));
        if let Some(preview) = self.preview.now() {
            return Some((preview.rehearsed.plan, desired));
        }
        let runs = self.current.get().filter(|_| view.last_running_configuration.is_some());
        let current = runs.as_ref().map_or(0, |_| view.replicas.desired);
        let running = runs.as_ref().map_or(Running::Replaced, |current| {
            Running::between(&current.configuration, &candidate.configuration, self.traits.get())
        });
        let question = Rehearse {
            current,
            desired,
            running,
            strategy,
            startup_ms: STARTUP_MS,
            drain_ms: DRAIN_MS,
            drain_limit_ms: candidate.configuration.drain_limit_ms(),
            scoring_timeout_ms: candidate.configuration.scoring_timeout_ms,
        };
        Some((rehearse(&question), desired))
    }

    /// The reason why it cannot be started; `None` when it can.
    pub(crate) fn blocked(self) -> Option<String> {
        let Some(candidate) = self.candidate.get() else {
            return Some("Choose a configuration on the left.".to_owned());
        };
        if self.current.get().is_some_and(|current| current.id == candidate.id) {
            return Some("This configuration is in use already.".to_owned());
        }
        if self.is_unchanged() {
            return Some("Its content equals that in use: nothing would change.".to_owned());
        }
        if let Some(problem) = self.strategy.problem() {
            return Some(problem);
        }
        if self.report.with(|report| report.as_ref().is_some_and(Report::blocks)) {
            return Some(
                "This model is incompatible and cannot replace the one in use: see the failed checks above.".to_owned(),
            );
        }
        let preview = self.preview.now()?;
        if preview.rehearsed.no_room.is_some() {
            return Some("The machine has no room for this update with this strategy.".to_owned());
        }
        let is_bad = preview.rehearsed.quarantined.is_some();
        if is_bad && self.why_again.with(|why| why.trim().is_empty()) {
            return Some("This content is known to be bad: write why it should come back.".to_owned());
        }
        let unread = self.to_be_read().filter(|_| !self.accepted.get());
        unread.map(|what| format!("Read {what}, and tick the box."))
    }

    /// The things that a person must have read before it goes ahead.
    pub(crate) fn to_be_read(self) -> Option<&'static str> {
        if self.preview.now().is_some_and(|preview| preview.rehearsed.needs_go_ahead.is_some()) {
            return Some("the warnings");
        }
        self.report.with(|report| {
            let report = report.as_ref().filter(|report| report.needs_go_ahead && !report.blocks())?;
            Some(words::compat::asks_go_ahead(report).map_or("the warnings", |_| "what is not verified"))
        })
    }

    /// The request to the server.
    pub(crate) fn rollout(self) -> Option<StartRollout> {
        Some(StartRollout {
            configuration: self.chosen.get_untracked(),
            strategy: self.strategy.read.get_untracked().ok()?.into(),
            on_failure: self.on_failure.with_untracked(|word| word.parse().ok()),
            reason: self.reason.with_untracked(|word| word.parse().ok()),
            note: written(self.note),
            quarantine_override: written(self.why_again),
            accept_warnings: self.accepted.get_untracked(),
            ..StartRollout::default()
        })
    }
}
