//! The picture of a rollout in progress: a column for each place, the same to its end, and its rounds, those that were and
//! those to come.
//!
//! Guarantees, each one a property test: a replica keeps its column for as long as the rollout goes on, also while it is
//! taken back; every replica that there is stands in one place and no other; columns are added and never taken away.

mod rounds;
mod seats;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::ReplicaId;
use crate::ledger::RolloutStep;
use crate::plan::Scene;
use crate::rehearsal::{PlayedOn, play_on};
use crate::replica::{Intent, Observed, ReplicaRecord, ReplicaState};

use self::rounds::Told;
use self::seats::Seats;

/// More replicas than these are not played on: a page that looks each second must not cost the server a rehearsal of a
/// thousand.
const MOST_PLAYED_ON: usize = 128;

/// A replica in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Occupant {
    /// The replica.
    pub replica: ReplicaId,
    /// Its state; `null` when it has left the place.
    pub state: Option<ReplicaState>,
}

/// One place of a rollout: a replica of the revision before, and the one that takes its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PictureColumn {
    /// The last one of the revision before.
    pub old: Option<Occupant>,
    /// The last one of the new revision.
    pub new: Option<Occupant>,
    /// One of the new revision is still to come here, or was when the rollout turned back.
    pub comes: bool,
}

/// Everything that happens in one place in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolloutRound {
    /// The number of its place, from 1.
    pub place: u32,
    /// It takes the place back.
    pub back: bool,
    /// When its first step was taken.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub began_at: Timestamp,
    /// When it was finished.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub ended_at: Option<Timestamp>,
    /// The rollout turned back before it was finished.
    pub broke_off: bool,
    /// Number of times that a replica was started again in it.
    pub restarts: u32,
}

/// A round that has not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoundToCome {
    /// The number of its place, from 1.
    pub place: u32,
    /// It takes the place back.
    pub back: bool,
    /// Its estimated length in milliseconds; `null` while a replica fails or somebody has paused the rollout.
    pub takes_ms: Option<u32>,
}

/// The picture of a rollout in progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RolloutPicture {
    /// The number of replicas that it leads to.
    pub desired: u32,
    /// Its places; a replica keeps its own.
    pub columns: Vec<PictureColumn>,
    /// Its rounds so far, in the order in which they began.
    pub rounds: Vec<RolloutRound>,
    /// Its rounds to come, as the planner would have them now.
    pub to_come: Vec<RoundToCome>,
    /// When it is done by that estimate.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub done_at: Option<Timestamp>,
}

/// Everything that the picture of a rollout is drawn from.
#[derive(Clone, Debug)]
pub struct Drawing<'a> {
    /// All of its steps, oldest first.
    pub steps: &'a [RolloutStep],
    /// The replicas of its deployment.
    pub replicas: &'a [ReplicaRecord],
    /// The number of replicas that it leads to.
    pub desired: u32,
    /// Running replicas stay and only change their revision.
    pub stays: bool,
    /// The planner's scene, from which it is played on.
    pub scene: Scene,
    /// The time.
    pub now: Timestamp,
    /// Milliseconds that a replica is taken to need until it is ready, and to finish its requests, while no round of this
    /// rollout has shown it.
    pub usual_ms: (u32, u32),
}

/// A picture, and the round of each step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawnRollout {
    /// The picture.
    pub picture: RolloutPicture,
    /// For each step the index of its round; none for what happened to the rollout as a whole.
    pub rounds_of: Vec<Option<u32>>,
}

impl Drawing<'_> {
    /// Draws it. Pure: the same steps and replicas make the same picture.
    pub fn draw(self) -> DrawnRollout {
        let mut seats = Seats::before(self.steps, self.replicas, self.stays);
        let mut told = Told::default();
        for step in self.steps {
            told.take(step, &mut seats);
        }
        let standing = Standing::of(self.replicas);
        let (mut ahead_seats, mut ahead) = (seats.clone(), Told::default());
        let played = self.play_on(&told, &seats, &standing);
        for step in &played.steps {
            let step = RolloutStep {
                kind: step.kind.into(),
                reason: String::new(),
                at: step.at,
                replica: Some(step.replica.clone()),
            };
            ahead.take(&step, &mut ahead_seats);
        }
        let guessed = !self.is_stuck();
        let picture = RolloutPicture {
            desired: self.desired,
            columns: seats.columns(&standing.states, self.desired),
            rounds: told.rounds(&seats, &standing, &ahead),
            to_come: told.to_come(&ahead, &ahead_seats, &played.ready, guessed),
            done_at: played.ends_at.filter(|_| guessed),
        };
        DrawnRollout { picture, rounds_of: told.rounds_of }
    }

    /// True while nobody can say how long the rest takes.
    fn is_stuck(&self) -> bool {
        let fails = |replica: &ReplicaRecord| {
            replica.intent == Intent::Run && replica.failures > 0 && !replica.observed.is_ready()
        };
        self.scene.paused || self.replicas.iter().any(fails)
    }

    /// Plays the rest at the pace of the rounds that are finished.
    fn play_on(&self, told: &Told, seats: &Seats, standing: &Standing) -> PlayedOn {
        if self.replicas.len().max(self.desired as usize) > MOST_PLAYED_ON {
            return PlayedOn::default();
        }
        let (startup_ms, drain_ms) = told.pace_ms(seats, standing).map_or(self.usual_ms, |pace| (pace, 0));
        let scene = Scene { paused: false, room: u32::MAX, ..self.scene.clone() };
        play_on(scene, self.now, startup_ms, drain_ms)
    }
}

/// The replicas as they stand now.
struct Standing {
    states: BTreeMap<ReplicaId, ReplicaState>,
    /// Those that are ready, and since when.
    ready: BTreeMap<ReplicaId, Timestamp>,
}

impl Standing {
    fn of(replicas: &[ReplicaRecord]) -> Self {
        let state = |record: &ReplicaRecord| match record.delivery {
            // It takes its new `user_config`.
            Some(_) if record.intent == Intent::Run && record.observed.is_ready() => ReplicaState::Starting,
            _ => ReplicaState::of(record.intent, record.observed),
        };
        let ready = |record: &ReplicaRecord| match (record.intent, record.observed) {
            (Intent::Run, Observed::Ready { since }) if record.delivery.is_none() => Some((record.id.clone(), since)),
            _ => None,
        };
        Self {
            states: replicas.iter().map(|record| (record.id.clone(), state(record))).collect(),
            ready: replicas.iter().filter_map(ready).collect(),
        }
    }
}

#[cfg(test)]
mod tests;
