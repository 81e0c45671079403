//! What is being put together in the dialog, and what follows from it.

use std::sync::Arc;

use domain::diff::{self, Difference};
use domain::id::ConfigurationId;
use domain::rehearsal::{DRAIN_MS, Rehearsal, Rehearse, Running, STARTUP_MS, rehearse};
use domain::strategy::{Amount, Strategy};
use domain::wire::{ConfigurationView, DeploymentView, StartRollout};
use leptos::prelude::*;

use crate::{api, words};

/// The inputs of the dialog as signals.
#[derive(Clone, Copy)]
pub(crate) struct Draft {
    /// The deployment.
    pub(crate) view: Memo<Option<Arc<DeploymentView>>>,
    /// The chosen configuration.
    pub(crate) chosen: RwSignal<Option<ConfigurationId>>,
    /// `max_surge` as written.
    pub(crate) surge: RwSignal<String>,
    /// `max_unavailable` as written.
    pub(crate) unavailable: RwSignal<String>,
    /// `min_ready_seconds` as written.
    pub(crate) min_ready: RwSignal<String>,
    /// `progress_deadline_seconds` as written.
    pub(crate) deadline: RwSignal<String>,
    /// The reason's word, empty without one.
    pub(crate) reason: RwSignal<String>,
    /// A sentence about why.
    pub(crate) note: RwSignal<String>,
    /// The configuration in use.
    pub(crate) current: Memo<Option<ConfigurationView>>,
    /// The chosen configuration in full.
    pub(crate) candidate: Memo<Option<ConfigurationView>>,
    /// How it would move, or which field is wrong and why.
    pub(crate) strategy: Memo<Result<Strategy, Wrong>>,
}

/// A field that cannot be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// Its name.
    pub(crate) field: &'static str,
    /// Why.
    pub(crate) why: String,
}

impl Draft {
    /// An empty draft for a deployment, with the defaults of the contract.
    pub(crate) fn new(
        view: Memo<Option<Arc<DeploymentView>>>,
        list: Signal<Vec<ConfigurationView>>,
        preset: Option<ConfigurationId>,
    ) -> Self {
        let default = Strategy::default();
        let chosen = RwSignal::new(preset);
        let text = |text: String| RwSignal::new(text);
        let (surge, unavailable) = (text(default.max_surge.to_string()), text(default.max_unavailable.to_string()));
        let min_ready = text(default.min_ready_seconds.to_string());
        let deadline = text(default.progress_deadline_seconds.to_string());
        let current = Memo::new(move |_| {
            let id = view.with(|view| view.as_ref().map(|view| view.configuration.clone()))?;
            list.with(|list| list.iter().find(|one| one.id == id).cloned())
        });
        let candidate = Memo::new(move |_| {
            let id = chosen.get()?;
            list.with(|list| list.iter().find(|one| one.id == id).cloned())
        });
        let strategy = Memo::new(move |_| {
            let amount = |field, text: RwSignal<String>| {
                text.get()
                    .trim()
                    .parse::<Amount>()
                    .map_err(|_| Wrong { field, why: "a count like 1, or a share like 25%".to_owned() })
            };
            let seconds = |field, text: RwSignal<String>| {
                let text = text.get();
                text.trim()
                    .trim_end_matches('s')
                    .trim()
                    .parse::<u32>()
                    .map_err(|_| Wrong { field, why: "a number of seconds".to_owned() })
            };
            let strategy = Strategy {
                max_surge: amount("max_surge", surge)?,
                max_unavailable: amount("max_unavailable", unavailable)?,
                min_ready_seconds: seconds("min_ready_seconds", min_ready)?,
                progress_deadline_seconds: seconds("progress_deadline_seconds", deadline)?,
                total_deadline_seconds: None,
            };
            match strategy.check() {
                Ok(()) => Ok(strategy),
                Err(error @ domain::strategy::StrategyError::OutOfRange { field, .. }) => {
                    Err(Wrong { field, why: error.to_string() })
                }
                Err(error) => Err(Wrong { field: "max_unavailable", why: error.to_string() }),
            }
        });
        let (reason, note) = (text(String::new()), text(String::new()));
        Self { view, chosen, surge, unavailable, min_ready, deadline, reason, note, current, candidate, strategy }
    }

    /// What is wrong with a field.
    pub(crate) fn wrong(self, field: &'static str) -> Signal<Option<String>> {
        Signal::derive(move || {
            self.strategy.with(|strategy| {
                strategy.as_ref().err().filter(|wrong| wrong.field == field).map(|wrong| wrong.why.clone())
            })
        })
    }

    /// What differs from the configuration in use.
    pub(crate) fn differences(self) -> Option<Vec<Difference>> {
        let (current, candidate) = (self.current.get()?, self.candidate.get()?);
        Some(diff::between(&current.configuration, &candidate.configuration))
    }

    /// Whether equal content is in use already (RAY-1).
    pub(crate) fn is_unchanged(self) -> bool {
        match (self.current.get(), self.candidate.get()) {
            (Some(current), Some(candidate)) => {
                current.configuration.content_hash() == candidate.configuration.content_hash()
            }
            _ => false,
        }
    }

    /// The rollout played to the end, with the number of replicas that it ends with. It is the engine's own planner (CO-1).
    pub(crate) fn rehearsal(self) -> Option<(Rehearsal, u32)> {
        let strategy = self.strategy.get().ok()?;
        let (view, candidate) = (self.view.get()?, self.candidate.get()?);
        let desired = candidate.configuration.desired(None);
        let runs = self.current.get().filter(|_| view.last_running_configuration.is_some());
        let current = runs.as_ref().map_or(0, |_| view.replicas.desired);
        let running = runs
            .as_ref()
            .map_or(Running::Replaced, |current| Running::between(&current.configuration, &candidate.configuration));
        let question = Rehearse { current, desired, running, strategy, startup_ms: STARTUP_MS, drain_ms: DRAIN_MS };
        Some((rehearse(&question), desired))
    }

    /// Why it cannot be started; `None` when it can.
    pub(crate) fn blocked(self) -> Option<String> {
        let Some(candidate) = self.candidate.get() else {
            return Some("Choose a configuration on the left.".to_owned());
        };
        if self.current.get().is_some_and(|current| current.id == candidate.id) {
            return Some("This configuration is in use.".to_owned());
        }
        if self.is_unchanged() {
            return Some("Equal content is in use already: nothing would change.".to_owned());
        }
        self.strategy.get().err().map(|wrong| format!("{}: {}", wrong.field, wrong.why))
    }

    /// What is asked of the server.
    pub(crate) fn rollout(self) -> Option<StartRollout> {
        let note = self.note.get_untracked();
        Some(StartRollout {
            configuration: self.chosen.get_untracked(),
            strategy: self.strategy.get_untracked().ok()?.into(),
            reason: words::REASONS.into_iter().find(|one| api::word(one) == self.reason.get_untracked()),
            note: (!note.trim().is_empty()).then(|| note.trim().to_owned()),
            ..StartRollout::default()
        })
    }
}
