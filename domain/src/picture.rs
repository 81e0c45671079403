//! The picture of a rollout in progress: a column for each place, the same to its end, and its rounds, those that were and
//! those to come.
//!
//! Guarantees, each one a property test: a replica keeps its column for as long as the rollout goes on, also while it is
//! taken back; every replica that there is stands in one place and no other; columns are added and never taken away.

mod replicas_now;
mod rounds;
mod seats;
mod shown;

use jiff::Timestamp;

use crate::ledger::RolloutStep;
use crate::plan::Scene;
use crate::rehearsal::{PlayedOn, play_on};
use crate::replica::{Intent, ReplicaRecord};

use self::replicas_now::ReplicasNow;
use self::rounds::Told;
use self::seats::Seats;

pub use self::shown::{Occupant, PictureColumn, RolloutPicture, RolloutRound, RoundToCome};

/// More replicas than these are not played on: a page that looks each second must not cost the server a rehearsal of a
/// thousand.
const MOST_PLAYED_ON: usize = 128;

/// Everything that the picture of a rollout is drawn from.
#[derive(Clone, Debug)]
pub struct PictureFacts<'a> {
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

impl PictureFacts<'_> {
    /// Draws it. Pure: the same steps and replicas make the same picture.
    pub fn draw(self) -> DrawnRollout {
        let mut seats = Seats::before(self.steps, self.replicas, self.stays);
        let mut told = Told::default();
        for step in self.steps {
            told.take(step, &mut seats);
        }
        let standing = ReplicasNow::of(self.replicas);
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
            left_ms: played.ends_at.filter(|_| guessed).and_then(|ends| left_ms(self.now, ends)),
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
    fn play_on(&self, told: &Told, seats: &Seats, standing: &ReplicasNow) -> PlayedOn {
        if self.replicas.len().max(self.desired as usize) > MOST_PLAYED_ON {
            return PlayedOn::default();
        }
        let (startup_ms, drain_ms) = told.pace_ms(seats, standing).map_or(self.usual_ms, |pace| (pace, 0));
        let scene = Scene { paused: false, room: u32::MAX, ..self.scene.clone() };
        play_on(scene, self.now, startup_ms, drain_ms)
    }
}

fn left_ms(now: Timestamp, ends: Timestamp) -> Option<u32> {
    u32::try_from(ends.duration_since(now).as_millis()).ok()
}

#[cfg(test)]
mod tests;
