//! The table, line by line.

use super::*;
use crate::access::Rights;
use crate::caller::Caller;
use crate::deployment::LastOperation;
use crate::id::{Generation, RevisionNumber};
use crate::principal::{Member, PrincipalId};
use crate::rollout::Cause;

use Action::{
    Activate, Cancel, Check, ClearStatistics, Deactivate, Delete, LinkUseCases, ManageKeys, ManageTokens, Pause,
    Relaunch, Resume, RollBack, Update,
};

/// The allowed ones of the actions that depend on the deployment's state; the others are always allowed.
const DEPENDS: [Action; 14] = [
    Update,
    RollBack,
    Pause,
    Resume,
    Cancel,
    Check,
    LinkUseCases,
    ManageKeys,
    ManageTokens,
    ClearStatistics,
    Relaunch,
    Deactivate,
    Activate,
    Delete,
];

/// An administrator, who may do everything that the deployment's state allows.
fn rights() -> Rights {
    let caller = Caller::new(PrincipalId::local().actor());
    let member = Member { id: PrincipalId::local(), role: ServerRole::Admin, disabled: false, since: None };
    Rights::of(caller, Some(&member), Default::default(), true)
}

fn id() -> crate::id::DeploymentId {
    "d1".parse().unwrap()
}

fn offers(standing: &Standing<'_>) -> Vec<(Action, Result<(), Why>)> {
    let (rights, id) = (rights(), "d1".parse().unwrap());
    standing.offers(&rights.on(&id, &Default::default(), false))
}

/// A deployment with two revisions.
fn deployment(status: Status, target_status: TargetStatus) -> Deployment {
    let at = Timestamp::from_second(1_000).unwrap();
    let actor: Actor = "ada".parse().unwrap();
    Deployment {
        id: "d1".parse().unwrap(),
        name: "iris".parse().unwrap(),
        target: Default::default(),
        terms: Default::default(),
        expires_at: None,
        status,
        target_status,
        last_operation: LastOperation { kind: OperationKind::Update, at, actor: actor.clone(), rolled_back_to: None },
        generation: Generation(1),
        intended: Some(RevisionNumber(2)),
        newest_revision: RevisionNumber(2),
        newest_rollout: RolloutNumber(2),
        last_good: Some(RevisionNumber(1)),
        last_running_configuration: None,
        rollout: None,
        survivors_of: None,
        left_as_failed: false,
        scale: None,
        relaunches: 0,
        out_of_sight: None,
        error: None,
        created_at: at,
        created_by: actor,
        access: Default::default(),
        use_cases: Default::default(),
    }
}

/// With an operation in progress, whose rollout stands in `phase` if it has one.
fn during(row: &Deployment, operation: OperationKind, phase: Option<Phase>) -> Standing<'_> {
    let since = Timestamp::from_second(2_000).unwrap();
    let rollout = phase.map(|phase| (RolloutNumber(2), phase));
    let running = InProgress { operation, actor: "bob".parse().unwrap(), since, rollout };
    Standing { deployment: row, in_progress: Some(running) }
}

#[track_caller]
fn check(standing: &Standing<'_>, allowed: &[Action]) {
    for (action, offered) in offers(standing) {
        let expected = allowed.contains(&action) || !DEPENDS.contains(&action);
        assert_eq!(offered.is_ok(), expected, "{action:?} of {standing:?}: {offered:?}");
    }
}

#[test]
fn every_action_is_offered_once() {
    let row = deployment(Status::Running, TargetStatus::Running);
    let offered = offers(&Standing::of(&row, None));
    let names: std::collections::HashSet<_> = offered.iter().map(|(action, _)| *action).collect();
    assert_eq!((names.len(), offered.len()), (Action::ALL.len(), Action::ALL.len()));
}

#[test]
fn the_table_while_nothing_is_in_progress() {
    let open = [
        Update,
        RollBack,
        Check,
        LinkUseCases,
        ManageKeys,
        ManageTokens,
        ClearStatistics,
        Relaunch,
        Deactivate,
        Delete,
    ];
    for status in [Status::Pending, Status::Running, Status::Dead] {
        check(&Standing::of(&deployment(status, TargetStatus::Running), None), &open);
    }
    let stopped = deployment(Status::Stopped, TargetStatus::Stopped);
    check(
        &Standing::of(&stopped, None),
        &[Check, LinkUseCases, ManageKeys, ManageTokens, ClearStatistics, Activate, Delete],
    );
    let unknown = deployment(Status::Unknown, TargetStatus::Running);
    check(&Standing::of(&unknown, None), &[Check, LinkUseCases, ManageKeys, ManageTokens, ClearStatistics, Delete]);
}

#[test]
fn the_table_while_replicas_are_taken_away() {
    // Both are told by the deployment alone.
    let stopping = deployment(Status::Stopping, TargetStatus::Stopped);
    let standing = Standing::of(&stopping, None);
    assert_eq!(standing.in_progress().map(|running| running.operation), Some(OperationKind::Deactivate));
    check(&standing, &[Check, LinkUseCases, ManageKeys, ManageTokens, ClearStatistics, Delete]);
    let deleted = deployment(Status::Stopping, TargetStatus::Deleted);
    let standing = Standing::of(&deleted, None);
    assert_eq!(standing.in_progress().map(|running| running.operation), Some(OperationKind::Delete));
    check(&standing, &[]);
}

#[test]
fn the_table_during_a_rollout() {
    use OperationKind as Kind;
    let row = deployment(Status::Running, TargetStatus::Running);
    let always = [RollBack, Check, LinkUseCases, ManageKeys, ManageTokens, ClearStatistics, Deactivate, Delete];
    for operation in [Kind::Create, Kind::Update, Kind::Relaunch, Kind::Activate] {
        for (phase, moves) in [
            (Phase::Pending, vec![Pause, Cancel]),
            (Phase::Rolling, vec![Pause, Cancel]),
            (Phase::Paused, vec![Resume, Cancel]),
            (Phase::Reverting(Cause::CannotRun), vec![Cancel]),
        ] {
            check(&during(&row, operation, Some(phase)), &[&always[..], &moves].concat());
        }
    }
}

#[test]
fn who_wants_the_replicas_gone_is_held_up_by_no_rollout() {
    use OperationKind::{Activate, Create, Deactivate, Delete, Relaunch, Update};
    for operation in [Create, Update, Delete, Deactivate, Activate, Relaunch] {
        for in_progress in [Create, Update, Delete, Deactivate, Activate, Relaunch] {
            let expected = match operation {
                Delete => in_progress != Delete,
                Deactivate => !matches!(in_progress, Delete | Deactivate),
                _ => false,
            };
            assert_eq!(takes_over(operation, in_progress), expected, "{operation:?} during {in_progress:?}");
        }
    }
}

#[test]
fn only_the_rollout_in_progress_can_be_gone_on_top_of() {
    let mut row = deployment(Status::Running, TargetStatus::Running);
    row.rollout = Some(RolloutNumber(2));
    let standing = || during(&row, OperationKind::Update, Some(Phase::Rolling));
    assert!(matches!(
        standing().allows(Update, &rights().on(&id(), &Default::default(), false)),
        Err(Why::InProgress(_))
    ));
    assert_eq!(
        standing().on_top_of(RolloutNumber(2)).unwrap().allows(Update, &rights().on(&id(), &Default::default(), false)),
        Ok(())
    );
    let other = standing().on_top_of(RolloutNumber(1)).unwrap_err();
    assert_eq!(other, Why::NoRollout(Some(RolloutNumber(1))));
    assert_eq!(other.code(), ErrorCode::NoRollout);
}

#[test]
fn the_first_revision_has_none_before_it() {
    let mut row = deployment(Status::Running, TargetStatus::Running);
    row.newest_revision = RevisionNumber(1);
    assert_eq!(
        Standing::of(&row, None).allows(RollBack, &rights().on(&id(), &Default::default(), false)),
        Err(Why::NothingEarlier)
    );
}

#[test]
fn reasons_are_sentences_with_a_code() {
    let row = deployment(Status::Stopped, TargetStatus::Stopped);
    let during = during(&row, OperationKind::Update, Some(Phase::Rolling));
    let idle = Standing::of(&row, None);
    for (standing, action, code, sentence) in [
        (
            &during,
            Update,
            ErrorCode::OperationInProgress,
            "iris is in the middle of an operation (update), started by bob at 1970-01-01 00:33 UTC.",
        ),
        (
            &idle,
            Update,
            ErrorCode::StatusForbidsUpdate,
            "iris is stopped; only a pending, running or dead deployment can be updated.",
        ),
        (
            &idle,
            Deactivate,
            ErrorCode::StatusForbidsUpdate,
            "iris is stopped; only a pending, running or dead deployment can be deactivated.",
        ),
        (&during, Resume, ErrorCode::RolloutForbids, "The rollout is rolling, so it cannot resume."),
        (&idle, Pause, ErrorCode::NoRollout, "No rollout of iris is in progress."),
    ] {
        let why = standing.allows(action, &rights().on(&id(), &Default::default(), false)).unwrap_err();
        assert_eq!((why.code(), why.sentence(&row).as_str()), (code, sentence));
    }
}
