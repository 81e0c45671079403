//! Gives a model's file back.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::id::{ModelName, ModelVersion};
use domain::model::{Format, PackageKind, Packing, RegisteredModel};
use domain::wire::ErrorCode;
use tokio_util::io::ReaderStream;

use crate::commands::Refusal;
use crate::http::requests::{At, WithoutQuery};
use crate::http::serving::Serving;

/// How much is read at once, in bytes.
const CHUNK: usize = 64 << 10;

/// Download the file of a model version. The download breaks off if the file is no longer the one registered.
#[utoipa::path(get, path = "/models/{name}/versions/{version}/artifact", tag = "models",
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
pub(super) async fn download(
    State(serving): State<Arc<Serving>>,
    At((name, version)): At<(ModelName, ModelVersion)>,
    _: WithoutQuery,
) -> Result<Response, Refusal> {
    let model = serving.read(move |_, reading| super::find(reading, name, version)).await?;
    if model.packing == Packing::Nothing {
        let refusal = Refusal::new(
            ErrorCode::NotFound,
            format!("{}@{} runs elsewhere, so there is no file of it here.", model.name, model.version),
        );
        return Err(refusal.with("url", model.url));
    }
    let file = serving.api.artifacts.read(&model.digest).await?;
    let head = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, model.size.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file_name(&model))),
        (header::ETAG, format!("\"{}\"", model.digest)),
    ];
    Ok((head, Body::from_stream(ReaderStream::with_capacity(file, CHUNK))).into_response())
}

/// What the file is called when it is saved.
fn file_name(model: &RegisteredModel) -> String {
    let ending = match (model.packing, model.kind, model.signature.format) {
        (Packing::Zip, ..) => "zip",
        (Packing::Tar, ..) => "tar",
        (Packing::TarGz, ..) => "tar.gz",
        (_, PackageKind::Onnx, _) => "onnx",
        (_, PackageKind::Lightgbm, _) => "txt",
        (_, PackageKind::Xgboost, Format::XgboostJson) => "json",
        (_, PackageKind::Xgboost, _) => "ubj",
        (_, PackageKind::Mlflow | PackageKind::Custom | PackageKind::External, _) => "bin",
    };
    format!("{}-{}.{ending}", model.name, model.version)
}
