//! The Open Inference Protocol v2 over HTTP, for one model.
//!
//! Choices that the protocol leaves open: an element that is not a finite number is `null` in JSON answers, and `null`
//! or its name in requests (binary data carries it unchanged); a request without `Content-Type` is read as JSON; the
//! classification and shared-memory extensions are refused, never ignored; the shape of a tensor whose file states none is
//! `null` in the metadata, and any shape is taken.

mod answer;
mod binary;
mod body;
mod elements;
mod explain;
mod numbers;
mod quoted;
mod refusal;
mod request;
mod served;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::model::Datatype;
use binary::HEADER_LENGTH;
pub(super) use quoted::{list, quoted};
pub(super) use refusal::InferenceRefusal;
pub(super) use request::{Sent, SentInput};
pub(super) use served::{Answers, ServedModel};

/// Every route of the protocol.
pub(super) fn router<M: Answers>(served: Arc<ServedModel<M>>) -> Router {
    let model = "/v2/models/{model}";
    let version = "/v2/models/{model}/versions/{version}";
    Router::new()
        .route("/", get(server))
        .route("/v2", get(server))
        .route("/v2/", get(server))
        .route("/v2/health/live", get(async || Json(json!({ "live": true }))))
        .route("/v2/health/ready", get(async || Json(json!({ "ready": true }))))
        .route(model, get(metadata::<M>))
        .route(version, get(metadata::<M>))
        .route(&format!("{model}/ready"), get(ready::<M>))
        .route(&format!("{version}/ready"), get(ready::<M>))
        .route(&format!("{model}/infer"), post(infer::<M>))
        .route(&format!("{version}/infer"), post(infer::<M>))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(served.clone(), body::whole::<M>))
        .with_state(served)
}

/// The model that a path names.
#[derive(serde::Deserialize)]
struct Named {
    model: String,
    version: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = InferenceRefusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, InferenceRefusal> {
        let named = Path::<Self>::from_request_parts(parts, state).await;
        let unreadable = |_| InferenceRefusal::not_found("the model's name in the path is not UTF-8");
        named.map(|Path(named)| named).map_err(unreadable)
    }
}

impl<M> ServedModel<M> {
    fn check(&self, named: &Named) -> Result<(), InferenceRefusal> {
        let serves = || format!("this deployment serves model \"{}\" version {}", self.name.name, self.name.version);
        if named.model != self.name.name.as_str() {
            return Err(InferenceRefusal::not_found(format!(
                "there is no model {} here; {}",
                quoted(&named.model),
                serves()
            )));
        }
        match &named.version {
            Some(version) if *version != self.name.version.to_string() => {
                Err(InferenceRefusal::not_found(format!("there is no version {} here; {}", quoted(version), serves())))
            }
            _ => Ok(()),
        }
    }
}

async fn server() -> Json<Value> {
    Json(json!({
        "name": "changeover",
        "version": env!("CARGO_PKG_VERSION"),
        "extensions": ["binary_tensor_data"],
    }))
}

async fn metadata<M: Answers>(
    State(served): State<Arc<ServedModel<M>>>,
    named: Named,
) -> Result<Json<Value>, InferenceRefusal> {
    served.check(&named)?;
    let tensor = |name: &str, datatype: Datatype, shape: &Option<Vec<i64>>| json!({ "name": name, "datatype": datatype.name(), "shape": shape });
    let model = &served.model;
    let outputs = model.outputs().iter().enumerate();
    let outputs = outputs.map(|(place, spec)| tensor(&spec.name, model.datatype(place), &spec.shape));
    let inputs = model.inputs().iter().map(|spec| tensor(&spec.name, spec.datatype, &spec.shape));
    Ok(Json(json!({
        "name": served.name.name,
        "versions": [served.name.version.to_string()],
        "platform": model.platform(),
        "inputs": inputs.collect::<Vec<_>>(),
        "outputs": outputs.collect::<Vec<_>>(),
    })))
}

async fn ready<M: Answers>(
    State(served): State<Arc<ServedModel<M>>>,
    named: Named,
) -> Result<Json<Value>, InferenceRefusal> {
    served.check(&named)?;
    Ok(Json(json!({ "name": served.name.name, "ready": true })))
}

async fn infer<M: Answers>(
    State(served): State<Arc<ServedModel<M>>>,
    named: Named,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, InferenceRefusal> {
    served.check(&named)?;
    if headers.get_all(CONTENT_ENCODING).iter().any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(InferenceRefusal::compressed());
    }
    // It is all there.
    let body =
        body.collect().await.map_err(|_| InferenceRefusal::bad_request("the request body broke off"))?.to_bytes();
    let (json, rest) = parts(&headers, &body)?;
    let made;
    let mut sent = match Sent::read(json, rest) {
        Err(cause) => {
            made = numbers::rewritten(json).ok_or_else(|| InferenceRefusal::unreadable(json, &cause))?;
            Sent::read(&made, rest).map_err(|cause| InferenceRefusal::unreadable(&made, &cause))?
        }
        Ok(sent) => sent,
    };
    sent.check()?;
    let wanted = sent.wanted(served.model.outputs())?;
    let answers = served.model.infer(&mut sent).await?;
    answer::write(sent.id(), &wanted, &answers, served.model.outputs(), &served.name)
}

/// The JSON of a body, and the tensors in binary form after it.
fn parts<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), InferenceRefusal> {
    let Some(value) = headers.get(HEADER_LENGTH) else { return Ok((body, &[])) };
    let length = value.to_str().ok().and_then(|text| text.parse().ok());
    let length: usize = length
        .ok_or_else(|| InferenceRefusal::bad_request("Inference-Header-Content-Length is not a number of bytes"))?;
    body.split_at_checked(length).ok_or_else(|| {
        InferenceRefusal::bad_request(format!(
            "Inference-Header-Content-Length is {length}, and the body has only {} bytes",
            body.len()
        ))
    })
}

async fn unknown_route(uri: Uri) -> InferenceRefusal {
    let path = uri.path();
    InferenceRefusal::not_found(format!(
        "there is no route {path}; this is an Open Inference Protocol server, see GET /v2"
    ))
}

async fn wrong_method(method: Method, uri: Uri) -> InferenceRefusal {
    InferenceRefusal {
        status: StatusCode::METHOD_NOT_ALLOWED,
        error: format!("{method} is not allowed for {}", uri.path()),
    }
}
