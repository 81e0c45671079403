//! What is too old goes.

use super::*;

const DAY: i64 = 86_400;

fn rows(rig: &Rig) -> [i64; 3] {
    [1, 60, 3_600].map(|grain| rig.rows(&format!("points WHERE grain = {grain}")))
}

#[test]
fn points_of_each_length_are_kept_for_their_time() {
    let mut rig = Rig::new();
    (1..=60).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[("a", gauge(1, 0))]));
    assert_eq!(rows(&rig), [60, 1, 1]);
    let later = |rig: &mut Rig, at: i64| {
        rig.close(at, vec![], &[]);
        rig.keeper.work();
        rows(rig)
    };
    assert_eq!(later(&mut rig, 3_660), [60, 1, 1]);
    assert_eq!(later(&mut rig, 3_781), [0, 1, 1], "seconds after an hour and a little");
    assert_eq!(later(&mut rig, 31 * DAY), [0, 1, 1]);
    assert_eq!(later(&mut rig, 31 * DAY + 7_200), [0, 0, 1], "minutes after 31 days");
    assert_eq!(later(&mut rig, 366 * DAY), [0, 0, 1]);
    assert_eq!(rig.requests("a", 31_622_400), [(3_600, 60)], "a year is there");
    assert_eq!(later(&mut rig, 368 * DAY), [0, 0, 0], "hours after a year");
    let view = rig.view("a", 1);
    assert_eq!(view.gauges.len(), 1, "what was seen a year ago still holds");
    assert_eq!(rig.rows("gauges"), 3);
    let until = BEGIN + 368 * DAY - 31_622_400;
    assert_eq!(rig.rows(&format!("kept WHERE until < {}", until - 2 * DAY)), 0);
}

#[test]
fn what_is_seen_is_forgotten_but_for_what_holds() {
    let mut rig = Rig::new();
    for at in 1..=200 {
        rig.close(at, vec![], &[("a", gauge(u32::try_from(at % 2).unwrap(), 0))]);
    }
    assert_eq!(rig.rows("gauges WHERE grain = 1"), 200);
    for at in 201..=4_000 {
        rig.close(at, vec![], &[]);
    }
    assert_eq!(rig.rows("gauges WHERE grain = 1"), 1);
    let view = rig.view("a", 3_600);
    assert_eq!((view.gauges.len(), view.gauges[0].ready), (3_600, 0));
}

#[test]
fn times_at_which_nothing_was_counted_are_told_as_long_as_points_could_tell() {
    let mut rig = Rig::new();
    // A server that starts again and again.
    for begin in (0..600).step_by(20) {
        rig.close(begin + 1, vec![], &[]);
        rig = rig.restarted(BEGIN + begin + 20, false);
    }
    rig.close(2_000, vec![], &[]);
    rig.keeper.work();
    assert_eq!(rig.rows("kept"), 31);
    rig.close(7_300, vec![], &[]);
    rig.keeper.work();
    assert_eq!(rig.rows("kept"), 3, "the restarts are one time, as minutes are");
    rig.close(40 * DAY, vec![], &[]);
    rig.keeper.work();
    assert_eq!(rig.rows("kept"), 3, "the time before the last is longer than an hour");
    assert!(rig.view("a", 31_622_400).gaps.len() >= 3);
}
