//! The state of the page: one keyed store, patched by one event subscription.
//!
//! # Flow
//! Sign-in → number of the newest event → subscription from there → full read. An event names a deployment, which
//! is then read again; the store is patched by key, so that only the touched row is drawn again. When events were
//! missed, everything is read afresh.

mod around;
pub(crate) mod browser_notices;
mod clock;
mod deployments;
mod following;
mod live;
mod notices;
mod poll;
mod query;
mod request_news;
mod reread;
mod rollout_news;
mod traffic;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use domain::id::{DeploymentId, DeploymentName, TargetName};
use domain::target::Traits;
use domain::wire::{DeploymentView, ErrorCode, PrincipalView, ProviderView, Session, UseCaseView};
use jiff::Timestamp;
use leptos::prelude::*;
use reactive_stores::Store;

pub(crate) use self::query::Query;
pub(crate) use self::request_news::RequestNews;
use self::reread::Reread;
pub(crate) use self::rollout_news::RolloutNews;
use crate::api::Failure;
use crate::api::requests::RequestCounts;

/// The person who looks at the page.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Access {
    /// It is being found out.
    Asking,
    /// Nobody has signed in.
    SignedOut,
    /// Somebody has.
    SignedIn(Box<Session>),
}

/// The connection to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Connection {
    /// Events arrive.
    Live,
    /// No events arrive: the page may show old values.
    Lost,
}

/// The state of the list of deployments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Listing {
    /// It has not been read yet.
    Loading,
    /// The first of a long list were read, and the others are on their way.
    First,
    /// It was read, and events keep it up to date.
    Ready,
    /// It could not be read.
    Failed(Failure),
}

/// The last known state of everything that more than one screen shows.
#[derive(Debug, Store)]
pub(crate) struct Cache {
    /// Every deployment.
    #[store(key: DeploymentId = |view| view.id.clone())]
    deployments: Vec<Arc<DeploymentView>>,
    listing: Listing,
    access: Access,
    connection: Connection,
    /// Goes up when the server is back after it was away.
    reconnected: u64,
    /// Goes up when a model version was registered.
    models_changed: u64,
    /// Goes up when something was written to the history.
    history_changed: u64,
    /// Goes up when a request, a policy, a freeze, a use case or a role has changed.
    requests_changed: u64,
    /// Goes up when a person, a group, a service, an invitation, a token or a session has changed.
    people_changed: u64,
    /// Everybody who can be named.
    principals: Vec<PrincipalView>,
    /// The use cases that are seen, by name.
    use_cases: Vec<UseCaseView>,
    request_counts: RequestCounts,
    /// What others did to change requests, oldest first, until it was taken.
    request_news: Vec<RequestNews>,
    /// What happened to rollouts, oldest first, until it was taken.
    rollout_news: Vec<RolloutNews>,
    /// Goes up when there may be another notice for the person who looks at the page.
    notices_changed: u64,
    /// Their notices that were not read, and the newest of them.
    unread_notices: u64,
    newest_notice: Option<u64>,
    /// Whoever signed in last has a password.
    by_password: bool,
    /// The identity provider.
    provider: ProviderView,
    /// Whoever signed in last has an account there.
    by_provider: bool,
}

/// The state, to be had by every page.
#[derive(Clone, Copy)]
pub(crate) struct State {
    store: Store<Cache>,
    now: RwSignal<Timestamp>,
    touched: StoredValue<HashMap<DeploymentId, ArcRwSignal<u64>>>,
    reads: StoredValue<Reads, LocalStorage>,
    /// Deployments that somebody looks at, with how many times.
    seen: StoredValue<HashMap<DeploymentId, usize>>,
    /// The one whose replicas somebody looks at.
    seen_closely: StoredValue<Option<DeploymentId>>,
    /// The order of the list depends on the requests of every deployment.
    by_traffic: StoredValue<bool>,
    /// The name of the stream of events, while there is one.
    stream: StoredValue<Option<String>>,
    /// The stream is about to be told what somebody looks at.
    watching: StoredValue<bool>,
}

/// Keeps an older answer from overwriting a newer one.
#[derive(Clone)]
struct Reads {
    all: Reread,
    one: Rc<std::cell::RefCell<HashMap<DeploymentId, Reread>>>,
    /// Counts the answers.
    count: Rc<Cell<u64>>,
    /// The answer that a deployment was last patched from.
    patched: Rc<std::cell::RefCell<HashMap<DeploymentId, u64>>>,
    /// Only the newest subscription is listened to.
    subscription: Rc<Cell<u64>>,
    counts: Reread,
    notices: Reread,
    names: Reread,
    use_cases: Reread,
    session: Reread,
}

impl State {
    /// Makes the state, starts the clock, and finds out who is looking.
    pub(crate) fn provide() -> Self {
        let cache = Cache {
            deployments: Vec::new(),
            listing: Listing::Loading,
            access: Access::Asking,
            connection: Connection::Live,
            reconnected: 0,
            models_changed: 0,
            history_changed: 0,
            requests_changed: 0,
            people_changed: 0,
            principals: Vec::new(),
            use_cases: Vec::new(),
            request_counts: RequestCounts::default(),
            request_news: Vec::new(),
            rollout_news: Vec::new(),
            notices_changed: 0,
            unread_notices: 0,
            newest_notice: None,
            by_password: false,
            provider: ProviderView::default(),
            by_provider: false,
        };
        let reads = Reads {
            all: Reread::default(),
            one: Rc::default(),
            count: Rc::default(),
            patched: Rc::default(),
            subscription: Rc::default(),
            counts: Reread::default(),
            notices: Reread::default(),
            names: Reread::default(),
            use_cases: Reread::default(),
            session: Reread::default(),
        };
        let state = Self {
            store: Store::new(cache),
            now: RwSignal::new(Timestamp::now()),
            touched: StoredValue::new(HashMap::new()),
            reads: StoredValue::new_local(reads),
            seen: StoredValue::new(HashMap::new()),
            seen_closely: StoredValue::new(None),
            by_traffic: StoredValue::new(false),
            stream: StoredValue::new(None),
            watching: StoredValue::new(false),
        };
        provide_context(state);
        state.start_clock();
        state.watch_while_visible();
        state
    }

    /// The person who looks at the page.
    pub(crate) fn access(self) -> Access {
        self.store.access().get()
    }

    /// The targets that are configured, each with its abilities.
    pub(crate) fn targets(self) -> BTreeMap<TargetName, Traits> {
        match self.access() {
            Access::SignedIn(session) => session.targets,
            Access::Asking | Access::SignedOut => BTreeMap::new(),
        }
    }

    /// The abilities of a target; none of one that is not configured.
    pub(crate) fn traits(self, target: &TargetName) -> Traits {
        self.targets().get(target).copied().unwrap_or_default()
    }

    /// Notes who is looking, and begins to follow what happens when it is somebody.
    pub(crate) fn set_access(self, access: Access) {
        let begins = matches!(access, Access::SignedIn(_))
            && !matches!(self.store.access().get_untracked(), Access::SignedIn(_));
        if let Access::SignedIn(session) = &access {
            self.store.by_password().set(session.has_password);
            self.store.by_provider().set(session.is_linked);
        }
        self.store.access().set(access);
        if begins {
            self.follow();
        }
    }

    /// The connection to the server.
    pub(crate) fn connection(self) -> Connection {
        self.store.connection().get()
    }

    /// Goes up when the server is back after it was away.
    pub(crate) fn reconnected(self) -> u64 {
        self.store.reconnected().get()
    }

    /// The state of the list of deployments.
    pub(crate) fn listing(self) -> Listing {
        self.store.listing().get()
    }

    /// Goes up when a model version was registered.
    pub(crate) fn models_changed(self) -> u64 {
        self.store.models_changed().get()
    }

    /// Goes up when something was written to the history.
    pub(crate) fn history_changed(self) -> u64 {
        self.store.history_changed().get()
    }

    /// The time, to the second.
    pub(crate) fn now(self) -> Signal<Timestamp> {
        self.now.into()
    }

    /// Takes note of a failure that concerns the whole page, and hands it back.
    pub(crate) fn noting(self, failure: Failure) -> Failure {
        if failure.is(ErrorCode::Unauthenticated) {
            self.set_access(Access::SignedOut);
        }
        failure
    }

    /// The id of the deployment with this name.
    pub(crate) fn id_of(self, name: &DeploymentName) -> Option<DeploymentId> {
        self.store.deployments().read().iter().find(|view| view.name == *name).map(|view| view.id.clone())
    }
}

/// The state.
pub(crate) fn state() -> State {
    expect_context()
}
