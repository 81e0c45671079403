//! The progress of a rollout: a bar on a terminal, lines elsewhere; both on standard error.

use std::io;

use domain::id::RolloutNumber;
use domain::replica::ReplicaState;
use domain::rollout::PhaseWord;
use domain::wire::{DeploymentView, RolloutView, StepView};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::io::Io;
use crate::cli::text;

/// The part of a rollout that was shown already.
pub(super) struct ShownProgress {
    bar: Option<ProgressBar>,
    title: String,
    phase: Option<PhaseWord>,
    last: Option<StepView>,
}

impl ShownProgress {
    /// Nothing shown yet.
    pub(super) fn new(io: &Io, name: &str, number: RolloutNumber) -> Self {
        let title = format!("rollout {number} of {name}");
        let bar = io.err_terminal.then(|| {
            let bar = ProgressBar::new(0);
            // The template is a constant of this file; a bar without it is still a bar.
            if let Ok(style) = ProgressStyle::with_template("{prefix}  {bar:28.cyan/dim}  {msg}") {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar.set_prefix(title.clone());
            bar
        });
        Self { bar, title, phase: None, last: None }
    }

    /// True when there is a bar, which wants to know about replicas.
    pub(super) fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// Shows what is new in the rollout: where it stands, then what was done; the other way round at the end.
    pub(super) fn rollout(&mut self, io: &mut Io, rollout: &RolloutView) -> io::Result<()> {
        let over = !rollout.phase.is_active();
        if !over {
            self.phase(io, rollout.phase)?;
        }
        for step in unseen(&rollout.steps, self.last.as_ref()) {
            let replica = step.replica.as_ref().map_or_else(String::new, |replica| format!(" ({replica})"));
            let (clock, reason) = (text::clock(step.at, &io.zone), text::printable(&step.reason));
            let line = format!("{clock}  {:11} {reason}{replica}", text::printable(&step.kind.to_string()));
            self.say(io, &line)?;
        }
        self.last = rollout.steps.last().cloned().or(self.last.take());
        if over { self.phase(io, rollout.phase) } else { Ok(()) }
    }

    /// The bar says the phase by itself.
    fn phase(&mut self, io: &mut Io, phase: PhaseWord) -> io::Result<()> {
        if self.phase.replace(phase) == Some(phase) || self.is_drawn() {
            return Ok(());
        }
        self.say(io, &format!("{} is {}", self.title, phase))
    }

    /// Moves the bar to the replicas that are where the rollout goes.
    pub(super) fn replicas(&self, rollout: &RolloutView, deployment: &DeploymentView) {
        let Some(bar) = &self.bar else { return };
        let goal = match rollout.phase {
            PhaseWord::Reverting => rollout.from_revision,
            _ => Some(rollout.to_revision),
        };
        let there = deployment.replica_list.iter().flatten();
        let there = there.filter(|replica| Some(replica.revision) == goal && replica.state == ReplicaState::Ready);
        let (there, desired) = (there.count(), deployment.replicas.desired);
        bar.set_length(desired.into());
        bar.set_position(there as u64);
        bar.set_message(format!("{there}/{desired} ready, {}", rollout.phase));
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// A line of its own.
    pub(super) fn say(&self, io: &mut Io, line: &str) -> io::Result<()> {
        match &self.bar {
            Some(bar) => {
                bar.println(line);
                Ok(())
            }
            None => io.note(line),
        }
    }
}

/// The steps after the last one that was shown; the list may have lost its beginning.
fn unseen<'a>(steps: &'a [StepView], last: Option<&StepView>) -> &'a [StepView] {
    let seen = last.and_then(|last| steps.iter().rposition(|step| step == last));
    &steps[seen.map_or(0, |at| at + 1)..]
}

impl Drop for ShownProgress {
    fn drop(&mut self) {
        self.end();
    }
}
