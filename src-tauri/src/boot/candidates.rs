//! The task that tries candidates, put together for this server.

use std::sync::Arc;

use super::{BootError, actor, new_replica};
use crate::checks::{self, CheckError, Checks};
use crate::clock::Clock;
use crate::commands;
use crate::store::Store;
use crate::targets::Targets;
use crate::targets::local::Paths;

pub(super) fn checks(
    store: &Arc<Store>,
    targets: &Arc<Targets>,
    paths: Paths,
    clock: Clock,
) -> Result<Checks, BootError> {
    let known = targets.clone();
    Ok(Checks::new(checks::Parts {
        store: store.clone(),
        targets: targets.clone(),
        actor: actor("changeover")?,
        clock,
        new_replica: Box::new(new_replica),
        package_path: Box::new(move |digest| paths.package(digest)),
        report: Box::new(move |reading, row, candidate, trial| {
            let machine = known.of(&row.target).room().machine();
            let report = commands::check_report(reading, row, &machine, candidate, Some(trial));
            report.map_err(|refusal| CheckError::Report(refusal.into()))
        }),
        ask: Box::new(|peer, question| Box::pin(checks::over_the_wire(peer, question))),
    }))
}
