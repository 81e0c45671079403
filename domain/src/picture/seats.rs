//! Which replica has which place, from the steps of a rollout.

use std::collections::{BTreeMap, BTreeSet};

use super::{Occupant, PictureColumn};
use crate::id::ReplicaId;
use crate::ledger::RolloutStep;
use crate::replica::{ReplicaRecord, ReplicaState};
use crate::step_kind::StepKind;
use crate::words::OpenWord;

/// The two rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    Old,
    New,
}

impl Row {
    fn other(self) -> Self {
        match self {
            Self::Old => Self::New,
            Self::New => Self::Old,
        }
    }
}

/// A place in one row, with the last replica that had it.
#[derive(Clone, Debug)]
struct Held {
    replica: ReplicaId,
    /// Counts those that were taken away, in their order.
    leaves: Option<u32>,
    gone: bool,
}

#[derive(Clone, Debug, Default)]
struct Pair {
    old: Option<Held>,
    new: Option<Held>,
}

impl Pair {
    fn at(&self, row: Row) -> Option<&Held> {
        match row {
            Row::Old => self.old.as_ref(),
            Row::New => self.new.as_ref(),
        }
    }

    fn at_mut(&mut self, row: Row) -> &mut Option<Held> {
        match row {
            Row::Old => &mut self.old,
            Row::New => &mut self.new,
        }
    }

    fn is_free(&self, row: Row) -> bool {
        self.at(row).is_none_or(|held| held.gone)
    }
}

/// The places, as far as the steps have come.
#[derive(Clone, Debug)]
pub(super) struct Seats {
    pairs: Vec<Pair>,
    /// Where each replica stands.
    at: BTreeMap<ReplicaId, (usize, Row)>,
    left: u32,
    /// Running replicas stay: whatever is started takes nobody's place unless one has left.
    stays: bool,
    /// The rollout goes back.
    pub(super) turned: bool,
}

impl Seats {
    /// The places before the first step: those of the replicas that no step has started, by their ids, so that it does not
    /// matter which of them are there still.
    pub(super) fn before(steps: &[RolloutStep], replicas: &[ReplicaRecord], stays: bool) -> Self {
        let starts = |step: &&RolloutStep| step.kind.is(StepKind::Start);
        let started: BTreeSet<_> = steps.iter().filter(starts).filter_map(|step| step.replica.as_ref()).collect();
        let known =
            replicas.iter().map(|record| &record.id).chain(steps.iter().filter_map(|step| step.replica.as_ref()));
        let first: BTreeSet<_> = known.filter(|id| !started.contains(id)).collect();
        let mut seats = Self { pairs: Vec::new(), at: BTreeMap::new(), left: 0, stays, turned: false };
        for id in first {
            seats.append(id, Row::Old);
        }
        seats
    }

    /// Takes a step; the column of its replica.
    pub(super) fn take(&mut self, step: &RolloutStep) -> Option<usize> {
        let OpenWord::Known(kind) = &step.kind else { return None };
        if matches!(kind, StepKind::Cancel | StepKind::Fail) {
            self.turned = true;
        }
        let id = step.replica.as_ref()?;
        match kind {
            StepKind::Start => return Some(self.start(id)),
            StepKind::Relabel | StepKind::Reconfigure => self.change_over(id),
            StepKind::Drain | StepKind::Stop => self.leave(id, false),
            StepKind::Forget => self.leave(id, true),
            _ => {}
        }
        self.at.get(id).map(|(column, _)| *column)
    }

    /// The row of whatever is started now.
    fn row(&self) -> Row {
        if self.turned { Row::Old } else { Row::New }
    }

    /// The replica takes the place that was left first; else one whose replica it is to take over from; else a new one.
    fn start(&mut self, id: &ReplicaId) -> usize {
        let row = self.row();
        let free = || self.pairs.iter().enumerate().filter(|(_, pair)| pair.is_free(row));
        let left = |(column, pair): (usize, &Pair)| Some((pair.at(row.other())?.leaves?, column));
        let by_leaving = || free().filter_map(left).min().map(|(_, column)| column);
        let missing = || free().find(|(_, pair)| pair.at(row).is_some()).map(|(column, _)| column);
        let ahead = || free().find(|_| !self.stays).map(|(column, _)| column);
        match by_leaving().or_else(missing).or_else(ahead) {
            Some(column) => {
                self.put(id, column, row);
                column
            }
            None => self.append(id, row),
        }
    }

    fn append(&mut self, id: &ReplicaId, row: Row) -> usize {
        self.pairs.push(Pair::default());
        let column = self.pairs.len() - 1;
        self.put(id, column, row);
        column
    }

    fn put(&mut self, id: &ReplicaId, column: usize, row: Row) {
        let held = Held { replica: id.clone(), leaves: None, gone: false };
        if let Some(pair) = self.pairs.get_mut(column) {
            *pair.at_mut(row) = Some(held);
            self.at.insert(id.clone(), (column, row));
        }
    }

    fn held(&mut self, id: &ReplicaId) -> Option<&mut Held> {
        let (column, row) = *self.at.get(id)?;
        self.pairs.get_mut(column)?.at_mut(row).as_mut().filter(|held| held.replica == *id)
    }

    /// It runs on and counts to the other revision from now on: its square changes the row, unless another has that place.
    fn change_over(&mut self, id: &ReplicaId) {
        let row = self.row();
        let Some((column, from)) = self.at.get(id).copied().filter(|(_, from)| *from != row) else { return };
        if !self.pairs.get(column).is_some_and(|pair| pair.is_free(row)) {
            return;
        }
        if let Some(pair) = self.pairs.get_mut(column) {
            // Whoever counted here before is the same process, so nobody has left a place to be taken.
            *pair.at_mut(from) = Some(Held { replica: id.clone(), leaves: None, gone: true });
        }
        self.put(id, column, row);
    }

    fn leave(&mut self, id: &ReplicaId, gone: bool) {
        let order = self.left;
        if let Some(held) = self.held(id) {
            held.leaves = held.leaves.or(Some(order));
            held.gone |= gone;
            self.left += 1;
        }
    }

    /// The replica that last had a place in a row.
    pub(super) fn last(&self, column: usize, row: Row) -> Option<&ReplicaId> {
        self.pairs.get(column)?.at(row).map(|held| &held.replica)
    }

    /// The row in which a replica stands.
    pub(super) fn row_of(&self, id: &ReplicaId) -> Option<Row> {
        self.at.get(id).map(|(_, row)| *row)
    }

    /// True where nobody stands in a row any more, or nobody ever did.
    pub(super) fn is_left(&self, column: usize, row: Row) -> bool {
        self.pairs.get(column).is_none_or(|pair| pair.is_free(row))
    }

    /// The columns as they are shown, with a place for each replica that is still to come.
    pub(super) fn columns(&self, states: &BTreeMap<ReplicaId, ReplicaState>, desired: u32) -> Vec<PictureColumn> {
        let occupant = |held: &Held| {
            let state = states.get(&held.replica).copied().filter(|_| !held.gone);
            Occupant { replica: held.replica.clone(), state }
        };
        let mut columns: Vec<PictureColumn> = self
            .pairs
            .iter()
            .map(|pair| PictureColumn {
                old: pair.old.as_ref().map(occupant),
                new: pair.new.as_ref().map(occupant),
                comes: false,
            })
            .collect();
        let came = columns.iter().filter(|column| column.new.is_some()).count();
        let mut missing = (desired as usize).saturating_sub(came);
        for column in columns.iter_mut().filter(|column| column.new.is_none()) {
            column.comes = missing > 0;
            missing = missing.saturating_sub(1);
        }
        let to_come = PictureColumn { comes: true, ..PictureColumn::default() };
        columns.extend(std::iter::repeat_n(to_come, missing));
        columns
    }
}
