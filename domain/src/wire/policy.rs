//! Policies, freezes and grants: making, changing and reading them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::request::{HoldingFreeze, PolicyProgress};
use super::use_case::UseCaseName;
use crate::access::Role;
use crate::deployment::Importance;
use crate::freeze::{Freeze, FreezeHold, Occurrence, Preview};
use crate::id::{Actor, DeploymentName, PolicyId, RequestId};
use crate::policy::{GatedAction, Policy};
use crate::principal::PrincipalId;

/// A policy, with what it comes to now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyView {
    /// The policy.
    pub policy: Policy,
    /// It in a sentence, as in *Replacing on high or critical needs 2 approvals of Risk*.
    pub sentence: String,
    /// Those of its use cases that the caller sees.
    #[serde(default)]
    pub use_cases: Vec<UseCaseName>,
    /// Everybody who may review by it now.
    pub reviewers: Vec<PrincipalId>,
    /// The live requests that it applies to.
    pub open_requests: u32,
}

/// Asks which policies and freezes are met when something is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchPolicies {
    /// The deployment; without one, `importance` says what it would have.
    #[serde(default)]
    pub deployment: Option<String>,
    /// The action.
    pub action: GatedAction,
    /// The importance that it would have; by default its own.
    #[serde(default)]
    pub importance: Option<Importance>,
    /// The person or service who would do it; by default the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<PrincipalId>,
}

impl MatchPolicies {
    /// Asks it for an action of the caller, on a deployment if it is there already.
    pub fn new(deployment: Option<String>, action: GatedAction) -> Self {
        Self { deployment, action, importance: None, requester: None }
    }
}

/// The answer for one policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyMatch {
    /// The policy.
    pub id: PolicyId,
    /// Its name.
    pub name: String,
    /// It applies.
    pub applies: bool,
    /// The reason in a sentence, when it does not.
    pub why: Option<String>,
}

/// The answer for all of them, as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Matched {
    /// Each policy, and why it applies or does not.
    pub policies: Vec<PolicyMatch>,
    /// Those that apply, with who could approve.
    pub needs: Vec<PolicyProgress>,
    /// The freezes that hold now.
    pub freezes: Vec<HoldingFreeze>,
    /// The live requests of the deployment.
    pub open_requests: Vec<RequestId>,
    /// The caller may use break-glass.
    pub may_break_glass: bool,
}

/// A freeze, with what it comes to now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FreezeView {
    /// The freeze.
    pub freeze: Freeze,
    /// It holds now, until then.
    pub holds: Option<FreezeHold>,
    /// Its next occurrence, if there is one.
    pub next: Option<Occurrence>,
    /// Names of the deployments that it is for, as far as the caller may see them; at most 100.
    pub deployments: Vec<DeploymentName>,
    /// The use cases that it is for, as far as the caller sees them.
    #[serde(default)]
    pub use_cases: Vec<UseCaseName>,
    /// The requests that wait for its end.
    pub waiting: u32,
}

/// The occurrences of a freeze, and what is said of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OccurrencesView {
    /// The occurrences, in their order.
    pub items: Vec<Preview>,
}

/// A role that somebody was given on a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantView {
    /// The person, service or group, or everyone.
    pub principal: PrincipalId,
    /// The role.
    pub role: Role,
    /// The actor who gave it.
    pub by: Actor,
    /// The time at which it was given.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
}

/// Who has which role on a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessView {
    /// The roles that were given.
    pub grants: Vec<GrantView>,
    /// Administrators, who count as owners.
    pub administrators: Vec<PrincipalId>,
    /// The highest role that the caller may give.
    pub may_give: Option<Role>,
}

/// One grant as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiveRole {
    /// The person, service or group, or everyone.
    pub principal: PrincipalId,
    /// The role; `null` takes it back.
    pub role: Option<Role>,
}

/// All grants as they are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutAccess {
    /// The roles that are to be; every other one is taken back.
    pub grants: Vec<GiveRole>,
}
