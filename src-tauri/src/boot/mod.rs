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
mod data_error;
mod descriptors;
mod ending;
mod error;
mod left_over;
mod live;
mod sealing;
mod targets;
mod upkeep;
mod window;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use domain::caller::Caller;
use domain::id::{Actor, ReplicaId};
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

use crate::api::{self, Api};
use crate::clock::Clock;
use crate::config::{PublicUrl, RunningServer, Serve};
use crate::connection::Bounds;
use crate::engine::{Engine, Parts};
use crate::events::Events;
use crate::gateway::{Gateway, RecordSettings, Settings as GatewaySettings};
use crate::http::{self, Access};
use crate::packages::artifacts::Artifacts;
use crate::store::{Store, StoreError};
use crate::targets::Targets;
use crate::targets::local::Paths;
use crate::vital::Vital;
pub use data_error::DataError;
use descriptors::Shares;
pub use error::BootError;
use left_over::LeftOver;
use live::Running;
pub use upkeep::upkeep;
pub use window::{Page, in_window};

/// How long requests to the API may take to finish when the server is told to end.
const API_GRACE: Duration = Duration::from_secs(10);
/// How long a replica may take to end before it is not asked any more.
const GRACE: Duration = Duration::from_secs(10);

/// How long work that is under way may take when the process ends.
const LEAVE: Duration = Duration::from_secs(5);
/// How long a client of the API may take for a request's headers, and stay without a request.
const HEAD: Duration = Duration::from_secs(30);
/// How long a client of the API may read nothing of an answer.
const STALL: Duration = Duration::from_secs(60);

/// What clients may ask of the API's listener.
fn bounds(connections: usize) -> Bounds {
    Bounds { connections, too_many: http::too_many_connections(connections).into(), head: HEAD, stall: STALL }
}

/// A data directory that nobody else uses any more.
struct Claimed {
    settings: Serve,
    shares: Shares,
    folder: PathBuf,
    lock: data::Lock,
}

/// A server without its API's listener: what the command line serves over HTTP, the window serves to itself.
pub struct Server {
    lock: data::Lock,
    api: Arc<Api>,
    /// Whoever started the server: the holder of its token, and whoever sits before its window.
    operator: Caller,
    engine: JoinHandle<()>,
    checks: JoinHandle<()>,
    logs: JoinHandle<()>,
    sealing: JoinHandle<()>,
    store: Arc<Store>,
    /// It was told to end, and still takes requests.
    leaving: CancellationToken,
    ending: CancellationToken,
    vital: Vital,
    gateway: Gateway,
    targets: Arc<Targets>,
    settings: Serve,
    shares: Shares,
    token: String,
}

impl Claimed {
    fn claim(settings: Serve) -> Result<Self, BootError> {
        let shares = Shares::of(data::raise_open_files());
        data::keep_from_others();
        let folder = data::prepare(settings.data.path())?;
        let lock = data::Lock::take(&folder)?;
        Ok(Self { settings, shares, folder, lock })
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
        let Claimed { settings, shares, folder, lock } = claimed;
        data::check_database(&folder)?;
        let token = data::token(&settings.data.token())?;
        let store = Arc::new(Store::open(&folder, Events::default())?);
        let artifacts = Arc::new(Artifacts::open(&folder.join("artifacts"))?);
        let (needed, deleted) = store.read(|r| Ok::<_, StoreError>((r.digests()?, r.deleted_digests()?)))?;
        artifacts.sweep(&needed, &deleted)?;
        let clock = Clock::start(store.read(|reading| reading.newest_at())?);
        let vital = Vital::default();
        let defaults = GatewaySettings::default();
        let gateway = Gateway::start(GatewaySettings {
            listen: settings.gateway.listen,
            threads: settings.gateway.threads.unwrap_or(defaults.threads),
            max_connections: settings.gateway.max_connections.min(shares.gateway),
            max_queue_len: settings.gateway.max_queue_len,
            max_body_bytes: settings.gateway.max_body_bytes,
            routes_follow: true,
            records: Some(RecordSettings::in_folder(folder.join("requests"))),
            clock,
            vital: vital.clone(),
            ..defaults
        })?;
        let targets::Built { local, on_this_machine, named: targets } =
            targets::build(&settings, &folder, &artifacts, clock, &vital)?;
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
            clock,
            actor: actor("changeover")?,
            new_replica: Box::new(new_replica),
        });
        engine.adopt().await?;
        gateway.routes_complete();
        let left_over = LeftOver {
            store: store.clone(),
            targets: on_this_machine.clone(),
            paths: paths.clone(),
            requests: folder.join("requests"),
        };
        left_over.remove();
        vital.spawn("the removal of what is left over", ending.clone(), left_over.follow(ending.clone()));
        let checks = candidates::checks(&store, &targets, paths, clock)?;
        let leaving = CancellationToken::new();
        let live = Running::new(
            gateway.clone(),
            settings.public_gateway.as_ref(),
            engine.clone(),
            targets.clone(),
            local.clone(),
            vital.clone(),
            leaving.clone(),
        );
        store.keep_room();
        let api = Api::new(api::Parts {
            store: store.clone(),
            artifacts,
            live: Arc::new(live),
            bounds: api::Bounds { model_bytes: settings.max_model_bytes, ..api::Bounds::default() },
            clock,
            stopping: ending.clone(),
        });
        let operator = Caller::new(actor(&operator())?);
        let rotating = on_this_machine.iter().map(|target| target.logs().clone().rotate_forever());
        let rotating = join_all(rotating.collect::<Vec<_>>()).map(drop);
        let logs = vital.spawn("the care for the replicas' output", ending.clone(), rotating);
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
            store,
            leaving,
            ending,
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
    async fn serve(
        &self,
        listener: TcpListener,
        end: CancellationToken,
        started: impl FnOnce(&Announcement),
    ) -> Result<(), BootError> {
        let failed = |what| move |source| BootError::System { what, source };
        let address = listener.local_addr().map_err(failed("the API's address is not known"))?;
        let access = Access::token(&self.token, self.operator.clone(), address, &self.settings.host_names);
        let router = http::router(self.api.clone(), access);
        let running = RunningServer {
            api: format!("http://{address}"),
            gateway: format!("http://{}", self.gateway.local_addr()),
            pid: std::process::id(),
        };
        data::announce(&self.settings.data.server(), &running)?;
        let reached = self.settings.public_url.as_ref().map_or(running.api.as_str(), PublicUrl::as_str);
        started(&Announcement { sign_in: format!("{reached}/sign-in#{}", self.token), running });
        answering::answer(listener, router, bounds(self.shares.api), end, self.ending.clone()).await;
        data::withdraw(&self.settings.data.server());
        Ok(())
    }

    /// Returns when something broke off that it cannot do without.
    async fn part_lost(&self) -> BootError {
        let part = self.vital.lost().await;
        data::withdraw(&self.settings.data.server());
        BootError::PartLost { part, orphan_seconds: self.settings.orphan_seconds }
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
    let ended = runtime().and_then(|runtime| {
        let ended = runtime.block_on(run(settings));
        // What blocks after a part was lost keeps nobody from ending.
        runtime.shutdown_timeout(LEAVE);
        ended
    });
    status("changeover serve", ended)
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
    server
        .work(listener, &told, |announcement| {
            println!("Changeover is running.");
            println!("  sign in    {}", announcement.sign_in);
            println!("  API        {}/api/v1", announcement.running.api);
            println!("  inference  {}/NAME", announcement.running.gateway);
            println!("Ctrl-C ends it, and the replicas with it; a second one at once.");
        })
        .await
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
