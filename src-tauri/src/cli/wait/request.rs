//! Waits until a change that was asked for has begun, and then for what it has become.

use domain::change_request::RequestState;
use domain::deployment::TargetStatus;
use domain::id::RequestId;
use domain::policy::GatedAction;
use domain::wire::ChangeRequestView;
use serde_json::json;

use super::limit::Patience;
use super::{for_removal, for_rollout, for_stop, patiently};
use crate::cli::client::ServerAnswer;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::names::Names;
use crate::cli::show::request::{counted, standing};

/// Looks are so many times rarer than at what the engine does: people take their time.
const RARER: u32 = 8;

/// Waits until a change request has ended; where it was applied, for what it has become.
///
/// # Errors
/// It ended in another way; those of the waits that follow; Ctrl-C; the time is over; the server stayed away or refused.
pub(in crate::cli) async fn for_request(
    context: &mut Context,
    patience: Patience,
    id: &RequestId,
) -> Result<(), CliError> {
    let patience = patience.begun();
    let goes_on = || {
        format!(
            "Request {id} stays; `changeover requests show {id}` shows it, `changeover cancel-request {id}` ends it"
        )
    };
    let answer = patience.limit.keep(goes_on, end_of(context, id)).await?;
    let view: ChangeRequestView = answer.read()?;
    let name = view.deployment_name.as_str();
    match (view.state, view.ended.as_ref().and_then(|end| end.rollout)) {
        (RequestState::Applied, Some(number)) => for_rollout(context, patience, name, number).await,
        (RequestState::Applied, None) if view.action == GatedAction::Delete => {
            for_removal(context, patience.limit, name).await
        }
        (RequestState::Applied, None) if stops(&view) => for_stop(context, patience.limit, name).await,
        (RequestState::Applied, None) => {
            context.answer(&answer, |io, view: ChangeRequestView| io.line(format!("Request {} is applied.", view.id)))
        }
        _ => {
            let ended = format!("request {id} is {}", standing(&context.io, &Names::default(), &view));
            if context.json {
                context.io.raw(&answer.body)?;
            }
            Err(CliError::Failed(ended))
        }
    }
}

fn stops(view: &ChangeRequestView) -> bool {
    view.values.get("target_status").is_some_and(|change| change.new == json!(TargetStatus::Stopped))
}

/// The last answer about a request, when it has ended. Says meanwhile what it waits for.
async fn end_of(context: &mut Context, id: &RequestId) -> Result<ServerAnswer, CliError> {
    let names = Names::to_show(context).await;
    let mut said = None;
    loop {
        let answer = patiently(context, &["change-requests", id.as_str()], &[]).await?;
        let view: ChangeRequestView = answer.read()?;
        if !view.state.is_live() {
            return Ok(answer);
        }
        let stands = counted(&context.io, &names, &view);
        if said.as_ref() != Some(&stands) {
            context.io.note(format!("Request {id} is {stands}."))?;
            said = Some(stands);
        }
        tokio::time::sleep(context.pace.poll * RARER).await;
    }
}
