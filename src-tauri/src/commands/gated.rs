//! What somebody asks for as the gate sees it: its actions, its importance, and the values that it changes.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use domain::deployment::{TargetStatus, TermsChange};
use domain::exact_plan::ValueChange;
use domain::id::DeploymentName;
use domain::ledger::Deployment;
use domain::policy::GatedAction;
use domain::principal::PrincipalId;
use domain::requested::{Requested, RequestedChange};
use serde_json::{Value, json};

use super::gate::{Gated, NO_USE_CASES};
use super::{Moment, Refusal};

impl Moment<'_> {
    /// A change that somebody asks for, at the gate as things are now: nobody is asked about going back to what is the last good
    /// revision when it happens, whenever that was asked for, and no freeze holds it.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) fn gated<'a>(
        &self,
        content: &'a RequestedChange,
        row: Option<&'a Deployment>,
    ) -> Result<Gated<'a>, Refusal> {
        let gated = gated(content, row);
        Ok(match (row, content.rolled_back_to) {
            (Some(row), Some(number)) if self.is_last_good(row, number)? => {
                Gated { actions: &[], freezes: false, ..gated }
            }
            _ => gated,
        })
    }
}

/// What somebody asks for, at the gate, but for what is the last good revision now.
pub(super) fn gated<'a>(content: &'a RequestedChange, row: Option<&'a Deployment>) -> Gated<'a> {
    let action = content.plan.action;
    let actions = match &content.terms {
        Some(terms) => actions(terms),
        None => content.plan.action.chosen_by(),
    };
    // Of a deployment that is gone since, as it was.
    let base = content.plan.base.as_ref().map(|base| base.importance);
    let (before, after) = (
        row.map(|row| row.terms.importance).or(base),
        content
            .terms
            .as_ref()
            .and_then(|terms| terms.importance)
            .or(content.create.as_ref().map(|new| new.terms.importance)),
    );
    let importance = before.into_iter().chain(after).max_by_key(|importance| importance.rank()).unwrap_or_default();
    let starts = action.is_frozen() && (action != GatedAction::Status || content.plan.activates());
    let name = match (row, &content.create) {
        (Some(row), _) => &row.name,
        (None, Some(new)) => &new.name,
        (None, None) => nobody(),
    };
    let use_cases = row.map_or(&NO_USE_CASES, |row| &row.use_cases);
    Gated { deployment: row.map(|row| &row.id), name, actions, importance, use_cases, freezes: starts }
}

/// Everybody who has written a version of a request. Policies are chosen by all of them: whoever edits what another one
/// asked for asks for it too.
pub(super) fn authors(request: &Requested) -> Vec<PrincipalId> {
    request.authors().into_iter().cloned().collect()
}

/// A name that no deployment has, for a request whose deployment is gone.
fn nobody() -> &'static DeploymentName {
    static NAME: OnceLock<DeploymentName> = OnceLock::new();
    NAME.get_or_init(|| "gone".parse().unwrap_or_else(|_| unreachable!("it is a name")))
}

/// The values that activating or deactivating changes.
pub(super) fn status_values(row: &Deployment, activates: bool) -> BTreeMap<String, ValueChange> {
    let new = if activates { TargetStatus::Running } else { TargetStatus::Stopped };
    let (old, new) = (json!(row.target_status), json!(new));
    [("target_status".to_owned(), ValueChange { old, new })].into()
}

/// The actions by which policies are chosen for a change of terms.
fn actions(terms: &TermsChange) -> &'static [GatedAction] {
    let settings = TermsChange { importance: None, ..terms.clone() } != TermsChange::default();
    match (terms.importance.is_some(), settings) {
        (true, true) => &[GatedAction::Importance, GatedAction::Settings],
        (true, false) => &[GatedAction::Importance],
        (false, true) => &[GatedAction::Settings],
        (false, false) => &[],
    }
}

/// The old and new value of each term that changes.
pub(super) fn values(row: &Deployment, terms: &TermsChange) -> BTreeMap<String, ValueChange> {
    let Ok(Value::Object(new)) = serde_json::to_value(terms) else { return BTreeMap::new() };
    let all = TermsChange {
        importance: Some(row.terms.importance),
        on_failure: Some(row.terms.on_failure),
        strategy: Some(row.terms.strategy),
        about: Some(row.terms.about.clone()),
    };
    let old = serde_json::to_value(all).unwrap_or_default();
    let value = |(name, new): (String, Value)| {
        let old = old.get(&name).cloned().unwrap_or_default();
        (name, ValueChange { old, new })
    };
    new.into_iter().map(value).collect()
}
