//! Reads a registration: the parts `meta` and `file` in any order, the file straight to the disk.

use std::io;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::request;
use domain::wire::{ErrorCode, RegisterModel};
use futures_util::TryStreamExt as _;
use tokio_util::io::StreamReader;

use super::pieces::Pieces;
use crate::api::{ApiFor, Received};
use crate::commands::Refusal;
use crate::http::requests::json;

/// Longest `meta` in bytes.
const META: usize = 256 << 10;

/// A complete upload.
pub(super) struct Upload {
    pub(super) meta: RegisterModel,
    pub(super) file: Received,
}

/// Receives an upload; a refused one leaves nothing behind.
pub(super) async fn receive(api: &ApiFor, head: &request::Parts, body: &Pieces) -> Result<Upload, Refusal> {
    let form = Request::from_parts(head.clone(), body.body());
    let mut parts = Multipart::from_request(form, &()).await.map_err(|rejection| {
        Refusal::new(
            ErrorCode::UnsupportedMediaType,
            format!(
                "A model is registered with multipart/form-data: the part meta (JSON) and the part file ({}).",
                rejection.body_text()
            ),
        )
    })?;
    let upload = read(api, &mut parts, body).await;
    // The form's reader does not tell why.
    upload.map_err(|refusal| body.broken().map_or(refusal, Refusal::from))
}

async fn read(api: &ApiFor, parts: &mut Multipart, body: &Pieces) -> Result<Upload, Refusal> {
    let (mut meta, mut file) = (None, None);
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
        body.found(0);
        let name: String = part.name().unwrap_or_default().chars().take(80).collect();
        match name.as_str() {
            "meta" if meta.is_none() => meta = Some(json::read(&read_meta(part, body).await?)?),
            "file" if file.is_none() => file = Some(read_file(api, part, body).await?),
            "meta" | "file" => {
                return Err(Refusal::new(ErrorCode::MalformedRequest, format!("There are two parts called {name}.")));
            }
            _ => {
                return Err(Refusal::new(
                    ErrorCode::UnknownField,
                    format!("There is a part \"{name}\"; a registration has the parts meta and file."),
                )
                .with("field", name));
            }
        }
    }
    let missing = |name: &str| {
        Refusal::invalid(
            name,
            format!("The part {name} is missing; a registration has the parts meta (JSON) and file."),
        )
    };
    Ok(Upload { meta: meta.ok_or_else(|| missing("meta"))?, file: file.ok_or_else(|| missing("file"))? })
}

async fn read_meta(mut part: Field<'_>, body: &Pieces) -> Result<Vec<u8>, Refusal> {
    let mut text = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(|error| broken(&error))? {
        body.found(chunk.len());
        text.extend_from_slice(&chunk);
        if text.len() > META {
            return Err(Refusal::new(
                ErrorCode::BodyTooLarge,
                format!("The part meta is larger than {META} bytes, the limit."),
            ));
        }
    }
    Ok(text)
}

async fn read_file(api: &ApiFor, part: Field<'_>, body: &Pieces) -> Result<Received, Refusal> {
    let stream = part.inspect_ok(|chunk| body.found(chunk.len())).map_err(io::Error::other);
    let stream = std::pin::pin!(stream);
    api.receive(StreamReader::new(stream)).await
}

fn broken(error: &MultipartError) -> Refusal {
    Refusal::new(ErrorCode::MalformedRequest, format!("The upload cannot be read: {}.", error.body_text()))
}
