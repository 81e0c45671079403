//! What is left after a clean stop and after a kill, and what waits while nothing can be written.

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::metrics::waiting::MOST;

#[tokio::test]
async fn a_clean_stop_loses_nothing() {
    let rig = Rig::new();
    let Rig { folder, store, keeper } = rig;
    let (metrics, end) = (keeper.metrics(), CancellationToken::new());
    let (seconds, taken) = mpsc::channel(100);
    let running = tokio::spawn(keeper.run(taken, end.clone()));
    for at in 1..=43 {
        let requests = vec![sum("a", 1, 1, 0)];
        seconds.send(ClosedSecond { at: BEGIN + at, requests, gauges: Vec::new() }).await.unwrap();
    }
    end.cancel();
    running.await.unwrap();
    let total = |metrics: &crate::metrics::Metrics| {
        let view = metrics.view(&id("a"), MetricsQuestion { window: 60, by_revision: false }).unwrap();
        view.items.iter().map(|point| point.requests).sum::<u64>()
    };
    assert_eq!(total(&metrics), 43);
    drop((store, metrics));
    let rig = Rig::in_folder(folder, BEGIN + 43);
    assert_eq!(rig.rows("points WHERE grain = 1"), 43);
    assert_eq!(total(&rig.keeper.metrics()), 43);
    assert!(!rig.folder.path().join("metrics.db.aside").exists() && rig.set_aside().is_empty());
}

#[test]
fn a_killed_server_loses_what_was_not_written_and_nothing_else() {
    let mut rig = Rig::new();
    (1..=123).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[("a", gauge(1, 0))]));
    let mut rig = rig.restarted(BEGIN + 130, true);
    let counted = rig.requests("a", 200);
    assert_eq!(counted.len(), 120, "written every five seconds");
    assert_eq!(counted.last(), Some(&(120, 1)));
    // The minute and the hour go on where they were, and count nothing twice.
    (131..=180).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[("a", gauge(1, 0))]));
    assert_eq!(rig.requests("a", 3_601), [(60, 60), (120, 60), (180, 50)]);
    assert_eq!(rig.view("a", 200).gaps.last().map(|gap| (gap.from - BEGIN, gap.to - BEGIN)), Some((120, 130)));
}

#[test]
fn the_last_hour_is_read_back() {
    let mut rig = Rig::new();
    for at in 1..=3_930 {
        let requests = if at > 3_900 || at <= 600 { vec![sum("a", 1, 2, 1), sum("a", 2, 1, 0)] } else { vec![] };
        rig.close(at, requests, &[]);
    }
    let mut rig = rig.restarted(BEGIN + 3_940, false);
    let recalled = rig.keeper.recalled();
    let [hour] = &recalled[..] else { panic!("{recalled:?}") };
    assert_eq!((&hour.deployment, hour.minute.len()), (&id("a"), 30));
    assert_eq!(
        (hour.minute[0].0 - BEGIN, hour.minute[0].1.durations.requests(), hour.minute[0].1.failed),
        (3_901, 3, 1)
    );
    let counts: Vec<_> = hour.hour.iter().map(|(at, count)| (at - BEGIN, *count)).collect();
    assert_eq!(counts, [(360, 180), (420, 180), (480, 180), (540, 180), (600, 180), (3_940, 90)]);
    let mut much_later = rig.restarted(BEGIN + 90_000, false);
    assert!(much_later.keeper.recalled().iter().all(|hour| hour.minute.is_empty() && hour.hour.is_empty()));
}

#[test]
fn what_cannot_be_written_waits_and_is_answered_meanwhile() {
    let mut rig = Rig::new();
    rig.close(1, vec![sum("a", 1, 1, 0)], &[("a", gauge(1, 0))]);
    rig.keeper.work();
    let other = rig.other();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    (2..=12).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
    assert_eq!(rig.requests("a", 60).len(), 12, "also what waits is answered");
    other.execute_batch("ROLLBACK").unwrap();
    rig.keeper.work();
    assert_eq!(rig.rows("points WHERE grain = 1"), 12);
    assert_eq!(rig.requests("a", 60).len(), 12);
    assert_eq!(rig.view("a", 12).gauges.len(), 12);
    assert_eq!(rig.view("a", 12).gaps.len(), 0, "it was counted all the time");
}

#[test]
fn a_place_that_cannot_be_written_costs_the_oldest_seconds_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("metrics.db");
    std::fs::create_dir(&place).unwrap();
    let mut rig = Rig::in_folder(folder, BEGIN);
    let most = i64::try_from(MOST).unwrap();
    for at in 1..=most + 20 {
        rig.close(at, vec![sum("a", 1, 1, 0)], &if at == 1 { vec![("a", gauge(4, 0))] } else { vec![] });
    }
    assert!(rig.set_aside().is_empty());
    std::fs::remove_dir(&place).unwrap();
    rig.keeper.work();
    let view = rig.view("a", 3_600);
    assert_eq!((view.items.len(), view.items[0].at - BEGIN), (MOST, 21));
    assert_eq!(view.gauges.len(), MOST, "what was seen before holds");
    assert!(view.gauges.iter().all(|point| point.ready == 4));
}
