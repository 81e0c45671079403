//! The sentence about what a rollout waits for when there is no step to take, and the time of the next look.

use jiff::{SignedDuration, Timestamp};

use super::progress::{ENDING, progress};
use super::reconfigure::ask_again;
use super::scene::{Replica, Scene};
use super::step::{Decision, back_off};
use crate::replica::{Intent, Observed};
use crate::words::counted;

/// Says what is waited for, and when to look again by the clock.
pub(super) fn wait(scene: &Scene, now: Timestamp) -> Decision {
    if progress(scene, now).settled {
        return Decision::Settled;
    }
    let min_ready = SignedDuration::from_secs(scene.min_ready_seconds.into());
    let goal = scene.goal.as_ref().map(|goal| goal.revision);
    let until = scene
        .replicas
        .iter()
        .filter_map(|r| match (r.intent, r.observed) {
            (Intent::Drain { since }, _) => Some(since + scene.drain_limit()),
            (Intent::Stop { since }, observed) if observed.may_exist() => Some(since + ENDING),
            (Intent::Stop { since }, _) => Some(since + scene.drain_limit()),
            (Intent::Run, Observed::Ready { since }) if Some(r.revision) == goal && r.delivery.is_none() => {
                Some(since + min_ready)
            }
            (Intent::Run, Observed::Ready { .. }) if r.delivery.is_some_and(|delivery| delivery.finishes) => {
                r.delivery.map(|delivery| delivery.at + scene.drain_limit())
            }
            (Intent::Run, Observed::Ready { .. }) => scene.goal.as_ref().and_then(|goal| ask_again(goal, r)),
            (Intent::Run, _) => {
                r.failure().map(|(at, _)| (at + back_off(r.failures)).max(scene.finishes(r).unwrap_or(at)))
            }
        })
        .filter(|at| *at > now)
        .min();
    Decision::Wait { until, reason: waiting_for(scene, now) }
}

fn waiting_for(scene: &Scene, now: Timestamp) -> String {
    let count = |wanted: &dyn Fn(&Replica) -> bool| scene.replicas.iter().filter(|r| wanted(r)).count();
    let draining = count(&|r| matches!(r.intent, Intent::Drain { .. }));
    let stopping = count(&|r| matches!(r.intent, Intent::Stop { .. }));
    let goal = scene.goal.as_ref();
    let starting = scene.new_ones().filter(|r| !r.observed.is_ready()).count();
    let settling = scene
        .new_ones()
        .filter(|r| r.observed.is_ready() && !r.is_available(goal, scene.min_ready_seconds, now))
        .count();
    let plural = |n: usize| counted(n as u64, "replica", "replicas");
    let mut parts = Vec::new();
    if scene.paused {
        parts.push("someone to resume it".to_owned());
    }
    if starting > 0 {
        parts.push(format!("{} to become ready", plural(starting)));
    }
    if settling > 0 {
        parts.push(format!("{} to stay ready for {} s", plural(settling), scene.min_ready_seconds));
    }
    if draining > 0 {
        parts.push(format!("{} to finish its requests", plural(draining)));
    }
    if stopping > 0 {
        parts.push(format!("{} to end", plural(stopping)));
    }
    let refusing = scene.new_ones().filter(|r| r.delivery.is_some()).count();
    if refusing > 0 {
        parts.push(format!("{} to take the new user_config", plural(refusing)));
    }
    if scene.room == 0 && goal.is_some_and(|goal| (scene.new_ones().count() as u32) < goal.desired) {
        parts.push("room on the machine for another replica".to_owned());
    }
    if parts.is_empty() {
        parts.push("replicas to be seen".to_owned());
    }
    parts.join(", ")
}
