//! Events: the entries of the journal, from which every table can be made again.

mod kind;
mod version;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::{DefaultAccess, Role};
use crate::application::Application;
use crate::caller::Scope;
use crate::change::Change;
use crate::change_request::{ApplyMode, RequestEnd, RequestEvent, RequestState, RequestVersion, Review, WaitingFor};
use crate::compat::{CheckStep, Report, Trial};
use crate::configuration::Configuration;
use crate::credential::Key;
use crate::deployment::{Status, Terms, TermsChange};
use crate::exact_plan::ExactPlan;
use crate::freeze::Freeze;
use crate::id::{
    BreakGlassId, CheckId, ConfigurationId, DeploymentId, DeploymentName, FreezeId, InvitationId, ModelRef, PolicyId,
    ReplicaId, RequestId, RevisionNumber, RolloutNumber, Seq, SessionId, TargetName, TokenId, UseCaseId,
};
use crate::model::RegisteredModel;
use crate::policy::{GatedAction, Policy};
use crate::principal::{Group, Member, PrincipalId, ServerRole};
use crate::receipt::Receipt;
use crate::replica::ReplicaRecord;
use crate::requested::{Requested, RequestedChange, Warrant};
use crate::rollout::{Phase, RolloutEvent};
use crate::session::SignInMethod;
use crate::step_kind::StepKind;
use crate::use_case::UseCase;
use crate::words::OpenWord;

pub use kind::EventKind;
pub use version::{UnreadableEvent, Upgrade, VERSIONS, Versions};

/// One thing that happened. What it is about stands beside it in the journal entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    /// A model version was registered.
    ModelRegistered {
        /// The version.
        model: Box<RegisteredModel>,
    },
    /// A model version was removed from the registry; its number is not used again.
    ModelDeleted {
        /// The version.
        model: ModelRef,
    },
    /// Somebody asked whether a candidate may replace what is in use; a scratch replica is to show it.
    CheckStarted {
        /// The check.
        id: CheckId,
        /// The configuration that would be rolled out.
        configuration: Box<Configuration>,
    },
    /// A check came to its next step.
    CheckMoved {
        /// The check.
        id: CheckId,
        /// The step that it has come to.
        step: CheckStep,
    },
    /// A check is over.
    CheckEnded {
        /// The check.
        id: CheckId,
        /// The findings of the scratch replica.
        trial: Trial,
        /// The compatibility report.
        report: Report,
    },
    /// A deployment was made.
    DeploymentCreated {
        /// Its name.
        name: DeploymentName,
        /// The target that its replicas run on.
        target: TargetName,
        /// When it is removed by itself (SAP-8).
        expires_at: Option<Timestamp>,
        /// The role that everyone has on it from the start.
        #[serde(default)]
        default_access: DefaultAccess,
        /// Its terms.
        #[serde(flatten)]
        terms: Terms,
    },
    /// Terms were changed, for which no rollout is needed.
    DeploymentChanged {
        /// The terms that changed.
        #[serde(flatten)]
        terms: TermsChange,
    },
    /// A configuration was made.
    ConfigurationCreated {
        /// The identifier of the configuration.
        id: ConfigurationId,
        /// The configuration itself.
        configuration: Box<Configuration>,
    },
    /// A rollout was asked for; its revision was made with it.
    RolloutStarted {
        /// The rollout.
        number: RolloutNumber,
        /// The revision that it leads to.
        to_revision: RevisionNumber,
        /// The hash of the exact plan (CO-7).
        plan_hash: String,
        /// The exact plan; none in journals from before it was kept, whose hash was of fewer fields.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<Box<ExactPlan>>,
        /// The right by which it was started.
        #[serde(default)]
        warrant: Warrant,
        /// The rollout that it takes over from; that one has ended `superseded`.
        supersedes: Option<RolloutNumber>,
        /// The change that it carries out.
        #[serde(flatten)]
        change: Box<Change>,
    },
    /// A rollout's phase changed.
    RolloutMoved {
        /// The rollout.
        number: RolloutNumber,
        /// The event in its life.
        event: RolloutEvent,
        /// Its phase from now on.
        phase: Phase,
        /// The problem, a sentence for people.
        problem: Option<String>,
        /// The gateway's count so far; final when the phase is.
        receipt: Receipt,
        /// It failed although no replica of its revision had: that revision is not known to be bad.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        blameless: bool,
    },
    /// For a while nobody looked, because no server ran or the machine slept: the deadlines of a rollout come later by so
    /// much.
    RolloutUnattended {
        /// The rollout.
        number: RolloutNumber,
        /// The last time at which somebody may have looked.
        since: Timestamp,
    },
    /// More replicas became available than ever in this phase.
    RolloutProgressed {
        /// The rollout.
        number: RolloutNumber,
        /// The number of available replicas.
        available: u32,
        /// The gateway's count so far.
        receipt: Receipt,
    },
    /// The count of a rollout that was superseded, final now.
    ReceiptClosed {
        /// The rollout.
        number: RolloutNumber,
        /// The gateway's count until the next rollout began.
        receipt: Receipt,
    },
    /// The engine takes a step, or begins to wait for something.
    StepTaken {
        /// The rollout that it belongs to, if one is in progress.
        rollout: Option<RolloutNumber>,
        /// The kind of the step, as the program that took it calls it.
        step: OpenWord<StepKind>,
        /// The replica that it is about.
        replica: Option<ReplicaId>,
        /// The reason of the step, a sentence for people.
        reason: String,
        /// Nothing is waited for that says anything of the rollout's revision: its clock stands until the next step.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stands: bool,
    },
    /// The record of a replica changed.
    ReplicaChanged {
        /// All that is known of it.
        replica: ReplicaRecord,
    },
    /// A replica is gone.
    ReplicaForgotten {
        /// The identifier of the replica.
        id: ReplicaId,
    },
    /// The deployment's target cannot be seen: nothing is started, stopped or judged until it is.
    TargetUnseen {
        /// The rollout in progress, whose clock stands from now on.
        rollout: Option<RolloutNumber>,
        /// The reason, in a sentence for people.
        why: String,
    },
    /// The deployment's target can be seen again.
    TargetSeen {
        /// The rollout in progress, whose clock runs again.
        rollout: Option<RolloutNumber>,
    },
    /// A deployment's status changed.
    StatusChanged {
        /// Its status from now on.
        status: Status,
        /// The problem, a sentence for people.
        error: Option<String>,
    },
    /// Autoscaling changed the number of replicas (RAY-7).
    Scaled {
        /// The number of replicas before.
        from: u32,
        /// The number of replicas from now on.
        to: u32,
        /// Requests that replicas were answering.
        in_flight: u32,
        /// Requests that waited for one.
        waiting: u32,
        /// The reason, in a sentence.
        reason: String,
    },
    /// Somebody asked for a deployment's replicas to be taken away (DR-12).
    Deactivated {
        /// The reason, in the words of the person who asked.
        note: Option<String>,
    },
    /// A revision was marked as known to be bad (CO-6).
    RevisionQuarantined {
        /// The number of the revision.
        number: RevisionNumber,
        /// The reason.
        reason: String,
    },
    /// A revision is no longer taken for bad.
    QuarantineLifted {
        /// The number of the revision.
        number: RevisionNumber,
        /// The reason for which it is no longer taken for bad.
        note: String,
    },
    /// A revision cannot be gone back to any more (VX-8).
    RevisionRemoved {
        /// The number of the revision.
        number: RevisionNumber,
    },
    /// Somebody, or its time to live, asked for a deployment to be removed.
    DeleteRequested {
        /// The reason, when nobody asked.
        note: Option<String>,
    },
    /// A key of a deployment was made anew: the one before is no longer accepted. The key itself stands nowhere.
    KeyRegenerated {
        /// The key that was replaced.
        key: Key,
    },
    /// The secret that a deployment's tokens are signed with was made anew: none of those before is accepted.
    TokensRevoked {},
    /// What was kept of the deployment's requests was removed over a time, of some revisions or of all (DR-11).
    StatisticsCleared {
        /// The model version whose revisions are meant; none for all.
        model: Option<ModelRef>,
        /// Those revisions; none for all, and for requests that no replica saw.
        revisions: Option<BTreeSet<RevisionNumber>>,
        /// The beginning of the time; none when it has no beginning.
        from: Option<Timestamp>,
        /// Its end.
        to: Timestamp,
        /// The reason in a person's words.
        reason: String,
    },
    /// A person or a service was added.
    MemberAdded {
        /// The person or service.
        member: Member,
        /// The invitation that they accepted; none for a service.
        invitation: Option<InvitationId>,
    },
    /// The role of a person or a service on the server was changed, or they were disabled or let in again.
    MemberChanged {
        /// The person or service, as they are from now on.
        member: Member,
    },
    /// The name and address of a person, which lie beside the journal, were erased.
    PersonErased {
        /// The person.
        id: PrincipalId,
    },
    /// A group was made, or its name or members were changed.
    GroupChanged {
        /// The group, as it is from now on.
        group: Group,
    },
    /// A group was deleted.
    GroupDeleted {
        /// The group.
        id: PrincipalId,
    },
    /// Somebody was invited. The name and address that they were invited under lie beside the journal.
    PersonInvited {
        /// The invitation.
        id: InvitationId,
        /// The role on the server that they will have.
        role: ServerRole,
        /// The groups that they will belong to.
        groups: BTreeSet<PrincipalId>,
    },
    /// An invitation was taken back.
    InvitationWithdrawn {
        /// The invitation.
        id: InvitationId,
    },
    /// Somebody signed in: the actor of the entry.
    SignedIn {
        /// Their session.
        session: SessionId,
        /// The way in which they showed who they are.
        with: SignInMethod,
    },
    /// Sessions of somebody were ended before their time.
    SessionsEnded {
        /// The person whose sessions they were.
        person: PrincipalId,
        /// The number of sessions.
        count: u32,
    },
    /// Somebody gave themselves a password: the actor of the entry.
    PasswordChanged {},
    /// An account at the identity provider lets somebody in from now on: the actor of the entry. Which one it is lies beside
    /// the journal.
    IdentityLinked {},
    /// It does not any more.
    IdentityUnlinked {
        /// The person, where an administrator has done it; else the actor of the entry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PrincipalId>,
    },
    /// A link was made on the machine, by which an administrator signs in.
    AdminLinkMade {
        /// The administrator.
        person: PrincipalId,
    },
    /// An API token was made. The token itself stands nowhere.
    TokenIssued {
        /// The token.
        id: TokenId,
        /// The person or service whose it is.
        owner: PrincipalId,
        /// The part of their rights that it carries.
        scopes: BTreeSet<Scope>,
        /// The deployments that it is for; none when it is for all of theirs.
        deployments: Option<BTreeSet<DeploymentId>>,
        /// The time at which it ends.
        expires_at: Timestamp,
    },
    /// An API token was revoked.
    TokenRevoked {
        /// The token.
        id: TokenId,
        /// The person or service whose it was.
        owner: PrincipalId,
    },
    /// Somebody was given a role on the deployment, or another one, or none any more (DR-8).
    AccessChanged {
        /// The person, service or group, or everyone.
        principal: PrincipalId,
        /// Their role from now on; none when it was taken back.
        role: Option<Role>,
    },
    /// Somebody asked for a change that needs approvals, or has a time.
    ChangeAsked {
        /// The request as it begins.
        request: Box<Requested>,
    },
    /// A change request was edited or rebased: it has another version, of which nobody has approved anything.
    ChangeEdited {
        /// The request.
        id: RequestId,
        /// Its version from now on.
        edited: Box<RequestVersion<RequestedChange>>,
        /// The way in which it is applied.
        mode: ApplyMode,
        /// The time at which it ends by itself.
        expires_at: Option<Timestamp>,
    },
    /// Somebody reviewed a change request.
    ChangeReviewed {
        /// The request.
        id: RequestId,
        /// The review.
        review: Review,
    },
    /// Somebody took their verdict on a change request back: the actor of the entry.
    ReviewWithdrawn {
        /// The request.
        id: RequestId,
    },
    /// A change request came to another state, or to waiting for something else.
    ChangeMoved {
        /// The request.
        id: RequestId,
        /// The event in its life; none when only what it waits for changed.
        event: Option<RequestEvent>,
        /// Its state from now on.
        state: RequestState,
        /// The thing that it waits for.
        waiting_for: Option<WaitingFor>,
        /// The fields of its plan that have moved, when it became stale.
        #[serde(default)]
        moved: Vec<String>,
        /// Its end.
        ended: Option<RequestEnd>,
    },
    /// A policy was made or changed.
    PolicyChanged {
        /// The policy, as it is from now on.
        policy: Policy,
    },
    /// A policy was deleted.
    PolicyDeleted {
        /// The policy.
        id: PolicyId,
    },
    /// A freeze was made or changed.
    FreezeChanged {
        /// The freeze, as it is from now on.
        freeze: Freeze,
    },
    /// A freeze was deleted.
    FreezeDeleted {
        /// The freeze.
        id: FreezeId,
    },
    /// A use case was made or changed (DR-14).
    UseCaseChanged {
        /// The use case, as it is from now on.
        use_case: UseCase,
    },
    /// A use case was deleted. No deployment is linked to it any more.
    UseCaseDeleted {
        /// The use case.
        id: UseCaseId,
    },
    /// The deployment was linked to a use case.
    UseCaseLinked {
        /// The use case.
        use_case: UseCaseId,
    },
    /// The deployment belongs to a use case no more.
    UseCaseUnlinked {
        /// The use case.
        use_case: UseCaseId,
    },
    /// An application was made for the deployment (DR-15).
    ApplicationCreated {
        /// The application.
        application: Application,
    },
    /// The application of the deployment was changed.
    ApplicationChanged {
        /// The application, as it is from now on.
        application: Application,
    },
    /// The application of the deployment was deleted.
    ApplicationDeleted {},
    /// Something was started although policies or freezes forbade it (CO-11): by the actor of the entry.
    GlassBroken {
        /// Names it.
        id: BreakGlassId,
        /// The action that was forbidden.
        action: GatedAction,
        /// The name of the deployment.
        name: DeploymentName,
        /// The reason.
        reason: String,
        /// The policies that were overridden.
        policies: BTreeSet<PolicyId>,
        /// The freezes that were overridden.
        freezes: BTreeSet<FreezeId>,
    },
    /// Somebody else has acknowledged a use of break-glass: the actor of the entry.
    GlassAcknowledged {
        /// The use of it.
        id: BreakGlassId,
    },
    /// Entries that had reached the disk are lost, and somebody decided to go on without them.
    EntriesLost {
        /// The last one that had been written.
        last: Seq,
        /// Its hash.
        hash: String,
    },
    /// A deployment and its replicas are gone.
    DeploymentDeleted {
        /// The name that it had.
        name: DeploymentName,
    },
}

impl Event {
    /// The rollout that it is about, if it is about one.
    pub fn rollout(&self) -> Option<RolloutNumber> {
        match self {
            Self::RolloutStarted { number, .. }
            | Self::RolloutMoved { number, .. }
            | Self::RolloutUnattended { number, .. }
            | Self::RolloutProgressed { number, .. }
            | Self::ReceiptClosed { number, .. } => Some(*number),
            Self::StepTaken { rollout, .. } | Self::TargetUnseen { rollout, .. } | Self::TargetSeen { rollout } => {
                *rollout
            }
            _ => None,
        }
    }
}

/// An event in its place in the journal (CO-8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place.
    pub seq: Seq,
    /// The time of the event.
    pub at: Timestamp,
    /// The actor.
    pub actor: crate::id::Actor,
    /// The deployment that it is about.
    pub deployment: Option<DeploymentId>,
    /// The event.
    pub event: Event,
}
