//! What is seen of replicas and of the queue, and the times at which nothing was counted.

use super::*;

/// Ends of points after the beginning, with replicas and waiting requests.
fn seen(rig: &Rig, name: &str, window: u32) -> Vec<(i64, u32, u32)> {
    rig.view(name, window).gauges.iter().map(|point| (point.at - BEGIN, point.ready, point.waiting)).collect()
}

fn gaps(rig: &Rig, window: u32) -> Vec<(i64, i64)> {
    rig.view("a", window).gaps.iter().map(|gap| (gap.from - BEGIN, gap.to - BEGIN)).collect()
}

#[test]
fn what_is_seen_holds_until_it_changes_whether_written_or_not() {
    let mut rig = Rig::new();
    rig.close(1, vec![], &[("a", gauge(2, 0))]);
    rig.close(2, vec![], &[]);
    rig.close(3, vec![], &[("a", gauge(1, 5))]);
    rig.close(4, vec![], &[]);
    let expected = [(1, 2, 0), (2, 2, 0), (3, 1, 5), (4, 1, 5)];
    assert_eq!(seen(&rig, "a", 10), expected);
    rig.keeper.work();
    assert_eq!(seen(&rig, "a", 10), expected);
    rig.close(5, vec![], &[("a", gauge(2, 0))]);
    assert_eq!(seen(&rig, "a", 3), [(3, 1, 5), (4, 1, 5), (5, 2, 0)]);
    for at in 6..=180 {
        rig.close(at, vec![], &[]);
    }
    assert_eq!(seen(&rig, "a", 3_601), [(60, 1, 5), (120, 2, 0), (180, 2, 0)]);
    assert_eq!(seen(&rig, "b", 3_601), []);
}

#[test]
fn idle_deployments_write_nothing_while_nothing_changes() {
    let mut rig = Rig::new();
    let names: Vec<_> = (0..200).map(|number| format!("d{number}")).collect();
    let gauges: Vec<_> = names.iter().map(|name| (name.as_str(), gauge(1, 0))).collect();
    rig.close(1, vec![], &gauges);
    for at in 2..=600 {
        rig.close(at, vec![], &[]);
    }
    assert_eq!((rig.rows("gauges"), rig.rows("points"), rig.rows("kept")), (600, 0, 1));
    // A dip is written, and what follows it.
    rig.close(601, vec![], &[("d7", gauge(0, 0))]);
    rig.close(602, vec![], &[("d7", gauge(1, 0))]);
    for at in 603..=8_000 {
        rig.close(at, vec![], &[]);
    }
    assert_eq!(rig.rows("gauges WHERE grain = 60"), 202, "its minute and the next");
    assert_eq!(rig.rows("gauges WHERE grain = 3600"), 201, "its first hour was good until then, and the next is good");
    assert_eq!(seen(&rig, "d7", 259_201), [(3_600, 0, 0), (7_200, 1, 0)]);
}

#[test]
fn a_server_that_does_not_run_leaves_a_gap() {
    let mut rig = Rig::new();
    for at in 1..=100 {
        rig.close(at, vec![sum("a", 1, 1, 0)], &[("a", gauge(1, 0))]);
    }
    let mut rig = rig.restarted(BEGIN + 400, false);
    // Seen before it is written, and after.
    for at in 401..=406 {
        rig.close(at, vec![], &if at == 401 { vec![("a", gauge(3, 0))] } else { vec![] });
        assert_eq!(gaps(&rig, 350), [(100, 400)], "at {at}");
    }
    assert_eq!(gaps(&rig, 3_600), [(-3_194, 0), (100, 400)]);
    let told = seen(&rig, "a", 350);
    assert_eq!(told.first(), Some(&(57, 1, 0)));
    assert_eq!(told.iter().filter(|(at, ..)| (101..=400).contains(at)).count(), 0);
    assert_eq!(told.last(), Some(&(406, 3, 0)));
    for at in 407..=420 {
        rig.close(at, vec![], &[]);
    }
    // Minutes in which it ran for a while are told.
    assert_eq!(seen(&rig, "a", 3_601), [(60, 1, 0), (120, 1, 0), (420, 3, 0)]);
    assert_eq!(gaps(&rig, 3_601).last(), Some(&(100, 400)));
}

#[test]
fn a_restart_at_once_leaves_no_gap_and_one_of_seconds_does() {
    let mut rig = Rig::new();
    (1..=20).for_each(|at| rig.close(at, vec![], &[]));
    let mut rig = rig.restarted(BEGIN + 20, false);
    (21..=30).for_each(|at| rig.close(at, vec![], &[]));
    assert_eq!(gaps(&rig, 30), []);
    let mut rig = rig.restarted(BEGIN + 34, false);
    (35..=40).for_each(|at| rig.close(at, vec![], &[]));
    assert_eq!(gaps(&rig, 40), [(30, 34)]);
    // Too short to be seen in minutes.
    (41..=60).for_each(|at| rig.close(at, vec![], &[]));
    assert_eq!(gaps(&rig, 3_601).len(), 1, "the time before the beginning alone");
}

#[test]
fn a_deployment_that_a_new_server_does_not_speak_of_has_no_replicas() {
    let mut rig = Rig::new();
    (1..=10).for_each(|at| rig.close(at, vec![], &[("a", gauge(2, 0)), ("b", gauge(1, 0))]));
    let mut rig = rig.restarted(BEGIN + 10, false);
    rig.close(11, vec![], &[("b", gauge(1, 0))]);
    rig.keeper.work();
    assert_eq!(seen(&rig, "a", 2), [(10, 2, 0), (11, 0, 0)]);
    assert_eq!(seen(&rig, "b", 2), [(10, 1, 0), (11, 1, 0)]);
}
