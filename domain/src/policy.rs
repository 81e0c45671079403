//! Policies: which changes need how many approvals, by whom.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deployment::Importance;
use crate::id::{PolicyId, UseCaseId};
use crate::period::Period;
use crate::principal::{Directory, PrincipalId, PrincipalKind, ServerRole};
use crate::terms::{InvalidTerms, check_name};

words! {
    /// The actions that a policy can ask approvals for.
    pub enum GatedAction {
        /// A deployment is made.
        Create = "create",
        /// It is given another configuration.
        Replace = "replace",
        /// It is deleted.
        Delete = "delete",
        /// Its importance changes.
        Importance = "importance",
        /// Its settings change.
        Settings = "settings",
        /// It is activated or deactivated.
        Status = "status",
        /// Its statistics are cleared.
        Statistics = "statistics",
        /// It goes back further than to its last good revision.
        Rollback = "rollback",
    }
}

impl GatedAction {
    /// The actions by which policies are chosen for it: going back further than to the last good revision is a
    /// replacement too.
    pub fn chosen_by(&self) -> &[Self] {
        match self {
            Self::Rollback => &[Self::Replace, Self::Rollback],
            one => std::slice::from_ref(one),
        }
    }

    /// True for what a freeze holds: it starts something, or takes it away for good. Of changes of the status it holds
    /// activating alone.
    pub fn is_frozen(self) -> bool {
        match self {
            Self::Create | Self::Replace | Self::Rollback | Self::Delete | Self::Status => true,
            Self::Importance | Self::Settings | Self::Statistics => false,
        }
    }
}

words! {
    /// Several importances in a word.
    pub enum ImportanceRange {
        /// Each.
        Any = "any",
        /// High and critical.
        AboveModerate = "above_moderate",
    }
}

/// The importances of the deployments that a policy is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "\"any\", \"above_moderate\" or a list of importances")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ImportanceScope {
    /// Those of a word.
    Range(ImportanceRange),
    /// Those of a list.
    Listed(BTreeSet<Importance>),
}

impl ImportanceScope {
    /// True when it holds `importance`.
    pub fn includes(&self, importance: Importance) -> bool {
        match self {
            Self::Range(ImportanceRange::Any) => true,
            Self::Range(ImportanceRange::AboveModerate) => {
                matches!(importance, Importance::High | Importance::Critical)
            }
            Self::Listed(listed) => listed.contains(&importance),
        }
    }
}

words! {
    /// The things that a time-out does. It never approves.
    pub enum ExpiryAction {
        /// The request ends, and nothing is changed.
        Cancel = "cancel",
    }
}

/// The time after which a request that is still open ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Expiry {
    /// Its time, from the moment at which it was asked.
    pub after: Period,
    /// The thing that happens then.
    pub action: ExpiryAction,
}

/// The terms of a policy: what people decide about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyTerms {
    /// The name that people read, 1 to 120 characters.
    pub name: String,
    /// It asks for nothing while it is not active. Default true.
    #[serde(default = "active")]
    pub active: bool,
    /// The actions that it is for.
    pub actions: BTreeSet<GatedAction>,
    /// The importances of the deployments that it is for.
    pub importance: ImportanceScope,
    /// The use cases that it is for: deployments that are linked to one of them; empty: every deployment.
    #[serde(default)]
    pub use_cases: BTreeSet<UseCaseId>,
    /// The groups that it asks approvals of when they change something; empty: everybody.
    #[serde(default)]
    pub requesters: BTreeSet<PrincipalId>,
    /// The people and groups who may review; empty: administrators.
    #[serde(default)]
    pub reviewers: BTreeSet<PrincipalId>,
    /// The number of people who must approve, 1 to 20.
    pub approvals: u32,
    /// The time after which those who can still review are reminded; `null`: never.
    #[serde(default)]
    pub reminder: Option<Period>,
    /// The end of a request that nobody applies; `null`: it stays open.
    #[serde(default)]
    pub expires: Option<Expiry>,
    /// The time for which an approval counts. Default `"14d"`.
    #[serde(default = "approval_valid_for")]
    pub approval_valid_for: Period,
}

fn active() -> bool {
    true
}

fn approval_valid_for() -> Period {
    Period::days(14)
}

/// Most approvals that a policy asks for.
pub const MOST_APPROVALS: u32 = 20;
/// Most use cases that a policy names.
pub const MOST_USE_CASES: usize = 200;
/// Most people and groups that a policy names as reviewers, and most groups as requesters.
pub const MOST_PRINCIPALS: usize = 200;

impl PolicyTerms {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn check(&self) -> Result<(), InvalidTerms> {
        check_name("name", &self.name)?;
        if self.actions.is_empty() {
            return Err(InvalidTerms::new("actions", "name at least one action"));
        }
        if matches!(&self.importance, ImportanceScope::Listed(listed) if listed.is_empty()) {
            return Err(InvalidTerms::new("importance", "name at least one importance, or \"any\""));
        }
        if self.use_cases.len() > MOST_USE_CASES {
            return Err(InvalidTerms::new("use_cases", format!("name at most {MOST_USE_CASES}")));
        }
        if !self.use_cases.is_empty() && self.actions.contains(&GatedAction::Create) {
            let problem =
                "a deployment that is to be made is linked to none yet; leave out the action create, or name none";
            return Err(InvalidTerms::new("use_cases", problem));
        }
        for (field, named, kinds, problem) in [
            (
                "requesters",
                &self.requesters,
                &[PrincipalKind::Group][..],
                "is no group; name groups, or nobody for everybody",
            ),
            (
                "reviewers",
                &self.reviewers,
                &[PrincipalKind::Person, PrincipalKind::Group],
                "cannot review; name people and groups, or nobody for administrators",
            ),
        ] {
            if named.len() > MOST_PRINCIPALS {
                return Err(InvalidTerms::new(field, format!("name at most {MOST_PRINCIPALS}")));
            }
            if let Some(other) = named.iter().find(|one| !kinds.contains(&one.kind())) {
                return Err(InvalidTerms::new(field, format!("{other} {problem}")));
            }
        }
        if !(1..=MOST_APPROVALS).contains(&self.approvals) {
            let problem = format!("{} is out of range: 1 to {MOST_APPROVALS}", self.approvals);
            return Err(InvalidTerms::new("approvals", problem));
        }
        Ok(())
    }
}

/// Shortest reason for which somebody overrides policies and freezes, in characters.
pub const SHORTEST_OVERRIDE_REASON: usize = 10;

/// A policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Policy {
    /// Names it.
    pub id: PolicyId,
    /// The decisions of people about it.
    pub terms: PolicyTerms,
}

/// A change as policies see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The action.
    pub action: GatedAction,
    /// The importance of the deployment; of the one before and the one after the change, the higher.
    pub importance: Importance,
    /// The use cases that the deployment is linked to.
    pub use_cases: BTreeSet<UseCaseId>,
    /// The person or service who asks for it.
    pub requester: PrincipalId,
}

/// The reasons for which a policy is not for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DoesNotApply {
    /// It is not active.
    #[error("The policy is not active.")]
    Inactive,
    /// It is for other actions.
    #[error("The policy is not for the action {0}.")]
    Action(GatedAction),
    /// It is for other importances.
    #[error("The policy is not for deployments of {0} importance.")]
    Importance(Importance),
    /// It is for other use cases.
    #[error("The policy is for deployments of a use case to which this one is not linked.")]
    UseCase,
    /// It is for changes that others ask for.
    #[error("The policy is for the changes of other people.")]
    Requester,
}

impl Policy {
    /// Tells that it is for a change, or why it is not.
    ///
    /// # Errors
    /// The first reason why it is not.
    pub fn applies(&self, asked: &Asked, directory: &Directory) -> Result<(), DoesNotApply> {
        let terms = &self.terms;
        if !terms.active {
            return Err(DoesNotApply::Inactive);
        }
        if !terms.actions.contains(&asked.action) {
            return Err(DoesNotApply::Action(asked.action));
        }
        if !terms.importance.includes(asked.importance) {
            return Err(DoesNotApply::Importance(asked.importance));
        }
        if !terms.use_cases.is_empty() && terms.use_cases.is_disjoint(&asked.use_cases) {
            return Err(DoesNotApply::UseCase);
        }
        if !terms.requesters.is_empty() && !names(&terms.requesters, &asked.requester, directory) {
            return Err(DoesNotApply::Requester);
        }
        Ok(())
    }

    /// True for a person who may review by it now: one who is not disabled, and whom it names, or who is an
    /// administrator where it names nobody. Services never may. An author of the change may not either, which the
    /// request knows.
    pub fn eligible(&self, person: &PrincipalId, directory: &Directory) -> bool {
        let Some(member) = directory.active(person).filter(|member| member.id.is_person()) else { return false };
        match &self.terms.reviewers {
            nobody if nobody.is_empty() => member.role == ServerRole::Admin,
            named => names(named, person, directory),
        }
    }

    /// True when it names a group or a person, as a reviewer or as one of whose changes it asks approvals: without them it
    /// would ask something else.
    pub fn mentions(&self, principal: &PrincipalId) -> bool {
        self.terms.reviewers.contains(principal) || self.terms.requesters.contains(principal)
    }

    /// Everybody who may review by it now.
    pub fn reviewers(&self, directory: &Directory) -> BTreeSet<PrincipalId> {
        directory.members.keys().filter(|id| self.eligible(id, directory)).cloned().collect()
    }

    /// The instant at which a request of `asked_at` ends by it, if it does.
    pub fn ends_at(&self, asked_at: Timestamp) -> Option<Timestamp> {
        self.terms.expires.map(|expiry| expiry.after.after(asked_at))
    }
}

/// Those of the policies that are for a change. All of them must be met.
pub fn applying<'a>(
    policies: &'a [Policy],
    asked: &'a Asked,
    directory: &'a Directory,
) -> impl Iterator<Item = &'a Policy> + Clone {
    policies.iter().filter(|policy| policy.applies(asked, directory).is_ok())
}

fn names(named: &BTreeSet<PrincipalId>, id: &PrincipalId, directory: &Directory) -> bool {
    named.iter().any(|one| directory.includes(one, id))
}

#[cfg(test)]
mod tests;
