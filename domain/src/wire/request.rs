//! Change requests: reading, reviewing and editing them; uses of break-glass.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::asking::Apply;
use super::rollout::{RehearseView, StartRollout};
use crate::change_request::{ApplyMode, RequestEnd, RequestState, ReviewVerdict, WaitingFor};
use crate::deployment::{Importance, Reason};
use crate::exact_plan::{ExactPlan, ValueChange};
use crate::id::{
    BreakGlassId, ConfigurationId, DeploymentId, DeploymentName, FreezeId, ModelRef, PolicyId, RequestId,
    RevisionNumber,
};
use crate::policy::GatedAction;
use crate::principal::PrincipalId;

/// Reviews a change request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GiveReview {
    /// The verdict.
    pub verdict: ReviewVerdict,
    /// The hash of the plan that was looked at.
    pub plan_hash: String,
    /// Words, at most 2,000 characters; needed where changes are requested, and for a comment.
    #[serde(default)]
    pub comment: Option<String>,
}

/// Changes what is asked for: a field that is not sent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EditRequest {
    /// The rollout that is asked for instead; `apply` in it counts too.
    pub rollout: Option<StartRollout>,
    /// When it is carried out.
    pub apply: Option<Apply>,
}

/// One version of what is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestVersionView {
    /// Its number, from 1.
    pub number: u32,
    /// The person or service who wrote it.
    pub author: PrincipalId,
    /// The time at which it was written.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The hash of its plan.
    pub plan_hash: String,
    /// Its note.
    pub note: Option<String>,
    /// The configuration that it rolls out.
    #[serde(default)]
    pub configuration: Option<ConfigurationId>,
    /// Its exact plan, of which `plan_hash` is the hash; with one request, not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<ExactPlan>>,
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReviewView {
    /// The person.
    pub author: PrincipalId,
    /// The version that they looked at.
    pub version: u32,
    /// Their verdict.
    pub verdict: ReviewVerdict,
    /// Their words.
    pub comment: Option<String>,
    /// The time of it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// They have taken it back.
    pub withdrawn: bool,
    /// It is an approval that counts now.
    pub counts: bool,
    /// It was said of an earlier version.
    pub is_void: bool,
}

/// A policy that applies to a request, or would, and how far it is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyProgress {
    /// The policy.
    pub id: PolicyId,
    /// Its name.
    pub name: String,
    /// The number of people who must approve.
    pub needed: u32,
    /// The people whose approval counts.
    pub given: Vec<PrincipalId>,
    /// The people who can still approve.
    pub can_still: Vec<PrincipalId>,
    /// The people who want something changed.
    pub blocked_by: Vec<PrincipalId>,
    /// Enough people have approved, and nobody wants anything changed.
    pub met: bool,
}

/// A freeze that holds a deployment now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HoldingFreeze {
    /// The freeze.
    pub id: FreezeId,
    /// Its name.
    pub name: String,
    /// Its reason.
    pub reason: String,
    /// The time until which it holds; `null` until somebody lifts it.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub until: Option<Timestamp>,
}

/// The state of a deployment that a change was asked for, or is asked for now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestBase {
    /// The last good revision.
    pub revision: Option<RevisionNumber>,
    /// The hash of the configuration in use.
    pub content_hash: String,
    /// The importance.
    pub importance: Importance,
}

/// Something that the caller may do with a request, and why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestOffer {
    /// They may.
    pub allowed: bool,
    /// The reason in a sentence, when they may not.
    #[serde(default)]
    pub why: Option<String>,
}

/// The things that the caller may do with a request now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RequestOffers {
    /// Approve it.
    pub approve: RequestOffer,
    /// Say that something has to be changed.
    pub request_changes: RequestOffer,
    /// Apply it.
    pub apply: RequestOffer,
    /// Edit or rebase it.
    pub edit: RequestOffer,
    /// Cancel it.
    pub cancel: RequestOffer,
}

/// A change request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeRequestView {
    /// Names it.
    pub id: RequestId,
    /// The change in a sentence, as in *Replace iris@1 with iris@2 on fraud-scoring*.
    pub title: String,
    /// The action.
    pub action: GatedAction,
    /// The deployment; `null` while it is to be made.
    pub deployment: Option<DeploymentId>,
    /// Its name.
    pub deployment_name: DeploymentName,
    /// Its importance.
    pub importance: Importance,
    /// The person or service who asked.
    pub author: PrincipalId,
    /// The time at which they asked.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub asked_at: Timestamp,
    /// Its state.
    pub state: RequestState,
    /// When it is carried out.
    pub apply: ApplyMode,
    /// The thing that keeps it from starting, though it is approved and its time has come.
    pub waiting_for: Option<WaitingFor>,
    /// The freezes that hold its deployment now.
    pub freezes: Vec<HoldingFreeze>,
    /// The time at which it ends by itself.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    /// Its end.
    pub ended: Option<RequestEnd>,
    /// The hash of its plan, which reviewers approve.
    pub plan_hash: String,
    /// The number of its version.
    pub version: u32,
    /// The reason, as a word (DR-1).
    pub reason: Option<Reason>,
    /// A sentence about the reason.
    pub note: Option<String>,
    /// The models in use when it was asked for.
    pub models_before: Vec<ModelRef>,
    /// The models that it rolls out.
    pub models: Vec<ModelRef>,
    /// The configuration that it rolls out.
    pub configuration: Option<ConfigurationId>,
    /// The old and new value of what is changed without a rollout.
    pub values: BTreeMap<String, ValueChange>,
    /// The policies that apply, and how far each is met.
    pub policies: Vec<PolicyProgress>,
    /// The reviews, oldest first.
    pub reviews: Vec<ReviewView>,
    /// Its versions, oldest first.
    pub versions: Vec<RequestVersionView>,
    /// The state of the deployment that it was asked for.
    pub base: Option<RequestBase>,
    /// The state of the deployment now.
    pub base_now: Option<RequestBase>,
    /// The fields of the plan that have moved since it was asked for.
    pub moved: Vec<String>,
    /// The things that the caller may do with it.
    pub offers: RequestOffers,
    /// The rehearsal with difference and report, as they come out now; with one request, not in lists, and only while it is
    /// live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<Box<RehearseView>>,
}

/// The use of break-glass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BreakGlassView {
    /// Names it.
    pub id: BreakGlassId,
    /// The deployment; `null` where it was made by it.
    pub deployment: Option<DeploymentId>,
    /// Its name.
    pub deployment_name: DeploymentName,
    /// The action that was forbidden.
    pub action: GatedAction,
    /// The person who did it.
    pub person: PrincipalId,
    /// The reason.
    pub reason: String,
    /// The policies that were overridden.
    pub policies: Vec<PolicyId>,
    /// The freezes that were overridden.
    pub freezes: Vec<FreezeId>,
    /// The time of it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// The person who has acknowledged it, and when; `null` while it is open.
    pub acknowledged: Option<Acknowledged>,
    /// The caller may acknowledge it.
    pub may_acknowledge: RequestOffer,
}

/// An acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Acknowledged {
    /// The person.
    pub by: PrincipalId,
    /// The time.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
}
