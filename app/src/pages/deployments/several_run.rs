//! Something that is being done with several deployments, one after the other. It goes on while people look at other pages.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::id::{DeploymentName, UseCaseId};
use domain::wire::{DeploymentView, ErrorCode, Operate};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::several::Several;
use crate::api::deployments::Operation;
use crate::api::rollouts::Control;
use crate::api::{self, Failure};
use crate::state::{State, state};

/// How far it is with one deployment.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RunProgress {
    /// It has not begun.
    Waits,
    /// It is on its way.
    Sent,
    /// It was done, or has begun on the server.
    Done,
    /// It was stopped before.
    Left,
    /// The server refused it, for this reason.
    Refused(String),
}

/// One deployment of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RunLine {
    /// Its name.
    pub(super) name: DeploymentName,
    /// How far it is.
    pub(super) progress: RunProgress,
}

/// What goes on, or went on last.
#[derive(Clone, Copy)]
pub(crate) struct SeveralRun {
    what: RwSignal<Option<Several>>,
    lines: RwSignal<Vec<RunLine>>,
    halted: RwSignal<bool>,
    state: State,
}

impl SeveralRun {
    /// Makes it available to every page.
    pub(crate) fn provide() {
        provide_context(Self {
            what: RwSignal::new(None),
            lines: RwSignal::new(Vec::new()),
            halted: RwSignal::new(false),
            state: state(),
        });
    }

    /// The one of whoever looks at the page.
    pub(super) fn here() -> Self {
        expect_context()
    }

    /// What goes on, or went on last.
    pub(super) fn what(self) -> Option<Several> {
        self.what.get()
    }

    /// The deployments, in order.
    pub(super) fn lines(self) -> Vec<RunLine> {
        self.lines.get()
    }

    /// True until the last one has its answer.
    pub(super) fn goes_on(self) -> bool {
        self.lines
            .with(|lines| lines.iter().any(|line| matches!(line.progress, RunProgress::Waits | RunProgress::Sent)))
    }

    /// Begins no further one.
    pub(super) fn halt(self) {
        self.halted.set(true);
    }

    /// Takes the results away.
    pub(super) fn close(self) {
        self.what.set(None);
        self.lines.set(Vec::new());
    }

    /// Does it with these, one after the other.
    pub(super) fn start(
        self,
        what: Several,
        views: Vec<Arc<DeploymentView>>,
        note: Option<String>,
        use_cases: BTreeSet<UseCaseId>,
    ) {
        let line = |view: &Arc<DeploymentView>| RunLine { name: view.name.clone(), progress: RunProgress::Waits };
        self.lines.set(views.iter().map(line).collect());
        self.halted.set(false);
        self.what.set(Some(what));
        spawn_local(async move {
            for (at, view) in views.iter().enumerate() {
                // Whoever signs out takes all of it away.
                match self.halted.try_get_untracked() {
                    None => return,
                    Some(true) => self.mark(at, RunProgress::Left),
                    Some(false) => {
                        self.mark(at, RunProgress::Sent);
                        let done = carry_out(what, view, note.clone(), &use_cases).await;
                        self.state.touch(view.id.clone());
                        self.mark(
                            at,
                            match done {
                                Ok(()) => RunProgress::Done,
                                Err(refused) => RunProgress::Refused(self.state.noting(refused).detail()),
                            },
                        );
                    }
                }
            }
            if what == Several::Link {
                self.state.reread_around();
            }
        });
    }

    fn mark(self, at: usize, progress: RunProgress) {
        self.lines.try_update(|lines| {
            if let Some(line) = lines.get_mut(at) {
                line.progress = progress;
            }
        });
    }
}

async fn carry_out(
    what: Several,
    view: &DeploymentView,
    note: Option<String>,
    use_cases: &BTreeSet<UseCaseId>,
) -> Result<(), Failure> {
    let how = Operate { note, ..Operate::default() };
    match what {
        Several::Deactivate => api::deployments::operate(&view.name, Operation::Deactivate, &how).await,
        Several::Activate => api::deployments::operate(&view.name, Operation::Activate, &how).await,
        Several::Relaunch => api::deployments::operate(&view.name, Operation::Relaunch, &how).await,
        Several::Link => {
            for id in use_cases {
                match api::use_cases::link(id, &view.name).await {
                    Err(failure) if !failure.is(ErrorCode::NothingToChange) => return Err(failure),
                    _ => {}
                }
            }
            Ok(())
        }
        Several::Dismiss => match &view.newest_rollout {
            Some(rollout) => api::rollouts::control(&view.name, rollout.number, Control::Dismiss).await,
            None => Ok(()),
        },
    }
}
