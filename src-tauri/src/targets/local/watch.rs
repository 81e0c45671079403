//! Watches one process of a replica: until it is ready, while it is, and until it ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::configuration::Liveness;
use domain::event::Process;
use domain::id::{DeploymentId, ReplicaId};
use domain::observed::Observed;
use jiff::{SignedDuration, Timestamp};

use super::process::Life;
use super::{Shared, control};

/// While a replica starts it is asked this often at first, so that nobody waits for a look,
/// and ever less often later.
const FIRST_LOOK: Duration = Duration::from_millis(2);
const SLOWEST_LOOK: Duration = Duration::from_millis(200);

/// What is watched.
pub(super) struct Watched {
    pub(super) id: ReplicaId,
    pub(super) deployment: DeploymentId,
    pub(super) process: Process,
    pub(super) control: PathBuf,
    pub(super) liveness: Liveness,
    pub(super) started_at: Timestamp,
}

/// Watches until the process has ended.
pub(super) fn spawn(shared: Arc<Shared>, watched: Watched, mut life: Life) {
    tokio::spawn(async move {
        let how = tokio::select! {
            how = life.ended() => how,
            never = probe(&shared, &watched) => match never {},
        };
        let last = shared.logs.last_line(&watched.deployment, &watched.id);
        let problem = match last {
            Some(line) => format!("{how}; the last line of its output: {line}"),
            None => how,
        };
        shared.saw(&watched.id, watched.process, Observed::Exited { at: Timestamp::now() }, Some(problem));
    });
}

/// Never ends by itself.
async fn probe(shared: &Shared, watched: &Watched) -> std::convert::Infallible {
    let timeout = Duration::from_secs(watched.liveness.timeout_seconds.into());
    let mut pause = FIRST_LOOK;
    while control::ready(&watched.control, timeout).await.is_err() {
        tokio::time::sleep(pause).await;
        pause = (pause * 5 / 4).min(SLOWEST_LOOK);
    }
    loop {
        saw(shared, watched, Observed::Ready { since: Timestamp::now() }, None);
        let why = until_unready(watched, timeout).await;
        saw(shared, watched, Observed::Unready { since: Timestamp::now() }, Some(why));
        until_ready(watched, timeout).await;
    }
}

fn saw(shared: &Shared, watched: &Watched, observed: Observed, problem: Option<String>) {
    shared.saw(&watched.id, watched.process, observed, problem);
}

/// Returns once so many looks in a row have failed, with why the last one did.
async fn until_unready(watched: &Watched, timeout: Duration) -> String {
    let liveness = watched.liveness;
    let spared = watched.started_at + SignedDuration::from_secs(liveness.initial_delay_seconds.into());
    let mut failed = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(liveness.period_seconds.into())).await;
        match control::ready(&watched.control, timeout).await {
            Ok(()) => failed = 0,
            Err(_) if Timestamp::now() < spared => {}
            Err(why) => {
                failed += 1;
                if failed >= liveness.failure_threshold {
                    return format!("its health route failed {failed} times in a row: {why}");
                }
            }
        }
    }
}

/// Returns once so many looks in a row have succeeded.
async fn until_ready(watched: &Watched, timeout: Duration) {
    let mut succeeded = 0;
    while succeeded < watched.liveness.success_threshold {
        tokio::time::sleep(Duration::from_secs(watched.liveness.period_seconds.into())).await;
        succeeded = match control::ready(&watched.control, timeout).await {
            Ok(()) => succeeded + 1,
            Err(_) => 0,
        };
    }
}
