//! The pure planner: what should run, what does run, and the time, to the next step with its reason.
//!
//! The engine asks for one step, does it, looks again and asks again. The rehearsal plays the same
//! function to the end ([`crate::rehearsal`]).
//!
//! Guarantees, each one a property test:
//! - Nothing that is planned takes the number of available replicas below `desired − unavailable`.
//! - Nothing is started while `desired + surge` processes may exist.
//! - A replica that takes requests is drained before it is stopped. One that is no longer ready finishes those
//!   that it has, up to the drain limit, before it is stopped or started again.
//! - *Unknown* is neither ready nor gone: such a replica counts against the total and is left alone.
//!
//! Assumption: steps are carried out in the order in which they are given, one at a time.

mod in_flight;
mod progress;
mod reconfigure;
mod scene;
mod skip;
mod step;
mod wait;

use jiff::Timestamp;

use crate::replica::{Intent, Observed};
use crate::words::counted;
pub use in_flight::InFlight;
pub use progress::{Progress, progress};
use reconfigure::{keep, meant, reconfigure};
pub use scene::{Goal, Replica, Scene};
pub use skip::Skip;
use step::act;
pub use step::{Decision, Step, back_off, next_start};

/// The next step for `scene` at `now`.
pub fn next(scene: &Scene, now: Timestamp) -> Decision {
    finish_what_was_begun(scene, now)
        .or_else(|| relabel(scene))
        .or_else(|| keep(scene))
        .or_else(|| reconfigure(scene, now))
        .or_else(|| restart(scene, now))
        .or_else(|| remove_unhealthy(scene))
        .or_else(|| start(scene))
        .or_else(|| drain(scene, now))
        .unwrap_or_else(|| wait::wait(scene, now))
}

/// Stops what has drained, strikes out what has ended.
fn finish_what_was_begun(scene: &Scene, now: Timestamp) -> Option<Decision> {
    scene.replicas.iter().find_map(|replica| {
        let id = || replica.id.clone();
        match replica.intent {
            Intent::Run => None,
            // As long as the gateway has not seen the end of its requests, they are not in any receipt.
            Intent::Drain { since } | Intent::Stop { since } if !replica.observed.may_exist() => {
                let is_counted =
                    !matches!(replica.in_flight, InFlight::Counted(1..)) || now >= since + scene.drain_limit();
                if is_counted { act(Step::Forget { replica: id() }, "its process has ended") } else { None }
            }
            Intent::Drain { .. } if replica.in_flight.is_none() => {
                act(Step::Stop { replica: id() }, "it has no request left")
            }
            Intent::Drain { since } if now >= since + scene.drain_limit() => {
                let left = match replica.in_flight {
                    InFlight::Counted(count) => {
                        format!("with {} left", counted(u64::from(count), "request", "requests"))
                    }
                    InFlight::Unknown => "and nobody counts its requests".to_owned(),
                };
                let reason = format!("its drain limit of {} s is over {left}", scene.drain_limit_ms / 1000);
                act(Step::Stop { replica: id() }, reason)
            }
            Intent::Drain { .. } | Intent::Stop { .. } => None,
        }
    })
}

/// Keeps replicas that already run what the goal asks for.
fn relabel(scene: &Scene) -> Option<Decision> {
    let goal = scene.goal.as_ref()?;
    let alike = scene
        .replicas
        .iter()
        .find(|r| r.intent == Intent::Run && goal.alike.contains(&r.revision) && r.delivery.is_none())?;
    let step = Step::Relabel { replica: alike.id.clone(), revision: goal.revision };
    act(step, "it already runs what this revision asks for, so it stays as it is")
}

/// Starts ended or failing processes again, after a pause that grows. Replicas of an earlier revision
/// are only mended while nothing is being replaced; otherwise they go first.
fn restart(scene: &Scene, now: Timestamp) -> Option<Decision> {
    let goal = scene.goal.as_ref()?;
    let mended = |r: &&Replica| r.intent == Intent::Run && (scene.paused || r.revision == goal.revision);
    scene.replicas.iter().filter(mended).find_map(|replica| {
        let (failed_at, what) = replica.failure()?;
        let step = Step::Restart { replica: replica.id.clone() };
        let waits = scene.finishes(replica).is_some_and(|until| now < until);
        if now >= failed_at + back_off(replica.failures) && !waits { act(step, what) } else { None }
    })
}

/// Unhealthy replicas of an earlier revision go first: that costs nobody anything (CO-4).
fn remove_unhealthy(scene: &Scene) -> Option<Decision> {
    if scene.is_held() {
        return None;
    }
    let replica = scene.others().find(|r| !r.observed.is_ready() && r.observed != Observed::Unknown)?;
    let (id, reason) = (replica.id.clone(), "it is not ready, so it goes first");
    let step = if scene.finishes(replica).is_some() { Step::Drain { replica: id } } else { Step::Stop { replica: id } };
    act(step, reason)
}

fn start(scene: &Scene) -> Option<Decision> {
    let goal = scene.goal.as_ref().filter(|_| !scene.paused)?;
    let count = scene.new_ones().count() as u32;
    // One that has ended and is to be started again has a place too.
    let total = scene.replicas.iter().filter(|r| r.observed.may_exist() || r.intent == Intent::Run).count() as u32;
    let highest = scene.limits.highest_total(goal.desired);
    if count >= meant(scene, goal) || total >= highest || scene.room == 0 {
        return None;
    }
    act(
        Step::Start { revision: goal.revision },
        format!("{count} of {} exist, {total} replicas run and {highest} are allowed", goal.desired),
    )
}

/// Takes one replica off the route that is no longer wanted, if enough others are available.
fn drain(scene: &Scene, now: Timestamp) -> Option<Decision> {
    if scene.is_held() {
        return None;
    }
    let Some(goal) = &scene.goal else {
        let replica = scene.others().find(|r| r.observed != Observed::Unknown)?;
        return act(Step::Drain { replica: replica.id.clone() }, "nothing should run");
    };
    let available = scene.available(now);
    let floor = scene.limits.lowest_available(goal.desired);
    let surplus = (scene.new_ones().count() as u32).saturating_sub(meant(scene, goal));
    let known = |r: &&Replica| r.observed != Observed::Unknown;
    let replaced = || Some((scene.others().filter(known).min_by_key(|r| r.revision)?, "of an earlier revision"));
    let one_more = || {
        let ones = scene.new_ones().filter(|_| surplus > 0).filter(known);
        // Of those that serve on after a failed update one goes first, else the one that ran shortest.
        let first =
            |r: &&Replica| (r.observed.is_ready(), goal.survivors_of != Some(r.revision), r.observed.is_youngest());
        Some((ones.min_by_key(first)?, "one more than wanted"))
    };
    let (replica, what) = replaced().or_else(one_more)?;
    let counts = replica.is_available(Some(goal), scene.min_ready_seconds, now);
    if counts && available <= floor {
        return None;
    }
    act(
        Step::Drain { replica: replica.id.clone() },
        format!("{what}: {available} are available and the floor is {floor}"),
    )
}
