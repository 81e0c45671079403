//! What servers before this one have left and nothing needs any more: Python environments, unpacked packages, the output of
//! scratch replicas.

use std::collections::BTreeSet;

use domain::configuration::{Configuration, Runtime};

use super::BootError;
use crate::replica;
use crate::store::{Store, StoreError};
use crate::targets::local::{self, LocalTarget, Paths};

/// Removes it. What a replica that was left running builds just now is not touched.
pub(super) fn remove(store: &Store, target: &LocalTarget, paths: &Paths) -> Result<(), BootError> {
    let failed = |what| move |source| BootError::System { what, source };
    target
        .keep_environments(&requirements(store, paths)?)
        .map_err(failed("Python environments that nothing asks for cannot be removed"))?;
    let registered = store.read(|reading| reading.digests())?.into_iter().collect();
    target
        .keep_unpacked(&registered)
        .map_err(failed("folders of packages that are not registered cannot be removed"))?;
    target.forget_checks().map_err(failed("the output of scratch replicas cannot be removed"))
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
