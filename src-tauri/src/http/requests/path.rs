//! The parameters in the path.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::wire::ErrorCode;
use serde::de::DeserializeOwned;

use crate::commands::Refusal;

/// Parameters of the path. What cannot be one names nothing that exists.
pub(in crate::http) struct PathParams<T>(pub(in crate::http) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathParams<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(rejection) => Err(Refusal::new(
                ErrorCode::NotFound,
                format!("The path names nothing that exists: {}.", rejection.body_text()),
            )),
        }
    }
}
