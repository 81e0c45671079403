//! The words about each entry that people are told of.

use jiff::Timestamp;

use super::request_words::of_request;
use super::said::Said;
use crate::event::{Entry, Event};
use crate::freeze::{Freeze, FreezeTimes};
use crate::id::{DeploymentName, RequestId, RolloutNumber};
use crate::moment;
use crate::receipt::Receipt;
use crate::rollout::{Phase, RolloutKind};
use crate::words::counted;

/// The names of what an entry is about, as people know them.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryNames<'a> {
    /// The deployment; none where the entry is about none, or it is still to be made.
    pub deployment: Option<&'a DeploymentName>,
    /// Whoever did it: a name, or the [`placeholder`] of one.
    pub actor: &'a str,
    /// The person, service or group that the entry names; the same.
    pub whom: &'a str,
    /// The rollout that the entry is about.
    pub rollout: Option<RolloutNamed<'a>>,
    /// The change request that the entry is about, and what is asked for in a line.
    pub request: Option<(&'a RequestId, &'a str)>,
}

/// A rollout, as far as its end is told.
#[derive(Clone, Copy, Debug)]
pub struct RolloutNamed<'a> {
    /// Its purpose.
    pub kind: RolloutKind,
    /// The models that its revision runs.
    pub models: &'a str,
    /// Something serves, now that it has ended.
    pub serves: bool,
    /// The problem that it failed with.
    pub problem: Option<&'a str>,
}

/// The words about an entry that people are told of; none for any other.
pub fn said(entry: &Entry, names: EntryNames<'_>) -> Option<Said> {
    let EntryNames { actor, whom, .. } = names;
    let iris = names.deployment.map_or_else(|| "a deployment".to_owned(), ToString::to_string);
    let deployment = names.deployment.map_or_else(|| "/".to_owned(), |name| format!("/deployments/{name}"));
    let plain =
        |subject: String, happened: String, path: &str| Some(Said::new(subject, happened, None, None, path.to_owned()));
    match &entry.event {
        Event::RolloutMoved { number, phase, problem, receipt, .. } => {
            Some(ended(*number, *phase, problem.clone(), receipt, &iris, names.rollout, deployment))
        }
        Event::DeleteRequested { note } => Some(Said::new(
            format!("{iris} is being deleted"),
            format!("{actor} deletes the deployment {iris}. Its URL stops answering."),
            note.clone(),
            Some("Point its callers elsewhere. Its history stays."),
            "/history".to_owned(),
        )),
        Event::AccessChanged { role: Some(role), .. } => plain(
            format!("{iris}: {whom} has the role {role}"),
            format!("{actor} gave {whom} the role {role} on {iris}."),
            &deployment,
        ),
        Event::AccessChanged { role: None, .. } => plain(
            format!("{iris}: {whom} has no role any more"),
            format!("{actor} took the role of {whom} on {iris} back."),
            &deployment,
        ),
        Event::ChangeAsked { .. }
        | Event::ChangeEdited { .. }
        | Event::ChangeReviewed { .. }
        | Event::ReviewWithdrawn { .. }
        | Event::ChangeMoved { .. } => of_request(entry, actor, names.request?),
        Event::GlassBroken { name, action, reason, policies, freezes, .. } => {
            let overridden = [(policies.len(), "policy", "policies"), (freezes.len(), "freeze", "freezes")];
            let overridden = overridden.into_iter().filter(|(count, ..)| *count > 0);
            let overridden: Vec<_> = overridden.map(|(count, one, many)| counted(count as u64, one, many)).collect();
            Some(Said::new(
                format!("{name}: {actor} overrode what forbade a change"),
                format!(
                    "{actor} started something on {name} ({action}) that was forbidden, and overrode {}.",
                    overridden.join(" and ")
                ),
                Some(reason.clone()),
                Some("An administrator who did not do it acknowledges it."),
                "/approvals?show=acknowledge".to_owned(),
            ))
        }
        Event::GlassAcknowledged { .. } => plain(
            format!("{iris}: the use of break-glass is acknowledged"),
            format!("{actor} has seen that policies or freezes were overridden on {iris}."),
            "/approvals?show=acknowledge",
        ),
        Event::FreezeChanged { freeze } if is_lifted(freeze, entry.at) => plain(
            format!("The freeze {} was lifted", freeze.terms.name),
            format!("{actor} lifted the freeze {}. What waited for its end begins.", freeze.terms.name),
            "/freezes",
        ),
        Event::FreezeChanged { freeze } => Some(Said::new(
            format!("The freeze {} was created or changed", freeze.terms.name),
            format!(
                "{actor} created or changed the freeze {}. While it holds, nothing is started on a deployment that you own.",
                freeze.terms.name
            ),
            Some(freeze.terms.reason.clone()),
            Some("Its page says when it holds. What is asked for meanwhile begins when it ends."),
            "/freezes".to_owned(),
        )),
        Event::FreezeDeleted { .. } => plain(
            "A freeze was deleted".to_owned(),
            format!("{actor} deleted a freeze for a deployment that you own. Nothing waits for it any more."),
            "/freezes",
        ),
        Event::PolicyChanged { policy } => plain(
            format!("The policy {} was created or changed", policy.terms.name),
            format!(
                "{actor} created or changed the policy {}. Requests that wait are judged by it anew.",
                policy.terms.name
            ),
            "/people",
        ),
        Event::PolicyDeleted { .. } => plain(
            "A policy was deleted".to_owned(),
            format!("{actor} deleted a policy. Requests that wait need its approvals no more."),
            "/people",
        ),
        Event::MemberAdded { member, .. } => plain(
            format!("{whom} has joined"),
            format!("{whom} has joined, with the role {} on the server.", member.role),
            "/people",
        ),
        Event::MemberChanged { member } if member.disabled => plain(
            format!("{whom} is disabled"),
            format!("{actor} disabled {whom}, who is not let in any more."),
            "/people",
        ),
        Event::MemberChanged { member } => plain(
            format!("{whom} is {} on the server", member.role),
            format!("{actor} changed {whom}, who has the role {} on the server now.", member.role),
            "/people",
        ),
        Event::AdminLinkMade { .. } => Some(Said::new(
            format!("A sign-in link was created for {whom}"),
            format!("Somebody created a link on the server's machine with which {whom} signs in as an administrator."),
            None,
            Some("If you do not know of it, ask who has access to that machine, and end the sessions of that person."),
            "/people".to_owned(),
        )),
        Event::SignedIn { with, .. } => {
            Some(own("You signed in", format!("Somebody signed in as you with {}.", with.title())))
        }
        Event::PasswordChanged {} => Some(own(
            "Your password was changed",
            "Your password was changed, and your other sessions were ended.".to_owned(),
        )),
        Event::IdentityLinked {} => Some(own(
            "Another way to sign in was added",
            "From now on you can sign in at the identity provider too.".to_owned(),
        )),
        Event::IdentityUnlinked { .. } => Some(own(
            "A way to sign in was removed",
            format!("{actor} unlinked your account at the identity provider: it lets you in no more."),
        )),
        Event::TokenIssued { expires_at, .. } => Some(own(
            "An API token of yours was created",
            format!("{actor} created an API token that acts as you until {}.", moment::in_words(*expires_at)),
        )),
        Event::TokenRevoked { .. } => {
            Some(own("An API token of yours was revoked", format!("{actor} revoked an API token that acted as you.")))
        }
        Event::SessionsEnded { count, .. } => Some(own(
            "Sessions of yours were ended",
            format!("{actor} ended {count} of your sessions: sign in again there."),
        )),
        _ => None,
    }
}

/// The subject of a notice about several roles on a deployment, of which its words say one after the other.
pub fn several_roles(deployment: &DeploymentName) -> String {
    format!("{deployment}: several roles were changed")
}

/// True for a freeze that holds no more.
fn is_lifted(freeze: &Freeze, now: Timestamp) -> bool {
    matches!(freeze.terms.when, FreezeTimes::Switch { until: Some(until) } if until <= now)
}

/// The words about one's own account.
fn own(subject: &str, happened: String) -> Said {
    let next = "If it was not you, change your password, end all sessions and revoke your tokens.";
    Said::new(subject.to_owned(), happened, None, Some(next), "/me".to_owned())
}

fn ended(
    number: RolloutNumber,
    phase: Phase,
    problem: Option<String>,
    receipt: &Receipt,
    iris: &str,
    rollout: Option<RolloutNamed<'_>>,
    path: String,
) -> Said {
    let unknown = RolloutNamed { kind: RolloutKind::Update, models: "", serves: true, problem: None };
    let RolloutNamed { kind, models, serves, problem: failed_with } = rollout.unwrap_or(unknown);
    let models = if models.is_empty() { "what was asked for" } else { models };
    let answers = format!(
        "Meanwhile {} answered, {} failed.",
        counted(receipt.total.answered, "request was", "requests were"),
        receipt.total.failed
    );
    let path = format!("{path}?tab=rollouts");
    let (subject, happened, next) = match phase {
        Phase::Completed => {
            let (subject, what) = match kind {
                RolloutKind::Update => (format!("{iris} runs {models}"), format!("every replica runs {models}")),
                RolloutKind::Relaunch => {
                    (format!("{iris} was relaunched"), "every replica was started anew".to_owned())
                }
                RolloutKind::Activate => (format!("{iris} is active"), format!("its replicas run {models}")),
            };
            (subject, format!("Rollout {number} of {iris} is complete: {what}. {answers}"), None)
        }
        Phase::Cancelled if serves => (
            format!("{iris}: rollout {number} was cancelled"),
            format!("Rollout {number} of {iris} was cancelled. The revision before it answers requests. {answers}"),
            None,
        ),
        Phase::Cancelled => (
            format!("{iris}: rollout {number} was cancelled"),
            format!(
                "Rollout {number} of {iris} was cancelled, and no replica answers: there was no revision before it. {answers}"
            ),
            None,
        ),
        Phase::Reverted if serves => (
            format!("Update of {iris} to {models} failed and was undone"),
            format!(
                "Rollout {number} of {iris} to {models} failed. Every replica runs the revision before it again. {answers}"
            ),
            Some("There is no hurry: the revision before answers requests. Fix what failed, then update again."),
        ),
        Phase::Reverted => (
            format!("Update of {iris} to {models} failed, and no replica answers"),
            format!(
                "Rollout {number} of {iris} to {models} failed. There was no revision before it to go back to. {answers}"
            ),
            Some("The URL answers no requests. Fix what failed, then update."),
        ),
        Phase::RevertFailed => (
            format!("Update of {iris} to {models} failed, and undoing it failed too"),
            format!("Rollout {number} of {iris} to {models} failed, and going back failed too. {answers}"),
            Some("The deployment needs somebody now: open it, see which replicas answer, and roll back or update."),
        ),
        _ => (
            format!("{iris}: rollout {number} failed"),
            format!(
                "Rollout {number} of {iris} to {models} failed and was not undone: the replicas that are left answer requests. {answers}"
            ),
            Some("Open the deployment, see which replicas answer, and roll back or update."),
        ),
    };
    // What it failed with was said when it began to go back.
    Said::new(subject, happened, problem.or(failed_with.map(str::to_owned)), next, path)
}

#[cfg(test)]
mod tests;
