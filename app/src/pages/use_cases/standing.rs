//! How the deployments of a use case are, in a line.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::deployment::Status;
use domain::id::UseCaseId;
use domain::wire::DeploymentView;
use leptos::prelude::*;

use crate::components::StateLabel;
use crate::words;

/// The order in which they are told: those that need somebody first.
const ORDER: [Status; 6] =
    [Status::Dead, Status::Unknown, Status::Pending, Status::Stopping, Status::Running, Status::Stopped];

/// The number of deployments in each status, in its order.
pub(super) type Numbers = [usize; ORDER.len()];

/// The states of several deployments with their numbers.
#[component]
pub(super) fn Standing(#[prop(into)] numbers: Signal<Numbers>) -> impl IntoView {
    move || {
        let numbers = ORDER.into_iter().zip(numbers.get()).filter(|(_, number)| *number > 0);
        let labels = numbers.map(|(status, number)| {
            let (word, tone) = words::status(status);
            view! { <StateLabel word=format!("{number} {word}") tone=tone/> }
        });
        view! { <span class="standing sub" data-test="standing">{labels.collect_view()}</span> }
    }
}

/// Counts one more.
fn note(numbers: &mut Numbers, view: &DeploymentView) {
    for (status, number) in ORDER.iter().zip(numbers) {
        *number += usize::from(*status == view.status);
    }
}

/// The numbers of several deployments.
pub(super) fn numbers(deployments: &[Arc<DeploymentView>]) -> Numbers {
    let mut numbers = Numbers::default();
    deployments.iter().for_each(|view| note(&mut numbers, view));
    numbers
}

/// Those of each use case.
pub(super) fn by_use_case(deployments: &[Arc<DeploymentView>]) -> BTreeMap<UseCaseId, Numbers> {
    let mut all: BTreeMap<UseCaseId, Numbers> = BTreeMap::new();
    for view in deployments {
        for linked in &view.use_cases {
            note(all.entry(linked.id.clone()).or_default(), view);
        }
    }
    all
}
