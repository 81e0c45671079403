//! The steps of a rollout by rounds: all that happens in one place in one direction is one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::seats::{Row, Seats};
use super::{RolloutRound, RoundToCome, Standing};
use crate::id::ReplicaId;
use crate::ledger::RolloutStep;
use crate::step_kind::StepKind;

/// A round as the steps tell it.
#[derive(Clone, Copy, Debug)]
struct Round {
    column: usize,
    back: bool,
    began_at: Timestamp,
    last_at: Timestamp,
    restarts: u32,
}

/// The rounds, as far as the steps have come.
#[derive(Debug, Default)]
pub(super) struct Told {
    rounds: Vec<Round>,
    /// For each step the index of its round.
    pub(super) rounds_of: Vec<Option<u32>>,
    turned_at: Option<Timestamp>,
    /// New replicas that were taken off the route on the way back, so they had been ready.
    drained: BTreeSet<ReplicaId>,
    /// The round that was last touched.
    current: Option<usize>,
}

impl Told {
    /// Takes a step.
    pub(super) fn take(&mut self, step: &RolloutStep, seats: &mut Seats) {
        let was_turned = seats.turned;
        if let Some(id) = &step.replica
            && seats.turned
            && step.kind.is(StepKind::Drain)
            && seats.row_of(id) == Some(Row::New)
        {
            self.drained.insert(id.clone());
        }
        let column = seats.take(step);
        if seats.turned && !was_turned {
            (self.turned_at, self.current) = (Some(step.at), None);
        }
        match column {
            Some(column) => self.current = Some(self.touch(column, seats.turned, step)),
            // What is waited for belongs to what was done last; anything else is about the rollout as a whole.
            None if step.kind.is(StepKind::Wait) => {}
            None => return self.rounds_of.push(None),
        }
        self.rounds_of.push(self.current.and_then(|at| u32::try_from(at).ok()));
    }

    fn touch(&mut self, column: usize, back: bool, step: &RolloutStep) -> usize {
        let known = self.rounds.iter().position(|round| (round.column, round.back) == (column, back));
        let at = known.unwrap_or(self.rounds.len());
        if known.is_none() {
            self.rounds.push(Round { column, back, began_at: step.at, last_at: step.at, restarts: 0 });
        }
        if let Some(round) = self.rounds.get_mut(at) {
            round.last_at = step.at;
            round.restarts += u32::from(step.kind.is(StepKind::Restart));
        }
        at
    }

    /// When a round was finished, as the replicas in its place say: who was to leave has left, who was to come is ready.
    fn ended(&self, round: &Round, seats: &Seats, standing: &Standing) -> Option<Timestamp> {
        let (leaves, comes) = if round.back { (Row::New, Row::Old) } else { (Row::Old, Row::New) };
        if self.turned_at.is_some() && !round.back {
            return self.ended_before_the_turn(round, seats, standing);
        }
        if !seats.is_left(round.column, leaves) {
            return None;
        }
        match seats.last(round.column, comes).filter(|_| !seats.is_left(round.column, comes)) {
            None => Some(round.last_at),
            Some(id) => standing.ready.get(id).map(|since| round.last_at.max(*since)),
        }
    }

    fn ended_before_the_turn(&self, round: &Round, seats: &Seats, standing: &Standing) -> Option<Timestamp> {
        let came = seats.last(round.column, Row::New)?;
        if let Some(since) = standing.ready.get(came) {
            return Some(round.last_at.max(*since));
        }
        let next = self.rounds.iter().find(|other| !other.back && other.began_at > round.began_at);
        let next = next.map(|other| other.began_at).or(self.turned_at);
        next.filter(|_| self.drained.contains(came))
    }

    /// The mean length of the rounds that are finished in the present direction.
    pub(super) fn pace_ms(&self, seats: &Seats, standing: &Standing) -> Option<u32> {
        let finished = self.rounds.iter().filter(|round| round.back == seats.turned);
        let lengths = finished.filter_map(|round| {
            let ms = self.ended(round, seats, standing)?.duration_since(round.began_at).as_millis();
            u64::try_from(ms).ok()
        });
        let (count, sum) = lengths.fold((0, 0), |(count, sum), ms| (count + 1, sum + ms));
        u32::try_from(u64::checked_div(sum, count)?).ok()
    }

    /// The rounds as they are shown. One that is gone on with in what is to come is not finished.
    pub(super) fn rounds(&self, seats: &Seats, standing: &Standing, ahead: &Self) -> Vec<RolloutRound> {
        let goes_on =
            |round: &Round| ahead.rounds.iter().any(|other| (other.column, other.back) == (round.column, round.back));
        self.rounds
            .iter()
            .map(|round| {
                let ended_at = self.ended(round, seats, standing).filter(|_| !goes_on(round));
                RolloutRound {
                    place: number(round.column),
                    back: round.back,
                    began_at: round.began_at,
                    ended_at,
                    broke_off: ended_at.is_none() && self.turned_at.is_some() && !round.back,
                    restarts: round.restarts,
                }
            })
            .collect()
    }

    /// The rounds of `ahead` that have not begun.
    pub(super) fn to_come(
        &self,
        ahead: &Self,
        seats: &Seats,
        ready: &BTreeMap<ReplicaId, Timestamp>,
        guessed: bool,
    ) -> Vec<RoundToCome> {
        let began =
            |round: &&Round| self.rounds.iter().any(|other| (other.column, other.back) == (round.column, round.back));
        let fresh = ahead.rounds.iter().filter(|round| !began(round));
        fresh
            .map(|round| {
                let comes = if round.back { Row::Old } else { Row::New };
                let came = seats.last(round.column, comes).and_then(|id| ready.get(id));
                let end = came.map_or(round.last_at, |at| round.last_at.max(*at));
                let takes_ms = u32::try_from(end.duration_since(round.began_at).as_millis()).ok();
                RoundToCome { place: number(round.column), back: round.back, takes_ms: takes_ms.filter(|_| guessed) }
            })
            .collect()
    }
}

/// The number of a place for people.
fn number(column: usize) -> u32 {
    u32::try_from(column + 1).unwrap_or(u32::MAX)
}
