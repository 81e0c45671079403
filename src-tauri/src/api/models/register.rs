//! Registers a model file as the next version of a model.

use std::sync::Arc;

use axum::extract::{Request, State};
use domain::wire::{ModelVersionView, RegisterModel};
use utoipa::ToSchema;

use super::upload;
use crate::api::answer::Answer;
use crate::api::requests::{Once, WithoutQuery};
use crate::api::serving::Serving;
use crate::api::{problem, views};
use crate::commands::{self, Refusal};
use crate::packages::onnx::{self, Beside};

/// The parts of a registration.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form; the parts are read one by one")]
pub(super) struct Registration {
    /// What the file becomes.
    meta: RegisterModel,
    /// The ONNX file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Register an ONNX file as the next version of a model. Its signature is read from the file.
#[utoipa::path(post, path = "/models", tag = "models",
    request_body(content = Registration, content_type = "multipart/form-data"),
    responses((status = 201, body = ModelVersionView)))]
pub(super) async fn register(
    State(serving): State<Arc<Serving>>,
    _: WithoutQuery,
    request: Request,
) -> Result<Answer, Refusal> {
    let _turn = serving.uploads.acquire().await.map_err(|error| problem::fault("uploads have ended", &error))?;
    let (head, body) = request.into_parts();
    let request = Request::from_parts(head.clone(), body);
    let upload::Upload { meta, file } = upload::receive(&serving, request).await?;
    // The boundary between the parts differs with each attempt, so a repeat is known by what the parts hold.
    let mut content = serde_json::to_vec(&meta).map_err(|error| problem::fault("meta cannot be written", &error))?;
    content.extend_from_slice(file.digest().as_str().as_bytes());
    let once = Once::of(&head, &content)?;

    let limit = serving.api.limits.model_bytes;
    let (file, signature) = serving
        .blocking(move |_| {
            let signature = onnx::read_file(file.path(), limit, Beside::Nothing).map_err(Refusal::from);
            Ok((file, signature))
        })
        .await?;
    serving
        .write(once, move |_, writing| {
            let (digest, size) = (file.digest().clone(), file.size());
            let model = commands::register_model(writing, meta, digest, size, signature?)?;
            // Only what the registry will name is kept, and it is on the disk before the registry names it.
            file.keep()?;
            let view = views::version(&views::Users::of(&writing.reading())?, model);
            let location = format!("/api/v1/models/{}/versions/{}", view.model.name, view.model.version);
            Ok(Answer::created(location, &view)?.hashed())
        })
        .await
}
