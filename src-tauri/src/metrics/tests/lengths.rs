//! Points of a second, a minute and an hour, of which one answers each window.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use domain::id::RevisionNumber;

use super::*;

#[test]
fn a_second_is_in_its_point_of_each_length_and_the_running_point_is_left_out() {
    let mut rig = Rig::new();
    for at in [1, 59, 60, 61, 3_600, 3_601, 7_199] {
        rig.close(at, vec![sum("a", 1, 10, 1)], &[]);
    }
    rig.close(7_200, vec![], &[]);
    assert_eq!(rig.requests("a", 3_600), [(3_601, 10), (7_199, 10)]);
    let minutes = rig.view("a", 7_200);
    assert_eq!((minutes.step, minutes.from - BEGIN, minutes.to - BEGIN), (60, 0, 7_200));
    assert_eq!(rig.requests("a", 7_200), [(60, 30), (120, 10), (3_600, 10), (3_660, 10), (7_200, 10)]);
    let hours = rig.view("a", 259_201);
    assert_eq!((hours.step, hours.to - BEGIN), (3_600, 7_200));
    assert_eq!(rig.requests("a", 259_201), [(3_600, 50), (7_200, 20)]);
    assert_eq!(hours.items[0].failed, 5);
    // One more second, and the next points are running.
    rig.close(7_201, vec![sum("a", 1, 7, 0)], &[]);
    assert_eq!(rig.requests("a", 1), [(7_201, 7)]);
    assert_eq!(rig.requests("a", 7_200).last(), Some(&(7_200, 10)));
    assert_eq!(rig.requests("a", 31_622_400), [(3_600, 50), (7_200, 20)]);
}

#[test]
fn every_window_tells_all_requests_of_steady_traffic() {
    let mut rig = Rig::new();
    for at in 1..=7_260 {
        rig.close(at, vec![sum("a", 1, 2, 1)], &[]);
    }
    for (window, step, points, requests) in [
        (1, 1, 1, 2),
        (300, 1, 300, 600),
        (3_600, 1, 3_600, 7_200),
        (3_601, 60, 61, 61 * 120),
        (7_260, 60, 121, 121 * 120),
        (259_200, 60, 121, 121 * 120),
        (259_201, 3_600, 2, 2 * 7_200),
    ] {
        let view = rig.view("a", window);
        let told: (u32, usize, u64) = (view.step, view.items.len(), view.items.iter().map(|p| p.requests).sum());
        assert_eq!(told, (step, points, requests), "{window} s");
        assert_eq!(view.items.iter().map(|p| p.failed).sum::<u64>() * 2, requests, "{window} s");
        let step = i64::from(view.step);
        assert!(view.items.iter().all(|p| p.at % step == 0 && view.from < p.at && p.at <= view.to));
        assert!(view.from % step == 0 && view.to % step == 0 && view.to <= BEGIN + 7_260);
        assert!(view.items.iter().all(|p| p.p99_ms.is_some() && p.p50_ms <= p.p99_ms));
    }
}

#[test]
fn revisions_are_told_apart_or_summed_up() {
    let mut rig = Rig::new();
    rig.close(1, vec![sum("a", 0, 3, 3), sum("a", 1, 10, 0), sum("b", 1, 99, 0)], &[]);
    rig.close(2, vec![sum("a", 1, 10, 1), sum("a", 2, 20, 0)], &[]);
    let told = |rig: &Rig| {
        let view = rig.ask("a", 60, true).unwrap();
        let told = |p: &domain::wire::MetricsPoint| (p.at - BEGIN, p.revision.map(|r| r.0), p.requests, p.failed);
        view.items.iter().map(told).collect::<Vec<_>>()
    };
    let expected = [(1, None, 3, 3), (1, Some(1), 10, 0), (2, Some(1), 10, 1), (2, Some(2), 20, 0)];
    assert_eq!(told(&rig), expected, "not written yet");
    assert_eq!(rig.requests("a", 60), [(1, 13), (2, 30)]);
    rig.keeper.work();
    assert_eq!(told(&rig), expected, "written");
    assert_eq!(rig.requests("a", 60), [(1, 13), (2, 30)]);
    assert_eq!(rig.view("a", 60).items[0].revision, None);
    assert_eq!(rig.requests("c", 60), [], "nothing is known of it");
    let two = rig.ask("a", 60, true).unwrap().items[3].revision;
    assert_eq!(two, Some(RevisionNumber(2)));
}

#[test]
fn parts_of_one_second_are_one_point() {
    let mut rig = Rig::new();
    rig.close(1, vec![sum("a", 1, 3, 0)], &[]);
    rig.close(1, vec![sum("a", 1, 4, 0)], &[]);
    assert_eq!(rig.requests("a", 60), [(1, 7)]);
    rig.keeper.work();
    rig.close(1, vec![sum("a", 1, 1, 0)], &[]);
    rig.keeper.work();
    assert_eq!(rig.requests("a", 60), [(1, 8)]);
}

/// Somebody asks again and again while seconds are taken and written: what has been taken is there, once.
#[test]
fn what_is_asked_while_it_is_written_is_neither_missing_nor_counted_twice() {
    let mut rig = Rig::new();
    let taken = Arc::new(AtomicU64::new(0));
    let (metrics, seen) = (rig.keeper.metrics(), taken.clone());
    std::thread::scope(|scope| {
        let asking = scope.spawn(move || {
            let mut last = 0;
            while last < 400 {
                let before = seen.load(SeqCst);
                let view = metrics.view(&id("a"), MetricsQuestion { window: 3_600, by_revision: false }).unwrap();
                last = view.items.iter().map(|point| point.requests).sum();
                let after = seen.load(SeqCst);
                assert!(before <= last && last <= after + 1, "{before} {last} {after}");
            }
        });
        for at in 1..=400 {
            rig.close(at, vec![sum("a", 1, 1, 0)], &[("a", gauge(1, 0))]);
            taken.store(at.unsigned_abs(), SeqCst);
        }
        asking.join().unwrap();
    });
}
