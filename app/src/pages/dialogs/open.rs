//! The dialogs that can be open, with what each is about.

use domain::credential::Key;
use domain::id::{ConfigurationId, DeploymentId, ModelName, ModelRef, RequestId, RevisionNumber, RolloutNumber};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::deployments::Operation;

/// A dialog and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Open {
    /// Give a deployment another configuration, or another version of its model.
    Update(DeploymentId, Option<UpdateTo>),
    /// Go back to an earlier revision; `None`: the last good one.
    RollBack(DeploymentId, Option<RevisionNumber>),
    /// Cancel a rollout and go back.
    Cancel(DeploymentId, RolloutNumber),
    /// Deactivate, activate or relaunch a deployment.
    Operate(DeploymentId, Operation),
    /// Link a deployment to use cases, or take it out of them.
    LinkUseCases(DeploymentId),
    /// Make the application of a deployment, or change it.
    Application(DeploymentId),
    /// Delete the application of a deployment.
    DeleteApplication(DeploymentId),
    /// Mark a revision as known to be bad, or take the mark back.
    Quarantine(DeploymentId, RevisionNumber),
    /// Remove a revision.
    Remove(DeploymentId, RevisionNumber),
    /// Make a key of a deployment anew.
    RotateKey(DeploymentId, Key),
    /// Let no token of a deployment that was made until now be accepted any more.
    RevokeTokens(DeploymentId),
    /// Remove what is kept of a deployment's requests over a time.
    ClearStatistics(DeploymentId),
    /// Remove a deployment.
    Delete(DeploymentId),
    /// Make a deployment.
    Deploy(Option<ModelRef>),
    /// Register a model, or a version of the one that is named.
    Register(Option<ModelName>),
    /// Remove a version of a model.
    DeleteModel(ModelRef),
    /// Find a page, an action, or something that has a page.
    Palette,
    /// The list of keys.
    Shortcuts,
    /// Ask for another change instead, which had this configuration.
    EditRequest(DeploymentId, RequestId, Option<ConfigurationId>),
    /// End a change request.
    CancelRequest(RequestId),
}

/// What a deployment is to be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UpdateTo {
    /// A configuration that there is.
    Configuration(ConfigurationId),
    /// The configuration in use, with this version of a model that it binds.
    Version(ModelRef),
    /// The configuration in use with these fields changed, as a merge patch.
    Fields(Value),
}
