//! The task that tries candidates, put together for this server.

use std::sync::Arc;

use super::{BootError, actor, new_replica};
use crate::checks::{self, CheckError, Checks};
use crate::clock::Clock;
use crate::commands;
use crate::packages::artifacts::Artifacts;
use crate::store::Store;
use crate::targets::Target as _;
use crate::targets::local::{LocalTarget, Paths};

pub(super) fn checks(
    store: &Arc<Store>,
    target: &Arc<LocalTarget>,
    artifacts: &Arc<Artifacts>,
    paths: Paths,
    clock: Clock,
) -> Result<Checks<LocalTarget>, BootError> {
    let (kept, machine) = (artifacts.clone(), target.machine());
    Ok(Checks::new(checks::Parts {
        store: store.clone(),
        target: target.clone(),
        actor: actor("changeover")?,
        clock,
        new_replica: Box::new(new_replica),
        artifact_path: Box::new(move |digest| kept.path(digest)),
        package_path: Box::new(move |digest| paths.package(digest)),
        report: Box::new(move |reading, row, candidate, trial| {
            let report = commands::check_report(reading, row, &machine, candidate, Some(trial));
            report.map_err(|refusal| CheckError::Report(refusal.into()))
        }),
        ask: Box::new(|peer, question| Box::pin(checks::over_the_wire(peer, question))),
    }))
}
