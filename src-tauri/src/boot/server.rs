//! The server: builds its parts in order, and answers.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use domain::caller::Caller;
use domain::id::Actor;
use domain::principal::PrincipalId;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::descriptors::Shares;
use super::error::BootError;
use super::identity::new_replica;
use super::left_over::LeftOver;
use super::live::{LiveServer, gateway_url};
use super::{answering, candidates, closed, data, provider, sealing, targets};
use crate::api::{self, Api};
use crate::clock::Clock;
use crate::commands;
use crate::config::{ConfigError, PublicUrl, RunningServer, Serve};
use crate::courier::{self, Courier};
use crate::engine::{Engine, Parts};
use crate::events::Events;
use crate::gateway::{Gateway, RecordSettings, Settings as GatewaySettings};
use crate::http::{self, Access, Outside};
use crate::metrics::{Keeper, SECONDS_UNDER_WAY};
use crate::packages::artifacts::Artifacts;
use crate::schedule::Schedule;
use crate::store::{Store, StoreError};
use crate::targets::Targets;
use crate::targets::local::Paths;
use crate::vital::Vital;

/// A data directory that nobody else uses any more.
pub(super) struct Claimed {
    settings: Serve,
    shares: Shares,
    folder: PathBuf,
    lock: data::Lock,
}

/// A server without its API's listener: what the command line serves over HTTP, the window serves to itself.
pub struct Server {
    pub(super) lock: data::Lock,
    pub(super) api: Arc<Api>,
    /// Whoever started the server: the holder of its token, and whoever sits before its window.
    pub(super) operator: Caller,
    pub(super) engine: JoinHandle<()>,
    pub(super) checks: JoinHandle<()>,
    pub(super) logs: JoinHandle<()>,
    pub(super) sealing: JoinHandle<()>,
    pub(super) keeper: JoinHandle<()>,
    pub(super) store: Arc<Store>,
    /// Cancelled once the server was told to end; it still takes requests then.
    pub(super) leaving: CancellationToken,
    pub(super) ending: CancellationToken,
    /// Cancelled once every request has been counted.
    pub(super) counting: CancellationToken,
    pub(super) vital: Vital,
    pub(super) gateway: Gateway,
    pub(super) targets: Arc<Targets>,
    pub(super) settings: Serve,
    pub(super) shares: Shares,
    pub(super) token: String,
}

impl Claimed {
    pub(super) fn claim(settings: Serve) -> Result<Self, BootError> {
        let shares = Shares::of(data::raise_open_files());
        data::keep_from_others();
        let folder = data::prepare(settings.data.path())?;
        let lock = data::Lock::take(&folder)?;
        Ok(Self { settings, shares, folder, lock })
    }

    /// The API's listener; it answers once the server has started.
    pub(super) async fn listener(&self) -> Result<TcpListener, BootError> {
        let address = self.settings.listen;
        TcpListener::bind(address).await.map_err(|source| match source.kind() {
            std::io::ErrorKind::AddrInUse => BootError::AddressInUse { address },
            _ => BootError::System { what: "the API cannot listen", source },
        })
    }
}

impl Server {
    /// Builds everything and takes over replicas that still run.
    ///
    /// # Errors
    /// [`BootError`]; nothing runs then.
    pub async fn start(settings: Serve) -> Result<Self, BootError> {
        Self::start_in(Claimed::claim(settings)?).await
    }

    pub(super) async fn start_in(claimed: Claimed) -> Result<Self, BootError> {
        let Claimed { settings, shares, folder, lock } = claimed;
        data::check_database(&folder)?;
        let token = data::token(&settings.data.token())?;
        let store = Arc::new(Store::open(&folder, Events::default())?.before_commit(commands::tell));
        closed::check(&settings, &store)?;
        let artifacts = Arc::new(Artifacts::open(&folder.join("artifacts"))?);
        let (needed, deleted) = store.read(|r| Ok::<_, StoreError>((r.digests()?, r.deleted_digests()?)))?;
        artifacts.sweep(&needed, &deleted)?;
        let clock = Clock::start(store.read(|reading| reading.newest_at())?);
        let vital = Vital::default();
        let mut keeper = Keeper::open(&folder, store.clone(), clock.clone());
        let (metrics, recalled) = (keeper.metrics(), keeper.recalled());
        let (seconds, closed_seconds) = mpsc::channel(SECONDS_UNDER_WAY);
        let defaults = GatewaySettings::default();
        let gateway = Gateway::start(GatewaySettings {
            listen: settings.gateway.listen,
            threads: settings.gateway.threads.unwrap_or(defaults.threads),
            max_connections: settings.gateway.max_connections.min(shares.gateway),
            max_queue_len: settings.gateway.max_queue_len,
            max_body_bytes: settings.gateway.max_body_bytes,
            routes_follow: true,
            records: Some(RecordSettings::in_folder(folder.join("requests"))),
            seconds: Some(seconds),
            clock: clock.clone(),
            vital: vital.clone(),
            ..defaults
        })?;
        let counting = CancellationToken::new();
        let counted = gateway.clone();
        let keeper =
            keeper.telling(move |hour, until| counted.recount(&hour.deployment, until, hour.minute, hour.hour));
        let keeper =
            vital.spawn("the keeper of metrics", counting.clone(), keeper.run(closed_seconds, counting.clone()));
        let targets::Built { local, on_this_machine, named: targets } =
            targets::build(&settings, &folder, &artifacts, &clock, &vital)?;
        let ending = CancellationToken::new();
        for target in &on_this_machine {
            let (asked, told) = (gateway.clone(), ending.clone());
            let doubts = target.clone().take_doubts(gateway.doubted(), move || asked.all_doubted());
            vital.spawn("the watch over first answers", ending.clone(), async move {
                told.run_until_cancelled(doubts).await;
            });
        }
        let paths = Paths::new(&folder);
        let engine = Engine::new(Parts {
            store: store.clone(),
            targets: targets.clone(),
            routing: Arc::new(gateway.clone()),
            clock: clock.clone(),
            actor: Actor::server(),
            new_replica: Box::new(new_replica),
        });
        engine.adopt().await?;
        gateway.routes_complete();
        recalled.into_iter().for_each(|hour| gateway.recall(&hour.deployment, hour.minute, hour.hour));
        let left_over = LeftOver {
            store: store.clone(),
            targets: on_this_machine.clone(),
            paths: paths.clone(),
            requests: folder.join("requests"),
        };
        left_over.remove();
        vital.spawn("the removal of what is left over", ending.clone(), left_over.follow(ending.clone()));
        let checks = candidates::checks(&store, &targets, paths, clock.clone());
        let leaving = CancellationToken::new();
        let live = LiveServer {
            gateway_url: gateway_url(&gateway, settings.public_gateway.as_ref()),
            gateway: gateway.clone(),
            metrics,
            engine: engine.clone(),
            targets: targets.clone(),
            local: local.clone(),
            vital: vital.clone(),
            leaving: leaving.clone(),
        };
        let live = Arc::new(live);
        store.keep_room();
        let reached = settings.public_url.as_ref().map(|url| url.as_str().to_owned());
        let courier = Courier::new(courier::Parts {
            store: store.clone(),
            clock: clock.clone(),
            mail: settings.mail.clone(),
            webhook_allow: settings.webhook_allow.clone(),
            base: reached.unwrap_or_else(|| format!("http://{}", settings.listen)),
        });
        let courier = courier.map_err(|problem| ConfigError::Mail { problem })?;
        vital.spawn("the courier of notices", ending.clone(), courier.clone().run(ending.clone()));
        let api = Api::new(api::Parts {
            store: store.clone(),
            artifacts,
            live: live.clone(),
            bounds: api::Bounds { model_bytes: settings.max_model_bytes, ..api::Bounds::default() },
            clock: clock.clone(),
            stopping: ending.clone(),
            closed: settings.no_local_token,
            courier,
            vouching: settings.oidc.as_ref().map(provider::vouching).transpose()?,
            settings: settings.told.clone(),
        });
        vital.spawn("the lapse of what the identity provider gave", ending.clone(), api.clone().lapse(ending.clone()));
        let operator = Caller::new(PrincipalId::local().actor());
        let rotating = on_this_machine.iter().map(|target| target.logs().clone().rotate_forever(clock.clone()));
        let rotating = join_all(rotating.collect::<Vec<_>>()).map(drop);
        let logs = vital.spawn("the care for the replicas' output", ending.clone(), rotating);
        let schedule = Schedule { store: store.clone(), machines: live, clock, actor: Actor::server() };
        vital.spawn("the schedule", ending.clone(), schedule.run(ending.clone()));
        let engine = vital.spawn("the engine", ending.clone(), engine.run(ending.clone()));
        let checks = vital.spawn("the checks of candidates", ending.clone(), checks.run(ending.clone()));
        let sealing = sealing::seal_forever(store.clone(), ending.clone());
        let sealing = vital.spawn("the seal of the journal", ending.clone(), sealing);
        Ok(Self {
            lock,
            api,
            operator,
            engine,
            checks,
            logs,
            sealing,
            keeper,
            store,
            leaving,
            ending,
            counting,
            vital,
            gateway,
            targets,
            settings,
            shares,
            token,
        })
    }

    /// The router for the desktop window, which is this very process and so needs no token.
    pub fn window(&self) -> Router {
        http::router(self.api.clone(), Access::Window(self.operator.clone()))
    }

    /// Answers the API and the interface over HTTP until `end`; `started` is told once it does.
    ///
    /// # Errors
    /// Clients cannot be told where it answers.
    pub(super) async fn serve(
        &self,
        listener: TcpListener,
        end: CancellationToken,
        started: impl FnOnce(&Announcement),
    ) -> Result<(), BootError> {
        let failed = |what| move |source| BootError::System { what, source };
        let address = listener.local_addr().map_err(failed("the API's address is not known"))?;
        let outside = Outside {
            public_url: self.settings.public_url.as_ref().map(|url| url.as_str().to_owned()),
            trusted_proxies: self.settings.trusted_proxies.iter().map(|proxy| (proxy.address, proxy.bits)).collect(),
            closed: self.settings.no_local_token,
        };
        let access = Access::token(&self.token, self.operator.clone(), address, &self.settings.host_names, outside);
        let router = http::router(self.api.clone(), access);
        let running = RunningServer {
            api: format!("http://{address}"),
            gateway: format!("http://{}", self.gateway.local_addr()),
            pid: std::process::id(),
        };
        data::announce(&self.settings.data.server(), &running)?;
        let reached = self.settings.public_url.as_ref().map_or(running.api.as_str(), PublicUrl::as_str);
        let sign_in = match self.settings.no_local_token {
            true => format!("{reached}/sign-in"),
            false => format!("{reached}/sign-in#{}", self.token),
        };
        started(&Announcement { sign_in, running });
        answering::answer(listener, router, answering::bounds(self.shares.api), end, self.ending.clone()).await;
        data::withdraw(&self.settings.data.server());
        Ok(())
    }

    /// Returns when something broke off that it cannot do without.
    pub(super) async fn part_lost(&self) -> BootError {
        let part = self.vital.lost().await;
        data::withdraw(&self.settings.data.server());
        BootError::PartLost { part, orphan_seconds: self.settings.orphan_seconds }
    }
}

/// The addresses that the person who started the server should know.
pub struct Announcement {
    /// The addresses of the API and of the gateway.
    pub running: RunningServer,
    /// A link that signs a browser in: it holds the token, unless that lets nobody in.
    pub sign_in: String,
}
