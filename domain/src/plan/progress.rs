//! The progress of a scene towards its goal, by which its rollout is judged.

use jiff::{SignedDuration, Timestamp};

use super::scene::{Replica, Scene};
use crate::replica::{Delivery, Intent};

/// The time that a process which was told to end keeps the clock from running. Longer than any grace period: one that
/// is still there then is no longer on its way out.
pub(super) const ENDING: SignedDuration = SignedDuration::from_secs(60);

/// The progress towards the goal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Available replicas of the goal's revision, at most the desired number.
    pub available: u32,
    /// The desired number is available; what else runs has only to end.
    pub enough: bool,
    /// The desired number is available and nothing else runs.
    pub settled: bool,
    /// Nothing is waited for but requests that replicas on their way out still have, and processes that end. That says
    /// nothing of the goal's revision, so no deadline comes nearer.
    pub stands: bool,
    /// A replica of the goal's revision has ended, or refused its `user_config`, for a cause that does not change.
    pub cannot_run: bool,
    /// Failed starts in a row of replicas of the goal's revision, which ended without having been ready.
    pub start_failures: u32,
    /// A replica of the goal's revision has failed.
    pub failed: bool,
    /// The time since when a replica of the goal's revision has been there without being ready: the longest of all.
    pub unready: Option<Timestamp>,
}

/// The progress of `scene`.
pub fn progress(scene: &Scene, now: Timestamp) -> Progress {
    let Some(goal) = &scene.goal else {
        return Progress { enough: true, settled: scene.replicas.is_empty(), ..Progress::default() };
    };
    let available = scene
        .replicas
        .iter()
        .filter(|r| r.revision == goal.revision && r.delivery.is_none() || goal.survivors_of == Some(r.revision))
        .filter(|r| r.is_available(Some(goal), scene.min_ready_seconds, now))
        .count() as u32;
    let own = || scene.replicas.iter().filter(|r| r.intent == Intent::Run && r.revision == goal.revision);
    // It counts to the revision before until it has taken the new one's.
    let given = || scene.replicas.iter().filter_map(|r| r.delivery).filter(|d| d.revision == goal.revision);
    Progress {
        available: available.min(goal.desired),
        enough: available >= goal.desired,
        settled: available == goal.desired && scene.replicas.len() as u32 == goal.desired,
        stands: stands(scene, now),
        cannot_run: own().any(|r| r.lasting && !r.observed.may_exist()) || given().any(|d| d.refused),
        start_failures: own().map(|r| r.start_failures).sum(),
        failed: own().any(|r| r.failures > 0 || r.start_failures > 0) || given().any(|d| d.failed > 0),
        unready: own().filter_map(|r| r.observed.not_ready_since()).min(),
    }
}

/// True when everything that is waited for is on its way out, or finishes its requests before it takes a new
/// `user_config`, while every other replica that is to stay is available.
fn stands(scene: &Scene, now: Timestamp) -> bool {
    let Some(goal) = &scene.goal else { return false };
    let leaves = |r: &Replica| match r.intent {
        Intent::Run => false,
        // Bounded by the drain limit.
        Intent::Drain { .. } => true,
        Intent::Stop { since } => now < since + ENDING,
    };
    // It is asked for the goal's `user_config` once it has no request left; bounded by the drain limit.
    let finishes = |d: Delivery| d.finishes && d.revision == goal.revision && now < d.at + scene.drain_limit();
    let finishing = |r: &Replica| {
        r.intent == Intent::Run && r.observed.is_ready() && !r.in_flight.is_none() && r.delivery.is_some_and(finishes)
    };
    let available = |r: &Replica| r.delivery.is_none() && r.is_available(Some(goal), scene.min_ready_seconds, now);
    let (count, total) = (scene.new_ones().count() as u32, scene.replicas.len() as u32);
    let may_start = count < goal.desired && total < scene.limits.highest_total(goal.desired) && scene.room > 0;
    scene.replicas.iter().any(|r| leaves(r) || finishing(r))
        && scene.new_ones().all(|r| finishing(r) || available(r))
        && !may_start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RevisionNumber;
    use crate::plan::{Goal, InFlight};
    use crate::replica::Observed;
    use crate::strategy::{Adjustment, Limits};

    const OLD: RevisionNumber = RevisionNumber(1);
    const NEW: RevisionNumber = RevisionNumber(2);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap_or_default()
    }

    fn replica(revision: RevisionNumber, intent: Intent, observed: Observed) -> Replica {
        Replica { intent, in_flight: InFlight::Counted(1), ..Replica::new("r1".parse().unwrap(), revision, observed) }
    }

    /// Two are wanted, and two may run.
    fn scene(replicas: Vec<Replica>) -> Scene {
        Scene {
            goal: Some(Goal::of(NEW, 2)),
            limits: Limits { surge: 0, unavailable: 1, adjustment: Adjustment::None },
            min_ready_seconds: 5,
            drain_limit_ms: 60_000,
            paused: false,
            room: u32::MAX,
            replicas,
        }
    }

    #[test]
    fn the_clock_stands_only_while_nothing_is_waited_for_but_what_leaves() {
        let (run, drain, stop) = (Intent::Run, Intent::Drain { since: at(0) }, Intent::Stop { since: at(0) });
        let ready = Observed::Ready { since: at(0) };
        let leaves = || replica(OLD, drain, ready);
        for (what, replicas, now, stands) in [
            ("an old one drains, another serves", vec![leaves(), replica(OLD, run, ready)], 30, true),
            (
                "a process that was told to end is there",
                vec![replica(OLD, stop, ready), replica(OLD, run, ready)],
                30,
                true,
            ),
            ("and is still there after a minute", vec![replica(OLD, stop, ready), replica(OLD, run, ready)], 60, false),
            ("a new one is ready beside it", vec![leaves(), replica(NEW, run, ready)], 30, true),
            ("a new one has not been ready for long enough", vec![leaves(), replica(NEW, run, ready)], 4, false),
            ("a new one starts", vec![leaves(), replica(NEW, run, Observed::Starting { since: at(0) })], 30, false),
            ("a new one has ended", vec![leaves(), replica(NEW, run, Observed::Exited { at: at(0) })], 30, false),
            ("nobody has looked at a new one", vec![leaves(), replica(NEW, run, Observed::Unknown)], 30, false),
            ("there is room for a new one", vec![leaves()], 30, false),
            ("nothing leaves", vec![replica(NEW, run, ready), replica(OLD, run, ready)], 30, false),
        ] {
            assert_eq!(progress(&scene(replicas), at(now)).stands, stands, "{what}");
        }
        let no_room = Scene { room: 0, ..scene(vec![leaves()]) };
        assert!(progress(&no_room, at(30)).stands, "the machine's room is what the old one holds");
        let finishing = |at_second, in_flight| {
            let in_flight = InFlight::Counted(in_flight);
            let delivery =
                Some(Delivery { revision: NEW, at: at(at_second), failed: 0, finishes: true, refused: false });
            let goal = Some(Goal { off_the_route: true, reconfigurable: vec![OLD], ..Goal::of(NEW, 2) });
            let first = Replica { delivery, in_flight, ..replica(OLD, run, ready) };
            progress(&Scene { goal, ..scene(vec![first, replica(OLD, run, ready)]) }, at(30)).stands
        };
        assert!(finishing(0, 1), "one finishes its requests before it takes a new user_config");
        assert!(!finishing(0, 0), "it has none left");
        assert!(!finishing(-30, 1), "its drain limit is over");
        let away = Scene { goal: None, ..scene(vec![leaves()]) };
        assert!(!progress(&away, at(30)).stands && progress(&away, at(30)).enough);
    }

    #[test]
    fn what_replicas_of_the_goal_have_come_to_is_summed_up_and_no_others() {
        let ended = Observed::Exited { at: at(0) };
        let crashed = |revision, lasting| Replica {
            failures: 2,
            start_failures: 2,
            lasting,
            ..replica(revision, Intent::Run, ended)
        };
        let sum = progress(&scene(vec![crashed(NEW, false), crashed(NEW, false), crashed(OLD, true)]), at(1));
        assert_eq!((sum.start_failures, sum.failed, sum.unready, sum.cannot_run), (4, true, Some(at(0)), false));
        assert!(progress(&scene(vec![crashed(NEW, true)]), at(1)).cannot_run);
        let refusing = |revision, refused| {
            let delivery = Some(Delivery { revision, at: at(0), failed: 1, finishes: false, refused });
            let ready = Observed::Ready { since: at(0) };
            progress(&scene(vec![Replica { delivery, ..replica(OLD, Intent::Run, ready) }]), at(1))
        };
        assert!(refusing(NEW, true).cannot_run && refusing(NEW, true).failed);
        assert!(!refusing(NEW, false).cannot_run && !refusing(OLD, true).cannot_run);
    }
}
