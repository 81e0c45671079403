//! Clocks that jump: forward while a server runs, and either way between two.

use super::*;

fn gaps(rig: &Rig, window: u32) -> Vec<(i64, i64)> {
    rig.view("a", window).gaps.iter().map(|gap| (gap.from - BEGIN, gap.to - BEGIN)).collect()
}

#[test]
fn a_machine_that_slept_counted_nothing_and_one_that_was_busy_did() {
    let mut rig = Rig::new();
    (1..=20).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
    // Late by some seconds.
    (28..=40).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
    assert_eq!(gaps(&rig, 40), []);
    // Asleep for an hour.
    (3_700..=3_720).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
    rig.keeper.work();
    assert_eq!(gaps(&rig, 3_720), [(40, 3_699)]);
    assert_eq!(rig.requests("a", 3_720), [(60, 33), (3_720, 21)]);
}

#[test]
fn time_that_went_back_between_two_servers_loses_and_doubles_nothing() {
    let mut rig = Rig::new();
    (1..=1_000).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[("a", gauge(2, 0))]));
    let mut rig = rig.restarted(BEGIN + 500, false);
    assert_eq!(rig.requests("a", 500).len(), 500, "what lies ahead is not shown");
    rig.close(501, vec![sum("a", 1, 10, 0)], &[("a", gauge(1, 0))]);
    (502..=550).for_each(|at| rig.close(at, vec![sum("a", 1, 10, 0)], &[]));
    let told = rig.requests("a", 100);
    assert_eq!((told.len(), told[0], told[99]), (100, (451, 1), (550, 11)));
    let view = rig.view("a", 100);
    assert_eq!((view.gauges[49].ready, view.gauges[50].ready, view.gaps.len()), (2, 1, 0));
    (551..=1_100).for_each(|at| rig.close(at, vec![], &[]));
    let minutes = rig.requests("a", 3_601);
    assert_eq!(minutes.iter().map(|(_, requests)| requests).sum::<u64>(), 1_000 + 500);
    assert!(rig.view("a", 600).gauges.iter().all(|point| point.ready == 1));
}

#[test]
fn a_clock_that_was_far_ahead_for_a_while_does_not_stay_so() {
    let mut rig = Rig::new();
    (1..=10).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[("a", gauge(1, 0))]));
    // Set to another century by mistake, for some seconds.
    let ahead = 3_000_000_000;
    (1..=10).for_each(|at| rig.close(ahead + at, vec![sum("a", 1, 1, 0)], &[("a", gauge(7, 0))]));
    let mut rig = rig.restarted(BEGIN + 30, false);
    (31..=40).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[("a", gauge(2, 0))]));
    let mut rig = rig.restarted(BEGIN + 60, false);
    (61..=70).for_each(|at| rig.close(at, vec![], &[]));
    // By that clock, everything before was too old.
    assert_eq!(gaps(&rig, 70), [(0, 30), (40, 60)]);
    assert_eq!(rig.requests("a", 70).len(), 10);
    let view = rig.view("a", 70);
    assert!(view.gauges.iter().all(|point| point.ready < 7), "{view:?}");
    assert_eq!(view.to, BEGIN + 70);
}

#[test]
fn before_the_first_second_the_clock_says_what_time_it_is() {
    let mut rig = Rig::new();
    (1..=10).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
    let rig = rig.restarted(BEGIN + 3_605, false);
    let view = rig.view("a", 3_600);
    assert!((BEGIN + 3_605..BEGIN + 3_665).contains(&view.to), "{}", view.to - BEGIN);
    assert!(view.items.len() <= 5);
    assert_eq!(view.gaps.last().map(|gap| gap.to), Some(view.to));
}
