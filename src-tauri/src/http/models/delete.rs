//! Removes a model version, and its artifact when no other version has it.

use domain::id::{ModelName, ModelRef, ModelVersion};
use domain::wire::ModelVersionView;

use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::requests::{IfMatch, PathParams, WithoutQuery};

/// Delete a model version that no deployment could run. Its number is not used again; its history stays. Answers what it
/// was.
#[utoipa::path(delete, path = "/models/{name}/versions/{version}", tag = "models",
    responses((status = 200, body = ModelVersionView)))]
pub(super) async fn delete(
    api: ApiFor,
    PathParams((name, version)): PathParams<(ModelName, ModelVersion)>,
    _: WithoutQuery,
    if_match: IfMatch,
) -> Result<Answer, Refusal> {
    api.delete_model(ModelRef { name, version }, move |found| if_match.check(found)).await
}
