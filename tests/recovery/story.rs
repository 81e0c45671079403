//! Each kind of rollout on a real server, and how it must end whatever is killed in it.

use domain::deployment::Status;
use domain::event::Event;
use domain::replica::Intent;
use domain::rollout::{Phase, RolloutKind};
use serde_json::{Value, json};

/// Replicas in the beginning.
pub(crate) const REPLICAS: usize = 2;

/// The label that a replica gives the flower that is asked about, unless it is told another name.
const SETOSA: &str = "setosa";

/// A rollout that is started over and over.
#[derive(Clone, Copy)]
pub(crate) struct Story {
    /// The name of the story.
    pub(crate) name: &'static str,
    /// The n-th request, from 1: its path below the deployment, and its body.
    pub(crate) request: fn(u32) -> (&'static str, Value),
    /// A rollout that would never end, and that the n-th one takes over from.
    pub(crate) on_top_of: Option<fn() -> Value>,
    /// The entry that the counting begins after.
    pub(crate) begins: fn(&Event) -> bool,
    /// True when nothing more happens after these entries.
    pub(crate) ends: fn(&[Event]) -> bool,
    /// The outcome that the n-th rollout must come to.
    pub(crate) outcome: fn(u32) -> Outcome,
    /// True when the second request takes back the first, so that each moment comes in two kinds.
    pub(crate) there_and_back: bool,
    /// Moments after which it is enough even if there are more.
    pub(crate) most: u32,
}

/// The outcome that a rollout must come to.
pub(crate) struct Outcome {
    /// The phase in which the rollout ends; none when there is no rollout.
    pub(crate) phase: Option<&'static str>,
    pub(crate) replicas: usize,
    /// The model that every replica runs.
    pub(crate) model: &'static str,
    /// The label that every replica answers.
    pub(crate) label: &'static str,
    pub(crate) processes: Processes,
}

/// The processes that go on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Processes {
    /// The processes that run the wanted model, as many as are wanted.
    OfModel,
    /// The same processes but for one, which makes room for what is tried.
    OfModelButOne,
    /// Only the processes that were started for the wanted revision.
    OfRevision,
    /// Exactly the processes that there were.
    All,
}

const UPDATE: Story = Story {
    name: "update",
    request: |n| ("rollouts", json!({"set": {"models": [in_turn(n)]}, "strategy": careful()})),
    on_top_of: None,
    begins: |event| matches!(event, Event::RolloutStarted { .. }),
    ends: |events| events.last().is_some_and(is_final),
    outcome: |n| completed(in_turn(n)),
    there_and_back: false,
    most: 60,
};

const BROKEN_UPDATE: Story = Story {
    name: "broken update",
    request: |_| ("rollouts", broken(json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 1}))),
    outcome: |_| Outcome { phase: Some("reverted"), ..completed("iris@1") },
    most: 14,
    ..UPDATE
};

/// Every kind.
const STORIES: [Story; 11] = [
    UPDATE,
    Story { name: "rollback", request: |n| ("rollback", json!({"to": 1 + n % 2, "strategy": careful()})), ..UPDATE },
    Story {
        name: "relaunch",
        request: |_| ("relaunch", json!({"strategy": careful()})),
        outcome: |_| Outcome { processes: Processes::OfRevision, ..completed("iris@1") },
        ..UPDATE
    },
    Story {
        name: "supersede",
        on_top_of: Some(|| broken(json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 60}))),
        begins: |event| matches!(event, Event::RolloutStarted { supersedes: Some(_), .. }),
        ..UPDATE
    },
    BROKEN_UPDATE,
    Story {
        name: "patient broken update",
        request: |_| {
            ("rollouts", broken(json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 3})))
        },
        ..BROKEN_UPDATE
    },
    Story {
        name: "revert",
        begins: |event| matches!(event, Event::RolloutMoved { phase: Phase::Reverting(_), .. }),
        most: 30,
        ..BROKEN_UPDATE
    },
    Story {
        name: "stopped update",
        request: |_| {
            let hasty = json!({"max_surge": 0, "max_unavailable": 1, "progress_deadline_seconds": 1});
            let mut request = broken(hasty);
            request["on_failure"] = json!("stop");
            ("rollouts", request)
        },
        ends: |events| {
            let failed = |event: &Event| matches!(event, Event::RolloutMoved { phase: Phase::Failed, .. });
            // What was lost is made up for afterwards.
            events.iter().any(failed) && events.last().is_some_and(is_ready)
        },
        outcome: |_| Outcome { phase: Some("failed"), processes: Processes::OfModelButOne, ..completed("iris@1") },
        most: 40,
        ..UPDATE
    },
    Story {
        name: "new user_config",
        request: |n| {
            let label = if n % 2 == 1 { "my-setosa" } else { SETOSA };
            ("rollouts", json!({"set": {"user_config": {"labels": [label, "versicolor", "virginica"]}}}))
        },
        outcome: |n| Outcome {
            label: if n % 2 == 1 { "my-setosa" } else { SETOSA },
            processes: Processes::All,
            ..completed("iris@1")
        },
        ..UPDATE
    },
    Story {
        name: "scaling",
        request: |n| ("rollouts", json!({"set": {"replicas": REPLICAS + (n % 2) as usize}})),
        outcome: |n| Outcome { replicas: REPLICAS + (n % 2) as usize, ..completed("iris@1") },
        there_and_back: true,
        ..UPDATE
    },
    Story {
        name: "deactivation and activation",
        request: |n| (if n % 2 == 1 { "deactivate" } else { "activate" }, json!({})),
        begins: |event| {
            matches!(event, Event::Deactivated { .. })
                || matches!(event, Event::RolloutStarted { change, .. } if change.kind == RolloutKind::Activate)
        },
        outcome: |n| match n % 2 {
            1 => Outcome { phase: None, replicas: 0, ..completed("iris@1") },
            _ => completed("iris@1"),
        },
        there_and_back: true,
        ..UPDATE
    },
];

impl Story {
    /// The story of this name.
    pub(crate) fn of(name: &str) -> Self {
        STORIES.into_iter().find(|story| story.name == name).expect("there is such a story")
    }

    /// The number of entries that the n-th round goes on for before something is killed.
    pub(crate) fn entries(&self, n: u32) -> u32 {
        if self.there_and_back { (n - 1) / 2 } else { n - 1 }
    }

    /// True when the story is over after the n-th round, in which nothing was left to kill; false when another round
    /// may follow.
    pub(crate) fn is_over_after(&self, n: u32) -> bool {
        !self.there_and_back || n.is_multiple_of(2)
    }
}

fn completed(model: &'static str) -> Outcome {
    let processes = Processes::OfModel;
    Outcome { phase: Some("completed"), replicas: REPLICAS, model, label: SETOSA, processes }
}

fn careful() -> Value {
    json!({"max_surge": 1, "max_unavailable": 0, "progress_deadline_seconds": 30})
}

/// An update to a model that cannot be loaded.
fn broken(strategy: Value) -> Value {
    let reason = "to see how it fails";
    json!({"set": {"models": ["iris@3"]}, "strategy": strategy, "quarantine_override": reason, "accept_warnings": true})
}

fn in_turn(n: u32) -> &'static str {
    if n % 2 == 1 { "iris@2" } else { "iris@1" }
}

fn is_final(event: &Event) -> bool {
    match event {
        Event::RolloutMoved { phase, .. } => !phase.is_active(),
        Event::StatusChanged { status, .. } => *status == Status::Stopped,
        _ => false,
    }
}

fn is_ready(event: &Event) -> bool {
    let Event::ReplicaChanged { replica } = event else { return false };
    replica.intent == Intent::Run && replica.observed.is_ready()
}

/// An entry in a few words.
pub(crate) fn words(event: &Event) -> String {
    let value = serde_json::to_value(event).unwrap_or_default();
    let replica = &value["replica"];
    let details = [&value["kind"], &value["step"], &value["event"], &replica["intent"], &replica["observed"]];
    let words: Vec<_> = details.into_iter().filter(|detail| !detail.is_null()).map(word).collect();
    words.join(" ")
}

/// A word, or the one inside that says what it is.
fn word(value: &Value) -> String {
    match value {
        Value::String(word) => word.clone(),
        Value::Object(fields) => {
            let named = ["seen", "meant"].into_iter().find_map(|name| fields.get(name));
            named.or(fields.values().next()).map(word).unwrap_or_default()
        }
        other => other.to_string(),
    }
}
