//! A change that the server keeps as a request, instead of carrying it out: told, and waited for.

use domain::change_request::{ApplyMode, RequestState};
use domain::wire::ChangeRequestView;
use http::StatusCode;

use super::client::ServerAnswer;
use super::context::Context;
use super::error::CliError;
use super::names::Names;
use super::show::request::counted;
use super::text::printable;
use super::wait::{self, Patience};

/// The change request that an answer holds, where the server answers with one.
pub(super) fn of(answer: &ServerAnswer) -> Option<ChangeRequestView> {
    (answer.status == StatusCode::ACCEPTED).then(|| answer.read().ok()).flatten()
}

/// Says that a change was asked for, and what is next; waits for its end with `patience`.
///
/// # Errors
/// Those of the wait.
pub(super) async fn told(
    context: &mut Context,
    answer: &ServerAnswer,
    view: &ChangeRequestView,
    patience: Option<Patience>,
) -> Result<(), CliError> {
    let asked = format!("Asked for it by request {}: {}.", view.id, printable(&view.title));
    match patience {
        Some(patience) => {
            context.io.note(asked)?;
            wait::for_request(context, patience, &view.id).await
        }
        None => stands(context, answer, &asked).await,
    }
}

/// Says that something was `done` with a request, how it stands, and what is next.
///
/// # Errors
/// The answer is something else.
pub(super) async fn stands(context: &mut Context, answer: &ServerAnswer, done: &str) -> Result<(), CliError> {
    let names = Names::to_show(context).await;
    context.answer(answer, |io, view: ChangeRequestView| {
        io.line(format!("{done} It is {}.", counted(io, &names, &view)))?;
        next(&names, &view).map_or(Ok(()), |next| io.line(io.faint(&next)))
    })
}

/// The step that brings a request on.
fn next(names: &Names, view: &ChangeRequestView) -> Option<String> {
    let (id, name) = (&view.id, &view.deployment_name);
    Some(match view.state {
        RequestState::Open => {
            let can_still = view.policies.iter().filter(|policy| !policy.met).flat_map(|policy| &policy.can_still);
            let can_still: std::collections::BTreeSet<_> = can_still.collect();
            format!("`changeover approve {id}` approves it, by one of: {}.", names.list(can_still, "nobody"))
        }
        RequestState::ChangesRequested => format!("`changeover requests show {id}` shows what they say."),
        RequestState::Stale => format!("`changeover rebase {id}` asks for the same on what there is now."),
        RequestState::Approved if view.apply == ApplyMode::ByHand && view.waiting_for.is_none() => return None,
        RequestState::Approved | RequestState::Scheduled => {
            format!("It begins by itself; `changeover cancel-request {id}` ends it before.")
        }
        RequestState::Applied if view.ended.as_ref().is_some_and(|end| end.rollout.is_some()) => {
            format!("`changeover wait {name}` shows its progress.")
        }
        RequestState::Applied | RequestState::Cancelled | RequestState::Expired | RequestState::Failed => return None,
    })
}
