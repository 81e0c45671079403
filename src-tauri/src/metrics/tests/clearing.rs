//! What somebody clears goes, nothing else does, and a server that was killed in between finishes it.

use std::collections::BTreeSet;

use super::*;

/// Requests cleared of these revisions (of all, if there are none), between seconds after the beginning.
fn clear(rig: &Rig, name: &str, revisions: &[u32], from: Option<i64>, to: i64) {
    let at = |second: i64| Timestamp::from_second(BEGIN + second).unwrap();
    let revisions: BTreeSet<_> = revisions.iter().map(|number| RevisionNumber(*number)).collect();
    let event = Event::StatisticsCleared {
        model: None,
        revisions: Some(revisions).filter(|revisions| !revisions.is_empty()),
        from: from.map(at),
        to: at(to),
        reason: "a load test".to_owned(),
    };
    rig.append(name, event);
}

/// One request of revision 1 and two of revision 2 in each of these seconds.
fn count(rig: &mut Rig, name: &str, seconds: std::ops::RangeInclusive<i64>) {
    for at in seconds {
        rig.close(at, vec![sum(name, 1, 1, 0), sum(name, 2, 2, 1)], &[]);
    }
}

/// All requests of the points of each length, whether or not they are over.
fn all(rig: &Rig, name: &str) -> [i64; 3] {
    let number = format!("(SELECT number FROM deployments WHERE id = '{name}')");
    [1, 60, 3_600].map(|grain| {
        let db = rig.other();
        let mut found = db
            .prepare(&format!("SELECT durations FROM points WHERE grain = {grain} AND deployment = {number}"))
            .unwrap();
        let sums = found.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        sums.map(|bytes| Histogram::decode(&bytes.unwrap()).unwrap().requests() as i64).sum()
    })
}

#[test]
fn everything_up_to_now_goes_and_what_comes_then_is_counted() {
    let mut rig = Rig::new();
    ["a", "b"].into_iter().for_each(|name| rig.create(name));
    for at in 1..=90 {
        rig.close(at, vec![sum("a", 1, 1, 0), sum("b", 1, 1, 0)], &[("a", gauge(1, 0))]);
    }
    // It ends within a second that is still being counted, whose requests come later.
    clear(&rig, "a", &[], None, 91);
    rig.keeper.work();
    assert_eq!(all(&rig, "a"), [90, 90, 90], "not before the last second of it is there");
    rig.close(91, vec![sum("a", 1, 1, 0), sum("b", 1, 1, 0)], &[]);
    assert_eq!(all(&rig, "a"), [0, 0, 0], "and then at once");
    assert_eq!(all(&rig, "b"), [91, 91, 91]);
    for at in 92..=100 {
        rig.close(at, vec![sum("a", 1, 1, 0)], &[]);
    }
    rig.keeper.work();
    assert_eq!(all(&rig, "a"), [9, 9, 9], "the running minute and hour go on");
    let view = rig.view("a", 100);
    assert_eq!(view.cleared.iter().map(|gap| (gap.from - BEGIN, gap.to - BEGIN)).collect::<Vec<_>>(), [(0, 91)]);
    assert!(rig.view("b", 100).cleared.is_empty());
    assert_eq!(view.gauges.len(), 100, "what is seen of replicas stays");
}

#[test]
fn a_minute_in_the_midst_of_an_hour_goes_from_the_hour_too() {
    let mut rig = Rig::new();
    rig.create("a");
    count(&mut rig, "a", 1..=240);
    clear(&rig, "a", &[], Some(60), 120);
    rig.close(241, vec![], &[]);
    rig.keeper.work();
    assert_eq!(all(&rig, "a"), [540, 540, 540]);
    assert_eq!(rig.requests("a", 3_601), [(60, 180), (180, 180), (240, 180)]);
}

#[test]
fn only_the_revisions_that_are_meant_are_cleared() {
    let mut rig = Rig::new();
    rig.create("a");
    for at in 1..=120 {
        rig.close(at, vec![sum("a", 1, 1, 0), sum("a", 2, 2, 1), sum("a", 0, 4, 4)], &[]);
    }
    clear(&rig, "a", &[2], Some(60), 120);
    rig.close(121, vec![], &[]);
    rig.keeper.work();
    assert_eq!(all(&rig, "a"), [720, 720, 720], "of seven requests a second two are gone from half of the time");
    let view = rig.view("a", 121);
    assert!(view.cleared.is_empty(), "others were counted meanwhile");
    let totals: Vec<_> =
        view.totals.iter().map(|total| (total.revision.map(|r| r.0), total.requests, total.failed)).collect();
    assert_eq!(totals, [(None, 480, 480), (Some(1), 120, 0), (Some(2), 120, 60)]);
}

#[test]
fn a_total_holds_what_its_percentiles_are_made_of() {
    let mut rig = Rig::new();
    count(&mut rig, "a", 1..=10);
    let view = rig.view("a", 10);
    let [one, two] = &view.totals[..] else { panic!("{view:?}") };
    assert_eq!((one.durations.clone(), two.durations.clone()), (vec![(60, 10)], vec![(60, 20)]));
    assert!(one.p50_ms.is_some() && one.p50_ms == two.p99_ms);
}

#[test]
fn a_server_that_was_killed_before_it_cleared_does_so_at_the_next_start() {
    let mut rig = Rig::new();
    rig.create("a");
    count(&mut rig, "a", 1..=70);
    clear(&rig, "a", &[], None, 70);
    // The entry is committed, and nobody has heard of it.
    let mut rig = rig.restarted(BEGIN + 80, true);
    assert_eq!(all(&rig, "a"), [0, 0, 0]);
    count(&mut rig, "a", 81..=85);
    let rig = rig.restarted(BEGIN + 90, false);
    assert_eq!(all(&rig, "a"), [15, 15, 15], "once");
    assert_eq!(rig.rows("carried_out"), 1);
}

#[test]
fn whoever_shows_live_numbers_is_told_what_is_left() {
    let mut rig = Rig::new();
    rig.create("a");
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hears = told.clone();
    let Rig { folder, store, keeper } = rig;
    let keeper = keeper.telling(move |hour, until| hears.lock().unwrap().push((hour, until)));
    rig = Rig { folder, store, keeper };
    count(&mut rig, "a", 1..=120);
    clear(&rig, "a", &[2], None, 120);
    rig.close(121, vec![], &[]);
    rig.keeper.work();
    let told = told.lock().unwrap();
    let [(hour, until)] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&hour.deployment, *until), (&id("a"), BEGIN + 121));
    assert_eq!(hour.hour.iter().map(|(_, count)| count).sum::<u64>(), 120);
    assert!(hour.minute.iter().all(|(_, sum)| sum.failed == 0 && sum.durations.requests() == 1));
}

#[test]
fn a_file_of_version_1_is_brought_up_to_date() {
    let mut rig = Rig::new();
    rig.create("a");
    count(&mut rig, "a", 1..=10);
    let Rig { folder, store, mut keeper } = rig;
    keeper.work();
    drop((keeper, store));
    let path = folder.path().join("metrics.db");
    let before = "DROP TABLE cleared; DROP TABLE carried_out; PRAGMA user_version = 1;";
    Connection::open(path).unwrap().execute_batch(before).unwrap();
    let rig = Rig::in_folder(folder, BEGIN + 20);
    assert!(rig.set_aside().is_empty());
    assert_eq!((all(&rig, "a"), rig.rows("cleared")), ([30, 30, 30], 0));
}

#[test]
fn what_was_cleared_goes_with_its_deployment() {
    let mut rig = Rig::new();
    rig.create("a");
    count(&mut rig, "a", 1..=5);
    clear(&rig, "a", &[], None, 5);
    rig.close(6, vec![], &[]);
    rig.keeper.work();
    assert_eq!(rig.rows("cleared"), 1);
    rig.delete("a");
    rig.keeper.work();
    assert_eq!(rig.rows("cleared"), 0);
}
