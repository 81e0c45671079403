//! A search of the history: which entries are found, by what stands in them and by the names of today.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use domain::event::Entry;
use domain::id::{Actor, DeploymentId, Seq, UseCaseId};
use domain::principal::PrincipalId;
use domain::story::{MOST_SEARCHED, SearchWords};
use domain::wire::{EngineSteps, HistoryEntry, HistoryPage};
use jiff::Timestamp;

use super::{Views, entry, written};
use crate::commands::{Refusal, name_of_principal};
use crate::store::tables::journal::{Filter, Written};
use crate::store::tables::search::{FittingEntries, JournalPart};

/// The entries that are wanted: all that fit each of these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HistoryAbout {
    /// The name of a deployment, or its id.
    pub(crate) deployment: Option<String>,
    /// The use case whose deployments they are about.
    pub(crate) use_case: Option<UseCaseId>,
    /// Their kind.
    pub(crate) kind: Option<String>,
    /// Words that are all found in the sentence, the kind, the reason, the name of the deployment or of who did it.
    pub(crate) q: Option<String>,
    /// The person, service or program that did it.
    pub(crate) by: Option<Actor>,
    /// The time from which on they are.
    pub(crate) from: Option<Timestamp>,
    /// The time before which they are.
    pub(crate) to: Option<Timestamp>,
    /// The entry behind which they are.
    pub(crate) after: Option<Seq>,
    /// Whether steps of the engine are among them.
    pub(crate) engine: EngineSteps,
}

/// A search at one moment, on behalf of a caller.
pub(in crate::api) struct HistorySearch<'a> {
    views: &'a Views<'a>,
    fitting: FittingEntries,
    words: SearchWords,
    engine: EngineSteps,
    /// The entry before the first that may be found.
    after: Seq,
    /// The entry behind the last one.
    before: Seq,
    deployments: RefCell<HashMap<DeploymentId, Option<String>>>,
    actors: RefCell<HashMap<Actor, String>>,
}

/// An entry that is found.
pub(in crate::api) struct Candidate {
    /// The entry as it stands in the journal.
    pub(in crate::api) written: Written,
    /// The entry as it is shown.
    pub(in crate::api) shown: HistoryEntry,
    /// Its content, unless it is damaged.
    pub(in crate::api) read: Option<Entry>,
}

/// The items of a page, and where to go on.
pub(super) struct Gathered<T> {
    pub(super) items: Vec<T>,
    next: Option<Seq>,
    searched_to: Option<Timestamp>,
}

impl<T> Gathered<T> {
    /// The page with the names of the deployments that it is about.
    pub(super) fn page(self, deployments: BTreeMap<DeploymentId, String>) -> HistoryPage<T> {
        let next_cursor = self.next.map(|seq| seq.to_string());
        HistoryPage { items: self.items, next_cursor, searched_to: self.searched_to, deployments }
    }
}

impl<'a> HistorySearch<'a> {
    pub(super) fn new(
        views: &'a Views<'a>,
        about: HistoryAbout,
        deployment: Option<DeploymentId>,
    ) -> Result<Self, Refusal> {
        let HistoryAbout { use_case, kind, q, by, from, to, after, engine, .. } = about;
        let q = q.unwrap_or_default();
        if q.chars().count() > MOST_SEARCHED {
            return Err(Refusal::invalid("q", format!("Search for at most {MOST_SEARCHED} characters.")));
        }
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            return Err(Refusal::invalid("to", "The time in to is not later than that in from.".to_owned()));
        }
        if let Some(id) = &use_case {
            views.moment.use_case(id)?;
        }
        let reading = &views.moment.reading;
        let from = from.map(|at| reading.seq_at(at)).transpose()?.map_or(Seq(0), |seq| Seq(seq.0.saturating_sub(1)));
        let before = to.map(|at| reading.seq_at(at)).transpose()?.unwrap_or(Seq(u64::MAX));
        let filter = Filter { deployment, use_case, kind, seen_by: views.seen_by()? };
        Ok(Self {
            views,
            fitting: FittingEntries { filter, by, without_steps: engine == EngineSteps::Hidden },
            words: SearchWords::of(&q),
            engine,
            after: from.max(after.unwrap_or(Seq(0))),
            before,
            deployments: RefCell::default(),
            actors: RefCell::default(),
        })
    }

    /// At most `limit` of what `take` makes of the entries that are found before `cursor`, newest first. `take` also says how
    /// many entries it has looked at.
    pub(super) fn gather<T>(
        &self,
        cursor: Option<Seq>,
        limit: u32,
        mut take: impl FnMut(Candidate) -> Result<(Option<T>, u32), Refusal>,
    ) -> Result<Gathered<T>, Refusal> {
        let most = self.views.api.bounds.looked_at;
        let before = cursor.map_or(self.before, |cursor| cursor.min(self.before));
        let (mut items, mut work) = (Vec::new(), 0_u32);
        let (mut last_item, mut last_seen, mut more) = (None, None, false);
        self.look(JournalPart::NewestFirst(self.after, before), most, |seq, candidate| {
            work = work.saturating_add(1);
            if let Some(candidate) = candidate {
                let (item, cost) = take(candidate)?;
                work = work.saturating_add(cost);
                if let Some(item) = item {
                    if items.len() >= limit as usize {
                        more = true;
                        return Ok(ControlFlow::Break(()));
                    }
                    items.push(item);
                    last_item = Some(seq);
                }
            }
            last_seen = Some(seq);
            Ok(if work >= most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        let next = if more { last_item } else { last_seen.filter(|_| work >= most) };
        let searched_to = next.map(|seq| self.views.moment.reading.time_of(seq)).transpose()?.flatten();
        Ok(Gathered { items, next, searched_to })
    }

    /// Shows `visit` entries in order, until it breaks: their numbers, and those that are found as a whole.
    pub(in crate::api) fn look(
        &self,
        part: JournalPart,
        most: u32,
        mut visit: impl FnMut(Seq, Option<Candidate>) -> Result<ControlFlow<()>, Refusal>,
    ) -> Result<(), Refusal> {
        self.views.moment.reading.look_through(&self.fitting, part, most, |seq, found| {
            let found = found.map(|found| self.candidate(found)).transpose()?.flatten();
            visit(seq, found)
        })
    }

    /// The part of the journal behind `after` that is searched, up to `last`, oldest first.
    pub(in crate::api) fn onward(&self, after: Seq, last: Seq) -> JournalPart {
        JournalPart::OldestFirst(after.max(self.after), last.next().min(self.before))
    }

    fn candidate(&self, found: Written) -> Result<Option<Candidate>, Refusal> {
        let (shown, read) = match found.read() {
            Ok(recorded) => (entry(&recorded), Some(recorded.entry)),
            Err(_) => (written(&found), None),
        };
        let is_step = read.as_ref().is_some_and(Entry::is_step);
        let wanted = match self.engine {
            EngineSteps::Shown => true,
            EngineSteps::Hidden => !is_step,
            EngineSteps::Only => is_step,
        };
        let is_found = wanted && self.says(&shown, read.as_ref())?;
        Ok(is_found.then_some(Candidate { written: found, shown, read }))
    }

    /// True for an entry about a deployment of one that was found, where it would be found itself.
    pub(super) fn finds_too(&self, shown: &HistoryEntry, read: &Entry) -> Result<bool, Refusal> {
        let HistoryEntry { seq, actor, kind, .. } = shown;
        let filter = &self.fitting.filter;
        Ok((self.after < *seq && *seq < self.before)
            && self.fitting.by.as_ref().is_none_or(|by| by == actor)
            && filter.kind.as_ref().is_none_or(|wanted| *wanted == kind.to_string())
            && self.says(shown, Some(read))?)
    }

    /// True when the words that are searched for stand in it, or in the names beside it.
    fn says(&self, shown: &HistoryEntry, read: Option<&Entry>) -> Result<bool, Refusal> {
        if self.words.is_empty() {
            return Ok(true);
        }
        let kind = shown.kind.to_string();
        let reasons = read.map(|read| read.event.reasons()).unwrap_or_default();
        let deployment = shown.deployment.as_ref().map(|id| self.name_of_deployment(id)).transpose()?.flatten();
        let actor = self.name_of_actor(&shown.actor);
        let texts = [&shown.summary, &kind, &kind.replace('_', " "), &reasons, &deployment.unwrap_or_default(), &actor];
        Ok(self.words.stand_in(&texts.map(String::as_str)))
    }

    /// The name of a deployment, also of one that is gone.
    pub(in crate::api) fn name_of_deployment(&self, id: &DeploymentId) -> Result<Option<String>, Refusal> {
        if let Some(known) = self.deployments.borrow().get(id) {
            return Ok(known.clone());
        }
        let reading = &self.views.moment.reading;
        // One whose row is damaged has its name in the journal too.
        let name = match reading.deployment(id).ok().flatten() {
            Some(row) => Some(row.name.to_string()),
            None => reading.past_name(id)?,
        };
        self.deployments.borrow_mut().insert(id.clone(), name.clone());
        Ok(name)
    }

    /// The name of whoever did something, which stands beside the journal; that of a program is its own.
    pub(in crate::api) fn name_of_actor(&self, actor: &Actor) -> String {
        if let Some(known) = self.actors.borrow().get(actor) {
            return known.clone();
        }
        let id = actor.as_str().parse::<PrincipalId>();
        let name = id.map_or_else(|_| actor.to_string(), |id| name_of_principal(&self.views.moment.reading, &id));
        self.actors.borrow_mut().insert(actor.clone(), name.clone());
        name
    }
}
