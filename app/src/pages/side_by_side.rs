//! Two registered versions side by side, read when they are asked for.

use std::sync::Arc;

use domain::compat::{AlignedPart, Mark, align};
use domain::id::ModelRef;
use domain::model::RegisteredModel;
use leptos::prelude::*;

use super::query_answer::QueryAnswer;
use crate::api;
use crate::components::SignatureComparison;
use crate::state::Query;
use crate::words;

/// The signatures of both, aligned.
#[component]
pub(crate) fn SideBySide(
    current: ModelRef,
    candidate: ModelRef,
    /// What is equal is left out.
    #[prop(into, optional)]
    only_differences: Signal<bool>,
) -> impl IntoView {
    let (old, new) = (current.clone(), candidate.clone());
    let query = Query::once(move || {
        let (old, new) = (old.clone(), new.clone());
        async move {
            let current = api::models::version(&old).await?.model;
            Ok((current, api::models::version(&new).await?.model))
        }
    });
    let draw = move |both: Arc<(RegisteredModel, RegisteredModel)>| {
        let (current, candidate) =
            (words::models(std::slice::from_ref(&current)), words::models(std::slice::from_ref(&candidate)));
        let all = align(&both.0, &both.1);
        let table = move || {
            let parts = if only_differences.get() { differing(all.clone()) } else { all.clone() };
            if parts.is_empty() {
                return view! { <p class="sub" data-test="no-difference">"They say the same of themselves."</p> }
                    .into_any();
            }
            view! { <SignatureComparison parts=parts current=current.clone() candidate=candidate.clone()/> }.into_any()
        };
        table.into_any()
    };
    view! { <QueryAnswer query=query lines=8 draw=draw/> }
}

/// The rows that are not equal, of the parts that have some.
fn differing(mut parts: Vec<AlignedPart>) -> Vec<AlignedPart> {
    for part in &mut parts {
        part.rows.retain(|row| row.mark != Mark::Equal);
    }
    parts.retain(|part| !part.rows.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use domain::compat::AlignedRow;

    use super::*;

    #[test]
    fn what_is_equal_can_be_left_out() {
        let part = |title, marks: &[Mark]| AlignedPart {
            title,
            rows: marks
                .iter()
                .map(|mark| AlignedRow { name: String::new(), current: None, candidate: None, mark: *mark })
                .collect(),
        };
        let parts = vec![
            part("Inputs", &[Mark::Equal, Mark::Added, Mark::Unknown]),
            part("Outputs", &[Mark::Equal]),
            part("Package", &[Mark::Changed]),
        ];
        let left: Vec<_> = differing(parts).iter().map(|part| (part.title, part.rows.len())).collect();
        assert_eq!(left, [("Inputs", 2), ("Package", 1)]);
    }
}
