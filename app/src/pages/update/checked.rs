//! The checks of a deployment's candidates, of which the newest of the chosen code counts.

use domain::compat::CheckStep;
use domain::wire::CheckView;
use leptos::prelude::*;

use super::candidate::Candidate;
use crate::api;
use crate::state::{Query, state};

/// As many checks are looked through for one of the same code.
const NEWEST: u32 = 50;

/// The checks of the deployment, of which the newest of the chosen code counts.
#[derive(Clone, Copy)]
pub(crate) struct Checked {
    pub(super) query: Query<Vec<CheckView>>,
    pub(super) newest: Memo<Option<CheckView>>,
    /// One runs, and what the report holds is from one before it.
    pub(super) again: Memo<bool>,
}

impl Checked {
    /// Follows the checks of the deployment from now on.
    pub(super) fn new(first: &domain::wire::DeploymentView, candidate: Memo<Option<Candidate>>) -> Self {
        let state = state();
        let (name, id) = (first.name.clone(), first.id.clone());
        let query = Query::whenever(
            move || state.touches(&id),
            move || {
                let name = name.clone();
                async move { api::compat::checks(&name, NEWEST).await }
            },
        );
        let of_it = Memo::new(move |_| {
            let code = candidate.get()?.configuration.code_hash();
            let mut checks = query.value()?.to_vec();
            checks.retain(|check| check.configuration.code_hash() == code);
            Some(checks)
        });
        let newest = Memo::new(move |_| {
            of_it.with(|checks| checks.iter().flatten().max_by_key(|check| check.started_at).cloned())
        });
        let ended = Memo::new(move |_| of_it.with(|checks| checks.iter().flatten().any(is_over)));
        let again = Memo::new(move |_| {
            ended.get() && newest.with(|newest| newest.as_ref().is_some_and(|check| !is_over(check)))
        });
        Self { query, newest, again }
    }
}

fn is_over(check: &CheckView) -> bool {
    check.step == CheckStep::Ended
}
