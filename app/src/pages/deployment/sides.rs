//! The two sides of a rollout in words that do not change while it goes on, whichever way it goes.

use domain::id::{ModelRef, RevisionNumber};
use domain::rollout::PhaseWord;
use domain::wire::{DeploymentView, RolloutPicture, RolloutView};

use crate::words::{self, news};

/// The revisions that a rollout is between, each with the words that people know it by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sides {
    /// The one before: *v1*.
    pub(super) old: Option<(RevisionNumber, String)>,
    /// The one that it leads to: *v3*.
    pub(super) new: (RevisionNumber, String),
    /// Both: *iris v1 → v3*.
    pub(super) way: String,
}

impl Default for Sides {
    fn default() -> Self {
        Self { old: None, new: (RevisionNumber(0), String::new()), way: String::new() }
    }
}

impl Sides {
    /// Those of a rollout of `view`.
    pub(super) fn of(view: &DeploymentView, rollout: &RolloutView) -> Self {
        let models = |number: RevisionNumber, brief: fn(&domain::wire::RolloutInBrief) -> &Vec<ModelRef>| {
            let listed = view.revision_list.iter().flatten().find(|revision| revision.number == number);
            let known = view.newest_rollout.as_ref().filter(|newest| newest.number == rollout.number).map(brief);
            listed.map(|revision| revision.models.clone()).or_else(|| known.cloned()).unwrap_or_default()
        };
        let to = rollout.to_revision;
        let to_models = models(to, |brief| &brief.to_models);
        let from = rollout.from_revision.map(|from| (from, models(from, |brief| &brief.from_models)));
        let said = |models: &[ModelRef], number: RevisionNumber| match models {
            [] => format!("revision {number}"),
            [one] => format!("v{}", one.version),
            several => words::models(several),
        };
        let Some((from, from_models)) = from else {
            let way = if to_models.is_empty() { format!("revision {to}") } else { words::models(&to_models) };
            return Self { old: None, new: (to, said(&to_models, to)), way };
        };
        // Another configuration of the same version is told by its revision.
        if from_models == to_models {
            let number = |number: RevisionNumber| format!("revision {number}");
            let way = match to_models.as_slice() {
                [] => format!("revision {from} → {to}"),
                models => format!("{}, revision {from} → {to}", words::models(models)),
            };
            return Self { old: Some((from, number(from))), new: (to, number(to)), way };
        }
        let way = match news::versions(&from_models, &to_models) {
            (Some(before), after) => format!("{before} → {after}"),
            (None, after) => after,
        };
        Self { old: Some((from, said(&from_models, from))), new: (to, said(&to_models, to)), way }
    }

    /// The words of the revision before, where there is one.
    pub(super) fn before(&self) -> Option<&str> {
        self.old.as_ref().map(|(_, words)| words.as_str())
    }
}

/// The ready replicas of each row: old, new.
pub(super) fn ready(picture: &RolloutPicture) -> (u32, u32) {
    use domain::replica::ReplicaState::Ready;
    let count = |pick: fn(&domain::wire::PictureColumn) -> &Option<domain::wire::Occupant>| {
        let ready =
            picture.columns.iter().filter(|column| pick(column).as_ref().is_some_and(|one| one.state == Some(Ready)));
        u32::try_from(ready.count()).unwrap_or(u32::MAX)
    };
    (count(|column| &column.old), count(|column| &column.new))
}

/// What the end of the clock means, as the beginning of a sentence that the clock ends.
pub(super) fn at_the_end(rollout: &RolloutView, sides: &Sides) -> String {
    use domain::deployment::OnFailure::{Dead, Revert, Stop};
    match (rollout.phase, rollout.on_failure, sides.before()) {
        (PhaseWord::Reverting, ..) => "If it makes no progress, the return counts as failed in".to_owned(),
        (_, Revert, Some(before)) => format!("Without progress it returns to {before} in"),
        (_, Stop, Some(_)) => "Without progress it stops where it is in".to_owned(),
        (_, Dead, _) => "Without progress it counts as dead in".to_owned(),
        (_, Revert | Stop, None) => "Without progress it fails in".to_owned(),
    }
}
