//! The task that tries candidates, put together for this server.

use std::sync::Arc;

use super::error::BootError;
use super::identity::{actor, new_replica};
use crate::checks::{self, CheckError, Checks};
use crate::clock::Clock;
use crate::commands::{self, Moment};
use crate::store::Store;
use crate::targets::Targets;
use crate::targets::local::Paths;
use domain::caller::Caller;

pub(super) fn checks(
    store: &Arc<Store>,
    targets: &Arc<Targets>,
    paths: Paths,
    clock: Clock,
) -> Result<Checks, BootError> {
    let known = targets.clone();
    let server = Caller::new(actor("changeover")?);
    Ok(Checks::new(checks::Parts {
        store: store.clone(),
        targets: targets.clone(),
        actor: actor("changeover")?,
        clock,
        new_replica: Box::new(new_replica),
        package_path: Box::new(move |digest| paths.package(digest)),
        report: Box::new(move |reading, row, candidate, trial| {
            let moment = Moment { reading: *reading, caller: &server, machines: known.as_ref() };
            let report = commands::check_report(moment, row, candidate, Some(trial));
            report.map_err(|refusal| CheckError::Report(refusal.into()))
        }),
        ask: Box::new(|peer, question| Box::pin(checks::over_the_wire(peer, question))),
    }))
}
