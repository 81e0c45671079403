//! The end of the server: announced, in order, and at once when it is told twice.
//!
//! Flow: told to end → `/readyz` says 503 for as long as the settings say, while requests are still taken → no new
//! requests, those under way finish, for as long as the longest drain that a deployment allows unless the settings say
//! otherwise → replicas end.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::data;
use super::error::BootError;
use super::server::{Announcement, Server};
use super::targets::GRACE;
use crate::store::{Store, StoreError};
use crate::targets::{Order, Targets};

/// The shortest time that requests get to finish where the settings do not say it.
const SHORTEST: Duration = Duration::from_secs(10);

/// The signals to end that the server has had.
#[derive(Clone, Default)]
pub(super) struct Told {
    /// The server is to end.
    pub(super) once: CancellationToken,
    /// The server is to end at once.
    pub(super) twice: CancellationToken,
}

impl Told {
    /// Listens to SIGTERM and Ctrl-C from now on.
    ///
    /// # Errors
    /// The system refuses to tell of signals.
    pub(super) fn by_signals() -> Result<Self, BootError> {
        let told = Self::default();
        let mut signals = data::signals()?;
        let listening = told.clone();
        tokio::spawn(async move {
            for token in [listening.once, listening.twice] {
                signals.next().await;
                token.cancel();
            }
        });
        Ok(told)
    }
}

impl Told {
    /// The signals once the window is closed, which counts as the first one: the next signal ends the server at once.
    pub(super) fn after_closing(self) -> Self {
        let (once, twice) = (self.once.clone(), self.twice.clone());
        if once.is_cancelled() { self } else { Self { twice: once, once: twice } }
    }
}

impl Server {
    /// Answers until it is told to end, and takes everything down then; `started` is told once it answers.
    ///
    /// # Errors
    /// Clients cannot be told where it answers, or a part is lost; nothing is taken down then.
    pub(super) async fn work(
        self,
        listener: TcpListener,
        told: &Told,
        started: impl FnOnce(&Announcement),
    ) -> Result<(), BootError> {
        let end = CancellationToken::new();
        let noticed = async {
            told.once.cancelled().await;
            self.announce_end(told).await;
            end.cancel();
        };
        // The announcement is over before the API ends, unless that breaks off.
        let served = async {
            let serving = self.serve(listener, end.clone(), started);
            tokio::pin!(serving);
            tokio::select! {
                served = &mut serving => return served,
                () = noticed => {}
            }
            tokio::select! {
                served = &mut serving => served,
                () = told.twice.cancelled() => {
                    data::withdraw(&self.settings.data.server());
                    Ok(())
                }
            }
        };
        let served = tokio::select! {
            served = served => Ok(served),
            lost = self.part_lost() => Err(lost),
        };
        match served {
            Ok(served) => {
                self.stop(told).await;
                served
            }
            Err(lost) => {
                // The next server takes over what runs; not before the last work of this process has ended with it.
                std::mem::forget(self.lock);
                Err(lost)
            }
        }
    }

    /// Says that it is about to end, for as long as the settings say: `/readyz` answers 503, and requests are still
    /// taken.
    pub(super) async fn announce_end(&self, told: &Told) {
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

    /// Takes everything down: no new requests, running ones finish, replicas end. Told twice, it waits for nothing
    /// more.
    pub(super) async fn stop(self, told: &Told) {
        self.ending.cancel();
        let (engine, checks) = (self.engine, self.checks);
        // A pass that is under way is finished, unless it takes long: what is cut off is found again at the next start.
        tokio::select! {
            _ = async { tokio::join!(engine, checks) } => {}
            () = tokio::time::sleep(GRACE) => {}
            () = told.twice.cancelled() => {}
        }
        let said = self.settings.shutdown.drain_seconds.map(Duration::from_secs);
        let grace = said.map_or_else(|| longest_drain(&self.store), Ok).unwrap_or_else(|error| {
            tracing::warn!(%error, "it is not known how long requests may take; they get a minute");
            Duration::from_secs(60)
        });
        tracing::info!(seconds = grace.as_secs_f64(), "no new requests are taken; those under way may finish");
        let cut = tokio::select! {
            cut = self.gateway.stop(grace) => cut,
            () = told.twice.cancelled() => self.gateway.stop(Duration::ZERO).await,
        };
        // Every request is counted by now, and what was counted is written while the replicas end.
        self.gateway.close_second();
        self.counting.cancel();
        match cut {
            0 => tracing::info!("every request was answered"),
            cut => tracing::warn!(
                requests = cut,
                seconds = grace.as_secs_f64(),
                "requests were cut: they were not answered in time"
            ),
        }
        tokio::select! {
            () = stop_replicas(&self.targets) => {}
            () = told.twice.cancelled() => {
                tracing::warn!("told to end a second time: the replicas were told to end, and nobody waits for them");
            }
        }
        self.logs.abort();
        tokio::select! {
            _ = self.keeper => {}
            () = tokio::time::sleep(GRACE) => tracing::warn!("the last requests are not in metrics.db"),
            () = told.twice.cancelled() => {}
        }
        let _ = self.sealing.await;
        if let Err(error) = close(self.store).await {
            tracing::warn!(%error, "changeover.db is not complete without changeover.db-wal");
        }
        drop(self.lock);
    }
}

/// Ends the replicas of all targets.
async fn stop_replicas(targets: &Targets) {
    join_all(targets.all().map(async |(name, target)| {
        if let Err(error) = target.act(Order::StopAll).await {
            tracing::warn!(target = %name, %error, "its replicas could not be told to end");
        }
    }))
    .await;
}

/// Leaves a database that is whole in one file.
async fn close(store: Arc<Store>) -> Result<(), StoreError> {
    let closed = tokio::task::spawn_blocking(move || store.seal().and_then(|()| store.checkpoint().map(drop)));
    closed.await.unwrap_or(Ok(()))
}

/// Time for requests under way to finish: the longest drain of any configuration that is in use or that a
/// replica runs.
///
/// # Errors
/// Those of the store.
pub(super) fn longest_drain(store: &Store) -> Result<Duration, StoreError> {
    store.read(|reading| {
        let mut longest = SHORTEST;
        for row in reading.deployments()? {
            let running = reading.replicas(&row.id)?.into_iter().map(|replica| replica.revision);
            for number in running.chain([row.shown_revision()]) {
                let Some(revision) = reading.revision(&row.id, number)? else { continue };
                let found = reading.configuration(&revision.configuration)?;
                let drain = found.map(|found| found.configuration.drain_limit_ms()).unwrap_or_default();
                longest = longest.max(Duration::from_millis(drain.into()));
            }
        }
        Ok(longest)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use axum::body::Body;
    use http::{Request, StatusCode};
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpStream;
    use tower::ServiceExt as _;

    use super::super::answering::API_GRACE;
    use super::super::server::Claimed;
    use super::*;
    use crate::config::{DataDir, ServeArgs};

    /// A server on free ports, which has taken nothing over.
    async fn server(folder: &Path) -> (Server, TcpListener) {
        let free = Some("127.0.0.1:0".parse().unwrap());
        let args = ServeArgs { listen: free, gateway: free, ..ServeArgs::default() };
        let settings = args.resolve(DataDir::resolve(Some(&folder.join("data"))).unwrap()).unwrap();
        let claimed = Claimed::claim(settings).unwrap();
        let listener = claimed.listener().await.unwrap();
        (Server::start_in(claimed).await.unwrap(), listener)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_part_that_is_lost_ends_the_server_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let (server, listener) = server(folder.path()).await;
        let (vital, window, announced) = (server.vital.clone(), server.window(), server.settings.data.server());
        let ready = async || {
            let request = Request::get("/readyz").body(Body::empty()).unwrap();
            window.clone().oneshot(request).await.unwrap().status()
        };
        let started = CancellationToken::new();
        let says = started.clone();
        let work = tokio::spawn(async move {
            let told = Told::default();
            server.work(listener, &told, |_| says.cancel()).await
        });
        started.cancelled().await;
        assert!(announced.exists() && ready().await == StatusCode::OK);
        drop(vital.part("a part"));
        let lost = work.await.unwrap().unwrap_err();
        assert!(matches!(lost, BootError::PartLost { part: "a part", .. }), "{lost}");
        assert_eq!((announced.exists(), ready().await), (false, StatusCode::SERVICE_UNAVAILABLE));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_second_signal_waits_for_no_request_to_the_api() {
        let folder = tempfile::tempdir().unwrap();
        let (server, listener) = server(folder.path()).await;
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (token, ending) = (server.token.clone(), server.ending.clone());
        let told = Told::default();
        let (once, twice) = (told.once.clone(), told.twice.clone());
        let started = CancellationToken::new();
        let says = started.clone();
        let work = tokio::spawn(async move { server.work(listener, &told, |_| says.cancel()).await });
        started.cancelled().await;
        // The rest of it never comes.
        let request = format!(
            "POST /api/v1/deployments HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: 100\r\nexpect: 100-continue\r\n\r\n"
        );
        client.write_all(request.as_bytes()).await.unwrap();
        // It is being read once it is asked to go on.
        client.readable().await.unwrap();
        once.cancel();
        ending.cancelled().await;
        let began = tokio::time::Instant::now();
        twice.cancel();
        work.await.unwrap().unwrap();
        assert!(began.elapsed() < API_GRACE / 2, "{:?}", began.elapsed());
    }
}
