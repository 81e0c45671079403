//! What can be done with several deployments at once, and why not with some of them.

use std::sync::Arc;

use domain::action::Action;
use domain::wire::{ConditionWord, DeploymentView};

use crate::pages::actions::why_not;
use crate::words::count;

/// Something that is done with several deployments, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Several {
    /// Take their replicas away.
    Deactivate,
    /// Bring them back.
    Activate,
    /// Replace every replica by one like it.
    Relaunch,
    /// Link them to use cases.
    Link,
    /// Take their failures out of one's own way.
    Dismiss,
}

impl Several {
    /// All of them, in the order of the bar.
    pub(super) const ALL: [Self; 5] = [Self::Deactivate, Self::Activate, Self::Relaunch, Self::Link, Self::Dismiss];

    /// Its word in the address and in tests.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Deactivate => "deactivate",
            Self::Activate => "activate",
            Self::Relaunch => "relaunch",
            Self::Link => "link",
            Self::Dismiss => "dismiss",
        }
    }

    /// The text of its button in the bar.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Deactivate => "Deactivate…",
            Self::Activate => "Activate…",
            Self::Relaunch => "Relaunch…",
            Self::Link => "Link to use case…",
            Self::Dismiss => "Dismiss…",
        }
    }

    /// It with a number of deployments, as a button says it.
    pub(super) fn of(self, number: usize) -> String {
        let deployments = count(number, "deployment", "deployments");
        match self {
            Self::Deactivate => format!("Deactivate {deployments}"),
            Self::Activate => format!("Activate {deployments}"),
            Self::Relaunch => format!("Relaunch {deployments}"),
            Self::Link => format!("Link {deployments}"),
            Self::Dismiss => format!("Dismiss {}", count(number, "failure", "failures")),
        }
    }

    /// What it is called while it goes on.
    pub(super) fn going_on(self) -> &'static str {
        match self {
            Self::Deactivate => "Deactivating",
            Self::Activate => "Activating",
            Self::Relaunch => "Relaunching",
            Self::Link => "Linking",
            Self::Dismiss => "Dismissing",
        }
    }

    /// Its effect in a sentence.
    pub(super) fn effect(self) -> &'static str {
        match self {
            Self::Deactivate => {
                "Their replicas finish their requests and stop, and their URLs answer 503 until they are activated again. Configurations, revisions and history stay."
            }
            Self::Activate => "Each starts again with its configuration, and answers as soon as a replica is ready.",
            Self::Relaunch => {
                "Every replica is replaced by a new one with the same configuration. The URLs stay, and requests keep being answered."
            }
            Self::Link => "Each is linked to the use cases that you choose, and stays in those that it is in.",
            Self::Dismiss => "The failed updates no longer count as news for you. Other people still see them.",
        }
    }

    /// The reason why it cannot be done with a deployment now; `None` where it can.
    pub(super) fn why_not(self, view: &DeploymentView) -> Option<String> {
        match self {
            Self::Deactivate => why_not(view, Action::Deactivate),
            Self::Activate => why_not(view, Action::Activate),
            Self::Relaunch => why_not(view, Action::Relaunch),
            Self::Link => why_not(view, Action::LinkUseCases),
            Self::Dismiss => {
                let failed = view.condition.as_ref().is_some_and(|found| found.word == ConditionWord::UpdateFailed);
                (!failed || view.newest_rollout.is_none())
                    .then(|| "Its last update did not fail, or its failure was dismissed already.".to_owned())
            }
        }
    }

    /// Those with which it can be done, and the others with their reasons.
    pub(super) fn sorted(self, views: Vec<Arc<DeploymentView>>) -> Sorted {
        let mut sorted = Sorted::default();
        for view in views {
            match self.why_not(&view) {
                None => sorted.can.push(view),
                Some(why) => sorted.cannot.push((view.name.to_string(), why)),
            }
        }
        sorted
    }
}

/// Deployments by whether something can be done with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sorted {
    /// It can be done with these.
    pub(super) can: Vec<Arc<DeploymentView>>,
    /// Not with these, each with the reason.
    pub(super) cannot: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::deployment;
    use super::*;

    #[test]
    fn it_is_done_with_those_that_allow_it_and_the_others_say_why_not() {
        let runs = json!({"actions": [
            {"action": "deactivate", "allowed": true},
            {"action": "activate", "allowed": false, "why": "It runs already."},
        ]});
        let shared =
            json!({"actions": [{"action": "deactivate", "allowed": false, "why": "This needs the role owner."}]});
        let views = [deployment("iris", runs), deployment("rose", shared)].map(Arc::new).to_vec();
        let sorted = Several::Deactivate.sorted(views.clone());
        assert_eq!(sorted.can.iter().map(|view| view.name.as_str()).collect::<Vec<_>>(), ["iris"]);
        assert_eq!(sorted.cannot, [("rose".to_owned(), "This needs the role owner.".to_owned())]);
        let sorted = Several::Activate.sorted(views.clone());
        assert_eq!((sorted.can.len(), sorted.cannot[0].1.as_str()), (0, "It runs already."));
        // What the server does not offer is not done.
        assert!(Several::Relaunch.sorted(views).can.is_empty());
    }

    #[test]
    fn only_a_failure_that_is_news_is_dismissed() {
        let rollout = json!({"number": 2, "phase": "reverted", "from_models": ["iris@1"], "to_models": ["iris@2"],
            "step": null, "deadline_at": null, "on_failure": "revert", "dismissed": false});
        let failed = json!({"condition": {"word": "update_failed"}, "newest_rollout": rollout});
        let runs = json!({"condition": {"word": "running"}});
        assert_eq!(Several::Dismiss.why_not(&deployment("iris", failed)), None);
        assert!(Several::Dismiss.why_not(&deployment("rose", runs)).is_some());
    }
}
