//! The HTTP doors: a folder for each resource, a file for each verb.
//!
//! # Flow
//!
//! A request passes [`access`] (host, origin, token), which says who asks, is read by an extractor of [`requests`],
//! goes as one call to the [`Api`], and is answered as [`answer`] and [`problem`] write it.
//!
//! # Guarantees
//!
//! - Every route is described at `/api/openapi.json`: routes are added to router and document in one call.
//! - Every refusal is a problem response with a code of the closed list, unknown routes, methods and panics included.
//! - Bodies are bounded, those of strangers more closely.

mod access;
mod answer;
mod applications;
pub mod assets;
mod break_glass;
mod change_requests;
mod checks;
mod clients;
mod compat;
mod compress;
mod configurations;
mod credentials;
mod deliveries;
mod deployments;
mod door;
mod endless;
mod events;
mod faults;
mod freezes;
mod groups;
mod health;
mod history;
mod invitations;
mod logs;
mod mail;
mod metrics;
mod models;
mod notices;
mod oidc;
mod openapi;
mod people;
mod policies;
mod predictions;
mod problem;
mod requests;
mod revisions;
mod rollouts;
mod services;
mod session;
mod sessions;
mod settings;
mod sharing;
mod tokens;
mod traffic;
mod use_cases;
mod webhooks;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use domain::wire::ErrorCode;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;

pub use access::{Access, Outside};
use door::Door;
pub(crate) use problem::too_many_connections;

use crate::api::Api;
use crate::commands::Refusal;

/// Everything that is answered over HTTP, the web interface included.
pub fn router(api: Arc<Api>, access: Access) -> Router {
    let (router, document) = documented().split_for_parts();
    let door = Door { api, access };
    let document = Arc::new(openapi::completed(document));
    router
        .route("/api/openapi.json", axum::routing::get(move || async move { Json(document.as_ref().clone()) }))
        .fallback(fallback)
        .method_not_allowed_fallback(not_allowed)
        .layer(compress::layer())
        .layer(DefaultBodyLimit::disable()) // Every extractor here has a limit of its own.
        .layer(middleware::from_fn_with_state(door.clone(), access::guard))
        .layer(middleware::from_fn(problem::catch_panics))
        .with_state(door)
}

fn documented() -> OpenApiRouter<Door> {
    let v1 = OpenApiRouter::new()
        .merge(session::routes())
        .merge(oidc::routes())
        .merge(sessions::routes())
        .merge(people::routes())
        .merge(invitations::routes())
        .merge(groups::routes())
        .merge(services::routes())
        .merge(tokens::routes())
        .merge(models::routes())
        .merge(clients::routes())
        .merge(deployments::routes())
        .merge(predictions::routes())
        .merge(applications::routes())
        .merge(configurations::routes())
        .merge(compat::routes())
        .merge(checks::routes())
        .merge(rollouts::routes())
        .merge(revisions::routes())
        .merge(credentials::routes())
        .merge(logs::routes())
        .merge(metrics::routes())
        .merge(traffic::routes())
        .merge(history::routes())
        .merge(events::routes())
        .merge(faults::routes())
        .merge(change_requests::routes())
        .merge(break_glass::routes())
        .merge(policies::routes())
        .merge(freezes::routes())
        .merge(sharing::routes())
        .merge(notices::routes())
        .merge(webhooks::routes())
        .merge(deliveries::routes())
        .merge(mail::routes())
        .merge(settings::routes())
        .merge(use_cases::routes());
    OpenApiRouter::new().nest("/api/v1", v1).merge(health::routes())
}

/// The answer where there is no route: the interface, or a problem.
async fn fallback(State(_): State<Door>, request: Request) -> Response {
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
        format!("{method} is not answered at this path. GET /api/openapi.json lists the methods of every path."),
    )
}
