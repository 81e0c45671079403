//! The model versions that are known to be bad at a deployment (CO-6): one rule for what is advertised there and for what
//! the registry says of them.

use std::collections::BTreeMap;

use crate::id::ModelRef;
use crate::revision::{Quarantine, RevisionState};

/// A revision of a deployment with the model versions that it binds.
#[derive(Clone, Debug)]
pub struct BoundRevision {
    /// The model versions.
    pub models: Vec<ModelRef>,
    /// The state that it has come to.
    pub state: RevisionState,
    /// Known to be bad.
    pub quarantined: Option<Quarantine>,
}

/// The model versions that failed there and never worked, each with the newest reason: bound by a revision that is known
/// to be bad, and by none that has been in use and is not. Settings alone may have been at fault where a version also
/// worked.
pub fn known_bad(revisions: impl IntoIterator<Item = BoundRevision>) -> BTreeMap<ModelRef, Quarantine> {
    let (mut bad, mut worked) = (BTreeMap::<ModelRef, Quarantine>::new(), Vec::new());
    for revision in revisions {
        let has_worked = matches!(revision.state, RevisionState::InUse | RevisionState::Past);
        match revision.quarantined {
            Some(found) => {
                for model in revision.models {
                    let known = bad.entry(model).or_insert_with(|| found.clone());
                    if known.at < found.at {
                        *known = found.clone();
                    }
                }
            }
            None if has_worked => worked.extend(revision.models),
            None => {}
        }
    }
    bad.retain(|model, _| !worked.contains(model));
    bad
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn revision(models: &[&str], state: RevisionState, bad_at: Option<i64>) -> BoundRevision {
        let quarantined =
            bad_at.map(|at| Quarantine { reason: format!("failed at {at}"), at: Timestamp::from_second(at).unwrap() });
        BoundRevision { models: models.iter().map(|model| model.parse().unwrap()).collect(), state, quarantined }
    }

    #[test]
    fn a_version_is_known_to_be_bad_where_it_failed_and_never_worked() {
        use RevisionState::{Deploying, Failed, InUse, Past};
        type Case = (Vec<BoundRevision>, &'static [(&'static str, &'static str)]);
        let cases: [Case; 7] = [
            (vec![], &[]),
            (vec![revision(&["iris@1"], InUse, None)], &[]),
            (
                vec![revision(&["iris@1"], InUse, None), revision(&["iris@2"], Failed, Some(5))],
                &[("iris@2", "failed at 5")],
            ),
            // Failed without being bad: it was cancelled, say.
            (vec![revision(&["iris@2"], Failed, None)], &[]),
            // The settings were at fault.
            (vec![revision(&["iris@2"], Past, None), revision(&["iris@2"], Failed, Some(5))], &[]),
            // It worked, and was marked later.
            (vec![revision(&["iris@1"], Past, Some(7))], &[("iris@1", "failed at 7")]),
            (
                vec![
                    revision(&["iris@2", "rose@1"], Failed, Some(9)),
                    revision(&["iris@2"], Failed, Some(5)),
                    revision(&["rose@1"], InUse, None),
                    revision(&["iris@2"], Deploying, None),
                ],
                &[("iris@2", "failed at 9")],
            ),
        ];
        for (revisions, expected) in cases {
            let told = format!("{revisions:?}");
            let found = known_bad(revisions);
            let found: Vec<_> = found.iter().map(|(model, bad)| (model.to_string(), bad.reason.clone())).collect();
            let expected: Vec<_> =
                expected.iter().map(|(model, why)| ((*model).to_owned(), (*why).to_owned())).collect();
            assert_eq!(found, expected, "{told}");
        }
    }
}
