//! Change requests: reading, reviewing and applying them; and the uses of break-glass.

use domain::id::{BreakGlassId, RequestId};
use domain::wire::{BreakGlassView, ChangeRequestView, EditRequest, GiveReview, Page};
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

/// A page of the requests, newest first.
pub(crate) async fn list(
    wanted: &Wanted,
    limit: u32,
    cursor: Option<&str>,
) -> Result<Page<ChangeRequestView>, Failure> {
    let which = match wanted {
        Wanted::ForMe => "for=me".to_owned(),
        Wanted::Mine => "for=mine".to_owned(),
        Wanted::All => "for=all".to_owned(),
        Wanted::LiveOf(deployment) => format!("for=all&state=live&deployment={}", escape(deployment)),
    };
    let cursor = cursor.map(|cursor| format!("&cursor={}", escape(cursor))).unwrap_or_default();
    super::get(&format!("/change-requests?{which}&limit={limit}{cursor}")).await
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
