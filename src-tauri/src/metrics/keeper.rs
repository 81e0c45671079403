//! Takes the seconds that the gateway closes, and writes them every few seconds.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::event::Event;
use domain::id::DeploymentId;
use domain::metrics::Gauge;
use tokio::sync::broadcast::{self, error::TryRecvError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::clearing::Clearing;
use super::database::Database;
use super::error::MetricsError;
use super::file;
use super::reading::LastHour;
use super::view::Metrics;
use super::waiting::Waiting;
use crate::clock::Clock;
use crate::events::Recorded;
use crate::gateway::ClosedSecond;
use crate::store::Store;

/// Seconds that may be on their way from the gateway.
pub const SECONDS_UNDER_WAY: usize = 120;

/// So many are written together.
const TOGETHER: usize = 5;

/// A file that has to be set aside more often than this while one server runs would fill the disk.
const MOST_SET_ASIDE: u32 = 3;

/// Whoever is told the last hour of a deployment of which something was cleared, and up to when it is whole.
struct Told(Box<dyn Fn(LastHour, i64) + Send>);

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}

/// See the module.
#[derive(Debug)]
pub struct Keeper {
    dir: PathBuf,
    store: Arc<Store>,
    clock: Clock,
    waiting: Arc<Waiting>,
    committed: broadcast::Receiver<Arc<Recorded>>,
    /// None until it could be opened, and after an error.
    database: Option<Database>,
    /// Deployments that were deleted since the last work.
    gone: Vec<DeploymentId>,
    /// Deployments that were deleted may still be in the database.
    look_for_deleted: bool,
    /// The journal may hold clearings that are not carried out.
    look_for_cleared: bool,
    /// Clearings that are to be carried out when all that was counted before their end has been taken.
    clearings: Vec<Clearing>,
    /// Who is told the last hour of a deployment of which something was cleared.
    told: Option<Told>,
    set_aside: u32,
    /// What is seen of each deployment, for a file that is begun anew.
    seen: BTreeMap<DeploymentId, Gauge>,
    tell_all: bool,
    /// Seconds since the last work.
    taken: usize,
    /// It could not be written, and that was said.
    fails: bool,
    /// Seconds are lost, and that was said.
    loses: bool,
}

impl Keeper {
    /// Opens `metrics.db` in a data directory, or makes it; blocks for as long as that takes. What fails is tried again later.
    pub fn open(dir: &Path, store: Arc<Store>, clock: Clock) -> Self {
        let committed = store.events().subscribe();
        let mut keeper = Self {
            dir: dir.to_owned(),
            store,
            clock,
            waiting: Arc::default(),
            committed,
            database: None,
            gone: Vec::new(),
            look_for_deleted: true,
            look_for_cleared: true,
            clearings: Vec::new(),
            told: None,
            set_aside: 0,
            seen: BTreeMap::new(),
            tell_all: false,
            taken: 0,
            fails: false,
            loses: false,
        };
        keeper.work();
        keeper
    }

    /// What is kept, to be read.
    pub fn metrics(&self) -> Metrics {
        Metrics { dir: self.dir.clone(), waiting: self.waiting.clone(), clock: self.clock.clone() }
    }

    /// Has whoever shows live numbers told what is left of the last hour of a deployment of which something was cleared: as it
    /// was when the second ended that is told with it.
    #[must_use]
    pub fn telling(mut self, told: impl Fn(LastHour, i64) + Send + 'static) -> Self {
        self.told = Some(Told(Box::new(told)));
        self
    }

    /// The last hour of every deployment, as earlier servers have counted it. To be called before anything is taken.
    pub fn recalled(&mut self) -> Vec<LastHour> {
        let now = self.clock.now().as_second();
        let read = self.database.as_ref().map(|database| database.last_hour(now)).transpose();
        read.unwrap_or_else(|error| {
            tracing::warn!(%error, "the last hour before this start cannot be shown");
            if error.is_of_the_file() {
                self.waiting.note_damage();
            }
            None
        })
        .unwrap_or_default()
    }

    /// Takes and writes until `end`, and writes then what is there.
    pub async fn run(mut self, mut seconds: mpsc::Receiver<ClosedSecond>, end: CancellationToken) {
        loop {
            tokio::select! {
                () = end.cancelled() => break,
                second = seconds.recv() => match second {
                    Some(second) => if !self.take(second) { continue },
                    // The gateway is gone, and so is the server.
                    None => break,
                },
            }
            let Some(back) = worked(self).await else { return };
            self = back;
        }
        while let Ok(second) = seconds.try_recv() {
            self.take(second);
        }
        worked(self).await;
    }

    /// Takes a second; true when it is time to [`work`](Self::work).
    pub(super) fn take(&mut self, mut second: ClosedSecond) -> bool {
        self.seen.extend(second.gauges.iter().cloned());
        if std::mem::take(&mut self.tell_all) {
            second.gauges = self.seen.clone().into_iter().collect();
        }
        let lost = !self.waiting.push(second);
        if lost && !std::mem::replace(&mut self.loses, true) {
            tracing::warn!("what is counted of requests could not be written for minutes; the oldest seconds are lost");
        }
        self.taken += 1;
        self.listen();
        self.taken >= TOGETHER || self.clears()
    }

    /// True when a clearing can be carried out: all that was counted before its end has been taken.
    fn clears(&self) -> bool {
        let last = self.waiting.last();
        self.clearings.iter().any(|clearing| last.is_none_or(|last| clearing.time.to <= last))
    }

    /// Writes what waits and forgets what is to be forgotten. What fails is said once, and tried again with the next call.
    pub(super) fn work(&mut self) {
        self.taken = 0;
        let mut done = self.try_to_work();
        if let Err(error) = &done
            && error.is_of_the_file()
            && self.set_aside(error)
        {
            done = self.try_to_work();
        }
        match done {
            Ok(()) => {
                self.loses = false;
                if std::mem::take(&mut self.fails) {
                    tracing::info!("what is counted of requests is kept again");
                }
            }
            Err(error) => {
                // What it remembers may not be what the file says.
                self.database = None;
                (self.look_for_deleted, self.look_for_cleared) = (true, true);
                if !std::mem::replace(&mut self.fails, true) {
                    tracing::warn!(%error, "what is counted of requests cannot be kept, which is tried again");
                }
            }
        }
    }

    fn try_to_work(&mut self) -> Result<(), MetricsError> {
        if self.waiting.take_damage() {
            return Err(MetricsError::Damaged("a row of it cannot be read".to_owned()));
        }
        self.listen();
        let gone = std::mem::take(&mut self.gone);
        let database = match &mut self.database {
            Some(database) => database,
            none => none.insert(Database::open(&self.dir)?),
        };
        let gone = match std::mem::take(&mut self.look_for_deleted) {
            true => self.store.read(|reading| reading.deleted_deployments())?,
            false => gone,
        };
        let gone: Vec<_> = match gone.is_empty() {
            true => gone,
            false => database.deployments().filter(|id| gone.contains(id)).cloned().collect(),
        };
        if !gone.is_empty() {
            database.remove(&gone)?;
            self.seen.retain(|id, _| !gone.contains(id));
        }
        let waiting = self.waiting.now();
        let (number, seconds) = (waiting.seconds.len(), Vec::from(waiting.seconds));
        let store = &self.store;
        database.write(&seconds, waiting.goes_on, |id| Ok(store.read(|reading| reading.was_deleted(id))?))?;
        self.waiting.written(number);
        self.clear()
    }

    /// Carries out the clearings whose time is over.
    fn clear(&mut self) -> Result<(), MetricsError> {
        let Some(database) = &mut self.database else { return Ok(()) };
        if std::mem::take(&mut self.look_for_cleared) {
            let after = database.carried_out()?;
            let found = self.store.read(|reading| reading.clearings_after(after))?;
            self.clearings = found.iter().filter_map(|recorded| Clearing::of(&recorded.entry)).collect();
        }
        let last = self.waiting.last();
        let is_due = |clearing: &Clearing| last.is_none_or(|last| clearing.time.to <= last);
        let due = self.clearings.iter().take_while(|clearing| is_due(clearing)).count();
        if due == 0 {
            return Ok(());
        }
        let now = last.unwrap_or_else(|| self.clock.now().as_second());
        let hours = database.clear(&self.clearings[..due], now)?;
        self.clearings.drain(..due);
        if let Some(Told(told)) = &self.told {
            hours.into_iter().for_each(|hour| told(hour, now));
        }
        Ok(())
    }

    /// Hears what the journal says to be deleted or cleared since the last call.
    fn listen(&mut self) {
        loop {
            match self.committed.try_recv() {
                Ok(recorded) => {
                    if matches!(recorded.entry.event, Event::DeploymentDeleted { .. }) {
                        self.gone.extend(recorded.entry.deployment.clone());
                    }
                    self.clearings.extend(Clearing::of(&recorded.entry));
                }
                Err(TryRecvError::Lagged(_)) => (self.look_for_deleted, self.look_for_cleared) = (true, true),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            }
        }
    }

    /// Sets the file aside; false when that cannot be done, or was done too often.
    fn set_aside(&mut self, why: &MetricsError) -> bool {
        self.database = None;
        (self.look_for_deleted, self.look_for_cleared) = (true, true);
        if self.set_aside >= MOST_SET_ASIDE {
            return false;
        }
        self.set_aside += 1;
        match file::set_aside(&self.dir, self.clock.now().as_second()) {
            Ok(place) => {
                self.tell_all = true;
                tracing::warn!(%why, place = %place.display(), "what was kept of requests is set aside, and begun anew");
                true
            }
            Err(error) => {
                tracing::warn!(%error, %why, "what was kept of requests cannot be set aside");
                false
            }
        }
    }
}

/// Lets it work off the async threads; none when that broke off.
async fn worked(mut keeper: Keeper) -> Option<Keeper> {
    let work = move || {
        keeper.work();
        keeper
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(keeper) => Some(keeper),
        Err(error) => {
            tracing::error!(%error, "keeping what is counted of requests broke off");
            None
        }
    }
}
