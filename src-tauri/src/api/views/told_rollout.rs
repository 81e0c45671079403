//! A rollout as the history tells it: put together from the journal around one of its entries.

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use domain::event::{Entry, Event};
use domain::id::{DeploymentId, ModelRef, RevisionNumber, RolloutNumber, Seq};
use domain::receipt::Receipt;
use domain::rollout::PhaseWord;
use domain::story::Story;
use domain::wire::{HistoryEntry, HistoryGroup, RolloutTold};

use super::history_search::{Candidate, HistorySearch};
use super::{Views, entry};
use crate::commands::Refusal;
use crate::store::tables::journal::Filter;
use crate::store::tables::search::{FittingEntries, JournalPart};

/// Entries about its deployment that are looked at on either side of one of a rollout.
const AROUND: u32 = 50_000;

/// The rollouts of one page.
pub(super) struct ToldRollouts<'a> {
    views: &'a Views<'a>,
    search: &'a HistorySearch<'a>,
    known: HashSet<(DeploymentId, RolloutNumber)>,
}

/// A rollout with its entries as they are shown.
struct Told {
    story: Story,
    shown: BTreeMap<Seq, HistoryEntry>,
    looked_at: u32,
}

impl<'a> ToldRollouts<'a> {
    pub(super) fn new(views: &'a Views<'a>, search: &'a HistorySearch<'a>) -> Self {
        Self { views, search, known: HashSet::new() }
    }

    /// The group of an entry, where it is the newest one of its group that is found, and how many entries that took.
    pub(super) fn group(&mut self, found: Candidate) -> Result<(Option<HistoryGroup>, u32), Refusal> {
        let rollout = found.read.as_ref().and_then(|read| Some((read.deployment.clone()?, read.event.rollout()?)));
        let Some((deployment, number)) = rollout else {
            let (place, at) = (found.shown.seq, found.shown.at);
            return Ok((Some(HistoryGroup { place, at, rollout: None, entries: vec![found.shown] }), 0));
        };
        if !self.known.insert((deployment.clone(), number)) {
            return Ok((None, 0));
        }
        let seq = found.shown.seq;
        let told = self.told(&deployment, number, seq)?;
        for newer in told.story.told.iter().filter(|told| told.seq > seq) {
            let Some(shown) = told.shown.get(&newer.seq) else { continue };
            if self.search.finds_too(shown, newer)? {
                return Ok((None, told.looked_at));
            }
        }
        let looked_at = told.looked_at;
        let (rollout, entries) = self.shown(&deployment, number, told);
        Ok((Some(HistoryGroup { place: seq, at: found.shown.at, rollout: Some(rollout), entries }), looked_at))
    }

    fn told(&self, deployment: &DeploymentId, number: RolloutNumber, found: Seq) -> Result<Told, Refusal> {
        let filter = Filter { deployment: Some(deployment.clone()), ..Filter::default() };
        // Steps are counted as they are passed; only the others are read.
        let fitting = FittingEntries { filter, without_steps: true, ..FittingEntries::default() };
        let mut told = Told { story: Story::around(number, found), shown: BTreeMap::new(), looked_at: 0 };
        let mut ended = false;
        for part in [JournalPart::NewestFirst(Seq(0), found.next()), JournalPart::OldestFirst(found, Seq(u64::MAX))] {
            let newer = matches!(part, JournalPart::OldestFirst(..));
            if newer && ended {
                break;
            }
            self.views.moment.reading.look_through::<Refusal>(&fitting, part, AROUND, |seq, written| {
                told.looked_at += 1;
                let Some(written) = written else {
                    told.story.step(seq);
                    return Ok(ControlFlow::Continue(()));
                };
                // What cannot be read is told by itself.
                let Ok(recorded) = written.read() else { return Ok(ControlFlow::Continue(())) };
                ended |= seq == found && told.story.is_ended_by(&recorded.entry);
                if !recorded.entry.is_step() {
                    told.shown.insert(seq, entry(&recorded));
                }
                Ok(if newer { told.story.newer(recorded.entry) } else { told.story.older(recorded.entry) })
            })?;
        }
        Ok(told)
    }

    fn shown(&self, deployment: &DeploymentId, number: RolloutNumber, told: Told) -> (RolloutTold, Vec<HistoryEntry>) {
        let Told { story, mut shown, .. } = told;
        let mut rollout = of_entries(number, &story);
        // The table knows more than the entries, unless the deployment is gone, or the row is damaged.
        if let Ok(Some(row)) = self.views.moment.reading.rollout(deployment, number) {
            rollout.phase = row.phase.word();
            rollout.problem = row.error;
            rollout.receipt = match row.phase.is_active() {
                true => self.views.api.live.receipt(deployment, number, &row.receipt),
                false => row.receipt,
            };
            rollout.started_at = Some(row.started_at);
            rollout.ended_at = row.ended_at;
            rollout.to_revision = Some(row.to_revision);
            rollout.from_revision = row.change.from_revision;
        }
        let models = |revision: Option<RevisionNumber>| {
            revision.and_then(|number| self.models(deployment, number)).unwrap_or_default()
        };
        rollout.models_before = models(rollout.from_revision);
        rollout.models = models(rollout.to_revision);
        let entries = story.told.iter().filter_map(|told| shown.remove(&told.seq)).collect();
        (rollout, entries)
    }

    fn models(&self, deployment: &DeploymentId, revision: RevisionNumber) -> Option<Vec<ModelRef>> {
        let reading = &self.views.moment.reading;
        let revision = reading.revision(deployment, revision).ok()??;
        Some(reading.configuration(&revision.configuration).ok()??.configuration.models)
    }
}

/// A rollout as far as its entries tell it.
fn of_entries(number: RolloutNumber, story: &Story) -> RolloutTold {
    let mut rollout = RolloutTold {
        number,
        kind: Default::default(),
        rolled_back_to: None,
        from_revision: None,
        to_revision: None,
        models_before: Vec::new(),
        models: Vec::new(),
        reason: None,
        note: None,
        request: None,
        approvers: Vec::new(),
        overridden: false,
        phase: PhaseWord::Pending,
        problem: None,
        receipt: Receipt::default(),
        started_at: None,
        ended_at: None,
        steps: story.steps,
        first: story.first,
        last: story.last,
    };
    for Entry { at, event, .. } in story.told.iter().rev() {
        match event {
            Event::RolloutStarted { to_revision, change, warrant, .. } => {
                rollout.kind = change.kind;
                rollout.rolled_back_to = change.rolled_back_to;
                rollout.from_revision = change.from_revision;
                rollout.to_revision = Some(*to_revision);
                rollout.reason = change.reason;
                rollout.note.clone_from(&change.note);
                rollout.started_at = Some(*at);
                rollout.overridden = warrant.break_glass.is_some();
                if let Some(approved) = &warrant.approval {
                    rollout.request = Some(approved.request.clone());
                    rollout.approvers.clone_from(&approved.approvers);
                }
            }
            Event::RolloutMoved { phase, problem, receipt, .. } => {
                rollout.phase = phase.word();
                rollout.problem = problem.clone().or(rollout.problem);
                rollout.receipt = receipt.clone();
                rollout.ended_at = (!phase.is_active()).then_some(*at);
            }
            _ => {}
        }
    }
    rollout
}
