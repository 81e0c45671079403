//! A file that is damaged, or of another version, is set aside and begun anew; nothing is deleted.

use std::fs;

use super::*;

#[test]
fn what_is_no_database_of_this_version_is_set_aside_whole() {
    let of_another = |change: &'static str| {
        move |path: &std::path::Path| {
            let rig = Rig::new();
            let from = rig.folder.path().join("metrics.db");
            drop(rig.keeper);
            Connection::open(&from).unwrap().execute_batch(change).unwrap();
            fs::copy(from, path).unwrap();
        }
    };
    type Spoil = Box<dyn Fn(&std::path::Path)>;
    let spoiled: Vec<Spoil> = vec![
        Box::new(|path| fs::write(path, "not a database ".repeat(1_000)).unwrap()),
        Box::new(of_another("PRAGMA user_version = 3")),
        Box::new(of_another("PRAGMA user_version = 0")),
        Box::new(of_another("ALTER TABLE points RENAME failed TO fallen")),
        Box::new(of_another("DROP TABLE kept")),
        Box::new(of_another("INSERT INTO deployments (id) VALUES ('no id!')")),
    ];
    for (number, spoil) in spoiled.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.db");
        spoil(&path);
        let before = fs::read(&path).unwrap();
        let mut rig = Rig::in_folder(folder, BEGIN);
        (1..=5).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
        assert_eq!(rig.rows("points WHERE grain = 1"), 5, "file {number}");
        assert_eq!(rig.set_aside(), [format!("metrics.db.aside-{BEGIN}")], "file {number}");
        let kept = fs::read(rig.folder.path().join(&rig.set_aside()[0])).unwrap();
        // Opening a database of another version in WAL mode says so in its head.
        assert_eq!(kept.len(), before.len(), "file {number}");
        assert_eq!(kept[100..], before[100..], "file {number}");
    }
}

#[test]
fn an_empty_file_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("metrics.db"), "").unwrap();
    let rig = Rig::in_folder(folder, BEGIN);
    assert!(rig.set_aside().is_empty());
    assert_eq!(rig.rows("points"), 0);
}

#[test]
fn damage_that_is_found_while_it_runs_costs_what_was_there_and_no_second() {
    let mut rig = Rig::new();
    (1..=10).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[("a", gauge(2, 0)), ("b", gauge(1, 0))]));
    rig.other().execute_batch("UPDATE points SET durations = x'00' WHERE grain = 3600").unwrap();
    (11..=15).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
    assert_eq!(rig.set_aside().len(), 1);
    assert_eq!(rig.requests("a", 60), (11..=15).map(|at| (at, 1)).collect::<Vec<_>>());
    // What has not changed since is told again.
    rig.close(16, vec![], &[]);
    rig.keeper.work();
    for (name, ready) in [("a", 2), ("b", 1)] {
        let view = rig.view(name, 1);
        assert_eq!(view.gauges.iter().map(|point| point.ready).collect::<Vec<_>>(), [ready], "{name}");
    }
}

#[test]
fn damage_that_somebody_finds_who_asks_is_dealt_with() {
    let mut rig = Rig::new();
    (1..=10).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
    rig.other().execute_batch("UPDATE points SET durations = x'ff' WHERE grain = 1 AND at % 7 = 0").unwrap();
    let error = rig.ask("a", 60, false).unwrap_err();
    assert!(error.is_of_the_file(), "{error}");
    rig.keeper.work();
    assert_eq!(rig.set_aside().len(), 1);
    (11..=15).for_each(|at| rig.close(at, vec![sum("a", 1, 1, 0)], &[]));
    assert_eq!(rig.requests("a", 60).len(), 5);
}

#[test]
fn files_are_not_set_aside_again_and_again() {
    let mut rig = Rig::new();
    for at in 1..=100 {
        rig.close(at, vec![sum("a", 1, 1, 0)], &[]);
        if let Ok(other) = Connection::open(rig.folder.path().join("metrics.db")) {
            let _ = other.execute_batch("UPDATE points SET durations = x'00'");
        }
    }
    assert_eq!(rig.set_aside().iter().filter(|name| !name.contains('w') && !name.contains("sh")).count(), 3);
}
