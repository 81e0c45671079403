//! The content of a change request: the exact plan, and what is needed beside it to carry that out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::DefaultAccess;
use crate::change_request::ChangeRequest;
use crate::deployment::{Terms, TermsChange};
use crate::exact_plan::ExactPlan;
use crate::id::{BreakGlassId, ConfigurationId, DeploymentName, RequestId, RevisionNumber, TargetName};
use crate::principal::PrincipalId;

/// A change request as it is kept.
pub type Requested = ChangeRequest<RequestedChange>;

/// The content of one version of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestedChange {
    /// The exact plan, of which the hash is approved.
    pub plan: ExactPlan,
    /// The configuration that is rolled out.
    #[serde(default)]
    pub configuration: Option<ConfigurationId>,
    /// The earlier revision that a rollback goes to.
    #[serde(default)]
    pub rolled_back_to: Option<RevisionNumber>,
    /// The terms that are changed without a rollout.
    #[serde(default)]
    pub terms: Option<TermsChange>,
    /// The deployment that is made.
    #[serde(default)]
    pub create: Option<Box<NewDeployment>>,
    /// The bounds of the rehearsal; what is worse when it is carried out makes the request stale.
    #[serde(default)]
    pub bounds: Option<PlanBounds>,
    /// The time of the trial that the report tells of, if there was one.
    #[serde(default)]
    pub tried_at: Option<Timestamp>,
}

/// The bounds of a rehearsed rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanBounds {
    /// The fewest ready replicas at any moment.
    pub lowest_available: u32,
    /// The most processes at any moment.
    pub highest_total: u32,
}

impl PlanBounds {
    /// True when `now` takes more away, or needs more, than this did.
    pub fn worse_in(self, now: Self) -> bool {
        now.lowest_available < self.lowest_available || now.highest_total > self.highest_total
    }
}

/// A deployment that is asked for. Its name is kept free meanwhile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewDeployment {
    /// Its name.
    pub name: DeploymentName,
    /// The target that its replicas run on.
    pub target: TargetName,
    /// Its time to live, as it was written.
    #[serde(default)]
    pub ttl: Option<String>,
    /// Its terms.
    pub terms: Terms,
    /// The role that everyone has on it.
    #[serde(default)]
    pub default_access: DefaultAccess,
    /// Its first configuration, made without a deployment.
    pub configuration: ConfigurationId,
}

/// The right by which a rollout was started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warrant {
    /// The request that was approved; none when it needed no approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovedRequest>,
    /// The use of break-glass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<BreakGlassId>,
}

/// A request that was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovedRequest {
    /// The request.
    pub request: RequestId,
    /// The version that was approved.
    pub version: u32,
    /// The people whose approval counted.
    pub approvers: Vec<PrincipalId>,
}
