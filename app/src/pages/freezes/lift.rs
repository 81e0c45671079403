//! Ending a freeze before its time, or removing it for good.

use domain::freeze::FreezeTimes;
use domain::wire::FreezeView;
use leptos::prelude::*;

use crate::api;
use crate::components::{Check, DialogFooter, Modal};
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;
use crate::words::count;

/// Names what starts by itself once it is lifted.
#[component]
pub(super) fn LiftDialog(view: FreezeView, on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let verb = if view.holds.is_some() { "Lift" } else { "Delete" };
    view! {
        <Modal title=format!("{verb} {}?", view.freeze.terms.name) name="lift-freeze" on_close=on_close>
            <Question view=view/>
        </Modal>
    }
}

#[component]
fn Question(view: FreezeView) -> impl IntoView {
    let state = state();
    let submission = Submission::here();
    let holds = view.holds.is_some();
    let comes_again = matches!(view.freeze.terms.when, FreezeTimes::Weekly { .. });
    let for_good = RwSignal::new(!holds);
    let names: Vec<_> = view.deployments.iter().map(ToString::to_string).collect();
    let touched = match names.len() {
        0 => "It holds no deployment that you see.".to_owned(),
        1..=8 => format!("It holds {}.", crate::words::requests::joined(&names, "and")),
        many => format!("It holds {}.", count(many, "deployment", "deployments")),
    };
    let waiting = match view.waiting {
        0 => "Nothing waits for it.".to_owned(),
        waiting => format!(
            "{} at once, without a further question.",
            count(waiting as usize, "change that waits for it starts", "changes that wait for it start")
        ),
    };
    let label = move || match (for_good.get(), holds) {
        (true, true) => "Lift and delete it",
        (true, false) => "Delete it",
        (false, _) => "Lift it now",
    };
    let id = view.freeze.id.clone();
    let confirm = move || {
        let (id, for_good) = (id.clone(), for_good.get_untracked());
        submission.send(async move {
            if for_good {
                api::freezes::delete(&id).await?
            } else {
                api::freezes::lift(&id).await?
            }
            state.reread_around();
            Ok(())
        });
    };
    view! {
        <div class="content">
            <p>{touched}" "{waiting}</p>
            {(holds && comes_again).then(|| view! {
                <p class="sub">"It holds again at its next time, unless it is deleted."</p>
            })}
            {holds.then(|| view! { <Check label="Delete it for good" name="delete-for-good" value=for_good/> })}
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label=Signal::derive(move || label().to_owned()) leave="Keep it" danger=true blocked=Signal::derive(|| None::<String>) pending=submission.pending confirm=confirm/>
    }
}
