//! The update that is being put together in the dialog, and everything that follows from it.

use std::sync::Arc;

use domain::compat::{Check, Outcome, Report};
use domain::diff::{self, Difference};
use domain::id::ModelRef;
use domain::rehearsal::{DRAIN_MS, Rehearsal, Rehearse, Running, STARTUP_MS, rehearse};
use domain::target::Traits;
use domain::wire::{ConfigurationView, DeploymentView, StartRollout};
use leptos::prelude::*;

use super::candidate::Candidate;
use super::checked::Checked;
use super::server_preview::ServerPreview;
use crate::pages::dialogs::UpdateTo;
use crate::pages::kept_draft::KeptDraft;
use crate::pages::strategy::StrategyDraft;
use crate::pages::submission::written;
use crate::state::state;
use crate::words;

/// The inputs of the dialog as signals.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    /// The deployment.
    pub(crate) view: Memo<Option<Arc<DeploymentView>>>,
    /// The version or configuration that is chosen.
    pub(crate) chosen: RwSignal<Option<UpdateTo>>,
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
    /// The candidate that this comes to.
    pub(crate) candidate: Memo<Option<Candidate>>,
    /// The preview of the server.
    pub(crate) preview: ServerPreview,
    /// The differences from the configuration in use: as the server says, which knows what the target can do; until it
    /// has answered, by what the session says of that.
    pub(crate) differences: Memo<Option<Vec<Difference>>>,
    /// Checks of candidates in scratch replicas.
    pub(crate) checked: Checked,
    /// Can it replace what is in use?
    pub(crate) report: Memo<Option<Report>>,
    /// Somebody has read the warnings of this candidate.
    pub(crate) accepted: RwSignal<bool>,
}

impl Draft {
    /// A draft for a deployment, with what its rollouts inherit. It `suggests` the newest version where nothing is chosen.
    pub(crate) fn new(
        first: &DeploymentView,
        view: Memo<Option<Arc<DeploymentView>>>,
        list: Signal<Vec<ConfigurationView>>,
        preset: Option<UpdateTo>,
        suggests: bool,
    ) -> Self {
        let chosen = RwSignal::new(preset);
        let strategy = StrategyDraft::of(first.strategy);
        let on_failure = RwSignal::new(first.on_failure.to_string());
        let text = || RwSignal::new(String::new());
        let current = Memo::new(move |_| {
            let id = view.with(|view| view.as_ref().map(|view| view.configuration.clone()))?;
            list.with(|list| list.iter().find(|one| one.id == id).cloned())
        });
        let candidate = Memo::new(move |_| match chosen.get()? {
            UpdateTo::Configuration(id) => {
                list.with(|list| list.iter().find(|one| one.id == id).cloned()).map(Candidate::existing)
            }
            UpdateTo::Version(model) => Candidate::with_version(&current.get()?.configuration, &model),
            UpdateTo::Fields(fields) => Candidate::with_fields(&current.get()?.configuration, &fields),
        });
        let asked = Memo::new(move |_| {
            let is_other = |candidate: &Candidate| current.get().is_none_or(|now| Some(now.id) != candidate.id);
            let candidate = candidate.get().filter(is_other)?;
            Some(StartRollout {
                configuration: candidate.id,
                set: candidate.set,
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
            Some(preview.differences(&candidate).unwrap_or_else(here))
        });
        let (why_again, reason, note) = (text(), text(), text());
        if let Some(kept) = KeptDraft::here() {
            kept.keep("chosen", chosen);
            kept.keep("why_again", why_again);
            kept.keep("reason", reason);
            kept.keep("note", note);
            kept.keep("on_failure", on_failure);
            strategy.keep(&kept);
        }
        let checked = Checked::new(first, candidate);
        let report = Memo::new(move |_| preview.compatibility(&candidate.get()?));
        let accepted = RwSignal::new(false);
        let warnings = Memo::new(move |_| {
            let warns = |check: &&Check| check.outcome == Outcome::Warning;
            let asks = preview.now().and_then(|preview| preview.rehearsed.needs_go_ahead);
            report.with(|report| {
                let checks = report.as_ref().map(|report| report.checks.iter().filter(warns).cloned().collect());
                (checks, asks)
            })
        });
        // Until somebody chooses, it is the newest version that is news to this deployment. A version that a configuration
        // binds already is chosen by that one.
        let begun = StoredValue::new(false);
        Effect::new(move |_| {
            let newest = view.with(|view| newest_news(view.as_deref()?)).filter(|_| suggests);
            let Some(now) = current.get() else { return };
            let wanted = match chosen.get_untracked() {
                _ if begun.get_value() => return,
                Some(UpdateTo::Configuration(_) | UpdateTo::Fields(_)) => return,
                Some(UpdateTo::Version(version)) => Some(version),
                None => newest,
            };
            begun.set_value(true);
            if let Some(wanted) = wanted {
                chosen.set(Some(list.with_untracked(|list| to_version(&wanted, &now, list))));
            }
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
            return Some("Choose a version or a configuration.".to_owned());
        };
        if self.current.get().is_some_and(|current| Some(current.id) == candidate.id) {
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
            return Some("This content is known to be bad: write why to try it again.".to_owned());
        }
        let unread = self.go_ahead().filter(|_| !self.accepted.get());
        unread.map(|what| format!("Tick the box “{what}” first."))
    }

    /// True when nothing answers for a while, although something answers now.
    pub(crate) fn is_outage(self) -> bool {
        let answers = self.view.with(|view| view.as_ref().is_some_and(|view| view.replicas.ready > 0));
        answers && self.rehearsal().is_some_and(|(rehearsal, desired)| desired > 0 && rehearsal.lowest_available == 0)
    }

    /// The go-ahead that a person must give, as the words of a box to tick.
    pub(crate) fn go_ahead(self) -> Option<String> {
        if self.is_outage() {
            return Some("Go ahead with an outage".to_owned());
        }
        let warns = |report: &Report| report.checks.iter().filter(|check| check.outcome == Outcome::Warning).count();
        let asks = usize::from(self.preview.now().is_some_and(|preview| preview.rehearsed.needs_go_ahead.is_some()));
        self.report.with(|report| {
            let report = report.as_ref().filter(|report| report.needs_go_ahead && !report.blocks());
            match (report.map_or(0, warns) + asks, report) {
                (0, None) => None,
                (0, Some(_)) => Some("Go ahead although not everything is verified".to_owned()),
                (count, _) => Some(format!("Go ahead with {}", words::count(count, "warning", "warnings"))),
            }
        })
    }

    /// The request to the server.
    pub(crate) fn rollout(self) -> Option<StartRollout> {
        let candidate = self.candidate.get_untracked()?;
        Some(StartRollout {
            configuration: candidate.id,
            set: candidate.set,
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

/// The newest version of a model in use that is news to the deployment, as the server tells it (AZ-1, CO-6).
fn newest_news(view: &DeploymentView) -> Option<ModelRef> {
    view.newer_model_versions.iter().max_by_key(|model| model.version).cloned()
}

/// The configuration that differs from the one in use by this version alone, if there is one; else the version.
fn to_version(version: &ModelRef, now: &ConfigurationView, list: &[ConfigurationView]) -> UpdateTo {
    let wanted = Candidate::with_version(&now.configuration, version);
    let hash = wanted.map(|wanted| wanted.configuration.content_hash());
    let known = list.iter().find(|one| Some(one.configuration.content_hash()) == hash);
    known.map_or_else(|| UpdateTo::Version(version.clone()), |known| UpdateTo::Configuration(known.id.clone()))
}
