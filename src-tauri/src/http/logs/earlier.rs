//! Reads the newest lines before a place, those of several replicas in the order of their times.

use domain::id::DeploymentId;
use domain::ledger::ReplicaPast;
use domain::wire::LogLine;
use std::io;

use super::chosen::Chosen;
use super::positions::Positions;
use super::told::{Order, Told};
use super::unreadable::unreadable;
use crate::api::{Api, OutputFrom};
use crate::commands::Refusal;

/// Pieces that are read of each replica for one answer: where few lines are asked for, whoever asks goes on.
const ROUNDS: usize = 16;
/// Lines that are looked at in a piece where not every one is asked for.
const LOOKED_AT: usize = 20_000;

/// Lines, and the places before and behind them.
pub(super) struct EarlierLines {
    pub(super) lines: Vec<LogLine>,
    pub(super) begins: Positions,
    pub(super) ends: Positions,
    /// There are lines before.
    pub(super) earlier: bool,
}

/// One replica, and how far back it has been read.
struct Back {
    past: ReplicaPast,
    begin: u64,
    end: Option<u64>,
    earlier: bool,
    piece: Vec<(Order, LogLine)>,
}

/// At most `limit` lines of `replicas` before a place, or the newest of all. Only a replica that was named must have some.
pub(super) fn read(
    api: &Api,
    deployment: &DeploymentId,
    replicas: Vec<ReplicaPast>,
    before: Option<&Positions>,
    chosen: &Chosen,
    limit: usize,
) -> Result<EarlierLines, Refusal> {
    let back = |past: ReplicaPast| {
        // One that the cursor does not name has nothing before it.
        let begin = before.map_or(u64::MAX, |before| before.of(&past.id).unwrap_or(0));
        Back { past, begin, end: None, earlier: begin > 0, piece: Vec::new() }
    };
    let mut all: Vec<Back> = replicas.into_iter().map(back).collect();
    let picky = chosen.level.is_some() || chosen.revision.is_some();
    let most = if picky { LOOKED_AT.max(limit) } else { limit };
    let mut lines: Vec<LogLine> = Vec::new();
    for _ in 0..ROUNDS {
        let mut floor: Order = None;
        for one in all.iter_mut().filter(|one| one.earlier) {
            floor = floor.max(one.read(api, deployment, most, chosen.replica.is_some())?);
        }
        let mut found: Vec<(Order, LogLine)> = Vec::new();
        for one in &mut all {
            found.extend(one.take(floor).into_iter().filter(|(_, line)| chosen.fits(line)));
        }
        found.sort_by_key(|(order, _)| *order);
        lines.splice(0..0, found.into_iter().map(|(_, line)| line));
        if lines.len() >= limit || !all.iter().any(|one| one.earlier) {
            break;
        }
    }
    for line in lines.drain(..lines.len().saturating_sub(limit)) {
        if let Some(one) = all.iter_mut().find(|one| one.past.id == line.replica) {
            one.begin = one.begin.max(line.position);
            one.earlier = true;
        }
    }
    let (mut begins, mut ends) = (Positions::default(), Positions::default());
    for one in &all {
        if let Some(end) = one.end {
            ends.note(&one.past.id, end);
        }
        if one.earlier {
            begins.note(&one.past.id, one.begin);
        }
    }
    Ok(EarlierLines { lines, begins, ends, earlier: all.iter().any(|one| one.earlier) })
}

impl Back {
    /// Reads the piece before; the order from which on it is known that no line is missing, where some are before it.
    fn read(&mut self, api: &Api, deployment: &DeploymentId, most: usize, named: bool) -> Result<Order, Refusal> {
        let piece = match api.live.logs(deployment, &self.past.id, OutputFrom::Before(self.begin, most)) {
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !named => {
                self.earlier = false;
                return Ok(None);
            }
            Err(error) => return Err(unreadable(&self.past.id, &error)),
        };
        self.end.get_or_insert(piece.end);
        (self.begin, self.earlier) = (piece.begin, piece.earlier);
        let mut told = Told::new(self.past.clone());
        self.piece = piece.lines.iter().map(|(end, raw)| told.line(*end, raw)).collect();
        Ok(self.piece.first().filter(|_| self.earlier).and_then(|(order, _)| *order))
    }

    /// The lines from `floor` on; those before it are read again with what is before them.
    fn take(&mut self, floor: Order) -> Vec<(Order, LogLine)> {
        let below = self.piece.iter().take_while(|(order, _)| *order < floor).count();
        let taken = self.piece.split_off(below);
        if let Some((_, last)) = self.piece.last() {
            (self.begin, self.earlier) = (last.position, true);
        }
        self.piece.clear();
        taken
    }
}
