//! The arrangements of a person on their pages: the failures that they have dismissed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::{DeploymentId, RolloutNumber};

/// The arrangements of one person. Nobody else sees them, and no rule but those of what is shown depends on them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PagePreferences {
    /// The failed rollout of each deployment that was dismissed last.
    pub dismissed: BTreeMap<DeploymentId, RolloutNumber>,
}

impl PagePreferences {
    /// True when this failure is not to be shown as news. A later one is, although an earlier one was dismissed.
    pub fn has_dismissed(&self, deployment: &DeploymentId, rollout: RolloutNumber) -> bool {
        self.dismissed.get(deployment).is_some_and(|dismissed| *dismissed >= rollout)
    }

    /// Dismisses the failure of a rollout, and forgets deployments that are not `present` any more, so that what is kept
    /// of a person stays as small as what there is.
    ///
    /// # Errors
    /// Those of `present`.
    pub fn dismiss<E>(
        &mut self,
        deployment: DeploymentId,
        rollout: RolloutNumber,
        present: impl Fn(&DeploymentId) -> Result<bool, E>,
    ) -> Result<(), E> {
        let mut kept = BTreeMap::new();
        for (id, number) in std::mem::take(&mut self.dismissed) {
            if present(&id)? {
                kept.insert(id, number);
            }
        }
        kept.insert(deployment, rollout);
        self.dismissed = kept;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_comes_again_is_news_again() {
        let [iris, gone]: [DeploymentId; 2] = ["d1", "d2"].map(|id| id.parse().unwrap());
        let mut kept = PagePreferences::default();
        let present = |id: &DeploymentId| Ok::<_, ()>(*id == iris);
        kept.dismiss(gone.clone(), RolloutNumber(1), present).unwrap();
        assert!(kept.has_dismissed(&gone, RolloutNumber(1)));
        kept.dismiss(iris.clone(), RolloutNumber(4), present).unwrap();
        let dismissed = [3, 4, 5].map(|number| kept.has_dismissed(&iris, RolloutNumber(number)));
        assert_eq!(dismissed, [true, true, false]);
        assert_eq!(kept.dismissed.len(), 1, "what is gone is forgotten");
    }
}
