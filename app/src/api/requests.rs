//! Change requests: reading, reviewing and applying them; and the uses of break-glass.

use domain::change_request::{ApplyMode, RequestEnd, RequestState, WaitingFor};
use domain::deployment::Importance;
use domain::id::{BreakGlassId, ConfigurationId, DeploymentId, DeploymentName, RequestId};
use domain::principal::PrincipalId;
use domain::wire::{
    BreakGlassView, ChangeRequestView, EditRequest, GiveReview, Page, PolicyProgress, RequestOffers, ReviewView,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Failure, escape};

/// The requests that a list is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Those that the person who asks can review now.
    ForMe,
    /// Those that the person who asks has written.
    Mine,
    /// Every one that is seen.
    All,
    /// The live ones of a deployment, by name or id.
    LiveOf(String),
}

/// How many requests there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(crate) struct RequestCounts {
    /// Those that wait for the person who asks.
    pub(crate) waits_for_me: u32,
    /// Those of the person who asks, which are live.
    pub(crate) mine: u32,
    /// Uses of break-glass that the person who asks can acknowledge.
    pub(crate) to_acknowledge: u32,
}

/// The request by which something was asked for; none where the answer is of what was done at once.
pub(super) fn request_of(answer: &Value) -> Option<RequestId> {
    // A request alone has the hash of its plan beside its reviews.
    let asked = !answer["plan_hash"].is_null() && answer["reviews"].is_array();
    answer["id"].as_str().filter(|_| asked)?.parse().ok()
}

/// As much of a change request as a line about it says. What is more than that, with its plan and its rehearsal, is a heavy
/// thing to read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct RequestInBrief {
    /// Names it.
    pub(crate) id: RequestId,
    /// The change in a sentence.
    pub(crate) title: String,
    /// The deployment, once there is one.
    pub(crate) deployment: Option<DeploymentId>,
    /// Its name.
    pub(crate) deployment_name: DeploymentName,
    /// Its importance.
    pub(crate) importance: Importance,
    /// The person or service who asked.
    pub(crate) author: PrincipalId,
    /// The time at which they asked.
    pub(crate) asked_at: Timestamp,
    /// Its state.
    pub(crate) state: RequestState,
    /// When it is carried out.
    pub(crate) apply: ApplyMode,
    /// The thing that keeps it from starting, though it is approved and its time has come.
    pub(crate) waiting_for: Option<WaitingFor>,
    /// Its end.
    pub(crate) ended: Option<RequestEnd>,
    /// The configuration that it rolls out.
    pub(crate) configuration: Option<ConfigurationId>,
    /// The policies that apply, and how far each is met.
    pub(crate) policies: Vec<PolicyProgress>,
    /// The reviews, oldest first.
    pub(crate) reviews: Vec<ReviewView>,
    /// The things that the caller may do with it.
    pub(crate) offers: RequestOffers,
}

/// The newest requests, in brief.
pub(crate) async fn in_brief(wanted: &Wanted, limit: u32) -> Result<Page<RequestInBrief>, Failure> {
    super::get(&path(wanted, limit, None)).await
}

/// One request, in brief.
pub(crate) async fn read_in_brief(id: &RequestId) -> Result<RequestInBrief, Failure> {
    super::get(&format!("/change-requests/{id}")).await
}

/// A page of the requests, newest first.
pub(crate) async fn list(
    wanted: &Wanted,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<ChangeRequestView>, Failure> {
    super::get(&path(wanted, limit, cursor)).await
}

fn path(wanted: &Wanted, limit: u32, cursor: Option<&str>) -> String {
    let which = match wanted {
        Wanted::ForMe => "for=me".to_owned(),
        Wanted::Mine => "for=mine".to_owned(),
        Wanted::All => "for=all".to_owned(),
        Wanted::LiveOf(deployment) => format!("for=all&state=live&deployment={}", escape(deployment)),
    };
    let cursor = cursor.map(|cursor| format!("&cursor={}", escape(cursor))).unwrap_or_default();
    format!("/change-requests?{which}&limit={limit}{cursor}")
}

/// The numbers of requests that the person who asks has to do with.
pub(crate) async fn counts() -> Result<RequestCounts, Failure> {
    super::get("/change-requests/counts").await
}

/// One request with its rehearsal.
pub(crate) async fn read(id: &RequestId) -> Result<ChangeRequestView, Failure> {
    super::get(&format!("/change-requests/{id}")).await
}

/// Reviews a request.
pub(crate) async fn review(id: &RequestId, review: &GiveReview) -> Result<ChangeRequestView, Failure> {
    super::post(&format!("/change-requests/{id}/reviews"), review).await
}

/// Takes one's own verdict back.
pub(crate) async fn withdraw(id: &RequestId) -> Result<(), Failure> {
    super::delete(&format!("/change-requests/{id}/reviews")).await
}

/// Changes what is asked for, or when.
pub(crate) async fn edit(id: &RequestId, edit: &EditRequest) -> Result<(), Failure> {
    super::patch(&format!("/change-requests/{id}"), edit).await
}

/// Something that is done with a request in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestStep {
    /// Ask for the same on top of what is in use now.
    Rebase,
    /// Start what was approved.
    Apply,
    /// End it without a change.
    Cancel,
}

/// Rebases, applies or cancels a request.
pub(crate) async fn step(id: &RequestId, step: RequestStep) -> Result<ChangeRequestView, Failure> {
    let word = match step {
        RequestStep::Rebase => "rebase",
        RequestStep::Apply => "apply",
        RequestStep::Cancel => "cancel",
    };
    super::post(&format!("/change-requests/{id}/{word}"), &json!({})).await
}

/// The uses of break-glass that nobody has acknowledged yet.
pub(crate) async fn open_overrides() -> Result<Vec<BreakGlassView>, Failure> {
    super::all("/break-glass?open=true&limit=100").await
}

/// Acknowledges a use of break-glass.
pub(crate) async fn acknowledge(id: &BreakGlassId) -> Result<(), Failure> {
    super::tell(&format!("/break-glass/{id}/acknowledge"), &json!({})).await
}
