//! The arrangements of a person on their pages: the failures that they have dismissed, the columns of their list of
//! deployments, and the views of it that they have named.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::{DeploymentId, RolloutNumber};
use crate::terms::{InvalidTerms, check_name};

/// Most views that somebody names.
pub const MOST_VIEWS: usize = 50;
/// Longest query of a view, in bytes.
pub const LONGEST_QUERY: usize = 2_000;

/// The arrangements of one person. Nobody else sees them, and no rule but those of what is shown depends on them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PagePreferences {
    /// The failed rollout of each deployment that was dismissed last.
    pub dismissed: BTreeMap<DeploymentId, RolloutNumber>,
    /// Their list of deployments.
    #[serde(deserialize_with = "as_far_as_it_is_known")]
    pub deployments_page: DeploymentsPage,
}

/// What is stored may be of a later version, with columns that this one does not have. A list must not fail for that.
fn as_far_as_it_is_known<'de, D: serde::Deserializer<'de>>(stored: D) -> Result<DeploymentsPage, D::Error> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Stored {
        hidden: Vec<String>,
        views: Vec<SavedView>,
    }
    let Stored { hidden, views } = Stored::deserialize(stored)?;
    Ok(DeploymentsPage { hidden: hidden.iter().filter_map(|word| word.parse().ok()).collect(), views })
}

words! {
    /// A column of the list of deployments that can be left out, in the order of the screen.
    pub enum DeploymentColumn {
        /// The condition, with its cause.
        Status = "status",
        /// The model in use.
        Model = "model",
        /// The replicas.
        Replicas = "replicas",
        /// The rate of requests.
        Requests = "requests",
        /// The time that 95 % of the answers take at most.
        P95 = "p95",
        /// The share of failed requests.
        Errors = "errors",
        /// The last change, with who made it.
        Changed = "changed",
    }
}

/// A view of the list of deployments that somebody has named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SavedView {
    /// Its name, 1 to 120 characters.
    pub name: String,
    /// The query of the page's address: filters, order and columns. At most 2,000 bytes.
    pub query: String,
}

/// The arrangements of somebody's list of deployments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeploymentsPage {
    /// The columns that are left out where the address says nothing of them.
    pub hidden: BTreeSet<DeploymentColumn>,
    /// The named views, at most 50, in the order in which they are shown.
    pub views: Vec<SavedView>,
}

impl DeploymentsPage {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn check(&self) -> Result<(), InvalidTerms> {
        if self.views.len() > MOST_VIEWS {
            return Err(InvalidTerms::new("views", format!("at most {MOST_VIEWS}: delete one that is not used")));
        }
        let mut names = BTreeSet::new();
        for view in &self.views {
            check_name("views.name", &view.name)?;
            if !names.insert(view.name.trim().to_lowercase()) {
                return Err(InvalidTerms::new("views.name", format!("two views are called {:?}", view.name)));
            }
            let plain = view.query.bytes().all(|byte| byte.is_ascii_graphic());
            if view.query.len() > LONGEST_QUERY || !plain || view.query.starts_with('?') {
                let problem = format!("the query of an address without its \"?\", at most {LONGEST_QUERY} bytes");
                return Err(InvalidTerms::new("views.query", problem));
            }
        }
        Ok(())
    }
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
    fn what_a_later_version_stored_is_read_as_far_as_it_is_known() {
        let stored = r#"{"dismissed":{"d1":3},"colour":1,"deployments_page":{"hidden":["p95","price"],"sort":"name",
            "views":[{"name":"Mine","query":"q=iris","pinned":true}]}}"#;
        let read: PagePreferences = serde_json::from_str(stored).unwrap();
        assert!(read.has_dismissed(&"d1".parse().unwrap(), RolloutNumber(3)));
        assert_eq!(read.deployments_page.hidden, [DeploymentColumn::P95].into());
        assert_eq!(read.deployments_page.views[0].query, "q=iris");
        // What is sent is read strictly.
        let sent = serde_json::from_str::<DeploymentsPage>(r#"{"hidden":["price"]}"#);
        assert!(sent.is_err(), "{sent:?}");
    }

    #[test]
    fn views_have_bounds_and_names_of_their_own() {
        let of = |views: &[(&str, &str)]| {
            let view =
                |(name, query): &(&str, &str)| SavedView { name: (*name).to_owned(), query: (*query).to_owned() };
            DeploymentsPage { views: views.iter().map(view).collect(), ..DeploymentsPage::default() }
        };
        let many: Vec<_> = (0..=MOST_VIEWS).map(|at| format!("view {at}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), "q=x")).collect();
        assert_eq!(of(&[("Mine", "q=iris&sort=-name"), ("All", "")]).check(), Ok(()));
        assert_eq!(of(&many[1..]).check(), Ok(()));
        let long = "x".repeat(LONGEST_QUERY + 1);
        for (views, field) in [
            (of(&many), "views"),
            (of(&[("", "q=x")]), "views.name"),
            (of(&[("Mine", "q=x"), (" mine", "q=y")]), "views.name"),
            (of(&[("Mine", "?q=x")]), "views.query"),
            (of(&[("Mine", "q=a b")]), "views.query"),
            (of(&[("Mine", "q=\u{202e}")]), "views.query"),
            (of(&[("Mine", &long)]), "views.query"),
        ] {
            assert_eq!(views.check().unwrap_err().field, field, "{views:?}");
        }
    }

    #[test]
    fn what_an_older_version_kept_is_read() {
        let kept: PagePreferences = serde_json::from_str(r#"{"dismissed": {"d1": 4}}"#).unwrap();
        assert!(kept.has_dismissed(&"d1".parse().unwrap(), RolloutNumber(4)));
        assert_eq!(kept.deployments_page, DeploymentsPage::default());
    }

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
