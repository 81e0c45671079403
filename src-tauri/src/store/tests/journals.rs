//! Random journals: what the ledger makes of them is what stands in the tables, in whatever order the tables are written.

use domain::compat::CheckStep;
use domain::configuration::Configuration;
use domain::deployment::{Importance, Status, TargetStatus, TermsChange};
use domain::event::Entry;
use domain::id::{ConfigurationId, RevisionNumber};
use domain::ledger::{Ledger, RolloutStep};
use domain::receipt::Receipt;
use domain::replica::{Observed, ReplicaRecord};
use domain::rollout::{self, Cause, RolloutEvent, RolloutKind};
use domain::step_kind::StepKind;
use proptest::prelude::any;
use proptest::{collection, prop_assert_eq, proptest};

use super::*;
use crate::store::tables::{self, COVERED, SAVED, base, load};
use crate::store::{Reading, schema};

/// A deployment as the ledger has it.
struct Known {
    id: DeploymentId,
    ledger: Option<Ledger>,
    steps: Vec<(domain::id::RolloutNumber, RolloutStep)>,
}

/// An event that may follow what the ledger holds. `seq` makes new ids.
fn event(known: &Known, seq: u64, kind: u8, n: u32, flag: bool) -> Event {
    let Some(ledger) = &known.ledger else { return created(&format!("iris-{seq}")) };
    let deployment = &ledger.deployment;
    let made = || {
        let id = format!("c{seq}").parse().unwrap();
        let configuration = Configuration { drain_seconds: Some(n % 4 + 1), ..Configuration::default() };
        Event::ConfigurationCreated { id, configuration: Box::new(configuration) }
    };
    let text = || format!("because of {n}");
    let (number, newest) = (deployment.newest_rollout, deployment.newest_revision.0);
    let revision = RevisionNumber(n % newest.max(1) + 1);
    let receipt = Receipt::default();
    let replica = format!("{}-{}", known.id, n % 5).parse().unwrap();
    match kind % 23 {
        0..=2 => match (deployment.rollout, ledger.configurations.keys().last()) {
            (None, Some(id)) => started(ledger, id, n),
            _ => made(),
        },
        3..=8 => {
            let cause = if flag { Cause::CannotRun } else { Cause::TotalDeadline };
            use RolloutEvent::{Begin, Cancel, Die, Fail, Pause, Resume, Settle, Stop, Supersede};
            let all = [Begin, Settle, Fail(cause), Stop(cause), Die(cause), Cancel, Pause, Resume, Supersede];
            let phase = ledger.rollouts.get(&number).map(|rollout| rollout.phase);
            let possible = |event: &&RolloutEvent| phase.is_some_and(|phase| rollout::next(phase, **event).is_ok());
            let turned = all.iter().cycle().skip(n as usize % all.len()).take(all.len());
            match (turned.copied().collect::<Vec<_>>().iter().find(possible), phase) {
                (Some(event), Some(phase)) => Event::RolloutMoved {
                    number,
                    event: *event,
                    phase: rollout::next(phase, *event).unwrap(),
                    problem: flag.then(text),
                    receipt,
                    blameless: n.is_multiple_of(3),
                },
                _ => made(),
            }
        }
        9 => Event::RolloutProgressed { number, available: n % 4, receipt },
        10 => {
            let (rollout, step, replica) = (deployment.rollout, StepKind::Wait.into(), Some(replica));
            Event::StepTaken { rollout, step, replica, reason: text(), stands: flag }
        }
        11 => Event::RolloutUnattended { number, since: Timestamp::from_second(i64::from(n % 50)).unwrap() },
        12 => Event::ReceiptClosed { number, receipt },
        13 | 14 => Event::ReplicaChanged { replica: replica_record(replica, revision, flag) },
        15 => Event::ReplicaForgotten { id: replica },
        16 => match flag {
            true => Event::StatusChanged { status: Status::Dead, error: Some(text()) },
            false => Event::Scaled { from: 1, to: n % 5, in_flight: 0, waiting: 0, reason: text() },
        },
        17 => match flag {
            true => Event::RevisionQuarantined { number: revision, reason: text() },
            false => Event::QuarantineLifted { number: revision, note: text() },
        },
        18 => {
            let needed = [deployment.intended, deployment.last_good, deployment.survivors_of];
            if needed.contains(&Some(revision)) { made() } else { Event::RevisionRemoved { number: revision } }
        }
        19 => {
            let importance = flag.then_some(Importance::High);
            Event::DeploymentChanged { terms: TermsChange { importance, ..TermsChange::default() } }
        }
        20 => {
            let id = format!("k{}", n % 3).parse().unwrap();
            match flag {
                true => Event::CheckStarted { id, configuration: Box::default() },
                false => Event::CheckMoved { id, step: CheckStep::Queued },
            }
        }
        21 => {
            let rollout = deployment.rollout;
            if flag { Event::TargetUnseen { rollout, why: text() } } else { Event::TargetSeen { rollout } }
        }
        _ if deployment.target_status == TargetStatus::Deleted => {
            Event::DeploymentDeleted { name: deployment.name.clone() }
        }
        _ if flag => Event::DeleteRequested { note: None },
        _ => Event::Deactivated { note: None },
    }
}

fn started(ledger: &Ledger, id: &ConfigurationId, n: u32) -> Event {
    let deployment = &ledger.deployment;
    let kind = match n % 4 {
        0 => RolloutKind::Relaunch,
        1 => RolloutKind::Activate,
        _ => RolloutKind::Update,
    };
    let change = deployment.change_to(kind, id.clone(), &ledger.configurations[id], n % 4 + 1);
    Event::RolloutStarted {
        number: deployment.newest_rollout.next(),
        to_revision: deployment.newest_revision.next(),
        plan_hash: String::new(),
        plan: None,
        warrant: Default::default(),
        supersedes: None,
        change: Box::new(change),
    }
}

fn replica_record(id: domain::id::ReplicaId, revision: RevisionNumber, ready: bool) -> ReplicaRecord {
    let since = Timestamp::UNIX_EPOCH;
    let observed = if ready { Observed::Ready { since } } else { Observed::Unknown };
    ReplicaRecord { observed, ..ReplicaRecord::new(id, revision, since) }
}

/// The content of the tables about a deployment.
fn read(connection: &Connection, id: &DeploymentId) -> Result<Option<Ledger>, StoreError> {
    let reading = Reading(connection);
    let Some(deployment) = reading.deployment(id)? else { return Ok(None) };
    let configurations = reading.configurations(id)?.into_iter();
    Ok(Some(Ledger {
        deployment,
        revisions: reading.revisions(id)?.into_iter().map(|found| (found.number, found)).collect(),
        rollouts: reading.rollouts(id, None, 1_000)?.into_iter().map(|found| (found.number, found)).collect(),
        replicas: reading.replicas(id)?,
        configurations: configurations.map(|found| (found.id, found.configuration)).collect(),
    }))
}

fn opened() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    connection
}

/// Applies an entry, with the tables written in the order that `turn` chooses.
fn apply_turned(connection: &Connection, entry: &Entry, turn: u64) -> Result<(), StoreError> {
    let entered = load::entered(connection, entry)?;
    let mut left: Vec<_> = SAVED.to_vec();
    let mut turn = turn;
    while !left.is_empty() {
        let save = left.swap_remove((turn % left.len() as u64) as usize);
        turn = turn.rotate_right(7).wrapping_mul(31);
        save(connection, &entered)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]

    #[test]
    fn a_random_journal_is_in_the_tables_what_the_ledger_makes_of_it_in_whatever_order_they_are_written(
        script in collection::vec((any::<bool>(), any::<u8>(), 0u32..60, any::<bool>(), any::<u64>()), 1..80),
    ) {
        let (connection, turned) = (opened(), opened());
        let unborn = |id: String| Known { id: id.parse().unwrap(), ledger: None, steps: Vec::new() };
        let mut deployments = [unborn("d0".to_owned()), unborn("d1".to_owned())];
        for (seq, (which, kind, n, flag, turn)) in (1u64..).zip(script) {
            let known = &mut deployments[usize::from(which)];
            let event = event(known, seq, kind, n, flag);
            let json = serde_json::to_value(&event).unwrap();
            prop_assert_eq!(&json["kind"], event.kind().as_str());
            let (id, at) = (known.id.clone(), Timestamp::from_second(100 + seq as i64 * 3).unwrap());
            let entry = Entry { seq: Seq(seq), at, actor: "ada".parse().unwrap(), deployment: Some(id), event };
            tables::apply(&connection, &entry).unwrap();
            apply_turned(&turned, &entry, turn).unwrap();
            known.ledger = Ledger::after(known.ledger.take(), &entry);
            known.steps.extend(RolloutStep::told(&entry).filter(|_| known.ledger.is_some()));
            prop_assert_eq!(read(&connection, &known.id).unwrap(), known.ledger.clone());
            if known.ledger.is_none() {
                *known = unborn(format!("d{}", seq + 2));
            }
        }
        for known in &deployments {
            let Some(ledger) = &known.ledger else { continue };
            for number in ledger.rollouts.keys() {
                let told = known.steps.iter().filter(|(rollout, _)| rollout == number);
                let told: Vec<_> = told.map(|(_, step)| step.clone()).collect();
                prop_assert_eq!(Reading(&connection).steps(&known.id, *number).unwrap(), told);
            }
        }
        for (table, _) in COVERED {
            let rows = |connection| base::rows(connection, table).unwrap();
            prop_assert_eq!(rows(&connection), rows(&turned), "{}", table);
        }
    }
}
