//! Change requests over random scripts: nothing starts that was not approved, at that moment, by enough eligible people
//! who have not written it; and what was approved like that does start.
//!
//! A script edits, reviews, moves the base, changes policies, people and groups, lets time pass, loses what should have
//! followed, and repeats what has happened. A failing script is shrunk and printed by proptest.

mod voices;
mod world;

use std::cell::Cell;

use domain::change_request::{ApplyWord, RequestEvent, ReviewVerdict};
use proptest::prelude::Strategy as Generator;
use proptest::prelude::{Just, any};
use proptest::test_runner::{Config, TestRunner};
use proptest::{collection, prop_oneof};

use world::World;

/// A thing that can happen. People, groups, policies and versions are numbers, counted in a circle.
#[derive(Clone, Debug)]
enum Happening {
    /// An owner writes another version, on what there is now.
    Edit { by: usize, content: u8 },
    /// Somebody reviews a version, by the door that asks whether they may.
    Review { by: usize, verdict: ReviewVerdict, versions_ago: usize, through_token: bool },
    /// A review gets in without that; it may name the plan of another version than its own.
    Slip { by: usize, verdict: ReviewVerdict, versions_ago: usize, plan_ago: usize },
    /// Somebody takes their verdict back.
    Withdraw { by: usize },
    /// The base becomes another one; the request hears of it, or not.
    Base { becomes: u8, told: bool },
    /// A policy asks for so many approvals.
    Approvals { policy: usize, needed: u32 },
    /// A policy names other reviewers: administrators, a group, a group and a person.
    Reviewers { policy: usize, group: Option<usize>, person: Option<usize> },
    /// A policy is switched on or off.
    Active { policy: usize, active: bool },
    /// Approvals count for so many hours.
    ValidFor { policy: usize, hours: u8 },
    /// Somebody is disabled, or let in again.
    Disabled { person: usize, disabled: bool },
    /// Somebody becomes an administrator, or is one no more.
    Admin { person: usize, admin: bool },
    /// Somebody comes into a group, or leaves it.
    Member { group: usize, person: usize, member: bool },
    /// Time passes, in steps that meet the ends of approvals exactly.
    HalfHours(u16),
    /// The same event again, or one that somebody has made up.
    Again(RequestEvent),
    /// Somebody applies it, or the engine does.
    Apply,
}

fn verdict() -> impl Generator<Value = ReviewVerdict> {
    prop_oneof![
        6 => Just(ReviewVerdict::Approved),
        1 => Just(ReviewVerdict::ChangesRequested),
        1 => Just(ReviewVerdict::Comment),
    ]
}

fn event() -> impl Generator<Value = RequestEvent> {
    prop_oneof![
        6 => Just(RequestEvent::PoliciesMet(ApplyWord::WhenApproved)),
        3 => Just(RequestEvent::PoliciesMet(ApplyWord::At)),
        2 => Just(RequestEvent::PoliciesUnmet),
        2 => Just(RequestEvent::ChangesRequested),
        2 => Just(RequestEvent::ChangesWithdrawn),
        1 => Just(RequestEvent::BaseMoved),
    ]
}

fn happening() -> impl Generator<Value = Happening> {
    let any_one = any::<usize>;
    let versions_ago = || prop_oneof![6 => Just(0usize), 1 => 1usize..3];
    prop_oneof![
        3 => (any_one(), 0u8..3).prop_map(|(by, content)| Happening::Edit { by, content }),
        14 => (any_one(), verdict(), versions_ago(), prop_oneof![9 => Just(false), 1 => Just(true)]).prop_map(
            |(by, verdict, versions_ago, through_token)| Happening::Review { by, verdict, versions_ago, through_token }
        ),
        6 => (any_one(), verdict(), versions_ago(), versions_ago())
            .prop_map(|(by, verdict, versions_ago, plan_ago)| Happening::Slip { by, verdict, versions_ago, plan_ago }),
        2 => any_one().prop_map(|by| Happening::Withdraw { by }),
        2 => (0u8..3, any::<bool>()).prop_map(|(becomes, told)| Happening::Base { becomes, told }),
        2 => (any_one(), 1u32..4).prop_map(|(policy, needed)| Happening::Approvals { policy, needed }),
        1 => (any_one(), any::<Option<usize>>(), any::<Option<usize>>())
            .prop_map(|(policy, group, person)| Happening::Reviewers { policy, group, person }),
        1 => (any_one(), any::<bool>()).prop_map(|(policy, active)| Happening::Active { policy, active }),
        1 => (any_one(), 1u8..5).prop_map(|(policy, hours)| Happening::ValidFor { policy, hours }),
        2 => (any_one(), any::<bool>()).prop_map(|(person, disabled)| Happening::Disabled { person, disabled }),
        1 => (any_one(), any::<bool>()).prop_map(|(person, admin)| Happening::Admin { person, admin }),
        2 => (any_one(), any_one(), any::<bool>())
            .prop_map(|(group, person, member)| Happening::Member { group, person, member }),
        4 => (1u16..7).prop_map(Happening::HalfHours),
        2 => event().prop_map(Happening::Again),
        6 => Just(Happening::Apply),
    ]
}

#[test]
fn nothing_starts_that_enough_eligible_people_have_not_approved() {
    // False: the server dies before anything follows from what has happened.
    let step = (happening(), prop_oneof![4 => Just(true), 1 => Just(false)]);
    let script = (0usize..4, collection::vec(step, 1..60));
    let cases = Config::default().cases.max(2_000);
    let (started, refused) = (Cell::new(0), Cell::new(0));
    let run = |(mode, script): (usize, Vec<(Happening, bool)>)| {
        let mut world = World::new(mode);
        for (happening, followed) in &script {
            world.happens(happening);
            if *followed {
                world.follows();
            }
        }
        started.set(started.get() + u32::from(world.approved));
        refused.set(refused.get() + world.refused);
        Ok(())
    };
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() }).run(&script, run).unwrap();
    // Neither is rare.
    let (started, refused) = (started.get(), refused.get());
    assert!(
        started > cases / 20 && refused > cases / 2,
        "{started} of {cases} were approved and started, {refused} tries were refused"
    );
}
