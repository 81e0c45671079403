//! Deployments, their configurations and metrics.

use std::collections::BTreeMap;

use domain::configuration::Configuration;
use domain::diff::Difference;
use domain::id::{ConfigurationId, DeploymentId, DeploymentName, RequestId};
use domain::wire::{
    ClearStatistics, ConfigurationView, CreateDeployment, DeleteDeployment, DeploymentView, DiffView, MetricsView,
    ModelPeriod, Operate, Page, PatchDeployment, Traffic,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Failure;

/// The first deployments by name, with their replicas; so few that they are there at once.
pub(crate) async fn first() -> Result<Page<DeploymentView>, Failure> {
    super::get("/deployments?include=replicas&limit=200").await
}

/// Every deployment, with its replicas.
pub(crate) async fn list() -> Result<Vec<DeploymentView>, Failure> {
    super::all("/deployments?include=replicas&limit=1000").await
}

/// The recent requests of deployments, by id.
pub(crate) async fn traffic(
    ids: &[DeploymentId],
    replicas_of: Option<&DeploymentId>,
) -> Result<BTreeMap<DeploymentId, Traffic>, Failure> {
    #[derive(Deserialize)]
    struct ById {
        items: BTreeMap<DeploymentId, Traffic>,
    }
    let ids: Vec<_> = ids.iter().map(DeploymentId::as_str).collect();
    let replicas = replicas_of.map(|id| format!("&replicas_of={id}")).unwrap_or_default();
    let answer: ById = super::get(&format!("/traffic?deployments={}{replicas}", ids.join(","))).await?;
    Ok(answer.items)
}

/// One deployment by name or id, with replicas and revisions.
pub(crate) async fn read(name_or_id: &str) -> Result<DeploymentView, Failure> {
    super::get(&format!("/deployments/{name_or_id}?include=replicas,revisions")).await
}

/// A ready script that calls it, in `python` or `curl`.
pub(crate) async fn client(name: &DeploymentName, language: &str) -> Result<String, Failure> {
    super::text(&format!("/deployments/{name}/client?language={language}")).await
}

/// Makes a deployment and starts its first rollout, or asks for it: the answer is the request then.
pub(crate) async fn create(deployment: &CreateDeployment) -> Result<Option<RequestId>, Failure> {
    let answer: Value = super::post("/deployments", deployment).await?;
    Ok(super::requests::request_of(&answer))
}

/// Stops a deployment's replicas and removes it.
pub(crate) async fn delete(name: &DeploymentName, how: &DeleteDeployment) -> Result<(), Failure> {
    super::delete_with(&format!("/deployments/{name}"), how).await
}

/// An operation on a whole deployment (DR-12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Take its replicas away.
    Deactivate,
    /// Bring them back.
    Activate,
    /// Replace each by one like it.
    Relaunch,
}

/// Begins an operation on a deployment.
pub(crate) async fn operate(name: &DeploymentName, operation: Operation, how: &Operate) -> Result<(), Failure> {
    let word = match operation {
        Operation::Deactivate => "deactivate",
        Operation::Activate => "activate",
        Operation::Relaunch => "relaunch",
    };
    super::tell(&format!("/deployments/{name}/{word}"), how).await
}

/// Changes the settings that need no rollout.
pub(crate) async fn change(name: &DeploymentName, change: &PatchDeployment) -> Result<(), Failure> {
    super::patch(&format!("/deployments/{name}"), change).await
}

/// A configuration by its id.
pub(crate) async fn configuration(id: &ConfigurationId) -> Result<ConfigurationView, Failure> {
    super::get(&format!("/configurations/{id}")).await
}

/// Its configurations.
pub(crate) async fn configurations(name: &DeploymentName) -> Result<Vec<ConfigurationView>, Failure> {
    super::all(&format!("/deployments/{name}/configurations?limit=200")).await
}

/// Every time for which it had a model in use, the newest first.
pub(crate) async fn model_history(name: &DeploymentName) -> Result<Vec<ModelPeriod>, Failure> {
    super::all(&format!("/deployments/{name}/model-history")).await
}

/// Makes a configuration from another one with changes on top (JSON merge patch).
pub(crate) async fn copy_configuration(
    name: &DeploymentName,
    from: &ConfigurationId,
    changes: &Value,
) -> Result<ConfigurationView, Failure> {
    super::post(&format!("/deployments/{name}/configurations"), &json!({ "from": from, "set": changes })).await
}

/// The first configuration of a deployment, checked as the server checks it.
pub(crate) fn first_configuration(fields: Value) -> Result<Configuration, String> {
    let configuration: Configuration = serde_json::from_value(fields).map_err(|error| error.to_string())?;
    configuration.checked().map_err(|error| error.to_string())
}

/// The fields in which a configuration differs from another, with the cost of each on the target of the deployment.
pub(crate) async fn differences(
    name: &DeploymentName,
    id: &ConfigurationId,
    against: &ConfigurationId,
) -> Result<Vec<Difference>, Failure> {
    let found: DiffView =
        super::get(&format!("/deployments/{name}/configurations/{id}/diff?against={against}")).await?;
    Ok(found.differences)
}

/// Its requests of the last `window` seconds, told apart by revision or not.
pub(crate) async fn metrics(name: &DeploymentName, window: u32, by_revision: bool) -> Result<MetricsView, Failure> {
    let by = if by_revision { "&by=revision" } else { "" };
    super::get(&format!("/deployments/{name}/metrics?window={window}{by}")).await
}

/// Has what is kept of its requests removed over a time.
pub(crate) async fn clear_statistics(name: &DeploymentName, what: &ClearStatistics) -> Result<(), Failure> {
    super::tell(&format!("/deployments/{name}/clear-statistics"), what).await
}
