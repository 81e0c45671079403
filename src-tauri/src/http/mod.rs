//! What the server answers over HTTP: a folder for each resource, a file for each verb.
//!
//! # Flow
//!
//! A request passes [`access`] (host, origin, token), is read by an extractor of [`requests`], goes as one call to
//! `commands/` or the store through [`serving`], and is answered with a view of [`views`] or with a problem.
//!
//! # Guarantees
//!
//! - Every route is described at `/api/openapi.json`: routes are added to router and document in one call.
//! - Every refusal is a problem response with a code of the closed list, unknown routes, methods and panics included.
//! - Bodies, lists, streams and uploads are bounded by [`Limits`].

mod access;
mod answer;
pub mod assets;
mod checks;
mod clients;
mod compat;
mod configurations;
mod credentials;
mod deployments;
mod endless;
mod events;
mod health;
mod history;
mod live;
mod logs;
mod metrics;
mod models;
mod openapi;
mod problem;
mod requests;
mod revisions;
mod rollouts;
mod serving;
mod session;
mod views;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use domain::id::Actor;
use domain::wire::ErrorCode;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;

pub use access::Access;
pub use live::{Live, LogFrom, LogPiece, RecordKind};
pub(crate) use problem::too_many_connections;

use crate::clock::Clock;
use crate::commands::Refusal;
use crate::packages::artifacts::Artifacts;
use crate::store::Store;
use serving::Serving;

/// What the API is built from. Cheap to clone: the desktop window's router shares everything but [`Access`].
#[derive(Clone)]
pub struct Api {
    /// What is recorded.
    pub store: Arc<Store>,
    /// Model files.
    pub artifacts: Arc<Artifacts>,
    /// What is only known while the program runs.
    pub live: Arc<dyn Live>,
    /// Who may ask.
    pub access: Access,
    /// How much may be asked.
    pub limits: Limits,
    /// What time it is.
    pub clock: Clock,
    /// On whose behalf commands run.
    pub actor: Actor,
    /// When cancelled, answers without an end (events, logs that are followed) end, so that the server can.
    pub stopping: CancellationToken,
}

/// How much may be asked at a time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest JSON body in bytes.
    pub body_bytes: usize,
    /// Largest JSON body in bytes of somebody who has not shown a token.
    pub stranger_bytes: usize,
    /// Largest model file in bytes.
    pub model_bytes: u64,
    /// Model files that are received at a time; further ones wait for a while, and are refused then.
    pub uploads: usize,
    /// Received model files that are read at a time; further ones wait.
    pub inspections: usize,
    /// Reads of the store that run at a time; further ones wait.
    pub reads: usize,
    /// Clients that listen to events or follow logs at a time; further ones are refused.
    pub streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            stranger_bytes: 4 << 10,
            model_bytes: 2 << 30,
            uploads: 16,
            inspections: 4,
            reads: 8,
            streams: 256,
        }
    }
}

/// Everything that is answered over HTTP, the web interface included.
pub fn router(api: Api) -> Router {
    let (router, document) = documented().split_for_parts();
    let serving = Arc::new(Serving::new(api));
    let document = Arc::new(openapi::completed(document));
    router
        .route("/api/openapi.json", axum::routing::get(move || async move { Json(document.as_ref().clone()) }))
        .fallback(fallback)
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::disable()) // Every extractor here has a limit of its own.
        .layer(middleware::from_fn_with_state(Arc::clone(&serving), access::guard))
        .layer(middleware::from_fn(problem::catch_panics))
        .with_state(serving)
}

fn documented() -> OpenApiRouter<Arc<Serving>> {
    let v1 = OpenApiRouter::new()
        .merge(session::routes())
        .merge(models::routes())
        .merge(clients::routes())
        .merge(deployments::routes())
        .merge(configurations::routes())
        .merge(compat::routes())
        .merge(checks::routes())
        .merge(rollouts::routes())
        .merge(revisions::routes())
        .merge(credentials::routes())
        .merge(logs::routes())
        .merge(metrics::routes())
        .merge(history::routes())
        .merge(events::routes());
    OpenApiRouter::new().nest("/api/v1", v1).merge(health::routes())
}

/// What no route takes: the interface, or a problem.
async fn fallback(State(_): State<Arc<Serving>>, request: Request) -> Response {
    let path = request.uri().path();
    if path == "/api" || path.starts_with("/api/") {
        let shown: String = path.chars().take(120).collect();
        return Refusal::new(
            ErrorCode::NotFound,
            format!("There is no route {shown}. GET /api/openapi.json lists all there are."),
        )
        .into_response();
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        return not_allowed(request.method().clone()).await.into_response();
    }
    match assets::routes::<()>().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

async fn not_allowed(method: Method) -> Refusal {
    Refusal::new(
        ErrorCode::MethodNotAllowed,
        format!("{method} is not answered at this path. GET /api/openapi.json lists what is."),
    )
}
