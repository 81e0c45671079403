//! Deployments that were deleted.

use super::*;

#[test]
fn what_was_deleted_is_forgotten_and_does_not_come_back() {
    let mut rig = Rig::new();
    ["a", "b"].into_iter().for_each(|name| rig.create(name));
    let both = || vec![sum("a", 1, 1, 0), sum("b", 1, 1, 0)];
    (1..=10).for_each(|at| rig.close(at, both(), &[("a", gauge(1, 0)), ("b", gauge(1, 0))]));
    rig.delete("a");
    // Its last requests end only now, and then it is off the route.
    (11..=14).for_each(|at| rig.close(at, both(), &[]));
    rig.close(15, both(), &[("a", gauge(0, 0))]);
    assert_eq!(rig.requests("a", 60), []);
    assert_eq!(rig.rows("deployments WHERE id = 'a'"), 0);
    assert_eq!(rig.requests("b", 60).len(), 15);
    let numbers = "(SELECT DISTINCT deployment FROM points UNION SELECT DISTINCT deployment FROM gauges)";
    assert_eq!(rig.rows(numbers), 1);
    // Nor with the next server.
    let mut rig = rig.restarted(BEGIN + 15, false);
    (16..=20).for_each(|at| rig.close(at, both(), &[("a", gauge(1, 0))]));
    assert_eq!((rig.rows("deployments"), rig.requests("b", 60).len()), (1, 20));
}

#[test]
fn what_was_deleted_while_nothing_was_kept_is_forgotten_at_the_start() {
    let mut rig = Rig::new();
    ["a", "b"].into_iter().for_each(|name| rig.create(name));
    // The journal knows nothing of the third, which says nothing.
    let all = || vec![sum("a", 1, 1, 0), sum("b", 1, 1, 0), sum("c", 1, 1, 0)];
    (1..=5).for_each(|at| rig.close(at, all(), &[]));
    let Rig { folder, store, keeper } = rig;
    drop(keeper);
    let other =
        Rig { keeper: Keeper::open(tempfile::tempdir().unwrap().path(), store.clone(), clock(BEGIN)), folder, store };
    other.delete("a");
    let Rig { folder, store, .. } = other;
    drop(store);
    let rig = Rig::in_folder(folder, BEGIN + 10);
    assert_eq!(rig.rows("deployments WHERE id = 'a'"), 0);
    assert_eq!(rig.rows("deployments WHERE id IN ('b', 'c')"), 2);
    assert_eq!(rig.rows("points WHERE grain = 1"), 10);
}

#[test]
fn a_listener_that_missed_entries_asks_the_journal() {
    let mut rig = Rig::new();
    rig.create("a");
    (1..=5).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
    rig.delete("a");
    let actor: Actor = "ada".parse().unwrap();
    let many: Result<_, crate::store::StoreError> = rig.store.write(&actor, Timestamp::UNIX_EPOCH, |writing| {
        (0..5_000).try_for_each(|_| writing.append(None, Event::TokensRevoked {}).map(drop))
    });
    many.unwrap();
    rig.close(6, vec![], &[]);
    rig.keeper.work();
    assert_eq!(rig.rows("deployments"), 0);
}
