//! Every event in a sentence for people.

use crate::change_request::ReviewVerdict;
use crate::deployment::TermsChange;
use crate::event::Event;
use crate::moment;
use crate::principal::PrincipalKind;
use crate::rollout::{Phase, RolloutEvent, RolloutKind};
use crate::words::counted;

impl Event {
    /// The event, in a sentence.
    pub fn summary(&self) -> String {
        match self {
            Self::ModelRegistered { model } => format!("Registered model {}@{}", model.name, model.version),
            Self::ModelDeleted { model } => format!("Deleted model {model}"),
            Self::CheckStarted { id, configuration } => format!("Check {id} of {} began", configuration.name),
            Self::CheckMoved { id, step } => format!("Check {id}: {}", step.title().to_lowercase()),
            Self::CheckEnded { id, report, .. } => format!("Check {id} ended: {}", report.verdict.title()),
            Self::DeploymentCreated { name, .. } => format!("Created deployment {name}"),
            Self::DeploymentChanged { terms: TermsChange { importance, on_failure, strategy, about } } => {
                let mut parts = Vec::new();
                if let Some(importance) = importance {
                    parts.push(format!("the importance to {importance}"));
                }
                if let Some(on_failure) = on_failure {
                    parts.push(format!("what a failure does to {on_failure}"));
                }
                if strategy.is_some() {
                    parts.push("the strategy".to_owned());
                }
                if about.is_some() {
                    parts.push("description, tags, properties or checks".to_owned());
                }
                format!("Changed {}", parts.join(", "))
            }
            Self::ConfigurationCreated { configuration, .. } => format!("Created configuration {}", configuration.name),
            Self::RolloutStarted { number, to_revision, supersedes, change, .. } => {
                let mut text = match (change.kind, change.rolled_back_to) {
                    (RolloutKind::Update, Some(earlier)) => {
                        format!("Rolled back to revision {earlier} with rollout {number}, as revision {to_revision}")
                    }
                    (RolloutKind::Update, None) => format!("Started rollout {number} to revision {to_revision}"),
                    (RolloutKind::Relaunch, _) => format!("Relaunches every replica with rollout {number}"),
                    (RolloutKind::Activate, _) => format!("Activates the deployment with rollout {number}"),
                };
                if let Some(earlier) = supersedes {
                    text.push_str(&format!(" on top of rollout {earlier}"));
                }
                if let Some(why) = &change.quarantine_override {
                    text.push_str(&format!(", although it is known to be bad: {why}"));
                }
                text
            }
            Self::RolloutMoved { number, event, phase, problem, .. } => {
                let text = format!("Rollout {number} {}", moved(*event, *phase));
                match problem {
                    Some(problem) => format!("{text}: {problem}"),
                    None => text,
                }
            }
            Self::RolloutUnattended { number, since } => {
                format!(
                    "Nobody watched over rollout {number} since {}: its deadlines move back by that time",
                    moment::in_words(*since)
                )
            }
            Self::RolloutProgressed { number, available, .. } => {
                format!("Rollout {number}: {} available", counted((*available).into(), "replica", "replicas"))
            }
            Self::ReceiptClosed { number, receipt } => {
                format!(
                    "Rollout {number}: {} answered, {} failed",
                    counted(receipt.total.answered, "request", "requests"),
                    receipt.total.failed
                )
            }
            Self::StepTaken { step, replica, reason, .. } => match replica {
                Some(replica) => format!("{step} {replica}: {reason}"),
                None => format!("{step}: {reason}"),
            },
            Self::ReplicaChanged { replica } => {
                let state = crate::replica::ReplicaState::of(replica.intent, replica.observed);
                let text = format!("Replica {} of revision {} is {state}", replica.id, replica.revision);
                match replica.unrecorded {
                    0 => text,
                    more => format!("{text}; it changed {more} times since its last entry"),
                }
            }
            Self::ReplicaForgotten { id } => format!("Replica {id} is gone"),
            Self::TargetUnseen { why, .. } => format!("The target cannot be seen: {why}"),
            Self::TargetSeen { .. } => "The target can be seen again".to_owned(),
            Self::StatusChanged { status, error } => {
                let text = format!("The deployment is {status}");
                match error {
                    Some(error) => format!("{text}: {error}"),
                    None => text,
                }
            }
            Self::Scaled { from, to, reason, .. } => format!("Scaled replicas from {from} to {to}: {reason}"),
            Self::Deactivated { note } => match note {
                Some(note) => format!("Deactivated the deployment: {note}"),
                None => "Deactivated the deployment".to_owned(),
            },
            Self::RevisionQuarantined { number, reason } => {
                format!("Revision {number} is marked as known to be bad: {reason}")
            }
            Self::QuarantineLifted { number, note } => {
                format!("Revision {number} is no longer taken for bad: {note}")
            }
            Self::RevisionRemoved { number } => format!("Removed revision {number}"),
            Self::DeleteRequested { note } => match note {
                Some(note) => format!("Asked to delete the deployment: {note}"),
                None => "Asked to delete the deployment".to_owned(),
            },
            Self::KeyRegenerated { key } => format!("Created a new {key} key"),
            Self::TokensRevoked {} => "Revoked all tokens".to_owned(),
            Self::StatisticsCleared { model, from, to, reason, .. } => {
                let of = model.as_ref().map_or_else(|| "all models".to_owned(), ToString::to_string);
                let from = from.map(|from| format!("from {} ", moment::in_words(from))).unwrap_or_default();
                format!("Cleared the statistics of {of} {from}up to {}: {reason}", moment::in_words(*to))
            }
            Self::MemberAdded { member, .. } => format!("Added {} as {}", member.id.kind(), member.role),
            Self::MemberChanged { member } if member.disabled => format!("Disabled a {}", member.id.kind()),
            Self::MemberChanged { member } => format!("Changed a {}, who is {} now", member.id.kind(), member.role),
            Self::PersonErased { .. } => "Erased the name and address of a person".to_owned(),
            Self::GroupChanged { group } => {
                let members = counted(group.members.len() as u64, "member", "members");
                format!("Changed group {}, which has {members} now", group.name)
            }
            Self::GroupDeleted { .. } => "Deleted a group".to_owned(),
            Self::PersonInvited { role, .. } => format!("Invited a person as {role}"),
            Self::InvitationWithdrawn { .. } => "Took an invitation back".to_owned(),
            Self::SignedIn { with, .. } => format!("Signed in with {}", with.title()),
            Self::SessionsEnded { count, .. } => format!("Ended {}", counted((*count).into(), "session", "sessions")),
            Self::PasswordChanged {} => "Changed their password".to_owned(),
            Self::IdentityLinked {} => "Linked their account at the identity provider".to_owned(),
            Self::IdentityUnlinked { person: None } => "Unlinked their account at the identity provider".to_owned(),
            Self::IdentityUnlinked { .. } => "Unlinked somebody's account at the identity provider".to_owned(),
            Self::AdminLinkMade { .. } => {
                "Created a sign-in link for an administrator, on the server's machine".to_owned()
            }
            Self::TokenIssued { scopes, expires_at, .. } => {
                let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
                format!("Created an API token ({}), which ends at {}", scopes.join(", "), moment::in_words(*expires_at))
            }
            Self::TokenRevoked { .. } => "Revoked an API token".to_owned(),
            Self::AccessChanged { principal, role } => {
                let whom = match principal.kind() {
                    PrincipalKind::Everyone => "everyone".to_owned(),
                    kind => format!("a {kind}"),
                };
                match role {
                    Some(role) => format!("Gave {whom} the role {role}"),
                    None => format!("Took the role of {whom} back"),
                }
            }
            Self::ChangeAsked { request } => {
                format!("Asked for a change ({}), which is {}", request.current.content.plan.action, request.state)
            }
            Self::ChangeEdited { edited, .. } => {
                format!("Edited a change request, which has version {} now", edited.number)
            }
            Self::ChangeReviewed { review, .. } => {
                let text = match review.verdict {
                    ReviewVerdict::Approved => format!("Approved version {} of a change request", review.version),
                    ReviewVerdict::ChangesRequested => "Wants a change request changed".to_owned(),
                    ReviewVerdict::Comment => "Commented on a change request".to_owned(),
                };
                match &review.comment {
                    Some(comment) => format!("{text}: {comment}"),
                    None => text,
                }
            }
            Self::ReviewWithdrawn { .. } => "Took their verdict on a change request back".to_owned(),
            Self::ChangeMoved { state, waiting_for, moved, ended, .. } => {
                let mut text = format!("A change request is {}", state.as_str().replace('_', " "));
                if let Some(thing) = waiting_for {
                    text.push_str(&format!(", and waits for the end of a {thing}"));
                }
                if !moved.is_empty() {
                    text.push_str(&format!(": {} moved", moved.join(", ")));
                }
                if let Some(problem) = ended.as_ref().and_then(|end| end.problem.as_ref()) {
                    text.push_str(&format!(": {problem}"));
                }
                text
            }
            Self::PolicyChanged { policy } => format!("Changed policy {}", policy.terms.name),
            Self::PolicyDeleted { .. } => "Deleted a policy".to_owned(),
            Self::FreezeChanged { freeze } => format!("Changed freeze {}", freeze.terms.name),
            Self::FreezeDeleted { .. } => "Deleted a freeze".to_owned(),
            Self::UseCaseChanged { use_case } => format!("Changed use case {}", use_case.terms.name),
            Self::UseCaseDeleted { .. } => "Deleted a use case".to_owned(),
            Self::UseCaseLinked { .. } => "Linked the deployment to a use case".to_owned(),
            Self::UseCaseUnlinked { .. } => "Took the deployment out of a use case".to_owned(),
            Self::ApplicationCreated { application } => format!("Created application {}", application.terms.title),
            Self::ApplicationChanged { application } => format!("Changed application {}", application.terms.title),
            Self::ApplicationDeleted {} => "Deleted the application of the deployment".to_owned(),
            Self::GlassBroken { action, reason, .. } => format!("Overrode policies or freezes for {action}: {reason}"),
            Self::GlassAcknowledged { .. } => "Acknowledged a use of break-glass".to_owned(),
            Self::EntriesLost { last, .. } => {
                format!("Goes on without the entries before this one up to {last}, which are lost")
            }
            Self::DeploymentDeleted { name } => format!("Deleted deployment {name}"),
        }
    }
}

fn moved(event: RolloutEvent, phase: Phase) -> &'static str {
    match (event, phase) {
        (RolloutEvent::Begin, _) => "began",
        (RolloutEvent::Pause, _) => "was paused",
        (RolloutEvent::Resume, _) => "was resumed",
        (RolloutEvent::Cancel, _) => "was cancelled and goes back",
        (RolloutEvent::Supersede, _) => "was superseded",
        (RolloutEvent::Fail(_), Phase::RevertFailed) => "could not go back",
        (RolloutEvent::Fail(_), _) => "failed and goes back",
        (RolloutEvent::Stop(_), _) => "failed and stopped; the survivors serve",
        (RolloutEvent::Die(_), _) => "failed; nothing is undone",
        (RolloutEvent::Settle, Phase::Completed) => "completed",
        (RolloutEvent::Settle, Phase::Cancelled) => "has gone back after it was cancelled",
        (RolloutEvent::Settle, _) => "has gone back to the revision before",
    }
}
