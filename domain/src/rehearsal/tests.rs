//! Rehearsals of rollouts that everybody can follow.

use super::*;
use crate::strategy::Strategy;
use proptest::{prop_assert, prop_assert_eq, prop_assume, proptest};

fn question(current: u32, desired: u32, surge: &str, unavailable: &str) -> Rehearse {
    let strategy = Strategy {
        max_surge: Some(surge.parse().unwrap()),
        max_unavailable: unavailable.parse().unwrap(),
        ..Strategy::default()
    };
    let (startup_ms, drain_ms) = (1_000, 200);
    let (drain_limit_ms, scoring_timeout_ms) = (60_000, 60_000);
    let running = Running::Replaced;
    Rehearse { current, desired, running, strategy, startup_ms, drain_ms, drain_limit_ms, scoring_timeout_ms }
}

#[test]
fn five_replicas_one_at_a_time_above_the_number() {
    let rehearsal = rehearse(&question(5, 5, "1", "0"));
    assert_eq!((rehearsal.lowest_available, rehearsal.highest_total), (5, 6));
    assert_eq!(rehearsal.duration_ms, 5 * 1_200);
    assert_eq!(rehearsal.frames.last().unwrap().new_ready, 5);
    assert!(rehearsal.warnings.is_empty());
}

#[test]
fn one_replica_without_surge_is_an_outage_and_says_so() {
    let rehearsal = rehearse(&question(1, 1, "0", "20%"));
    assert_eq!(rehearsal.lowest_available, 0);
    assert_eq!(rehearsal.warnings.len(), 2, "{:?}", rehearsal.warnings);
}

#[test]
fn a_drain_that_is_shorter_than_an_answer_may_take_is_told() {
    let short = Rehearse { drain_limit_ms: 4_000, ..question(5, 5, "1", "0") };
    let rehearsal = rehearse(&short);
    assert_eq!(rehearsal.drain_limit_ms, 4_000);
    assert!(rehearsal.warnings[0].contains("after 4 s") && rehearsal.warnings[0].contains("60 s"), "{rehearsal:?}");
    let untouched = Rehearse { running: Running::Alike, ..short };
    assert!(rehearse(&untouched).warnings.is_empty());
}

#[test]
fn more_of_the_same_starts_only_what_is_missing() {
    let rehearsal = rehearse(&Rehearse { running: Running::Alike, ..question(3, 5, "0", "1") });
    let starts = rehearsal.steps.iter().filter(|step| step.kind.is(StepKind::Start)).count();
    assert_eq!((starts, rehearsal.lowest_available), (2, 3));
    assert!(!rehearsal.steps.iter().any(|step| step.kind.is(StepKind::Stop)));
}

#[test]
fn a_new_user_config_starts_and_stops_nothing() {
    let rehearsal = rehearse(&Rehearse { running: Running::Reconfigured, ..question(5, 5, "0", "1") });
    let kinds: Vec<_> = rehearsal.steps.iter().map(|step| step.kind.to_string()).collect();
    assert_eq!(kinds, ["reconfigure"; 5]);
    assert_eq!((rehearsal.lowest_available, rehearsal.highest_total), (5, 5));
}

#[test]
fn requests_that_may_outlive_a_deadline_are_said_beforehand() {
    let warned = |progress, total, running| {
        let mut question = Rehearse { running, ..question(2, 2, "1", "0") };
        question.strategy.progress_deadline_seconds = progress;
        question.strategy.total_deadline_seconds = total;
        rehearse(&question).warnings.iter().any(|warning| warning.contains("60 s to finish"))
    };
    assert!(warned(10, None, Running::Replaced) && warned(600, Some(59), Running::Replaced));
    assert!(!warned(60, None, Running::Replaced) && !warned(10, None, Running::Alike));
}

#[test]
fn programs_take_a_new_user_config_one_after_the_other_off_the_route() {
    for (replicas, strategy, lowest, highest) in [
        (5, Strategy::default(), 4, 5),
        // None may be missed: one more runs meanwhile, and goes again.
        (1, Strategy::default(), 1, 2),
        (3, Strategy::default(), 3, 4),
    ] {
        let running = Running::ReconfiguredInTurn;
        let rehearsal = rehearse(&Rehearse { running, strategy, ..question(replicas, replicas, "0", "1") });
        let told = rehearsal.steps.iter().filter(|step| step.kind.is(StepKind::Reconfigure)).count() as u32;
        assert_eq!(told, 2 * replicas, "off the route, and asked: {rehearsal:#?}");
        assert_eq!((rehearsal.lowest_available, rehearsal.highest_total), (lowest, highest), "{replicas} replicas");
        assert_eq!(rehearsal.frames.last().unwrap().new_ready, replicas);
    }
}

proptest! {
    #[test]
    fn every_rehearsal_ends_with_the_desired_number_and_within_its_limits(
        current in 0u32..40, desired in 1u32..40, surge in 0u8..=100, unavailable in 0u8..=100, min_ready in 0u32..4,
    ) {
        prop_assume!(surge + unavailable > 0);
        let mut question = question(current, desired, &format!("{surge}%"), &format!("{unavailable}%"));
        question.strategy.min_ready_seconds = min_ready;
        let rehearsal = rehearse(&question);
        let last = rehearsal.frames.last().unwrap();
        prop_assert_eq!((last.new_ready, last.old_ready + last.old_leaving + last.new_starting), (desired, 0));
        let limits = rehearsal.limits;
        prop_assert!(rehearsal.highest_total <= limits.highest_total(desired).max(current));
        prop_assert!(rehearsal.lowest_available >= limits.lowest_available(desired).min(current));
    }
}

#[test]
fn how_long_replicas_are_missing_is_counted_from_the_plan() {
    let below = |surge, unavailable, replicas: u32, least| {
        rehearse(&question(replicas, replicas, surge, unavailable)).below_ms(least)
    };
    assert_eq!(below("1", "0", 3, 3), 0, "one more first: none is missing");
    // One is drained for 200 ms and its successor starts for 1,000 ms, one after the other.
    assert_eq!(below("0", "1", 1, 1), 1_200);
    assert_eq!(below("0", "1", 3, 3), 3 * 1_200);
    assert_eq!(below("0", "1", 3, 1), 0);
}

#[test]
fn safe_never_misses_a_replica_and_fast_is_never_slower() {
    use crate::strategy::Preset;
    let plan = |preset: Preset, replicas: u32| {
        let (surge, unavailable) = preset.limits();
        rehearse(&question(replicas, replicas, &surge.to_string(), &unavailable.to_string()))
    };
    for replicas in 1..=12 {
        let (safe, fast) = (plan(Preset::Safe, replicas), plan(Preset::Fast, replicas));
        assert!(safe.lowest_available >= replicas, "{replicas}");
        assert_eq!(fast.highest_total, replicas);
        assert!(fast.duration_ms <= safe.duration_ms, "{replicas}: {} and {}", fast.duration_ms, safe.duration_ms);
    }
}
