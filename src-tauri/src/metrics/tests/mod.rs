//! Metrics with real files, and seconds that the tests close.

mod clearing;
mod clocks;
mod damage;
mod deleting;
mod forgotten;
mod lengths;
mod restarts;
mod seen;

use std::sync::Arc;

use domain::deployment::Terms;
use domain::event::Event;
use domain::id::{Actor, DeploymentId, RevisionNumber};
use domain::metrics::{Gauge, Histogram, RequestSum};
use domain::wire::MetricsView;
use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

use super::{Keeper, MetricsError, MetricsQuestion};
use crate::clock::Clock;
use crate::events::Events;
use crate::gateway::ClosedSecond;
use crate::store::Store;

/// A time at which an hour begins.
const BEGIN: i64 = 1_800_000_000;

struct Rig {
    folder: TempDir,
    store: Arc<Store>,
    keeper: Keeper,
}

fn id(name: &str) -> DeploymentId {
    name.parse().unwrap()
}

fn clock(at: i64) -> Clock {
    Clock::anchored(Timestamp::from_second(at).unwrap())
}

/// So many requests of a millisecond, and so many failures among them; 0 is no revision.
fn sum(name: &str, revision: u32, requests: u64, failed: u64) -> (DeploymentId, Option<RevisionNumber>, RequestSum) {
    let durations = Histogram::of_ascending([(60, requests)]);
    (id(name), (revision > 0).then_some(RevisionNumber(revision)), RequestSum { durations, failed })
}

fn gauge(ready: u32, waiting: u32) -> Gauge {
    Gauge { ready, waiting }
}

impl Rig {
    fn new() -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), BEGIN)
    }

    fn in_folder(folder: TempDir, at: i64) -> Self {
        let store = Arc::new(Store::open(folder.path(), Events::default()).unwrap());
        let keeper = Keeper::open(folder.path(), store.clone(), clock(at));
        Self { folder, store, keeper }
    }

    /// Another server on the same folder, after this one has ended in good order or was killed.
    fn restarted(self, at: i64, killed: bool) -> Self {
        let Self { folder, store, mut keeper } = self;
        if killed {
            std::mem::forget(keeper);
        } else {
            keeper.work();
            drop(keeper);
        }
        drop(store);
        Self::in_folder(folder, at)
    }

    /// Closes the second that ends so long after the beginning; what is there is written when it is time.
    fn close(
        &mut self,
        at: i64,
        requests: Vec<(DeploymentId, Option<RevisionNumber>, RequestSum)>,
        gauges: &[(&str, Gauge)],
    ) {
        let gauges = gauges.iter().map(|(name, gauge)| (id(name), *gauge)).collect();
        if self.keeper.take(ClosedSecond { at: BEGIN + at, requests, gauges }) {
            self.keeper.work();
        }
    }

    fn ask(&self, name: &str, window: u32, by_revision: bool) -> Result<MetricsView, MetricsError> {
        self.keeper.metrics().view(&id(name), MetricsQuestion { window, by_revision })
    }

    fn view(&self, name: &str, window: u32) -> MetricsView {
        self.ask(name, window, false).unwrap()
    }

    /// Ends of points after the beginning, and their requests.
    fn requests(&self, name: &str, window: u32) -> Vec<(i64, u64)> {
        self.view(name, window).items.iter().map(|point| (point.at - BEGIN, point.requests)).collect()
    }

    /// Another program with the database.
    fn other(&self) -> Connection {
        Connection::open(self.folder.path().join("metrics.db")).unwrap()
    }

    /// Rows of a table, of one length of point or of all.
    fn rows(&self, sql: &str) -> i64 {
        self.other().query_row(&format!("SELECT count(*) FROM {sql}"), [], |row| row.get(0)).unwrap()
    }

    fn append(&self, name: &str, event: Event) {
        let actor: Actor = "ada".parse().unwrap();
        let written: Result<_, crate::store::StoreError> =
            self.store.write(&actor, Timestamp::UNIX_EPOCH, |writing| writing.append(Some(&id(name)), event));
        written.unwrap();
    }

    fn create(&self, name: &str) {
        let event = Event::DeploymentCreated {
            default_access: Default::default(),
            name: name.parse().unwrap(),
            target: domain::id::TargetName::default(),
            expires_at: None,
            terms: Terms::default(),
        };
        self.append(name, event);
    }

    fn delete(&self, name: &str) {
        self.append(name, Event::DeploymentDeleted { name: name.parse().unwrap() });
    }

    /// Files that were set aside.
    fn set_aside(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<_> = names.filter(|name| name.starts_with("metrics.db.aside-")).collect();
        names.sort();
        names
    }
}
