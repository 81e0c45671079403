//! The one table of what a caller may do with a deployment now, and why not (DR-9).
//!
//! Commands, the API's view of a deployment and the page ask it, and nobody decides by himself. It says what the state
//! of the deployment as a whole allows; a command may still refuse what a request says, as a revision that is known to
//! be bad.

use jiff::Timestamp;

use crate::access::{Denied, Needs, RightsOn, Role};
use crate::caller::Scope;
use crate::deployment::{OperationKind, Status, TargetStatus};
use crate::error_code::ErrorCode;
use crate::id::{Actor, RolloutNumber};
use crate::ledger::{Deployment, Rollout};
use crate::moment;
use crate::principal::ServerRole;
use crate::rollout::{self, NotPossible, Phase, RolloutEvent, RolloutKind};
use crate::use_case;

#[cfg(test)]
mod tests;

words! {
    /// Everything that can be done with a deployment, in the order in which a menu shows it.
    pub enum Action {
        /// Read it, its revisions, metrics and history.
        Open = "open",
        /// Read the output of its replicas, and what is kept of its requests.
        ViewLogs = "view_logs",
        /// Get a ready script that calls it (DR-16).
        GetClient = "get_client",
        /// Ask it for a prediction by hand, on its page or in its application (DR-15).
        Predict = "predict",
        /// Play a rollout to the end without anything happening (CO-1).
        Rehearse = "rehearse",
        /// Try a candidate in a scratch replica (DR-2).
        Check = "check",
        /// Make a configuration for it (SAP-1).
        CreateConfiguration = "create_configuration",
        /// Give it another configuration (SAP-2, DR-9: replace model).
        Update = "update",
        /// Go back to an earlier revision, also on top of a rollout in progress (VX-5).
        RollBack = "roll_back",
        /// Pause the rollout in progress.
        Pause = "pause",
        /// Let the paused rollout go on.
        Resume = "resume",
        /// Stop the rollout in progress and go back.
        Cancel = "cancel",
        /// Mark a revision as known to be bad, or take the mark back (CO-6).
        Quarantine = "quarantine",
        /// Remove an earlier revision (VX-8).
        RemoveRevision = "remove_revision",
        /// Change what no rollout is needed for.
        ChangeSettings = "change_settings",
        /// Make its application, change and delete it (DR-15).
        ManageApplication = "manage_application",
        /// Read its keys, and make them anew (AZ-3).
        ManageKeys = "manage_keys",
        /// Make tokens, and revoke them (AZ-3).
        ManageTokens = "manage_tokens",
        /// Remove what is kept of its requests over a time (DR-11).
        ClearStatistics = "clear_statistics",
        /// Replace every replica by one like it.
        Relaunch = "relaunch",
        /// Take its replicas away (DR-12).
        Deactivate = "deactivate",
        /// Bring them back (DR-12).
        Activate = "activate",
        /// Remove it.
        Delete = "delete",
        /// Link it to a use case, or take it out of one (DR-14).
        LinkUseCases = "link_use_cases",
        /// Give somebody a role on it, change it or take it back (DR-8).
        Share = "share",
    }
}

impl Action {
    /// What it asks of a caller (DR-7).
    pub fn needs(self) -> Needs {
        let needs = |role, server, scope| Needs { role: Some(role), server, scope: Some(scope) };
        match self {
            Self::GetClient | Self::Predict => needs(Role::Consumer, ServerRole::Viewer, Scope::Predict),
            Self::Open | Self::ViewLogs | Self::Rehearse => needs(Role::User, ServerRole::Viewer, Scope::Read),
            Self::Check => needs(Role::User, ServerRole::Editor, Scope::Deploy),
            Self::LinkUseCases => use_case::LINKING,
            Self::Share => needs(Role::User, ServerRole::Editor, Scope::Share),
            Self::CreateConfiguration
            | Self::Update
            | Self::RollBack
            | Self::Pause
            | Self::Resume
            | Self::Cancel
            | Self::Quarantine
            | Self::RemoveRevision
            | Self::ChangeSettings
            | Self::ManageApplication
            | Self::ManageKeys
            | Self::ManageTokens
            | Self::ClearStatistics
            | Self::Relaunch
            | Self::Deactivate
            | Self::Activate
            | Self::Delete => needs(Role::Owner, ServerRole::Editor, Scope::Deploy),
        }
    }
}

/// The operation that is in progress on a deployment (AZ-4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InProgress {
    /// The operation.
    pub operation: OperationKind,
    /// The actor who asked for it.
    pub actor: Actor,
    /// The time at which it began.
    pub since: Timestamp,
    /// Its rollout, and where that stands; none while replicas are only taken away.
    pub rollout: Option<(RolloutNumber, Phase)>,
}

/// The reasons why an action is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The caller's rights do not allow it.
    Denied(Denied),
    /// Another operation is in progress, and this one does not take over from it (AZ-4).
    InProgress(InProgress),
    /// The status forbids it (SAP-4).
    Status(OperationKind, Status),
    /// There is no rollout in progress, or not the one that was named.
    NoRollout(Option<RolloutNumber>),
    /// The rollout in progress is in a phase that forbids it.
    Phase(NotPossible),
    /// The deployment has had one revision only.
    NothingEarlier,
}

/// A deployment with what is in progress on it: all that decides what may be done with it.
#[derive(Clone, Debug)]
pub struct Standing<'a> {
    deployment: &'a Deployment,
    in_progress: Option<InProgress>,
}

impl<'a> Standing<'a> {
    /// The standing of `deployment`, whose rollout in progress is `rollout`.
    pub fn of(deployment: &'a Deployment, rollout: Option<&Rollout>) -> Self {
        let gone = match (deployment.target_status, deployment.status) {
            (TargetStatus::Deleted, _) => Some(OperationKind::Delete),
            (TargetStatus::Stopped, Status::Stopping) => Some(OperationKind::Deactivate),
            _ => None,
        };
        let last = &deployment.last_operation;
        let taken_away =
            gone.map(|operation| InProgress { operation, actor: last.actor.clone(), since: last.at, rollout: None });
        let rollout = rollout.filter(|rollout| Some(rollout.number) == deployment.rollout);
        let moved = || {
            rollout.map(|rollout| InProgress {
                operation: match rollout.change.kind {
                    RolloutKind::Relaunch => OperationKind::Relaunch,
                    RolloutKind::Activate => OperationKind::Activate,
                    RolloutKind::Update if deployment.last_good.is_none() => OperationKind::Create,
                    RolloutKind::Update => OperationKind::Update,
                },
                actor: rollout.actor.clone(),
                since: rollout.started_at,
                rollout: Some((rollout.number, rollout.phase)),
            })
        };
        Self { deployment, in_progress: taken_away.or_else(moved) }
    }

    /// The operation in progress.
    pub fn in_progress(&self) -> Option<&InProgress> {
        self.in_progress.as_ref()
    }

    /// The same for whoever goes on top of rollout `number`, which must be the one in progress (VX-6).
    ///
    /// # Errors
    /// [`Why::NoRollout`].
    pub fn on_top_of(self, number: RolloutNumber) -> Result<Self, Why> {
        match self.deployment.rollout {
            Some(current) if current == number => Ok(Self { in_progress: None, ..self }),
            _ => Err(Why::NoRollout(Some(number))),
        }
    }

    /// Everything that can be done with it, and what whoever has `rights` may not do now.
    pub fn offers(&self, rights: &RightsOn<'_>) -> Vec<(Action, Result<(), Why>)> {
        Action::ALL.map(|action| (action, self.allows(action, rights))).into()
    }

    /// Allows whoever has `rights` to do `action` now, or says why not.
    ///
    /// # Errors
    /// The first reason why not.
    pub fn allows(&self, action: Action, rights: &RightsOn<'_>) -> Result<(), Why> {
        rights.allow(action.needs()).map_err(Why::Denied)?;
        match action {
            Action::Open
            | Action::ViewLogs
            | Action::GetClient
            | Action::Predict
            | Action::Rehearse
            | Action::Share
            | Action::CreateConfiguration
            | Action::ChangeSettings
            | Action::ManageApplication
            | Action::Quarantine
            | Action::RemoveRevision => Ok(()),
            // What is on its way out gets no new secrets and no replica, and belongs to nothing new.
            Action::Check
            | Action::ManageKeys
            | Action::ManageTokens
            | Action::ClearStatistics
            | Action::LinkUseCases => match &self.in_progress {
                Some(running) if running.operation == OperationKind::Delete => Err(Why::InProgress(running.clone())),
                _ => Ok(()),
            },
            Action::Update => self.begins(OperationKind::Update),
            Action::RollBack => {
                let is_rollout = self.in_progress.as_ref().is_some_and(|running| running.rollout.is_some());
                let in_progress = self.in_progress.clone().filter(|_| !is_rollout);
                Self { deployment: self.deployment, in_progress }.begins(OperationKind::Update)?;
                if self.deployment.newest_revision.0 < 2 { Err(Why::NothingEarlier) } else { Ok(()) }
            }
            Action::Pause => self.happens(RolloutEvent::Pause),
            Action::Resume => self.happens(RolloutEvent::Resume),
            Action::Cancel => self.happens(RolloutEvent::Cancel),
            Action::Relaunch => self.begins(OperationKind::Relaunch),
            Action::Deactivate => self.begins(OperationKind::Deactivate),
            Action::Activate => self.begins(OperationKind::Activate),
            Action::Delete => self.begins(OperationKind::Delete),
        }
    }

    fn begins(&self, operation: OperationKind) -> Result<(), Why> {
        match &self.in_progress {
            Some(running) if !takes_over(operation, running.operation) => Err(Why::InProgress(running.clone())),
            _ if may(operation, self.deployment.status) => Ok(()),
            _ => Err(Why::Status(operation, self.deployment.status)),
        }
    }

    fn happens(&self, event: RolloutEvent) -> Result<(), Why> {
        let rollout = self.in_progress.as_ref().and_then(|running| running.rollout);
        let (_, phase) = rollout.ok_or(Why::NoRollout(None))?;
        rollout::next(phase, event).map(drop).map_err(Why::Phase)
    }
}

/// True when `operation` may be begun on a deployment in `status` (SAP-4, DR-12).
fn may(operation: OperationKind, status: Status) -> bool {
    use OperationKind::{Activate, Create, Deactivate, Delete, Relaunch, Update};
    match (operation, status) {
        (Create, _) => false,
        (Delete, _) => true,
        (Update | Relaunch | Deactivate, Status::Pending | Status::Running | Status::Dead) => true,
        (Activate, Status::Stopped) => true,
        (Update | Relaunch | Deactivate, Status::Stopping | Status::Stopped | Status::Unknown) => false,
        (Activate, _) => false,
    }
}

/// True when `operation` takes over from the one that is in progress (AZ-4): everything else waits for its turn, but
/// who wants the replicas gone is held up by no rollout, whatever phase it is in. The rollout ends superseded.
fn takes_over(operation: OperationKind, in_progress: OperationKind) -> bool {
    use OperationKind::{Activate, Create, Deactivate, Delete, Relaunch, Update};
    match (operation, in_progress) {
        (Delete | Deactivate, Create | Update | Relaunch | Activate) | (Delete, Deactivate) => true,
        (Delete, Delete) | (Deactivate, Delete | Deactivate) => false,
        (Create | Update | Relaunch | Activate, _) => false,
    }
}

impl Why {
    /// The word for it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Denied(denied) => denied.code(),
            Self::InProgress(_) => ErrorCode::OperationInProgress,
            Self::Status(..) => ErrorCode::StatusForbidsUpdate,
            Self::NoRollout(_) => ErrorCode::NoRollout,
            Self::Phase(_) => ErrorCode::RolloutForbids,
            Self::NothingEarlier => ErrorCode::NoEarlierRevision,
        }
    }

    /// A sentence about `deployment`.
    pub fn sentence(&self, deployment: &Deployment) -> String {
        let name = &deployment.name;
        match self {
            Self::Denied(denied) => denied.to_string(),
            Self::InProgress(running) => format!(
                "{name} is in the middle of an operation ({}), started by {} at {}.",
                running.operation,
                running.actor,
                moment::in_words(running.since)
            ),
            Self::Status(OperationKind::Activate, status) => {
                format!("{name} is {status}; only a stopped deployment can be activated.")
            }
            Self::Status(operation, status) => format!(
                "{name} is {status}; only a pending, running or dead deployment can be {}.",
                participle(*operation)
            ),
            Self::NoRollout(Some(number)) => {
                format!("Rollout {number} of {name} is not in progress, so nothing can go on top of it.")
            }
            Self::NoRollout(None) => format!("No rollout of {name} is in progress."),
            Self::Phase(NotPossible { phase, event }) => {
                format!("The rollout is {}, so it cannot {}.", phase.word(), event.kind())
            }
            Self::NothingEarlier => format!("{name} has no earlier revision."),
        }
    }
}

/// The participle of an operation: a deployment can be …ed.
fn participle(operation: OperationKind) -> &'static str {
    match operation {
        OperationKind::Create => "created",
        OperationKind::Update => "updated",
        OperationKind::Delete => "deleted",
        OperationKind::Deactivate => "deactivated",
        OperationKind::Activate => "activated",
        OperationKind::Relaunch => "relaunched",
    }
}
