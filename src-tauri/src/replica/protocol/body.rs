//! Reads the body of a request before it is answered. What is left of one that is too large is its connection's affair.

use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;

use super::refusal::InferenceRefusal;
use super::served::{Answers, ServedModel};

/// Passes a request on with its whole body.
pub(super) async fn whole<M: Answers>(
    State(served): State<Arc<ServedModel<M>>>,
    request: Request,
    next: Next,
) -> Result<Response, InferenceRefusal> {
    let (head, body) = request.into_parts();
    let body = read(body, served.max_body_bytes).await?;
    Ok(next.run(Request::from_parts(head, Body::from(body))).await)
}

async fn read(mut body: Body, limit: usize) -> Result<Bytes, InferenceRefusal> {
    let lost = |_| InferenceRefusal::bad_request("the request body broke off");
    let Some(first) = next_chunk(&mut body).await.map_err(lost)? else { return Ok(Bytes::new()) };
    if body.is_end_stream() && first.len() <= limit {
        return Ok(first);
    }
    let mut whole = Vec::from(first);
    while whole.len() <= limit {
        match next_chunk(&mut body).await.map_err(lost)? {
            Some(chunk) => whole.extend_from_slice(&chunk),
            None => return Ok(whole.into()),
        }
    }
    Err(InferenceRefusal::too_large(limit))
}

async fn next_chunk(body: &mut Body) -> Result<Option<Bytes>, axum::Error> {
    while let Some(frame) = body.frame().await {
        if let Ok(chunk) = frame?.into_data() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}
