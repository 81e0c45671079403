//! Left-over files: Python environments and unpacked packages, the output of scratch replicas, and what is left of
//! deployments that were deleted. It is removed when the server starts, and environments when a deployment goes.
//!
//! Of a deployment only what the journal says to be deleted is removed: that one is not known says nothing.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::configuration::{Configuration, Runtime};
use domain::event::Event;
use domain::id::ReplicaId;
use tokio::runtime::Handle;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::replica;
use crate::store::{Store, StoreError};
use crate::targets::local::{self, LocalTarget, Paths};
use crate::targets::{Order, Target as _};

/// The folders of left-over files, and those who know which files are still needed.
#[derive(Clone)]
pub(super) struct LeftOver {
    pub(super) store: Arc<Store>,
    /// Those that run processes on this machine.
    pub(super) targets: Vec<Arc<LocalTarget>>,
    pub(super) paths: Paths,
    /// The records of requests, a folder for each deployment.
    pub(super) requests: PathBuf,
}

impl LeftOver {
    /// Removes it, the folders on a thread of their own: nobody waits for a disk, and what cannot be removed is only
    /// told. Files that a replica builds or uses just now are not touched. To be called before candidates are tried,
    /// whose output lies there too, and after running replicas have been taken over.
    pub(super) fn remove(&self) {
        let outputs = self.targets.iter().try_for_each(|target| target.forget_checks());
        told("the output of scratch replicas", outputs);
        // Known before any new one is started.
        let replicas = self.store.read(|reading| reading.replica_ids()).map(BTreeSet::from_iter);
        let (this, runtime) = (self.clone(), Handle::current());
        let folders = move || {
            let _entered = runtime.enter();
            told("folders that programs were started in", replicas.map_err(of_store).and_then(|ids| this.work(&ids)));
            told("what deleted deployments have left", this.deleted());
            this.environments();
            let registered = this.store.read(|reading| reading.digests()).map_err(of_store);
            let unpacked = registered
                .map(BTreeSet::from_iter)
                .and_then(|digests| this.targets.iter().try_for_each(|target| target.keep_unpacked(&digests)));
            told("folders of packages that are not registered", unpacked);
        };
        let begun = std::thread::Builder::new().name("left-over".to_owned()).spawn(folders);
        told("what servers before this one have left", begun.map(drop));
    }

    /// Removes Python environments whenever a deployment is deleted, until `end`.
    pub(super) async fn follow(self, end: CancellationToken) {
        let mut committed = self.store.events().subscribe();
        while let Some(heard) = end.run_until_cancelled(committed.recv()).await {
            match heard {
                Ok(recorded) if !matches!(recorded.entry.event, Event::DeploymentDeleted { .. }) => {}
                Err(RecvError::Closed) => return,
                // What was missed may have been one.
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    let this = self.clone();
                    let done = tokio::task::spawn_blocking(move || this.environments()).await;
                    told("Python environments that nothing asks for", done.map_err(io::Error::other));
                }
            }
        }
    }

    fn work(&self, replicas: &BTreeSet<ReplicaId>) -> io::Result<()> {
        self.targets.iter().try_for_each(|target| target.keep_work(replicas))
    }

    /// A server that was killed in between left them.
    fn deleted(&self) -> io::Result<()> {
        let deleted = self.store.read(|reading| reading.deleted_deployments()).map_err(of_store)?;
        for deployment in deleted {
            for target in &self.targets {
                let cleared = Handle::current().block_on(target.act(Order::Clear(deployment.clone())));
                cleared.map_err(io::Error::other)?;
            }
            remove(&self.requests.join(deployment.as_str()))?;
        }
        Ok(())
    }

    fn environments(&self) {
        let named = requirements(&self.store, &self.paths).map_err(of_store);
        let removed =
            named.and_then(|named| self.targets.iter().try_for_each(|target| target.keep_environments(&named)));
        told("Python environments that nothing asks for", removed);
    }
}

fn remove(folder: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn of_store(error: StoreError) -> io::Error {
    io::Error::other(error)
}

fn told(what: &str, removed: io::Result<()>) {
    if let Err(error) = removed {
        tracing::warn!(%error, "{what} cannot be removed");
    }
}

/// The requirements of every configuration that a replica may be started with.
fn requirements(store: &Store, paths: &Paths) -> Result<BTreeSet<Vec<String>>, StoreError> {
    store.read(|reading| {
        let mut named = BTreeSet::new();
        for deployment in reading.deployments()? {
            for row in reading.configurations(&deployment.id)? {
                let Configuration { runtime, models, environment, .. } = row.configuration;
                let python = environment.python.as_ref().map(local::requirements);
                let model = models.first().map(|model| reading.model(model)).transpose()?.flatten();
                named.extend(match model {
                    Some(model) if runtime != Runtime::Onnx => {
                        let package = paths.package(&model.digest).join(&model.entry);
                        replica::requirements(runtime, &model, &package, &python.unwrap_or_default())
                    }
                    _ => python,
                });
            }
        }
        Ok(named)
    })
}
