//! One thread's worth of gateway: what it shares with the others, what it holds, and what it is told.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::TcpStream as StdStream;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::task::Waker;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use super::client::Client;
use super::deployment::{Deployment, Endpoint};
use super::link::ReplicaLink;
use super::pool::Pool;
use super::problem::GatewayProblem;
use super::records::Recorder;
use super::seconds::Seconds;
use super::settings::Settings;
use super::upload::HeldRoom;

/// Deployments by the first segment of their URL.
pub(super) type Table = HashMap<Box<str>, Arc<Deployment>>;

/// The state that all workers share: read on the request path, never locked.
pub(super) struct Shared {
    pub(super) settings: Settings,
    pub(super) table: ArcSwap<Table>,
    /// True once a name that is not in the table is unknown; until then it may only not be there yet.
    pub(super) complete: AtomicBool,
    /// Client connections per worker.
    pub(super) connections: Box<[AtomicUsize]>,
    /// Requests that were cut because the gateway ended.
    pub(super) cut: AtomicUsize,
    pub(super) seconds: Seconds,
}

impl Shared {
    /// Closes the second that has just ended.
    pub(super) fn close_second(&self) {
        self.seconds.close(self.table.load().values(), self.settings.clock.now().as_second());
    }
}

/// An order to a worker.
pub(super) enum WorkerOrder {
    /// Serve this client; the connection is counted already.
    Serve(StdStream),
    /// The routes have changed: look through the pool.
    Sweep,
    /// Take no more clients, let those in flight finish for at most this long, end.
    Stop(Duration),
}

/// One thread's worth of gateway.
pub(super) struct Worker {
    pub(super) settings: Settings,
    pub(super) pool: RefCell<Pool>,
    pub(super) recorder: Option<Recorder>,
    /// Bytes of bodies that may still be held.
    pub(super) room: HeldRoom,
    pub(super) shared: Arc<Shared>,
    pub(super) index: usize,
    turn: Cell<usize>,
    pub(super) stopping: Cell<bool>,
    /// The time to finish is over: what still runs is cut on our side.
    pub(super) cutting: Cell<bool>,
    /// Wakes every connection, by number; and what is known of it.
    pub(super) wakers: RefCell<HashMap<u64, (Waker, Rc<Client>)>>,
    pub(super) emptied: tokio::sync::Notify,
}

impl Worker {
    pub(super) fn new(shared: Arc<Shared>, recorder: Option<Recorder>, index: usize) -> Self {
        Self {
            settings: shared.settings.clone(),
            room: HeldRoom::new(shared.settings.held_bytes),
            pool: RefCell::default(),
            recorder,
            shared,
            index,
            turn: Cell::new(0),
            stopping: Cell::new(false),
            cutting: Cell::new(false),
            wakers: RefCell::default(),
            emptied: tokio::sync::Notify::new(),
        }
    }

    /// The deployment of that name.
    pub(super) fn find(&self, name: &str) -> Result<Arc<Deployment>, GatewayProblem> {
        let found = self.shared.table.load().get(name).cloned();
        let complete = || self.shared.complete.load(Relaxed);
        found.ok_or_else(|| if complete() { GatewayProblem::UnknownDeployment } else { GatewayProblem::Starting })
    }

    /// The replica at which the choice among equal ones begins.
    pub(super) fn next_turn(&self) -> usize {
        let turn = self.turn.get();
        self.turn.set(turn.wrapping_add(1));
        turn
    }

    /// Keeps a connection for the next request, if it can carry one.
    pub(super) fn keep(&self, endpoint: &Arc<Endpoint>, mut link: ReplicaLink, now: Instant) {
        if link.rest(now) {
            self.pool.borrow_mut().put(endpoint, link, self.settings.pool_size);
        }
    }

    /// Counts the requests under way, and notes that they are cut; dropping the connections does it.
    pub(super) fn cut(&self) {
        self.cutting.set(true);
        let wakers = self.wakers.borrow();
        let under_way = wakers.values().filter(|(_, client)| client.note_cut()).count();
        self.shared.cut.fetch_add(under_way, Relaxed);
    }

    pub(super) fn sweep(&self) {
        self.pool.borrow_mut().sweep(Instant::now(), self.settings.pool_idle);
    }
}
