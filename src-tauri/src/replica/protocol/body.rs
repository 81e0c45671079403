//! Reads the body of a request before anything is answered: what comes after an answer that came too early would be taken
//! for the next request, and who still sends would not see the answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt;

use super::refusal::Refusal;
use super::{Answers, Served};

/// Most bytes over the limit that are read and thrown away, so that the answer arrives.
const DROPPED: usize = 256 << 20;

/// So long nothing more may come of such a body.
const STALLED: Duration = Duration::from_secs(1);

/// Passes a request on with its whole body.
pub(super) async fn whole<M: Answers>(
    State(served): State<Arc<Served<M>>>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let body = read(body, served.max_body_bytes).await?;
    Ok(next.run(Request::from_parts(head, Body::from(body))).await)
}

async fn read(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let lost = |_| Refusal::bad_request("the request body broke off");
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
    drop(whole);
    // Who waits for the answer before it sends more gets it too; the connection is closed then.
    let mut dropped = 0;
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(STALLED, next_chunk(&mut body)).await {
        dropped += chunk.len();
        if dropped > DROPPED {
            break;
        }
    }
    Err(Refusal::too_large(limit))
}

async fn next_chunk(body: &mut Body) -> Result<Option<Bytes>, axum::Error> {
    while let Some(frame) = body.frame().await {
        if let Ok(chunk) = frame?.into_data() {
            return Ok(Some(chunk));
        }
    }
    Ok(None)
}
