//! A policy as a sentence: which words stand in each of its places.

use std::collections::BTreeSet;

use domain::deployment::Importance;
use domain::id::UseCaseId;
use domain::policy::{GatedAction, ImportanceRange, ImportanceScope, PolicyTerms};
use domain::principal::PrincipalId;

use crate::words::requests::{doing, joined};

/// A place in the sentence that is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The actions.
    Actions,
    /// The importances.
    Importance,
    /// The use cases.
    UseCases,
    /// Those who ask.
    Requesters,
    /// The number of approvals.
    Approvals,
    /// Those who review.
    Reviewers,
    /// Its name and its times.
    Rest,
}

/// *Replacing or deleting*
pub(super) fn actions(terms: &PolicyTerms) -> String {
    if terms.actions.len() == GatedAction::ALL.len() {
        return "Anything".to_owned();
    }
    let words: Vec<_> = terms.actions.iter().map(|action| doing(*action).to_owned()).collect();
    let lower = words.iter().enumerate().map(|(at, word)| if at == 0 { word.clone() } else { word.to_lowercase() });
    match joined(&lower.collect::<Vec<_>>(), "or") {
        nothing if nothing.is_empty() => "Choose what".to_owned(),
        words => words,
    }
}

/// *high or critical*
pub(super) fn importance(terms: &PolicyTerms) -> String {
    match &terms.importance {
        ImportanceScope::Range(ImportanceRange::Any) => "any importance".to_owned(),
        ImportanceScope::Range(ImportanceRange::AboveModerate) => "high or critical".to_owned(),
        ImportanceScope::Listed(listed) if listed.is_empty() => "choose an importance".to_owned(),
        ImportanceScope::Listed(listed) => {
            // The least first, as people say it.
            let words: Vec<_> =
                Importance::ALL.iter().rev().filter(|one| listed.contains(one)).map(ToString::to_string).collect();
            joined(&words, "or")
        }
    }
}

/// *in Fraud or Payments*
pub(super) fn use_cases(ids: &BTreeSet<UseCaseId>, name: impl Fn(&UseCaseId) -> String) -> String {
    match joined(&ids.iter().map(name).collect::<Vec<_>>(), "or") {
        nothing if nothing.is_empty() => "everywhere".to_owned(),
        names => format!("in {names}"),
    }
}

/// *Risk, on-call*, or who it is when nobody is named.
pub(super) fn named(
    ids: impl Iterator<Item = PrincipalId>,
    nobody: &str,
    name: impl Fn(&PrincipalId) -> String,
) -> String {
    let names: Vec<_> = ids.map(|id| name(&id)).collect();
    if names.is_empty() { nobody.to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(actions: &[GatedAction], importance: ImportanceScope) -> PolicyTerms {
        let mut terms: PolicyTerms = serde_json::from_value(
            serde_json::json!({"name": "x", "actions": [], "importance": "any", "approvals": 1}),
        )
        .unwrap();
        terms.actions = actions.iter().copied().collect();
        terms.importance = importance;
        terms
    }

    #[test]
    fn a_policy_reads_like_a_sentence() {
        let listed = ImportanceScope::Listed([Importance::Critical, Importance::High].into());
        let both = terms(&[GatedAction::Replace, GatedAction::Delete], listed);
        assert_eq!(actions(&both), "Replacing or deleting");
        assert_eq!(importance(&both), "high or critical");
        let all = terms(&GatedAction::ALL, ImportanceScope::Range(ImportanceRange::Any));
        assert_eq!((actions(&all), importance(&all)), ("Anything".to_owned(), "any importance".to_owned()));
        let (none, both) = (BTreeSet::new(), ["fraud", "payments"].map(|id| id.parse().unwrap()).into());
        assert_eq!(use_cases(&none, ToString::to_string), "everywhere");
        assert_eq!(use_cases(&both, ToString::to_string), "in fraud or payments");
        assert_eq!(named(std::iter::empty(), "administrators", ToString::to_string), "administrators");
    }
}
