//! The models that the deployment has had in use: since when, until when, who replaced each, and why (DR-13).

use std::sync::Arc;

use domain::deployment::OperationKind;
use domain::wire::{ModelPeriod, ModelTurn};
use leptos::prelude::*;

use super::subject::Subject;
use crate::api::{self, href};
use crate::pages::query_answer::QueryAnswer;
use crate::state::{Query, State, state};
use crate::words::{self, count, times};

/// Periods that are shown before somebody asks for all.
const MOST: usize = 5;

/// A fold with a line for each time that a model was in use.
#[component]
pub(super) fn ModelHistory() -> impl IntoView {
    let subject: Subject = expect_context();
    let state = state();
    let query = Query::whenever(
        move || state.touches(&subject.id()),
        move || async move { api::deployments::model_history(&subject.name()).await },
    );
    let every = RwSignal::new(false);
    let draw = move |periods: Arc<Vec<ModelPeriod>>| {
        if periods.is_empty() {
            let text = "No model has been in use yet. Each is listed here from the moment its first rollout is complete, with who replaced it and why.";
            return view! { <p class="sub">{text}</p> }.into_any();
        }
        let hidden = periods.len().saturating_sub(MOST);
        let lines = {
            let periods = Arc::clone(&periods);
            move || {
                let most = if every.get() { usize::MAX } else { MOST };
                periods.iter().take(most).map(|period| line(period, state)).collect_view()
            }
        };
        view! {
            <table class="model-history">
                <thead>
                    <tr><th scope="col">"Model"</th><th scope="col">"In use"</th><th scope="col">"Brought by"</th><th scope="col">"Replaced"</th></tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
            {move || (hidden > 0 && !every.get()).then(|| view! {
                <button type="button" class="button quiet small" data-test="all-periods" on:click=move |_| every.set(true)>
                    {format!("Show {} more", count(hidden, "period", "periods"))}
                </button>
            })}
        }
        .into_any()
    };
    view! {
        <section class="card" data-test="model-history">
            <div class="card-head"><h2>"Model history"</h2></div>
            <QueryAnswer query=query lines=3 draw=draw/>
        </section>
    }
}

fn line(period: &ModelPeriod, state: State) -> impl IntoView + use<> {
    let (began, ended) = (&period.began, period.ended.as_ref());
    let model = words::models(std::slice::from_ref(&period.model));
    let page = href(&format!("/models/{}?version={}", period.model.name, period.model.version));
    let time = |turn: &ModelTurn| {
        let at = turn.at;
        view! { <time datetime=at.to_string() title=times::exact(at)>{times::day_and_minute(at)}</time> }
    };
    let since = time(began);
    let until = ended.map_or_else(|| "now".into_any(), |ended| time(ended).into_any());
    let brought = told(began, state);
    let replaced = ended.map(|ended| told(ended, state)).map(|text| view! { <span>{text}</span> });
    view! {
        <tr data-test="model-period" data-model=period.model.to_string() data-now=ended.is_none().to_string()>
            <th scope="row"><a href=page>{model}</a></th>
            <td data-label="In use"><span>{since}" – "{until}</span></td>
            <td data-label="Brought by"><span>{brought}</span></td>
            <td data-label="Replaced">{replaced}</td>
        </tr>
    }
}

/// Who asked for a turn, how, and why.
fn told(turn: &ModelTurn, state: State) -> String {
    let mut text = format!("{} by {}", how(turn), state.actor_name(&turn.actor));
    if let Some(reason) = turn.reason {
        text += &format!(" · {}", words::reason(reason));
    }
    if let Some(note) = turn.note.as_ref().filter(|note| !note.is_empty()) {
        text += &format!(" · “{note}”");
    }
    text
}

/// What was done, with what is in use since, as in *updated to iris v2*.
fn how(turn: &ModelTurn) -> String {
    let to = words::models(&turn.models);
    match turn.operation {
        OperationKind::Deactivate => "deactivated".to_owned(),
        OperationKind::Activate => format!("activated with {to}"),
        OperationKind::Create => format!("deployed with {to}"),
        OperationKind::Relaunch => format!("relaunched with {to}"),
        OperationKind::Update | OperationKind::Delete if turn.rolled_back_to.is_some() => {
            format!("rolled back to {to}")
        }
        OperationKind::Update | OperationKind::Delete => format!("updated to {to}"),
    }
}

#[cfg(test)]
mod tests {
    use domain::id::{RevisionNumber, RolloutNumber};
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_turn_says_what_was_done() {
        let turn = |operation, back: Option<u32>| ModelTurn {
            at: Timestamp::UNIX_EPOCH,
            operation,
            models: vec!["iris@2".parse().unwrap()],
            actor: "ada".parse().unwrap(),
            rollout: Some(RolloutNumber(2)),
            rolled_back_to: back.map(RevisionNumber),
            reason: None,
            note: None,
        };
        for (operation, back, expected) in [
            (OperationKind::Create, None, "deployed with iris v2"),
            (OperationKind::Update, None, "updated to iris v2"),
            (OperationKind::Update, Some(1), "rolled back to iris v2"),
            (OperationKind::Activate, None, "activated with iris v2"),
            (OperationKind::Deactivate, None, "deactivated"),
        ] {
            assert_eq!(how(&turn(operation, back)), expected);
        }
    }
}
