//! How a rollout has ended, in a few words.

use domain::rollout::PhaseWord;
use domain::wire::DeploymentView;

use super::note::Note;
use crate::api::rollouts::RolloutEnd;
use crate::components::Icon;
use crate::words::{self, news, numbers, times};

impl Note {
    /// That of a rollout that is over; none of one that goes on, or that another one has followed.
    pub(super) fn of_rollout(view: &DeploymentView, rollout: &RolloutEnd) -> Option<Self> {
        let name = &view.name;
        let brief = view.newest_rollout.as_ref().filter(|brief| brief.number == rollout.number);
        let to = brief.map_or_else(|| format!("revision {}", rollout.to_revision), news::goal);
        let runs = news::in_use(view);
        let why = rollout.error.as_deref().map(words::with_full_stop);
        let (icon, tone, title, text) = match rollout.phase {
            PhaseWord::Completed => {
                let (answered, failed) = (rollout.receipt.total.answered, rollout.receipt.total.failed);
                let took = rollout.ended_at.map(|ended| times::took(rollout.started_at, ended));
                let counted =
                    format!("{} of {} requests failed.", numbers::whole(failed), numbers::whole(answered + failed));
                let text = took.map_or_else(|| counted.clone(), |took| format!("{took}, {counted}"));
                (Icon::Check, "good", format!("{name} runs {runs}"), text)
            }
            PhaseWord::Reverted => (
                Icon::Stop,
                "bad",
                format!("{name}: update to {to} failed"),
                format!("Back on {runs}. {}", why.unwrap_or_default()),
            ),
            PhaseWord::Cancelled => {
                (Icon::Check, "", format!("{name} is back on {runs}"), "Its rollout was stopped.".to_owned())
            }
            PhaseWord::Failed | PhaseWord::RevertFailed => {
                (Icon::Stop, "bad", format!("{name}: update to {to} failed"), why.unwrap_or_default())
            }
            PhaseWord::Superseded
            | PhaseWord::Pending
            | PhaseWord::Rolling
            | PhaseWord::Paused
            | PhaseWord::Reverting => return None,
        };
        let page = format!("/deployments/{name}");
        let follow = Some((format!("{page}?tab=rollouts"), "Receipt"));
        Some(Self { page, title, icon, tone, text: text.trim().to_owned(), follow, name: "rollout-ended" })
    }
}
