//! The trouble of a deployment and the rollout in it, each in one sentence.

use domain::deployment::OnFailure;
use domain::id::{ModelRef, RevisionNumber};
use domain::rollout::PhaseWord;
use domain::wire::{ConditionWord, DeploymentView, RolloutInBrief};

use super::{models, numbers, sentence};

/// The model versions before and after, as in *iris v1* and *v3*: a name is said once where it stays.
pub(crate) fn versions(from: &[ModelRef], to: &[ModelRef]) -> (Option<String>, String) {
    let same = from.len() == to.len() && from.iter().zip(to).all(|(from, to)| from.name == to.name);
    match (from, to) {
        ([], to) => (None, models(to)),
        (from, [to]) if same => (Some(models(from)), format!("v{}", to.version)),
        (from, to) => (Some(models(from)), models(to)),
    }
}

/// What was in use before a rollout and what it leads to: the versions, or the revisions where no model is bound. Nothing
/// was before a first one.
pub(crate) fn ways(rollout: &RolloutInBrief) -> (Option<String>, String) {
    let (from, to) = (rollout.from_revision, rollout.to_revision);
    match (rollout.from_models.as_slice(), rollout.to_models.as_slice(), from, to) {
        ([], [], Some(from), Some(to)) => (Some(format!("revision {from}")), to.to_string()),
        ([], to_models, Some(from), _) => (Some(format!("revision {from}")), models(to_models)),
        (from_models, [], _, Some(to)) => {
            (Some(from_models).filter(|models| !models.is_empty()).map(models), format!("revision {to}"))
        }
        (from_models, to_models, ..) => versions(from_models, to_models),
    }
}

/// True when nothing was in use before it, so that there is no way back.
pub(crate) fn is_first(rollout: &RolloutInBrief) -> bool {
    rollout.from_revision.is_none() && rollout.from_models.is_empty()
}

/// What a rollout leads, or was to lead, to, as a sentence names it.
pub(crate) fn goal(rollout: &RolloutInBrief) -> String {
    named(&rollout.to_models, rollout.to_revision)
}

/// What was in use before a rollout, as a sentence names it.
pub(crate) fn before(rollout: &RolloutInBrief) -> String {
    named(&rollout.from_models, rollout.from_revision)
}

/// What a deployment uses, or is to use once its rollout is done, as a sentence names it.
pub(crate) fn in_use(view: &DeploymentView) -> String {
    named(&view.models, Some(view.revision))
}

fn named(bound: &[ModelRef], revision: Option<RevisionNumber>) -> String {
    match (bound, revision) {
        ([], Some(revision)) => format!("revision {revision}"),
        (bound, _) => models(bound),
    }
}

/// The trouble of a deployment, and the replicas that still answer. Empty where nothing is wrong.
pub(crate) fn trouble(view: &DeploymentView) -> String {
    let Some(condition) = view.condition.as_ref().filter(|condition| condition.word.needs_attention()) else {
        return String::new();
    };
    let because = condition.why.as_deref().map(|why| format!(": {}", cause(why))).unwrap_or_default();
    let newest = view.newest_rollout.as_ref();
    match condition.word {
        ConditionWord::Dead => format!("dead{because}. {}", sentence(&answering(view))),
        ConditionWord::Crashing => {
            format!("{} crashes after {}{because}. {}", newest_of(view), restarts(view), sentence(&answering(view)))
        }
        ConditionWord::Unreachable => format!("its target {} cannot be seen{because}", view.target),
        ConditionWord::NotAllReady => format!("{}{because}", answering(view)),
        _ => match newest {
            Some(rollout) => {
                format!("update to {} failed{because}. {}", goal(rollout), after(rollout, view))
            }
            None => format!("its last update failed{because}"),
        },
    }
}

/// The words of the button that cancels the rollout in progress.
pub(crate) fn stop_and_return(view: &DeploymentView) -> String {
    match view.newest_rollout.as_ref().filter(|rollout| !is_first(rollout)) {
        Some(rollout) if rollout.from_models.is_empty() => format!("Stop and return to {}", before(rollout)),
        Some(rollout) => format!("Stop and return to {}", versions(&rollout.to_models, &rollout.from_models).1),
        None => "Stop and return".to_owned(),
    }
}

/// What a deployment uses, or what its rollout in progress leads to.
pub(crate) fn newest_of(view: &DeploymentView) -> String {
    view.newest_rollout.as_ref().filter(|rollout| rollout.phase.is_active()).map_or_else(|| in_use(view), goal)
}

/// The end of a rollout that failed.
fn after(rollout: &RolloutInBrief, view: &DeploymentView) -> String {
    match rollout.phase {
        PhaseWord::Reverted => format!("Back on {}", before(rollout)),
        _ => sentence(&answering(view)),
    }
}

/// The number of replicas that answer, as the beginning or the end of a sentence.
pub(crate) fn answering(view: &DeploymentView) -> String {
    let counts = view.replicas;
    match counts.ready {
        0 => "no replica answers".to_owned(),
        ready if ready >= counts.desired => super::count(ready as usize, "replica answers", "replicas answer"),
        ready => format!("{ready} of {} replicas answer", counts.desired),
    }
}

fn restarts(view: &DeploymentView) -> String {
    let most = view.replica_list.iter().flatten().map(|replica| replica.restarts).max().unwrap_or(0);
    super::count(most as usize, "restart", "restarts")
}

/// The first sentence of a cause, so that it fits into a line.
pub(crate) fn cause(why: &str) -> String {
    let line = why.lines().next().unwrap_or_default();
    let end = line.match_indices(". ").map(|(at, _)| at).find(|at| line[at + 2..].starts_with(char::is_uppercase));
    line[..end.unwrap_or(line.len())].trim_end_matches('.').to_owned()
}

/// The consequence of the deadline of a rollout in progress, with the time that is left: *returns in 9:43*.
pub(crate) fn deadline(rollout: &RolloutInBrief, seconds_left: Option<u64>) -> String {
    let Some(left) = seconds_left else { return "no deadline".to_owned() };
    let left = numbers::clock_span(left);
    match (rollout.phase, rollout.on_failure) {
        (PhaseWord::Reverting, _) => format!("return fails in {left}"),
        (_, OnFailure::Revert) if !is_first(rollout) => format!("returns in {left}"),
        (_, OnFailure::Dead) => format!("dead in {left}"),
        _ if is_first(rollout) => format!("fails in {left}"),
        _ => format!("stops in {left}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refs(texts: &[&str]) -> Vec<ModelRef> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn versions_say_a_name_once() {
        for (from, to, before, after) in [
            (&["iris@1"][..], &["iris@3"][..], Some("iris v1"), "v3"),
            (&["iris@1"], &["rose@1"], Some("iris v1"), "rose v1"),
            (&[], &["iris@1"], None, "iris v1"),
            (&["a@1", "b@1"], &["a@2", "b@1"], Some("a v1, b v1"), "a v2, b v1"),
        ] {
            assert_eq!(versions(&refs(from), &refs(to)), (before.map(str::to_owned), after.to_owned()));
        }
    }

    #[test]
    fn what_binds_no_model_is_told_by_its_revisions() {
        let brief = |from: Option<u32>, from_models: &[&str], to_models: &[&str]| -> RolloutInBrief {
            let brief = serde_json::json!({"number": 2, "phase": "rolling", "from_revision": from, "to_revision": 2,
                "from_models": from_models, "to_models": to_models, "on_failure": "revert"});
            serde_json::from_value(brief).unwrap()
        };
        for (rollout, from, to, left) in [
            (brief(Some(1), &[], &[]), Some("revision 1"), "2", "returns in 1:00"),
            (brief(None, &[], &[]), None, "revision 2", "fails in 1:00"),
            (brief(Some(1), &[], &["iris@1"]), Some("revision 1"), "iris v1", "returns in 1:00"),
            (brief(Some(1), &["iris@1"], &[]), Some("iris v1"), "revision 2", "returns in 1:00"),
            (brief(Some(1), &["iris@1"], &["iris@2"]), Some("iris v1"), "v2", "returns in 1:00"),
        ] {
            assert_eq!(ways(&rollout), (from.map(str::to_owned), to.to_owned()));
            assert_eq!(deadline(&rollout, Some(60)), left);
        }
        let commands = brief(Some(1), &[], &[]);
        assert_eq!((before(&commands), goal(&commands)), ("revision 1".to_owned(), "revision 2".to_owned()));
    }

    #[test]
    fn a_cause_is_its_first_sentence() {
        for (why, said) in [
            (
                "No replica became ready in 8 s. The model cannot be loaded: op is unknown.",
                "No replica became ready in 8 s",
            ),
            ("exit 1 after 0.6 s", "exit 1 after 0.6 s"),
            ("it ends at v1.2. then nothing.\nmore", "it ends at v1.2. then nothing"),
            ("", ""),
        ] {
            assert_eq!(cause(why), said);
        }
    }
}
