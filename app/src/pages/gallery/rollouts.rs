//! What a rollout shows: its rehearsal, its steps, its receipt, its differences, and a check in progress.

use std::collections::BTreeMap;

use domain::compat::CheckStep;
use domain::diff::{Difference, Impact};
use domain::id::RevisionNumber;
use domain::rehearsal::{Frame, Rehearsal};
use domain::step_kind::StepKind;
use domain::strategy::{Adjustment, Limits};
use domain::wire::{Counts, Receipt, StepView};
use leptos::prelude::*;
use serde_json::json;

use super::invented::{NOW, moment};
use super::shelf::Shelf;
use crate::components::{CheckProgress, DifferenceTable, ReceiptTable, RehearsalPicture, StepList};

#[component]
pub(super) fn Rollouts() -> impl IntoView {
    view! {
        <Shelf title="Rollouts">
            <RehearsalPicture rehearsal=rehearsal() desired=3/>
            <StepList steps=steps() active=true/>
            {[0, 4].map(|failed| view! { <ReceiptTable receipt=receipt(failed)/> }).collect_view()}
            <DifferenceTable differences=differences()/>
            {[CheckStep::Queued, CheckStep::Starting, CheckStep::Asking].map(|step| view! { <CheckProgress step=step/> }).collect_view()}
        </Shelf>
    }
}

fn rehearsal() -> Rehearsal {
    let frame = |at: u32, old_ready: u32, old_leaving: u32, new_starting: u32, new_ready: u32| Frame {
        at_ms: u64::from(at) * 800,
        old_ready,
        old_leaving,
        new_starting,
        new_ready,
        new_share_percent: new_ready * 100 / (old_ready + new_ready).max(1),
    };
    Rehearsal {
        limits: Limits { surge: 1, unavailable: 0, adjustment: Adjustment::None },
        frames: vec![
            frame(0, 3, 0, 0, 0),
            frame(1, 3, 0, 1, 0),
            frame(2, 2, 1, 0, 1),
            frame(3, 2, 0, 1, 1),
            frame(4, 1, 1, 0, 2),
            frame(5, 1, 0, 1, 2),
            frame(6, 0, 1, 0, 3),
            frame(7, 0, 0, 0, 3),
        ],
        steps: Vec::new(),
        lowest_available: 3,
        highest_total: 4,
        duration_ms: 5_600,
        drain_limit_ms: 30_000,
        warnings: Vec::new(),
    }
}

fn steps() -> Vec<StepView> {
    let told = [
        (StepKind::Begin, "revision 2 is rolled out"),
        (StepKind::Start, "3 of 3 exist, 3 replicas run and 4 are allowed"),
        (StepKind::Wait, "1 replica to become ready"),
        (StepKind::Drain, "of an earlier revision: 4 are available and the floor is 3"),
        (StepKind::Pause, "Ada looks at the errors"),
        (StepKind::Fail, "No replica of revision 2 became ready in 8 s"),
        (StepKind::Stop, "it has no request left"),
    ];
    (NOW..)
        .zip(told)
        .map(|(at, (kind, reason))| StepView {
            kind: kind.into(),
            reason: reason.to_owned(),
            at: moment(at),
            replica: "r-1".parse().ok(),
            round: None,
        })
        .collect()
}

fn receipt(failed: u64) -> Receipt {
    let of = |answered: u64, failed: u64| Counts {
        answered,
        failed,
        cut: failed / 2,
        retried: 1,
        drained: 12,
        longest_drain_ms: 140,
    };
    let by_revision = BTreeMap::from([(RevisionNumber(1), of(2_400, 0)), (RevisionNumber(2), of(1_200, failed))]);
    Receipt { total: of(3_600, failed), by_revision }
}

fn differences() -> Vec<Difference> {
    let costs = [
        ("models", json!(["iris@1"]), json!(["iris@2"]), Impact::RollingRestart),
        ("routes.predict", json!("/score"), json!("/predict"), Impact::VisibleToClients),
        ("user_config", json!({"threshold": 0.4}), json!({"threshold": 0.5}), Impact::ReconfiguredInPlace),
        ("replicas", json!(2), json!(null), Impact::NothingRestarts),
    ];
    costs
        .into_iter()
        .map(|(field, current, candidate, impact)| Difference { field: field.to_owned(), current, candidate, impact })
        .collect()
}
