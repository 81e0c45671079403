//! `changeover approve`, `request-changes`, `comment` and `withdraw-review`: a review of a change request.

use clap::Args;
use domain::change_request::ReviewVerdict;
use domain::id::RequestId;
use domain::wire::{ChangeRequestView, GiveReview};

use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::names::Names;
use crate::cli::requested;
use crate::cli::show::request::{page, short_hash};

/// `approve`.
#[derive(Args, Debug)]
#[command(after_help = "Without --hash, the request is read and shown, and what was shown is approved:\n\
                        whatever is edited in between is not. On a terminal you are asked, unless --yes\n\
                        is given. Anywhere else it goes ahead, as scripts expect.")]
pub(in crate::cli) struct Approve {
    /// The request
    id: RequestId,
    /// A sentence about it
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// The hash of the plan that you have looked at
    #[arg(long, value_name = "HASH")]
    hash: Option<String>,
    /// Do not ask before it is approved
    #[arg(long, short)]
    yes: bool,
}

/// `request-changes`.
#[derive(Args, Debug)]
pub(in crate::cli) struct RequestChanges {
    /// The request
    id: RequestId,
    /// The changes that it needs
    #[arg(long, value_name = "TEXT")]
    comment: String,
}

/// `comment`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Comment {
    /// The request
    id: RequestId,
    /// The words
    text: String,
}

/// `withdraw-review`.
#[derive(Args, Debug)]
pub(in crate::cli) struct WithdrawReview {
    /// The request
    id: RequestId,
}

impl Approve {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let plan_hash = match self.hash {
            Some(hash) => hash,
            None => shown(context, &self.id, self.yes).await?,
        };
        let done = format!("Approved request {}, hash {}.", self.id, short_hash(&plan_hash));
        let review = GiveReview { verdict: ReviewVerdict::Approved, plan_hash, comment: self.comment };
        give(context, &self.id, &review, &done).await
    }
}

impl RequestChanges {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let plan_hash = read(context, &self.id).await?.plan_hash;
        let done = format!("Requested changes of request {}.", self.id);
        let comment = Some(self.comment);
        let review = GiveReview { verdict: ReviewVerdict::ChangesRequested, plan_hash, comment };
        give(context, &self.id, &review, &done).await
    }
}

impl Comment {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let plan_hash = read(context, &self.id).await?.plan_hash;
        let done = format!("Commented on request {}.", self.id);
        let review = GiveReview { verdict: ReviewVerdict::Comment, plan_hash, comment: Some(self.text) };
        give(context, &self.id, &review, &done).await
    }
}

impl WithdrawReview {
    pub(super) async fn run(self, context: &mut Context) -> Result<(), CliError> {
        let answer = context.client.delete(&["change-requests", self.id.as_str(), "reviews"]).await?;
        let done = format!("Took your review of request {} back.", self.id);
        requested::stands(context, &answer, &done).await
    }
}

async fn read(context: &Context, id: &RequestId) -> Result<ChangeRequestView, CliError> {
    context.client.get(&["change-requests", id.as_str()], &[]).await?.read()
}

/// Shows what is about to be approved, and asks on a terminal; the hash of what was shown.
async fn shown(context: &mut Context, id: &RequestId, yes: bool) -> Result<String, CliError> {
    let view = read(context, id).await?;
    if !context.json {
        let names = Names::to_show(context).await;
        page(&mut context.io, &names, &view)?;
        context.io.line("")?;
    }
    if context.io.can_ask && !yes {
        let typed = context.io.ask(&format!("Approve this, hash {}? [y/N]", short_hash(&view.plan_hash)))?;
        if !matches!(typed.to_lowercase().as_str(), "y" | "yes") {
            return Err(CliError::Declined);
        }
    }
    Ok(view.plan_hash)
}

async fn give(context: &mut Context, id: &RequestId, review: &GiveReview, done: &str) -> Result<(), CliError> {
    let answer = context.client.post(&["change-requests", id.as_str(), "reviews"], review).await?;
    requested::stands(context, &answer, done).await
}
