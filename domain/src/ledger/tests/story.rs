//! The journal of a deployment, as a test writes it.

use jiff::Timestamp;

use crate::configuration::Configuration;
use crate::deployment::Terms;
use crate::event::{Entry, Event};
use crate::id::{RevisionNumber, Seq, TargetName};
use crate::ledger::{Ledger, Revision, Rollout};
use crate::receipt::Receipt;
use crate::rollout::{self, RolloutEvent, RolloutKind};

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// A deployment whose journal is written by a test, by a clock that the test sets.
pub(super) struct Story {
    pub(super) ledger: Ledger,
    second: i64,
}

pub(super) fn entry(second: i64, event: Event) -> Entry {
    let deployment = Some("d".parse().unwrap());
    Entry { seq: Seq(1), at: at(second), actor: "ada".parse().unwrap(), deployment, event }
}

impl Story {
    pub(super) fn new() -> Self {
        let created = Event::DeploymentCreated {
            default_access: Default::default(),
            name: "iris".parse().unwrap(),
            target: TargetName::default(),
            expires_at: None,
            terms: Terms::default(),
        };
        Self { ledger: Ledger::after(None, &entry(0, created)).unwrap(), second: 0 }
    }

    /// The same with revisions that have completed their rollouts, one after the other.
    pub(super) fn with(completed: u32) -> Self {
        let mut story = Self::new();
        for _ in 0..completed {
            story.update().moved(RolloutEvent::Begin).moved(RolloutEvent::Settle);
        }
        story
    }

    pub(super) fn enter(&mut self, event: Event) -> &mut Self {
        self.ledger = Ledger::after(Some(self.ledger.clone()), &entry(self.second, event)).unwrap();
        self
    }

    pub(super) fn at(&mut self, second: i64) -> &mut Self {
        self.second = second;
        self
    }

    pub(super) fn start(&mut self, kind: RolloutKind) -> &mut Self {
        let deployment = &self.ledger.deployment;
        let (number, to_revision) = (deployment.newest_rollout.next(), deployment.newest_revision.next());
        let (id, configuration) = (format!("c{to_revision}").parse().unwrap(), Configuration::default());
        let change = Box::new(deployment.change_to(kind, id, &configuration, 1));
        self.enter(Event::RolloutStarted {
            number,
            to_revision,
            plan_hash: String::new(),
            plan: None,
            warrant: Default::default(),
            supersedes: None,
            change,
        })
    }

    pub(super) fn update(&mut self) -> &mut Self {
        self.start(RolloutKind::Update)
    }

    pub(super) fn moves(&mut self, event: RolloutEvent, problem: Option<&str>, blameless: bool) -> &mut Self {
        let number = self.ledger.deployment.newest_rollout;
        let phase = rollout::next(self.ledger.rollouts[&number].phase, event).unwrap();
        let (problem, receipt) = (problem.map(str::to_owned), Receipt::default());
        self.enter(Event::RolloutMoved { number, event, phase, problem, receipt, blameless })
    }

    pub(super) fn moved(&mut self, event: RolloutEvent) -> &mut Self {
        self.moves(event, Some("it broke"), false)
    }

    pub(super) fn revision(&self, number: u32) -> &Revision {
        &self.ledger.revisions[&RevisionNumber(number)]
    }

    pub(super) fn newest(&self) -> &Rollout {
        &self.ledger.rollouts[&self.ledger.deployment.newest_rollout]
    }

    pub(super) fn intended(&self) -> Option<u32> {
        self.ledger.deployment.intended.map(|number| number.0)
    }

    pub(super) fn quarantine(&mut self, number: u32) -> &mut Self {
        self.enter(Event::RevisionQuarantined { number: RevisionNumber(number), reason: "wrong".to_owned() })
    }
}
