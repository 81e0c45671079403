//! Use cases: which deployments belong together, who sees it, and who may change it (DR-14).
//!
//! A policy or a freeze may be for a use case. Then linking a deployment puts it under that rule, and whoever does so owns
//! it; unlinking takes it out of the rule, which is as much as to change the rule, and asks for what that asks for.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::{Denied, Needs, Rights, RightsOn, Role, ServerAction};
use crate::caller::Scope;
use crate::freeze::Freeze;
use crate::id::{Actor, UseCaseId};
use crate::policy::Policy;
use crate::principal::{PrincipalId, ServerRole};
use crate::terms::{InvalidTerms, check_name, check_text};

/// The terms of a use case: what people say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UseCaseTerms {
    /// The name that people read, 1 to 120 characters. Two may have the same: nobody learns by a name that is taken of one
    /// that they do not see.
    pub name: String,
    /// Its purpose, at most 2,000 characters.
    #[serde(default)]
    pub description: String,
}

impl UseCaseTerms {
    /// Checks what the types cannot say.
    ///
    /// # Errors
    /// The first field that cannot be used.
    pub fn check(&self) -> Result<(), InvalidTerms> {
        check_name("name", &self.name)?;
        check_text("description", &self.description)
    }
}

/// A use case. The deployments that are linked to it hold that themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCase {
    /// Names it.
    pub id: UseCaseId,
    /// What people say of it.
    pub terms: UseCaseTerms,
    /// The person or service who made it.
    pub made_by: PrincipalId,
    /// The time at which it was made.
    pub made_at: Timestamp,
}

/// The link of a deployment to a use case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCaseLink {
    /// The actor who made it.
    pub by: Actor,
    /// The time at which it was made.
    pub at: Timestamp,
}

/// Most use cases of a server.
pub const MOST: usize = 1_000;
/// Most use cases that a deployment is linked to.
pub const MOST_LINKS: usize = 50;

/// The least that linking and unlinking ask of a caller.
pub const LINKING: Needs = Needs { role: Some(Role::User), server: ServerRole::Editor, scope: Some(Scope::Deploy) };

/// The policies and freezes that name a use case, whether or not they are active or hold now: who takes a deployment out
/// of it today is out of them tomorrow.
#[derive(Clone, Debug, Default)]
pub struct RuledBy<'a> {
    /// The policies.
    pub policies: Vec<&'a Policy>,
    /// The freezes.
    pub freezes: Vec<&'a Freeze>,
}

impl<'a> RuledBy<'a> {
    /// Those of all that name `use_case`.
    pub fn of(use_case: &UseCaseId, policies: &'a [Policy], freezes: &'a [Freeze]) -> Self {
        Self {
            policies: policies.iter().filter(|policy| policy.terms.use_cases.contains(use_case)).collect(),
            freezes: freezes.iter().filter(|freeze| freeze.terms.scope.names(use_case)).collect(),
        }
    }

    /// True when none names it.
    pub fn is_empty(&self) -> bool {
        self.policies.is_empty() && self.freezes.is_empty()
    }

    /// Allows a caller to link a deployment to the use case, or says why not.
    ///
    /// # Errors
    /// The first reason why not; [`Denied::Unseen`] for whoever may not see the deployment.
    pub fn may_link(&self, on: &RightsOn<'_>) -> Result<(), Denied> {
        // It puts the deployment under the rule, which its owners alone decide.
        let role = if self.is_empty() { LINKING.role } else { Some(Role::Owner) };
        on.allow(Needs { role, ..LINKING })
    }

    /// Allows a caller to take a deployment out of the use case at `now`, or says why not.
    ///
    /// # Errors
    /// As [`RuledBy::may_link`].
    pub fn may_unlink(&self, on: &RightsOn<'_>, now: Timestamp) -> Result<(), Denied> {
        on.allow(LINKING)?;
        let changes = [
            (ServerAction::ManagePolicies, self.policies.is_empty()),
            (ServerAction::ManageFreezes, self.freezes.is_empty()),
        ];
        changes.into_iter().filter(|(_, none)| !none).try_for_each(|(change, _)| on.rights.allow(change, now))
    }
}

/// True for a caller who sees a use case: an administrator, whoever made it, and whoever may open one of its deployments.
/// Through an API token for some deployments, those alone count.
pub fn sees(rights: &Rights, use_case: &UseCase, opens_one: bool) -> bool {
    let by_themselves = rights.is_admin() || use_case.made_by == rights.id;
    rights.server.is_some() && (opens_one || (by_themselves && rights.only().is_none()))
}

/// Allows whoever made a use case, and administrators, to change what is said of it and to delete it; or says why not.
///
/// # Errors
/// The first reason why not; [`Denied::Unseen`] for whoever does not see it.
pub fn may_change(rights: &Rights, use_case: &UseCase, opens_one: bool, now: Timestamp) -> Result<(), Denied> {
    if !sees(rights, use_case, opens_one) {
        return Err(Denied::Unseen);
    }
    rights.allow(ServerAction::CreateDeployment, now)?;
    if rights.is_admin() || use_case.made_by == rights.id {
        return Ok(());
    }
    Err(Denied::ServerRole(ServerRole::Admin))
}

#[cfg(test)]
mod tests;
