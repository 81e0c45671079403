//! Watches one process of a replica: until it is ready, while it is, and until it ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use domain::configuration::{Liveness, Resources};
use domain::first_answers;
use domain::id::{DeploymentId, ReplicaId};
use domain::replica::{CANNOT_RUN, Observed, Process, SPEAKS};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::control::{self, Unready};
use super::process::{self, Life};
use super::tracked::Shared;
use crate::peer::Peer;

/// While a replica starts it is asked this often at first, so that nobody waits for a look,
/// and ever less often later.
const FIRST_LOOK: Duration = Duration::from_millis(2);
const SLOWEST_LOOK: Duration = Duration::from_millis(200);

/// A replica that is watched.
pub(super) struct Watched {
    pub(super) id: ReplicaId,
    pub(super) deployment: DeploymentId,
    pub(super) process: Process,
    pub(super) control: PathBuf,
    pub(super) peer: Peer,
    pub(super) liveness: Liveness,
    pub(super) resources: Resources,
    pub(super) started_at: Timestamp,
    /// The replica served before, under a server that is gone: its next answers are not its first.
    pub(super) proven: bool,
    /// Told when the replica's first answers all fail.
    pub(super) doubted: Arc<Notify>,
}

impl Watched {
    /// Checks that the replica is ready, and that it is the one that listens where its requests would go.
    pub(super) async fn look(&self, timeout: Duration) -> Result<(), Unready> {
        control::ready(&self.control, timeout).await?;
        self.peer.check().await.map_err(|stranger| Unready::Silent(stranger.into()))
    }
}

/// Watches until the process has ended.
pub(super) fn spawn(shared: Arc<Shared>, watched: Watched, mut life: Life) {
    let part = shared.settings.vital.part("the watch over a replica");
    tokio::spawn(async move {
        let (how, status) = tokio::select! {
            ended = life.ended() => ended,
            never = probe(&shared, &watched) => match never {},
        };
        // A replica that was killed could not end what its program has started, which would keep its port.
        process::end_group(watched.process);
        let last = shared.logs.last_line(&watched.deployment, &watched.id);
        let blame = shared.limits.blame(&watched.id, &watched.resources, last.as_deref());
        if shared.is_current(&watched.id, watched.process) {
            shared.limits.release(&watched.id);
        }
        let lasting = status == Some(CANNOT_RUN.into());
        let problem = problem(how, blame, last.as_deref(), lasting);
        let ended = Observed::Exited { at: shared.settings.clock.now() };
        shared.saw_end(&watched.id, watched.process, ended, Some(problem), lasting);
        part.done();
    });
}

/// What became of a replica, in a sentence. One that says that it cannot run says why in its last line, and that is all
/// that people want to know; of the others the way in which they ended matters too.
fn problem(how: String, blame: Option<String>, last: Option<&str>, lasting: bool) -> String {
    let parts = match last {
        Some(line) if lasting => [Some(line.strip_prefix(SPEAKS).unwrap_or(line).to_owned()), blame, None],
        last => [Some(how), blame, last.map(|line| format!("the last line of its output: {line}"))],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Never ends by itself.
async fn probe(shared: &Shared, watched: &Watched) -> std::convert::Infallible {
    let timeout = Duration::from_secs(watched.liveness.timeout_seconds.into());
    // An instant from the start on, so that a machine that sleeps takes nothing of the delay.
    let spared = watched.started_at + SignedDuration::from_secs(watched.liveness.initial_delay_seconds.into());
    let clock = &shared.settings.clock;
    let spared = Instant::now() + spared.duration_since(clock.now()).try_into().unwrap_or_default();
    let mut pause = FIRST_LOOK;
    while let Err(unready) = watched.look(timeout).await {
        if let Unready::Says(doing) = unready {
            shared.does(&watched.id, watched.process, doing);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 5 / 4).min(SLOWEST_LOOK);
    }
    let look = async || watched.look(timeout).await.map_err(|unready| unready.to_string());
    let mut doubts = 0;
    loop {
        // One that came before it was ready is over.
        let _ = watched.doubted.notified().now_or_never();
        saw(shared, watched, Observed::Ready { since: clock.now() }, None);
        let (why, rest) = tokio::select! {
            why = until_unready(watched.liveness, spared, &look) => (why, Duration::ZERO),
            () = watched.doubted.notified(), if !watched.proven => {
                doubts += 1;
                (first_answers::why(), Duration::from_secs(first_answers::rest_seconds(doubts)))
            }
        };
        // One that rests is not started again before it has been looked at: its program may still load its model.
        let mut since = clock.now();
        if !rest.is_zero() {
            since += SignedDuration::try_from(rest + to_ready(watched.liveness)).unwrap_or_default();
        }
        saw(shared, watched, Observed::Unready { since }, Some(why));
        tokio::time::sleep(rest).await;
        until_ready(watched.liveness, &look).await;
    }
}

fn saw(shared: &Shared, watched: &Watched, observed: Observed, problem: Option<String>) {
    shared.saw(&watched.id, watched.process, observed, problem);
}

/// Returns once so many looks in a row have failed, with why the last one did. Those before `spared` do not count.
async fn until_unready<L: Future<Output = Result<(), String>>>(
    liveness: Liveness,
    spared: Instant,
    look: impl Fn() -> L,
) -> String {
    let mut failed = 0;
    loop {
        tokio::time::sleep(Duration::from_secs(liveness.period_seconds.into())).await;
        match look().await {
            Ok(()) => failed = 0,
            Err(_) if Instant::now() < spared => {}
            Err(why) => {
                failed += 1;
                if failed >= liveness.failure_threshold {
                    return format!("its health route failed {failed} times in a row: {why}");
                }
            }
        }
    }
}

/// The longest that it takes until a replica that is well counts as ready.
fn to_ready(liveness: Liveness) -> Duration {
    let look = Duration::from_secs((liveness.period_seconds + liveness.timeout_seconds).into());
    look * liveness.success_threshold
}

/// Returns once so many looks in a row have succeeded.
async fn until_ready<L: Future<Output = Result<(), String>>>(liveness: Liveness, look: impl Fn() -> L) {
    let mut succeeded = 0;
    while succeeded < liveness.success_threshold {
        tokio::time::sleep(Duration::from_secs(liveness.period_seconds.into())).await;
        succeeded = match look().await {
            Ok(()) => succeeded + 1,
            Err(_) => 0,
        };
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::{Ready, ready};

    use super::*;

    /// Answers look after look as the word says, `o` well and `x` not, the last letter for ever.
    fn looks(word: &'static str) -> impl Fn() -> Ready<Result<(), String>> {
        let at = Cell::new(0);
        move || {
            let letter = word.as_bytes()[at.get().min(word.len() - 1)];
            at.set(at.get() + 1);
            ready(if letter == b'o' { Ok(()) } else { Err("503".to_owned()) })
        }
    }

    /// Seconds until a replica that has run for `ran` seconds counts as not ready.
    async fn unready_after(liveness: Liveness, ran: u64, word: &'static str) -> (u64, String) {
        let began = Instant::now();
        let spared = Duration::from_secs(u64::from(liveness.initial_delay_seconds).saturating_sub(ran));
        let why = until_unready(liveness, began + spared, looks(word)).await;
        (began.elapsed().as_secs(), why)
    }

    async fn ready_after(liveness: Liveness, word: &'static str) -> u64 {
        let began = Instant::now();
        until_ready(liveness, looks(word)).await;
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn by_default_three_failed_looks_in_a_row_count_after_310_seconds() {
        let default = Liveness::default();
        assert_eq!(unready_after(default, 310, "xxx").await.0, 30, "a look every ten seconds");
        assert_eq!(unready_after(default, 310, "oxxoxxoxxx").await.0, 100, "only in a row");
        let (after, why) = unready_after(default, 0, "x").await;
        assert_eq!(after, 330, "looks at 310, 320 and 330 s");
        assert_eq!(why, "its health route failed 3 times in a row: 503");
        assert_eq!(unready_after(default, 300, "x").await.0, 30);
        assert_eq!(unready_after(default, 299, "x").await.0, 40, "one look was spared");
        assert_eq!(ready_after(default, "o").await, 10, "one good look is enough");
        assert_eq!(to_ready(default), Duration::from_secs(12), "which may take two seconds itself");
    }

    #[tokio::test(start_paused = true)]
    async fn every_threshold_holds_at_its_edge() {
        let strict =
            Liveness { initial_delay_seconds: 0, failure_threshold: 1, period_seconds: 1, ..Liveness::default() };
        assert_eq!(unready_after(strict, 0, "ox").await.0, 2, "the first failed look");
        let patient = Liveness { success_threshold: 3, period_seconds: 2, ..Liveness::default() };
        assert_eq!(ready_after(patient, "ooo").await, 6);
        assert_eq!(ready_after(patient, "ooxoxooo").await, 16, "only in a row");
        let spared =
            Liveness { initial_delay_seconds: 5, failure_threshold: 2, period_seconds: 1, ..Liveness::default() };
        // Looks that fail while they do not count do not set back either, and count for nothing later.
        assert_eq!(unready_after(spared, 0, "x").await.0, 6);
    }

    #[test]
    fn one_that_cannot_run_says_why_and_the_others_how_they_ended() {
        let said = |blame: Option<&str>, last, lasting| {
            problem("it ended with exit status 78".to_owned(), blame.map(str::to_owned), last, lasting)
        };
        assert_eq!(said(None, Some("changeover replica: no operator Foo"), true), "no operator Foo");
        assert_eq!(said(None, Some("its own words"), true), "its own words");
        assert_eq!(said(None, None, true), "it ended with exit status 78");
        assert_eq!(
            said(Some("it used 2 GB"), Some("killed"), false),
            "it ended with exit status 78; it used 2 GB; the last line of its output: killed"
        );
    }
}
