//! Reads what replicas have written since.

use std::collections::{HashMap, HashSet};

use domain::id::{DeploymentId, ReplicaId};
use domain::ledger::ReplicaPast;
use domain::wire::LogLine;

use super::chosen::Chosen;
use super::positions::Positions;
use super::told::{Order, Told};
use crate::api::{Api, OutputFrom};

/// The lines that are read, and how far that has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Later {
    pub(super) chosen: Chosen,
    pub(super) positions: Positions,
    told: HashMap<ReplicaId, Told>,
    /// Those that are gone and of which everything was read.
    done: HashSet<ReplicaId>,
}

/// What was written.
#[derive(Debug, Default)]
pub(super) struct LaterLines {
    pub(super) lines: Vec<LogLine>,
    /// Lines before them are not kept any more.
    pub(super) lost: bool,
}

impl Later {
    /// Reads on from `positions`. A replica that is not there is read from its beginning.
    pub(super) fn from(chosen: Chosen, positions: Positions) -> Self {
        Self { chosen, positions, ..Self::default() }
    }

    /// Reads what `replicas` have written: about `most` lines; the rest at the next call. What cannot be read now is looked for
    /// again then.
    pub(super) fn read(
        &mut self,
        api: &Api,
        deployment: &DeploymentId,
        replicas: Vec<ReplicaPast>,
        most: usize,
    ) -> LaterLines {
        let (mut lines, mut lost): (Vec<(Order, LogLine)>, bool) = (Vec::new(), false);
        for id in self.positions.replicas().collect::<Vec<_>>() {
            if !replicas.iter().any(|past| past.id == id) {
                self.positions.forget(&id);
            }
        }
        for past in replicas {
            let position = self.positions.of(&past.id).unwrap_or_default();
            if lines.len() >= most || self.done.contains(&past.id) {
                self.positions.note(&past.id, position);
                continue;
            }
            let Ok(piece) = api.live.logs(deployment, &past.id, OutputFrom::After(position)) else {
                self.positions.note(&past.id, position);
                continue;
            };
            self.positions.note(&past.id, piece.end);
            if past.ended_at.is_some() && piece.lines.is_empty() {
                if self.chosen.names_some() {
                    self.done.insert(past.id);
                } else {
                    self.positions.forget(&past.id);
                    self.told.remove(&past.id);
                }
                continue;
            }
            lost |= piece.lost;
            let told = self.told.entry(past.id.clone()).or_insert_with(|| Told::new(past.clone()));
            told.past = past;
            let read = piece.lines.iter().map(|(end, raw)| told.line(*end, raw));
            lines.extend(read.filter(|(_, line)| self.chosen.fits(line)));
        }
        lines.sort_by_key(|(order, _)| *order);
        LaterLines { lines: lines.into_iter().map(|(_, line)| line).collect(), lost }
    }
}
