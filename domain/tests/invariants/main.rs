//! The planner's guarantees, over random interleavings of faults, operator commands and time.
//!
//! A world of replicas does what a script of random events says; after each event the planner's steps are
//! carried out until it waits. A failing script is shrunk and printed by proptest.

mod world;

use domain::deployment::OnFailure;
use domain::rollout::Phase;
use domain::strategy::{Amount, Strategy};
use proptest::prelude::Strategy as Generator;
use proptest::prelude::{Just, any};
use proptest::{collection, prop_oneof, proptest};

use world::World;

/// A thing that can happen. Indices choose one of the replicas there are.
#[derive(Clone, Debug)]
enum Happening {
    Ready(usize),
    Unready(usize),
    Exited(usize),
    Unseen(usize),
    Requests(usize, u32),
    Gone(usize),
    Time(u16),
    Update {
        desired: u32,
        becomes: Becomes,
    },
    Scale(u32),
    Refuses(usize),
    /// A person marks a revision that has worked as known to be bad.
    Quarantine(usize),
    Deactivate,
    Pause,
    Resume,
    Cancel,
}

/// The fate of the running replicas in an update.
#[derive(Clone, Copy, Debug)]
enum Becomes {
    Replaced,
    Alike,
    Reconfigured,
    /// They get no requests while they take the new `user_config`.
    ReconfiguredOffTheRoute,
}

fn becomes() -> impl Generator<Value = Becomes> {
    prop_oneof![
        Just(Becomes::Replaced),
        Just(Becomes::Alike),
        Just(Becomes::Reconfigured),
        Just(Becomes::ReconfiguredOffTheRoute),
    ]
}

fn happening() -> impl Generator<Value = Happening> {
    let at = any::<usize>;
    prop_oneof![
        6 => at().prop_map(Happening::Ready),
        1 => at().prop_map(Happening::Unready),
        2 => at().prop_map(Happening::Exited),
        1 => at().prop_map(Happening::Unseen),
        2 => (at(), 0u32..3).prop_map(|(at, n)| Happening::Requests(at, n)),
        4 => at().prop_map(Happening::Gone),
        6 => (1u16..4_000).prop_map(Happening::Time),
        2 => (1u32..8, becomes()).prop_map(|(desired, becomes)| Happening::Update { desired, becomes }),
        1 => (1u32..8).prop_map(Happening::Scale),
        1 => at().prop_map(Happening::Refuses),
        1 => at().prop_map(Happening::Quarantine),
        1 => Just(Happening::Deactivate),
        1 => Just(Happening::Pause),
        1 => Just(Happening::Resume),
        1 => Just(Happening::Cancel),
    ]
}

fn strategy() -> impl Generator<Value = Strategy> {
    (0u32..4, 0u32..3, 0u32..3, 2u32..20, any::<bool>()).prop_filter_map(
        "something must be able to move",
        |(surge, unavailable, min_ready_seconds, progress_deadline_seconds, total)| {
            let strategy = Strategy {
                max_surge: surge.checked_sub(1).map(Amount::Count),
                max_unavailable: Amount::Count(unavailable),
                min_ready_seconds,
                progress_deadline_seconds,
                total_deadline_seconds: total.then_some(30),
                start_failures: 1 + surge,
            };
            strategy.check().is_ok().then_some(strategy)
        },
    )
}

fn on_failure() -> impl Generator<Value = OnFailure> {
    prop_oneof![Just(OnFailure::Revert), Just(OnFailure::Stop), Just(OnFailure::Dead)]
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(2_000))]

    #[test]
    fn whatever_happens_the_limits_hold_and_in_the_end_it_settles(
        strategy in strategy(), on_failure in on_failure(), room in 0u32..3, desired in 1u32..8, script in collection::vec(happening(), 0..80),
    ) {
        let mut world = World::new(strategy, on_failure, room, desired);
        world.settle();
        for happening in &script {
            world.happens(happening);
            world.settle();
        }
        world.heals();
        // The highest revision wins; what it overtook ended superseded, unless it had ended before.
        let newest = world.ledger().deployment.newest_revision;
        for (revision, phase) in &world.ended {
            if *revision < newest {
                assert_ne!(*phase, Phase::Pending);
            }
        }
        let scene = world.scene();
        let Some(runs) = scene.goal.as_ref().map(|goal| goal.revision) else {
            // Deactivated, or there was nothing to go back to.
            assert!(scene.replicas.is_empty());
            return Ok(());
        };
        match world.rollout().phase {
            Phase::Completed => assert_eq!(runs, newest),
            Phase::Failed if scene.paused => assert_eq!(runs, newest),
            Phase::Failed | Phase::Reverted | Phase::Cancelled | Phase::RevertFailed => {
                assert_eq!(Some(runs), world.back);
            }
            other => panic!("it ended {other:?}"),
        }
    }
}
