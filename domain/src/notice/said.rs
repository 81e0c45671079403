//! The words of a notice: what happened, why, what to do, and where to read on.
//!
//! Words are kept with the ids of people in braces ([`placeholder`]) and are given their names when somebody reads them
//! ([`Said::with_names`]): a person who was erased is named nowhere any more.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::change_request::{RequestEvent, ReviewVerdict, WaitingFor};
use crate::event::{Entry, Event};
use crate::freeze::{Freeze, FreezeTimes};
use crate::id::{DeploymentName, RequestId, RolloutNumber};
use crate::principal::PrincipalId;
use crate::receipt::Receipt;
use crate::rollout::{Phase, RolloutKind};
use crate::visible;

/// Longest subject, in characters.
const LONGEST_SUBJECT: usize = 150;
/// Longest sentence, in characters.
const LONGEST_SENTENCE: usize = 2_000;

/// The words of a notice. All of them can be seen, and none but the sentences has several lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Said {
    /// What it is about, in a line.
    pub subject: String,
    /// What happened, in sentences.
    pub happened: String,
    /// Why it happened, where something says so.
    #[serde(default)]
    pub why: Option<String>,
    /// What the reader may do about it, where there is something.
    #[serde(default)]
    pub next: Option<String>,
    /// The page to read on, from the root of the interface: `/approvals/ID`.
    pub path: String,
}

impl Said {
    /// The words, without what cannot be seen and within bounds.
    fn new(subject: String, happened: String, why: Option<String>, next: Option<&str>, path: String) -> Self {
        let sentence = |text: String| bounded(&visible::shown(&text), LONGEST_SENTENCE);
        Self {
            subject: in_a_line(&subject),
            happened: sentence(happened),
            why: why.filter(|why| !why.trim().is_empty()).map(sentence),
            next: next.map(str::to_owned),
            path,
        }
    }

    /// Several lines in one notice.
    pub(super) fn digest(subject: String, lines: &[String], next: &str, path: &str) -> Self {
        Self::new(subject, lines.join("\n"), None, Some(next), path.to_owned())
    }

    /// The words about an entry for somebody who sees name, URL and status of the deployment alone. What they say of the
    /// reader's own role they say to a consumer too.
    #[must_use]
    pub fn to_a_consumer(self, entry: &Entry, deployment: Option<&DeploymentName>) -> Self {
        let Some(name) = deployment else { return self };
        let (subject, happened) = match &entry.event {
            Event::RolloutMoved { .. } => (
                format!("{name} was changed"),
                format!("What answers behind the URL of {name} was changed, as its owners wanted."),
            ),
            Event::DeleteRequested { .. } => (
                format!("{name} is being deleted"),
                format!("The deployment {name} is deleted. Its URL stops answering."),
            ),
            _ => return self,
        };
        Self::new(subject, happened, None, None, "/".to_owned())
    }

    /// The words about this and then about `later`, which belongs to it.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        let happened = bounded(&format!("{}\n{}", self.happened, later.happened), LONGEST_SENTENCE);
        Self { happened, why: later.why.or(self.why), ..later }
    }

    /// The words with the names of people in the place of their ids.
    #[must_use]
    pub fn with_names(&self, name_of: impl Fn(&PrincipalId) -> String) -> Self {
        let named = |text: &str| named(text, &name_of);
        Self {
            subject: bounded(&in_a_line(&named(&self.subject)), LONGEST_SUBJECT),
            happened: visible::shown(&named(&self.happened)).into_owned(),
            why: self.why.as_deref().map(|why| visible::shown(&named(why)).into_owned()),
            next: self.next.clone(),
            path: self.path.clone(),
        }
    }
}

/// The words that stand for the name of somebody.
pub fn placeholder(id: &PrincipalId) -> String {
    format!("{{{id}}}")
}

/// `text` with names in the place of ids in braces. Anything else in braces stays.
fn named(text: &str, name_of: &impl Fn(&PrincipalId) -> String) -> String {
    let (mut whole, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        whole.push_str(before);
        let id = after.split_once('}').and_then(|(id, behind)| Some((id.parse::<PrincipalId>().ok()?, behind)));
        rest = match id {
            Some((id, behind)) => {
                whole.push_str(&name_of(&id));
                behind
            }
            None => {
                whole.push('{');
                after
            }
        };
    }
    whole + rest
}

/// A text in one line, without what cannot be seen.
fn in_a_line(text: &str) -> String {
    let line = visible::shown(text).replace(['\n', '\t'], " ");
    bounded(&line, LONGEST_SENTENCE)
}

fn bounded(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The names of what an entry is about, as people know them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
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
}

/// A time as it stands in a sentence.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The words about an entry that people are told of; none for any other.
pub fn said(entry: &Entry, names: Names<'_>) -> Option<Said> {
    let Names { actor, whom, .. } = names;
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
            let overridden = [(policies.len(), "polic", "y", "ies"), (freezes.len(), "freeze", "", "s")];
            let overridden = overridden.into_iter().filter(|(count, ..)| *count > 0);
            let overridden: Vec<_> = overridden
                .map(|(count, word, one, more)| format!("{count} {word}{}", if count == 1 { one } else { more }))
                .collect();
            Some(Said::new(
                format!("{name}: {actor} broke the glass"),
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
            format!("The freeze {} was made or changed", freeze.terms.name),
            format!(
                "{actor} made or changed the freeze {}. While it holds, nothing is started on a deployment that you own.",
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
            format!("The policy {} was made or changed", policy.terms.name),
            format!(
                "{actor} made or changed the policy {}. Requests that wait are judged by it anew.",
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
            format!("A sign-in link was made for {whom}"),
            format!("Somebody made a link on the machine of the server by which {whom} signs in as an administrator."),
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
        Event::IdentityUnlinked {} => Some(own(
            "A way to sign in was removed",
            "You cannot sign in at the identity provider any more.".to_owned(),
        )),
        Event::TokenIssued { expires_at, .. } => Some(own(
            "An API token of yours was made",
            format!("{actor} made an API token that acts as you until {}.", moment(*expires_at)),
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
    let unknown = RolloutNamed { kind: RolloutKind::Update, models: "", serves: true };
    let RolloutNamed { kind, models, serves } = rollout.unwrap_or(unknown);
    let models = if models.is_empty() { "what was asked for" } else { models };
    let answers = format!(
        "Meanwhile {} request{} answered, {} failed.",
        receipt.total.answered,
        if receipt.total.answered == 1 { " was" } else { "s were" },
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
            format!("Rollout {number} of {iris} was cancelled. What served before it serves. {answers}"),
            None,
        ),
        Phase::Cancelled => (
            format!("{iris}: rollout {number} was cancelled"),
            format!(
                "Rollout {number} of {iris} was cancelled, and nothing serves: there was nothing before it. {answers}"
            ),
            None,
        ),
        Phase::Reverted if serves => (
            format!("{iris}: rollout {number} failed and went back"),
            format!(
                "Rollout {number} of {iris} to {models} failed. Every replica runs what served before it. {answers}"
            ),
            Some("Nobody has to hurry: what served before serves. Mend what failed, then update again."),
        ),
        Phase::Reverted => (
            format!("{iris}: rollout {number} failed, and nothing serves"),
            format!(
                "Rollout {number} of {iris} to {models} failed. There was nothing before it to go back to. {answers}"
            ),
            Some("Its URL answers nothing. Mend what failed, then update."),
        ),
        Phase::RevertFailed => (
            format!("{iris}: rollout {number} failed and could not go back"),
            format!("Rollout {number} of {iris} to {models} failed, and going back failed too. {answers}"),
            Some("It needs somebody now: open it, see which replicas serve, and roll back or update."),
        ),
        _ => (
            format!("{iris}: rollout {number} failed"),
            format!(
                "Rollout {number} of {iris} to {models} failed and was not undone: the replicas that are left serve. {answers}"
            ),
            Some("Open it, see what serves, and roll back or update."),
        ),
    };
    Said::new(subject, happened, problem, next, path)
}

fn of_request(entry: &Entry, actor: &str, (id, title): (&RequestId, &str)) -> Option<Said> {
    let path = format!("/approvals/{id}");
    let (subject, happened, why, next) = match &entry.event {
        Event::ChangeAsked { .. } => (
            format!("To review: {title}"),
            format!("{actor} asks for a change: {title}."),
            None,
            Some("Open it, read what would change, and approve it or ask for changes."),
        ),
        Event::ChangeEdited { edited, .. } => (
            format!("To review anew: {title}"),
            format!("{actor} asks anew: {title}. It is version {} now, and approvals begin anew.", edited.number),
            None,
            Some("Open it, read what would change, and approve it or ask for changes."),
        ),
        Event::ChangeReviewed { review, .. } => {
            let (subject, did) = match review.verdict {
                ReviewVerdict::Approved => ("approved", "approved"),
                ReviewVerdict::ChangesRequested => ("changes requested", "asks for changes of"),
                ReviewVerdict::Comment => ("a comment", "commented on"),
            };
            (format!("{title}: {subject}"), format!("{actor} {did} it."), review.comment.clone(), None)
        }
        Event::ReviewWithdrawn { .. } => {
            (format!("{title}: a review was taken back"), format!("{actor} took their review of it back."), None, None)
        }
        Event::ChangeMoved { event, waiting_for, moved, ended, .. } => {
            let problem = ended.as_ref().and_then(|end| end.problem.clone());
            match event {
                Some(event) => moved_request(*event, title, moved, problem)?,
                None => {
                    let thing = match (*waiting_for)? {
                        WaitingFor::Freeze => "the end of a freeze",
                        WaitingFor::Operation => "the end of another operation on the deployment",
                        WaitingFor::Check => "its check, which runs again",
                    };
                    let happened = format!("It is approved, and waits for {thing}.");
                    (format!("{title}: it waits"), happened, None, Some("It begins by itself. Nothing has to be done."))
                }
            }
        }
        _ => return None,
    };
    Some(Said::new(subject, happened, why, next, path))
}

type Words = (String, String, Option<String>, Option<&'static str>);

fn moved_request(event: RequestEvent, title: &str, moved: &[String], problem: Option<String>) -> Option<Words> {
    Some(match event {
        RequestEvent::PoliciesMet(crate::change_request::ApplyWord::At) => {
            (format!("{title}: scheduled"), "It has what it needs, and begins at its time.".to_owned(), None, None)
        }
        RequestEvent::PoliciesMet(_) => (format!("{title}: approved"), "It is approved.".to_owned(), None, None),
        RequestEvent::PoliciesUnmet => (
            format!("{title}: it needs approvals again"),
            "It has lost its approval.".to_owned(),
            Some("A policy got stricter, or an approval counts no more.".to_owned()),
            None,
        ),
        RequestEvent::BaseMoved => (
            format!("{title}: the deployment has changed"),
            "It fits the deployment no more.".to_owned(),
            (!moved.is_empty()).then(|| format!("Since it was asked for, this has changed: {}.", moved.join(", "))),
            Some("Open it and rebase it, or cancel it."),
        ),
        RequestEvent::Applied => (format!("{title}: it has begun"), "It has begun.".to_owned(), None, None),
        RequestEvent::Failed => (
            format!("{title}: it could not begin"),
            "It could not begin, and nothing was changed.".to_owned(),
            problem,
            Some("Open it, read why, and ask anew."),
        ),
        RequestEvent::Cancelled => {
            (format!("{title}: cancelled"), "It was cancelled, and nothing was changed.".to_owned(), problem, None)
        }
        RequestEvent::Expired => (
            format!("{title}: its time is over"),
            "It was not started in its time, and nothing was changed.".to_owned(),
            problem,
            Some("Ask anew if it is still wanted."),
        ),
        RequestEvent::DeploymentDeleted => (
            format!("{title}: the deployment is gone"),
            "The deployment was deleted, and with it ended the change.".to_owned(),
            None,
            None,
        ),
        RequestEvent::Edited | RequestEvent::ChangesRequested | RequestEvent::ChangesWithdrawn => return None,
    })
}

#[cfg(test)]
mod tests;
