//! Registers a package as the next version of a model.
//!
//! # Flow
//!
//! A form: the file goes straight to the disk ([`super::upload`]), is read off the async threads,
//! and one transaction enters the version and keeps the file. JSON: an external package, which has no file.
//!
//! # Guarantees
//!
//! Whatever fails, nothing is left behind, and a repeat with the same `Idempotency-Key` begins anew or finds the
//! version. At most as many packages are received, and read, at a time as there are turns; further ones wait, and are
//! refused when that takes too long. A client that sends nothing any more, or next to nothing, loses its turn.

use std::time::Duration;

use axum::extract::{FromRequest as _, Request, State};
use domain::wire::{ErrorCode, ModelVersionView, RegisterModel};
use utoipa::ToSchema;

use super::pieces::{Broken, Pieces};
use super::upload;
use crate::api::{Answer, ApiFor};
use crate::commands::Refusal;
use crate::http::Door;
use crate::http::requests::{JsonBody, WithoutQuery, is_json, key};

/// The time that an upload waits for its turn: longer than a stalled upload keeps its own.
const WAIT: Duration = Duration::from_secs(30);

/// The parts of a registration.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form; the parts are read one by one")]
pub(super) struct Registration {
    /// The model version that the file becomes.
    meta: RegisterModel,
    /// An ONNX, LightGBM or XGBoost file, or a folder as zip, tar or tar.gz.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Register a file or folder as the next version of a model, its signature read from it; or, with JSON, a package that
/// runs elsewhere.
#[utoipa::path(post, path = "/models", tag = "models",
    request_body(content((Registration = "multipart/form-data"), (RegisterModel = "application/json"))),
    responses((status = 201, body = ModelVersionView)))]
pub(super) async fn register(
    State(door): State<Door>,
    api: ApiFor,
    _: WithoutQuery,
    request: Request,
) -> Result<Answer, Refusal> {
    if is_json(request.headers()) {
        let JsonBody { body, key } = JsonBody::<RegisterModel>::from_request(request, &door).await?;
        return api.register_external(key, body).await;
    }
    let stopping = &door.api.stopping;
    let turn = tokio::time::timeout(WAIT, door.api.uploads.acquire());
    let turn = stopping.run_until_cancelled(turn).await.ok_or(Broken::Stopping)?;
    let turn = turn.map_err(|_| too_many_uploads(door.api.bounds.uploads))?;
    let turn = turn.map_err(|error| Refusal::fault("uploads have ended", &error))?;
    let (head, body) = request.into_parts();
    let body = Pieces::of(body, stopping.clone());
    let upload::Upload { meta, file } = upload::receive(&api, &head, &body).await?;
    drop(turn);
    // The boundary between the parts differs with each attempt, so a repeat is known by what the parts hold.
    let mut content = serde_json::to_vec(&meta).map_err(|error| Refusal::fault("meta cannot be written", &error))?;
    content.extend_from_slice(file.digest().as_str().as_bytes());
    api.register(key::of(&head, &content)?, meta, file).await
}

fn too_many_uploads(limit: usize) -> Refusal {
    Refusal::new(
        ErrorCode::TooManyUploads,
        format!(
            "{limit} model files are being received already, the limit, and none was done within {} seconds. Try again later.",
            WAIT.as_secs()
        ),
    )
}
