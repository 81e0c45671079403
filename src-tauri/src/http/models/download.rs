//! Gives a model's file back.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::id::{ModelName, ModelVersion};
use domain::model::{Format, PackageKind, Packing, RegisteredModel};
use tokio_util::io::ReaderStream;

use crate::api::ApiFor;
use crate::commands::Refusal;
use crate::http::requests::{PathParams, WithoutQuery};

/// The size of one read, in bytes.
const CHUNK: usize = 64 << 10;

/// Download the file of a model version. The download breaks off if the file is no longer the one registered.
#[utoipa::path(get, path = "/models/{name}/versions/{version}/artifact", tag = "models",
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream")))]
pub(super) async fn download(
    api: ApiFor,
    PathParams((name, version)): PathParams<(ModelName, ModelVersion)>,
    _: WithoutQuery,
) -> Result<Response, Refusal> {
    let (model, file) = api.artifact(name, version).await?;
    let head = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_LENGTH, model.size.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file_name(&model))),
        (header::ETAG, format!("\"{}\"", model.digest)),
    ];
    Ok((head, Body::from_stream(ReaderStream::with_capacity(file, CHUNK))).into_response())
}

/// The name under which the file is saved.
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
