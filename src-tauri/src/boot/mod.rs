//! The composition root: builds everything in order, runs it, and takes it down in order.
//!
//! Flow: lock the data directory → have the API's address → open store and artifacts → gateway → take over
//! running replicas → engine → API. Down: stop taking requests → let the running ones finish → end the replicas.
//!
//! Errors: nothing is half started; what was opened is closed again when a later part fails. Whatever another
//! program may hold is asked for first, so that a start that fails leaves replicas alone that wait to be adopted.

mod answering;
mod candidates;
mod data;
#[cfg(feature = "desktop")]
mod desktop;
mod ending;
mod left_over;
mod live;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use domain::id::{Actor, ReplicaId};
use domain::resources::Capacity;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

use crate::api::{self, Access, Api, Limits};
use crate::config::{RunningServer, Serve};
use crate::engine::clock::Clock;
use crate::engine::{Engine, EngineError, Parts};
use crate::events::Events;
use crate::gateway::{Gateway, GatewayError, RecordSettings, Settings as GatewaySettings};
use crate::packages::artifacts::{ArtifactError, Artifacts};
use crate::store::{Store, StoreError};
use crate::targets::TargetError;
use crate::targets::local::{self, LocalSettings, LocalTarget, Paths};
pub use data::DataError;
#[cfg(feature = "desktop")]
pub use desktop::desktop;
use live::Running;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum BootError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The artifacts cannot be used.
    #[error(transparent)]
    Artifacts(#[from] ArtifactError),
    /// The gateway cannot listen.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The local target cannot be used.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Running replicas cannot be taken over.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The API's address is taken.
    #[error(
        "the API cannot listen on {address}: another program does already. Stop it, or choose another address with --listen"
    )]
    AddressInUse {
        /// The address asked for.
        address: SocketAddr,
    },
    /// The window cannot be opened.
    #[cfg(feature = "desktop")]
    #[error(transparent)]
    Window(#[from] crate::shell::ShellError),
    /// The system refused something else.
    #[error("{what}: {source}")]
    System {
        /// What was tried.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
}

/// How long requests to the API may take to finish when the server is told to end.
const API_GRACE: Duration = Duration::from_secs(10);
/// How long a replica may take to end before it is not asked any more.
const GRACE: Duration = Duration::from_secs(10);

/// A data directory that nobody else uses any more.
struct Claimed {
    settings: Serve,
    folder: PathBuf,
    lock: data::Lock,
}

/// A server without its API's listener: what the command line serves over HTTP, the window serves to itself.
pub struct Server {
    lock: data::Lock,
    api: Api,
    engine: JoinHandle<()>,
    checks: JoinHandle<()>,
    logs: JoinHandle<()>,
    /// It was told to end, and still takes requests.
    leaving: CancellationToken,
    ending: CancellationToken,
    gateway: Gateway,
    target: Arc<LocalTarget>,
    settings: Serve,
    token: String,
}

impl Claimed {
    fn claim(settings: Serve) -> Result<Self, BootError> {
        data::raise_open_files();
        let folder = data::prepare(settings.data.path())?;
        let lock = data::Lock::take(&folder)?;
        Ok(Self { settings, folder, lock })
    }

    /// The API's listener; it answers once the server has started.
    async fn listener(&self) -> Result<TcpListener, BootError> {
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

    async fn start_in(claimed: Claimed) -> Result<Self, BootError> {
        let Claimed { settings, folder, lock } = claimed;
        let token = data::token(&settings.data.token())?;
        let store = Arc::new(Store::open(&folder, Events::default())?);
        let artifacts = Arc::new(Artifacts::open(&folder.join("artifacts"))?);
        artifacts.sweep(&store.read(|reading| reading.digests())?)?;
        let defaults = GatewaySettings::default();
        let gateway = Gateway::start(GatewaySettings {
            listen: settings.gateway.listen,
            threads: settings.gateway.threads.unwrap_or(defaults.threads),
            max_connections: settings.gateway.max_connections,
            max_queue_len: settings.gateway.max_queue_len,
            max_body_bytes: settings.gateway.max_body_bytes,
            routes_follow: true,
            records: Some(RecordSettings::in_folder(folder.join("requests"))),
            ..defaults
        })?;
        let there = local::capacity();
        let local = LocalSettings {
            // Also when the file has been replaced by a newer one meanwhile.
            program: PathBuf::from("/proc/self/exe"),
            onnxruntime: settings.onnxruntime.clone(),
            orphan_seconds: settings.orphan_seconds,
            grace: GRACE,
            max_body_bytes: settings.gateway.max_body_bytes,
            capacity: Capacity {
                cpu_milli: settings.capacity.cpu_milli.unwrap_or(there.cpu_milli),
                memory_mb: settings.capacity.memory_mb.unwrap_or(there.memory_mb),
                gpus: settings.capacity.gpus.unwrap_or(there.gpus),
            },
        };
        let target = Arc::new(LocalTarget::new(local, Paths::new(&folder))?);
        tokio::spawn(target.clone().take_doubts(gateway.doubted()));
        let paths = Paths::new(&folder);
        let kept = artifacts.clone();
        let engine = Engine::new(Parts {
            store: store.clone(),
            target: target.clone(),
            routing: Arc::new(gateway.clone()),
            clock: Clock::System,
            actor: actor("changeover")?,
            new_replica: Box::new(new_replica),
            artifact_path: Box::new(move |digest| kept.path(digest)),
        });
        engine.adopt().await?;
        gateway.routes_complete();
        left_over::remove(&store, &target, &paths);
        let ending = CancellationToken::new();
        let checks = candidates::checks(&store, &target, &artifacts, paths)?;
        let leaving = CancellationToken::new();
        let live = Running::new(gateway.clone(), engine.clone(), target.clone(), leaving.clone());
        let api = Api {
            store,
            artifacts,
            live: Arc::new(live),
            access: Access::token(&token, settings.listen, &settings.host_names),
            limits: Limits { model_bytes: settings.max_model_bytes, ..Limits::default() },
            actor: actor(&operator())?,
            stopping: ending.clone(),
        };
        let logs = tokio::spawn(target.logs().clone().rotate_forever());
        let engine = tokio::spawn(engine.run(ending.clone()));
        let checks = tokio::spawn(checks.run(ending.clone()));
        Ok(Self { lock, api, engine, checks, logs, leaving, ending, gateway, target, settings, token })
    }

    /// The router for the desktop window, which is this very process and so needs no token.
    pub fn window(&self) -> Router {
        api::router(Api { access: Access::Trusted, ..self.api.clone() })
    }

    /// Answers the API and the interface over HTTP until `end`; `started` is told once it does.
    ///
    /// # Errors
    /// Clients cannot be told where it answers, or the listener breaks off.
    async fn serve(
        &self,
        listener: TcpListener,
        end: CancellationToken,
        started: impl FnOnce(&Announcement),
    ) -> Result<(), BootError> {
        let failed = |what| move |source| BootError::System { what, source };
        let address = listener.local_addr().map_err(failed("the API's address is not known"))?;
        let access = Access::token(&self.token, address, &self.settings.host_names);
        let router = api::router(Api { access, ..self.api.clone() });
        let running = RunningServer {
            api: format!("http://{address}"),
            gateway: format!("http://{}", self.gateway.local_addr()),
            pid: std::process::id(),
        };
        data::announce(&self.settings.data.server(), &running)?;
        started(&Announcement { sign_in: format!("{}/sign-in#{}", running.api, self.token), running });
        let served = answering::answer(listener, router, end, self.ending.clone()).await;
        let served = served.map_err(failed("the API broke off"));
        data::withdraw(&self.settings.data.server());
        served
    }

    /// Says that it is about to end, for as long as the settings say: `/readyz` answers 503, and requests are still taken.
    async fn announce_end(&self, told: &ending::Told) {
        let notice = Duration::from_secs(self.settings.shutdown.notice_seconds);
        self.leaving.cancel();
        if notice.is_zero() {
            return;
        }
        tracing::info!(seconds = notice.as_secs(), "told to end; /readyz says so, and requests are still taken");
        tokio::select! {
            () = tokio::time::sleep(notice) => {}
            () = told.twice.cancelled() => {}
        }
    }

    /// Takes everything down: no new requests, running ones finish, replicas end. Told twice, it waits for nothing more.
    async fn stop(self, told: &ending::Told) {
        self.ending.cancel();
        let (engine, checks) = (self.engine, self.checks);
        // A pass that is under way is finished; what it leaves is found again at the next start.
        tokio::select! {
            _ = async { tokio::join!(engine, checks) } => {}
            () = told.twice.cancelled() => {}
        }
        let said = self.settings.shutdown.drain_seconds.map(Duration::from_secs);
        let grace = said.map_or_else(|| ending::longest_drain(&self.api.store), Ok).unwrap_or_else(|error| {
            tracing::warn!(%error, "it is not known how long requests may take; they get a minute");
            Duration::from_secs(60)
        });
        tracing::info!(seconds = grace.as_secs_f64(), "no new requests are taken; those under way may finish");
        let cut = tokio::select! {
            cut = self.gateway.stop(grace) => cut,
            () = told.twice.cancelled() => self.gateway.stop(Duration::ZERO).await,
        };
        match cut {
            0 => tracing::info!("every request was answered"),
            cut => tracing::warn!(
                requests = cut,
                seconds = grace.as_secs_f64(),
                "requests were cut: they were not answered in time"
            ),
        }
        tokio::select! {
            () = self.target.stop_all() => {}
            () = told.twice.cancelled() => tracing::warn!("told to end twice; replicas were told to end and are not waited for"),
        }
        self.logs.abort();
        drop(self.lock);
    }
}

/// What the person who started the server should know.
pub struct Announcement {
    /// Where it answers.
    pub running: RunningServer,
    /// A link that signs a browser in; it holds the token.
    pub sign_in: String,
}

/// `changeover serve`: runs until it is told to end.
pub fn serve(settings: Serve) -> ExitCode {
    data::log_to_stderr(&settings.log_level.to_string());
    status("changeover serve", runtime().and_then(|runtime| runtime.block_on(run(settings))))
}

fn runtime() -> Result<tokio::runtime::Runtime, BootError> {
    let failed = |source| BootError::System { what: "the program cannot start", source };
    Builder::new_multi_thread().enable_all().build().map_err(failed)
}

fn status(program: &str, ended: Result<(), BootError>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{program}: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: Serve) -> Result<(), BootError> {
    let told = ending::Told::by_signals()?;
    let claimed = Claimed::claim(settings)?;
    let listener = claimed.listener().await?;
    let server = Server::start_in(claimed).await?;
    let end = CancellationToken::new();
    let noticed = async {
        told.once.cancelled().await;
        server.announce_end(&told).await;
        end.cancel();
    };
    let serving = server.serve(listener, end.clone(), |announcement| {
        println!("Changeover is running.");
        println!("  sign in    {}", announcement.sign_in);
        println!("  API        {}/api/v1", announcement.running.api);
        println!("  inference  {}/NAME", announcement.running.gateway);
        println!("Ctrl-C ends it, and the replicas with it; a second one at once.");
    });
    // The announcement is over before the API ends, unless that breaks off.
    let served = {
        tokio::pin!(serving);
        tokio::select! {
            served = &mut serving => served,
            () = noticed => serving.await,
        }
    };
    server.stop(&told).await;
    served
}

/// Short enough to be read, long enough never to be met twice.
fn new_replica() -> ReplicaId {
    let text = Ulid::new().to_string().to_lowercase();
    let id = format!("r-{}", &text[text.len() - 10..]);
    // Hexadecimal digits and letters are always a valid id.
    id.parse().unwrap_or_else(|_| unreachable!("{id} is a valid id"))
}

fn actor(name: &str) -> Result<Actor, BootError> {
    name.parse()
        .map_err(|error| BootError::System { what: "the operator's name", source: std::io::Error::other(error) })
}

/// Who holds the token: whoever started the server.
fn operator() -> String {
    let named = |variable| std::env::var(variable).ok().filter(|name: &String| name.parse::<Actor>().is_ok());
    named("USER").or_else(|| named("LOGNAME")).unwrap_or_else(|| "operator".to_owned())
}
