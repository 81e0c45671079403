//! Looks by a clock of their own.

use super::*;
use proptest::{collection, prop_assert, prop_assert_eq, proptest};

const SETTINGS: Autoscaling = Autoscaling {
    min_replicas: 1,
    max_replicas: 10,
    refresh_seconds: 1,
    target_percent: 70,
    up_delay_seconds: 2,
    down_delay_seconds: 4,
};

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap()
}

/// The same number of requests all the time.
fn steady(requests: u32) -> Load {
    Load { average_milli: u64::from(requests) * 1_000, peak: requests, refused: 0 }
}

#[test]
fn a_replica_is_meant_to_be_busy_for_its_share() {
    for (requests, each, expected) in [(0, 1, 1), (1, 1, 2), (7, 1, 10), (7, 10, 1), (8, 10, 2), (1000, 1, 10)] {
        assert_eq!(SETTINGS.wanted(requests * 1_000, each), expected, "{requests} requests, {each} at a time");
    }
    assert_eq!((SETTINGS.wanted(700, 1), SETTINGS.wanted(701, 1)), (1, 2));
}

#[test]
fn a_change_waits_for_its_delay_and_a_contrary_look_begins_it_anew() {
    let mut trend = Trend::default();
    let mut looks = |current, looks: &[(i64, u32, Option<u32>)]| {
        for (second, requests, expected) in looks {
            let (_, to) = trend.look(&SETTINGS, 1, current, steady(*requests), at(second * 1_000));
            assert_eq!(to, *expected, "second {second}");
        }
    };
    // Each on average over two looks: 2, 2, 1 (contrary), 1.5 (wants 3), 3, 3.
    looks(2, &[(0, 2, None), (1, 2, None), (2, 0, None), (3, 3, None), (4, 3, None), (5, 3, Some(5))]);
    looks(5, &[(10, 1, None), (11, 2, None), (12, 1, None), (13, 0, None), (14, 0, Some(3))]);
}

/// Requests that come in bursts of `size` every `gap` milliseconds, each answered within `work`, with what waits longer
/// than `patience` refused: one replica answers one at a time. Answers how the number of replicas goes, look by look.
fn played(settings: &Autoscaling, size: u32, gap: i64, work: i64, patience: i64, seconds: i64) -> (Vec<u32>, u64) {
    let (mut trend, mut replicas, mut course, mut refused) = (Trend::default(), 1u32, Vec::new(), 0);
    // When each that is answered or waits ends, and when each that is answered frees its replica.
    let (mut outstanding, mut busy): (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
    let (mut area, mut peak, mut turned_away) = (0u64, 0u32, 0u64);
    for now in 0..seconds * 1_000 {
        outstanding.retain(|end| *end > now);
        busy.retain(|end| *end > now);
        if now % gap == 0 {
            for _ in 0..size {
                busy.sort_unstable();
                let free = if (busy.len() as u32) < replicas { now } else { busy[busy.len() - replicas as usize] };
                if free - now <= patience {
                    busy.push(free + work);
                    outstanding.push(free + work);
                } else {
                    outstanding.push(now + patience);
                    turned_away += 1;
                }
                peak = peak.max(outstanding.len() as u32);
            }
        }
        area += outstanding.len() as u64;
        if now % 1_000 == 999 {
            let load = Load { average_milli: area, peak, refused: turned_away };
            refused += turned_away;
            (area, peak, turned_away) = (0, outstanding.len() as u32, 0);
            let (_, to) = trend.look(settings, 1, replicas, load, at(now + 1));
            replicas = to.unwrap_or(replicas);
            course.push(replicas);
        }
    }
    (course, refused)
}

#[test]
fn bursts_that_come_again_and_again_are_seen_and_settle() {
    let settings = Autoscaling { max_replicas: 6, down_delay_seconds: 8, ..SETTINGS };
    for work in [200, 400, 1_000] {
        let (course, refused) = played(&settings, 6, 1_600, work, 500, 120);
        let (_, all) = played(&Autoscaling { max_replicas: 1, ..settings }, 6, 1_600, work, 500, 120);
        assert!(refused * 4 < all || all == 0, "{refused} of {all} refused, {work} ms of work: {course:?}");
        let changes = course.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes <= 5, "it flaps, {work} ms of work: {course:?}");
        assert_eq!(course[60..].iter().min(), course[60..].iter().max(), "{work} ms of work: {course:?}");
    }
}

#[test]
fn a_steady_load_does_not_flap_and_one_burst_changes_nothing() {
    let settings = Autoscaling { max_replicas: 6, down_delay_seconds: 8, ..SETTINGS };
    for (gap, work) in [(270, 150), (270, 250), (270, 900), (100, 90), (1_000, 690), (1_000, 710)] {
        let (course, _) = played(&settings, 1, gap, work, 10_000, 120);
        let changes = course.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!(changes <= 3, "{work} ms of work every {gap} ms: {course:?}");
        assert_eq!(
            course[60..].iter().min(),
            course[60..].iter().max(),
            "{work} ms of work every {gap} ms: {course:?}"
        );
    }
    let (course, _) = played(&settings, 6, 1_000_000, 150, 10_000, 60);
    assert!(course.iter().all(|replicas| *replicas == 1), "{course:?}");
}

#[test]
fn what_was_busy_at_the_same_time_is_not_taken_away() {
    let mut trend = Trend::default();
    for second in 0..60 {
        let bursts = Load { average_milli: 400, peak: 4, refused: 0 };
        let (seen, to) = trend.look(&SETTINGS, 1, 4, bursts, at(second * 1_000));
        assert_eq!((seen.wanted, to), (1, None), "second {second}");
    }
}

proptest! {
    #[test]
    fn it_never_leaves_its_bounds_nor_moves_against_the_look(
        looks in collection::vec((0u32..40, 0u64..2, 1i64..4), 1..60), delays in (0u32..5, 0u32..5),
    ) {
        let settings = Autoscaling { up_delay_seconds: delays.0, down_delay_seconds: delays.1, ..SETTINGS };
        let (mut trend, mut current, mut now) = (Trend::default(), 3, 0);
        for (requests, refused, pause) in looks {
            now += pause * 1_000;
            let load = Load { refused, ..steady(requests) };
            let (seen, to) = trend.look(&settings, 2, current, load, at(now));
            if let Some(to) = to {
                prop_assert_eq!(to > current, seen.wanted > current);
                prop_assert!((settings.min_replicas..=settings.max_replicas).contains(&to));
                current = to;
            }
        }
    }
}
