//! The kinds of events: the words that the journal keeps beside each entry, and that filters go by.

use super::Event;

words! {
    /// The kind of an event, as it stands in its JSON.
    pub enum EventKind {
        /// A model version was registered.
        ModelRegistered = "model_registered",
        /// A model version was removed from the registry; its number is not used again.
        ModelDeleted = "model_deleted",
        /// Somebody asked whether a candidate may replace what is in use; a scratch replica is to show it.
        CheckStarted = "check_started",
        /// A check came to its next step.
        CheckMoved = "check_moved",
        /// A check is over.
        CheckEnded = "check_ended",
        /// A deployment was made.
        DeploymentCreated = "deployment_created",
        /// Terms were changed, for which no rollout is needed.
        DeploymentChanged = "deployment_changed",
        /// A configuration was made.
        ConfigurationCreated = "configuration_created",
        /// A rollout was asked for; its revision was made with it.
        RolloutStarted = "rollout_started",
        /// A rollout's phase changed.
        RolloutMoved = "rollout_moved",
        /// No server ran for a while, as far as is known: the deadlines of a rollout come later by so much.
        RolloutUnattended = "rollout_unattended",
        /// More replicas became available than ever in this phase.
        RolloutProgressed = "rollout_progressed",
        /// The count of a rollout that was superseded, final now.
        ReceiptClosed = "receipt_closed",
        /// The engine takes a step, or begins to wait for something.
        StepTaken = "step_taken",
        /// The record of a replica changed.
        ReplicaChanged = "replica_changed",
        /// A replica is gone.
        ReplicaForgotten = "replica_forgotten",
        /// The deployment's target cannot be seen: nothing is started, stopped or judged until it is.
        TargetUnseen = "target_unseen",
        /// The deployment's target can be seen again.
        TargetSeen = "target_seen",
        /// A deployment's status changed.
        StatusChanged = "status_changed",
        /// Autoscaling changed the number of replicas (RAY-7).
        Scaled = "scaled",
        /// Somebody asked for a deployment's replicas to be taken away (DR-12).
        Deactivated = "deactivated",
        /// A revision was marked as known to be bad (CO-6).
        RevisionQuarantined = "revision_quarantined",
        /// A revision is no longer taken for bad.
        QuarantineLifted = "quarantine_lifted",
        /// A revision cannot be gone back to any more (VX-8).
        RevisionRemoved = "revision_removed",
        /// Somebody, or its time to live, asked for a deployment to be removed.
        DeleteRequested = "delete_requested",
        /// A key of a deployment was made anew: the one before is no longer accepted. What it is stands nowhere.
        KeyRegenerated = "key_regenerated",
        /// The secret that a deployment's tokens are signed with was made anew: none of those before is accepted.
        TokensRevoked = "tokens_revoked",
        /// What was kept of a deployment's requests was removed over a time (DR-11).
        StatisticsCleared = "statistics_cleared",
        /// A person or a service was added.
        MemberAdded = "member_added",
        /// The role of a person or a service on the server was changed, or they were disabled or let in again.
        MemberChanged = "member_changed",
        /// The name and address of a person, which lie beside the journal, were erased.
        PersonErased = "person_erased",
        /// A group was made, or its name or members were changed.
        GroupChanged = "group_changed",
        /// A group was deleted.
        GroupDeleted = "group_deleted",
        /// Somebody was invited.
        PersonInvited = "person_invited",
        /// An invitation was taken back.
        InvitationWithdrawn = "invitation_withdrawn",
        /// Somebody signed in.
        SignedIn = "signed_in",
        /// Sessions of somebody were ended before their time.
        SessionsEnded = "sessions_ended",
        /// Somebody gave themselves a password.
        PasswordChanged = "password_changed",
        /// An account at the identity provider lets somebody in from now on.
        IdentityLinked = "identity_linked",
        /// It does not any more.
        IdentityUnlinked = "identity_unlinked",
        /// A link was made on the machine, by which an administrator signs in.
        AdminLinkMade = "admin_link_made",
        /// An API token was made. The token itself stands nowhere.
        TokenIssued = "token_issued",
        /// An API token was revoked.
        TokenRevoked = "token_revoked",
        /// Somebody was given a role on the deployment, or another one, or none any more (DR-8).
        AccessChanged = "access_changed",
        /// Somebody asked for a change that needs approvals, or has a time.
        ChangeAsked = "change_asked",
        /// A change request was edited or rebased: it has another version.
        ChangeEdited = "change_edited",
        /// Somebody reviewed a change request.
        ChangeReviewed = "change_reviewed",
        /// Somebody took their verdict on a change request back.
        ReviewWithdrawn = "review_withdrawn",
        /// A change request came to another state, or to waiting for something else.
        ChangeMoved = "change_moved",
        /// A policy was made or changed.
        PolicyChanged = "policy_changed",
        /// A policy was deleted.
        PolicyDeleted = "policy_deleted",
        /// A freeze was made or changed.
        FreezeChanged = "freeze_changed",
        /// A freeze was deleted.
        FreezeDeleted = "freeze_deleted",
        /// A use case was made or changed (DR-14).
        UseCaseChanged = "use_case_changed",
        /// A use case was deleted.
        UseCaseDeleted = "use_case_deleted",
        /// The deployment was linked to a use case.
        UseCaseLinked = "use_case_linked",
        /// The deployment belongs to a use case no more.
        UseCaseUnlinked = "use_case_unlinked",
        /// An application was made for the deployment (DR-15).
        ApplicationCreated = "application_created",
        /// The application of the deployment was changed.
        ApplicationChanged = "application_changed",
        /// The application of the deployment was deleted.
        ApplicationDeleted = "application_deleted",
        /// Something was started although policies or freezes forbade it (CO-11).
        GlassBroken = "glass_broken",
        /// Somebody else has acknowledged a use of break-glass.
        GlassAcknowledged = "glass_acknowledged",
        /// Entries that had reached the disk are lost, and somebody decided to go on without them.
        EntriesLost = "entries_lost",
        /// A deployment and its replicas are gone.
        DeploymentDeleted = "deployment_deleted",
    }
}

impl EventKind {
    /// True for what concerns everybody who is let in, where it is about no deployment; anything else is shown to
    /// administrators, and to whoever did it.
    pub fn concerns_everyone(self) -> bool {
        matches!(
            self,
            Self::ModelRegistered
                | Self::ModelDeleted
                | Self::PolicyChanged
                | Self::PolicyDeleted
                | Self::FreezeDeleted
        )
    }

    /// True for what may change what somebody is allowed or shown.
    pub fn changes_rights(self) -> bool {
        matches!(
            self,
            Self::MemberAdded
                | Self::MemberChanged
                | Self::GroupChanged
                | Self::GroupDeleted
                | Self::AccessChanged
                | Self::ChangeAsked
                | Self::ChangeMoved
                | Self::PolicyChanged
                | Self::PolicyDeleted
                | Self::UseCaseLinked
                | Self::UseCaseUnlinked
                | Self::TokenRevoked
                | Self::SessionsEnded
        )
    }
}

impl Event {
    /// Its kind.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::ModelRegistered { .. } => EventKind::ModelRegistered,
            Self::ModelDeleted { .. } => EventKind::ModelDeleted,
            Self::CheckStarted { .. } => EventKind::CheckStarted,
            Self::CheckMoved { .. } => EventKind::CheckMoved,
            Self::CheckEnded { .. } => EventKind::CheckEnded,
            Self::DeploymentCreated { .. } => EventKind::DeploymentCreated,
            Self::DeploymentChanged { .. } => EventKind::DeploymentChanged,
            Self::ConfigurationCreated { .. } => EventKind::ConfigurationCreated,
            Self::RolloutStarted { .. } => EventKind::RolloutStarted,
            Self::RolloutMoved { .. } => EventKind::RolloutMoved,
            Self::RolloutUnattended { .. } => EventKind::RolloutUnattended,
            Self::RolloutProgressed { .. } => EventKind::RolloutProgressed,
            Self::ReceiptClosed { .. } => EventKind::ReceiptClosed,
            Self::StepTaken { .. } => EventKind::StepTaken,
            Self::ReplicaChanged { .. } => EventKind::ReplicaChanged,
            Self::ReplicaForgotten { .. } => EventKind::ReplicaForgotten,
            Self::TargetUnseen { .. } => EventKind::TargetUnseen,
            Self::TargetSeen { .. } => EventKind::TargetSeen,
            Self::StatusChanged { .. } => EventKind::StatusChanged,
            Self::Scaled { .. } => EventKind::Scaled,
            Self::Deactivated { .. } => EventKind::Deactivated,
            Self::RevisionQuarantined { .. } => EventKind::RevisionQuarantined,
            Self::QuarantineLifted { .. } => EventKind::QuarantineLifted,
            Self::RevisionRemoved { .. } => EventKind::RevisionRemoved,
            Self::DeleteRequested { .. } => EventKind::DeleteRequested,
            Self::KeyRegenerated { .. } => EventKind::KeyRegenerated,
            Self::TokensRevoked { .. } => EventKind::TokensRevoked,
            Self::StatisticsCleared { .. } => EventKind::StatisticsCleared,
            Self::MemberAdded { .. } => EventKind::MemberAdded,
            Self::MemberChanged { .. } => EventKind::MemberChanged,
            Self::PersonErased { .. } => EventKind::PersonErased,
            Self::GroupChanged { .. } => EventKind::GroupChanged,
            Self::GroupDeleted { .. } => EventKind::GroupDeleted,
            Self::PersonInvited { .. } => EventKind::PersonInvited,
            Self::InvitationWithdrawn { .. } => EventKind::InvitationWithdrawn,
            Self::SignedIn { .. } => EventKind::SignedIn,
            Self::SessionsEnded { .. } => EventKind::SessionsEnded,
            Self::PasswordChanged { .. } => EventKind::PasswordChanged,
            Self::IdentityLinked { .. } => EventKind::IdentityLinked,
            Self::IdentityUnlinked { .. } => EventKind::IdentityUnlinked,
            Self::AdminLinkMade { .. } => EventKind::AdminLinkMade,
            Self::TokenIssued { .. } => EventKind::TokenIssued,
            Self::TokenRevoked { .. } => EventKind::TokenRevoked,
            Self::AccessChanged { .. } => EventKind::AccessChanged,
            Self::ChangeAsked { .. } => EventKind::ChangeAsked,
            Self::ChangeEdited { .. } => EventKind::ChangeEdited,
            Self::ChangeReviewed { .. } => EventKind::ChangeReviewed,
            Self::ReviewWithdrawn { .. } => EventKind::ReviewWithdrawn,
            Self::ChangeMoved { .. } => EventKind::ChangeMoved,
            Self::PolicyChanged { .. } => EventKind::PolicyChanged,
            Self::PolicyDeleted { .. } => EventKind::PolicyDeleted,
            Self::FreezeChanged { .. } => EventKind::FreezeChanged,
            Self::FreezeDeleted { .. } => EventKind::FreezeDeleted,
            Self::UseCaseChanged { .. } => EventKind::UseCaseChanged,
            Self::UseCaseDeleted { .. } => EventKind::UseCaseDeleted,
            Self::UseCaseLinked { .. } => EventKind::UseCaseLinked,
            Self::UseCaseUnlinked { .. } => EventKind::UseCaseUnlinked,
            Self::ApplicationCreated { .. } => EventKind::ApplicationCreated,
            Self::ApplicationChanged { .. } => EventKind::ApplicationChanged,
            Self::ApplicationDeleted {} => EventKind::ApplicationDeleted,
            Self::GlassBroken { .. } => EventKind::GlassBroken,
            Self::GlassAcknowledged { .. } => EventKind::GlassAcknowledged,
            Self::EntriesLost { .. } => EventKind::EntriesLost,
            Self::DeploymentDeleted { .. } => EventKind::DeploymentDeleted,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::step_kind::StepKind;
    use crate::words::OpenWord;

    #[test]
    fn each_word_is_the_kind_in_the_json_of_an_event() {
        for kind in EventKind::ALL {
            let unknown = serde_json::from_value::<Event>(json!({"kind": kind}))
                .is_err_and(|error| error.to_string().contains("unknown variant"));
            assert!(!unknown, "{kind}");
        }
        let value = serde_json::to_value(Event::TokensRevoked {}).unwrap();
        assert_eq!(value["kind"], EventKind::TokensRevoked.as_str());
    }

    #[test]
    fn a_step_that_only_another_build_takes_is_read_and_written_as_it_is() {
        let stored = json!({"kind": "step_taken", "rollout": 1, "step": "migrate", "replica": null, "reason": "why"});
        let event: Event = serde_json::from_value(stored.clone()).unwrap();
        let Event::StepTaken { step, .. } = &event else { panic!("{event:?}") };
        assert_eq!(*step, OpenWord::Other("migrate".to_owned()));
        assert_eq!(serde_json::to_value::<&Event>(&event).unwrap(), stored);
        let known: Value =
            json!({"kind": "step_taken", "rollout": 1, "step": "wait", "replica": null, "reason": "why"});
        let known: Event = serde_json::from_value(known).unwrap();
        assert!(matches!(known, Event::StepTaken { step, .. } if step.is(StepKind::Wait)));
    }
}
