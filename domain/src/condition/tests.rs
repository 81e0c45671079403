//! Which condition wins, and what it says of its cause.

use super::*;
use crate::rollout::Cause;

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

/// A replica that is to run and was last seen like this.
fn replica(observed: Observed, failures: u32) -> ReplicaRecord {
    let record = serde_json::json!({"id": "r-1", "revision": 1, "intent": {"meant": "run"}, "observed": observed,
        "address": null, "started_at": minute(0), "restarts": failures, "failures": failures, "problem": "it is broken"});
    serde_json::from_value(record).unwrap()
}

/// A deployment that runs, and of which nothing is to be said.
fn calm() -> ConditionFacts<'static> {
    ConditionFacts {
        status: Status::Running,
        error: None,
        operation: None,
        rollout: Some((Phase::Completed, None)),
        dismissed: false,
        replicas: &[],
        requests: &[],
        now: minute(10),
    }
}

fn word(facts: ConditionFacts<'_>) -> ConditionWord {
    facts.condition().word
}

#[test]
fn what_goes_on_is_said_where_nothing_is_wrong() {
    use ConditionWord::{
        Held, Paused, Returning, Running, Scheduled, Stale, Starting, Stopped, Stopping, Updating, WaitsForApproval,
    };
    let update = Some(OperationKind::Update);
    let during = |phase| ConditionFacts { operation: update, rollout: Some((phase, None)), ..calm() };
    let asked = |requests| ConditionFacts { requests, ..calm() };
    for (facts, expected) in [
        (calm(), Running),
        (ConditionFacts { rollout: None, ..calm() }, Running),
        (during(Phase::Rolling), Updating),
        (during(Phase::Pending), Updating),
        (during(Phase::Reverting(Cause::CannotRun)), Returning),
        (during(Phase::Paused), Paused),
        (ConditionFacts { operation: Some(OperationKind::Create), status: Status::Pending, ..calm() }, Starting),
        (ConditionFacts { operation: Some(OperationKind::Activate), ..calm() }, Starting),
        (ConditionFacts { operation: Some(OperationKind::Deactivate), status: Status::Stopping, ..calm() }, Stopping),
        (ConditionFacts { status: Status::Stopping, ..calm() }, Stopping),
        (ConditionFacts { status: Status::Stopped, ..calm() }, Stopped),
        (asked(&[(RequestState::Open, None)]), WaitsForApproval),
        (asked(&[(RequestState::ChangesRequested, None)]), WaitsForApproval),
        (asked(&[(RequestState::Scheduled, None)]), Scheduled),
        (asked(&[(RequestState::Scheduled, Some(WaitingFor::Freeze)), (RequestState::Open, None)]), Held),
        (asked(&[(RequestState::Open, None), (RequestState::Stale, None)]), Stale),
        (asked(&[(RequestState::Approved, None)]), Running),
    ] {
        assert_eq!(word(facts), expected, "{facts:?}");
    }
}

#[test]
fn the_worst_wins_and_says_why() {
    let failing = [replica(Observed::Starting { since: minute(9) }, 2)];
    let late = [replica(Observed::Unready { since: minute(9) }, 1)];
    let failed = Some((Phase::Reverted, Some("no replica became ready")));
    let all = ConditionFacts {
        error: Some("it cannot run"),
        rollout: failed,
        requests: &[(RequestState::Open, None)],
        ..calm()
    };
    for (facts, expected, why) in [
        (ConditionFacts { status: Status::Dead, replicas: &failing, ..all }, ConditionWord::Dead, "it cannot run"),
        (ConditionFacts { replicas: &failing, ..all }, ConditionWord::Crashing, "it is broken"),
        (ConditionFacts { status: Status::Unknown, ..all }, ConditionWord::Unreachable, "it cannot run"),
        (ConditionFacts { replicas: &late, ..all }, ConditionWord::NotAllReady, "it is broken"),
        (all, ConditionWord::UpdateFailed, "no replica became ready"),
    ] {
        assert_eq!(facts.condition(), Condition { word: expected, why: Some(why.to_owned()) });
        assert!(expected.needs_attention());
    }
    assert!(!ConditionWord::Stale.needs_attention() && !ConditionWord::Updating.needs_attention());
}

#[test]
fn a_failed_update_is_told_of_until_another_one_comes() {
    for phase in [Phase::Reverted, Phase::RevertFailed, Phase::Failed] {
        assert_eq!(word(ConditionFacts { rollout: Some((phase, None)), ..calm() }), ConditionWord::UpdateFailed);
    }
    for phase in [Phase::Cancelled, Phase::Superseded, Phase::Completed] {
        assert_eq!(
            word(ConditionFacts { rollout: Some((phase, None)), ..calm() }),
            ConditionWord::Running,
            "{phase:?}"
        );
    }
    let stopped = ConditionFacts { status: Status::Stopped, rollout: Some((Phase::Reverted, None)), ..calm() };
    assert_eq!(word(stopped), ConditionWord::Stopped, "somebody has dealt with it");
}

#[test]
fn one_restart_is_nothing_and_a_replica_that_is_well_again_neither() {
    for (observed, failures, expected) in [
        (Observed::Starting { since: minute(10) }, 1, ConditionWord::Running),
        (Observed::Exited { at: minute(10) }, 2, ConditionWord::Crashing),
        (Observed::Ready { since: minute(10) }, 2, ConditionWord::Crashing),
        (Observed::Ready { since: minute(9) }, 2, ConditionWord::Running),
        (Observed::Unready { since: minute(9) }, 0, ConditionWord::NotAllReady),
        (Observed::Unready { since: minute(10) }, 0, ConditionWord::Running),
    ] {
        let replicas = [replica(observed, failures)];
        assert_eq!(word(ConditionFacts { replicas: &replicas, ..calm() }), expected, "{observed:?} {failures}");
        let moving = ConditionFacts { replicas: &replicas, operation: Some(OperationKind::Update), ..calm() };
        assert_ne!(word(moving), ConditionWord::NotAllReady, "what is replaced is not ready meanwhile");
    }
    let mut stopping = replica(Observed::Exited { at: minute(1) }, 5);
    stopping.intent = Intent::Stop { since: minute(1) };
    assert_eq!(word(ConditionFacts { replicas: &[stopping], ..calm() }), ConditionWord::Running);
}

#[test]
fn a_failure_that_was_dismissed_is_said_no_more_and_nothing_else_is_hidden_by_it() {
    let failed = ConditionFacts { rollout: Some((Phase::Reverted, Some("it broke"))), dismissed: true, ..calm() };
    assert_eq!(failed.condition(), Condition { word: ConditionWord::Running, why: None });
    assert_eq!(word(ConditionFacts { status: Status::Dead, ..failed }), ConditionWord::Dead);
    let asked = ConditionFacts { requests: &[(RequestState::Open, None)], ..failed };
    assert_eq!(word(asked), ConditionWord::WaitsForApproval);
}

/// Whoever shows conditions looks again at these alone.
#[test]
fn time_alone_changes_no_other_condition() {
    let observed = |since| {
        [
            Observed::Unknown,
            Observed::Absent,
            Observed::Starting { since },
            Observed::Ready { since },
            Observed::Unready { since },
            Observed::Exited { at: since },
        ]
    };
    let mut moved = 0;
    for (one, failures) in observed(minute(10)).into_iter().flat_map(|one| [0, 2].map(|failures| (one, failures))) {
        for operation in [None, Some(OperationKind::Update)] {
            let replicas = [replica(Observed::Ready { since: minute(1) }, 0), replica(one, failures)];
            let facts = ConditionFacts { replicas: &replicas, operation, ..calm() };
            let (now, later) = (word(facts), word(ConditionFacts { now: minute(60), ..facts }));
            moved += usize::from(now != later);
            let counts = ReplicaCounts::of(2, &replicas);
            assert!(now == later || now.is_moved_by_time(counts), "{now} becomes {later}: {one:?} {failures}");
        }
    }
    assert_eq!(moved, 5, "a replica that proves itself, and three ways to grow late");
    let settled = [replica(Observed::Ready { since: minute(10) }, 0)];
    assert!(!word(calm()).is_moved_by_time(ReplicaCounts::of(1, &settled)));
}
