//! The effect of entries on a deployment, rule by rule.

mod story;

use std::collections::BTreeSet;

use super::{Deployment, Ledger};
use crate::deployment::{About, OnFailure, Status, TargetStatus, TermsChange};
use crate::event::Event;
use crate::id::{RevisionNumber, RolloutNumber};
use crate::receipt::Receipt;
use crate::replica::ReplicaRecord;
use crate::revision::RevisionState;
use crate::rollout::{Cause, Marks, Phase, RolloutEvent, RolloutKind};
use crate::step_kind::StepKind;
use crate::target::Traits;
use story::{Story, at, entry};

const BAD: RolloutEvent = RolloutEvent::Fail(Cause::CannotRun);
const STOP: RolloutEvent = RolloutEvent::Stop(Cause::CannotRun);
const DIE: RolloutEvent = RolloutEvent::Die(Cause::CannotRun);

#[test]
fn a_failure_quarantines_what_an_update_brought_unless_nothing_speaks_against_it() {
    for event in [BAD, STOP, DIE] {
        let mut story = Story::with(1);
        story.update().moved(RolloutEvent::Begin).at(7).moved(event);
        let quarantine = story.revision(2).quarantined.clone().unwrap();
        assert_eq!((quarantine.reason.as_str(), quarantine.at), ("it broke", at(7)), "{event:?}");
        assert_eq!(story.revision(1).quarantined, None);

        let mut story = Story::with(1);
        story.update().moved(RolloutEvent::Begin).moves(event, Some("too late"), true);
        assert_eq!(story.revision(2).quarantined, None, "{event:?} of which no replica failed");

        let mut story = Story::with(1);
        story.start(RolloutKind::Relaunch).moved(RolloutEvent::Begin).moved(event);
        assert_eq!(story.revision(2).quarantined, None, "{event:?} of a relaunch");
    }
    for event in [RolloutEvent::Cancel, RolloutEvent::Supersede] {
        let mut story = Story::with(1);
        story.update().moved(RolloutEvent::Begin).moved(event);
        assert_eq!(story.revision(2).quarantined, None, "{event:?}");
    }
    // What is gone back to is not bad because going back fails.
    let mut story = Story::with(1);
    story.update().moved(RolloutEvent::Begin).moved(BAD).moves(BAD, Some("going back broke"), false);
    assert_eq!(story.revision(2).quarantined.as_ref().unwrap().reason, "it broke");
    assert_eq!(story.revision(1).quarantined, None);
    story.enter(Event::QuarantineLifted { number: RevisionNumber(2), note: String::new() });
    assert_eq!(story.revision(2).quarantined, None);
}

#[test]
fn a_failure_goes_back_to_the_newest_revision_that_worked_and_is_not_known_to_be_bad() {
    let fails = |story: &mut Story| {
        story.update().moved(RolloutEvent::Begin).moved(BAD);
        story.intended()
    };
    assert_eq!(fails(&mut Story::with(2)), Some(2));
    assert_eq!(fails(Story::with(2).quarantine(2)), Some(1));
    assert_eq!(fails(Story::with(2).quarantine(1).quarantine(2)), None, "nothing good is left");
    assert_eq!(fails(&mut Story::new()), None, "the first rollout has nothing to go back to");
    let mut story = Story::with(2);
    story.enter(Event::RevisionRemoved { number: RevisionNumber(2) });
    assert_eq!(fails(&mut story), Some(1));
    // One whose rollout failed has never worked, also once nobody takes it for bad any more.
    let mut story = Story::with(1);
    fails(&mut story);
    story
        .moved(RolloutEvent::Settle)
        .enter(Event::QuarantineLifted { number: RevisionNumber(2), note: "it was the disk".to_owned() });
    assert_eq!(fails(&mut story), Some(1));
    // Whoever cancels means the one before, whatever is said of it.
    let mut story = Story::with(2);
    story.quarantine(2).update().moved(RolloutEvent::Cancel);
    assert_eq!(story.intended(), Some(2));
    // Replicas that were taken away are not gone back to.
    let mut story = Story::with(2);
    story.start(RolloutKind::Activate).moved(RolloutEvent::Begin).moved(BAD);
    assert_eq!(story.intended(), None);
}

#[test]
fn a_failure_without_anything_to_go_back_to_undoes_nothing() {
    let mode = |story: &mut Story, chosen| {
        story.update();
        let mut rollout = story.newest().clone();
        rollout.change.on_failure = chosen;
        story.ledger.failure_mode(&rollout)
    };
    use OnFailure::{Dead, Revert, Stop};
    for chosen in [Revert, Stop, Dead] {
        assert_eq!(mode(&mut Story::with(1), chosen), chosen);
        assert_eq!(mode(Story::with(1).quarantine(1), chosen), Dead, "what serves is not torn down");
    }
    assert_eq!(mode(&mut Story::new(), Revert), Revert, "nothing serves yet");
    assert_eq!(mode(&mut Story::new(), Stop), Dead);
}

#[test]
fn a_completed_rollout_makes_its_revision_the_last_good_one() {
    let mut story = Story::with(2);
    let deployment = &story.ledger.deployment;
    assert_eq!(deployment.last_good, Some(RevisionNumber(2)));
    assert_eq!(deployment.last_running_configuration, Some("c2".parse().unwrap()));
    assert_eq!(deployment.rollout, None);
    assert_eq!((story.revision(1).state, story.revision(2).state), (RevisionState::Past, RevisionState::InUse));
    story.update().moved(RolloutEvent::Begin);
    assert_eq!(story.ledger.deployment.rollout, Some(RolloutNumber(3)));
    assert_eq!((story.intended(), story.revision(3).state), (Some(3), RevisionState::Deploying));
    story.moved(BAD).moved(RolloutEvent::Settle);
    assert_eq!(story.newest().phase, Phase::Reverted);
    assert_eq!(story.ledger.deployment.last_good, Some(RevisionNumber(2)));
    assert_eq!((story.revision(2).state, story.revision(3).state), (RevisionState::InUse, RevisionState::Failed));
}

#[test]
fn a_stopped_update_keeps_its_survivors_until_the_next_one() {
    let stopped = || {
        let mut story = Story::with(1);
        story.update().moved(RolloutEvent::Begin).moved(STOP);
        story
    };
    let mut story = stopped();
    let deployment = &story.ledger.deployment;
    assert_eq!((deployment.survivors_of, deployment.left_as_failed), (Some(RevisionNumber(2)), false));
    assert_eq!((story.intended(), story.newest().phase), (Some(1), Phase::Failed), "lost ones are made up with these");
    assert_eq!(story.revision(2).state, RevisionState::Failed);
    story.update();
    assert_eq!(story.ledger.deployment.survivors_of, None);
    let mut story = stopped();
    story.enter(Event::Deactivated { note: None });
    assert_eq!(story.ledger.deployment.survivors_of, None);
}

#[test]
fn a_failure_that_undoes_nothing_leaves_everything_as_failed_until_the_next_rollout() {
    let dead = || {
        let mut story = Story::with(1);
        story.update().moved(RolloutEvent::Begin).moved(DIE);
        story
    };
    let mut story = dead();
    let deployment = &story.ledger.deployment;
    assert_eq!((deployment.survivors_of, deployment.left_as_failed), (None, true));
    assert_eq!((story.intended(), story.newest().phase), (Some(2), Phase::Failed));
    assert!(story.ledger.scene(Traits::LOCAL, |_| 0).paused, "nothing is replaced");
    assert_eq!(story.ledger.autoscaling(), None);
    story.update();
    assert!(!story.ledger.deployment.left_as_failed);
    let mut story = dead();
    story.enter(Event::Deactivated { note: None });
    assert!(!story.ledger.deployment.left_as_failed);
    let mut story = Story::with(1);
    story.update().moved(RolloutEvent::Begin).moved(BAD);
    assert!(!story.ledger.deployment.left_as_failed, "it goes back");
}

#[test]
fn every_change_of_the_intent_counts_once() {
    let number = RevisionNumber(1);
    let started = |story: &mut Story| {
        story.update();
    };
    let moved = |event| {
        move |story: &mut Story| {
            story.update().moved(RolloutEvent::Begin);
            let before = story.ledger.deployment.generation;
            if event == RolloutEvent::Resume {
                story.moved(RolloutEvent::Pause);
            }
            let paused = u64::from(event == RolloutEvent::Resume);
            story.moved(event);
            story.ledger.deployment.generation.0 - before.0 - paused
        }
    };
    use RolloutEvent::{Cancel, Pause, Resume, Settle, Supersede};
    for (event, counts) in
        [(Pause, 1), (Resume, 1), (Cancel, 1), (Settle, 0), (Supersede, 0), (BAD, 0), (STOP, 0), (DIE, 0)]
    {
        assert_eq!(moved(event)(&mut Story::with(1)), counts, "{event:?}");
    }
    let mut story = Story::with(1);
    let before = story.ledger.deployment.generation;
    started(&mut story);
    assert_eq!(story.ledger.deployment.generation, before.next());
    let status = Event::StatusChanged { status: Status::Running, error: None };
    let (in_flight, waiting, reason) = (0, 0, String::new());
    let terms = TermsChange { about: Some(About::default()), ..TermsChange::default() };
    for (event, counts) in [
        (Event::DeploymentChanged { terms }, 1),
        (Event::RevisionQuarantined { number, reason: String::new() }, 1),
        (Event::QuarantineLifted { number, note: String::new() }, 1),
        (Event::RevisionRemoved { number }, 1),
        (Event::Deactivated { note: None }, 1),
        (Event::DeleteRequested { note: None }, 1),
        (status, 0),
        (Event::Scaled { from: 1, to: 2, in_flight, waiting, reason }, 0),
    ] {
        let mut story = Story::with(1);
        let before = story.ledger.deployment.generation.0;
        story.enter(event.clone());
        assert_eq!(story.ledger.deployment.generation.0 - before, counts, "{event:?}");
    }
}

#[test]
fn deadlines_are_measured_from_what_an_operator_and_the_clock_leave_to_the_rollout() {
    let number = RolloutNumber(1);
    let step = |stands| {
        let (step, reason) = (StepKind::Wait.into(), String::new());
        Event::StepTaken { rollout: Some(number), step, replica: None, reason, stands }
    };
    let rolling = || {
        let mut story = Story::new();
        story.at(100).update().at(110).moved(RolloutEvent::Begin);
        story
    };
    let marks = |story: &Story| story.newest().marks;
    assert_eq!(marks(&rolling()), Marks { progress_at: at(110), ..Marks::new(at(100)) });

    let mut paused = rolling();
    paused.at(120).moved(RolloutEvent::Pause).at(150).moved(RolloutEvent::Resume);
    let expected = Marks { progress_at: at(150), ..Marks::new(at(130)) };
    assert_eq!((marks(&paused), paused.newest().paused_at), (expected, None), "a pause counts for neither");

    let mut higher = rolling();
    higher.at(130).enter(Event::RolloutProgressed { number, available: 2, receipt: Receipt::default() });
    let reached = Marks { best: 2, progress_at: at(130), ..Marks::new(at(100)) };
    assert_eq!(marks(&higher), reached);
    higher.at(140).moved(BAD);
    assert_eq!(marks(&higher), Marks { best: 0, progress_at: at(140), ..reached }, "going back begins anew");

    let mut stands = rolling();
    stands.at(120).enter(step(true));
    assert_eq!(marks(&stands).stands_since, Some(at(120)));
    stands.at(125).enter(step(true));
    assert_eq!(marks(&stands).stands_since, Some(at(120)), "it stands since the first of them");
    stands.at(150).enter(step(false));
    let expected = Marks { progress_at: at(140), ..Marks::new(at(130)) };
    assert_eq!(marks(&stands), expected, "the time for which it stood does not count");

    let mut moved = rolling();
    moved.at(120).enter(step(true)).at(150).moved(RolloutEvent::Supersede);
    assert_eq!(marks(&moved), expected, "a move ends that too");

    let mut unattended = rolling();
    unattended.at(200).enter(Event::RolloutUnattended { number, since: at(140) });
    let expected = Marks { progress_at: at(170), ..Marks::new(at(160)) };
    assert_eq!(marks(&unattended), expected, "nor does the time without a server");
    let mut late = rolling();
    late.at(200).enter(Event::RolloutUnattended { number, since: at(105) });
    let later = Marks { progress_at: at(200), ..Marks::new(at(195)) };
    assert_eq!(marks(&late), later, "no mark lies in the future, also where something came before the entry did");
    unattended.at(210).enter(Event::RolloutUnattended { number, since: at(300) });
    assert_eq!(marks(&unattended), expected, "a clock that was set back brings no deadline nearer");
}

#[test]
fn who_wants_the_replicas_gone_leaves_the_last_good_revision_to_be_activated() {
    let mut story = Story::with(1);
    story.update().moved(RolloutEvent::Begin).moved(RolloutEvent::Supersede).enter(Event::Deactivated { note: None });
    assert_eq!(story.intended(), Some(1));
    assert_eq!(story.ledger.deployment.target_status, TargetStatus::Stopped);
    assert_eq!(story.revision(2).state, RevisionState::Failed);
    story.start(RolloutKind::Activate);
    let deployment = &story.ledger.deployment;
    assert_eq!((deployment.target_status, deployment.status), (TargetStatus::Running, Status::Pending));
    story.enter(Event::DeleteRequested { note: None });
    assert_eq!((story.intended(), story.ledger.deployment.target_status), (None, TargetStatus::Deleted));
    let gone = Event::DeploymentDeleted { name: "iris".parse().unwrap() };
    assert_eq!(Ledger::after(Some(story.ledger), &entry(0, gone)), None);
}

#[test]
fn a_relaunch_counts_and_keeps_what_it_finds() {
    let mut story = Story::with(1);
    story.start(RolloutKind::Relaunch);
    assert_eq!((story.ledger.deployment.relaunches, story.revision(2).relaunches), (1, 1));
    story.moved(RolloutEvent::Begin).moved(RolloutEvent::Settle).update();
    assert_eq!((story.ledger.deployment.relaunches, story.revision(3).relaunches), (1, 1), "it stays counted");
    assert_eq!(story.revision(1).relaunches, 0);
}

#[test]
fn the_clock_of_a_rollout_runs_before_it_has_begun_and_not_while_it_is_paused_or_over() {
    let mut story = Story::new();
    story.at(100).update();
    let mut runs = |event: Option<RolloutEvent>| {
        if let Some(event) = event {
            story.moved(event);
        }
        story.newest().clock_runs()
    };
    use RolloutEvent::{Begin, Cancel, Pause, Resume, Settle};
    let events = [None, Some(Begin), Some(Pause), Some(Resume), Some(Cancel), Some(Settle)];
    assert_eq!(events.map(&mut runs), [true, true, false, true, true, false]);

    let mut pending = Story::new();
    pending.at(100).update();
    let (number, since) = (RolloutNumber(1), at(110));
    pending.at(150).enter(Event::RolloutUnattended { number, since }).moved(RolloutEvent::Begin);
    let expected = Marks { progress_at: at(150), ..Marks::new(at(140)) };
    assert_eq!(pending.newest().marks, expected, "nobody was there to begin it");
}

#[test]
fn a_replica_that_became_ready_ends_the_failed_starts_of_its_whole_revision() {
    let mut story = Story::with(1);
    for (id, revision, start_failures) in [("r-1", 1, 2), ("r-2", 1, 0), ("r-3", 2, 1)] {
        let new = ReplicaRecord::new(id.parse().unwrap(), RevisionNumber(revision), at(0));
        story.enter(Event::ReplicaChanged { replica: ReplicaRecord { start_failures, ..new } });
    }
    let changed = story.ledger.end_failed_starts(&BTreeSet::from([RevisionNumber(1)]));
    assert_eq!(changed.iter().map(|record| record.id.as_str()).collect::<Vec<_>>(), ["r-1"]);
    let left: Vec<_> = story.ledger.replicas.iter().map(|record| record.start_failures).collect();
    assert_eq!(left, [0, 0, 1]);
}

#[test]
fn a_deployment_uses_what_it_may_go_back_to_until_its_replicas_are_taken_away() {
    let mut story = Story::with(2);
    story.update();
    let of = |story: &Story, which: fn(&Deployment, RevisionNumber) -> bool| {
        [1, 2, 3].map(|number| which(&story.ledger.deployment, RevisionNumber(number)))
    };
    assert_eq!(of(&story, Deployment::uses), [false, true, true]);
    story.enter(Event::Deactivated { note: None });
    assert_eq!(of(&story, Deployment::uses), [false; 3]);
    assert!(of(&story, Deployment::holds)[1], "it can be activated with it");
}
