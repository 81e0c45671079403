//! Registers a package as the next version of a model.
//!
//! # Flow
//!
//! A form: the file goes straight to the disk ([`super::upload`]), is read off the async threads ([`super::inspect`]),
//! and one transaction enters the version and keeps the file. JSON: an external package, which has no file.
//!
//! # Guarantees
//!
//! Whatever fails, nothing is left behind, and a repeat with the same `Idempotency-Key` begins anew or finds the version.
//! At most as many packages are received, and read, at a time as there are turns; further ones wait, and are refused
//! when that takes too long. A client that sends nothing any more, or next to nothing, loses its turn.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequest as _, Request, State};
use domain::id::TargetName;
use domain::model::RegisteredModel;
use domain::wire::{ErrorCode, ModelVersionView, RegisterModel};
use utoipa::ToSchema;

use super::pieces::{Broken, Pieces};
use super::{inspect, upload};
use crate::commands::{self, Refusal};
use crate::http::Api;
use crate::http::answer::Answer;
use crate::http::requests::{Once, Sent, WithoutQuery, is_json};
use crate::http::serving::Serving;
use crate::http::{problem, views};
use crate::store::Writing;

/// How long an upload waits for its turn: longer than one that does not come on keeps its own.
const WAIT: Duration = Duration::from_secs(30);

/// The parts of a registration.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form; the parts are read one by one")]
pub(super) struct Registration {
    /// What the file becomes.
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
    State(serving): State<Arc<Serving>>,
    _: WithoutQuery,
    request: Request,
) -> Result<Answer, Refusal> {
    if is_json(request.headers()) {
        return external(&serving, request).await;
    }
    let stopping = &serving.api.stopping;
    let turn = tokio::time::timeout(WAIT, serving.uploads.acquire());
    let turn = stopping.run_until_cancelled(turn).await.ok_or(Broken::Stopping)?;
    let turn = turn.map_err(|_| too_many_uploads(&serving))?;
    let turn = turn.map_err(|error| problem::fault("uploads have ended", &error))?;
    let (head, body) = request.into_parts();
    let body = Pieces::of(body, stopping.clone());
    let upload::Upload { meta, file } = upload::receive(&serving, &head, &body).await?;
    drop(turn);
    // The boundary between the parts differs with each attempt, so a repeat is known by what the parts hold.
    let mut content = serde_json::to_vec(&meta).map_err(|error| problem::fault("meta cannot be written", &error))?;
    content.extend_from_slice(file.digest().as_str().as_bytes());
    let once = Once::of(&head, &content)?;

    let reads = serving.inspections.acquire().await;
    let _reads = reads.map_err(|error| problem::fault("uploads have ended", &error))?;
    let (meta, file, artifact) = serving
        .blocking(move |api| {
            // What is wrong with the request is not blamed on the file.
            let artifact = commands::check_form(&meta).and_then(|()| inspect::inspect(api, &file, meta.kind));
            Ok((meta, file, artifact))
        })
        .await?;
    let digest = file.digest().clone();
    let registered = serving
        .write(once, move |api, writing| {
            let model = commands::register_model(writing, meta, artifact?)?;
            // Only what the registry will name is kept, and it is on the disk before the registry names it.
            file.keep()?;
            created(api, writing, model)
        })
        .await;
    if registered.is_err() {
        // It may have been kept before the transaction failed.
        let removed = move |api: &Api| {
            super::delete::remove(api, &digest);
            Ok(())
        };
        serving.blocking(removed).await?;
    }
    registered
}

fn too_many_uploads(serving: &Serving) -> Refusal {
    Refusal::new(
        ErrorCode::TooManyUploads,
        format!(
            "{} model files are being received already, the limit, and none was done within {} seconds. Try again later.",
            serving.api.limits.uploads,
            WAIT.as_secs()
        ),
    )
}

async fn external(serving: &Arc<Serving>, request: Request) -> Result<Answer, Refusal> {
    let Sent { body, once } = Sent::<RegisterModel>::from_request(request, serving).await?;
    serving
        .write(once, move |api, writing| {
            let model = commands::register_external(writing, body)?;
            created(api, writing, model)
        })
        .await
}

fn created(api: &Api, writing: &Writing<'_>, model: RegisteredModel) -> Result<Answer, Refusal> {
    let view = views::version(&views::Users::of(&writing.reading(), &api.live.machine(&TargetName::default()))?, model);
    let location = format!("/api/v1/models/{}/versions/{}", view.model.name, view.model.version);
    Ok(Answer::created(location, &view)?.hashed())
}
