//! Tables of phases, and of what is due when.

use super::*;

const ALL: [Phase; 11] = [
    Phase::Pending,
    Phase::Rolling,
    Phase::Paused,
    Phase::Reverting(Cause::ProgressDeadline),
    Phase::Reverting(Cause::Cancelled),
    Phase::Completed,
    Phase::Reverted,
    Phase::RevertFailed,
    Phase::Failed,
    Phase::Superseded,
    Phase::Cancelled,
];
const EVENTS: [RolloutEvent; 9] = [
    RolloutEvent::Begin,
    RolloutEvent::Pause,
    RolloutEvent::Resume,
    RolloutEvent::Cancel,
    RolloutEvent::Fail(Cause::ProgressDeadline),
    RolloutEvent::Stop(Cause::ProgressDeadline),
    RolloutEvent::Die(Cause::TotalDeadline),
    RolloutEvent::Settle,
    RolloutEvent::Supersede,
];

#[test]
fn an_ended_rollout_stays_as_it_ended() {
    for phase in ALL.into_iter().filter(|phase| !phase.is_active()) {
        for event in EVENTS {
            assert!(next(phase, event).is_err(), "{phase:?} {event:?}");
        }
    }
}

#[test]
fn every_rollout_that_moves_can_be_cancelled_also_while_it_goes_back() {
    for phase in ALL.into_iter().filter(|phase| phase.is_active()) {
        let cancelled = next(phase, RolloutEvent::Cancel);
        assert_eq!(cancelled, Ok(Phase::Reverting(Cause::Cancelled)), "{phase:?}");
    }
}

#[test]
fn only_a_rolling_rollout_completes_and_a_failed_one_never_does() {
    for phase in ALL {
        for event in EVENTS {
            if next(phase, event) == Ok(Phase::Completed) {
                assert_eq!((phase, event), (Phase::Rolling, RolloutEvent::Settle));
            }
        }
    }
    let failed = next(Phase::Rolling, RolloutEvent::Fail(Cause::ProgressDeadline)).unwrap();
    assert_eq!(next(failed, RolloutEvent::Settle), Ok(Phase::Reverted));
    assert_eq!(next(failed, RolloutEvent::Fail(Cause::ProgressDeadline)), Ok(Phase::RevertFailed));
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn rolling(best: u32, available: u32, now: i64) -> Due {
    let marks = Marks { best, ..Marks::new(at(0)) };
    let strategy = Strategy { progress_deadline_seconds: 10, total_deadline_seconds: Some(30), ..Strategy::default() };
    due(
        Phase::Rolling,
        marks,
        &strategy,
        OnFailure::Revert,
        Progress { available, enough: available >= 5, ..Progress::default() },
        at(now),
    )
}

#[test]
fn flapping_does_not_move_the_deadline() {
    assert_eq!(rolling(2, 3, 5), Due::Progress(3));
    assert_eq!(rolling(3, 2, 5), Due::Nothing(Some(at(10))));
    assert_eq!(rolling(3, 3, 9), Due::Nothing(Some(at(10))));
    assert_eq!(rolling(3, 3, 10), Due::Event(RolloutEvent::Fail(Cause::ProgressDeadline)));
    assert_eq!(rolling(3, 4, 30), Due::Event(RolloutEvent::Fail(Cause::TotalDeadline)));
}

#[test]
fn what_only_has_to_end_is_no_lack_of_progress() {
    assert_eq!(rolling(5, 5, 20), Due::Nothing(Some(at(30))));
    assert_eq!(rolling(5, 5, 30), Due::Event(RolloutEvent::Fail(Cause::TotalDeadline)));
    assert_eq!(rolling(5, 4, 20), Due::Event(RolloutEvent::Fail(Cause::ProgressDeadline)));
    let marks = Marks { best: 5, ..Marks::new(at(0)) };
    let back = Progress { available: 5, enough: true, ..Progress::default() };
    let reverting = Phase::Reverting(Cause::ProgressDeadline);
    let due = due(reverting, marks, &Strategy::default(), OnFailure::Revert, back, at(1_000_000));
    assert_eq!(due, Due::Nothing(None));
}

#[test]
fn what_a_failure_does_is_the_policys_and_going_back_fails_in_one_way() {
    let marks = Marks::new(at(0));
    let strategy = Strategy::default();
    let failing = |phase, policy| due(phase, marks, &strategy, policy, Progress::default(), at(600));
    let cause = Cause::ProgressDeadline;
    for (policy, event) in [
        (OnFailure::Revert, RolloutEvent::Fail(cause)),
        (OnFailure::Stop, RolloutEvent::Stop(cause)),
        (OnFailure::Dead, RolloutEvent::Die(cause)),
    ] {
        assert_eq!(failing(Phase::Rolling, policy), Due::Event(event));
        assert_eq!(failing(Phase::Reverting(cause), policy), Due::Event(RolloutEvent::Fail(cause)));
    }
}

#[test]
fn a_paused_rollout_has_no_deadline() {
    let marks = Marks::new(at(0));
    let due = due(Phase::Paused, marks, &Strategy::default(), OnFailure::Revert, Progress::default(), at(1_000_000));
    assert_eq!(due, Due::Nothing(None));
}

#[test]
fn a_clock_that_stands_fails_nothing_and_what_it_stood_for_does_not_count() {
    let strategy = Strategy { progress_deadline_seconds: 10, total_deadline_seconds: Some(30), ..Strategy::default() };
    let judged = |phase, marks, stands, now| {
        let progress = Progress { stands, ..Progress::default() };
        due(phase, marks, &strategy, OnFailure::Revert, progress, at(now))
    };
    let fails = |cause| Due::Event(RolloutEvent::Fail(cause));
    for phase in [Phase::Rolling, Phase::Reverting(Cause::ProgressDeadline)] {
        let marks = Marks::new(at(0));
        assert_eq!(judged(phase, marks, true, 1_000), Due::Nothing(None));
        // It ran for 4 s, stood for 100 s, and has 6 s left.
        let stood = marks.standing(at(4)).standing(at(50));
        assert_eq!(judged(phase, stood, false, 104), Due::Nothing(Some(at(110))));
        assert_eq!(judged(phase, stood.running(at(104)), false, 109), Due::Nothing(Some(at(110))));
        assert_eq!(judged(phase, stood.running(at(104)), false, 110), fails(Cause::ProgressDeadline));
    }
    let late = Marks { progress_at: at(29), ..Marks::new(at(0)) }.standing(at(29)).running(at(129));
    assert_eq!(judged(Phase::Rolling, late, false, 129), Due::Nothing(Some(at(130))));
    assert_eq!(judged(Phase::Rolling, late, false, 130), fails(Cause::TotalDeadline));
    // A clock that went back takes nothing away.
    assert_eq!(Marks::new(at(9)).standing(at(9)).running(at(5)), Marks::new(at(9)));
}

#[test]
fn what_is_certain_ends_it_at_once_and_only_on_its_way_forward() {
    let strategy = Strategy { start_failures: 3, ..Strategy::default() };
    let marks = Marks::new(at(0));
    let judged = |phase, progress| due(phase, marks, &strategy, OnFailure::Revert, progress, at(1));
    let crashed = |start_failures| Progress { start_failures, ..Progress::default() };
    let refused = Progress { cannot_run: true, stands: true, ..Progress::default() };
    let fails = |cause| Due::Event(RolloutEvent::Fail(cause));
    let (rolling, reverting) = (Phase::Rolling, Phase::Reverting(Cause::CannotRun));
    assert_eq!(judged(rolling, refused), fails(Cause::CannotRun));
    assert_eq!(judged(rolling, crashed(3)), fails(Cause::StartFailures));
    assert_eq!(judged(rolling, crashed(2)), Due::Nothing(Some(at(600))));
    assert_eq!(judged(reverting, crashed(9)), Due::Nothing(Some(at(600))));
    assert_eq!(judged(reverting, Progress { stands: false, ..refused }), Due::Nothing(Some(at(600))));
}

#[test]
fn a_revision_of_which_no_replica_failed_is_not_blamed() {
    let none = Progress::default();
    let failed = Progress { failed: true, ..none };
    let now = Timestamp::from_second(5).unwrap();
    let unready_for = |ms| Progress { unready: Some(now - SignedDuration::from_millis(ms)), ..none };
    let strategy = Strategy { progress_deadline_seconds: 5, ..Strategy::default() };
    for (cause, progress, blameless) in [
        (Cause::ProgressDeadline, none, true),
        (Cause::ProgressDeadline, unready_for(4_900), false),
        (Cause::ProgressDeadline, unready_for(100), true),
        (Cause::ProgressDeadline, failed, false),
        (Cause::TotalDeadline, unready_for(5_000), true),
        (Cause::TotalDeadline, failed, false),
        (Cause::CannotRun, none, false),
        (Cause::StartFailures, none, false),
    ] {
        assert_eq!(is_blameless(cause, &strategy, progress, now), blameless, "{cause:?} {progress:?}");
    }
}
