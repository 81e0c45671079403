//! What servers before this one have left and nothing needs any more: Python environments, unpacked packages, the
//! output of scratch replicas.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use domain::configuration::{Configuration, Runtime};

use crate::replica;
use crate::store::{Store, StoreError};
use crate::targets::local::{self, LocalTarget, Paths};

/// Removes it, the folders on a thread of their own: nobody waits for a disk, and what cannot be removed is only told.
/// What a replica builds or uses just now is not touched. To be called before candidates are tried, whose output lies
/// there too.
pub(super) fn remove(store: &Arc<Store>, target: &Arc<LocalTarget>, paths: &Paths) {
    told("the output of scratch replicas", target.forget_checks());
    let (store, target, paths) = (store.clone(), target.clone(), paths.clone());
    let folders = move || {
        let (requirements, digests) = (requirements(&store, &paths), store.read(|reading| reading.digests()));
        drop(store);
        let environments = requirements.map_err(io::Error::other).and_then(|named| target.keep_environments(&named));
        told("Python environments that nothing asks for", environments);
        let registered = digests.map_err(|error: StoreError| io::Error::other(error));
        let unpacked = registered.and_then(|digests| target.keep_unpacked(&digests.into_iter().collect()));
        told("folders of packages that are not registered", unpacked);
    };
    let begun = std::thread::Builder::new().name("left-over".to_owned()).spawn(folders);
    told("what servers before this one have left", begun.map(drop));
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
