//! The chosen configuration and what differs from the one in use.

use domain::diff::Impact;
use leptos::prelude::*;

use super::draft::Draft;
use crate::components::{DifferenceTable, Empty};
use crate::state::state;
use crate::words::{self, times};

/// Details and differences.
#[component]
pub(crate) fn Preview(draft: Draft) -> impl IntoView {
    let state = state();
    move || {
        let Some(candidate) = draft.candidate.get() else {
            return view! {
                <Empty title="Choose a version or a configuration">
                    <p>"Its differences from what is in use, and a rehearsal of the update, appear here."</p>
                </Empty>
            }
            .into_any();
        };
        let differences = draft.differences.get().unwrap_or_default();
        let costs = differences.iter().map(|difference| difference.impact).max().unwrap_or(Impact::NothingRestarts);
        let effect = match (draft.is_unchanged(), costs) {
            (true, _) => "Its content equals that in use.",
            (false, Impact::NothingRestarts) => "No running replica is restarted.",
            (false, Impact::ReconfiguredInPlace) => "Running replicas are reconfigured, none restarts.",
            (false, Impact::RollingRestart) => "Every replica is replaced, a few at a time.",
            (false, Impact::VisibleToClients) => "Clients must be told of the change.",
        };
        view! {
            <section>
                <h3 class="section-title">{match candidate.made {
                    Some(_) => candidate.configuration.name.clone(),
                    None => words::models(&candidate.configuration.models),
                }}</h3>
                <p class="sub">
                    {words::models(&candidate.configuration.models)}
                    " · "{words::scale(&candidate.configuration)}
                    {match candidate.made {
                        Some((by, at)) => format!(" · created by {} · {}", state.actor_name(&by), times::exact(at)),
                        None => " · a new configuration: the one in use with this change".to_owned(),
                    }}
                </p>
            </section>
            <section>
                <h3 class="section-title">"What changes" <span class="sub">{effect}</span></h3>
                <DifferenceTable differences=differences/>
            </section>
        }
        .into_any()
    }
}
