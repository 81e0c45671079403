//! The types that travel: requests, views, and the closed list of error codes.

mod application;
mod asking;
mod compat;
mod configuration;
mod credential;
mod deployment;
mod history;
mod log;
mod metrics;
mod model;
mod notice;
mod page_fault;
mod people;
mod policy;
mod prediction;
mod problem;
mod provider;
mod record;
mod replica;
mod request;
mod revision;
mod rollout;
mod setting;
mod sign_in;
mod use_case;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{Actor, TargetName};
use crate::target::Traits;

pub use crate::application::{ApplicationTerms, FieldWords};
pub use crate::caller::Scope;
pub use crate::chain::Verification;
pub use crate::compat::{Check, CheckName, CheckRules, CheckStep, Outcome, Report, Trial, Verdict};
pub use crate::condition::{Condition, ConditionWord};
pub use crate::credential::Key;
pub use crate::deployment::LastOperation;
pub use crate::error_code::ErrorCode;
pub use crate::model_history::{ModelPeriod, ModelTurn};
pub use crate::picture::{Occupant, PictureColumn, RolloutPicture, RolloutRound, RoundToCome};
pub use crate::principal::{PrincipalId, PrincipalKind, ServerRole};
pub use crate::provider::Errand;
pub use crate::receipt::{Counts, Receipt};
pub use crate::replica::ReplicaCounts;
pub use crate::resources::Usage;
pub use crate::revision::{Quarantine, RevisionState};
pub use crate::secret::Secret;
pub use crate::session::SignInMethod;
pub use application::ApplicationView;
pub use asking::{Apply, ApplyAt, ApplyWhen, BreakGlass};
pub use compat::{CheckView, CompareModels, StartCheck};
pub use configuration::{ConfigurationView, DiffView, FirstConfiguration};
pub use credential::{IssueToken, KeysView, TokenView};
pub use deployment::{
    ActionView, CreateDeployment, DeleteDeployment, DeploymentView, Operate, OperationView, PatchDeployment, Traffic,
};
pub use history::{EngineSteps, ExportForm, HistoryEntry, HistoryGroup, HistoryPage, RolloutTold};
pub use log::{LineLevel, LogLine, LogPage, LoggedReplica};
pub use metrics::{
    ClearStatistics, ClearedStatistics, GaugePoint, MetricsGap, MetricsPoint, MetricsTotal, MetricsView,
};
pub use model::{KnownBadAt, ModelVersionView, ModelView, RegisterModel};
pub use notice::{
    DeliveryView, MailTest, MailView, NoticeView, NoticesView, ReadNotices, TryAnswer, WebhookSecret, WebhookView,
};
pub use page_fault::PageFault;
pub use people::{
    ApiTokenForm, ApiTokenView, GroupChange, GroupForm, GroupView, InvitationForm, InvitationView, OwnChange,
    PersonChange, PersonView, PrincipalView, ServiceChange, ServiceForm, ServiceView,
};
pub use policy::{
    AccessView, FreezeView, GiveRole, GrantView, MatchPolicies, Matched, OccurrencesView, PolicyMatch, PolicyView,
    PutAccess,
};
pub use prediction::{AskPrediction, InputView, PredictMethod, PredictionView};
pub use problem::Problem;
pub use provider::{ErrandDone, ErrandStarted, FinishErrand, ProviderView, StartErrand};
pub use record::{CollectedBody, Content, PredictionLine, RequestLine, RequestOutcome};
pub use replica::{ReplicaLoad, ReplicaView};
pub use request::{
    Acknowledged, BreakGlassView, ChangeRequestView, EditRequest, GiveReview, HoldingFreeze, PolicyProgress,
    RequestBase, RequestOffer, RequestOffers, RequestVersionView, ReviewView,
};
pub use revision::{QuarantineNote, RevisionView};
pub use rollout::{Approval, KnownBad, RehearseView, Rollback, RolloutInBrief, RolloutView, StartRollout, StepView};
pub use setting::{SettingSource, SettingView, SettingsView};
pub use sign_in::{AcceptInvitation, Greeting, NewPassword, PeekInvitation, Reauthenticate, SessionView, SignIn};
pub use use_case::{FreezeName, PolicyName, UseCaseChange, UseCaseName, UseCaseView};

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Send it as `cursor` to get the next page; `null` on the last one.
    pub next_cursor: Option<String>,
}

/// Comes in between the lines of an answer without an end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadOn {
    /// The place to read on from when the connection breaks: send it as `since`.
    pub next_cursor: String,
    /// True when lines before those were not kept until they could be sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost: bool,
}

words! {
    /// The ways in which somebody comes in.
    pub enum Entrance {
        /// The server's own token, or its window.
        Machine = "machine",
        /// A session in a browser.
        Session = "session",
        /// An API token.
        Token = "token",
    }
}

/// The session: the actor who is signed in, and the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The actor.
    pub actor: Actor,
    /// The person or service that they are.
    pub id: PrincipalId,
    /// Their name, for people to read.
    pub name: String,
    /// Their role on the server.
    pub server_role: ServerRole,
    /// They may use break-glass where they may change a deployment.
    #[serde(default)]
    pub may_break_glass: bool,
    /// Nobody but the local person was ever let in, so nobody is asked anything.
    pub alone: bool,
    /// The way in which they came in.
    pub through: Entrance,
    /// The time at which they showed what only they know; none where they come through no session.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub signed_in_at: Option<Timestamp>,
    /// They can sign in with a password.
    pub has_password: bool,
    /// They can sign in with an account at the identity provider.
    #[serde(default)]
    pub is_linked: bool,
    /// The server's version.
    pub version: String,
    /// The address of the gateway.
    pub gateway: String,
    /// The targets that are configured, each with its abilities.
    #[serde(default)]
    pub targets: BTreeMap<TargetName, Traits>,
    /// The most bytes that the file of a model may have.
    #[serde(default)]
    pub max_model_bytes: u64,
    /// Why nothing can be written just now and what to do; requests are served meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_problem: Option<String>,
}
