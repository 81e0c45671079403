//! The Open Inference Protocol v2 over HTTP, for one model.
//!
//! Where the protocol leaves room: an element that is not a finite number is `null` in JSON, in requests and
//! answers alike (binary data carries it unchanged); a request without `Content-Type` is read as JSON; the
//! classification and shared-memory extensions are refused, never ignored; the shape of a tensor whose file states none is
//! `null` in the metadata, and any shape is taken.

mod answer;
mod binary;
mod elements;
mod refusal;
mod request;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Path, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::{HeaderMap, HeaderName, Method, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::id::ModelRef;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::model::{Model, Tuning};
use refusal::Refusal;

/// Length of the JSON part of a body that has tensors in binary form after it.
const HEADER_LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");

/// What the routes answer with.
pub(super) struct Served {
    /// The model.
    pub(super) model: Model,
    /// What it is called.
    pub(super) name: ModelRef,
    /// Largest request body in bytes.
    pub(super) max_body_bytes: usize,
    tuning: ArcSwap<Tuning>,
}

impl Served {
    /// Answers with `tuning` from the start.
    pub(super) fn new(model: Model, name: ModelRef, max_body_bytes: usize, tuning: Tuning) -> Self {
        Self { model, name, max_body_bytes, tuning: ArcSwap::from_pointee(tuning) }
    }

    /// Answers requests that begin from now on with `tuning`, which was made for this model.
    pub(super) fn tune(&self, tuning: Tuning) {
        self.tuning.store(Arc::new(tuning));
    }
}

/// Every route of the protocol.
pub(super) fn router(served: Arc<Served>) -> Router {
    let model = "/v2/models/{model}";
    let version = "/v2/models/{model}/versions/{version}";
    Router::new()
        .route("/", get(server))
        .route("/v2", get(server))
        .route("/v2/", get(server))
        .route("/v2/health/live", get(async || Json(json!({ "live": true }))))
        .route("/v2/health/ready", get(async || Json(json!({ "ready": true }))))
        .route(model, get(metadata))
        .route(version, get(metadata))
        .route(&format!("{model}/ready"), get(ready))
        .route(&format!("{version}/ready"), get(ready))
        .route(&format!("{model}/infer"), post(infer))
        .route(&format!("{version}/infer"), post(infer))
        .fallback(unknown_route)
        .method_not_allowed_fallback(wrong_method)
        .with_state(served)
}

/// Which model a path names.
#[derive(serde::Deserialize)]
struct Named {
    model: String,
    version: Option<String>,
}

impl Served {
    fn check(&self, named: &Named) -> Result<(), Refusal> {
        let serves = || format!("this deployment serves model \"{}\" version {}", self.name.name, self.name.version);
        if named.model != self.name.name.as_str() {
            return Err(Refusal::not_found(format!(
                "there is no model \"{}\" here; {}",
                named.model.escape_debug(),
                serves()
            )));
        }
        match &named.version {
            Some(version) if *version != self.name.version.to_string() => Err(Refusal::not_found(format!(
                "there is no version \"{}\" here; {}",
                version.escape_debug(),
                serves()
            ))),
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

async fn metadata(State(served): State<Arc<Served>>, Path(named): Path<Named>) -> Result<Json<Value>, Refusal> {
    served.check(&named)?;
    let tensor = |name: &str, datatype: &str, shape: &Option<Vec<i64>>| json!({ "name": name, "datatype": datatype, "shape": shape });
    let inputs = served.model.inputs.iter().map(|spec| tensor(&spec.name, spec.datatype.name(), &spec.shape));
    let tuning = served.tuning.load();
    let outputs = served.model.outputs.iter().enumerate();
    let outputs = outputs.map(|(place, spec)| tensor(&spec.name, tuning.datatype(place, spec).name(), &spec.shape));
    Ok(Json(json!({
        "name": served.name.name,
        "versions": [served.name.version.to_string()],
        "platform": "onnx_onnxv1",
        "inputs": inputs.collect::<Vec<_>>(),
        "outputs": outputs.collect::<Vec<_>>(),
    })))
}

async fn ready(State(served): State<Arc<Served>>, Path(named): Path<Named>) -> Result<Json<Value>, Refusal> {
    served.check(&named)?;
    Ok(Json(json!({ "name": served.name.name, "ready": true })))
}

/// Answers in place: this thread does nothing else, and handing a request of some microseconds to another
/// thread costs more than the inference itself.
async fn infer(
    State(served): State<Arc<Served>>,
    Path(named): Path<Named>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let tuning = served.tuning.load_full();
    served.check(&named)?;
    if let Some(encoding) = headers.get(CONTENT_ENCODING)
        && encoding != "identity"
    {
        return Err(Refusal {
            status: axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            error: "compressed requests are not supported; send the body without Content-Encoding".to_owned(),
        });
    }
    let header = match headers.get(HEADER_LENGTH) {
        None => None,
        Some(value) => Some(
            value
                .to_str()
                .ok()
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| Refusal::bad_request("Inference-Header-Content-Length is not a number of bytes"))?,
        ),
    };
    let body = read_body(body, served.max_body_bytes).await?;
    let mut request = request::read(&body, header, &served.model)?;
    tuning.check(&served.model, &request.inputs)?;
    let mut answers = served.model.infer(std::mem::take(&mut request.inputs))?;
    tuning.apply(&mut answers)?;
    answer::write(&request, &answers, &served.model, &served.name)
}

async fn read_body(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let lost = |cause: axum::Error| Refusal::bad_request(format!("the request body cannot be read: {cause}"));
    if body.size_hint().lower() > limit as u64 {
        return Err(Refusal::too_large(limit));
    }
    let Some(first) = next_chunk(&mut body).await.map_err(lost)? else { return Ok(Bytes::new()) };
    if body.is_end_stream() && first.len() <= limit {
        return Ok(first);
    }
    let mut whole = Vec::from(first);
    while let Some(chunk) = next_chunk(&mut body).await.map_err(lost)? {
        if whole.len() + chunk.len() > limit {
            return Err(Refusal::too_large(limit));
        }
        whole.extend_from_slice(&chunk);
    }
    if whole.len() > limit { Err(Refusal::too_large(limit)) } else { Ok(whole.into()) }
}

async fn next_chunk(body: &mut Body) -> Result<Option<Bytes>, axum::Error> {
    while let Some(frame) = body.frame().await {
        if let Ok(chunk) = frame?.into_data() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}

async fn unknown_route(uri: Uri) -> Refusal {
    Refusal::not_found(format!(
        "there is no route {}; this is an Open Inference Protocol server, see GET /v2",
        uri.path()
    ))
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    Refusal {
        status: axum::http::StatusCode::METHOD_NOT_ALLOWED,
        error: format!("{method} is not allowed for {}", uri.path()),
    }
}
