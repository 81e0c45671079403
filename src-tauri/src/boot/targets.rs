//! The targets, put together from the settings.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use domain::id::TargetName;
use domain::resources::Capacity;

use super::error::BootError;
use crate::clock::Clock;
use crate::config::Serve;
use crate::packages::artifacts::Artifacts;
use crate::targets::local::{self, LocalSettings, LocalTarget, Paths};
use crate::targets::{Target, Targets};
use crate::vital::Vital;

/// The time that a replica gets to end.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// The targets of a server.
pub(super) struct Built {
    /// Processes on this machine under the name `local`, which also load files that are being registered.
    pub(super) local: Arc<LocalTarget>,
    /// All targets that run processes on this machine, that one first.
    pub(super) on_this_machine: Vec<Arc<LocalTarget>>,
    /// All targets, by name.
    pub(super) named: Arc<Targets>,
}

/// Builds the target `local` and those that the settings name; nothing is started.
pub(super) fn build(
    settings: &Serve,
    folder: &Path,
    artifacts: &Arc<Artifacts>,
    clock: &Clock,
    vital: &Vital,
) -> Result<Built, BootError> {
    let (kept, there) = (artifacts.clone(), local::capacity());
    let common = LocalSettings {
        // Also when the file has been replaced by a newer one meanwhile.
        program: PathBuf::from("/proc/self/exe"),
        onnxruntime: settings.onnxruntime.clone(),
        orphan_seconds: settings.orphan_seconds,
        grace: GRACE,
        clock: clock.clone(),
        vital: vital.clone(),
        max_body_bytes: settings.gateway.max_body_bytes,
        capacity: Capacity {
            cpu_milli: settings.capacity.cpu_milli.unwrap_or(there.cpu_milli),
            memory_mb: settings.capacity.memory_mb.unwrap_or(there.memory_mb),
            gpus: settings.capacity.gpus.unwrap_or(there.gpus),
        },
        first_gpu: 0,
        artifact_path: Arc::new(move |digest| kept.path(digest)),
    };
    let local = Arc::new(LocalTarget::new(common.clone(), Paths::new(folder))?);
    let mut all = vec![(TargetName::default(), local.clone())];
    for (name, target) in &settings.targets {
        let own = LocalSettings { capacity: target.capacity, first_gpu: target.first_gpu, ..common.clone() };
        all.push((name.clone(), Arc::new(LocalTarget::new(own, Paths::of_target(folder, name))?)));
    }
    let on_this_machine = all.iter().map(|(_, target)| target.clone()).collect();
    let named = Targets::new(all.into_iter().map(|(name, target)| (name, target as Arc<dyn Target>)));
    Ok(Built { local, on_this_machine, named: Arc::new(named) })
}
