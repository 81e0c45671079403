//! Ending a freeze before its time, or removing it for good.

use domain::freeze::{Freeze, FreezeTerms, FreezeTimes};
use domain::wire::FreezeView;
use jiff::Timestamp;
use leptos::prelude::*;

use crate::api;
use crate::components::{Check, DialogFooter, Modal};
use crate::pages::query_answer::Refused;
use crate::pages::submission::Submission;
use crate::state::state;
use crate::words::{count, zones};

/// Names what starts by itself once it is lifted.
#[component]
pub(super) fn LiftDialog(view: FreezeView, on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let weekly = matches!(view.freeze.terms.when, FreezeTimes::Weekly { .. });
    let verb = if view.holds.is_some() && !weekly { "Lift" } else { "Delete" };
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
    // One that comes again every week has no end of its own that could be brought forward.
    let comes_again = matches!(view.freeze.terms.when, FreezeTimes::Weekly { .. });
    let ends = holds && !comes_again;
    let for_good = RwSignal::new(!ends);
    let names: Vec<_> = view.deployments.iter().map(ToString::to_string).collect();
    let touched = match names.len() {
        0 => "The freeze holds no deployment that you see.".to_owned(),
        1..=8 => format!("The freeze holds {}.", crate::words::requests::joined(&names, "and")),
        many => format!("The freeze holds {}.", count(many, "deployment", "deployments")),
    };
    let waiting = match view.waiting {
        0 => "No change waits for it.".to_owned(),
        waiting => format!(
            "{} at once, without a further question.",
            count(waiting as usize, "change that waits for it starts", "changes that wait for it start")
        ),
    };
    let label = move || if for_good.get() { "Delete the freeze" } else { "Lift the freeze now" };
    let freeze = view.freeze.clone();
    let confirm = move || {
        let (Freeze { id, terms }, for_good) = (freeze.clone(), for_good.get_untracked());
        let over = over(&terms, state.now().get_untracked());
        submission.send(async move {
            match over {
                _ if for_good => api::freezes::delete(&id).await?,
                Some(terms) => api::freezes::save(Some(&id), &terms).await?,
                None => api::freezes::lift(&id).await?,
            }
            state.reread_around();
            Ok(())
        });
    };
    view! {
        <div class="content">
            <p>{touched}" "{waiting}</p>
            {(holds && comes_again).then(|| view! {
                <p class="sub">"The freeze holds every week: to lift it now, delete it or change its times."</p>
            })}
            {ends.then(|| view! { <Check label="Delete the freeze for good" name="delete-for-good" value=for_good/> })}
            <Refused failure=submission.failure/>
        </div>
        <DialogFooter label=Signal::derive(move || label().to_owned()) leave="Keep the freeze" danger=true blocked=Signal::derive(|| None::<String>) pending=submission.pending confirm=confirm/>
    }
}

/// The terms of a freeze that holds once, as it is over at `now`; none of another one.
fn over(terms: &FreezeTerms, now: Timestamp) -> Option<FreezeTerms> {
    let FreezeTimes::Once { from, zone, .. } = &terms.when else { return None };
    let (from, zone) = (*from, zone.clone());
    let to = zones::named(&zone).to_datetime(now).with().subsec_nanosecond(0).build().ok()?;
    Some(FreezeTerms { when: FreezeTimes::Once { from, to, zone }, ..terms.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_once_is_over_at_the_local_time_of_its_zone() {
        let terms = |when: serde_json::Value| -> FreezeTerms {
            let terms = serde_json::json!({"name": "x", "scope": "all", "when": when});
            serde_json::from_value(terms).unwrap()
        };
        let now: Timestamp = "2026-11-29T03:20:10.5Z".parse().unwrap();
        let (from, to) = ("2026-11-27T12:00:00", "2026-11-30T06:00:00");
        let once = over(&terms(serde_json::json!({"once": {"from": from, "to": to, "zone": "Europe/Berlin"}})), now);
        let FreezeTimes::Once { to, .. } = once.unwrap().when else { panic!("it is another freeze now") };
        assert_eq!(to.to_string(), "2026-11-29T04:20:10");
        assert_eq!(over(&terms(serde_json::json!({"switch": {}})), now), None);
    }
}
