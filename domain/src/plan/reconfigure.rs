//! A new `user_config` for replicas that run: who is told next, who may be missed meanwhile, who is asked again.

use jiff::Timestamp;

use super::scene::{Goal, Replica, Scene};
use super::step::{Decision, Step, act, back_off};
use crate::replica::{Delivery, Intent};

/// Delivers a new `user_config` to a replica that serves. One that did not take it is asked again after a pause that
/// grows, and no other one before it has, so that what cannot be taken reaches one replica and not all. Where it gets
/// no requests meanwhile, it first finishes those that it has, and is taken off the route only while enough others are
/// there.
pub(super) fn reconfigure(scene: &Scene, now: Timestamp) -> Option<Decision> {
    let goal = scene.goal.as_ref().filter(|_| !scene.paused)?;
    let replica = to_be_told(scene, goal)?;
    if ask_again(goal, replica).is_some_and(|at| now < at) {
        return None;
    }
    let step = Step::Reconfigure { replica: replica.id.clone(), revision: goal.revision };
    match replica.delivery {
        Some(delivery) if delivery.finishes && delivery.revision == goal.revision => {
            let over = now >= delivery.at + scene.drain_limit();
            if !replica.in_flight.is_none() && !over {
                None
            } else {
                act(step, "it has no request left, so it takes the new user_config")
            }
        }
        None if goal.off_the_route => {
            let floor = scene.limits.lowest_available(goal.desired);
            let available = scene.available(now);
            let reason = "only its user_config differs: it gets no requests until it has taken the new one";
            if available > floor { act(step, reason) } else { None }
        }
        _ => act(step, "only its user_config differs, so it takes the new one while it runs"),
    }
}

/// The replica that is given the goal's `user_config` next: one that was begun with, else any.
fn to_be_told<'a>(scene: &'a Scene, goal: &Goal) -> Option<&'a Replica> {
    let takes_it = |r: &&Replica| r.intent == Intent::Run && r.observed.is_ready() && goal.is_a_config_away(r);
    scene.replicas.iter().filter(takes_it).max_by_key(|r| r.delivery.is_some())
}

/// The number of replicas that are meant to be there: one more than wanted while others take a new `user_config` off
/// the route and none of them may be missed.
pub(super) fn meant(scene: &Scene, goal: &Goal) -> u32 {
    let one_more = goal.off_the_route && scene.limits.unavailable == 0 && to_be_told(scene, goal).is_some();
    goal.desired + u32::from(one_more)
}

/// When a replica that did not take this very `user_config` is asked again.
pub(super) fn ask_again(goal: &Goal, replica: &Replica) -> Option<Timestamp> {
    let delivery = replica.delivery.filter(|delivery| delivery.failed > 0 && delivery.revision == goal.revision)?;
    Some(delivery.at + back_off(delivery.failed + 1))
}

/// Keeps replicas that were to take another `user_config` and certainly have not: they have what the goal asks for.
pub(super) fn keep(scene: &Scene) -> Option<Decision> {
    let goal = scene.goal.as_ref()?;
    let untouched = |delivery: Delivery| delivery.revision != goal.revision && (delivery.refused || delivery.finishes);
    let kept = scene
        .replicas
        .iter()
        .find(|r| r.intent == Intent::Run && r.revision == goal.revision && r.delivery.is_some_and(untouched))?;
    let step = Step::Relabel { replica: kept.id.clone(), revision: goal.revision };
    act(step, "it has not taken the other user_config, so it stays as it is")
}
