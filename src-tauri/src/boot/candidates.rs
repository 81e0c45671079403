//! The task that tries candidates, put together for this server.

use std::sync::Arc;

use super::identity::new_replica;
use crate::checks::{self, CheckError, Checks};
use crate::clock::Clock;
use crate::commands::{self, Moment};
use crate::store::Store;
use crate::targets::Targets;
use crate::targets::local::Paths;
use domain::caller::Caller;
use domain::id::Actor;

pub(super) fn checks(store: &Arc<Store>, targets: &Arc<Targets>, paths: Paths, clock: Clock) -> Checks {
    let known = targets.clone();
    let server = Caller::new(Actor::server());
    Checks::new(checks::Parts {
        store: store.clone(),
        targets: targets.clone(),
        actor: Actor::server(),
        clock,
        new_replica: Box::new(new_replica),
        package_path: Box::new(move |digest| paths.package(digest)),
        report: Box::new(move |reading, row, candidate, trial| {
            let moment = Moment { reading: *reading, caller: &server, machines: known.as_ref() };
            let report = commands::check_report(moment, row, candidate, Some(trial));
            report.map_err(|refusal| CheckError::Report(refusal.into()))
        }),
        ask: Box::new(|peer, question| Box::pin(checks::over_the_wire(peer, question))),
    })
}
