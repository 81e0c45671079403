//! Predictions by hand, and the applications in which others ask for them.

use domain::id::DeploymentName;
use domain::wire::{ApplicationTerms, ApplicationView, AskPrediction, InputView, PredictionView};

use super::Failure;

/// The input that a deployment takes, and where.
pub(crate) async fn input(name: &DeploymentName) -> Result<InputView, Failure> {
    super::get(&format!("/deployments/{name}/input")).await
}

/// Asks a deployment for a prediction. The answer is whatever the model or the gateway said.
pub(crate) async fn predict(name: &DeploymentName, asked: &AskPrediction) -> Result<PredictionView, Failure> {
    super::ask(&format!("/deployments/{name}/predict"), asked).await
}

/// The application of a deployment.
pub(crate) async fn application(name: &DeploymentName) -> Result<ApplicationView, Failure> {
    super::get(&format!("/deployments/{name}/application")).await
}

/// Makes the application of a deployment, or changes it.
pub(crate) async fn put_application(name: &DeploymentName, terms: &ApplicationTerms) -> Result<(), Failure> {
    super::put(&format!("/deployments/{name}/application"), terms).await
}

/// Deletes the application of a deployment.
pub(crate) async fn delete_application(name: &DeploymentName) -> Result<(), Failure> {
    super::delete(&format!("/deployments/{name}/application")).await
}
